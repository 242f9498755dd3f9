"""Every PDU of an engine with the poller that asks it. PDUs come and go while others are polled."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pdutui.backends.base import Backend, BackendError
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Actor
from pdutui.domain.health import STARTED, STOPPED, Health
from pdutui.domain.reading import Reading
from pdutui.engine.boundary import describe, supervise
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived, Severity
from pdutui.engine.fleet import Pdu, close_backends
from pdutui.engine.overrides import Overrides
from pdutui.engine.poller import Grid, Poller, Tick, connect_offset_s, spread
from pdutui.engine.recorder import Recorder
from pdutui.engine.trends import LENGTH_S, trend_row
from pdutui.engine.waiting import cancel
from pdutui.settings import ControlSettings, PduSettings

if TYPE_CHECKING:
    from pdutui.store.port import HistoryReader

LOG = logging.getLogger("pdutui.engine")

TICK_S = 0.25
"""How often health is judged, whatever the pollers are waiting for."""
RECALL_AFTER_S = 5.0
"""How long after its first reading the history is asked for the last loads of a PDU's outlets."""
_DOWN: frozenset[Health] = frozenset({"lost", "refused", "unsupported"})


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
        self._down: set[str] = set()
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}
        """By PDU; what is no PDU's stands under no name."""
        self._started = False

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
        began_s = self._clock.monotonic() if self._started else self._start_s
        offset_s = spread(place, count, interval_s)
        grid = Grid(start_s=began_s, offset_s=offset_s, interval_s=interval_s)
        pdu = Pdu(
            settings,
            backend,
            grid=grid,
            control=control,
            overrides=self._overrides,
            actor=self._actor,
        )
        self.fleet[pdu.name] = pdu
        self._ask(pdu, connect_s=began_s + connect_offset_s(place, count, interval_s))

    def _ask(self, pdu: Pdu, connect_s: float) -> None:
        """Make the poller of a PDU, and set it going where the others are."""
        self.pollers[pdu.name] = Poller(
            pdu.backend,
            clock=self._clock,
            grid=pdu.grid,
            on_reading=functools.partial(self._arrived, pdu),
            on_error=functools.partial(self._failed, pdu),
            connect_s=connect_s,
        )
        if self._started:
            self._begin(pdu.name)

    def _begin(self, name: str) -> None:
        self._recorder.health(name, "connecting", STARTED)
        self.spawn(f"poller of {name}", name, self.pollers[name].run)

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
        await close_backends(self.fleet.values())

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
        rows = await store.recent(pdu.name, keys, LENGTH_S, hold_s=hold_s)
        pdu.trends.prefill(self._clock.monotonic(), rows, pdu.settings.floor)
        await self._clock.sleep(RECALL_AFTER_S)
        await self.recall(pdu)

    async def recall(self, pdu: Pdu, past: HistoryReader | None = None) -> None:
        """Look up what outlets carried that were off ever since the start, in `past` if given."""
        from pdutui.engine.recall import recall_loads

        await recall_loads(pdu, past or await self._history(), self._clock)

    async def _watch_health(self) -> None:
        while True:
            for pdu in self.fleet.values():
                self.judge(pdu)
            await self._clock.sleep(TICK_S)

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
