"""What the engine tells its listeners. One reading, one message; listeners never ask twice."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.alarm import AlarmEntry, Silence
    from pdutui.domain.commands import CommandResult, Intent, Stage
    from pdutui.domain.health import Health
    from pdutui.domain.plan import PlanView
    from pdutui.domain.reading import Reading

Severity = Literal["info", "warning", "critical"]


class ReadingArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A poll succeeded."""

    pdu: str
    reading: Reading


class HealthChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU's figures can be trusted more or less than before."""

    pdu: str
    health: Health
    detail: str


class CommandProgressed(msgspec.Struct, frozen=True, kw_only=True):
    """An intent passed a stage."""

    intent: Intent
    stage: Stage


class CommandEnded(msgspec.Struct, frozen=True, kw_only=True):
    """An intent came to its end, whatever it is."""

    result: CommandResult


class StoreChanged(msgspec.Struct, frozen=True, kw_only=True):
    """History can or cannot be written; `detail` is empty when all is well."""

    ok: bool
    detail: str


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A line for the event line: outlet changed on the device, transfer, lost, command ended."""

    time: datetime
    pdu: str
    severity: Severity
    text: str
    trap: bool = False
    """A trap says so."""


class TrapReceived(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU sent a trap or an inform. It is a hint: no figure changes by it, a poll follows."""

    time: datetime
    pdu: str
    """Who sent it; empty where several may have."""
    candidates: tuple[str, ...]
    """The PDUs that may have sent it; all of them are polled."""
    address: str
    oid: str
    """snmpTrapOID, numeric."""
    name: str | None
    """Its name in the MIB; None for one that no profile knows."""
    kind: str
    """outlet_on, outlet_off, outlet_reboot, source_lost, source_ok, transfer, redundancy_lost,
    redundancy_ok, overload, overload_clear, breaker_trip, comm_lost, comm_ok, other."""
    severity: Severity
    text: str
    outlet: int | None = None
    """The outlet it is about, as a Reading numbers it; 0 for all."""
    own: bool = False
    """It tells of what a command of ours has done."""


class PlanChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A plan was made, approved, started, went on a step, stood still, ended."""

    view: PlanView


class LockChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The console was locked or unlocked."""

    locked: bool
    by: str


class AlarmChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Something became of an alarm."""

    entry: AlarmEntry
    again: bool = False
    """It came back within the time in which it is not told again: no bell, no toast."""


class SilenceChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms were silenced, or a silence has ended."""

    silence: Silence
    ended: bool


class SettingsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration was read again."""

    text: str
    """What is in force now, or why the old one stays."""
    taken: bool


EngineEvent = (
    ReadingArrived
    | HealthChanged
    | CommandProgressed
    | CommandEnded
    | StoreChanged
    | Logged
    | TrapReceived
    | PlanChanged
    | LockChanged
    | AlarmChanged
    | SilenceChanged
    | SettingsChanged
)
