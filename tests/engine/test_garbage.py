"""The collector is told when to work: full collections are rare, and pass over what stays."""

from __future__ import annotations

import asyncio

from pdutui.engine.garbage import (
    ALL_EVERY_S,
    EVERY_S,
    LONG_S,
    LOOK_EVERY_S,
    MOST_FREEZES,
    PILE,
    SETTLED_AFTER_S,
    tended,
)
from tests.support.clock import ManualClock


class Collected:
    """A collector that writes down what it is told."""

    def __init__(self, clock: ManualClock, long: bool = False) -> None:
        self.clock = clock
        self.long = long
        self.threshold = (700, 10, 10)
        self.told: list[str] = []

    def get_threshold(self) -> tuple[int, int, int]:
        return self.threshold

    def set_threshold(self, first: int, second: int = 10, third: int = 10, /) -> None:
        self.threshold = (first, second, third)

    def collect(self, generation: int = 2) -> int:
        self.told.append(f"collect {generation}")
        if self.long and generation == 2:
            self.clock.advance(2 * LONG_S)
        return 0

    def freeze(self) -> None:
        self.told.append("freeze")

    def unfreeze(self) -> None:
        self.told.append("unfreeze")


async def test_what_the_start_has_made_is_passed_over_from_then_on() -> None:
    clock = ManualClock()
    collector = Collected(clock)
    async with tended(clock, collector):
        assert collector.threshold[:2] == (700, 10)
        assert collector.threshold[2] > 100_000, "no full collection of its own accord"
        await clock.run(sum(SETTLED_AFTER_S) + 1)
        assert collector.told == ["collect 1", "freeze"] * len(SETTLED_AFTER_S)
        await clock.run(2 * EVERY_S)
        assert collector.told[2 * len(SETTLED_AFTER_S) :] == ["collect 2"] * 2
    assert collector.threshold == (700, 10, 10)
    await asyncio.sleep(0)
    assert [t for t in asyncio.all_tasks() if t.get_name() == "garbage"] == []


async def test_a_full_collection_that_took_long_is_not_repeated_over_the_same_things() -> None:
    clock = ManualClock()
    collector = Collected(clock, long=True)
    async with tended(clock, collector):
        await clock.run(sum(SETTLED_AFTER_S) + EVERY_S + 1)
        assert collector.told[-2:] == ["collect 2", "freeze"]


async def test_what_was_passed_over_is_looked_through_once_a_day() -> None:
    clock = ManualClock()
    collector = Collected(clock)
    async with tended(clock, collector):
        await clock.run(sum(SETTLED_AFTER_S) + ALL_EVERY_S - EVERY_S)
        assert "unfreeze" not in collector.told
        await clock.run(EVERY_S + 1)
        assert collector.told[-3:] == ["unfreeze", "collect 2", "freeze"]
        await clock.run(ALL_EVERY_S + EVERY_S)
        assert collector.told.count("unfreeze") == 2


async def test_a_slow_machine_does_not_keep_every_screen_that_happens_to_be_open() -> None:
    clock = ManualClock()
    collector = Collected(clock, long=True)
    async with tended(clock, collector):
        await clock.run(sum(SETTLED_AFTER_S) + ALL_EVERY_S - EVERY_S)
        assert collector.told.count("freeze") == len(SETTLED_AFTER_S) + MOST_FREEZES
        collector.told.clear()
        await clock.run(ALL_EVERY_S)
        assert collector.told.count("freeze") == 1 + MOST_FREEZES


async def test_what_screens_leave_behind_does_not_pile_up() -> None:
    clock = ManualClock()
    collector, there = Collected(clock), [100_000]
    async with tended(clock, collector, blocks=lambda: there[0]):
        await clock.run(sum(SETTLED_AFTER_S))
        collector.told.clear()
        there[0] += PILE - 1
        await clock.run(3 * LOOK_EVERY_S)
        assert collector.told == [], "not for a little"
        there[0] += 1
        await clock.run(LOOK_EVERY_S)
        assert collector.told == ["collect 2"]
        await clock.run(3 * LOOK_EVERY_S)
        assert collector.told == ["collect 2"], "what stays after that is no garbage"
        there[0] -= PILE
        await clock.run(LOOK_EVERY_S)
        there[0] += PILE
        await clock.run(LOOK_EVERY_S)
        assert collector.told == ["collect 2"] * 2, "what was freed by itself may pile up again"
        await clock.run(EVERY_S - LOOK_EVERY_S)
        assert collector.told == ["collect 2"] * 2
        await clock.run(LOOK_EVERY_S)
        assert collector.told == ["collect 2"] * 3, "at times in any case"
