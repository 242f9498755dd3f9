"""What becomes of devices: which keep a feed, which go dark, and who takes over their load."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pdutui.domain.impact import DeviceImpact, Impact
from pdutui.domain.impact_rules import PduFacts
from pdutui.domain.reading import Ats, Source
from tests.domain.impact_fleet import cords, load, outlet, pdu, preview, texts

PAIR = cords("db01 a 3 A", "db01 b 3 B")
TWIN = pdu("b", outlet(3, 1.0))


def only(impact: Impact) -> DeviceImpact:
    assert len(impact.devices) == 1
    return impact.devices[0]


def test_the_other_cord_takes_over_and_takes_its_bank_over_the_limit() -> None:
    # Bank of b: 11.2 A of 16 A are 70 %. db01 moves its 2.4 A: 13.6 A, which is 85 %.
    # Its inlet: 11.2 A + 2.4 A = 13.6 A of 32 A, 42.5 %. a: 4.0 A - 2.4 A = 1.6 A, 10 %.
    fleet = [pdu("a", outlet(3, 2.4)), pdu("b", outlet(3, 2.2), bank_a=11.2, inlet_a=11.2)]
    impact = preview("a 3 off", fleet, PAIR)
    assert only(impact).fate == "keeps_feed"
    bank = load(impact, "b")
    assert bank.before_percent == pytest.approx(70.0)
    assert bank.after_percent == pytest.approx(85.0)
    assert (bank.shifted, bank.level) == (True, "danger")
    assert load(impact, "b", "inlet").after_percent == pytest.approx(42.5)
    assert (load(impact, "a").shifted, load(impact, "a").after_percent) == (False, 10.0)
    assert texts(impact)[0] == "Bank C1 of b: 11.2 A to 13.6 A of 16 A, 85 %: over its 80 % limit"
    assert "db01 keeps running on cord B (b outlet 3)" in texts(impact)


def test_while_it_reboots_the_other_cord_carries_all() -> None:
    fleet = [pdu("a", outlet(3, 2.4)), pdu("b", outlet(3, 2.2), bank_a=11.2, inlet_a=11.2)]
    impact = preview("a 3 reboot", fleet, PAIR)
    assert only(impact).fate == "keeps_feed"
    assert load(impact, "b").after_a == pytest.approx(13.6)
    assert "85 % meanwhile: over its 80 % limit" in texts(impact)[0]


def test_the_power_stays_the_same_where_the_voltages_differ() -> None:
    # 2.0 A at 230 V are 460 VA: 4.0 A at 115 V. 4.0 A + 4.0 A = 8.0 A of 16 A.
    fleet = [pdu("a", outlet(3, 2.0)), pdu("b", outlet(3, 2.0), volts=115.0)]
    assert load(preview("a 3 off", fleet, PAIR), "b").after_a == pytest.approx(8.0)
    # Where nobody says which voltage it is, the current counts: 4.0 A + 2.0 A.
    blind = [pdu("a", outlet(3, 2.0)), pdu("b", outlet(3, 2.0), volts=None)]
    assert load(preview("a 3 off", blind, PAIR), "b").after_a == pytest.approx(6.0)


def test_the_load_is_shared_by_all_that_go_on() -> None:
    # 1.0 A at 230 V on two cords: 0.5 A each.
    fleet = [pdu("a", outlet(3, 1.0)), TWIN, pdu("c", outlet(3, 1.0))]
    by = cords("db01 a 3 A", "db01 b 3 B", "db01 c 3 C")
    impact = preview("a 3 off", fleet, by)
    assert load(impact, "b").after_a == pytest.approx(4.5)
    assert load(impact, "c").after_a == pytest.approx(4.5)
    assert "db01 keeps running on cords B and C" in texts(impact)


def test_both_cords_on_one_bank_move_nothing_out_of_it() -> None:
    # 4.0 A - 1.0 A + 1.0 A.
    fleet = [pdu("a", outlet(3, 1.0), outlet(4, 1.0))]
    impact = preview("a 3 off", fleet, cords("db01 a 3 A", "db01 a 4 B"))
    assert load(impact, "a").after_a == pytest.approx(4.0)
    assert load(impact, "a").shifted is False


def test_a_load_that_is_not_known_leaves_the_other_bank_unknown() -> None:
    impact = preview("a 3 off", [pdu("a", outlet(3, None)), TWIN], PAIR)
    assert only(impact).fate == "keeps_feed"
    assert (load(impact, "b").after_a, load(impact, "b").level) == (None, "unknown")


def test_behind_a_splitter_nobody_knows_whose_load_it_is() -> None:
    by = cords("db01 a 3 A", "db01 b 3 B", "db02 a 3 A", "db02 b 4 B")
    fleet = [pdu("a", outlet(3, 2.0)), pdu("b", outlet(3, 1.0), outlet(4, 1.0))]
    impact = preview("a 3 off", fleet, by)
    assert [device.fate for device in impact.devices] == ["keeps_feed", "keeps_feed"]
    assert load(impact, "b").after_a is None
    assert impact.outlets[0].device == "db01 + db02"


@pytest.mark.parametrize(
    ("twin", "state", "fate", "text"),
    [
        (pdu("b", outlet(3, 0.0)), "off", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is off"),
        (pdu("b", outlet(3, 0.0, state="on")), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is on, but draws 0 W"),
        (pdu("b", outlet(3, 0.0, state="on", power_w=None)), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is on, but draws 0 A"),
        (pdu("b", outlet(3, 0.0, state="on"), volts=0.0), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is dead: Bank C1 of b has no voltage"),
        (pdu("b", outlet(3, None), volts=0.0, bank={"voltage_v": None}), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is dead: b has no voltage"),
        (pdu("b", outlet(3, None), bank={"state": "tripped"}), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is dead: Bank C1 of b has tripped"),
        (pdu("b", outlet(3, None), reading={"ats": Ats(active="none")}), "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is dead: no source feeds b"),
        (pdu("b", outlet(3, None), reading={"ats": Ats(
            active="A", sources=(Source(id="A", name="A", state="lost"),))}),
         "dead", "loses_last_feed",
         "db01 LOSES ITS LAST FEED: cord B (b outlet 3) is dead: source A of b is lost"),
        (pdu("b", outlet(3, 1.0), stale=True, why="b is lost"), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: b is lost"),
        (pdu("b", outlet(4, 1.0)), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: b has no such outlet"),
        (pdu("b", outlet(3, None, state="unknown")), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: "
         "the state of the outlet is not known"),
        (pdu("b", outlet(3, 1.0, pending="off")), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: "
         "a command (off) is pending on it"),
        (pdu("b", outlet(3, 1.0), unsettled={3}), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: "
         "it is being switched, or was just now"),
        (pdu("b", outlet(3, None), volts=None), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: "
         "whether it has power is not metered"),
        (("c", PduFacts()), "unknown", "may_lose_last_feed",
         "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is not known: "
         "b is not read here"),
    ],
)  # fmt: skip
def test_a_cord_that_does_not_feed_is_called_out(
    twin: tuple[str, PduFacts], state: str, fate: str, text: str
) -> None:
    impact = preview("a 3 off", [pdu("a", outlet(3, 1.0)), twin], PAIR)
    device = only(impact)
    assert (device.fate, device.level, impact.danger) == (fate, "danger", True)
    assert [cord.state for cord in device.cords] == ["switched", state]
    assert texts(impact)[0] == text == device.text


def test_a_cord_that_is_not_metered_feeds_where_its_pdu_has_power() -> None:
    impact = preview("a 3 off", [pdu("a", outlet(3, 1.0)), pdu("b", outlet(3, None))], PAIR)
    assert only(impact).fate == "keeps_feed"
    assert [cord.state for cord in only(impact).cords] == ["switched", "feeds"]


def test_a_cord_without_load_is_dead_only_where_its_twin_draws_clearly() -> None:
    # Nothing of it is metered on a: whether it runs at all, and on what, nobody knows.
    dark = pdu("b", outlet(3, 0.0, state="on"))
    blind = preview("a 3 off", [pdu("a", outlet(3, None)), dark], PAIR)
    assert only(blind).fate == "may_lose_last_feed"
    # 0 W on either cord: nothing runs that could be lost, and nobody knows why.
    idle = preview("a 3 off", [pdu("a", outlet(3, 0.0, state="on")), dark], PAIR)
    assert (only(idle).fate, idle.level) == ("unknown", "unknown")
    assert texts(idle)[0] == "db01 draws nothing on any cord: whether it runs is not known"


def test_the_dead_cord_itself_may_go() -> None:
    fleet = [pdu("a", outlet(3, 0.0, state="on")), TWIN]
    impact = preview("a 3 off", fleet, PAIR)
    assert (only(impact).fate, impact.level) == ("keeps_feed", "clear")


def test_both_cords_in_one_plan_are_the_last_feed() -> None:
    fleet = [pdu("a", outlet(3, 1.0)), TWIN]
    impact = preview("a 3 off; b 3 off", fleet, PAIR)
    assert (only(impact).fate, impact.level) == ("loses_last_feed", "danger")
    assert texts(impact)[0] == "db01 LOSES ITS LAST FEED: both its cords are switched off"
    # 4.0 A - 1.0 A each: nothing is moved to a cord that goes as well.
    assert [load(impact, name).after_a for name in "ab"] == [3.0, 3.0]
    rebooted = preview("a 3 reboot; b 3 reboot", fleet, PAIR)
    assert (only(rebooted).fate, rebooted.level) == ("may_lose_last_feed", "danger")


def test_a_cord_that_is_only_switched_on_by_the_same_plan_is_not_counted_on() -> None:
    fleet = [pdu("a", outlet(3, 1.0)), pdu("b", outlet(3, 0.0))]
    impact = preview("b 3 on; a 3 off", fleet, PAIR)
    assert (only(impact).fate, only(impact).level) == ("may_lose_last_feed", "danger")
    assert texts(impact)[0] == (
        "db01 MAY LOSE ITS LAST FEED: cord B (b outlet 3) is off until then"
    )


@pytest.mark.parametrize(
    ("by", "wish", "fate", "level", "text"),
    [
        ("gpu a 3", "a 3 off", "loses_last_feed", "caution",
         "gpu has one cord in the map and goes dark"),
        ("gpu a 3", "a 3 reboot", "restarts", "caution",
         "gpu has one cord in the map and restarts"),
        ("san a 3 !", "a 3 off", "loses_last_feed", "danger",
         "san (critical) has one cord in the map and goes dark"),
        ("san a 3 !", "a 3 reboot", "restarts", "danger",
         "san (critical) has one cord in the map and restarts"),
    ],
)  # fmt: skip
def test_a_device_with_one_cord(by: str, wish: str, fate: str, level: str, text: str) -> None:
    impact = preview(wish, [pdu("a", outlet(3, 1.0))], cords(by))
    assert (only(impact).fate, impact.level) == (fate, level)
    assert texts(impact)[0] == text


def test_a_critical_device_that_keeps_a_feed_is_none_of_it() -> None:
    by = cords("san a 3 A !", "san b 3 B !")
    impact = preview("a 3 off", [pdu("a", outlet(3, 1.0)), TWIN], by)
    assert (only(impact).critical, impact.level) == (True, "clear")


def test_a_reboot_of_the_only_cord_that_feeds_is_a_danger() -> None:
    fleet = [pdu("a", outlet(3, 1.0)), pdu("b", outlet(3, 0.0))]
    impact = preview("a 3 reboot", fleet, PAIR)
    assert (only(impact).fate, impact.level) == ("restarts", "danger")
    assert texts(impact)[0] == "db01 RESTARTS: cord B (b outlet 3) is off"


def test_a_device_that_is_dark_already_stays_so() -> None:
    dead: dict[str, Any] = {"volts": 0.0}
    fleet = [pdu("a", outlet(3, 0.0, state="on"), **dead), pdu("b", outlet(3, 0.0))]
    impact = preview("a 3 off", fleet, PAIR)
    assert (only(impact).fate, only(impact).level) == ("stays_dark", "clear")


def test_switching_on_starts_it_or_gives_it_another_feed() -> None:
    dark = [pdu("a", outlet(3, 0.0)), pdu("b", outlet(3, 0.0))]
    assert only(preview("a 3 on", dark, PAIR)).fate == "starts"
    assert only(preview("a 3 reboot", dark, PAIR)).fate == "starts"
    running = preview("a 3 on", [dark[0], TWIN], PAIR)
    assert only(running).fate == "gains_feed"
    assert "db01 gains a feed; a part of the 230 W of its other cord moves" in texts(running)
    # What leaves b is not taken off its bank: nobody knows how much it is.
    assert [one.pdu for one in running.loads] == ["a", "a"]
    unsure = [dark[0], pdu("b", outlet(3, 1.0), stale=True, why="b is late")]
    assert (only(preview("a 3 on", unsure, PAIR)).fate) == "unknown"
    without = [pdu("a", outlet(3, 0.0), volts=0.0), dark[1]]
    assert only(preview("a 3 on", without, PAIR)).fate == "stays_dark"


def test_devices_of_one_fate_share_a_line_and_those_in_danger_do_not() -> None:
    names = [f"s{n}" for n in range(1, 9)]
    by = cords(
        *(f"{name} a {n} A" for n, name in enumerate(names, 1)),
        *(f"{name} b {n} B" for n, name in enumerate(names, 1)),
        "lone1 a 11",
        "lone2 a 12",
    )
    here = [outlet(n, 0.1) for n in (*range(1, 9), 11, 12)]
    there = [outlet(n, 0.0 if n in (3, 4) else 0.1) for n in range(1, 9)]
    impact = preview("a 0 all_off", [pdu("a", *here), pdu("b", *there)], by)
    assert texts(impact)[:4] == [
        "s3 LOSES ITS LAST FEED: cord B (b outlet 3) is off",
        "s4 LOSES ITS LAST FEED: cord B (b outlet 4) is off",
        "lone1 and lone2 have one cord in the map and go dark",
        "s1, s2, s5 and 3 more keep running on their other cords",
    ]


def test_capitals_do_not_make_another_device() -> None:
    by = cords("DB01 a 3 A", "db01 b 3 B")
    assert only(preview("a 3 off", [pdu("a", outlet(3, 1.0)), TWIN], by)).fate == "keeps_feed"


def test_one_outlet_mapped_twice_is_one_cord() -> None:
    by = cords("db01 a 3 A", "db01 a 3 A")
    assert len(only(preview("a 3 off", [pdu("a", outlet(3, 1.0))], by)).cords) == 1


def test_an_unknown_twin_never_counts_better_than_one_that_feeds() -> None:
    fleet = [pdu("a", outlet(3, 1.0)), TWIN]
    stale = [fleet[0], ("b", msgspec.structs.replace(TWIN[1], stale=True, why="b is late"))]
    assert preview("a 3 off", fleet, PAIR).level == "clear"
    assert preview("a 3 off", stale, PAIR).level == "danger"


def test_a_pdu_behind_an_outlet_takes_along_what_hangs_on_it() -> None:
    """As behind a transfer switch: `goes dark` is no word for a rack."""
    fleet = [pdu("ats", outlet(1, 8.0), outlet(2, 1.0))]
    mapped = cords("Rack-A ats 1", "db01 rack-a 3", "DB01 rack-a 4", "web01 rack-a 5")
    impact = preview("ats 1 off", fleet, mapped)
    assert impact.danger
    assert texts(impact)[0] == (
        "Rack-A has one cord in the map and goes dark, and with it what hangs on it: db01 and web01"
    )
    assert preview("ats 1 reboot", fleet, mapped).danger
    assert not preview("ats 2 off", fleet, mapped).danger
    twin = [*fleet, pdu("b", outlet(1, 8.0))]
    both = cords("Rack-A ats 1", "Rack-A b 1", "db01 rack-a 3")
    assert preview("ats 1 off", twin, both).devices[0].text.startswith("Rack-A keeps running on")
