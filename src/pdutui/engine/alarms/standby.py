"""The alarms of an engine from its first moment on; the desk is loaded after the first figures.

Until then, and where alarms are switched off, there are none. Other settings get another desk, that
takes up what the one before has kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Protocol

from pdutui.engine.alarms.none import NoAlarms

if TYPE_CHECKING:
    from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmKind, AlarmLevel, Silence
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import Actor
    from pdutui.domain.health import Health
    from pdutui.domain.reading import Reading
    from pdutui.engine.alarms.desk import AlarmDesk
    from pdutui.engine.alarms.port import AlarmsPort
    from pdutui.engine.events import EngineEvent, Severity
    from pdutui.engine.fleet import Pdu
    from pdutui.settings import Settings
    from pdutui.store.port import HistoryReader

AFTER_S = 1.0
"""The desk is loaded so long after the start: the first figures come first."""
_READ: frozenset[Health] = frozenset({"live"})


class Spawn(Protocol):
    """Runs work in the background; starts it again when it fails."""

    def __call__(
        self, what: str, pdu: str, work: Callable[[], Awaitable[None]]
    ) -> asyncio.Task[None]:
        """The task."""
        ...


class AlarmStandby:
    """An `AlarmsPort` for an engine.

    Args:
        fleet: the PDUs of the engine.
        settings: with the rules.
        clock: for everything.
        zone: of the clock on the wall; asked when the desk is made.
        emit: is told what becomes of alarms.
        note: takes lines of the event log.
        history: the past, where some is kept.
        locked: why nobody may do anything here; empty where the console is open.
        spawn: runs the desk.
        never: why there are none whatever the settings say: a replay; empty: there may be.
    """

    def __init__(
        self,
        fleet: Mapping[str, Pdu],
        settings: Settings,
        *,
        clock: Clock,
        zone: Callable[[], tzinfo],
        emit: Callable[[EngineEvent], None],
        note: Callable[[str, Severity, str], None],
        history: Callable[[], Awaitable[HistoryReader | None]],
        locked: Callable[[], str],
        spawn: Spawn,
        never: str = "",
    ) -> None:
        self._fleet = fleet
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._emit = emit
        self._note = note
        self._history = history
        self._locked = locked
        self._spawn = spawn
        self._never = never
        self._desk: AlarmDesk | None = None
        self._port: AlarmsPort = self._without()
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        """Other settings are to be taken."""

    def _without(self) -> NoAlarms:
        if self._never:
            return NoAlarms(self._never)
        if not self._settings.alarms.enabled:
            return NoAlarms("alarms are switched off ([alarms] enabled)")
        return NoAlarms("alarms are being loaded")

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the desk in a moment, if there is to be one."""
        if not self._never and self._task is None:
            self._task = self._spawn("alarms", "", self._run)

    def take(self, settings: Settings) -> None:
        """Judge by other settings from now on."""
        if settings != self._settings:
            self._settings = settings
            self._wanted.set()

    async def stop(self) -> None:
        """Keep what is to be kept. The engine has ended the work before."""
        desk, self._desk = self._desk, None
        if desk is not None:
            await desk.close()

    async def _run(self) -> None:
        await self._clock.sleep(AFTER_S)
        while True:
            self._wanted.clear()
            if self._desk is not None:
                there = {pdu.name for pdu in self._settings.pdus}
                desk, self._desk = self._desk, None
                await desk.close(desk.pdus - there)
            if not self._settings.alarms.enabled:
                self._port = self._without()
                await self._wanted.wait()
                continue
            desk = self._desk = await self._make()
            await desk.open()
            self._port = desk
            running = asyncio.ensure_future(desk.run())
            waiting = asyncio.ensure_future(self._wanted.wait())
            try:
                await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
            finally:
                running.cancel()
                waiting.cancel()

    async def _make(self) -> AlarmDesk:
        made = await asyncio.to_thread(_load)
        from pdutui.engine.alarms.out import Surroundings

        around = Surroundings(
            settings=self._settings,
            clock=self._clock,
            zone=self._zone(),
            note=self._note,
            history=self._history,
            readings=self._readings,
        )
        return made(self._fleet, around, emit=self._emit, locked=self._locked)

    def _readings(self) -> Mapping[str, Reading]:
        return {
            name: pdu.reading
            for name, pdu in self._fleet.items()
            if pdu.reading is not None and pdu.judgement.health in _READ
        }

    # -- what the engine brings --------------------------------------------------------------

    def judged(self, pdu: Pdu, reading: Reading) -> None:
        """A reading has come, and the watch has compared it with the one before."""
        if self._desk is not None:
            self._desk.judged(pdu, reading)

    def hear(self, event: EngineEvent) -> None:
        """Take in what the engine tells."""
        if self._desk is not None:
            self._desk.hear(event)

    # -- an AlarmsPort -----------------------------------------------------------------------

    @property
    def unjudged(self) -> str:
        """Why nothing is judged."""
        return self._port.unjudged

    @property
    def problem(self) -> str:
        """Why alarms are not kept, not told outside, or not judged."""
        return self._port.problem

    def active(self) -> tuple[Alarm, ...]:
        """All in the list, worst first."""
        return self._port.active()

    def of(self, pdu: str) -> tuple[Alarm, ...]:
        """Those of one PDU."""
        return self._port.of(pdu)

    def silences(self) -> tuple[Silence, ...]:
        """Those that have not ended."""
        return self._port.silences()

    async def history(
        self,
        *,
        limit: int = 500,
        from_time: datetime | None = None,
        to_time: datetime | None = None,
        pdu: str | None = None,
        level: AlarmLevel | None = None,
        text: str = "",
    ) -> list[AlarmEntry]:
        """What became of alarms, newest first."""
        return await self._port.history(
            limit=limit, from_time=from_time, to_time=to_time, pdu=pdu, level=level, text=text
        )

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str = "") -> None:
        """Take note of alarms."""
        await self._port.acknowledge(ids, actor, comment)

    async def silence(
        self,
        *,
        pdu: str,
        kind: AlarmKind | None = None,
        part: str = "",
        for_s: float,
        actor: Actor,
        comment: str = "",
    ) -> Silence:
        """Keep alarms quiet for a time."""
        return await self._port.silence(
            pdu=pdu, kind=kind, part=part, for_s=for_s, actor=actor, comment=comment
        )

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        """End a silence."""
        await self._port.unsilence(silence_id, actor)


def _load() -> type[AlarmDesk]:
    from pdutui.engine.alarms.desk import AlarmDesk

    return AlarmDesk
