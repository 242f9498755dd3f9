"""A replay as the console sees it: an engine like the live one, whose time is its player's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from pdutui.backends.replay.backend import REFUSAL
from pdutui.domain.clock import Clock
from pdutui.engine.alarms.none import NoAlarms
from pdutui.engine.boundary import guard
from pdutui.engine.events import EngineEvent, HealthChanged, Logged, ReadingArrived
from pdutui.engine.plans.none import NoPlans
from pdutui.engine.replay.gate import ReplayGate
from pdutui.engine.replay.opening import kept_moment, recording_of
from pdutui.engine.replay.past import PastReader
from pdutui.engine.replay.player import Player
from pdutui.engine.replay.stage import Frame
from pdutui.engine.replay.times import ms_of
from pdutui.engine.view import PduView
from pdutui.settings import Settings
from pdutui.store.port import AuditTrail, HistoryReader
from pdutui.store.status import StoreStatus


class ReplaySession:
    """The running past; fits `EnginePort`.

    Args:
        reader: All that was kept; it belongs to whoever opened it.
        player: Its time.
        clock: The real clock.
    """

    def __init__(self, reader: HistoryReader, player: Player, clock: Clock) -> None:
        self.player = player
        """What is done with time."""
        self.gate = ReplayGate(clock)
        """Refuses."""
        self.locked = ""
        self._clock = clock
        self.plans = NoPlans(REFUSAL)
        self.alarms = NoAlarms(REFUSAL)
        self.reread = None
        """Holds nothing and refuses."""
        self.on_frame: Callable[[], None] | None = None
        """Called when another moment is shown, or playing has begun or ended."""
        self._past = PastReader(reader, lambda: ms_of(player.now))
        self._listeners: list[Callable[[EngineEvent], None]] = []
        player.on_frame = self._shown

    @classmethod
    async def open(
        cls,
        reader: HistoryReader,
        settings: Settings,
        *,
        at: datetime,
        clock: Clock,
        zone: tzinfo,
        pdus: Sequence[str] = (),
        speed: float = 1.0,
        slack_ms: int = 0,
    ) -> ReplaySession:
        """A session that is not started yet.

        Args:
            reader: All that was kept.
            settings: The configuration, for names, feeds and floors.
            at: Where to begin.
            clock: The real clock.
            zone: For times in words.
            pdus: Only these; none for all.
            speed: How fast.
            slack_ms: So much before or after what was kept will do.

        Raises:
            ReplayError: Nothing was kept of that time, or of these PDUs, or it cannot be read.
        """
        recording = await recording_of(reader, [pdu.name for pdu in settings.pdus], pdus)
        begin = kept_moment(recording, at, zone, slack_ms=slack_ms)
        player = Player(
            reader, settings, recording, at=begin, clock=clock, zone=zone, speed=speed
        )  # fmt: skip
        return cls(reader, player, clock)

    @property
    def now(self) -> datetime:
        """The moment that is shown, UTC."""
        return self.player.now

    def incomplete(self, pdu: str) -> bool:
        """Whether names and ratings of that time are not known of a PDU."""
        return pdu in self.player.frame.incomplete

    # -- an EnginePort -----------------------------------------------------------------------

    @property
    def beat_s(self) -> float:
        """The present: a replay stands still where it is asked to."""
        return self._clock.monotonic()

    @property
    def pdus(self) -> tuple[str, ...]:
        """Those that are replayed."""
        return self.player.recording.pdus

    @property
    def store_status(self) -> StoreStatus:
        """Nothing is written; whether what was kept can be read."""
        return StoreStatus(ok=not self.player.problem, detail=self.player.problem)

    @property
    def trap_status(self) -> None:
        """Nobody listens."""
        return None

    async def start(self) -> None:
        """Show the first moment and begin to play."""
        await self.player.start()

    async def stop(self) -> None:
        """End it. May be called twice."""
        await self.player.stop()

    def view(self, pdu: str) -> PduView:
        """A PDU at the moment. Raises KeyError for one that is not replayed."""
        return self.player.frame.views[pdu]

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Be told of readings and changes of health; call the result to be told no more."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def trend(self, pdu: str, key: str, seconds: int) -> Sequence[float | None]:
        """The last seconds of a series up to the moment, oldest first, None for gaps."""
        return self.player.trend(pdu, key, seconds)

    async def history(self) -> HistoryReader | None:
        """The past up to the moment."""
        return self._past

    async def audit_trail(self) -> AuditTrail | None:
        """None: the audit is of now."""
        return None

    def rename_outlet(self, pdu: str, outlet: int, name: str | None) -> None:
        """Does nothing: the past has its names."""

    def acknowledge(self, pdu: str, outlet: int) -> None:
        """Does nothing: there are no results."""

    def recent_log(self, limit: int) -> list[Logged]:
        """What had been written down by then, oldest first."""
        return self.player.story.lines(limit, ms_of(self.now)) if limit > 0 else []

    # -- inside ------------------------------------------------------------------------------

    def _shown(self, before: Frame) -> None:
        """Tell what is different from the frame before."""
        for name, view in self.player.frame.views.items():
            was = before.views[name]
            if view.reading is not None and view.reading is not was.reading:
                self._emit(ReadingArrived(pdu=name, reading=view.reading))
            if view.health != was.health:
                self._emit(HealthChanged(pdu=name, health=view.health, detail=view.detail))
        if self.on_frame is not None:
            guard("the screen of the replay", self.on_frame)

    def _emit(self, event: EngineEvent) -> None:
        for listener in tuple(self._listeners):
            guard("a listener of the replay", listener, event)
