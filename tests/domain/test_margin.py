"""What racks have to spare, worked out by hand."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.impact_rules import PduFacts
from pdutui.domain.margin import RackMargins, margins, worst_first
from tests.domain.impact_fleet import RULES, cords, outlet, pdu
from tests.domain.test_whatif import BOTH, feed_a, feed_b, switch
from tests.domain.whatif_fleet import NO_MAP, room

Fleet = list[tuple[str, PduFacts]]


def of(fleet: Fleet, by: DeviceMap = NO_MAP) -> RackMargins:
    there = room(fleet, by)
    (rack,) = there.racks.racks
    return margins(rack, dict(fleet), there, RULES)


def texts(found: RackMargins) -> list[str]:
    return [margin.text for margin in found.margins]


def feeds(**more: Any) -> Fleet:
    """9.2 A on each feed, in a rack whose inlets are rated 16 A."""
    return [
        feed_a(outlet(3, 2.4), bank_rating_a=None, inlet_rating_a=16.0),
        feed_b(
            outlet(3, 2.0), inlet_a=8.96, inlet_rating_a=16.0, bank_rating_a=None, bank_a=2.0,
            **more,
        ),
    ]  # fmt: skip


def test_the_worst_direction_comes_first_with_its_figure() -> None:
    # B: 8.96 A + 2.4 A = 11.36 A of 16 A, 71 %. A: 2.4 A + 2.0 A + 6.96 A nobody has mapped.
    found = of(feeds(), BOTH)
    assert texts(found) == [
        "lose A: B goes to 71 % of 16 A",
        "lose B: A goes to 71 % of 16 A, assumed",
    ]
    assert (found.level, found.percent) == ("clear", found.margins[0].percent)
    assert [margin.assumed for margin in found.margins] == [False, True]


def test_a_pdu_that_hangs_on_another_is_in_its_watts_already() -> None:
    def watts(*lines: str) -> float | None:
        fleet = []
        for (name, facts), power_w in zip(feeds(), (2000.0, 900.0), strict=True):
            assert facts.reading is not None
            inlets = tuple(replace(one, power_w=power_w) for one in facts.reading.inlets)
            fleet.append((name, replace(facts, reading=replace(facts.reading, inlets=inlets))))
        return of(fleet, cords(*lines)).power_w

    assert watts() == 2900.0
    assert watts("b a 3") == 2000.0


def test_the_bank_is_named_where_it_is_the_fullest() -> None:
    fleet = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0), bank_a=11.2)]
    assert of(fleet, BOTH).margins[0].text == (
        "lose A: B goes to 85 % of 16 A (Bank C1): over the 80 % limit"
    )


def test_no_margin_is_said_and_comes_before_all_else() -> None:
    fleet = [feed_a(outlet(3, 6.0)), feed_b(outlet(3, 2.0), bank_a=12.0, inlet_a=12.0)]
    found = of(fleet, BOTH)
    assert found.margins[0].text == "lose A: no margin: B would go to 112 % of 16 A (Bank C1)"
    assert found.level == "danger"


def test_what_is_stale_makes_both_directions_unknown() -> None:
    found = of(feeds(stale=True, why="b is lost"), BOTH)
    assert texts(found) == ["lose A: unknown: b is lost", "lose B: unknown: b is lost"]
    assert (found.level, found.percent) == ("unknown", None)
    assert found.power_w is None


def test_a_rating_that_nobody_knows_is_no_margin() -> None:
    fleet = [
        feed_a(outlet(3, 2.0), bank_rating_a=None, inlet_rating_a=None),
        feed_b(outlet(3, 2.0), bank_rating_a=None, inlet_rating_a=None),
    ]
    assert texts(of(fleet, BOTH)) == [
        "lose A: unknown: the rating of b is not known",
        "lose B: unknown: the rating of a is not known",
    ]


def test_devices_at_risk_are_named_once_with_what_takes_them_down() -> None:
    fleet = [
        feed_a(outlet(1, 1.0), outlet(2, 1.0), outlet(3, 1.0), outlet(4, 1.0), outlet(5, 1.0)),
        feed_b(outlet(1, 1.0), outlet(3, 0.0, state="on"), outlet(6, 1.0)),
    ]
    by = cords(
        "ok a 1 A", "ok b 1 B", "one a 2", "half a 3 A", "half b 3 B", "two a 4 A", "two a 5 B",
        "vip b 6 !",
    )  # fmt: skip
    found = of(fleet, by)
    assert [(one.device, one.feeds, one.why) for one in found.risks] == [
        ("vip", ("B",), "one cord in the map"),
        ("half", ("A",), "its cord B (b outlet 3) is on, but draws 0 W"),
        ("two", ("A",), "both of its cords hang on a"),
    ]
    assert found.single == 1
    assert found.level == "danger"
    assert any("; 3 devices go dark" in text for text in texts(found))


def test_one_cord_alone_raises_no_alarm() -> None:
    found = of([feed_a(outlet(2, 1.0)), feed_b()], cords("one a 2"))
    assert (found.level, found.risks, found.single) == ("clear", (), 1)
    assert texts(found)[1].endswith("1 device goes dark")


def test_more_feeds_than_two_name_the_one_that_comes_to_most() -> None:
    fleet = [
        feed_a(outlet(3, 2.0)), feed_b(outlet(3, 2.0)), pdu("c", outlet(3, 2.0), feed="C"),
    ]  # fmt: skip
    by = cords("db01 a 3 A", "db01 b 3 B", "db01 c 3 C")
    # The 2.0 A of a are shared: 1.0 A each. b: 5.0 A of 16 A in its bank.
    found = of(fleet, by)
    (margin,) = [one for one in found.margins if one.feed == "A"]
    assert margin.text == "lose A: B goes to 31 % of 16 A (Bank C1)"


def test_several_pdus_of_a_feed_are_told_apart() -> None:
    fleet = [feed_a(outlet(3, 2.0)), feed_b(outlet(3, 2.0)), pdu("b2", feed="B", bank_a=9.0)]
    (margin,) = [one for one in of(fleet, BOTH).margins if one.feed == "A"]
    assert margin.text == "lose A: B (b2) stays at 56 % of 16 A (Bank C1)"


def test_a_side_with_a_transfer_switch_goes_on() -> None:
    name, facts = switch("A", feed="A")
    found = of([(name, facts), feed_b()])
    (margin,) = [one for one in found.margins if one.feed == "A"]
    assert margin.text.endswith("; ats goes on by transfer switch")


def test_a_cord_on_a_feed_of_another_rack_is_seen() -> None:
    # db01 has both its cords on feed A, one of them in another rack.
    fleet = [feed_a(outlet(3, 2.0)), feed_b(), pdu("far", outlet(3, 1.0), feed="A")]
    there = room(fleet, cords("db01 a 3 A", "db01 far 3 B"), apart=("far",))
    found = margins(there.racks.racks[0], dict(fleet), there, RULES)
    assert [one.why for one in found.risks] == ["both of its cords hang on a and far"]


def test_racks_are_told_the_worst_first() -> None:
    fine = of([feed_a(outlet(3, 1.0)), feed_b(outlet(3, 1.0))], BOTH)
    full = of([feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0), bank_a=11.2)], BOTH)
    blind = of(feeds(stale=True, why="b is lost"), BOTH)
    over = of([feed_a(outlet(3, 6.0)), feed_b(outlet(3, 2.0), bank_a=12.0)], BOTH)
    assert worst_first([fine, blind, over, full]) == [over, full, blind, fine]
