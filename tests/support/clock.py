"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)


class ManualClock:
    """Implements `pdutui.domain.clock.Clock`; time passes only through `advance` or `run`."""

    def __init__(self, start: datetime = START, monotonic: float = 1000.0) -> None:
        self._start = start
        self._zero = monotonic
        self._now = monotonic
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._now - self._zero)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), future))
        await future

    def advance(self, seconds: float) -> None:
        """Jump ahead in one go and wake whoever is due; they run when the test next awaits."""
        self._now += seconds
        self._wake()

    async def run(self, seconds: float, *, settle: int = 20) -> None:
        """Let time pass: stop at every sleeper's due time and let the tasks run there.

        `settle` is how often the event loop turns at each stop.
        """
        end = self._now + seconds
        await self._settle(settle)
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now = max(self._now, self._sleepers[0][0])
            self._wake()
            await self._settle(settle)
        self._now = end
        await self._settle(settle)

    @property
    def sleeping(self) -> int:
        """How many sleeps are under way."""
        return sum(not future.done() for _, _, future in self._sleepers)

    def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)

    @staticmethod
    async def _settle(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
