"""Every PDU of an engine with the poller that asks it. PDUs come and go while others are polled."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.clock import beat
from pdutui.domain.health import STARTED, STOPPED, Health
from pdutui.engine.boundary import describe, guard, supervise
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived, Severity
from pdutui.engine.fleet import Pdu, close_backends
from pdutui.engine.poller import Grid, Poller, Tick, connect_offset_s, spread
from pdutui.engine.trends import LENGTH_S, trend_row
from pdutui.engine.waiting import cancel

if TYPE_CHECKING:
    from pdutui.backends.base import Backend, BackendError
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import Actor
    from pdutui.domain.reading import Reading
    from pdutui.engine.overrides import Overrides
    from pdutui.engine.recorder import Recorder
    from pdutui.engine.reload import Changes
    from pdutui.engine.view import PduView
    from pdutui.settings import ControlSettings, PduSettings, Settings
    from pdutui.store.port import HistoryReader

LOG = logging.getLogger("pdutui.engine")

TICK_S = 0.25
"""How often health is judged, whatever the pollers are waiting for."""
RECALL_AFTER_S = 5.0
"""How long after its first reading the history is asked for the last loads of a PDU's outlets."""
GONE = "not configured any more"
_DOWN: frozenset[Health] = frozenset({"lost", "refused", "unsupported"})


class Leaving:
    """What a change leaves behind: work to be ended, and backends that nobody asks any more."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.backends: list[Backend] = []

    async def let_go(self) -> None:
        """End the work at once, close the backends. Bounded; trouble is logged."""
        await cancel(*self.tasks)
        await close_backends(self.backends)


class Roster:
    """The PDUs, by name and in the order of the configuration.

    Args:
        clock: for everything.
        overrides: names of outlets that were given here.
        recorder: keeps readings and health.
        emit: is told what happens.
        note: takes lines of the event log: PDU or nothing, severity, text.
        history: the past, where some is kept.
        actor: who sits at it.
        quiet: nothing goes to the log file.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        overrides: Overrides,
        recorder: Recorder,
        emit: Callable[[EngineEvent], None],
        note: Callable[[str, Severity, str], None],
        history: Callable[[], Awaitable[HistoryReader | None]],
        actor: Actor | None,
        quiet: bool,
    ) -> None:
        self._clock = clock
        self._overrides = overrides
        self._recorder = recorder
        self._emit = emit
        self._note = note
        self._history = history
        self._actor = actor
        self._quiet = quiet
        self._start_s = clock.monotonic()
        self.fleet: dict[str, Pdu] = {}
        """The PDUs themselves. The dictionary stays the same one while PDUs come and go."""
        self.pollers: dict[str, Poller] = {}
        self.gone: dict[str, PduView] = {}
        """The last picture of PDUs that are not configured any more."""
        self._down: set[str] = set()
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}
        """By PDU; what is no PDU's stands under no name."""
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._filling = asyncio.Lock()
        self._started = False
        self.beat_s = self._start_s
        """When health was judged last, monotonic: older than some seconds, and nobody does."""
        self.on_judged: Callable[[Pdu, Reading], None] | None = None
        """Called with every reading once the watch has compared it with the one before."""

    # -- who is there ------------------------------------------------------------------------

    def add(
        self,
        settings: PduSettings,
        backend: Backend,
        control: ControlSettings,
        *,
        place: int,
        count: int,
        interval_s: float,
    ) -> None:
        """One more PDU; it is polled at once where the others are.

        Args:
            settings: what is configured of it.
            backend: how it is reached.
            control: for what its view says may be switched.
            place: which one it is of the fleet, from 0: polls are spread over the interval.
            count: of how many.
            interval_s: seconds between polls.
        """
        grid = self._grid(place, count, interval_s)
        pdu = Pdu(
            settings,
            backend,
            grid=grid,
            control=control,
            overrides=self._overrides,
            actor=self._actor,
        )
        self.fleet[pdu.name] = pdu
        self._ask(pdu, grid.start_s + connect_offset_s(place, count, interval_s))
        if self._started:
            self._begin(pdu.name)

    def _grid(self, place: int, count: int, interval_s: float) -> Grid:
        """A grid that begins now; before the start, with the one that all of them share."""
        began_s = self._clock.monotonic() if self._started else self._start_s
        offset_s = spread(place, count, interval_s)
        return Grid(start_s=began_s, offset_s=offset_s, interval_s=interval_s)

    def _ask(self, pdu: Pdu, connect_s: float) -> None:
        self.pollers[pdu.name] = Poller(
            pdu.backend,
            clock=self._clock,
            grid=pdu.grid,
            on_reading=functools.partial(self._arrived, pdu),
            on_error=functools.partial(self._failed, pdu),
            connect_s=connect_s,
        )

    def _begin(self, name: str) -> None:
        self._recorder.health(name, "connecting", STARTED)
        self._polling[name] = self.spawn(f"poller of {name}", name, self.pollers[name].run)

    def change(
        self, settings: Settings, changes: Changes, backends: Mapping[str, Backend]
    ) -> Leaving:
        """Become the PDUs of other settings, in one step: those that stay go on as they are.

        Args:
            settings: with all PDUs.
            changes: how they differ from those that are there.
            backends: of those that are new, are other devices, or are asked in another way.

        Returns:
            What is to be let go of when it is done.
        """
        leaving = Leaving()
        for name in (*changes.removed, *changes.moved):
            self._take_out(name, leaving)
        kept = dict(self.fleet)
        self.fleet.clear()
        count, interval_s = len(settings.pdus), settings.poll.interval_s
        for place, one in enumerate(settings.pdus):
            self.gone.pop(one.name, None)
            pdu = kept.get(one.name)
            if pdu is None:
                self.add(
                    one, backends[one.name], settings.control,
                    place=place, count=count, interval_s=interval_s,
                )  # fmt: skip
                continue
            self.fleet[one.name] = pdu
            pdu.take(one, settings.control)
            if pdu.grid.interval_s != interval_s:
                pdu.ask_every(self._grid(place, count, interval_s))
                self.pollers[one.name].regrid(pdu.grid)
            if one.name in changes.rewired:
                self._rewire(pdu, backends[one.name], leaving)
        return leaving

    def _rewire(self, pdu: Pdu, backend: Backend, leaving: Leaving) -> None:
        """Ask the same device in another way; what is known of it stays known."""
        leaving.backends.append(pdu.backend)
        pdu.backend = backend
        self._ask(pdu, self._clock.monotonic())
        polling = self._polling.pop(pdu.name, None)
        if polling is not None:
            leaving.tasks.append(polling)
            name = pdu.name
            self._polling[name] = self.spawn(f"poller of {name}", name, self.pollers[name].run)

    def _take_out(self, name: str, leaving: Leaving) -> None:
        """A PDU goes. Its last picture stays, called lost: some screen may still show it."""
        pdu, poller = self.fleet.pop(name), self.pollers.pop(name)
        view = pdu.view(self._clock.monotonic(), poller.polls_missed)
        info = msgspec.structs.replace(view.info, read_only=True, read_only_reason=GONE)
        self.gone[name] = msgspec.structs.replace(view, info=info, health="lost", detail=GONE)
        self._polling.pop(name, None)
        leaving.tasks += self._tasks.pop(name, ())
        leaving.backends.append(pdu.backend)
        self._down.discard(name)
        if self._started:
            self._recorder.health(name, "stopped", STOPPED)

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to poll all of them."""
        self._started = True
        for name in self.pollers:
            self._begin(name)
        self.spawn("health ticker", "", self._watch_health)

    async def halt(self) -> None:
        """End all work; what is said of health afterwards is nobody's."""
        await cancel(*(task for tasks in self._tasks.values() for task in tasks))

    def record_end(self) -> None:
        """Keep it that nobody watches any more."""
        for name in self.fleet if self._started else ():
            self._recorder.health(name, "stopped", STOPPED)

    async def close(self) -> None:
        """Close all backends."""
        await close_backends(pdu.backend for pdu in self.fleet.values())

    def spawn(self, what: str, pdu: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Work that starts again when it fails, until it returns, `halt`, or its PDU goes."""

        def on_error(what: str, error: Exception) -> None:
            self._note(pdu, "critical", f"{what} failed and starts again: {describe(error)}")

        whole = supervise(what, work, clock=self._clock, on_error=on_error)
        task = asyncio.create_task(whole, name=what)
        tasks = self._tasks.setdefault(pdu, set())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    # -- what polls bring --------------------------------------------------------------------

    def _arrived(self, pdu: Pdu, raw: Reading, tick: Tick) -> None:
        first = pdu.reading is None
        reading = pdu.arrived(raw, tick)
        row = trend_row(reading)
        pdu.trends.add(tick.due_s, row)
        self._recorder.reading(raw)
        self._emit(ReadingArrived(pdu=pdu.name, reading=reading))
        self.judge(pdu)
        in_flight = frozenset(pdu.in_flight)
        for note in pdu.watch.compare(
            reading, began_s=tick.began_s, ended_s=tick.ended_s, in_flight=in_flight
        ):
            self._note(pdu.name, note.severity, note.text)
        if self.on_judged is not None:
            guard("judging alarms", self.on_judged, pdu, reading)
        if first and self._recorder.history is not None:
            fill = functools.partial(self._prefill, pdu, row.keys)
            self.spawn(f"trends of {pdu.name}", pdu.name, fill)

    def _failed(self, pdu: Pdu, error: BackendError) -> None:
        if pdu.failed(error) and not self._quiet:
            LOG.info("%s: poll failed: %s", pdu.name, error)
        self.judge(pdu)

    async def _prefill(self, pdu: Pdu, keys: tuple[str, ...]) -> None:
        """Fill the trends with what the store has of the time before."""
        store = self._recorder.history
        if store is None:
            return
        hold_s = 1.5 * max(1.0, pdu.grid.interval_s)
        # One after the other: the past of a hundred series is megabytes until it is taken in.
        async with self._filling:
            rows = await store.recent(pdu.name, keys, LENGTH_S, hold_s=hold_s)
            pdu.trends.prefill(self._clock.monotonic(), rows, pdu.settings.floor)
            del rows
        await self._clock.sleep(RECALL_AFTER_S)
        await self.recall(pdu)

    async def recall(self, pdu: Pdu, past: HistoryReader | None = None) -> None:
        """Look up what outlets carried that were off ever since the start, in `past` if given."""
        from pdutui.engine.recall import recall_loads

        await recall_loads(pdu, past or await self._history(), self._clock)

    async def _watch_health(self) -> None:
        while True:
            now_s = self._clock.monotonic()
            for pdu in self.fleet.values():
                if not pdu.is_steady(now_s):
                    self.judge(pdu)
            self.beat_s = self._clock.monotonic()
            await beat(self._clock, TICK_S)

    def judge(self, pdu: Pdu) -> None:
        """Judge health, and tell when it has changed."""
        before = pdu.judgement.health
        pdu.judgement = judgement = pdu.judge(self._clock.monotonic())
        if judgement.health == before:
            return
        self._recorder.health(pdu.name, judgement.health, judgement.detail)
        self._emit(HealthChanged(pdu=pdu.name, health=judgement.health, detail=judgement.detail))
        if judgement.health in _DOWN:
            self._down.add(pdu.name)
            self._note(pdu.name, "critical", f"{judgement.health}: {judgement.detail}")
        elif judgement.health == "live" and pdu.name in self._down:
            self._down.discard(pdu.name)
            self._note(pdu.name, "info", "live again")
