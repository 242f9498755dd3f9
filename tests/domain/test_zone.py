"""Local days as they are: with 23, 24 and 25 hours, and without a midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pdutui.domain.zone import days_between, local_zone, start_of_day

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_zone_of_the_environment_comes_first() -> None:
    assert local_zone({"TZ": "America/St_Johns"}) == ZoneInfo("America/St_Johns")
    assert local_zone({"TZ": ":Europe/Berlin"}) == BERLIN


@pytest.mark.parametrize("slip", ["No/Where", "../../etc/passwd", "a b", "EST5EDT,M3.2.0,M11.1.0"])
def test_a_zone_that_is_not_known_is_utc(slip: str, tmp_path: Path) -> None:
    assert local_zone({"TZ": slip}, tmp_path / "none") is UTC


def test_the_zone_of_the_system_is_named_by_its_link(tmp_path: Path) -> None:
    source = Path("/usr/share/zoneinfo/Europe/Berlin")
    if not source.exists():
        pytest.skip("this system has no zoneinfo files")
    link = tmp_path / "localtime"
    link.symlink_to(source)
    zone = local_zone({}, link)
    assert str(zone) == "Europe/Berlin"
    summer = datetime(2026, 7, 1, tzinfo=zone).utcoffset()
    assert summer == timedelta(hours=2)


def test_without_anything_it_is_utc(tmp_path: Path) -> None:
    assert local_zone({}, tmp_path / "missing") is UTC
    broken = tmp_path / "broken"
    broken.write_text("not a zone")
    assert local_zone({}, broken) is UTC


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 20), 24)],
)
def test_days_have_the_hours_that_they_have(day: date, hours: int) -> None:
    ((which, begin, end),) = days_between(day, day + timedelta(days=1), BERLIN)
    assert which == day
    assert end - begin == timedelta(hours=hours)
    assert begin.astimezone(BERLIN).hour == 0


def test_a_day_without_a_midnight_begins_when_it_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # clocks go from 24:00 to 01:00 there
    begin = start_of_day(date(2026, 3, 29), beirut)
    assert begin.astimezone(beirut) == datetime(2026, 3, 29, 1, 0, tzinfo=beirut)
    assert (begin - timedelta(seconds=1)).astimezone(beirut).date() == date(2026, 3, 28)


def test_days_touch() -> None:
    days = days_between(date(2026, 3, 1), date(2026, 4, 1), BERLIN)
    assert len(days) == 31
    assert all(a[2] == b[1] for a, b in pairwise(days))
