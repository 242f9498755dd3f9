from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.base import BackendError, DeviceError, Refused, Unreachable, Unsupported
from pdutui.domain.health import Link
from pdutui.engine.health import Evidence, assess

NOW = 1000.0


def evidence(
    age: float | None = None,
    heard: float | None = None,
    unanswered: int = 0,
    error: BackendError | None = None,
    interval: float = 1.0,
) -> Evidence:
    return Evidence(
        now_s=NOW,
        interval_s=interval,
        link=Link(
            opened_s=NOW - 500,
            last_heard_s=None if heard is None else NOW - heard,
            unanswered=unanswered,
        ),
        reading_s=None if age is None else NOW - age,
        error=error,
    )


GONE, BUSY = Unreachable("no answer"), DeviceError("nonsense")


@pytest.mark.parametrize(
    ("given_", "health"),
    [
        (evidence(), "connecting"),
        (evidence(unanswered=3), "connecting"),
        (evidence(error=BUSY), "connecting"),
        (evidence(error=GONE), "lost"),
        (evidence(error=GONE, heard=0.2), "connecting"),
        (evidence(error=Refused("no")), "refused"),
        (evidence(error=Unsupported("printer")), "unsupported"),
        (evidence(age=0.1, heard=0.1), "live"),
        (evidence(age=1.99, heard=1.99, unanswered=3), "live"),
        (evidence(age=1.99, heard=1.99, error=GONE), "live"),
        (evidence(age=0.1, heard=0.1, error=Refused("no")), "refused"),
        (evidence(age=2.0, heard=0.1), "late"),
        (evidence(age=2.0, heard=2.0, unanswered=9), "late"),
        (evidence(age=2.7, heard=2.7, unanswered=3), "late"),
        (evidence(age=2.7, heard=2.7, unanswered=4), "lost"),
        (evidence(age=2.7, heard=2.7, error=GONE), "lost"),
        (evidence(age=60.0, heard=0.5, unanswered=9, error=GONE), "late"),
        (evidence(age=60.0, heard=0.5, error=BUSY), "late"),
        (evidence(age=9.0, heard=9.0, unanswered=99, interval=5.0), "live"),
        (evidence(age=12.0, heard=12.0, unanswered=99, interval=5.0), "late"),
        (evidence(age=13.1, heard=13.1, unanswered=99, interval=5.0), "lost"),
    ],
)
def test_table(given_: Evidence, health: str) -> None:
    judgement = assess(given_)
    assert judgement.health == health
    assert (judgement.detail == "") == (health == "live" or judgement == assess(evidence()))


ages = st.one_of(st.none(), st.floats(0, 400))
errors = st.sampled_from([None, GONE, BUSY])


@given(ages, ages, st.integers(0, 50), errors, st.floats(0.1, 60))
def test_never_live_with_an_old_reading_never_lost_while_heard(
    age: float | None,
    heard: float | None,
    unanswered: int,
    error: BackendError | None,
    every: float,
) -> None:
    health = assess(evidence(age, heard, unanswered, error, every)).health
    if age is None or age >= 2 * every + 1e-6:
        assert health != "live"
    if age is not None and age < 2 * every - 1e-6:
        assert health == "live"
    if heard is not None and heard < 1.5 * every:
        assert health != "lost"
    if health == "lost" and age is not None:
        assert age >= 2.6 * every - 1e-6
        assert unanswered >= 4 or error is GONE


@given(st.lists(st.sampled_from(["poll", "heard", "gone", "nonsense", "wait"]), max_size=40))
def test_orderings_of_what_can_happen(story: list[str]) -> None:
    """Whatever the order, health follows from the last facts alone."""
    now, reading, heard, unanswered = 100.0, None, None, 0
    error: BackendError | None = None
    for happening in story:
        now += 0.7
        if happening in ("poll", "heard"):
            heard, unanswered = now, 0
        if happening == "poll":
            reading, error = now, None
        if happening == "gone":
            unanswered, error = unanswered + 4, GONE
        if happening == "nonsense":
            heard, unanswered, error = now, 0, BUSY
        health = assess(
            Evidence(
                now_s=now,
                interval_s=1.0,
                link=Link(opened_s=100.0, last_heard_s=heard, unanswered=unanswered),
                reading_s=reading,
                error=error,
            )
        ).health
        if happening == "poll":
            assert health == "live"
        if happening in ("heard", "nonsense"):
            assert health != "lost"
        if reading is None:
            assert health in ("connecting", "lost")
        else:
            assert health in ("live", "late", "lost")
