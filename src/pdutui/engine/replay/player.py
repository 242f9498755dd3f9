"""The moment that is replayed, and all that is done with time: play, pause, step, seek."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from pdutui.domain.clock import Clock
from pdutui.domain.history import Mark
from pdutui.engine.boundary import contain, describe, guard
from pdutui.engine.replay.opening import (
    Recording,
    kept_moment,
    recording_of,
    replay_settings,
)
from pdutui.engine.replay.past import KeptMoments
from pdutui.engine.replay.stage import Frame, Stage, empty_frame
from pdutui.engine.replay.story import PastStory
from pdutui.engine.replay.times import ms_of, time_of
from pdutui.engine.replay.trends import AHEAD_MS, PastTrends, usual_interval_s
from pdutui.engine.trends import trend_row
from pdutui.engine.waiting import cancel
from pdutui.settings import Settings
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader

SPEEDS: tuple[float, ...] = (1, 2, 5, 10, 30, 60)
FRAME_S = 0.25
"""How often the moment moves on while it plays, in real seconds: four pictures a second, however
fast; at 60x each is 15 s after the one before, and every PDU is polled once for it."""
JUST_PASSED_S = 2.0
"""While it plays, an event of the last two seconds is not the one to go back to."""
T = TypeVar("T")


class Player:
    """Shows one moment after the other, or one as long as is wanted.

    The moment moves in frames. For each of them the clock moves on, every PDU is polled, and only
    when all have answered is the frame shown: a slow disk makes the replay slower, and never a
    figure late that was not.

    Args:
        reader: All that was kept.
        settings: The configuration, for names, feeds and floors.
        recording: What there is to replay.
        at: Where to begin: a `kept_moment`.
        clock: The real clock.
        zone: For times in words.
        speed: One of `SPEEDS`, or any other above 0.
    """

    def __init__(
        self,
        reader: HistoryReader,
        settings: Settings,
        recording: Recording,
        *,
        at: datetime,
        clock: Clock,
        zone: tzinfo,
        speed: float = 1.0,
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._recording = recording
        self._real = clock
        self._zone = zone
        self._speed = speed
        self._playing = True
        self._interval_s = settings.poll.interval_s
        self._learned = (0, 0)
        """From when to when `_interval_s` holds, unix ms."""
        self._floors = {pdu.name: pdu.floor for pdu in settings.pdus}
        self._frame = empty_frame(at, replay_settings(settings, recording.pdus, self._interval_s))
        self._stage: Stage | None = None
        self._moving = asyncio.Lock()
        self._go_on = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._story = PastStory(reader, recording.pdus, recording.first_ms)
        self._trends = PastTrends(reader, interval_s=self._interval_s, floors=self._floors)
        self._looked_at = recording.pdus[0]
        self.on_frame: Callable[[Frame], None] | None = None
        """Called with the frame that was shown before, whenever another one is shown, or playing
        has begun, ended or changed its speed."""
        self.problem = ""
        """Why something of the past cannot be shown just now; empty when all is well."""

    # -- what is shown -----------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """What is shown."""
        return self._frame

    @property
    def now(self) -> datetime:
        """The moment that is shown, UTC."""
        return self._frame.at

    @property
    def story(self) -> PastStory:
        """What happened."""
        return self._story

    @property
    def recording(self) -> Recording:
        """What there is to replay."""
        return self._recording

    @property
    def zone(self) -> tzinfo:
        """For times in words."""
        return self._zone

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self._playing

    @property
    def speed(self) -> float:
        """How many seconds of the past go by in one."""
        return self._speed

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to be played."""
        return self.now >= time_of(self._recording.last_ms)

    def trend(self, pdu: str, key: str, seconds: int) -> list[float | None]:
        """The last seconds of a series up to the moment, oldest first, None for gaps."""
        if pdu != self._looked_at:
            self._looked_at = pdu
            self._go_on.set()
        fresh = self._frame.views[pdu].health == "live"
        return self._trends.window(pdu, key, seconds, ms_of(self.now), fresh=fresh)

    # -- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Show the first moment and begin to play. To be called once."""
        if self._task is None:
            self._task = asyncio.create_task(self._play(), name="replay")
            async with self._moving:
                await self._begin(self.now)
            self._go_on.set()

    async def stop(self) -> None:
        """End it. May be called twice."""
        if self._task is not None:
            await cancel(self._task)
        async with self._moving:
            await self._end_stage()

    # -- what is done with time --------------------------------------------------------------

    def play(self) -> bool:
        """Let time pass; False at the end of what was kept."""
        if self.ended:
            return False
        self._playing = True
        if self._stage is not None:
            self._stage.clock.play()
        self._go_on.set()
        self._tell(self._frame)
        return True

    def pause(self) -> None:
        """Let time stand still."""
        self._playing = False
        if self._stage is not None:
            self._stage.clock.pause()
        self._tell(self._frame)

    def set_speed(self, speed: float) -> None:
        """Another speed. Raises ValueError at 0 or less."""
        if not (speed > 0 and math.isfinite(speed)):
            raise ValueError(f"time does not pass {speed:g} times as fast")
        if self._stage is not None:
            self._stage.clock.set_speed(speed)
        self._speed = speed
        self._tell(self._frame)

    def change_speed(self, by: int) -> None:
        """The next of `SPEEDS`, or the one before."""
        place = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self._speed))
        self.set_speed(SPEEDS[max(0, min(len(SPEEDS) - 1, place + by))])

    async def seek(self, at: datetime, *, slack_ms: int = 0) -> None:
        """Go to a moment; plays on from there if it did.

        Args:
            at: The moment.
            slack_ms: So much before or after what was kept will do.

        Raises:
            ReplayError: Nothing was kept of that time.
        """
        recording = self._recording
        if ms_of(at) > recording.last_ms:  # it may have grown
            recording = await recording_of(self._reader, (), recording.pdus)
        at = kept_moment(recording, at, self._zone, slack_ms=slack_ms)
        async with self._moving:
            self._recording = recording
            await self._go(at)

    async def step(self, seconds: float) -> None:
        """Go on or back by so much, stopping at both ends of what was kept; pauses."""
        self.pause()
        async with self._moving:
            await self._go(self._kept(self.now + timedelta(seconds=seconds)))

    async def step_poll(self, pdu: str, by: int) -> None:
        """Go to the next poll of a PDU, or the one before; pauses.

        Where none is near, on or back by the usual interval.
        """
        self.pause()
        near = self._trends.poll_after if by > 0 else self._trends.poll_before
        async with self._moving:
            found = near(pdu, ms_of(self.now))
            usual = self.now + by * timedelta(seconds=self._interval_s)
            await self._go(self._kept(usual if found is None else time_of(found)))

    async def next_event(self) -> Mark | None:
        """Go to the next thing that happened; None if there is no more."""
        async with self._moving:
            return await self._to_mark(self._story.next(ms_of(self.now)))

    async def previous_event(self) -> Mark | None:
        """Go back to the last thing that happened; None if there is none."""
        async with self._moving:
            at_ms = ms_of(self.now)
            if self._playing:
                at_ms -= round(JUST_PASSED_S * 1000 * self._speed)
            return await self._to_mark(self._story.previous(at_ms))

    async def _to_mark(self, asked: Awaitable[Mark | None]) -> Mark | None:
        mark, recording = await self._read(asked), self._recording
        if mark is None or not recording.first_ms <= mark.ts_ms <= recording.last_ms:
            return None
        await self._go(time_of(mark.ts_ms))
        return mark

    def _kept(self, at: datetime) -> datetime:
        """The moment itself, or the end of what was kept that it is beyond."""
        first, last = time_of(self._recording.first_ms), time_of(self._recording.last_ms)
        return max(first, min(last, at))

    # -- inside ------------------------------------------------------------------------------

    async def _read(self, question: Awaitable[T]) -> T | None:
        """An answer; without one it is told why."""

        async def expected() -> T | None:
            try:
                return await question
            except StoreTrouble as trouble:
                self.problem = trouble.phrase
                return None

        # What nobody expects must neither end the console nor leave a replay that only seems to
        # play.
        outcome = await contain("reading what was kept", expected())
        if outcome.error is not None:
            self.problem = f"the history cannot be read: {describe(outcome.error)}"
        return outcome.value

    async def _go(self, at: datetime) -> None:
        """Show another moment; `_moving` is held."""
        ahead_s = (at - self.now).total_seconds()
        if self._stage is not None and 0 < ahead_s <= self._interval_s:
            self._stage.clock.step(ahead_s)
            await self._learn(ms_of(at))
            await self._show(self._stage)
        elif ahead_s or self._stage is None:
            await self._begin(at)

    async def _begin(self, at: datetime) -> None:
        """Go to a moment, with nothing of another moment left behind."""
        await self._end_stage()
        await self._learn(ms_of(at))
        self._stage = stage = Stage(
            replay_settings(self._settings, self._recording.pdus, self._interval_s),
            KeptMoments(self._reader),
            then=self._story.then,
            at=at,
            real=self._real,
            speed=self._speed,
        )
        await stage.start()
        await self._show(stage)
        if self._playing:
            stage.clock.play()

    async def _learn(self, at_ms: int) -> bool:
        """Know what happened around a moment, and how far apart polls were then.

        Returns:
            Whether they were another time apart than before.
        """
        self.problem = ""
        if not self._story.covers(at_ms):
            await self._read(self._story.load(at_ms))
        if self._learned[0] <= at_ms < self._learned[1]:
            return False
        # Another interval takes another run of pdutui.
        begun_ms, ended_ms = self._story.run(at_ms)
        span = max(begun_ms, at_ms - AHEAD_MS), max(at_ms + 1, min(ended_ms, at_ms + AHEAD_MS))
        usual = self._settings.poll.interval_s
        asked = usual_interval_s(self._reader, self._recording.pdus, *span, usual)
        interval_s = await self._read(asked)
        if interval_s is None:
            return False
        self._learned = span
        if interval_s == self._interval_s:
            return False
        self._interval_s = interval_s
        self._trends = PastTrends(self._reader, interval_s=interval_s, floors=self._floors)
        return True

    async def _end_stage(self) -> None:
        stage, self._stage = self._stage, None
        if stage is not None:
            await stage.stop()

    async def _play(self) -> None:
        """Move on, frame by frame, for as long as it plays."""
        while True:
            await self._go_on.wait()
            self._go_on.clear()
            async with self._moving:
                if await self._load_trends():
                    self._tell(self._frame)
            while self._playing:
                await self._real.sleep(FRAME_S)
                async with self._moving:
                    if self._playing and self._stage is not None:
                        await self._move_on(self._stage)

    async def _move_on(self, stage: Stage) -> None:
        left_s = (time_of(self._recording.last_ms) - self.now).total_seconds()
        if stage.clock.advance(max(0.0, left_s)):
            if await self._learn(ms_of(stage.clock.now())):
                await self._begin(stage.clock.now())
            else:
                await self._show(stage)
        if self.ended:
            self.pause()

    async def _show(self, stage: Stage) -> None:
        """Show the moment that the stage's clock stands at."""
        before, self._frame = self._frame, await stage.frame()
        if self._frame.slow:
            self.problem = "the disk takes long: not all of this moment is known"
        await self._load_trends()
        self._tell(before)

    async def _load_trends(self) -> bool:
        """Have the trends in memory that are looked at; whether they had to be read."""
        pdu, at_ms = self._looked_at, ms_of(self.now)
        reading = self._frame.views[pdu].reading
        if reading is None:
            return False
        keys = trend_row(reading).keys
        if not keys or self._trends.covers(pdu, keys, at_ms):
            return False
        await self._read(self._trends.load(pdu, keys, at_ms))
        return True

    def _tell(self, before: Frame) -> None:
        if self.on_frame is not None:
            guard("the screen of the replay", self.on_frame, before)
