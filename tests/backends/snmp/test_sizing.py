"""The request size is learned from evidence, and unlearned."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.snmp.link import FIRST_WAIT_S, SHORTEST_WAIT_S, LineWatch
from pdutui.backends.snmp.sizing import Sizing, pieces
from tests.support.clock import ManualClock


def test_it_starts_at_the_limit_and_never_exceeds_it() -> None:
    clock = ManualClock()
    sizing = Sizing(48, clock)
    assert sizing.choose() == 48
    sizing.answered(48)
    clock.advance(10_000)
    assert sizing.choose() == 48
    sizing.limit = 10
    assert sizing.choose() == 10
    sizing.limit = 20
    assert sizing.choose() == 20


def test_one_failure_shrinks_and_time_heals_it() -> None:
    clock = ManualClock()
    sizing = Sizing(48, clock)
    sizing.failed(40, 10)
    assert sizing.choose() == 10
    clock.advance(14)
    assert sizing.choose() == 10
    clock.advance(2)
    assert sizing.choose() == 20
    sizing.answered(20)
    assert sizing.choose() == 40
    sizing.answered(40)
    assert sizing.choose() == 48


def test_a_size_that_failed_twice_is_not_tried_again() -> None:
    clock = ManualClock()
    sizing = Sizing(48, clock)
    sizing.answered(10)
    sizing.failed(40, 10)
    clock.advance(20)
    assert sizing.choose() == 20
    sizing.failed(20, 10)
    for _ in range(200):
        clock.advance(3600)
        goal = sizing.choose()
        assert goal < 40
        if goal <= 12:
            sizing.answered(goal)
        else:
            sizing.failed(goal, 10)
    assert 10 <= sizing.choose() <= 12


def test_it_settles_near_the_true_limit_with_few_tries() -> None:
    clock = ManualClock()
    sizing = Sizing(48, clock)
    failures = 0
    for _ in range(100):
        clock.advance(3601)
        goal = sizing.choose()
        if goal <= 12:
            sizing.answered(goal)
        else:
            failures += 1
            sizing.failed(goal, max(1, min(12, goal // 2)))
    assert 9 <= sizing.choose() <= 12
    assert failures <= 10


def test_attempts_to_grow_become_rare() -> None:
    clock = ManualClock()
    sizing = Sizing(100, clock)
    sizing.failed(100, 50)
    clock.advance(16)
    sizing.failed(100, 50)
    clock.advance(29)
    assert sizing.choose() == 50
    clock.advance(2)
    assert sizing.choose() > 50


def silence(sizing: Sizing, count: int, sends: int, worked: int) -> None:
    """So many sends of a request stay silent; then a part of it is answered."""
    for _ in range(sends):
        sizing.silent(count)
    sizing.suspected(count, worked)
    sizing.answered(worked)


def test_silence_of_a_size_that_never_worked_is_believed_soon() -> None:
    sizing = Sizing(48, ManualClock())
    sizing.answered(1)
    silence(sizing, 48, 3, 12)
    assert sizing.choose() == 12


def test_lost_answers_do_not_unlearn_a_size_that_works() -> None:
    sizing = Sizing(48, ManualClock())
    for _ in range(5):
        sizing.answered(40)
        silence(sizing, 40, 2, 20)
    assert sizing.choose() == 48


def test_a_size_that_works_no_more_is_unlearned_in_the_end() -> None:
    sizing = Sizing(48, ManualClock())
    for _ in range(20):
        sizing.answered(40)
    for _ in range(3):
        silence(sizing, 40, 3, 20)
    assert sizing.choose() == 20


def test_silence_gives_up_only_the_sizes_that_were_silent_often_enough() -> None:
    sizing = Sizing(48, ManualClock())
    for size in (48, 24, 12):
        for _ in range(1 if size < 48 else 4):
            sizing.silent(size)
    sizing.suspected(48, 6)
    assert sizing.choose() > 6, "one silent send of 12 says nothing of 12"


@pytest.mark.parametrize(("loss", "limit"), [(0.0, 48), (0.2, 48), (0.36, 48), (0.36, 12)])
def test_under_loss_the_size_stays_near_what_the_agent_takes(loss: float, limit: int) -> None:
    """Ten minutes at 1 Hz over a bad line: requests stay few, and never creep down to one OID."""
    clock, dice = ManualClock(), random.Random(5)
    sizing = Sizing(48, clock)
    sizes = []
    for _ in range(600):
        clock.advance(1)
        left = 300
        while left > 0:
            piece = part = min(left, sizing.choose())
            sends = 0
            while part > limit or dice.random() < loss:
                sizing.silent(part)
                sends += 1
                if sends % 2 == 0 and part > 4:
                    part //= 2
            if part < piece:
                sizing.suspected(piece, part)
            sizing.answered(part)
            left -= part
        sizes.append(sizing.choose())
    assert sorted(sizes)[len(sizes) // 2] >= min(limit, 48) // 2
    assert min(sizes) >= 4


def test_an_answer_clears_a_suspicion() -> None:
    clock = ManualClock()
    sizing = Sizing(48, clock)
    for _ in range(5):
        sizing.failed(48, 24)
        clock.advance(4000)
        sizing.answered(48)
    assert sizing.ceiling is None
    assert sizing.choose() == 48


@given(st.lists(st.integers(), max_size=200), st.integers(1, 60))
def test_pieces_are_whole_balanced_and_small_enough(items: list[int], size: int) -> None:
    cut = pieces(items, size)
    assert [item for piece in cut for item in piece] == items
    assert all(1 <= len(piece) <= size for piece in cut)
    if cut:
        assert max(map(len, cut)) - min(map(len, cut)) <= 1


def test_waits_follow_the_round_trips() -> None:
    clock = ManualClock()
    watch = LineWatch(clock)
    assert watch.first_wait(2.0) == FIRST_WAIT_S
    for _ in range(20):
        watch.heard(0.004)
    assert watch.first_wait(2.0) == SHORTEST_WAIT_S
    for _ in range(40):
        watch.heard(0.4)
    assert 0.4 < watch.first_wait(2.0) < 0.6
    assert watch.first_wait(0.3) == pytest.approx(0.3)


def test_link_counts_and_resets() -> None:
    clock = ManualClock()
    watch = LineWatch(clock)
    assert watch.link.last_heard_s is None
    watch.missed()
    watch.missed()
    assert watch.link.unanswered == 2
    clock.advance(3)
    watch.heard(0.1)
    assert (watch.link.unanswered, watch.link.last_heard_s) == (0, clock.monotonic())
    assert watch.link.opened_s == clock.monotonic() - 3
