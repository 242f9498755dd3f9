"""What a screen may know of one PDU: the last reading, how old it is, what is under way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.commands import CommandResult, Intent, OutletAction, PduAction, Stage
    from pdutui.domain.health import Health
    from pdutui.domain.reading import Reading
    from pdutui.domain.roles import Role


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
    closed: dict[int, str] = {}
    """Outlets that whoever sits here may not switch though the PDU is open to them, and why: not
    on the outlet's list."""
    role: Role = "admin"
    """Of whoever sits here."""


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """A command that has not ended."""

    intent: Intent
    stage: Stage


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A delayed command that was seen pending on the device."""

    action: OutletAction
    """`delayed_on`, `delayed_off`, `delayed_reboot`."""
    left_s: float | None = None
    """Seconds until the device carries it out, by our clock; 0 and below: it is due. None: the
    device's delay is not known, or somebody else gave the command."""


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A command was observed, and yet the load is not what was expected. Stays until seen to."""

    text: str
    """`on, but draws 0 W after 30 s (104 W expected)`."""
    since: datetime


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
    settling: frozenset[int] = frozenset()
    """Outlets that were switched from here and not polled since: the reading is older than that."""
    results: dict[int, CommandResult] = {}
    """By outlet number: the last result that ended unconfirmed, contradicted or failed, until
    acknowledged or until a later command on the outlet ends well."""
    due: dict[int, Due] = {}
    """By outlet number: what is pending, with its countdown where that is known."""
    doubts: dict[int, Doubt] = {}
    """By outlet number, until acknowledged or until the load is as expected."""
    polls_missed: int = 0
    """Polls skipped because the one before was late, since start."""
