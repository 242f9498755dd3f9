"""Moments as people write them, where clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.when import parse_when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)


def when(text: str, **more: object) -> str:
    return parse_when(text, NOW, BERLIN, **more).isoformat()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-11-20T14:02:11"),
        ("NOW", "2026-11-20T14:02:11"),
        ("2026-11-20 03:12", "2026-11-20T02:12:00"),
        ("2026-11-20T03:12", "2026-11-20T02:12:00"),
        (" 2026-11-20  03:12:05.25 ", "2026-11-20T02:12:05.250000"),
        ("2026-11-20T03:12:00Z", "2026-11-20T03:12:00"),
        ("2026-11-20 03:12 UTC", "2026-11-20T03:12:00"),
        ("2026-11-20T03:12:00.500+05:30", "2026-11-19T21:42:00.500000"),
        ("2026-11-20 03:12 -0800", "2026-11-20T11:12:00"),
        ("2026-11-20T03:12+01", "2026-11-20T02:12:00"),
        ("2026-07-01 03:12", "2026-07-01T01:12:00"),
        ("2026-11-20", "2026-11-19T23:00:00"),
        ("2026-07-01", "2026-06-30T22:00:00"),
        ("2026-11-20Z", None),
        ("today", "2026-11-19T23:00:00"),
        ("yesterday", "2026-11-18T23:00:00"),
        ("Yesterday 14:00", "2026-11-19T13:00:00"),
        ("today 3:12", "2026-11-20T02:12:00"),
        ("03:12", "2026-11-20T02:12:00"),
        ("15:02", "2026-11-20T14:02:00"),
        ("15:03", "2026-11-19T14:03:00"),
        ("14:03Z", "2026-11-19T14:03:00"),
        ("-6h", "2026-11-20T08:02:11"),
        ("-90m", "2026-11-20T12:32:11"),
        ("-90min", "2026-11-20T12:32:11"),
        ("-1d 2h 3m 4s", "2026-11-19T11:59:07"),
        ("-1w", "2026-11-13T14:02:11"),
        ("-1 d", "2026-11-19T14:02:11"),
    ],
)
def test_what_is_meant(text: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(ValueError, match="is no time"):
            when(text)
    else:
        assert when(text) == meant + "+00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no time (a time is like 2026-11-20 03:12"),
        ("yesterdy", "did you mean 'yesterday'?"),
        ("6h", "is no time"),
        ("-6y", "is no time"),
        ("-", "is no time"),
        ("2026-13-01", "there is no such day"),
        ("2026-02-29", "there is no such day"),
        ("2026-02-28 24:00", "there is no such time of day"),
        ("2026-02-28 12:60", "there is no such time of day"),
        ("1960-01-01", "outside of the years"),
        ("9999-12-31", "outside of the years"),
        ("-999999999w", "is too far away"),
        ("-99999w", "outside of the years"),
        ("2026-11-20 03:12+99:00", "there is no such zone"),
        ("٢٠٢٦-11-20", "is no time"),
        ("2026-11-20 03:12 03:12", "is no time"),
    ],
)
def test_what_is_no_time_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text is looked at
        when(text)
    assert said in str(error.value)


def test_a_time_that_comes_twice_is_the_first_or_the_second_and_is_told() -> None:
    notes: list[str] = []
    assert when("2026-10-25 02:30", note=notes.append) == "2026-10-25T00:30:00+00:00"
    assert when("2026-10-25 02:30", note=notes.append, fold=1) == "2026-10-25T01:30:00+00:00"
    assert notes == [
        "2026-10-25 02:30 comes twice as the clocks go back: taken as the first, "
        "2026-10-25 02:30+02:00; the other one is 2026-10-25 02:30+01:00",
        "2026-10-25 02:30 comes twice as the clocks go back: taken as the second, "
        "2026-10-25 02:30+01:00; the other one is 2026-10-25 02:30+02:00",
    ]
    assert when("2026-10-25 02:30+02:00", note=notes.append) == "2026-10-25T00:30:00+00:00"
    assert len(notes) == 2, "with a zone it is one moment"


@pytest.mark.parametrize("time", ["02:00:01", "02:30", "02:59:59.5"])
def test_a_time_that_is_skipped_is_when_the_clocks_changed_and_is_told(time: str) -> None:
    notes: list[str] = []
    for fold in (0, 1):
        got = when(f"2026-03-29 {time}", note=notes.append, fold=fold)
        assert got == "2026-03-29T01:00:00+00:00"
    assert "is skipped as the clocks go forward: taken as 2026-03-29 03:00+02:00" in notes[0]


def test_a_midnight_that_is_skipped() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert parse_when("2026-04-24", NOW, cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)


@given(
    st.datetimes(datetime(1971, 1, 2), datetime(2037, 12, 30)),  # noqa: DTZ001
    st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]
    ),
    st.sampled_from([0, 1]),
)
def test_any_moment_comes_back_from_its_local_time(at: datetime, name: str, fold: int) -> None:
    zone = ZoneInfo(name)
    moment = at.replace(tzinfo=UTC)
    local = moment.astimezone(zone)
    text = local.strftime("%Y-%m-%d %H:%M:%S.%f")
    assert parse_when(text, NOW, zone, fold=local.fold) == moment
    assert parse_when(moment.isoformat(), NOW, zone) == moment


@given(st.text(alphabet="0123456789-:+ TZ.dhmsw", max_size=24))
def test_it_gives_a_moment_or_says_why_not(text: str) -> None:
    try:
        moment = parse_when(text, NOW, BERLIN)
    except ValueError:
        return
    assert moment.utcoffset() == timedelta(0)
