from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.base import BackendError, DeviceError, Refused, Unreachable, Unsupported
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import Reading
from pdutui.engine.poller import Grid, Poller, Tick, backoff_s, connect_offset_s, spread
from tests.engine.helpers import FakePdu, Rig
from tests.support.clock import ManualClock


class Bench:
    def __init__(self, interval_s: float = 1.0, offset_s: float = 0.0, **kwargs: float) -> None:
        self.clock = ManualClock()
        self.start = self.clock.monotonic()
        self.pdu = FakePdu("a", self.clock)
        self.ticks: list[Tick] = []
        self.errors: list[BackendError] = []
        self.poller = Poller(
            self.pdu,
            clock=self.clock,
            grid=Grid(start_s=self.start, offset_s=offset_s, interval_s=interval_s),
            on_reading=self._reading,
            on_error=self.errors.append,
            **kwargs,
        )
        self.task = asyncio.create_task(self.poller.run())

    def _reading(self, reading: Reading, tick: Tick) -> None:
        self.ticks.append(tick)

    @property
    def polled(self) -> list[float]:
        return [round(at - self.start, 6) for at in self.pdu.polled_at]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_polls_stay_on_the_grid_however_long_they_take() -> None:
    bench = Bench()
    bench.pdu.poll_takes = [0.013 * (k % 40) for k in range(2000)]
    await bench.clock.run(1000.5, settle=8)
    assert bench.polled == [float(k) for k in range(1001)]
    assert bench.poller.polls_missed == 0
    await bench.stop()


async def test_an_overrun_skips_ticks_and_never_piles_up() -> None:
    bench = Bench()
    bench.pdu.poll_takes = [0.0, 0.0, 3.4]
    await bench.clock.run(8.5)
    assert bench.polled == [0, 1, 2, 6, 7, 8]
    assert bench.poller.polls_missed == 3
    assert bench.pdu.most_polls == 1
    await bench.stop()


async def test_ticks_before_the_first_reading_do_not_count_as_missed() -> None:
    bench = Bench()
    bench.pdu.poll_takes = [5.5]
    await bench.clock.run(7.5)
    assert bench.polled == [0, 6, 7]
    assert bench.poller.polls_missed == 0
    await bench.stop()


@pytest.mark.parametrize("error", [Unreachable("x"), Refused("x"), Unsupported("x")])
async def test_backoff_grows_to_a_minute_and_a_good_poll_resets_it(error: BackendError) -> None:
    bench = Bench()
    await bench.clock.run(0.5)
    bench.pdu.poll_error = error
    await bench.clock.run(400, settle=8)
    gaps = [b - a for a, b in zip(bench.polled[1:], bench.polled[2:], strict=False)]
    assert gaps[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(bench.errors) == len(bench.polled) - 1
    bench.pdu.poll_error = None
    await bench.clock.run(70, settle=8)
    assert [b - a for a, b in zip(bench.polled, bench.polled[1:], strict=False)][-3:] == [1, 1, 1]
    assert all(at == int(at) for at in bench.polled[-3:])
    await bench.stop()


async def test_a_device_that_answers_nonsense_is_asked_on_at_full_rate() -> None:
    bench = Bench()
    bench.pdu.poll_error = DeviceError("what?")
    await bench.clock.run(5.5)
    assert bench.polled == [0, 1, 2, 3, 4, 5]
    await bench.stop()


async def test_poke_polls_at_once_and_keeps_the_grid() -> None:
    bench = Bench()
    await bench.clock.run(1.4)
    bench.poller.poke()
    await bench.clock.run(1.0)
    assert bench.polled == [0, 1, 1.4, 2]
    await bench.stop()


async def test_poke_during_a_poll_gives_one_more_right_after_it() -> None:
    bench = Bench()
    bench.pdu.poll_takes = [0.4]
    await bench.clock.run(0.2)
    bench.poller.poke()
    bench.poller.poke()
    await bench.clock.run(1.0)
    assert bench.polled == [0, 0.4, 1]
    assert bench.pdu.most_polls == 1
    await bench.stop()


async def test_poke_ends_a_backoff_pause() -> None:
    bench = Bench()
    bench.pdu.poll_error = Unreachable("x")
    await bench.clock.run(40)
    last = bench.polled[-1]
    bench.poller.poke()
    await bench.clock.run(0.1)
    assert bench.polled[-1] == 40 > last
    await bench.stop()


@pytest.mark.parametrize("poked_first", [True, False])
async def test_a_poke_at_the_same_moment_does_not_undo_the_end(poked_first: bool) -> None:
    for turns in range(3):
        bench = Bench()
        await bench.clock.run(1.4)
        first, then = bench.poller.poke, bench.task.cancel
        if not poked_first:
            first, then = then, first
        first()
        for _ in range(turns):
            await asyncio.sleep(0)
        then()
        await bench.clock.run(3.0)
        assert bench.task.cancelled(), turns


async def test_cancelling_ends_a_poll_and_a_nap_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    napping, polling = Bench(), Bench()
    polling.pdu.poll_takes = [100.0]
    await napping.clock.run(0.5)
    await polling.clock.run(0.5)
    assert polling.pdu.polls_now == 1
    await napping.stop()
    await polling.stop()
    assert polling.pdu.polls_now == 0
    assert asyncio.all_tasks() == before


async def test_a_poll_that_never_ends_is_given_up() -> None:
    bench = Bench(limit_s=0.05)
    bench.pdu.poll_takes = [1e6]
    await bench.clock.run(0.0)
    await asyncio.sleep(0.1)
    assert [type(error) for error in bench.errors] == [Unreachable]
    await bench.stop()


async def test_the_real_clock_keeps_the_grid_too() -> None:
    clock = SystemClock()
    start = clock.monotonic()
    due: list[float] = []
    began: list[float] = []

    def reading(_: Reading, tick: Tick) -> None:
        due.append(tick.due_s - start)
        began.append(tick.began_s - start)

    poller = Poller(
        FakePdu("a", ManualClock()),
        clock=clock,
        grid=Grid(start_s=start, offset_s=0.01, interval_s=0.05),
        on_reading=reading,
        on_error=lambda error: None,
    )
    task = asyncio.create_task(poller.run())
    await asyncio.sleep(0.6)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(due) + poller.polls_missed >= 10
    for at, since in zip(due[1:], began[1:], strict=True):
        assert (at - 0.01) / 0.05 == pytest.approx(round((at - 0.01) / 0.05), abs=1e-6)
        assert since >= at


@given(
    st.floats(0, 1e6),
    st.floats(0.05, 60),
    st.floats(0, 0.999),
    st.floats(0, 1e6),
)
def test_the_next_tick_is_the_first_one_after_now(
    start: float, interval: float, share: float, passed: float
) -> None:
    grid = Grid(start_s=start, offset_s=share * interval, interval_s=interval)
    now = start + passed
    k = grid.after(now)
    assert k >= 0
    assert grid.due_s(k) > now
    assert k == 0 or grid.due_s(k - 1) <= now + interval * 1e-6 + 1e-6


def test_pdus_share_out_the_interval() -> None:
    assert [spread(i, 4, 1.0) for i in range(4)] == [0, 0.25, 0.5, 0.75]
    assert spread(0, 0, 1.0) == 0


def test_backoff_table() -> None:
    assert [backoff_s(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff_s(10**6) == 60


async def test_the_fleet_is_spread_over_the_second(tmp_path: Path) -> None:
    rig = Rig(tmp_path, tuple("abcde"))
    start = rig.clock.monotonic()
    await rig.engine.start()
    await rig.clock.run(3.95)
    for place, pdu in enumerate(rig.devices.values()):
        grid = [round(at - start, 3) for at in pdu.polled_at]
        assert grid[-3:] == pytest.approx([1 + place / 5, 2 + place / 5, 3 + place / 5])
        assert grid[0] <= 0.2  # the first poll does not wait for its turn on the grid
    await rig.engine.stop()


def test_a_few_pdus_connect_at_once_and_many_one_after_the_other() -> None:
    few = [connect_offset_s(place, 4, 1.0) for place in range(4)]
    assert few == pytest.approx([0.0, 0.05, 0.1, 0.15])
    many = [connect_offset_s(place, 200, 1.0) for place in range(200)]
    gaps = [b - a for a, b in itertools.pairwise(many)]
    assert min(gaps) == pytest.approx(0.01)
    assert many[-1] == pytest.approx(1.99)
