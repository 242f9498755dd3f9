"""Rows of a fleet: what a reading says in a line, the order, the groups, totals, filters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.alarm import Acknowledgement, Alarm, AlarmLevel
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.fleet import FleetLoad, FleetRow
from pdutui.domain.fleet_filter import fitting
from pdutui.domain.fleet_groups import behind_of, sections_of, totals_of
from pdutui.domain.fleet_rows import (
    AlarmCounts,
    count_alarms,
    facts_of,
    row_of,
)
from pdutui.domain.fleet_sort import (
    CRITICAL,
    DOWN,
    STALE,
    WARNING,
    WELL,
    Limits,
    fullness,
    natural,
    sorted_rows,
    standing,
)
from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def reading(**parts: Any) -> Reading:
    return Reading(pdu="x", time=NOW, **parts)


def inlet(number: int = 1, **said: Any) -> Inlet:
    return Inlet(number=number, name=f"I{number}", **said)


def row(pdu: str = "x", **said: Any) -> FleetRow:
    return FleetRow(**{"pdu": pdu, "health": "live", "age_s": 0.0, **said})


def part(percent: float | None, **said: Any) -> FleetLoad:
    return FleetLoad(**{"name": "Bank 1", "percent": percent, "state": "normal", **said})


# what a reading says


def test_the_total_is_that_of_the_inlets_and_banks_only_say_which_part_is_fullest() -> None:
    facts = facts_of(
        reading(
            inlets=(inlet(current_a=12.0, power_w=2580.0, rating_a=32.0),),
            banks=(
                Bank(number=1, name="Bank 1", current_a=4.0, rating_a=16.0, power_w=900.0),
                Bank(number=2, name="Bank 2", current_a=8.0, critical_a=16.0, power_w=1680.0),
            ),
            outlets=tuple(
                Outlet(number=n, name="", state=state)  # type: ignore[arg-type]
                for n, state in enumerate(("on", "on", "off", "unknown"), 1)
            ),
        )
    )
    assert (facts.power_w, facts.current_a, facts.rating_a, facts.percent) == (2580, 12, 32, 37.5)
    assert facts.worst is not None
    assert (facts.worst.name, facts.worst.percent) == ("Bank 2", 50.0)
    assert (facts.outlets_on, facts.outlets_off, facts.outlets_unknown) == (2, 1, 1)
    assert facts.trend == ("inlet.1.power_w",)
    assert not facts.has_ats


def test_what_is_not_known_stays_unknown_and_is_never_a_part_of_a_sum() -> None:
    two = (inlet(1, power_w=500.0, current_a=2.0, rating_a=16.0), inlet(2, rating_a=16.0))
    facts = facts_of(reading(inlets=two))
    assert (facts.power_w, facts.current_a, facts.percent, facts.trend) == (None, None, None, ())
    assert facts.worst is not None
    assert (facts.worst.name, facts.worst.percent) == ("Inlet I1", 12.5)
    nothing = facts_of(reading())
    assert nothing.worst is None
    assert (nothing.power_w, nothing.apparent_power_va, nothing.percent) == (None, None, None)


def test_apparent_power_stands_in_only_where_there_is_no_power_at_all() -> None:
    both = facts_of(reading(inlets=(inlet(apparent_power_va=371.0, power_w=361.0),)))
    assert (both.power_w, both.apparent_power_va) == (361.0, None)
    alone = facts_of(reading(inlets=(inlet(1, apparent_power_va=371.0),)))
    assert (alone.power_w, alone.apparent_power_va) == (None, 371.0)
    part_of_it = facts_of(reading(inlets=(inlet(1, apparent_power_va=371.0), inlet(2))))
    assert part_of_it.apparent_power_va is None


def test_a_three_phase_cord_has_the_current_and_the_rating_of_its_fullest_line() -> None:
    lines = tuple(
        Phase(number=n, name=f"L{n}", current_a=a, rating_a=16.0) for n, a in ((1, 3.0), (2, 8.0))
    )
    facts = facts_of(reading(inlets=(inlet(power_w=2500.0, rating_a=32.0),), phases=lines))
    assert (facts.current_a, facts.rating_a, facts.percent) == (8.0, 16.0, 50.0)
    assert facts.worst is not None
    assert facts.worst.name == "L2"


def test_a_breaker_that_has_tripped_is_worse_than_a_full_one() -> None:
    banks = (
        Bank(number=1, name="C1", current_a=0.0, rating_a=16.0, state="tripped"),
        Bank(number=2, name="C2", current_a=15.9, rating_a=16.0, state="critical"),
    )
    assert facts_of(reading(banks=banks)).worst == FleetLoad(
        name="C1", current_a=0.0, rating_a=16.0, percent=0.0, state="tripped"
    )


def test_a_row_has_what_the_reading_the_configuration_and_the_alarms_say() -> None:
    ats = Ats(active="A", preferred="B", redundancy="lost")
    made = row_of(
        facts_of(reading(inlets=(inlet(power_w=100.0),), ats=ats)),
        pdu="ats-1", location="Row 3 / Rack 2", health="late", age_s=3.4, detail="slow",
        alarms=AlarmCounts(1, 2, 3),
    )  # fmt: skip
    assert (made.has_ats, made.active, made.preferred, made.redundancy) == (True, "A", "B", "lost")
    assert (made.critical, made.warning, made.quiet) == (1, 2, 3)
    assert (made.health, made.age_s, made.detail, made.feed) == ("late", 3.4, "slow", "")


def alarm(pdu: str, level: AlarmLevel, **said: Any) -> Alarm:
    return Alarm(
        id=f"{pdu}{level}{said}", pdu=pdu, kind="overload", level=level, text="", since=NOW,
        changed=NOW, **said,
    )  # fmt: skip


def test_alarms_count_by_level_and_those_that_were_seen_to_apart() -> None:
    seen = Acknowledgement(by="ada", time=NOW)
    counts = count_alarms(
        [
            alarm("a", "critical"), alarm("a", "warning"), alarm("a", "warning", over=NOW),
            alarm("a", "critical", ack=seen), alarm("b", "warning", silenced_until=NOW),
        ]
    )  # fmt: skip
    assert counts == {"a": AlarmCounts(1, 2, 1), "b": AlarmCounts(0, 0, 1)}


# how badly it is doing, and the order


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ({}, WELL),
        ({"percent": 79.9}, WELL),
        ({"percent": 80.0}, WARNING),
        ({"percent": 100.0}, CRITICAL),
        ({"percent": 20.0, "worst": part(85.0)}, WARNING),
        ({"worst": part(5.0, state="tripped")}, CRITICAL),
        ({"worst": part(5.0, state="warning")}, WARNING),
        ({"has_ats": True, "active": "none"}, CRITICAL),
        ({"has_ats": True, "active": "A", "redundancy": "lost"}, WARNING),
        ({"warning": 1}, WARNING),
        ({"critical": 1, "health": "lost"}, CRITICAL),
        ({"health": "lost"}, DOWN),
        ({"health": "refused", "warning": 1}, DOWN),
        ({"health": "late"}, STALE),
        ({"health": "late", "percent": 120.0}, STALE),
        ({"health": "connecting", "age_s": None}, STALE),
        ({"quiet": 1, "percent": 120.0}, WELL),
        ({"warning": 1, "percent": 120.0}, WARNING),
        ({"dark": True, "estimated": True}, CRITICAL),
        ({"estimated": True, "quiet": 1, "percent": 120.0}, CRITICAL),
        ({"estimated": True, "unsure": True}, STALE),
    ],
)
def test_how_badly_a_pdu_is_doing(said: dict[str, Any], stands: int) -> None:
    assert standing(row(**said)) == stands


def test_the_limits_are_those_of_the_configuration() -> None:
    assert standing(row(percent=70.0), Limits(60.0, 90.0)) == WARNING
    assert standing(row(percent=90.0), Limits(60.0, 90.0)) == CRITICAL


def test_the_worst_come_first_then_the_fullest_then_names_as_people_count() -> None:
    rows = [
        row("r10", percent=44.9), row("r2", percent=41.0), row("full", percent=45.0),
        row("late", health="late"), row("gone", health="lost"), row("hot", critical=1),
        row("warm", warning=1), row("unknown"), row("bank", percent=5.0, worst=part(61.0)),
    ]  # fmt: skip
    names = [r.pdu for r in sorted_rows(rows)]
    assert names == ["hot", "gone", "warm", "late", "bank", "full", "r2", "r10", "unknown"]
    assert [r.pdu for r in sorted_rows(reversed(rows))] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["a2", "a10", "b"]),
        ("power", ["b", "a10", "a2"]),
        ("percent", ["a10", "b", "a2"]),
        ("location", ["b", "a10", "a2"]),
    ],
)
def test_other_orders_have_what_is_not_known_last(order: Any, names: list[str]) -> None:
    rows = [
        row("a10", power_w=100.0, percent=9.5, location="Row 10"),
        row("a2"),
        row("b", power_w=900.0, percent=9.4, location="Row 2"),
    ]
    assert [r.pdu for r in sorted_rows(rows, order)] == names


ROWS = st.builds(
    row,
    pdu=st.text("ab1290", min_size=1, max_size=4),
    health=st.sampled_from(["live", "late", "lost", "connecting"]),
    percent=st.none() | st.floats(0, 150),
    power_w=st.none() | st.floats(0, 9000),
    critical=st.integers(0, 1),
    location=st.sampled_from(["", "Row 1", "Row 1 / Rack 1", "Row 1 / Rack 2", "Row 2 / Rack 3"]),
    feed=st.sampled_from(["", "A", "B"]),
)
FLEETS = st.lists(ROWS, max_size=12, unique_by=lambda r: r.pdu)


@settings(max_examples=40)
@given(FLEETS, st.sampled_from(["worst", "name", "power", "percent", "location"]), st.randoms())
def test_the_order_is_the_same_however_they_come(fleet: list[FleetRow], order: Any, r: Any) -> None:
    mixed = list(fleet)
    r.shuffle(mixed)
    assert sorted_rows(mixed, order) == sorted_rows(fleet, order)


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["r10", "R2", "r1b", "r1"], key=natural) == ["r1", "r1b", "R2", "r10"]


# groups and totals


@settings(max_examples=40)
@given(FLEETS, st.sampled_from(["none", "location", "rack", "feed"]))
def test_every_pdu_is_listed_in_exactly_one_group(fleet: list[FleetRow], grouping: Any) -> None:
    sections = sections_of(sorted_rows(fleet), grouping)
    listed = [name for section in sections if section.listed for name in section.members]
    assert sorted(listed) == sorted(r.pdu for r in fleet)
    for section in sections:
        assert section.members
        assert section.listed or section.level == 0


def test_racks_stand_below_their_rows_and_the_worst_group_comes_first() -> None:
    rows = sorted_rows(
        [
            row("a", location="Row 1 / Rack 2"), row("b", location="Row 1 / Rack 10"),
            row("c", location="Row 2 / Rack 1", critical=1), row("d"), row("e", location="Hall"),
        ]
    )  # fmt: skip
    shown = [(s.title, s.level, s.members, s.listed) for s in sections_of(rows, "rack")]
    assert shown == [
        ("Row 2", 0, ("c",), False),
        ("Row 2 / Rack 1", 1, ("c",), True),
        ("Hall", 0, ("e",), True),
        ("Row 1", 0, ("a", "b"), False),
        ("Row 1 / Rack 2", 1, ("a",), True),
        ("Row 1 / Rack 10", 1, ("b",), True),
        ("no location", 0, ("d",), True),
    ]
    assert [s.title for s in sections_of(rows, "location")] == [
        "Row 2", "Hall", "Row 1", "no location",
    ]  # fmt: skip
    assert [s.title for s in sections_of(rows, "feed")] == ["no feed"]
    by_name = [s.title for s in sections_of(rows, "rack", "name")]
    assert by_name[:3] == ["Hall", "Row 1", "Row 1 / Rack 2"]


def test_capitals_and_blanks_make_no_other_group() -> None:
    rows = [
        row("a", location="Row 1 / Rack 2", feed="A"),
        row("b", location="row 1 / rack 2", feed="a"),
        row("c", location="Row 1 / Rack 2", feed="A"),
        row("d", location="ROW  1 / Rack 3", feed="b"),
    ]
    shown = [(s.title, s.members) for s in sections_of(rows, "feed", "name")]
    assert shown == [("feed A", ("a", "b", "c")), ("feed b", ("d",))]
    shown = [(s.title, s.members) for s in sections_of(rows, "location", "name")]
    assert shown == [("Row 1", ("a", "b", "c", "d"))]
    shown = [(s.title, s.members) for s in sections_of(rows, "rack", "name")]
    assert [members for _, members in shown] == [("a", "b", "c", "d"), ("a", "b", "c"), ("d",)]


def test_watts_are_added_up_where_they_are_known_and_fresh() -> None:
    totals = totals_of(
        [
            row("a", power_w=1000.0, percent=40.0, critical=1),
            row("b", power_w=500.0, health="lost", percent=99.0, warning=2),
            row("c", power_w=None, worst=part(70.0)),
        ]
    )
    assert (totals.count, totals.measured, totals.counted, totals.power_w) == (3, 1, 3, 1000.0)
    assert totals.percent == 70.0, "what was so before it was lost is not so now"
    assert (totals.critical, totals.warning) == (1, 2)
    assert totals.healths == {"live": 2, "lost": 1}
    assert totals_of([row("b", health="lost", power_w=1.0)]).power_w is None


def test_a_pdu_that_hangs_on_others_of_the_group_is_not_counted_twice() -> None:
    cords = [
        MappedCord(device="ATS-1", pdu="a", outlet=3),
        MappedCord(device="ats-1", pdu="b", outlet=3),
        MappedCord(device="db01", pdu="a", outlet=4), MappedCord(device="b", pdu="b", outlet=1),
        MappedCord(device="b", pdu="elsewhere", outlet=1),
    ]  # fmt: skip
    behind = behind_of(cords, ["a", "b", "ats-1"])
    assert behind == {"ats-1": frozenset({"a", "b"})}
    rows = [row("a", power_w=100.0), row("b", power_w=200.0), row("ats-1", power_w=50.0)]
    whole = totals_of(rows, behind)
    assert (whole.power_w, whole.measured, whole.counted, whole.count) == (300.0, 2, 2, 3)
    alone = totals_of(rows[2:], behind)
    assert (alone.power_w, alone.counted) == (50.0, 1)


@pytest.mark.parametrize(
    ("shown", "watts", "measured", "counted"),
    [
        ("a b c", 100.0, 1, 1),
        ("a c", 100.0, 1, 1),  # what lies between is not shown, and yet it is in the figure
        ("b c", 60.0, 1, 1),
        ("c", 25.0, 1, 1),
        ("a two", 100.0, 1, 2),  # half of it hangs elsewhere: how much is not known
        ("a x two", 130.0, 2, 2),
        ("y z", None, 0, 2),  # each behind the other: that cannot be
    ],
)
def test_nothing_is_added_up_twice_however_many_lie_between(
    shown: str, watts: float | None, measured: int, counted: int
) -> None:
    cords = [
        MappedCord(device=device, pdu=pdu, outlet=1)
        for device, pdu in (("b", "a"), ("c", "b"), ("two", "a"), ("two", "x"), ("y", "z"),
                            ("z", "y"))
    ]  # fmt: skip
    carried = {"a": 100.0, "b": 60.0, "c": 25.0, "x": 30.0, "two": 20.0, "y": 1.0, "z": 2.0}
    rows = [row(name, power_w=carried[name]) for name in shown.split()]
    found = totals_of(rows, behind_of(cords, carried))
    assert (found.power_w, found.measured, found.counted) == (watts, measured, counted)


# filters


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["a", "b", "c", "lost-and-found"]),
        ("lost", ["b"]),
        ("LIVE", ["a", "c", "lost-and-found"]),
        ("stale", ["b"]),
        ("down", ["b"]),
        ("alarm", ["c"]),
        ("critical", []),
        ("quiet", ["a"]),
        ("trouble", ["b", "c"]),
        ("ats", ["c"]),
        (">80%", ["a"]),
        (">80", ["a"]),
        ("<50%", ["c"]),
        (">1kw", ["a"]),
        (">900w", ["a", "b"]),
        ("<3a", ["c"]),
        ("feed:a", ["a"]),
        ("rack", ["a", "b"]),
        ("rack 1", ["a"]),
        ("found live", ["lost-and-found"]),
        ("nothing", []),
    ],
)
def test_every_word_has_to_fit(text: str, names: list[str]) -> None:
    rows = [
        row("a", feed="A", location="Rack 1", percent=70.0, worst=part(81.0, state="warning"),
            power_w=1200.0, quiet=1, current_a=5.0),
        row("b", feed="B", location="Rack 2", health="lost", power_w=950.0, percent=60.0),
        row("c", feed="AB", has_ats=True, warning=1, percent=3.0, current_a=1.0),
        row("lost-and-found"),
    ]  # fmt: skip
    assert [r.pdu for r in fitting(rows, text)] == names


def test_how_full_it_is_is_that_of_its_fullest_part() -> None:
    assert fullness(row(percent=50.0, worst=part(20.0))) == 50.0
    assert fullness(row(percent=None, worst=part(20.0))) == 20.0
    assert fullness(row(percent=50.0, worst=part(None))) == 50.0
    assert fullness(row()) is None
