"""A PDU of the past, held to the contract of every backend."""

from __future__ import annotations

import asyncio

import pytest

from pdutui.backends.base import (
    BackendError,
    CommandRejected,
    DeviceError,
    Refused,
    Unreachable,
    Unsupported,
)
from pdutui.backends.replay.backend import REFUSAL, ReplayBackend, Then
from pdutui.backends.replay.clock import ReplayClock
from pdutui.domain.reading import Reading
from tests.support.clock import ManualClock
from tests.support.past import MadeUpPast, at, polls


def make(
    past: MadeUpPast, start_s: float, *, interval_s: float = 1.0, then: Then | None = None
) -> tuple[ReplayBackend, ReplayClock]:
    clock = ReplayClock(at(start_s), real=ManualClock())
    backend = ReplayBackend(
        "rack1", past, clock=clock, interval_s=interval_s, then=lambda at_ms: then
    )
    return backend, clock


async def turn(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_the_first_poll_gives_the_reading_of_the_moment_and_its_age() -> None:
    backend, _ = make(MadeUpPast(polls("rack1", 60)), 10.0)
    reading = await backend.poll()
    assert reading.time == at(9.35)
    assert backend.reading_age_s == pytest.approx(0.65)
    assert backend.link.last_heard_s == pytest.approx(-0.65)
    assert backend.link.unanswered == 0
    assert backend.complete


async def test_the_next_poll_waits_for_the_next_reading() -> None:
    backend, clock = make(MadeUpPast(polls("rack1", 60)), 10.0)
    await backend.poll()
    polling = asyncio.create_task(backend.poll())
    await turn()
    assert not polling.done()
    clock.step(0.34)
    await turn()
    assert not polling.done()
    clock.step(0.01)
    assert (await asyncio.wait_for(polling, 1)).time == at(10.35)
    assert backend.reading_age_s == pytest.approx(0.0, abs=1e-6)


async def test_after_a_leap_the_newest_reading_is_given_once() -> None:
    past = MadeUpPast(polls("rack1", 60))
    backend, clock = make(past, 10.0)
    await backend.poll()
    clock.step(15.0)
    assert (await backend.poll()).time == at(24.35)
    polling = asyncio.create_task(backend.poll())
    await turn()
    assert not polling.done(), "one reading is one poll"
    polling.cancel()


async def test_no_reading_is_asked_for_before_one_can_be_there() -> None:
    past = MadeUpPast(polls("rack1", 60))
    backend, clock = make(past, 10.35)
    await backend.poll()
    polling = asyncio.create_task(backend.poll())
    asked = len(past.moments_asked)
    for _ in range(8):
        clock.step(0.1)
        await turn()
    assert len(past.moments_asked) == asked
    clock.step(0.2)
    await turn()
    assert polling.done()


async def test_a_gap_ends_the_poll_and_the_next_reading_comes_at_once() -> None:
    backend, clock = make(MadeUpPast(polls("rack1", 60, gaps=[(20.0, 40.0)])), 19.0)
    clock.step(0.5)
    assert (await backend.poll()).time == at(19.35)
    polling = asyncio.create_task(backend.poll())
    clock.step(2.3)
    await turn()
    assert not polling.done(), "late is not lost"
    clock.step(0.5)
    with pytest.raises(Unreachable, match="no reading was kept"):
        await polling
    assert backend.link.unanswered == 2
    clock.step(10)
    with pytest.raises(Unreachable):
        await backend.poll()
    clock.step(9)
    assert (await backend.poll()).time == at(40.35)


async def test_within_an_hour_the_last_reading_is_shown_however_old() -> None:
    past = MadeUpPast(polls("rack1", 4000, gaps=[(20.0, 4000.0)]))
    backend, _ = make(past, 3000.0)
    assert (await backend.poll()).time == at(19.35)
    assert backend.reading_age_s == pytest.approx(2980.65)
    backend, _ = make(past, 3700.0)
    with pytest.raises(Unreachable, match="no reading was kept"):
        await backend.poll()
    assert backend.link.last_heard_s is None


@pytest.mark.parametrize(
    ("then", "error", "words"),
    [
        (Then("lost", "no answer from 10.0.0.5"), Unreachable, "no answer from 10.0.0.5"),
        (Then("lost", ""), Unreachable, "no answer"),
        (Then("stopped", "pdutui ended"), Unreachable, "pdutui was not running"),
        (Then("refused", "wrong community"), Refused, "wrong community"),
        (Then("unsupported", "a toaster"), Unsupported, "a toaster"),
        (Then("late", "no complete reading in time"), DeviceError, "no complete reading"),
        (Then("connecting", "pdutui started"), DeviceError, "pdutui started"),
        (Then("live", ""), Unreachable, "no reading was kept"),
    ],
)
async def test_polls_end_as_they_did_where_that_was_written_down(
    then: Then, error: type[BackendError], words: str
) -> None:
    backend, clock = make(MadeUpPast(polls("rack1", 20)), 19.5, then=then)
    await backend.poll()
    clock.step(10)
    with pytest.raises(error, match=words) as caught:
        await backend.poll()
    assert type(caught.value) is error
    silent = backend.link.last_heard_s != clock.monotonic()
    answered = then.health in ("refused", "unsupported", "late")
    assert silent != answered, "a device that answered was heard"


async def test_the_usual_interval_is_the_recordings() -> None:
    backend, clock = make(MadeUpPast(polls("rack1", 300, interval_s=30)), 31.0, interval_s=30)
    await backend.poll()
    polling = asyncio.create_task(backend.poll())
    for _ in range(29):
        clock.step(1)
        await turn()
    assert not polling.done()
    clock.step(1)
    assert (await polling).time == at(60.35)


async def test_what_is_missing_of_that_time_is_said() -> None:
    past = MadeUpPast(polls("rack1", 20))
    past.complete = False
    backend, _ = make(past, 10)
    await backend.poll()
    assert not backend.complete


async def test_nothing_can_be_switched_or_asked() -> None:
    backend, _ = make(MadeUpPast(polls("rack1", 20)), 10)
    await backend.poll()
    sent: list[None] = []

    def on_sent() -> None:
        sent.append(None)

    for call in (
        backend.command(1, "off", on_sent),
        backend.command(1, "delayed_off", on_sent, delay_s=3),
        backend.command_pdu("all_off", on_sent),
        backend.command_pdu("prefer_a", on_sent),
    ):
        with pytest.raises(CommandRejected, match=REFUSAL):
            await call
    for read in (backend.read_outlet(1), backend.read_pdu(outlets=True)):
        with pytest.raises(DeviceError, match=REFUSAL):
            await read
    assert not sent
    assert not backend.actions
    assert not backend.pdu_actions
    await backend.aclose()
    await backend.aclose()


async def test_a_poll_that_time_overtook_looks_again() -> None:
    """A slow disk: by the time it has answered, the moment is another one."""
    past = MadeUpPast(polls("rack1", 60))
    backend, clock = make(past, 10.0)
    await backend.poll()
    asking = asyncio.Event()
    real_moment = past.moment

    async def slow(pdu: str, at_ms: int, *, within_ms: int) -> object:
        found = await real_moment(pdu, at_ms, within_ms=within_ms)
        await asking.wait()
        return found

    past.moment = slow  # type: ignore[method-assign,assignment]
    clock.step(0.3)
    polling: asyncio.Task[Reading] = asyncio.create_task(backend.poll())
    await turn()
    clock.step(0.5)
    asking.set()
    assert (await asyncio.wait_for(polling, 1)).time == at(10.35)
