"""Read-back as a judge of observations: what a device may show after it said OK."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.base import Backend, OutletStatus, Unreachable
from pdutui.engine.verify import Observation, RebootFollow, SwitchFollow, read_back
from pdutui.engine.verify_more import follow_outlet
from tests.engine.helpers import FakePdu
from tests.support.clock import ManualClock


async def follow(
    pdu: Backend, clock: ManualClock, action: str, before: str, **how: float | None
) -> tuple[Observation, float]:
    began = clock.monotonic()
    task = asyncio.create_task(
        read_back(
            lambda: pdu.read_outlet(3),
            follow_outlet(action, before, off_s=how.get("reboot_off_s")),  # type: ignore[arg-type]
            clock=clock,
            timeout_s=how.get("timeout_s") or 10.0,
        )
    )
    while not task.done():
        await clock.run(0.05)
        assert clock.monotonic() - began < 60
    return task.result(), clock.monotonic() - began


def device(state: str = "on") -> tuple[FakePdu, ManualClock]:
    clock = ManualClock()
    pdu = FakePdu("a", clock)
    pdu.set_outlet(3, state=state)
    return pdu, clock


async def test_a_state_is_believed_after_it_stayed_for_a_second_read() -> None:
    pdu, clock = device("off")
    seen, took = await follow(pdu, clock, "off", "on")
    assert (seen.outcome, seen.after) == ("observed", "off")
    assert len(pdu.reads) >= 2
    assert 0.5 <= took < 1.0


async def test_a_slow_relay_is_waited_for() -> None:
    pdu, clock = device()
    pdu.later(8.0, 3, state="off")
    seen, took = await follow(pdu, clock, "off", "on")
    assert seen.outcome == "observed"
    assert seen.detail.startswith("off after 8.")
    assert took < 10


async def test_a_relay_that_moves_at_the_last_moment_still_gets_its_second_read() -> None:
    pdu, clock = device()
    pdu.later(9.9, 3, state="off")
    seen, _ = await follow(pdu, clock, "off", "on")
    assert seen.outcome == "observed"


async def test_never_moved_is_unconfirmed_when_time_is_up() -> None:
    pdu, clock = device()
    seen, took = await follow(pdu, clock, "off", "on")
    assert (seen.outcome, seen.after) == ("unconfirmed", "on")
    assert seen.detail == "the outlet is still on after 10 s"
    assert took == pytest.approx(10.0, abs=0.1)
    gaps = [b[1] - a[1] for a, b in zip(pdu.reads, pdu.reads[1:], strict=False)]
    assert gaps[0] == pytest.approx(0.25)
    assert max(gaps) <= 1.0 + 1e-6


async def test_moved_and_back_is_contradicted() -> None:
    pdu, clock = device()
    pdu.later(0.3, 3, state="off")
    pdu.later(0.7, 3, state="on")
    seen, took = await follow(pdu, clock, "off", "on")
    assert (seen.outcome, seen.after) == ("contradicted", "on")
    assert seen.detail == "went off and back to on"
    assert took < 3


async def test_moved_the_other_way_is_contradicted() -> None:
    pdu, clock = device("off")
    pdu.later(0.3, 3, state="on")
    seen, _ = await follow(pdu, clock, "off", "off")
    assert (seen.outcome, seen.after) == ("contradicted", "on")


async def test_switching_to_where_it_is_says_so() -> None:
    pdu, clock = device("off")
    seen, _ = await follow(pdu, clock, "off", "off")
    assert (seen.outcome, seen.detail) == ("observed", "was off already, and still is")


async def test_a_state_with_another_command_pending_is_not_the_end() -> None:
    pdu, clock = device("off")
    pdu.set_outlet(3, pending="on")
    seen, _ = await follow(pdu, clock, "off", "on")
    assert seen.outcome == "unconfirmed"
    assert "pending" in seen.detail
    pdu.set_outlet(3, pending="on")
    pdu.later(2.0, 3, pending=None)
    seen, took = await follow(pdu, clock, "off", "on")
    assert seen.outcome == "observed"
    assert took >= 2.0


async def test_a_device_that_goes_away_leaves_it_unconfirmed_with_the_reason() -> None:
    pdu, clock = device()
    pdu.read_error = Unreachable("no answer from 10.0.0.5")
    seen, took = await follow(pdu, clock, "off", "on")
    assert (seen.outcome, seen.after) == ("unconfirmed", "unknown")
    assert "no answer from 10.0.0.5" in seen.detail
    assert took <= 10.5


async def test_a_read_that_hangs_is_bounded() -> None:
    pdu, clock = device()

    async def hang(number: int) -> OutletStatus:
        await clock.sleep(1e6)
        raise AssertionError

    pdu.read_outlet = hang  # type: ignore[method-assign]
    seen, took = await follow(pdu, clock, "off", "on")
    assert seen.outcome == "unconfirmed"
    assert took <= 11.0


async def test_a_few_lost_reads_do_not_matter() -> None:
    pdu, clock = device("off")
    pdu.read_error = Unreachable("lost")

    async def heal() -> None:
        await clock.sleep(1.5)
        pdu.read_error = None

    healing = asyncio.create_task(heal())
    seen, _ = await follow(pdu, clock, "off", "on")
    await healing
    assert seen.outcome == "observed"


async def test_reboot_is_off_seen_and_on_again() -> None:
    pdu, clock = device()
    pdu.later(0.4, 3, state="off")
    pdu.later(5.4, 3, state="on")
    seen, took = await follow(pdu, clock, "reboot", "on")
    assert (seen.outcome, seen.after) == ("observed", "on")
    assert seen.detail.startswith("went off, on again after ")
    assert 5.9 <= took < 7.5


async def test_reboot_may_take_the_devices_own_time_more() -> None:
    pdu, clock = device()
    pdu.reboot_off_s = 20.0
    pdu.later(1.0, 3, state="off")
    pdu.later(22.0, 3, state="on")
    seen, _ = await follow(pdu, clock, "reboot", "on")
    assert seen.outcome == "observed"


async def test_reboot_with_only_its_pending_seen_may_have_been_taken_back() -> None:
    pdu, clock = device()
    pdu.set_outlet(3, pending="reboot")
    pdu.later(1.0, 3, pending=None)
    seen, took = await follow(pdu, clock, "reboot", "on")
    assert (seen.outcome, seen.after) == ("unconfirmed", "on")
    assert seen.detail == (
        "the command was seen pending and is not any more, but the outlet was never seen off"
    )
    assert 3.0 <= took < 5.0


async def test_reboot_that_never_goes_off_is_unconfirmed() -> None:
    pdu, clock = device()
    seen, took = await follow(pdu, clock, "reboot", "on")
    assert (seen.outcome, seen.after) == ("unconfirmed", "on")
    assert "never seen off" in seen.detail
    assert took == pytest.approx(15.0, abs=0.2)


async def test_reboot_that_stays_off_is_unconfirmed_and_says_so() -> None:
    pdu, clock = device()
    pdu.later(0.5, 3, state="off")
    seen, _ = await follow(pdu, clock, "reboot", "on")
    assert (seen.outcome, seen.after) == ("unconfirmed", "off")
    assert "has not come back on" in seen.detail


async def test_reboot_of_an_outlet_that_is_off() -> None:
    pdu, clock = device("off")
    pdu.later(2.0, 3, state="on")
    seen, _ = await follow(pdu, clock, "reboot", "off")
    assert (seen.outcome, seen.after) == ("observed", "on")


states = st.lists(
    st.tuples(
        st.sampled_from(["on", "off", "unknown"]),
        st.sampled_from([None, None, None, "on", "off", "reboot", "unspecified"]),
    ),
    max_size=30,
)


@given(st.sampled_from(["on", "off"]), st.sampled_from(["on", "off"]), states)
def test_observed_is_never_claimed_unless_the_last_reads_show_it(
    target: str, before: str, shown: list[tuple[str, str | None]]
) -> None:
    judge = SwitchFollow(target, before)  # type: ignore[arg-type]
    for k, (state, pending) in enumerate(shown):
        end = judge.see(OutletStatus(state=state, pending=pending), k * 0.3)  # type: ignore[arg-type]
        if end is None:
            continue
        last = [s for s, _ in shown[max(0, k - 1) : k + 1]]
        if end.outcome == "observed":
            assert last == [target, target]
        else:
            assert end.outcome == "contradicted"
            assert target not in last
            assert target in [before, *(s for s, _ in shown[:k])]
        assert end.after == state
        return
    end = judge.give_up("", 10.0)
    assert end.outcome in ("unconfirmed", "contradicted")
    assert end.after == (shown[-1][0] if shown else "unknown")


@given(st.sampled_from(["on", "off"]), states)
def test_a_reboot_is_never_observed_without_off(
    before: str, shown: list[tuple[str, str | None]]
) -> None:
    judge = RebootFollow(before, None)
    for k, (state, pending) in enumerate(shown):
        end = judge.see(OutletStatus(state=state, pending=pending), k * 0.3)  # type: ignore[arg-type]
        if end is not None:
            assert (end.after, pending) == ("on", None)
            seen_off = before == "off" or any(s == "off" for s, _ in shown[:k])
            assert end.outcome == ("observed" if seen_off else "unconfirmed")
            assert seen_off or any(p for _, p in shown[:k])
            return
    assert judge.give_up("", 10.0).outcome == "unconfirmed"


def test_only_one_place_sends_commands() -> None:
    """The gate cannot be gone round: one call of Backend.command in the whole program."""
    source = Path(__file__).resolve().parents[2] / "src" / "pdutui"
    found = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for line in path.read_text().splitlines()
        if "await" in line and (".command(" in line or ".command_pdu(" in line)
    ]
    assert found == ["engine/sending.py"] * 2
