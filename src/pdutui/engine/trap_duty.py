"""Listening for traps, where and as long as the configuration wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.events import EngineEvent, Severity
    from pdutui.engine.fleet import Pdu
    from pdutui.engine.traps import TrapDesk, TrapStatus
    from pdutui.settings import Settings

Spawn = Callable[[str, str, Callable[[], Awaitable[None]]], asyncio.Task[None]]


class TrapDuty:
    """Has a trap desk while traps are wanted.

    Args:
        fleet: the PDUs by name; the same dictionary while they come and go.
        settings: what is wanted at first.
        clock: time.
        emit: takes events.
        note: takes lines for the event log.
        note_trap: takes what traps say for it.
        poke: has a PDU polled at once.
        spawn: runs work in the background: what it is, no PDU, the work.
    """

    def __init__(
        self,
        fleet: Mapping[str, Pdu],
        settings: Settings,
        *,
        clock: Clock,
        emit: Callable[[EngineEvent], None],
        note: Callable[[str, Severity, str], None],
        note_trap: Callable[[str, Severity, str], None],
        poke: Callable[[str], None],
        spawn: Spawn,
    ) -> None:
        self._fleet = fleet
        self._settings = settings
        self._clock = clock
        self._emit, self._note, self._poke, self._spawn = emit, note, poke, spawn
        self._note_trap = note_trap
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self.desk: TrapDesk | None = None
        """What listens; None where nobody does."""
        self._open()

    def _open(self) -> None:
        settings = self._settings
        if not settings.traps.enabled:
            return
        from pdutui.engine.traps import TrapDesk

        self.desk = TrapDesk(
            self._fleet,
            settings.traps,
            state_dir=settings.state_dir,
            profile_dir=settings.profile_dir,
            clock=self._clock,
            emit=self._emit,
            note=self._note,
            note_trap=self._note_trap,
            poke=self._poke,
        )
        if self._started:
            self._task = self._spawn("trap listener", "", self.desk.run)

    def start(self) -> None:
        """Begin to listen, where that is wanted."""
        self._started = True
        if self.desk is not None:
            self._task = self._spawn("trap listener", "", self.desk.run)

    def take(self, settings: Settings) -> list[asyncio.Task[None]]:
        """Listen as other settings say. Returns the work that is to be ended."""
        before, self._settings = self._settings, settings
        if before.traps == settings.traps:
            if self.desk is not None:
                self.desk.look_again()
            return []
        over = [] if self._task is None else [self._task]
        if self.desk is not None:
            self.desk.close()  # at once: the next one may want the same port
        self.desk, self._task = None, None
        self._open()
        return over

    def hear(self, event: EngineEvent) -> None:
        """Take note of what the engine itself does."""
        if self.desk is not None:
            self.desk.hear(event)

    @property
    def status(self) -> TrapStatus | None:
        """How it is going; None where nobody listens."""
        return None if self.desk is None else self.desk.status
