"""The time axis of the big chart: where its ticks stand and how times are written, in local time.

Ticks stand at round local times, also after the clock was changed; where an hour is there twice,
both are written with their zone.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import gcd
from typing import Literal

from msgspec import Struct

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from pdutui.domain.zone import start_of_day

Unit = Literal["second", "minute", "hour", "day", "month", "year"]
_QUARTER_S = 900
"""Every zone is a whole number of quarters away from UTC (since the 1970s)."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
"""Not `strftime`: the screen reads the same under every locale."""

_STEPS: tuple[tuple[Unit, int], ...] = (
    *(("second", n) for n in (1, 2, 5, 10, 15, 30)),
    *(("minute", n) for n in (1, 2, 5, 10, 15, 30)),
    *(("hour", n) for n in (1, 2, 3, 6, 12)),
    *(("day", n) for n in (1, 2, 7, 14)),
    *(("month", n) for n in (1, 2, 3, 6)),
    *(("year", n) for n in (1, 2, 5, 10, 20, 50)),
)
_LENGTH_MS: dict[Unit, int] = {
    "second": SECOND_MS,
    "minute": MINUTE_MS,
    "hour": HOUR_MS,
    "day": DAY_MS,
    "month": 30 * DAY_MS,
    "year": 365 * DAY_MS,
}
_WIDTH: dict[Unit, int] = {"second": 8, "minute": 5, "hour": 5, "day": 6, "month": 8, "year": 4}
"""Cells of the widest label."""


class Tick(Struct, frozen=True):
    """A mark on the time axis."""

    ms: int
    label: str
    """`03:00`, `02:00 CEST`, `Fri 20`, `Nov 2026`."""
    midnight: bool = False
    """A local day begins here; `label` is its date then, unless dates stand in a row of theirs."""
    day: str = ""
    """At a midnight: `Fri 20 Nov`."""


def local(ms: int, zone: tzinfo) -> datetime:
    """A moment as local time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)


def ticks(from_ms: int, to_ms: int, zone: tzinfo, cells: int, air: int = 3) -> list[Tick]:
    """Ticks at round local times, so many that their labels have room in `cells`.

    Args:
        from_ms: Where the axis begins.
        to_ms: Where it ends.
        zone: Of the labels.
        cells: Width of the axis.
        air: Cells that are to stay free between two labels.
    """
    if to_ms <= from_ms or cells < 1:
        return []
    span = to_ms - from_ms
    for unit, count in _STEPS:
        most = cells // (_WIDTH[unit] + air)
        if span / (_LENGTH_MS[unit] * count) <= max(1, most):
            return _ticks(from_ms, to_ms, zone, unit, count)
    return []


def _ticks(from_ms: int, to_ms: int, zone: tzinfo, unit: Unit, count: int) -> list[Tick]:
    if unit in ("day", "month", "year"):
        return _dates(from_ms, to_ms, zone, unit, count)
    step_s = _LENGTH_MS[unit] * count // 1000
    pace_ms = gcd(step_s, _QUARTER_S) * 1000
    found: list[tuple[int, datetime]] = []
    for ms in range(-(-from_ms // pace_ms) * pace_ms, to_ms, pace_ms):
        at = local(ms, zone)
        if (at.hour * 3600 + at.minute * 60 + at.second) % step_s == 0:
            found.append((ms, at))
    out = []
    for ms, at in found:
        label = f"{at:%H:%M:%S}" if unit == "second" else f"{at:%H:%M}"
        if _twice(at, zone):
            label = f"{label} {zone_name(at)}"
        begins = at.hour == at.minute == at.second == 0 and at.fold == 0
        day = _day(at.date())
        out.append(Tick(ms, day.rpartition(" ")[0] if begins else label, begins, day * begins))
    return out


def _dates(from_ms: int, to_ms: int, zone: tzinfo, unit: Unit, count: int) -> list[Tick]:
    day = local(from_ms, zone).date()
    if unit != "day":
        day = day.replace(day=1)
    out: list[Tick] = []
    while True:
        begin = round(start_of_day(day, zone).timestamp() * 1000)
        if begin >= to_ms:
            return out
        if unit == "day":
            fits = _weekly(day, count) if count % 7 == 0 else day.toordinal() % count == 0
            label = f"{day.day} {_MONTHS[day.month - 1]}"
            after = day + timedelta(days=1)
        else:
            fits = (day.month - 1) % count == 0 if unit == "month" else day.month == 1
            fits = fits and (unit == "month" or day.year % count == 0)
            label = f"{_MONTHS[day.month - 1]} {day.year}" if unit == "month" else str(day.year)
            after = (day + timedelta(days=31)).replace(day=1)
        if fits and begin >= from_ms:
            out.append(Tick(begin, label, True, _day(day)))
        if after.year >= date.max.year:
            return out
        day = after


def _weekly(day: date, count: int) -> bool:
    return day.weekday() == 0 and (day.toordinal() // 7) % (count // 7) == 0


def _twice(at: datetime, zone: tzinfo) -> bool:
    """Whether the clock shows this time a second time on that day, or did before."""
    other = at.replace(fold=1 - at.fold)
    if other.utcoffset() == at.utcoffset():
        return False
    return other.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None)


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def zone_name(at: datetime) -> str:
    """`CET`, or `+03` and `+05:30` where the zone has no short name of its own."""
    name = at.tzname() or ""
    if name.isalpha() and len(name) <= 5:
        return name
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    sign, minutes = "-" if minutes < 0 else "+", abs(minutes)
    return f"{sign}{minutes // 60:02d}" + (f":{minutes % 60:02d}" if minutes % 60 else "")


def day_name(ms: int, zone: tzinfo) -> str:
    """`Fri 20 Nov`."""
    return _day(local(ms, zone).date())


def clock(ms: int, zone: tzinfo, step_ms: int) -> str:
    """The time of day as exactly as the steps are: `03:12:07`, or `03:12` from a minute on."""
    at = local(ms, zone)
    return f"{at:%H:%M:%S}" if step_ms < MINUTE_MS else f"{at:%H:%M}"


def moment(ms: int, zone: tzinfo, step_ms: int) -> str:
    """`Fri 20 Nov 2026 03:12:07 CET`."""
    at = local(ms, zone)
    return f"{_day(at.date())} {at.year} {clock(ms, zone, step_ms)} {zone_name(at)}"


def window(from_ms: int, to_ms: int, zone: tzinfo, short: bool = False) -> str:
    """`Fri 20 Nov 2026 02:00 – 03:00 CET`; the date of the end only where it is another day."""
    begin, end = local(from_ms, zone), local(to_ms, zone)
    exact = SECOND_MS if (from_ms % MINUTE_MS or to_ms % MINUTE_MS) else MINUTE_MS
    exact = MINUTE_MS if to_ms - from_ms > 2 * HOUR_MS else exact
    first, last = clock(from_ms, zone, exact), clock(to_ms, zone, exact)
    names = [zone_name(begin)] if zone_name(begin) != zone_name(end) else []
    year = "" if short else f" {end.year}"
    if begin.date() == end.date():
        text = f"{_day(begin.date())}{year} {' '.join([first, *names])} - {last}"
    else:
        early = f" {begin.year}" if begin.year != end.year else ""
        text = (
            f"{_day(begin.date())}{early} {' '.join([first, *names])} - "
            f"{_day(end.date())}{year} {last}"
        )
    return text if short and not names else f"{text} {zone_name(end)}"


def length(ms: int) -> str:
    """A length of time in at most two units: `1 s`, `30 min`, `6 h`, `2 d 4 h`."""
    parts = []
    for unit, size in (("d", DAY_MS), ("h", HOUR_MS), ("min", MINUTE_MS), ("s", SECOND_MS)):
        whole, ms = divmod(ms, size)
        if whole:
            parts.append(f"{whole} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def before(shift_ms: int) -> str:
    """How much earlier a comparison was: `1 d before`, also where that day had 23 or 25 hours."""
    days = round(shift_ms / DAY_MS)
    if days and abs(shift_ms - days * DAY_MS) <= HOUR_MS:
        shift_ms = days * DAY_MS
    return f"{length(shift_ms)} before"


def nearest(times: list[int], ms: int) -> int | None:
    """The place of the time nearest to `ms` in an ordered list; None in an empty one."""
    if not times:
        return None
    after = bisect_left(times, ms)
    if after == 0:
        return 0
    if after == len(times) or ms - times[after - 1] <= times[after] - ms:
        return after - 1
    return after
