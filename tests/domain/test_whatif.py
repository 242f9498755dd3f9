"""What would be if a feed, a PDU or a source were lost, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pdutui.domain.fleet import Loss
from pdutui.domain.impact_rules import PduFacts
from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Source
from pdutui.domain.whatif_run import WhatIfRun
from pdutui.domain.whatif_text import headline
from tests.domain.impact_fleet import RULES, cords, outlet, pdu
from tests.domain.whatif_fleet import NO_MAP, fate, fates, lose, part, room, texts

BOTH = cords("db01 a 3 A", "db01 b 3 B")


def feed_a(*outlets: Outlet, **more: Any) -> tuple[str, PduFacts]:
    """Carries what its outlets say, unless it is told otherwise."""
    sums = sum(one.current_a or 0.0 for one in outlets)
    return pdu("a", *outlets, **{"feed": "A", "bank_a": sums, "inlet_a": sums, **more})


def feed_b(*outlets: Outlet, **more: Any) -> tuple[str, PduFacts]:
    return pdu("b", *outlets, feed="B", **more)


# devices by the map


def test_the_other_cord_takes_over() -> None:
    # Inlet of b: 8.0 A + 2.4 A = 10.4 A of 32 A, 32.5 %. Its bank: 4.0 A + 2.4 A = 6.4 A of 16 A.
    fleet = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0))]
    found = lose("feed A", fleet, BOTH)
    assert (fate(found, "a"), fate(found, "b")) == ("lost", "takes")
    assert part(found, "b").after_a == pytest.approx(10.4)
    assert part(found, "b").after_percent == pytest.approx(32.5)
    assert part(found, "b", "bank").after_a == pytest.approx(6.4)
    assert fates(found) == {"db01": "degraded"}
    assert found.watts.moved == pytest.approx(2.4 * 230)
    assert (found.watts.dark, found.watts.unknown, found.watts.assumed) == (0, 0, 0)
    assert found.level == "clear"
    assert "clear: b goes to 40 % of 16 A (Bank C1)" in texts(found)
    assert headline(found) == ["nothing goes dark", "fullest b 40 % of 16 A"]


def test_the_power_stays_the_same_where_the_voltages_differ() -> None:
    # 2.0 A at 230 V are 4.0 A at 115 V.
    fleet = [feed_a(outlet(3, 2.0)), feed_b(outlet(3, 2.0), volts=115.0)]
    assert part(lose("feed A", fleet, BOTH), "b", "bank").after_a == pytest.approx(8.0)


def test_over_its_limit_and_over_its_rating() -> None:
    # 11.2 A + 2.4 A = 13.6 A of 16 A: 85 %. 14.0 A + 2.4 A = 16.4 A: 102.5 %.
    near = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0), bank_a=11.2)]
    found = lose("feed A", near, BOTH)
    assert part(found, "b", "bank").level == "caution"
    assert "caution: b goes to 85 % of 16 A (Bank C1): over the 80 % limit" in texts(found)
    over = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0), bank_a=14.0)]
    found = lose("feed A", over, BOTH)
    assert [one.pdu for one in found.over] == ["b"]
    assert texts(found)[0] == "danger: b goes to 102 % of 16 A (Bank C1): OVER ITS RATING"
    assert headline(found)[0] == "b 102 % of 16 A"


@pytest.mark.parametrize(
    ("twin", "what", "why"),
    [
        (feed_b(outlet(3, 0.0)), "dark", "its cord B (b outlet 3) is off"),
        (feed_b(outlet(3, 0.0, state="on")), "dark",
         "its cord B (b outlet 3) is on, but draws 0 W"),
        (feed_b(outlet(3, None), bank={"state": "tripped"}), "dark",
         "its cord B (b outlet 3) is dead: Bank C1 of b has tripped"),
        (feed_b(outlet(3, 1.0), stale=True, why="b is lost"), "may_go_dark",
         "its cord B (b outlet 3) is not known: b is lost"),
        (feed_b(outlet(3, 1.0), unsettled={3}), "may_go_dark",
         "its cord B (b outlet 3) is not known: it is being switched, or was just now"),
    ],
)  # fmt: skip
def test_a_twin_that_brings_nothing_is_no_twin(
    twin: tuple[str, PduFacts], what: str, why: str
) -> None:
    found = lose("feed A", [feed_a(outlet(3, 2.0)), twin], BOTH)
    (device,) = found.devices
    assert (device.fate, device.why) == (what, why)
    assert device.level == ("danger" if what == "dark" else "unknown")
    share = found.amperes.dark if what == "dark" else found.amperes.unknown
    assert share == pytest.approx(2.0)
    assert found.amperes.moved == 0


def test_one_cord_goes_dark_and_is_dangerous_where_it_is_critical() -> None:
    fleet = [feed_a(outlet(3, 2.0), outlet(4, 1.0), outlet(5, 0.5)), feed_b()]
    found = lose("feed A", fleet, cords("db01 a 3 !", "web a 4", "web2 a 5"))
    assert fates(found) == {"db01": "dark", "web": "dark", "web2": "dark"}
    assert texts(found)[:2] == [
        "danger: db01 (critical) goes dark: one cord in the map",
        "caution: web and web2 go dark: one cord in the map",
    ]
    assert headline(found)[0] == "3 devices go dark (1 critical)"
    assert part(found, "b").after_a == pytest.approx(8.0)


def test_both_cords_on_one_feed_are_no_redundancy() -> None:
    fleet = [feed_a(outlet(3, 1.0), outlet(4, 1.0)), feed_b()]
    (device,) = lose("feed A", fleet, cords("db01 a 3 A", "db01 a 4 B")).devices
    assert (device.fate, device.level) == ("dark", "danger")
    assert device.why == "both of its cords hang on a"


def test_the_loss_of_one_pdu_leaves_the_other_of_its_feed() -> None:
    # Both PDUs of feed A: the second one has the other cord, and takes over.
    fleet = [feed_a(outlet(3, 2.0)), pdu("a2", outlet(3, 1.0), feed="A"), feed_b()]
    by = cords("db01 a 3 A", "db01 a2 3 B")
    assert fates(lose("pdu a", fleet, by)) == {"db01": "degraded"}
    assert part(lose("pdu a", fleet, by), "a2").after_a == pytest.approx(10.0)
    assert fates(lose("feed A", fleet, by)) == {"db01": "dark"}


def test_behind_a_splitter_nobody_knows_whose_load_it_is() -> None:
    fleet = [feed_a(outlet(3, 2.0)), feed_b(outlet(3, 1.0), outlet(4, 1.0))]
    both = cords("db01 a 3 A", "db01 b 3 B", "db02 a 3 A", "db02 b 4 B")
    found = lose("feed A", fleet, both)
    assert part(found, "b").after_a == pytest.approx(10.0)
    assert found.amperes.moved == pytest.approx(2.0)
    one = cords("db01 a 3 A", "db01 b 3 B", "db02 a 3")
    found = lose("feed A", fleet, one)
    assert (part(found, "b").least_a, part(found, "b").most_a) == (8.0, 10.0)
    assert found.amperes.unknown == pytest.approx(2.0)


# what nobody has mapped


def test_unmapped_load_is_assumed_to_move_to_the_same_bank_of_the_other_feed() -> None:
    fleet = [feed_a(outlet(3, 2.0), outlet(4, 0.0)), feed_b()]
    found = lose("feed A", fleet)
    after = found.of("b")
    assert after is not None
    assert after.assumed
    assert part(found, "b").after_a == pytest.approx(10.0)
    assert part(found, "b", "bank").after_a == pytest.approx(6.0)
    assert found.watts.assumed == pytest.approx(460.0)
    assert "clear: One outlet of a is in no map: assumed to move to b" in texts(found)
    assert any("assumed" in text for text in texts(found) if text.startswith("clear: b goes"))


def test_unmapped_load_without_another_feed_is_not_known() -> None:
    fleet = [feed_a(outlet(3, 2.0)), feed_b()]
    found = lose("feed A", fleet, apart=("b",))
    assert part(found, "b").after_a == pytest.approx(8.0)
    assert (found.watts.unknown, found.watts.assumed) == (pytest.approx(460.0), 0.0)
    assert found.level == "unknown"
    assert texts(found)[0] == (
        "unknown: One outlet of a is in no map, and no other feed stands beside it: not known"
    )


def test_between_two_pdus_of_the_other_feed_it_is_only_bounded() -> None:
    # b and b2 carry 8.0 A; 2.0 A come to one of them, or to both in parts.
    fleet = [feed_a(outlet(3, 2.0)), feed_b(), pdu("b2", feed="B")]
    found = lose("feed A", fleet)
    for name in ("b", "b2"):
        assert (part(found, name).least_a, part(found, name).most_a) == (8.0, 10.0)
        assert part(found, name).after_a is None
    assert any("at most" in text for text in texts(found))


def test_a_stale_twin_makes_unmapped_load_unknown() -> None:
    fleet = [feed_a(outlet(3, 2.0)), feed_b(stale=True, why="b is late")]
    found = lose("feed A", fleet)
    assert fate(found, "b") == "unknown"
    assert "unknown: What b comes to carry is not known: b is late" in texts(found)


def test_a_twin_without_voltage_takes_nothing_over() -> None:
    fleet = [feed_a(outlet(3, 2.0)), feed_b(volts=0.0, inlet_a=0.0)]
    found = lose("feed A", fleet)
    assert found.amperes.dark == pytest.approx(2.0)
    assert texts(found)[0] == (
        "caution: One outlet of a is in no map: assumed to go dark, as no other feed has power"
    )


# what is not metered


def test_the_rest_of_a_bank_goes_where_all_its_outlets_go() -> None:
    fleet = [
        feed_a(outlet(3, None), outlet(4, None), bank_a=4.0, inlet_a=4.0),
        feed_b(outlet(3, None), outlet(4, None), bank_a=4.0),
    ]
    by = cords("db01 a 3 A", "db01 b 3 B", "db02 a 4 A", "db02 b 4 B")
    found = lose("feed A", fleet, by)
    assert part(found, "b", "bank").after_a == pytest.approx(8.0)
    # One of them goes dark: how much of the 4.0 A that is nobody knows.
    some = cords("db01 a 3 A", "db01 b 3 B", "db02 a 4")
    found = lose("feed A", fleet, some)
    bank = part(found, "b", "bank")
    assert (bank.least_a, bank.most_a) == (4.0, 8.0)
    assert found.amperes.unknown == pytest.approx(4.0)


def test_a_load_that_nobody_meters_may_be_any() -> None:
    fleet = [
        feed_a(outlet(3, None), bank_a=None, inlet_a=None),
        feed_b(outlet(3, 1.0)),
    ]
    found = lose("feed A", fleet, BOTH)
    assert (part(found, "b").least_a, part(found, "b").most_a) == (8.0, None)
    assert found.of("b").level == "unknown"  # type: ignore[union-attr]
    assert found.watts.unmetered == 1


def test_what_outlets_do_not_account_for_is_assumed_to_move_too() -> None:
    # The inlet carries 6.0 A, the outlets say 2.0 A of it: 4.0 A are somewhere.
    fleet = [feed_a(outlet(3, 2.0), bank_a=2.0, inlet_a=6.0), feed_b(outlet(3, 1.0))]
    found = lose("feed A", fleet, BOTH)
    assert part(found, "b").after_a == pytest.approx(14.0)
    assert (found.amperes.moved, found.amperes.assumed) == (2.0, 4.0)


def test_a_pdu_that_cannot_be_read_leaves_all_unknown() -> None:
    fleet = [feed_a(outlet(3, 2.0), stale=True, why="a is lost"), feed_b(outlet(3, 1.0))]
    found = lose("feed A", fleet, BOTH)
    assert part(found, "b").most_a is None
    assert "unknown: What a carries is not known: a is lost" in texts(found)


# three phases


def lines(*currents: float, rating_a: float = 16.0) -> dict[str, Any]:
    return {
        "banks": (),
        "inlets": (Inlet(number=1, name="I1", rating_a=rating_a),),
        "phases": tuple(
            Phase(number=n, name=f"L{n}", current_a=current, voltage_v=230.0)
            for n, current in enumerate(currents, 1)
        ),
    }


def test_all_of_three_lines_comes_line_by_line() -> None:
    # 3 + 5 A, 4 + 6 A, 9 + 5 A of 16 A each: L3 is the fullest, 14.0 A, 87.5 %.
    fleet = [feed_a(reading=lines(3, 4, 9)), feed_b(reading=lines(5, 6, 5))]
    found = lose("feed A", fleet)
    assert [round(one.after_a or 0, 3) for one in found.of("b").parts] == [8, 10, 14]  # type: ignore[union-attr]
    assert found.of("b").assumed  # type: ignore[union-attr]
    assert any("goes to 88 % of 16 A (L3), assumed: over the 80" in text for text in texts(found))


def test_where_not_all_of_it_comes_lines_are_only_bounded() -> None:
    # 2.0 A of outlet 3 move, 7.0 A of outlet 4 go dark: on no line more than 2.0 A can come.
    fleet = [
        feed_a(outlet(3, 2.0, bank=None), outlet(4, 7.0, bank=None), reading=lines(1, 1, 7)),
        feed_b(outlet(3, 1.0, bank=None), reading=lines(5, 6, 5)),
    ]
    found = lose("feed A", fleet, cords("db01 a 3 A", "db01 b 3 B", "x a 4"))
    spans = [(one.least_a, one.most_a) for one in found.of("b").parts]  # type: ignore[union-attr]
    assert spans == [(5.0, 6.0), (6.0, 7.0), (5.0, 7.0)]


# transfer switches


def switch(
    active: str | None, a: str = "normal", b: str = "normal", **more: Any
) -> tuple[str, PduFacts]:
    sources = (Source(id="A", name="A", state=a), Source(id="B", name="B", state=b))  # type: ignore[arg-type]
    ats = Ats(active=active, sources=sources, redundancy=more.pop("redundancy", None))  # type: ignore[arg-type]
    return pdu("ats", outlet(1, 2.0), reading={"ats": ats}, bank_a=2, inlet_a=2, **more)


@pytest.mark.parametrize(
    ("site", "lost", "becomes", "why"),
    [
        (switch("A"), "A", "same", "source B takes over, with nothing to fall back on"),
        (switch("A"), "B", "same", "stays on source A, with nothing to fall back on"),
        (switch("A", b="lost"), "A", "dark", "source B is lost as well"),
        (switch("A", b="unknown"), "A", "unsure",
         "source B is not known to be normal: whether it takes over is not known"),
        (switch("A", b="under_voltage"), "A", "unsure",
         "source B is under voltage: whether it takes over is not known"),
        (switch("A", redundancy="lost"), "A", "unsure",
         "says that its redundancy is lost, though source B is normal"),
        (switch("B", b="lost"), "A", "unsure",
         "source B is said to be lost, and to carry it"),
        (switch(None), "A", "same", "source B is normal, whichever of them carries it now"),
        (switch(None, b="lost"), "A", "unsure",
         "source B is lost, and which one carries it is not known"),
        (switch("none", a="lost", b="lost"), "A", "dark", "no source carries it now"),
        (switch("A", stale=True, why="ats is lost"), "A", "unsure",
         "what its sources do is not known: ats is lost"),
        (pdu("ats", outlet(1, 2.0)), "A", "unsure", "it has no transfer switch that is known"),
    ],
)  # fmt: skip
def test_a_source_is_lost(site: tuple[str, PduFacts], lost: str, becomes: str, why: str) -> None:
    found = lose(f"source ats {lost}", [site], cords("core ats 1"))
    after = found.of("ats")
    assert after is not None
    assert (after.fate, after.why) == (becomes, why)
    assert found.watts.dark == (pytest.approx(460.0) if becomes == "dark" else 0.0)
    # Where no source carries it, what hangs on it is dark already.
    goes = becomes == "dark" and "carries it now" not in why
    assert fates(found) == ({"core": "dark"} if goes else {})
    assert (found.level == "clear") == (becomes == "same")


def test_its_load_comes_in_by_the_other_inlet_where_it_has_two() -> None:
    inlets = (
        Inlet(number=1, name="A", voltage_v=230.0, current_a=6.0, rating_a=16.0),
        Inlet(number=2, name="B", voltage_v=230.0, current_a=0.5, rating_a=16.0),
    )
    sources = (Source(id="A", name="A", state="normal"), Source(id="B", name="B", state="normal"))
    ats = Ats(active="A", sources=sources)
    found = lose("source ats A", [pdu("ats", reading={"ats": ats, "inlets": inlets})])
    assert part(found, "ats", number=1).after_a == pytest.approx(0.0)
    assert part(found, "ats", number=2).after_a == pytest.approx(6.5)


def test_a_switch_that_nobody_mapped_keeps_its_load_only_if_either_source_would_do() -> None:
    fleet = [feed_a(), feed_b(), switch("A")]
    assert fate(lose("feed A", fleet), "ats") == "same"
    one_left = [feed_a(), feed_b(), switch("A", b="lost")]
    found = lose("feed A", one_left)
    assert fate(found, "ats") == "unsure"
    assert any("which of its sources hangs on feed A is not mapped" in t for t in texts(found))


def test_a_mapped_switch_moves_its_load_from_one_pdu_to_the_other() -> None:
    # Its idle source draws nothing, and is no dead cord.
    fleet = [
        feed_a(outlet(9, 2.0)), feed_b(outlet(9, 0.0, state="on")),
        switch("A"),
    ]  # fmt: skip
    by = cords("ats a 9 A", "ats b 9 B", "core ats 1")
    found = lose("feed A", fleet, by, apart=("ats",))
    assert fate(found, "ats") == "same"
    assert part(found, "b").after_a == pytest.approx(10.0)
    assert fates(found) == {}
    # The source alone: what feeds it goes on for others.
    found = lose("source ats A", fleet, by, apart=("ats",))
    assert part(found, "a").after_a == pytest.approx(0.0)
    assert part(found, "b").after_a == pytest.approx(10.0)
    # Both of its cords on one feed.
    both = cords("ats a 9 A", "ats a 8 B", "core ats 1")
    found = lose("feed A", fleet, both, apart=("ats",))
    assert (fate(found, "ats"), fates(found)) == ("dark", {"core": "dark"})


def test_a_pdu_behind_a_pdu_goes_dark_with_it_and_counts_once() -> None:
    # c hangs on outlet 9 of a with 2.0 A, which are those of its own outlet 1.
    fleet = [
        feed_a(outlet(9, 2.0)), feed_b(),
        pdu("c", outlet(1, 2.0), bank_a=2, inlet_a=2, feed="A2"),
    ]  # fmt: skip
    found = lose("feed A", fleet, cords("c a 9", "core c 1"), apart=("c",))
    assert (fate(found, "c"), fates(found)) == ("dark", {"core": "dark"})
    assert found.watts.lost == pytest.approx(460.0)
    assert found.watts.dark == pytest.approx(460.0)


# what is not there


def test_without_a_feed_nobody_knows_whether_a_pdu_hangs_on_it() -> None:
    found = lose("feed A", [feed_a(), pdu("x", outlet(1, 1.0))], cords("core x 1"))
    assert fate(found, "x") == "unsure"
    assert found.of("x").after_w is None  # type: ignore[union-attr]


def test_what_nobody_has_cannot_be_lost() -> None:
    for text in ("feed Q", "pdu nope", "source nope A"):
        found = lose(text, [feed_a()])
        assert (found.level, found.pdus) == ("unknown", ())
        assert "is not known here" in texts(found)[0]


def test_parts_of_a_room_do_not_touch_each_other() -> None:
    # Two racks, each with its own map: worked out apart, told together, in the order of the fleet.
    fleet = [feed_a(outlet(3, 2.0)), feed_b(outlet(3, 1.0)),
             pdu("a2", outlet(3, 3.0), feed="A")]  # fmt: skip
    found = lose("feed A", fleet, BOTH, apart=("a2",))
    assert [one.pdu for one in found.pdus] == ["a", "b", "a2"]
    alone = lose("pdu a", fleet, BOTH, apart=("a2",))
    assert [one.pdu for one in alone.pdus] == ["a", "b"]
    # Of a2 8.0 A are lost, of which outlet 3 says 3.0 A.
    assert found.amperes.lost == pytest.approx(alone.amperes.lost + 8.0)


def test_a_bank_that_is_not_known_bounds_all_of_them() -> None:
    banks = tuple(
        Bank(number=n, name=f"C{n}", voltage_v=230.0, current_a=4.0, rating_a=16.0) for n in (1, 2)
    )
    fleet = [
        feed_a(outlet(3, 2.0)),
        feed_b(outlet(3, 1.0, bank=None), reading={"banks": banks}),
    ]
    found = lose("feed A", fleet, BOTH)
    assert [(p.least_a, p.most_a) for p in found.of("b").parts if p.kind == "bank"] == [  # type: ignore[union-attr]
        (4.0, 6.0), (4.0, 6.0),
    ]  # fmt: skip


def test_nothing_is_lost_with_an_empty_map_and_no_load() -> None:
    fleet = [feed_a(), feed_b()]
    found = lose("feed A", fleet, NO_MAP)
    assert found.watts.lost == 0
    assert part(found, "b").after_a == pytest.approx(8.0)


def test_a_cord_on_a_pdu_that_may_go_dark_cannot_be_counted_on() -> None:
    fleet = [feed_a(outlet(3, 2.0)), switch("A", b="lost")]
    found = lose("feed A", fleet, cords("core a 3 A", "core ats 1 B"))
    assert fates(found) == {"core": "may_go_dark"}
    assert found.devices[0].why == (
        "its cord B (ats outlet 1) is not known: whether ats keeps its power is not known"
    )


def test_what_a_lost_pdu_hung_on_carries_that_much_less() -> None:
    # c hung on outlet 9 of a with 2.0 A: a carries 3.0 A of 5.0 A without it.
    fleet = [feed_a(outlet(9, 2.0), outlet(1, 3.0)), pdu("c", outlet(1, 2.0), feed="C")]
    found = lose("pdu c", fleet, cords("c a 9"), apart=("c",))
    assert part(found, "a").after_a == pytest.approx(3.0)


def test_without_any_rating_nothing_is_said_to_be_fine() -> None:
    fleet = [
        feed_a(outlet(3, 2.0)),
        feed_b(outlet(3, 1.0), bank_rating_a=None, inlet_rating_a=None),
    ]
    found = lose("feed A", fleet, BOTH)
    assert found.of("b").level == "unknown"  # type: ignore[union-attr]
    assert "unknown: b goes to 10.0 A; its rating is not known" in texts(found)


def test_watts_without_amperes_are_no_amperes() -> None:
    # 460 W of outlet 3, nobody says at which current: the inlet of b may come to any.
    blind = outlet(3, None, power_w=460.0, power_factor=None)
    found = lose("feed A", [feed_a(blind, bank_a=2, inlet_a=2), feed_b(outlet(3, 1.0))], BOTH)
    assert (part(found, "b").least_a, part(found, "b").most_a) == (8.0, None)
    assert found.watts.moved == pytest.approx(460.0)


def test_what_draws_nothing_moves_nothing_and_assumes_nothing() -> None:
    fleet = [feed_a(outlet(3, 2.0), outlet(4, 0.0, state="on")), feed_b(outlet(3, 1.0))]
    found = lose("feed A", fleet, BOTH)
    assert not found.of("b").assumed  # type: ignore[union-attr]


def test_a_figure_says_on_which_side_of_a_limit_it_is() -> None:
    # 80.0 % is at the limit, 80.1 % beyond it; 100.3 % beyond the rating.
    for bank_a, said in ((10.4, "80 %"), (10.42, "80.1 %"), (13.64, "100.2 %"), (9.0, "71 %")):
        fleet = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0), bank_a=bank_a)]
        assert any(
            f"b goes to {said} of 16 A" in text for text in texts(lose("feed A", fleet, BOTH))
        )


def test_a_twin_that_has_left_the_configuration_takes_nothing_over() -> None:
    whole = [feed_a(outlet(3, 2.4)), feed_b(outlet(3, 2.0))]
    left = dict(whole[:1])
    loss = Loss(kind="feed", name="A")
    run = WhatIfRun(loss, left, room(whole, NO_MAP), RULES)
    while not run.done:
        run.step()
    assert fates(run.result()) == {}
    assert run.result().watts.dark > 0
