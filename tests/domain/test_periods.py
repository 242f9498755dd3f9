from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.domain.periods import (
    UNITS,
    Period,
    Unit,
    before,
    moment_of,
    ms_of,
    parse_period,
    period_at,
    split,
)

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    return ms_of(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("unit", "text", "begin", "end"),
    [
        ("day", "2026-11-20", "2026-11-20T00:00+01:00", "2026-11-21T00:00+01:00"),
        ("day", "2026-03-29", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("day", "2026-10-25", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("week", "2026-W47", "2026-11-16T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("week", "2026-w1", "2025-12-29T00:00+01:00", "2026-01-05T00:00+01:00"),
        ("week", "2026-W53", "2026-12-28T00:00+01:00", "2027-01-04T00:00+01:00"),
        ("month", "2026-12", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
    ],
)
def test_periods_are_those_of_local_time(unit: Unit, text: str, begin: str, end: str) -> None:
    period = parse_period(unit, text, BERLIN)
    assert (period.from_ms, period.to_ms) == (at(begin), at(end))
    if unit != "hour":
        assert period_at(unit, period.from_ms, BERLIN) == period
        assert period_at(unit, period.to_ms - 1, BERLIN) == period
        assert period_at(unit, period.to_ms, BERLIN) != period


def test_days_of_23_and_25_hours() -> None:
    spring, autumn = (parse_period("day", d, BERLIN) for d in ("2026-03-29", "2026-10-25"))
    assert (spring.to_ms - spring.from_ms, autumn.to_ms - autumn.from_ms) == (
        23 * HOUR_MS, 25 * HOUR_MS,
    )  # fmt: skip
    labels = [p.label for p in split("hour", autumn.from_ms, autumn.to_ms, BERLIN)]
    assert len(labels) == 25
    assert labels[1:5] == [
        "2026-10-25T01:00+02:00", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00",
        "2026-10-25T03:00+01:00",
    ]  # fmt: skip
    assert len(split("hour", spring.from_ms, spring.to_ms, BERLIN)) == 23


@pytest.mark.parametrize(
    ("unit", "text", "says"),
    [
        ("week", "2026-W54", "2026 has no week 54"),
        ("week", "2025-W53", "2025 has no week 53"),
        ("week", "47", "an ISO week looks like 2026-W47"),
        ("month", "2026-13", "2026 has no month 13"),
        ("day", "2026-02-30", "there is no such day"),
        ("day", "tomorrow", "a day looks like 2026-11-20"),
        ("day", "0000-01-01", "years go from"),
    ],
)
def test_what_is_no_period_says_what_one_looks_like(unit: Unit, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_period(unit, text, BERLIN)


def test_the_one_before() -> None:
    assert before(parse_period("week", "2026-W01", BERLIN), BERLIN).label == "2025-W52"
    assert before(parse_period("month", "2026-01", BERLIN), BERLIN).label == "2025-12"
    assert before(parse_period("day", "2026-03-30", BERLIN), BERLIN).label == "2026-03-29"
    span = Period(at("2026-11-20T10:00+01:00"), at("2026-11-20T16:00+01:00"), "")
    assert before(span, BERLIN).from_ms == at("2026-11-20T04:00+01:00")


def test_a_span_is_cut_to_fit() -> None:
    begin, end = at("2026-11-20T10:30+01:00"), at("2026-11-22T01:15+01:00")
    days = split("day", begin, end, BERLIN)
    assert [d.label for d in days] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert (days[0].from_ms, days[-1].to_ms) == (begin, end)


@given(
    st.integers(0, 60 * 365).map(lambda d: at("1990-01-01T00:00+00:00") + d * DAY_MS // 2),
    st.integers(1, 5 * DAY_MS // 900_000),
    st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
         "America/Sao_Paulo", "Pacific/Apia", "UTC"]
    ),
    st.sampled_from(UNITS),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_steps_follow_each_other_without_a_gap(
    begin: int, quarters: int, name: str, unit: Unit
) -> None:
    zone, end = ZoneInfo(name), begin + quarters * 900_000
    steps = split(unit, begin, end, zone)
    assert (steps[0].from_ms, steps[-1].to_ms) == (begin, end)
    assert all(a.to_ms == b.from_ms for a, b in pairwise(steps))
    assert len({s.label for s in steps}) == len(steps)
    if unit == "hour":
        for step in steps:
            first, last = moment_of(step.from_ms, zone), moment_of(step.to_ms - 1, zone)
            assert (first.hour, first.utcoffset()) == (last.hour, last.utcoffset())


def test_utc_has_whole_hours() -> None:
    steps = split("hour", 0, 3 * HOUR_MS, UTC)
    assert [s.label for s in steps] == [f"1970-01-01T0{n}:00+00:00" for n in range(3)]
