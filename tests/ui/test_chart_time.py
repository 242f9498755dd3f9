from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.widgets.chart_time import Tick, before, length, local, moment, nearest, ticks, window
from tests.support.charts import BERLIN, DAY, HOUR, NOON

ZONES = [
    BERLIN, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Asia/Kathmandu"),
    ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Beirut"),
]  # fmt: skip


def at(zone: tzinfo, *when: int) -> int:
    return round(datetime(*when, tzinfo=zone).timestamp() * 1000)  # type: ignore[misc, arg-type]


def labels(found: list[Tick]) -> list[str]:
    return [tick.label for tick in found]


def test_the_hour_that_is_there_twice_is_told_apart() -> None:
    begin, end = at(BERLIN, 2026, 10, 25, 0, 30), at(BERLIN, 2026, 10, 25, 6)
    found = ticks(begin, end, BERLIN, 110)
    whole = [label for label in labels(found) if ":00" in label]
    assert whole == ["01:00", "02:00 CEST", "02:00 CET", "03:00", "04:00", "05:00"]
    twice = [tick.ms for tick in found if tick.label.startswith("02:00")]
    assert twice[1] - twice[0] == HOUR


def test_the_hour_that_is_skipped_has_no_tick() -> None:
    found = ticks(at(BERLIN, 2026, 3, 29, 0), at(BERLIN, 2026, 3, 29, 8), BERLIN, 80)
    assert "02:00" not in labels(found)
    assert {"01:00", "03:00"} <= set(labels(found))
    one, three = (tick.ms for tick in found if tick.label in ("01:00", "03:00"))
    assert three - one == HOUR


def test_a_window_over_the_change_stands_at_local_hours() -> None:
    for day in ((2026, 3, 29), (2026, 10, 25)):
        middle = at(BERLIN, *day, 12)
        for span in (DAY, 7 * DAY):
            for tick in ticks(middle - span, middle + span // 3, BERLIN, 100):
                if tick.midnight:
                    assert f"{local(tick.ms, BERLIN):%H:%M}" == "00:00"
                else:
                    assert tick.label[:5] == f"{local(tick.ms, BERLIN):%H:%M}"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(at(ZoneInfo("UTC"), 2026, 1, 1), at(ZoneInfo("UTC"), 2027, 1, 1)),
    st.one_of(st.integers(10_000, 3 * DAY), st.integers(DAY, 500 * DAY)),
    st.sampled_from(ZONES),
    st.integers(10, 200),
)
def test_ticks_are_round_within_and_few_enough(
    begin: int, span: int, zone: tzinfo, cells: int
) -> None:
    found = ticks(begin, begin + span, zone, cells)
    assert [tick.ms for tick in found] == sorted({tick.ms for tick in found})
    for tick in found:
        assert begin <= tick.ms < begin + span
        here = local(tick.ms, zone)
        assert here.microsecond == 0
        if span > 12 * HOUR and not tick.midnight:
            assert here.second == 0
            assert here.minute in (0, 15, 30, 45)
    # One more than fits between two ends; the change of clocks may bring another.
    assert len(found) <= max(1, cells // 7) + 2


@pytest.mark.parametrize(
    ("span", "cells", "want"),
    [
        (HOUR, 70, "11:10"),
        (HOUR, 180, "11:05"),
        (6 * HOUR, 70, "07:00"),
        (DAY, 70, "15:00"),
        (7 * DAY, 110, "14 Nov"),
        (30 * DAY, 70, "26 Oct"),
        (60 * DAY, 110, "5 Oct"),
        (400 * DAY, 110, "Jan 2026"),
    ],
)
def test_every_range_has_its_own_ticks(span: int, cells: int, want: str) -> None:
    found = ticks(NOON - span, NOON, BERLIN, cells)
    assert want in labels(found)
    assert 3 <= len(found) <= 20


def test_midnights_carry_their_day() -> None:
    night = [tick for tick in ticks(NOON - DAY, NOON, BERLIN, 70) if tick.midnight]
    assert [(tick.label, tick.day) for tick in night] == [("Fri 20", "Fri 20 Nov")]


def test_a_day_that_has_no_midnight_begins_when_it_does() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # on the last Sunday of March the clock goes from 0:00 to 1:00
    begin = at(beirut, 2026, 3, 26, 12)
    days = ticks(begin, begin + 6 * DAY, beirut, 60)
    found = [local(tick.ms, beirut) for tick in days]
    assert any(here.day == 29 and here.hour == 1 for here in found)


def test_times_are_written_for_people() -> None:
    assert window(NOON - HOUR, NOON, BERLIN) == "Fri 20 Nov 2026 11:00 - 12:00 CET"
    assert window(NOON - DAY, NOON, BERLIN) == "Thu 19 Nov 12:00 - Fri 20 Nov 2026 12:00 CET"
    over = window(at(BERLIN, 2026, 10, 24, 12), at(BERLIN, 2026, 10, 25, 12), BERLIN)
    assert over == "Sat 24 Oct 12:00 CEST - Sun 25 Oct 2026 12:00 CET"
    assert window(NOON - 7000, NOON, UTC) == "Fri 20 Nov 2026 10:59:53 - 11:00:00 UTC"
    assert moment(NOON, ZoneInfo("Asia/Kolkata"), 1000).endswith("16:30:00 IST")
    assert moment(NOON, ZoneInfo("Asia/Kathmandu"), 60_000).endswith("16:45 +05:45")
    lengths = (1000, 90_000, HOUR, 26 * HOUR, 0)
    assert [length(ms) for ms in lengths] == ["1 s", "1 min 30 s", "1 h", "1 d 2 h", "0 s"]


def test_a_day_before_is_one_also_where_the_clocks_changed() -> None:
    shifts = (DAY, DAY - HOUR, DAY + HOUR, 7 * DAY + HOUR, 90 * 60_000)
    want = ["1 d before"] * 3 + ["7 d before", "1 h 30 min before"]
    assert [before(shift) for shift in shifts] == want


def test_the_nearest_time() -> None:
    assert nearest([], 5) is None
    assert [nearest([10, 20, 40], ms) for ms in (0, 14, 16, 29, 31, 99)] == [0, 0, 1, 1, 2, 2]
