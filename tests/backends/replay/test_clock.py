"""Time that is played back."""

from __future__ import annotations

import asyncio

import pytest

from pdutui.backends.replay.clock import LONGEST_STEP_S, ReplayClock
from tests.support.clock import ManualClock
from tests.support.past import BEGIN


@pytest.fixture
def real() -> ManualClock:
    return ManualClock()


def test_it_stands_still_until_it_is_told_to_play(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real)
    real.advance(0.5)
    assert clock.advance() == 0.0
    assert clock.now() == BEGIN
    clock.play()
    real.advance(0.5)
    assert clock.now() == BEGIN, "only `advance` moves it"
    assert clock.advance() == 0.5
    assert (clock.now() - BEGIN).total_seconds() == 0.5
    assert clock.monotonic() == 0.5


@pytest.mark.parametrize("speed", [1, 2, 5, 10, 30, 60])
def test_speed(real: ManualClock, speed: int) -> None:
    clock = ReplayClock(BEGIN, real=real, speed=speed)
    clock.play()
    for _ in range(10):
        real.advance(0.25)
        clock.advance()
    assert clock.monotonic() == pytest.approx(2.5 * speed)


def test_time_that_passed_in_a_pause_is_not_made_up_for(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real)
    clock.play()
    real.advance(0.5)
    clock.advance()
    clock.pause()
    real.advance(0.9)
    assert clock.advance() == 0.0
    clock.play()
    real.advance(0.25)
    assert clock.advance() == 0.25
    clock.play()  # once more changes nothing
    real.advance(0.25)
    assert clock.advance() == 0.25


def test_another_speed_counts_from_then_on(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real)
    clock.play()
    real.advance(0.5)
    clock.advance()
    clock.set_speed(60)
    real.advance(0.5)
    assert clock.advance() == 30.0
    assert clock.speed == 60


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_speeds_that_are_none(real: ManualClock, speed: float) -> None:
    with pytest.raises(ValueError, match="time does not pass"):
        ReplayClock(BEGIN, real=real).set_speed(speed)


def test_a_program_that_was_suspended_goes_on_where_it_was(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real, speed=10)
    clock.play()
    real.advance(3600)
    assert clock.advance() == 10 * LONGEST_STEP_S


def test_it_goes_no_further_than_it_may_and_never_back(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real)
    clock.play()
    real.advance(0.5)
    assert clock.advance(0.2) == 0.2
    assert clock.step(-5) == 0.0
    assert clock.monotonic() == 0.2
    assert clock.step(5) == 5
    assert clock.monotonic() == 5.2


async def test_sleeps_end_when_replayed_time_has_passed(real: ManualClock) -> None:
    clock = ReplayClock(BEGIN, real=real, speed=10)
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(sleeper(*each)) for each in (("b", 5.0), ("a", 2.0), ("c", 50.0))]
    await asyncio.sleep(0)
    clock.play()
    real.advance(0.2)
    clock.advance()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert woken == ["a"]
    clock.pause()
    real.advance(100)
    clock.advance()
    await asyncio.sleep(0)
    assert woken == ["a"]
    tasks[2].cancel()
    await asyncio.sleep(0)
    clock.step(100)
    await asyncio.wait_for(tasks[0], 1)
    assert woken == ["a", "b"]
    await clock.sleep(0)
