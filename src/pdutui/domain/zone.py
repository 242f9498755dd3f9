"""The local time zone, with its rules for summer time, for days, weeks and time axes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

LOCALTIME = Path("/etc/localtime")


def local_zone(env: Mapping[str, str], localtime: Path = LOCALTIME) -> tzinfo:
    """The zone of this machine: `TZ`, else the system's; UTC where neither can be told."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # some milliseconds to load

    name = env.get("TZ", "").removeprefix(":")
    if name and re.fullmatch(r"[A-Za-z0-9_+\-/]+", name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass  # a POSIX rule or a slip: the C library takes it for UTC, and so do we
        return UTC
    try:
        with localtime.open("rb") as file:
            return ZoneInfo.from_file(file, key=_key(localtime))
    except (OSError, ValueError):
        return UTC


def _key(localtime: Path) -> str | None:
    """`Europe/Berlin` from where the link leads to."""
    _, found, name = str(localtime.resolve()).partition("zoneinfo/")
    return name if found else None


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day, in UTC; where midnight is skipped, what comes after it."""
    begin = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    while begin.astimezone(zone).date() < day:  # midnight fell into the hour that was skipped
        begin += timedelta(minutes=15)
    return begin


def days_between(first: date, end: date, zone: tzinfo) -> list[tuple[date, datetime, datetime]]:
    """Local days from `first` up to and without `end`, each with its start and end in UTC."""
    out = []
    day = first
    while day < end:
        after = day + timedelta(days=1)
        out.append((day, start_of_day(day, zone), start_of_day(after, zone)))
        day = after
    return out
