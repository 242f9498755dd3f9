"""Time that does not pass before everything that can go on has gone on, threads and sockets too."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from tests.support.clock import ManualClock

T = TypeVar("T")


class Pace:
    """A clock, and whoever moves it on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self._working = 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Inside it something real is waited for, a disk or a socket: the clock stands."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    async def quiet(self) -> None:
        """Until nothing can go on before the clock does."""
        loop: Any = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if loop._ready:
                continue
            if not self._working:
                return
            await asyncio.sleep(0.0004)

    async def wait(self, seconds: float) -> None:
        """Let time pass, from one thing that is due to the next."""
        clock, end_s = self.clock, self.clock.monotonic() + seconds
        await self.quiet()
        while clock._sleepers and clock._sleepers[0][0] <= end_s:
            if clock._sleepers[0][2].done():
                heapq.heappop(clock._sleepers)
                continue
            clock._now = max(clock._now, clock._sleepers[0][0])
            clock._wake()
            await self.quiet()
        clock._now = max(clock._now, end_s)
        await self.quiet()

    async def drive(self, work: Coroutine[Any, Any, T], limit_s: float = 300.0) -> T:
        """The result, after as much time as it takes."""
        task = asyncio.create_task(work)
        passed_s = 0.0
        await self.quiet()
        while not task.done() and passed_s < limit_s:
            await self.wait(0.25)
            passed_s += 0.25
        assert task.done(), f"still at it after {limit_s} s"
        return task.result()
