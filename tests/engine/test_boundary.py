from __future__ import annotations

import asyncio
import logging

import pytest

from pdutui.domain.clock import Clock
from pdutui.engine.boundary import contain, describe, guard, supervise
from pdutui.engine.waiting import cancel, finished, within
from tests.support.clock import ManualClock


async def test_failed_work_starts_again_with_growing_pauses() -> None:
    clock = ManualClock()
    began: list[float] = []
    told: list[str] = []

    async def work() -> None:
        began.append(clock.monotonic() - 1000)
        if len(began) < 9:
            raise ValueError(f"defect {len(began)}")

    task = asyncio.create_task(
        supervise(
            "poller of a",
            work,
            clock=clock,
            on_error=lambda what, error: told.append(f"{what}: {describe(error)}"),
        )
    )
    await clock.run(300)
    assert task.done()
    assert began == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert told[0] == "poller of a: ValueError: defect 1"
    assert len(told) == 8


async def test_work_that_ran_well_for_long_starts_again_soon() -> None:
    clock = ManualClock()
    began: list[float] = []

    async def work() -> None:
        began.append(clock.monotonic() - 1000)
        await clock.sleep(61)
        raise ValueError

    task = asyncio.create_task(supervise("w", work, clock=clock, on_error=lambda w, e: None))
    await clock.run(200)
    await cancel(task)
    assert began == [0, 62, 124, 186]


async def test_a_broken_error_handler_does_not_end_supervision() -> None:
    clock = ManualClock()
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        raise ValueError

    def broken(what: str, error: Exception) -> None:
        raise RuntimeError

    task = asyncio.create_task(supervise("w", work, clock=clock, on_error=broken))
    await clock.run(3.5)
    await cancel(task)
    assert runs == 3


async def test_cancellation_passes_through() -> None:
    clock = ManualClock()
    work = asyncio.create_task(
        supervise("w", lambda: clock.sleep(100), clock=clock, on_error=lambda w, e: None)
    )
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_contain_and_guard_log_type_and_message_and_no_locals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> int:
        hidden = "local-secret-value"
        raise KeyError(len(hidden))

    def call(_: int) -> None:
        raise RuntimeError("first\nsecond")

    with caplog.at_level(logging.ERROR, "pdutui"):
        held = await contain("the thing", work())
        assert isinstance(held.error, KeyError)
        assert held.value is None
        assert guard("the call", call, 1) is False
    text = caplog.text
    assert "the thing failed: KeyError: 18" in text
    assert "the call failed: RuntimeError: first" in text
    assert "Traceback" in text
    assert "local-secret-value'" not in text.replace('hidden = "local-secret-value"', "")
    good = await contain("x", asyncio.sleep(0, 7))
    assert good.value == 7
    assert guard("x", lambda: None) is True


async def wait_a_second(clock: Clock) -> str:
    await clock.sleep(1.0)
    return "done"


async def test_within() -> None:
    clock = ManualClock()
    before = asyncio.all_tasks()
    good = asyncio.create_task(within(clock, 2.0, wait_a_second(clock)))
    late = asyncio.create_task(within(clock, 0.5, wait_a_second(clock)))
    gone = asyncio.create_task(within(clock, 0.5, wait_a_second(clock)))
    await asyncio.sleep(0)
    gone.cancel()
    await clock.run(3)
    assert good.result() == "done"
    assert isinstance(late.exception(), TimeoutError)
    assert gone.cancelled()
    assert asyncio.all_tasks() == before | {good, late, gone} - {good, late, gone}


async def test_finished_leaves_the_late_ones_running() -> None:
    clock = ManualClock()
    quick = asyncio.create_task(clock.sleep(1))
    slow = asyncio.create_task(clock.sleep(5))
    asked = asyncio.create_task(finished(clock, 2, quick, slow))
    await clock.run(3)
    assert asked.result() is False
    assert not slow.cancelled()
    asked = asyncio.create_task(finished(clock, 20, quick, slow))
    await clock.run(3)
    assert asked.result() is True
