"""Time as a thing that is handed in, so that tests and the demo own it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for people and records, monotonic time for measuring, sleep for waiting."""

    def now(self) -> datetime:
        """The wall time, timezone-aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""
        ...


_EARLY_S = 0.02
"""A timer may end so much before its time, and is then in time."""


async def beat(clock: Clock, every_s: float) -> None:
    """Wait for the next beat of a clock: they come every so many seconds, for all who wait alike.

    Work that is small and frequent shares the waking, which costs more than the work.

    Args:
        clock: whose.
        every_s: seconds between beats, 0.1 and above.
    """
    now_s = clock.monotonic()
    beats = (now_s + _EARLY_S) // every_s + 1
    await clock.sleep(beats * every_s - now_s)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall time, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds of `time.monotonic`."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in the event loop."""
        await asyncio.sleep(max(0.0, seconds))
