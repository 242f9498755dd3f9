"""Hours, days, ISO weeks and months as people count them: in local time, summer time included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from pdutui.domain.history import HOUR_MS, QUARTER_MS
from pdutui.domain.zone import start_of_day

Unit = Literal["hour", "day", "week", "month"]
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month")

_FIRST_YEAR = 1971
_LAST_YEAR = 9998


class Period(msgspec.Struct, frozen=True, order=True):
    """A span of time with a name. Unix milliseconds, `from_ms` in and `to_ms` out."""

    from_ms: int
    to_ms: int
    label: str
    """`2026-11-20T02:00+01:00`, `2026-11-20`, `2026-W47`, `2026-11`."""


def ms_of(moment: datetime) -> int:
    """A moment as unix milliseconds."""
    return round(moment.timestamp() * 1000)


def moment_of(ms: int, zone: tzinfo) -> datetime:
    """Unix milliseconds as a moment in a zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)


def day_period(day: date, zone: tzinfo) -> Period:
    """A local day; 23 or 25 hours long where the clock is changed."""
    return _of_days(day, day + timedelta(days=1), day.isoformat(), zone)


def week_period(year: int, week: int, zone: tzinfo) -> Period:
    """An ISO week, from local Monday. Raises ValueError where the year has no such week."""
    monday = date.fromisocalendar(year, week, 1)
    return _of_days(monday, monday + timedelta(days=7), f"{year:04d}-W{week:02d}", zone)


def month_period(year: int, month: int, zone: tzinfo) -> Period:
    """A month. Raises ValueError for a month that there is not."""
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    return _of_days(first, after, f"{year:04d}-{month:02d}", zone)


def _of_days(first: date, end: date, label: str, zone: tzinfo) -> Period:
    return Period(ms_of(start_of_day(first, zone)), ms_of(start_of_day(end, zone)), label)


def parse_period(unit: Unit, text: str, zone: tzinfo) -> Period:
    """`2026-W47`, `2026-11` or `2026-11-20` as a period.

    Raises:
        ValueError: It is none; the text says what it looks like.
    """
    patterns = {
        "day": (r"(\d{4})-(\d\d)-(\d\d)", "a day looks like 2026-11-20"),
        "week": (r"(\d{4})-?[Ww](\d\d?)", "an ISO week looks like 2026-W47"),
        "month": (r"(\d{4})-(\d\d?)", "a month looks like 2026-11"),
    }
    pattern, hint = patterns[unit]
    found = re.fullmatch(pattern, text.strip(), re.ASCII)
    if found is None:
        raise ValueError(f"{text!r} is no {unit}: {hint}")
    year, *rest = map(int, found.groups())
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"{text!r}: years go from {_FIRST_YEAR} to {_LAST_YEAR}")
    try:
        if unit == "day":
            return day_period(date(year, *rest), zone)
        if unit == "week":
            return week_period(year, rest[0], zone)
        return month_period(year, rest[0], zone)
    except ValueError:
        what = f"{year} has no {unit} {rest[0]}" if unit != "day" else "there is no such day"
        raise ValueError(f"{text!r}: {what} ({hint})") from None


def period_at(unit: Literal["day", "week", "month"], ms: int, zone: tzinfo) -> Period:
    """The local day, week or month that a moment lies in."""
    day = moment_of(ms, zone).date()
    if unit == "day":
        return day_period(day, zone)
    if unit == "week":
        year, week, _ = day.isocalendar()
        return week_period(year, week, zone)
    return month_period(day.year, day.month, zone)


def before(period: Period, zone: tzinfo) -> Period:
    """The one before: the week before a week, and so on; of any other span, one as long."""
    for unit in ("day", "week", "month"):
        if period_at(unit, period.from_ms, zone) == period:
            return period_at(unit, period.from_ms - 1, zone)
    length = period.to_ms - period.from_ms
    return Period(period.from_ms - length, period.from_ms, "")


def split(unit: Unit, from_ms: int, to_ms: int, zone: tzinfo) -> list[Period]:
    """The hours, days, weeks or months of a span, the first and the last cut to fit it."""
    whole = _hours(from_ms, to_ms, zone) if unit == "hour" else _longer(unit, from_ms, to_ms, zone)
    return [Period(max(p.from_ms, from_ms), min(p.to_ms, to_ms), p.label) for p in whole]


def _longer(unit: Unit, from_ms: int, to_ms: int, zone: tzinfo) -> Iterator[Period]:
    assert unit != "hour"
    at = from_ms
    while at < to_ms:
        period = period_at(unit, at, zone)
        yield period
        at = period.to_ms


def _hours(from_ms: int, to_ms: int, zone: tzinfo) -> Iterator[Period]:
    """Hours of the clock on the wall; the one that comes twice in autumn is two.

    Quarter by quarter: some zones lie half an hour off, and one shifts by half an hour only.
    """
    begin, key = 0, None
    at = from_ms - from_ms % QUARTER_MS
    while at < to_ms:
        local = moment_of(at, zone)
        now = (local.date(), local.hour, local.utcoffset())
        if now != key:
            if key is not None:
                yield Period(begin, at, _hour_label(begin, zone))
            begin, key = at, now
        # Nearly all hours are whole: look at the quarters between only where one is not.
        ahead = moment_of(at + HOUR_MS, zone)
        whole = local.minute == 0 and ahead.minute == 0 and ahead.utcoffset() == local.utcoffset()
        at += HOUR_MS if whole else QUARTER_MS
    if key is not None:
        yield Period(begin, at, _hour_label(begin, zone))


def _hour_label(ms: int, zone: tzinfo) -> str:
    local = moment_of(ms, zone)
    return local.replace(minute=0).isoformat(timespec="minutes")
