"""Collecting garbage in a process that runs for months, without anybody noticing.

A full collection walks through every object there is. With two hundred PDUs that is a tenth of a
second in which nothing is drawn and no answer is taken, and the interpreter would do it whenever a
quarter of new objects has come together: again and again while the devices are found out about.
What the devices' plans are made of stays as long as they do, and what a poll leaves behind is freed
by counting references; so full collections are rare here, and pass over what has come to stay.

Screens that close hold themselves: somebody who walks through all of them leaves ten thousand
objects behind with each, and so does a wall that turns its pages. Memory that was needed once is
hard to give back, as something that stays always comes to lie in it; so it is looked twice a
minute whether much has piled up, and collected then. To look costs some microseconds.

What is passed over is never freed if something in it holds itself, and screens do. So whatever
screen happens to be open is kept by it; that must not happen every ten minutes for months. It is
done a few times a day at the most, and once a day everything is looked through after all.

What is free then goes back to the system (see `heap`).
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.heap import Heap

SETTLED_AFTER_S = (5.0, 10.0, 45.0)
"""Pauses after which what has been made so far counts as come to stay: the fleet has been read."""
EVERY_S = 600.0
"""Between full collections, from then on, at the most."""
LOOK_EVERY_S = 30.0
"""Between looks at how much has piled up."""
PILE = 25_000
"""Blocks of memory more than there were: it is worth a collection. Some 2.5 MB: three screens."""
LONG_S = 0.02
"""A collection that takes longer has walked through things that stay (devices that were found out
about anew): it need not do so again."""
MOST_FREEZES = 4
"""So often a day such a collection may have everything there is passed over. On a machine that is
busy with something else every collection takes long."""
ALL_EVERY_S = 86_400.0
"""Between collections that pass over nothing: a tenth of a second for two hundred PDUs."""
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

    def unfreeze(self) -> None:
        """Pass over nothing any more."""
        ...


@asynccontextmanager
async def tended(
    clock: Clock,
    collector: Collector = gc,
    find_heap: Callable[[], Heap] | None = None,
    blocks: Callable[[], int] = sys.getallocatedblocks,
) -> AsyncIterator[None]:
    """Look after the collector for as long as the context lasts.

    Args:
        clock: for the pauses.
        collector: for tests.
        find_heap: finds the memory that the C library gives out, once the first frame is up; None
            leaves it alone.
        blocks: how many blocks of memory Python's objects take.
    """
    before = collector.get_threshold()
    collector.set_threshold(before[0], before[1], _NEVER)
    task = asyncio.create_task(_tend(clock, collector, find_heap, blocks), name="garbage")
    try:
        yield
    finally:
        task.cancel()
        collector.set_threshold(*before)


async def _tend(
    clock: Clock,
    collector: Collector,
    find_heap: Callable[[], Heap] | None,
    blocks: Callable[[], int],
) -> None:
    heap: Heap | None = None
    for pause_s in SETTLED_AFTER_S:
        await clock.sleep(pause_s)
        if heap is None and find_heap is not None:
            heap = find_heap()
            heap.spare()
        collector.collect(1)
        collector.freeze()
    last_s, least = clock.monotonic(), blocks()
    all_s, freezes = last_s + ALL_EVERY_S, 0
    while True:
        await clock.sleep(LOOK_EVERY_S)
        now_s, least = clock.monotonic(), min(least, blocks())
        if now_s - last_s < EVERY_S and blocks() - least < PILE:
            continue
        if now_s >= all_s:
            all_s, freezes = now_s + ALL_EVERY_S, 0
            collector.unfreeze()
            collector.collect()
            collector.freeze()
        else:
            collector.collect()
            if clock.monotonic() - now_s > LONG_S and freezes < MOST_FREEZES:
                freezes += 1
                collector.freeze()
        if heap is not None:
            heap.give_back()
        last_s, least = now_s, blocks()
