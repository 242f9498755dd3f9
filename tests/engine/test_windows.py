"""Maintenance windows: a pure function of a moment, a zone and a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from pdutui.engine.windows import closed_because, hours_of
from pdutui.settings import WindowSettings

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))


def weekly(
    begin: str, end: str, days: frozenset[int] = EVERY_DAY, **more: object
) -> WindowSettings:
    def minutes(text: str) -> int:
        hour, minute = text.split(":")
        return int(hour) * 60 + int(minute)

    return WindowSettings(
        name="night", days=days, from_min=minutes(begin), to_min=minutes(end), **more
    )  # type: ignore[arg-type]


def is_open(window: WindowSettings, at: str, zone: tzinfo = BERLIN) -> bool:
    moment = datetime.fromisoformat(at)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return hours_of((window,), "rack1-a", moment.astimezone(UTC), zone).open


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20 09:59:59", False),
        ("2026-11-20 10:00", True),
        ("2026-11-20 11:59:59", True),
        ("2026-11-20 12:00", False),
    ],
)
def test_it_is_open_from_its_first_moment_and_not_at_its_last(at: str, expected: bool) -> None:
    assert is_open(weekly("10:00", "12:00"), at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20 21:59", False),  # Friday
        ("2026-11-20 22:00", True),
        ("2026-11-21 03:59", True),  # Saturday: it began on Friday
        ("2026-11-21 04:00", False),
        ("2026-11-21 22:00", False),
        ("2026-11-20 03:00", False),  # Friday before dawn: it would have begun on Thursday
    ],
)
def test_over_midnight_it_belongs_to_the_day_on_which_it_begins(at: str, expected: bool) -> None:
    assert is_open(weekly("22:00", "04:00", frozenset({4})), at) is expected


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_a_whole_day(end: str) -> None:
    window = weekly("00:00", end, frozenset({6}))
    opened = [is_open(window, f"2026-11-{day} 12:00") for day in (21, 22, 23)]
    assert opened == [False, True, False]
    assert is_open(window, "2026-11-22 23:59:59")
    assert not is_open(window, "2026-11-23 00:00")


@pytest.mark.parametrize(
    ("begin", "end", "at", "expected"),
    [
        # 2026-03-29: at 02:00 the clock jumps to 03:00 (01:00 UTC).
        ("02:30", "04:00", "2026-03-29T00:59:59+00:00", False),
        ("02:30", "04:00", "2026-03-29T01:00:00+00:00", True),
        ("02:30", "04:00", "2026-03-29T02:00:00+00:00", False),
        ("02:10", "02:50", "2026-03-29T01:00:00+00:00", False),
        ("01:00", "02:30", "2026-03-29T00:59:59+00:00", True),
        ("01:00", "02:30", "2026-03-29T01:00:00+00:00", False),
        # 2026-10-25: at 03:00 it goes back to 02:00 (01:00 UTC); 02:30 comes twice.
        ("02:30", "04:00", "2026-10-25T00:29:59+00:00", False),
        ("02:30", "04:00", "2026-10-25T00:30:00+00:00", True),
        ("02:30", "04:00", "2026-10-25T01:15:00+00:00", True),
        ("02:30", "04:00", "2026-10-25T02:59:59+00:00", True),
        ("02:30", "04:00", "2026-10-25T03:00:00+00:00", False),
        ("01:00", "02:30", "2026-10-25T00:29:59+00:00", True),
        ("01:00", "02:30", "2026-10-25T01:10:00+00:00", False),
    ],
)
def test_days_on_which_the_clock_is_changed(begin: str, end: str, at: str, expected: bool) -> None:
    assert is_open(weekly(begin, end), at) is expected


def test_a_window_that_is_once() -> None:
    begins = datetime(2026, 11, 21, 1, 0, tzinfo=BERLIN)
    window = WindowSettings(name="move", begins=begins, ends=begins + timedelta(hours=30))
    assert not is_open(window, "2026-11-21 00:59")
    assert is_open(window, "2026-11-22 06:59")
    assert not is_open(window, "2026-11-22 07:00")
    now = datetime(2026, 12, 1, tzinfo=UTC)
    hours = hours_of((window,), "rack1-a", now, BERLIN)
    assert closed_because(hours, "rack1-a", BERLIN).endswith("none opens in the next two weeks")


def test_it_says_when_the_next_one_opens_in_local_time() -> None:
    windows = (weekly("22:00", "04:00", frozenset({5})), weekly("02:00", "03:00", frozenset({6})))
    now = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
    hours = hours_of(windows, "rack1-a", now, BERLIN)
    assert closed_because(hours, "rack1-a", BERLIN) == (
        "no maintenance window of rack1-a is open: the next, night, opens on"
        " Sat 2026-11-21 at 22:00"
    )


def test_the_next_one_is_a_week_on_when_the_clock_skips_its_hour() -> None:
    window = weekly("02:10", "02:50", frozenset({6}))
    hours = hours_of((window,), "rack1-a", datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN)
    assert hours.next is not None
    assert hours.next.begins.astimezone(BERLIN) == datetime(2026, 4, 5, 2, 10, tzinfo=BERLIN)


def test_windows_are_for_the_pdus_they_name_and_others_have_none() -> None:
    window = weekly("01:00", "02:00", pdus=("rack1-*", "ats-7"))
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    planned = [hours_of((window,), name, at, UTC).planned for name in ("rack1-b", "ats-7", "rack2")]
    assert planned == [True, True, False]
    assert hours_of((window,), "rack2", at, UTC).open
    assert not hours_of((window,), "rack1-b", at, UTC).open


def test_of_two_that_are_open_the_last_to_close_is_named() -> None:
    windows = (weekly("10:00", "12:00"), weekly("11:00", "15:00"))
    now = hours_of(windows, "rack1-a", datetime(2026, 11, 20, 11, 30, tzinfo=UTC), UTC).now
    assert now is not None
    assert now.ends == datetime(2026, 11, 20, 15, tzinfo=UTC)
