"""Time that is played back: it can stand still, and pass faster than it does."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from datetime import datetime, timedelta

from pdutui.domain.clock import Clock

LONGEST_STEP_S = 1.0
"""The most real time that one `advance` makes up for: a program that was suspended for an hour goes
on where it was."""


class ReplayClock:
    """A `Clock` whose time begins at a moment of the past and is driven by another clock.

    Time moves in steps, when `advance` is called, and stands still in between: whoever looks in
    the same step sees the same moment. It never goes back.

    Args:
        start: The moment it begins with; with a zone.
        real: What drives it.
        speed: Seconds that pass here in a second there; above 0.
    """

    def __init__(self, start: datetime, *, real: Clock, speed: float = 1.0) -> None:
        self._start = start
        self._real = real
        self._speed = speed
        self._playing = False
        self._passed_s = 0.0
        self._since_s = real.monotonic()
        """When time here was last made up for, by the real clock."""
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    # -- a Clock -----------------------------------------------------------------------------

    def now(self) -> datetime:
        """The moment that is being replayed."""
        return self._start + timedelta(seconds=self._passed_s)

    def monotonic(self) -> float:
        """Seconds since the start, of replayed time."""
        return self._passed_s

    async def sleep(self, seconds: float) -> None:
        """Wait that much replayed time; for ever while it stands still."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed_s + seconds, next(self._order), awake))
        await awake

    # -- playing -----------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self._playing

    @property
    def speed(self) -> float:
        """Seconds here in a second there."""
        return self._speed

    def play(self) -> None:
        """Let time pass from now on."""
        if not self._playing:
            self._since_s = self._real.monotonic()
            self._playing = True

    def pause(self) -> None:
        """Let time stand still at the moment that everybody sees."""
        self._playing = False

    def set_speed(self, speed: float) -> None:
        """Another speed from the moment on that everybody sees. Raises ValueError at 0 or less."""
        if not (speed > 0 and math.isfinite(speed)):
            raise ValueError(f"time does not pass {speed:g} times as fast")
        self._since_s = self._real.monotonic()
        self._speed = speed

    def advance(self, most_s: float = math.inf) -> float:
        """Catch up with the real clock; returns how far, in replayed seconds.

        Args:
            most_s: Not further than this.
        """
        now_s = self._real.monotonic()
        real_s, self._since_s = now_s - self._since_s, now_s
        if not self._playing:
            return 0.0
        step_s = min(min(real_s, LONGEST_STEP_S) * self._speed, most_s)
        return self.step(step_s)

    def step(self, seconds: float) -> float:
        """Move on by so much, playing or not; nothing below 0. Wakes who is due."""
        moved = max(0.0, seconds)
        self._passed_s += moved
        while self._sleepers and self._sleepers[0][0] <= self._passed_s:
            _, _, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                awake.set_result(None)
        return moved
