"""What alarms are told to outside of this program, and what else may judge beside readings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Protocol

import msgspec

from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.alarm_finding import Finding
from pdutui.domain.clock import Clock
from pdutui.domain.reading import Reading
from pdutui.engine.events import Severity
from pdutui.settings import Settings

if TYPE_CHECKING:
    from pdutui.store.port import HistoryReader


class Outlet(Protocol):
    """A way out for alarms: syslog, a program. It is told only by the program that leads."""

    def tell(self, entry: AlarmEntry, *, again: bool, silenced: bool) -> None:
        """Something became of an alarm. Must not block: work is done in its own time.

        Args:
            entry: what. An alarm that was raised while silenced comes as `raised` once more, not
                silenced, when its silence ends before it does.
            again: it came back within the time in which it is not told again.
            silenced: it is silenced.
        """
        ...

    async def stop(self) -> None:
        """Let go, bounded; called once, at the end."""
        ...

    @property
    def problem(self) -> str:
        """Why alarms do not get out; empty when all is well."""
        ...


class Watcher(Protocol):
    """Judges what is no matter of one reading: an energy budget."""

    @property
    def every_s(self) -> float:
        """How often it looks."""
        ...

    async def look(self) -> Sequence[tuple[str, Finding]]:
        """All it knows, each with its PDU; that is empty for what is a matter of several.

        Conditions that are clear (`clear(...)`) belong to it; those it says nothing about are
        unknown.
        """
        ...

    @property
    def problem(self) -> str:
        """Why it cannot judge; empty when all is well."""
        ...


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What ways out and watchers are made with."""

    settings: Settings
    clock: Clock
    zone: tzinfo
    note: Callable[[str, Severity, str], None]
    """A line of the event log: PDU or empty, severity, text."""
    history: Callable[[], Awaitable[HistoryReader | None]]
    """The past; None where none is kept or it cannot be read."""
    readings: Callable[[], Mapping[str, Reading]]
    """The last readings of PDUs that are live now."""
