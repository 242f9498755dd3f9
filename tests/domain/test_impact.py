"""The preview's loads, by hand: what banks and inlets carry before and after."""

from __future__ import annotations

import pytest

from pdutui.domain.impact_rules import ImpactRules, KnownLoad, PduFacts
from pdutui.domain.reading import Bank, Inlet, Phase
from tests.domain.impact_fleet import cords, load, outlet, pdu, preview, texts

NO_MAP = cords()
HOUR = 3600.0


def known(amps: float, age_s: float = HOUR) -> KnownLoad:
    return KnownLoad(power_w=230.0 * amps, current_a=amps, age_s=age_s)


def test_a_bank_at_78_percent_does_not_take_another_ampere() -> None:
    # 12.48 A of 16 A are 78 %. One ampere more: 13.48 A, 84.25 %, above 80 % (12.8 A).
    # In the first moments 1.5 A more: 13.98 A, 87.375 %.
    fleet = [pdu("a", outlet(3, 0.0), bank_a=12.48, inlet_a=12.48, last={3: known(1.0)})]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    bank = load(impact, "a")
    assert bank.before_percent == pytest.approx(78.0)
    assert (bank.after_a, bank.peak_a) == (pytest.approx(13.48), pytest.approx(13.98))
    assert bank.after_percent == pytest.approx(84.25)
    assert bank.peak_percent == pytest.approx(87.375)
    assert bank.limit_a == pytest.approx(12.8)
    assert (bank.level, impact.level, impact.danger) == ("danger", "danger", True)
    assert texts(impact)[0] == "Bank C1 of a: 12.5 A to 13.5 A of 16 A, 84 %: over its 80 % limit"
    # The inlet: 13.48 A of 32 A are 42.1 %.
    assert load(impact, "a", "inlet").after_percent == pytest.approx(42.125)
    assert load(impact, "a", "inlet").level == "clear"
    # What is expected comes from when the outlet was last on.
    assert impact.outlets[0].basis == "last_known"
    assert (impact.outlets[0].current_a, impact.outlets[0].peak_a) == (1.0, 1.5)
    assert "Outlet 3 out3 adds 230 W, 1.0 A (1.5 A at first), as when last on, 60 min ago" in (
        texts(impact)
    )


def test_exactly_at_the_limit_is_not_over_it() -> None:
    # 11.8 A + 1.0 A = 12.8 A, which is 80.0 % of 16 A.
    fleet = [pdu("a", outlet(3, 0.0), bank_a=11.8, inlet_a=11.8, last={3: known(1.0)})]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    assert load(impact, "a").level == "clear"
    assert impact.level == "clear"


def test_the_limit_is_the_configured_one() -> None:
    # 4 A + 1 A = 5 A of 16 A are 31.25 %: over a limit of 30 %.
    fleet = [pdu("a", outlet(3, 0.0), last={3: known(1.0)})]
    rules = ImpactRules(limit_percent=30.0, inrush_factor=3.0)
    impact = preview("a 3 on", fleet, cords("db01 a 3"), rules)
    assert load(impact, "a").level == "danger"
    assert load(impact, "a").peak_a == pytest.approx(4.0 + 3.0)


def test_what_drops_is_what_flows_now() -> None:
    # 4.0 A - 1.2 A = 2.8 A of 16 A: 17.5 %; the inlet 8.0 A - 1.2 A = 6.8 A of 32 A: 21.25 %.
    impact = preview("a 3 off", [pdu("a", outlet(3, 1.2))], cords("db01 a 3"))
    assert load(impact, "a").after_a == pytest.approx(2.8)
    assert load(impact, "a").after_percent == pytest.approx(17.5)
    assert load(impact, "a").peak_a is None
    assert load(impact, "a", "inlet").after_percent == pytest.approx(21.25)
    assert impact.outlets[0].basis == "now"
    assert "Outlet 3 out3 drops 276 W, 1.2 A" in texts(impact)


def test_a_bank_over_its_limit_may_fall_but_not_rise() -> None:
    # 14 A of 16 A are 87.5 %. Dropping 1 A leaves 81.25 %: still over, and better than before.
    over = pdu("a", outlet(3, 1.0), outlet(4, 0.0), bank_a=14.0, last={4: known(0.1)})
    assert load(preview("a 3 off", [over], cords("db01 a 3")), "a").level == "clear"
    # 0.1 A more make 14.1 A, 88.1 %.
    assert load(preview("a 4 on", [over], cords("db01 a 4")), "a").level == "danger"


def test_more_than_the_rating_is_said_so() -> None:
    # 15.5 A + 1.0 A = 16.5 A of 16 A: 103 %.
    fleet = [pdu("a", outlet(3, 0.0), bank_a=15.5, last={3: known(1.0)})]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    assert texts(impact)[0] == "Bank C1 of a: 15.5 A to 16.5 A of 16 A, 103 %: OVER ITS RATING"


def test_an_inrush_over_the_rating_only_is_a_caution() -> None:
    # 5 A + 5 A = 10 A of 16 A: 62.5 %. At first 5 A + 5 A x 2.5 = 17.5 A: more than 16 A.
    fleet = [pdu("a", outlet(3, 0.0), bank_a=5.0, inlet_a=5.0, last={3: known(5.0)})]
    rules = ImpactRules(limit_percent=80.0, inrush_factor=2.5)
    impact = preview("a 3 on", fleet, cords("db01 a 3"), rules)
    assert load(impact, "a").peak_a == pytest.approx(17.5)
    assert (load(impact, "a").level, impact.level) == ("caution", "caution")
    assert texts(impact)[0] == (
        "Bank C1 of a: 5.0 A to 10.0 A of 16 A, 62 %; 17.5 A at first, over its rating"
    )


def test_a_reboot_drops_and_comes_back_with_its_inrush() -> None:
    # 4 A before and after; at first 1.2 A x 0.5 more: 4.6 A.
    impact = preview("a 3 reboot", [pdu("a", outlet(3, 1.2))], cords("db01 a 3"))
    bank = load(impact, "a")
    assert (bank.before_a, bank.after_a) == (4.0, 4.0)
    assert bank.peak_a == pytest.approx(4.6)
    assert impact.outlets[0].peak_a == pytest.approx(1.8)
    assert "Outlet 3 out3 drops 276 W, 1.2 A (1.8 A at first), and takes it up again" in (
        texts(impact)
    )


def test_several_changes_are_one_in_any_order() -> None:
    # 4.0 A - 1.0 A - 0.5 A + 2.0 A = 4.5 A. At worst the new one comes first, with its inrush:
    # 4.0 A + 3.0 A = 7.0 A.
    fleet = [
        pdu("a", outlet(1, 1.0), outlet(2, 0.5), outlet(3, 0.0), last={3: known(2.0)})
    ]  # fmt: skip
    by = cords("x a 1", "y a 2", "z a 3")
    forth = preview("a 1 off; a 2 off; a 3 on", fleet, by)
    back = preview("a 3 on; a 2 off; a 1 off", fleet, by)
    assert load(forth, "a").after_a == pytest.approx(4.5)
    assert load(forth, "a").peak_a == pytest.approx(7.0)
    assert (forth.level, load(forth, "a")) == (back.level, load(back, "a"))
    assert "2 outlets drop 345 W, 1.5 A" in texts(forth)


def test_an_outlet_that_goes_off_and_on_again_is_rebooted() -> None:
    impact = preview("a 3 off; a 3 on", [pdu("a", outlet(3, 1.0))], cords("db01 a 3"))
    assert load(impact, "a").after_a == 4.0
    assert impact.devices[0].fate == "restarts"


@pytest.mark.parametrize("wish", ["a 3 off", "a 3 delayed_off", "a 0 all_off"])
def test_delayed_and_all_count_like_the_plain_action(wish: str) -> None:
    impact = preview(wish, [pdu("a", outlet(3, 1.0))], cords("db01 a 3"))
    assert load(impact, "a").after_a == pytest.approx(3.0)


def test_all_outlets_are_those_that_can_be_switched() -> None:
    # 4.0 A - 1.0 A: outlet 4 stays.
    fleet = [pdu("a", outlet(3, 1.0), outlet(4, 2.0, switchable=False))]
    impact = preview("a 0 all_off", fleet, cords("db01 a 3", "db02 a 4"))
    assert load(impact, "a").after_a == pytest.approx(3.0)
    assert [device.device for device in impact.devices] == ["db01"]


@pytest.mark.parametrize("wish", ["a 3 on", "a 4 off"])
def test_what_is_so_already_drops_nothing(wish: str) -> None:
    fleet = [pdu("a", outlet(3, 1.0), outlet(4, 0.0))]
    impact = preview(wish, fleet, cords("db01 a 3", "db02 a 4"))
    assert impact.level == "clear"
    assert not impact.loads
    assert impact.outlets[0].power_w == 0.0
    assert texts(impact)[0].startswith("Nothing changes: outlet ")
    assert preview(wish, fleet, NO_MAP).unmapped == ()


@pytest.mark.parametrize("action", ["identify", "cancel"])
def test_what_switches_nothing_does_nothing(action: str) -> None:
    impact = preview(f"a 3 {action}", [pdu("a", outlet(3, 1.0))], NO_MAP)
    assert (impact.level, impact.lines, impact.outlets) == ("clear", (), ())


def test_what_an_outlet_without_a_meter_drops_is_not_known_and_does_its_bank_no_harm() -> None:
    impact = preview("a 3 off", [pdu("a", outlet(3, None))], cords("db01 a 3"))
    bank = load(impact, "a")
    assert (bank.before_a, bank.after_a, bank.level) == (4.0, None, "clear")
    assert impact.outlets[0].basis == "unknown"
    assert "What outlet 3 carries is not known" in texts(impact)
    assert "Bank C1 of a: 4.0 A of 16 A now; it falls, by how much is not known" in texts(impact)


def test_what_falls_needs_no_rating_and_what_rises_does() -> None:
    """Else nobody with a PDU that tells no rating would still read what is unknown."""
    bare = {"bank_rating_a": None, "inlet_rating_a": None}
    fleet = [pdu("a", outlet(3, 1.0), outlet(4, 0.0), last={4: known(1.0)}, **bare)]
    down = preview("a 3 off", fleet, cords("db01 a 3"))
    assert {line.text for line in down.lines if line.level == "unknown"} == set()
    assert "Bank C1 of a: 4.0 A to 3.0 A; its rating is not known" in texts(down)
    up = preview("a 4 on", fleet, cords("db01 a 4"))
    assert (load(up, "a").level, up.level) == ("unknown", "unknown")
    assert "Bank C1 of a: 4.0 A to 5.0 A; its rating is not known" in texts(up)


def test_a_line_that_nobody_names_can_only_fall_by_what_drops() -> None:
    lines = tuple(
        Phase(number=n, name=f"L{n}", current_a=2.0 + n, rating_a=16.0) for n in (1, 2, 3)
    )
    impact = preview("a 3 off", [pdu("a", outlet(3, 1.0), reading={"phases": lines})], NO_MAP)
    inlet = load(impact, "a", "inlet")
    assert (inlet.level, inlet.after_a) == ("clear", None)
    assert inlet.text == "Inlet I1 of a: falls; L3 has most, 5.0 A of 16 A"


def test_a_reboot_of_what_is_not_metered_adds_nothing_in_the_end() -> None:
    impact = preview("a 3 reboot", [pdu("a", outlet(3, None))], cords("db01 a 3"))
    bank = load(impact, "a")
    assert (bank.before_a, bank.after_a, bank.peak_a, bank.level) == (4.0, 4.0, None, "unknown")
    assert bank.text == (
        "Bank C1 of a: 4.0 A to 4.0 A of 16 A, 25 %; what comes at first is not known"
    )


def test_without_a_last_load_nobody_knows_what_is_added() -> None:
    impact = preview("a 3 on", [pdu("a", outlet(3, 0.0))], cords("db01 a 3"))
    assert load(impact, "a").after_a is None
    assert impact.level == "unknown"
    assert "What outlet 3 will add is not known" in texts(impact)


def test_known_additions_may_be_too_much_whatever_the_unknown_ones_are() -> None:
    # 12.0 A + 1.0 A + something = at least 13.0 A: 81.25 %.
    fleet = [pdu("a", outlet(3, 0.0), outlet(4, 0.0), bank_a=12.0, last={3: known(1.0)})]
    impact = preview("a 3 on; a 4 on", fleet, cords("x a 3", "y a 4"))
    assert (load(impact, "a").after_a, load(impact, "a").level) == (None, "danger")
    assert texts(impact)[0] == (
        "Bank C1 of a: 12.0 A to at least 13.0 A of 16 A, 81 %: over its 80 % limit"
    )


def test_an_unknown_load_on_a_bank_that_is_over_already_is_a_danger() -> None:
    fleet = [pdu("a", outlet(3, 0.0), bank_a=13.0)]
    impact = preview("a 3 on", fleet, cords("x a 3"))
    assert load(impact, "a").level == "danger"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"bank_a": None}, "Bank C1 of a: what it carries is not known"),
        ({"bank_rating_a": None}, "Bank C1 of a: 4.0 A to 5.0 A; its rating is not known"),
        ({"inlet_a": None}, "Inlet I1 of a: what it carries is not known"),
        ({"inlet_rating_a": None}, "Inlet I1 of a: 8.0 A to 9.0 A; its rating is not known"),
    ],
)
def test_a_part_that_does_not_say_is_unknown(parts: dict[str, None], text: str) -> None:
    fleet = [pdu("a", outlet(3, 0.0), last={3: known(1.0)}, **parts)]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    assert impact.level == "unknown"
    assert text in texts(impact)


def test_a_bank_without_a_rating_has_its_overload_threshold() -> None:
    # 11 A + 1 A = 12 A of 14 A: 85.7 %.
    fleet = [
        pdu("a", outlet(3, 0.0), bank_a=11.0, bank_rating_a=None, bank={"critical_a": 14.0},
            last={3: known(1.0)}),
    ]  # fmt: skip
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    assert load(impact, "a").rating_a == 14.0
    assert load(impact, "a").level == "danger"


def test_an_outlet_whose_bank_is_not_told_takes_load_from_nobody_knows_where() -> None:
    fleet = [pdu("a", outlet(3, 0.0, bank=None), last={3: known(1.0)})]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    assert [one.kind for one in impact.loads] == ["inlet"]
    assert impact.level == "unknown"
    assert "Which bank feeds outlet 3 of a is not known" in texts(impact)


def test_three_phases_are_not_reckoned_without_knowing_which_line_it_is() -> None:
    lines = tuple(
        Phase(number=n, name=f"L{n}", current_a=amps, rating_a=16.0)
        for n, amps in ((1, 5.0), (2, 11.0), (3, 4.0))
    )
    fleet = [pdu("a", outlet(3, 0.0), reading={"phases": lines}, last={3: known(1.0)})]
    impact = preview("a 3 on", fleet, cords("db01 a 3"))
    inlet = load(impact, "a", "inlet")
    assert (inlet.before_a, inlet.after_a, inlet.level) == (11.0, None, "unknown")
    assert inlet.text == (
        "Inlet I1 of a: which of its lines carries this is not known; L2 has most, 11.0 A of 16 A"
    )
    assert impact.level == "unknown"


def test_each_unit_of_a_chain_has_an_inlet_of_its_own() -> None:
    # Unit 2 alone: 3.0 A - 1.0 A = 2.0 A.
    inlets = tuple(
        Inlet(number=n, name="I1", current_a=amps, rating_a=16.0, module=module)
        for n, module, amps in ((1, 1, 7.0), (2001, 2, 3.0))
    )
    banks = (Bank(number=2001, name="Bank 1", current_a=3.0, rating_a=16.0, module=2),)
    fleet = [
        pdu("a", outlet(2003, 1.0, bank=2001, module=2, label="2.3"),
            reading={"inlets": inlets, "banks": banks}),
    ]  # fmt: skip
    impact = preview("a 2003 off", fleet, NO_MAP)
    assert [(one.number, one.after_a) for one in impact.loads] == [(2001, 2.0), (2001, 2.0)]
    assert impact.loads[0].text.startswith("Bank 1 of unit 2 of a: ")
    assert "What outlet 2.3 feeds is not known" in texts(impact)


def test_a_pdu_that_is_not_live_carries_nobody_knows_what() -> None:
    fleet = [pdu("a", outlet(3, 1.0), stale=True, why="a is lost")]
    impact = preview("a 3 off", fleet, cords("db01 a 3"))
    assert impact.loads == ()
    assert impact.outlets[0].power_w is None
    assert "What a carries is not known: a is lost" in texts(impact)


def test_a_pdu_that_is_not_configured_is_unknown() -> None:
    impact = preview("nowhere 3 off", [], NO_MAP)
    assert impact.level == "unknown"
    assert "What nowhere carries is not known: nowhere is not read here" in texts(impact)


def test_all_of_a_pdu_that_was_never_read_is_what_the_map_says() -> None:
    fleet = [("a", PduFacts(stale=True, why="a is lost")), pdu("b", outlet(3, 1.0))]
    impact = preview("a 0 all_off", fleet, cords("db01 a 3 A", "db01 b 3 B", "gpu a 4"))
    assert {device.device: device.fate for device in impact.devices} == {
        "db01": "keeps_feed",
        "gpu": "loses_last_feed",
    }
    assert impact.level == "caution"
    assert "What a carries is not known: a is lost" in texts(impact)


def test_watts_alone_become_amperes_where_the_device_measures_the_rest() -> None:
    # 207 W at 230 V and a power factor of 0.9 are 1.0 A.
    watts = outlet(3, None, power_w=207.0, power_factor=0.9)
    impact = preview("a 3 off", [pdu("a", watts)], cords("db01 a 3"))
    assert load(impact, "a").after_a == pytest.approx(3.0)
    # Without the power factor nobody knows.
    blunt = outlet(3, None, power_w=207.0)
    assert load(preview("a 3 off", [pdu("a", blunt)], cords("db01 a 3")), "a").after_a is None


def test_what_is_not_mapped_is_named_and_never_clear() -> None:
    fleet = [pdu("a", outlet(11, 1.0), outlet(24, 1.0), outlet(3, 1.0))]
    impact = preview("a 11 off; a 24 off; a 3 off", fleet, cords("db01 a 3"))
    assert impact.unmapped == ("outlet 11 out11", "outlet 24 out24")
    assert "What outlets 11 and 24 feed is not known" in texts(impact)
    alone = preview("a 11 off", fleet, NO_MAP)
    assert alone.level == "unknown"
    assert texts(alone)[0] == "What outlet 11 feeds is not known"


def test_lines_name_the_pdu_where_there_are_several() -> None:
    fleet = [pdu("a", outlet(1, 1.0)), pdu("b", outlet(1, 2.0))]
    impact = preview("a 1 off; b 1 off", fleet, NO_MAP)
    assert "What outlet 1 of a feeds is not known" in texts(impact)
    assert "2 outlets on 2 PDUs drop 690 W, 3.0 A" in texts(impact)
