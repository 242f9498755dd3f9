"""Putting one command on the wire: the only call of `Backend.command` and `command_pdu`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast, get_args

import msgspec

from pdutui.backends.base import BackendError, CommandRejected, Refused, Unsupported
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Intent, OutletAction, PduAction
from pdutui.engine.fleet import Pdu
from pdutui.engine.policy import Ruling
from pdutui.engine.waiting import within
from pdutui.settings import PduSettings

SHORTEST_LIMIT_S = 10.0
MARGIN_S = 5.0
"""A command may have to wait for the request of a poll that is under way."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. Whether it reached the wire is what `on_sent` said."""

    kind: Literal["accepted", "rejected", "unacknowledged", "refused"]
    detail: str = ""
    ruling: Ruling | None = None
    """Why policy stopped it at the last moment."""


def limit_s(pdu: PduSettings) -> float:
    """The longest that a command may take; the backend's own limits come first."""
    return max(SHORTEST_LIMIT_S, pdu.timeout_s * (pdu.retries + 1) + MARGIN_S)


async def send(
    pdu: Pdu,
    intent: Intent,
    *,
    clock: Clock,
    last_look: Callable[[], Ruling],
    on_sent: Callable[[], None],
) -> Sent:
    """Send a command once.

    Args:
        pdu: where to.
        intent: what.
        clock: for the limit.
        last_look: the policy; asked in the same step that starts the command, with nothing
            between.
        on_sent: called when the request is on its way.
    """

    async def go() -> Ruling:
        ruling = last_look()
        if ruling.allowed:
            await _write(pdu, intent, on_sent)
        return ruling

    try:
        ruling = await within(clock, limit_s(pdu.settings), go())
    except (CommandRejected, Refused, Unsupported) as error:
        return Sent(kind="rejected", detail=str(error))
    except BackendError as error:
        return Sent(kind="unacknowledged", detail=str(error))
    except TimeoutError:
        return Sent(kind="unacknowledged", detail="the command was not answered in time")
    if not ruling.allowed:
        return Sent(kind="refused", ruling=ruling)
    return Sent(kind="accepted")


async def _write(pdu: Pdu, intent: Intent, on_sent: Callable[[], None]) -> None:
    action, delay_s = intent.action, intent.delay_s
    if intent.outlet != WHOLE_PDU and action in get_args(OutletAction):
        await pdu.backend.command(
            intent.outlet, cast("OutletAction", action), on_sent, delay_s=delay_s
        )
    elif intent.outlet == WHOLE_PDU and action in get_args(PduAction):
        await pdu.backend.command_pdu(cast("PduAction", action), on_sent, delay_s=delay_s)
    else:
        raise CommandRejected(f"{action} is no command for outlet {intent.outlet}")
