"""The running system behind one facade: what screens and headless commands talk to."""

from __future__ import annotations

import functools
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import msgspec

from pdutui.engine.aftermath import Aftermath
from pdutui.engine.alarms.standby import AlarmStandby
from pdutui.engine.boundary import guard
from pdutui.engine.events import EngineEvent, Logged, Severity
from pdutui.engine.overrides import Overrides
from pdutui.engine.recorder import Recorder
from pdutui.engine.renaming import may_not, rename
from pdutui.engine.renewal import Renewal
from pdutui.engine.roster import Roster
from pdutui.engine.trap_duty import TrapDuty

if TYPE_CHECKING:
    from pdutui.backends.base import Backend
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import Actor
    from pdutui.domain.impact import Change, Impact
    from pdutui.engine.gate import Gate
    from pdutui.engine.impact import Previews
    from pdutui.engine.plans.desk import PlanDesk
    from pdutui.engine.reload import Build, Reread, Taken
    from pdutui.engine.tally import Tally
    from pdutui.engine.traps import TrapStatus
    from pdutui.engine.view import PduView
    from pdutui.settings import Settings
    from pdutui.store.port import AuditTrail, HistoryReader, Store
    from pdutui.store.status import StoreStatus

LOG = logging.getLogger("pdutui.engine")
LOG_KEPT = 500
_LEVELS: dict[Severity, int] = {
    "info": logging.INFO,
    "warning": logging.WARNING,
    "critical": logging.ERROR,
}


class Engine:
    """Polls, judges, records and switches a fleet of PDUs.

    All of it runs in one event loop. The store, if there is one, belongs to whoever opened it:
    `stop` flushes it, and does not close it. Backends are closed.
    """

    def __init__(
        self,
        settings: Settings,
        backends: Mapping[str, Backend],
        *,
        clock: Clock,
        store: Store | None,
        quiet: bool = False,
        actor: Actor | None = None,
        zone: tzinfo | Callable[[], tzinfo] = UTC,
    ) -> None:
        """Wire it up; nothing runs before `start`.

        Args:
            settings: what is configured; `settings.pdus` gives the order.
            backends: one for each configured PDU, by name.
            clock: time for everything in here.
            store: for history and audit. With `history.enabled` off it gets audit records only.
            quiet: what happens is not written to the log file: it does not happen now.
            actor: who sits at it, for what the views say may be switched. None: nobody that
                is known, who may do what everybody may.
            zone: of the clock on the wall, which maintenance windows go by; or what reads it.

        Raises:
            ValueError: a configured PDU has no backend.
        """
        missing = [pdu.name for pdu in settings.pdus if pdu.name not in backends]
        if missing:
            raise ValueError(f"no backend for {', '.join(missing)}")
        self._renewal = Renewal(settings, clock)
        self._clock = clock
        self._store = store
        self._quiet = quiet
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self._log: deque[Logged] = deque(maxlen=LOG_KEPT)
        self._overrides = Overrides(settings.state_dir)
        self._recorder = Recorder(
            store, clock=clock, settings=settings, emit=self._emit, note=self._note
        )
        self._roster = Roster(
            clock=clock,
            overrides=self._overrides,
            recorder=self._recorder,
            emit=self._emit,
            note=self._note,
            history=self.history,
            actor=actor,
            quiet=quiet,
        )
        self._fleet = self._roster.fleet
        self._started = False
        self._stopped = False
        for place, pdu in enumerate(settings.pdus):
            self._roster.add(
                pdu,
                backends[pdu.name],
                settings.control,
                place=place,
                count=len(settings.pdus),
                interval_s=settings.poll.interval_s,
            )
        self._actor = actor
        self._zone = zone if callable(zone) else lambda: zone
        self._previews: Previews | None = None
        self._aftermath = Aftermath(self._fleet, settings, clock=clock, note=self._note)
        self._listeners.append(self._aftermath.hear)
        self._plans: PlanDesk | None = None
        self.reread: Reread | None = None
        """Reads the configuration again and has it taken; None where there is none to read."""
        self.alarms = AlarmStandby(
            self._fleet,
            settings,
            clock=clock,
            zone=self._zone,
            emit=self._emit,
            note=self._note,
            history=self.history,
            locked=lambda: self.locked and f"the console is {self.locked}",
            spawn=self._roster.spawn,
            never="there are none in a replay" if quiet else "",
        )
        """What is wrong."""
        self._listeners.append(self.alarms.hear)
        self._roster.on_judged = self.alarms.judged
        self._traps = TrapDuty(
            self._fleet,
            settings,
            clock=clock,
            emit=self._emit,
            note=self._note,
            note_trap=functools.partial(self._note, trap=True),
            poke=self.poke,
            spawn=self._roster.spawn,
        )
        self._listeners.append(self._traps.hear)
        if settings.control.lock.at_start:
            _ = self.gate  # it locks itself, from the first moment on

    # -- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to poll; returns at once. To be called once."""
        if self._started:
            return
        self._started = True
        self._overrides.load()
        if self._overrides.problem:
            self._note("", "warning", f"outlet names not used: {self._overrides.problem}")
        self._recorder.start()
        self._roster.start()
        self._traps.start()
        self.alarms.start()

    async def stop(self) -> None:
        """Stop polling, wait for commands, flush the store, close backends. May be called twice.

        Bounded: commands get `gate.STOP_WAIT_S`, the store its own limits, backends 3 s.
        """
        if self._stopped:
            return
        self._stopped = True
        await self._roster.halt()
        # Plans stop the gate once no step of theirs can begin any more.
        await (self.gate if self._plans is None else self._plans).stop()
        await self.alarms.stop()
        self._roster.record_end()
        await self._recorder.stop()
        await self._roster.close()

    # -- other settings ----------------------------------------------------------------------

    async def take(self, settings: Settings, build: Build) -> Taken:
        """Put other settings in force: see `engine.reload`.

        Args:
            settings: all of them.
            build: makes the backend of a PDU that is new or is asked in another way.

        Raises:
            NotNow: something is in the way, and nothing has changed.
        """
        if self._stopped:
            from pdutui.engine.reload import NotNow

            raise NotNow("the program is ending")
        self._previews = None
        return await self._renewal.take(
            settings, build, roster=self._roster, gate=self.__dict__.get("gate"),
            plans=self._plans, aftermath=self._aftermath, alarms=self.alarms, traps=self._traps,
        )  # fmt: skip

    # -- asking ------------------------------------------------------------------------------

    @functools.cached_property
    def gate(self) -> Gate:
        """The one way to switch anything; made when first asked for, after the first frame."""
        from pdutui.engine.gate import Gate

        gate = Gate(
            self._fleet,
            self.settings,
            clock=self._clock,
            recorder=self._recorder,
            emit=self._emit,
            note=self._note,
            poke=self.poke,
            actor=self._actor,
            zone=self._zone(),
        )
        gate.informed_by(preview=self.preview)
        return gate

    @property
    def locked(self) -> str:
        """Who locked the console and when; empty when it is not."""
        return self.gate.locked if "gate" in self.__dict__ else ""

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._renewal.settings

    @property
    def in_force_since(self) -> datetime | None:
        """Since when commands are judged by it; None: since the start."""
        return self._renewal.since

    @property
    def pdus(self) -> tuple[str, ...]:
        """The names of all PDUs, in the configured order."""
        return tuple(self._fleet)

    @property
    def beat_s(self) -> float:
        """When all PDUs were judged last, monotonic; it stands still when the engine does."""
        return self._roster.beat_s

    def view(self, pdu: str) -> PduView:
        """One PDU as it stands now. Cheap.

        One that was configured till a moment ago is lost, with its last reading. Raises KeyError
        for a name that never was.
        """
        if pdu not in self._fleet:
            return self._roster.gone[pdu]
        return self._fleet[pdu].view(
            self._clock.monotonic(), self._roster.pollers[pdu].polls_missed
        )

    def preview(self, changes: Sequence[Change]) -> Impact:
        """What changes would do to loads, banks and devices, all of them together, by now."""
        if self._previews is None:
            from pdutui.engine.impact import Previews

            self._previews = Previews(self._fleet, self.settings, self._clock)
        return self._previews.preview(changes)

    def tally(self, pdu: str) -> Tally:
        """What became of every poll of a PDU. Raises KeyError for a name that is not configured."""
        return msgspec.structs.replace(self._roster.pollers[pdu].tally)

    def trend(self, pdu: str, key: str, seconds: int) -> Sequence[float | None]:
        """The last `seconds` values of a series at 1 Hz, oldest first, None for gaps.

        Voltages, currents, powers, frequencies and sensor values are kept, for 900 s; any other
        key, and any time before, is all gaps. Raises KeyError for an unknown PDU.
        """
        if pdu in self._roster.gone:
            return [None] * max(0, seconds)
        return self._fleet[pdu].trend(key, seconds, self._clock.monotonic())

    def recent_log(self, limit: int) -> list[Logged]:
        """The newest lines of the event log, newest last."""
        return list(self._log)[-limit:] if limit > 0 else []

    @property
    def store_status(self) -> StoreStatus:
        """How history is doing."""
        from pdutui.store.status import StoreStatus

        if self._store is None or self._recorder.history is None:
            return StoreStatus(ok=True, detail="history is off")
        return self._store.status

    async def history(self) -> HistoryReader | None:
        """The past; None where no history is kept or its database cannot be read."""
        store = self._recorder.history
        return None if store is None else await store.reader()

    async def audit_trail(self) -> AuditTrail | None:
        """The audit; None where there is no store."""
        return None if self._store is None else await self._store.audit_trail()

    @property
    def plans(self) -> PlanDesk:
        """Plans for many outlets; made when first asked for."""
        if self._plans is None:
            from pdutui.engine.plans.opening import open_desk

            self._plans = open_desk(self, self._clock, self._recorder, self._emit, self._note)
        return self._plans

    @property
    def trap_status(self) -> TrapStatus | None:
        """How listening for traps is going; None where nobody listens."""
        return self._traps.status

    # -- doing -------------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Have every event handed to `listener`, in the event loop.

        Returns:
            A call that ends it; it may be called twice.
        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def poke(self, pdu: str) -> None:
        """Poll a PDU at once, or right after the poll under way; ends a backoff pause too."""
        if pdu in self._roster.pollers and not self._stopped:
            self._roster.pollers[pdu].poke()

    def rename_outlet(self, pdu: str, outlet: int, name: str | None) -> None:
        """Give an outlet a name that is kept in the state dir; None or blank takes it away.

        Trouble with the file is told as a Logged warning, and nothing changes then; nor for a
        viewer. Raises KeyError for an unknown PDU.
        """
        refused = may_not(self._actor, self.settings.control.roles)
        rename(self._fleet, self._overrides, pdu, outlet, name, refused=refused, note=self._note)

    def acknowledge(self, pdu: str, outlet: int) -> None:
        """Take off the view how a command ended badly, and what its load gives to doubt."""
        if pdu in self._fleet:
            self._fleet[pdu].results.pop(outlet, None)
        self._aftermath.forget(pdu, outlet)

    def say(self, severity: Severity, text: str) -> None:
        """A line of the event log that is about no PDU."""
        self._note("", severity, text)

    def tell(self, event: EngineEvent) -> None:
        """Hand an event to all listeners."""
        self._emit(event)

    # -- inside ------------------------------------------------------------------------------

    def _emit(self, event: EngineEvent) -> None:
        for listener in tuple(self._listeners):
            guard("a listener of the engine", listener, event)

    def _note(self, pdu: str, severity: Severity, text: str, *, trap: bool = False) -> None:
        line = Logged(time=self._clock.now(), pdu=pdu, severity=severity, text=text, trap=trap)
        self._log.append(line)
        if not self._quiet:
            LOG.log(_LEVELS[severity], "%s: %s", pdu or "engine", text)
        self._recorder.event(line)
        self._emit(line)

    async def recall(self, pdu: str, past: HistoryReader | None = None) -> None:
        """Look up in the history what outlets carried that were off ever since the start.

        In `past` where no history is kept here.
        """
        await self._roster.recall(self._fleet[pdu], past)
