"""Collecting garbage in a process that runs for months, without anybody noticing.

A full collection walks through every object there is. With two hundred PDUs that is a tenth of a
second in which nothing is drawn and no answer is taken, and the interpreter would do it whenever a
quarter of new objects has come together: again and again while the devices are found out about.
What the devices' plans are made of stays as long as they do, and what a poll leaves behind is freed
by counting references; so full collections are rare here, and pass over what has come to stay.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from pdutui.domain.clock import Clock

SETTLED_AFTER_S = (5.0, 10.0, 45.0)
"""Pauses after which what has been made so far counts as come to stay: the fleet has been read."""
EVERY_S = 600.0
"""Between full collections, from then on."""
LONG_S = 0.02
"""A collection that takes longer has walked through things that stay (devices that were found out
about anew): it need not do so again."""
_NEVER = 1_000_000


class Collector(Protocol):
    """The part of the module `gc` that is used."""

    def get_threshold(self) -> tuple[int, int, int]:
        """The thresholds of the three generations."""
        ...

    def set_threshold(self, _0: int, _1: int = ..., _2: int = ..., /) -> None:
        """Set them."""
        ...

    def collect(self, generation: int = 2) -> int:
        """Collect a generation and those below it."""
        ...

    def freeze(self) -> None:
        """Pass over all objects there are now, in all collections to come."""
        ...


@asynccontextmanager
async def tended(clock: Clock, collector: Collector = gc) -> AsyncIterator[None]:
    """Look after the collector for as long as the context lasts.

    Args:
        clock: for the pauses.
        collector: for tests.
    """
    before = collector.get_threshold()
    collector.set_threshold(before[0], before[1], _NEVER)
    task = asyncio.create_task(_tend(clock, collector), name="garbage")
    try:
        yield
    finally:
        task.cancel()
        collector.set_threshold(*before)


async def _tend(clock: Clock, collector: Collector) -> None:
    for pause_s in SETTLED_AFTER_S:
        await clock.sleep(pause_s)
        collector.collect(1)
        collector.freeze()
    while True:
        await clock.sleep(EVERY_S)
        began = clock.monotonic()
        collector.collect()
        if clock.monotonic() - began > LONG_S:
            collector.freeze()
