"""After a command has gone out: read back what the device shows of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from pdutui.backends.base import BackendError, OutletStatus, PduStatus
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, OutletAction
from pdutui.domain.reading import ActiveSource
from pdutui.engine.attempt import Attempt, Ending
from pdutui.engine.fleet import Pdu
from pdutui.engine.subject import is_preference, outlet_part, source_of, states_text
from pdutui.engine.verify import ONE_READ_S, Follow, Observation, read_back
from pdutui.engine.verify_all import follow_all
from pdutui.engine.verify_more import PreferFollow, follow_outlet
from pdutui.engine.waiting import within


async def followed(attempt: Attempt, pdu: Pdu, clock: Clock, timeout_s: float) -> Ending:
    """Read back until the outcome is clear, or time is up."""
    action, number = attempt.intent.action, attempt.intent.outlet
    if action == "identify":
        text = "the device accepted it; that the light blinks cannot be read back"
        return Ending(outcome="accepted", detail=text, after=attempt.before)
    if number == WHOLE_PDU:
        read, whole = _read_whole(attempt, pdu), _whole_follow(attempt, pdu)
        seen = await read_back(read, whole, clock=clock, timeout_s=timeout_s)
    else:
        outlet = _outlet_follow(attempt, pdu, outlet_part(action))
        seen = await read_back(
            lambda: _read_outlet(pdu, number), outlet, clock=clock, timeout_s=timeout_s
        )
    return _ending(seen)


def _ending(seen: Observation) -> Ending:
    return Ending(
        outcome=seen.outcome,
        detail=seen.detail,
        after=seen.after,
        read=True,
        pending=seen.pending,
    )


async def _read_outlet(pdu: Pdu, number: int) -> OutletStatus:
    return await pdu.backend.read_outlet(number)


def _read_whole(attempt: Attempt, pdu: Pdu) -> Callable[[], Coroutine[Any, Any, PduStatus]]:
    outlets = not is_preference(attempt.intent.action)

    async def read() -> PduStatus:
        return await pdu.backend.read_pdu(outlets=outlets)

    return read


def _outlet_follow(attempt: Attempt, pdu: Pdu, action: OutletAction) -> Follow[OutletStatus]:
    number = attempt.intent.outlet
    timing = pdu.timing.get(number)
    return follow_outlet(
        action,
        attempt.before,
        was_pending=number in attempt.pending,
        off_s=timing.reboot_off_s if timing is not None else None,
    )


def _whole_follow(attempt: Attempt, pdu: Pdu) -> Follow[PduStatus]:
    action = attempt.intent.action
    if is_preference(action):
        target: ActiveSource = source_of(action) or "none"
        return PreferFollow(target, attempt.before, pdu.backend.prefer_transfers)
    return follow_all(action, attempt.outlets, attempt.pending)


async def one_look(attempt: Attempt, pdu: Pdu, clock: Clock) -> str | None:
    """The state now, for the record of a command that failed; None if it cannot be read."""
    number, action = attempt.intent.outlet, attempt.intent.action
    try:
        if number != WHOLE_PDU:
            return (await within(clock, ONE_READ_S, pdu.backend.read_outlet(number))).state
        whole = await within(clock, ONE_READ_S, _read_whole(attempt, pdu)())
    except (BackendError, TimeoutError):
        return None
    if is_preference(action):
        return whole.preferred or "unknown"
    shown = {n: status.state for n, status in whole.outlets.items() if n in attempt.outlets}
    return states_text(shown) or None
