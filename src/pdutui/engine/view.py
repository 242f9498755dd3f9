"""What a screen may know of one PDU: the last reading, how old it is, what is under way."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import CommandResult, Intent, OutletAction, PduAction, Stage
from pdutui.domain.health import Health
from pdutui.domain.reading import Reading


class PduInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the config says of a PDU; it needs no answer from the device."""

    name: str
    address: str
    """`10.0.0.5`, `10.0.0.5:1161`, `mock`."""
    feed: str | None = None
    location: str | None = None
    read_only: bool = False
    """Nothing can be switched, whatever the reason; `read_only_reason` says why."""
    read_only_reason: str = ""
    protected: frozenset[int] = frozenset()
    actions: frozenset[OutletAction] = frozenset()
    """What the device can do to an outlet; empty until it is known."""
    pdu_actions: frozenset[PduAction] = frozenset()
    """What it can do to all of them at once, and to its transfer switch."""
    takes_delay: bool = False
    """Whether delayed actions are given a number of seconds."""


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """A command that has not ended."""

    intent: Intent
    stage: Stage


class PduView(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU as it stands at one moment."""

    info: PduInfo
    reading: Reading | None = None
    """The last reading, however old; figures are stale unless health is live."""
    health: Health = "connecting"
    detail: str = ""
    """Why it is not live, for people."""
    age_s: float | None = None
    """Seconds since the reading; None without one."""
    in_flight: dict[int, InFlight] = {}
    """By outlet number."""
    results: dict[int, CommandResult] = {}
    """By outlet number: the last result that ended unconfirmed, contradicted or failed, until
    acknowledged or until a later command on the outlet ends well."""
    polls_missed: int = 0
    """Polls skipped because the one before was late, since start."""
