"""Every tick of a PDU's grid ends as a poll, or as one that is known to have been left out."""

from __future__ import annotations

import asyncio
import random

import pytest

from pdutui.backends.base import DeviceError, Refused, Unreachable
from pdutui.domain.reading import Reading
from pdutui.engine.poller import Grid, Poller, Tick
from pdutui.engine.tally import Tally
from tests.engine.helpers import FakePdu
from tests.support.clock import ManualClock


class Bench:
    """A poller, and what came out of it counted from outside."""

    def __init__(self, offset_s: float = 0.3, connect_s: float | None = None) -> None:
        self.clock = ManualClock()
        start = self.clock.monotonic()
        self.grid = Grid(start_s=start, offset_s=offset_s, interval_s=1.0)
        self.pdu = FakePdu("a", self.clock)
        self.readings = self.errors = 0
        self.poller = Poller(
            self.pdu, clock=self.clock, grid=self.grid, on_reading=self._read,
            on_error=self._failed, connect_s=None if connect_s is None else start + connect_s,
        )  # fmt: skip
        self.task = asyncio.create_task(self.poller.run())

    def _read(self, reading: Reading, tick: Tick) -> None:
        self.readings += 1

    def _failed(self, error: Exception) -> None:
        self.errors += 1

    @property
    def tally(self) -> Tally:
        return self.poller.tally

    def check(self) -> Tally:
        """The sums hold, and every tick up to the poll under way or the next one is in them."""
        tally = self.tally
        assert tally.balanced, tally
        assert (tally.readings, tally.failed) == (self.readings, self.errors)
        assert len(self.pdu.polled_at) == tally.polled + tally.between
        if not self.pdu.polled_at:
            return tally
        come = self.grid.after(self.clock.monotonic())
        since = self.grid.after(self.pdu.polled_at[-1])
        if tally.under_way:
            assert tally.ticks == since
        else:
            assert since <= tally.ticks <= come
            if self.poller._failures == 0:
                assert tally.ticks == come
        return tally

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_good_polls_are_one_a_tick() -> None:
    bench = Bench()
    await bench.clock.run(10.0)
    assert bench.check() == Tally(ticks=10, polled=10, between=1, readings=11)
    await bench.stop()


async def test_what_a_long_poll_overran_was_missed() -> None:
    bench = Bench(offset_s=0.0)
    bench.pdu.poll_takes = [0.0, 0.0, 3.4]
    await bench.clock.run(8.5)
    assert bench.check() == Tally(ticks=9, polled=6, missed=3, readings=6)
    await bench.stop()


async def test_what_passed_before_the_first_reading_was_connecting() -> None:
    bench = Bench(offset_s=0.5, connect_s=1.7)
    bench.pdu.poll_takes = [3.0]
    await bench.clock.run(7.0)
    # Ticks 0.5 and 1.5 came before the first poll, which is for the later one; 2.5 to 4.5 in it.
    assert bench.check() == Tally(ticks=7, polled=3, connecting=4, readings=3)
    await bench.stop()


async def test_what_passed_while_a_device_was_let_be_was_paused() -> None:
    bench = Bench(offset_s=0.0)
    await bench.clock.run(0.5)
    bench.pdu.poll_error = Unreachable("gone")
    await bench.clock.run(30.0)
    tally = bench.check()
    assert tally.failed == len(bench.pdu.polled_at) - 1
    assert tally.paused == tally.ticks - tally.polled > 10
    assert tally.missed == 0
    await bench.stop()


async def test_polls_that_were_asked_for_are_between() -> None:
    bench = Bench(offset_s=0.0)
    await bench.clock.run(1.4)
    bench.poller.poke()
    await bench.clock.run(1.0)
    assert bench.check() == Tally(ticks=3, polled=3, between=1, readings=4)
    await bench.stop()


async def test_a_poll_that_is_cut_off_has_failed() -> None:
    bench = Bench(offset_s=0.0)
    bench.pdu.poll_takes = [0.0, 100.0]
    await bench.clock.run(1.5)
    assert bench.tally.under_way == 1
    assert bench.tally.balanced
    await bench.stop()
    assert bench.tally == Tally(ticks=2, polled=2, readings=1, failed=1)


@pytest.mark.parametrize("seed", range(8))
async def test_the_sums_hold_whatever_happens(seed: int) -> None:
    chance = random.Random(seed)
    bench = Bench(offset_s=chance.random(), connect_s=chance.choice([None, 0.1, 2.2]))
    errors = [None, None, None, DeviceError("odd"), Unreachable("gone"), Refused("no")]
    for _ in range(60):
        bench.pdu.poll_takes = [chance.choice([0.0, 0.01, 0.4, 1.0, 2.7]) for _ in range(5)]
        bench.pdu.poll_error = chance.choice(errors)
        await bench.clock.run(chance.choice([0.3, 1.0, 4.7, 20.0]), settle=8)
        if chance.random() < 0.3:
            bench.poller.poke()
            await bench.clock.run(0.0, settle=8)
        bench.check()
    total = bench.tally
    assert total.ticks > 100
    assert min(total.readings, total.failed, total.missed) > 0
    await bench.stop()


def test_tallies_add_up_over_a_fleet_and_over_time() -> None:
    one = Tally(ticks=3, polled=2, missed=1, readings=2)
    two = Tally(ticks=5, polled=5, between=1, readings=5, failed=1)
    assert one + two == Tally(ticks=8, polled=7, missed=1, between=1, readings=7, failed=1)
    assert (one + two - two) == one
    assert (one + two).balanced
    assert not Tally(ticks=1).balanced
    assert not Tally(ticks=1, polled=1).balanced
