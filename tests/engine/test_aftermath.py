"""The load after a switch against what was expected."""

from __future__ import annotations

import pytest

from pdutui.domain.commands import WHOLE_PDU, OutletAction
from pdutui.domain.devicemap import MappedCord
from pdutui.settings import ControlSettings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import Rig

WAIT_S = 30.0
ONE = (MappedCord(device="db01", pdu="rack1-a", outlet=3),)
TWO = (*ONE, MappedCord(device="db01", pdu="rack1-a", outlet=1))


def draws(r: Rig, after_s: float = 0.0, number: int = 3, **figures: object) -> None:
    """What the outlet says from the switch on."""

    async def follow(_: int, action: OutletAction) -> None:
        if action == "reboot":
            r.pdu.later(0.3, number, state="off", power_w=0.0, current_a=0.0)
            r.pdu.later(4.0, number, state="on", **figures)
        else:
            r.pdu.later(after_s, number, state=action.removeprefix("delayed_"), **figures)

    r.pdu.on_command = follow


async def off_for_a_while(r: Rig) -> None:
    """Outlet 3 was seen at 104 W, and is off."""
    r.pdu.set_outlet(3, state="off", power_w=0.0, current_a=0.0)
    await r.clock.run(3)


def doubts(r: Rig) -> dict[int, str]:
    return {number: doubt.text for number, doubt in r.engine.view("rack1-a").doubts.items()}


async def test_on_but_nothing_flows(rig: MakeRig) -> None:
    r = await rig()
    await off_for_a_while(r)
    draws(r, power_w=0.0, current_a=0.0)
    assert (await r.switch(3, "on")).outcome == "observed"
    await r.clock.run(WAIT_S - 3)
    assert doubts(r) == {}  # it has its time
    await r.clock.run(6)
    assert doubts(r) == {3: "on, but draws 0 W after 30 s (104 W expected)"}
    said = "outlet 3 db01 is on, but draws 0 W after 30 s (104 W expected)"
    await r.clock.run(20)
    assert r.texts.count(said) == 1
    logged = next(line for line in r.engine.recent_log(99) if line.text == said)
    assert logged.severity == "warning"
    # It goes when the load comes after all, and does not come back by itself.
    r.pdu.set_outlet(3, power_w=99.0, current_a=0.8)
    await r.clock.run(2)
    assert doubts(r) == {}
    r.pdu.set_outlet(3, power_w=0.0, current_a=0.0)
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_a_load_as_expected_is_no_matter(rig: MakeRig) -> None:
    r = await rig()
    await off_for_a_while(r)
    draws(r, power_w=60.0, current_a=0.5)
    await r.switch(3, "on")
    await r.clock.run(40)
    assert doubts(r) == {}
    assert not any("draws" in text for text in r.texts)


async def test_far_less_than_before(rig: MakeRig) -> None:
    # 30 W are less than a third of 104 W, and more than 20 W less.
    r = await rig()
    await off_for_a_while(r)
    draws(r, power_w=30.0, current_a=0.2)
    await r.switch(3, "on")
    await r.clock.run(40)
    assert doubts(r) == {3: "on, but draws 30 W after 30 s (104 W expected)"}


async def test_a_device_with_two_cords_shares_its_load_as_it_likes(rig: MakeRig) -> None:
    r = await rig(more={"cords": TWO})
    await off_for_a_while(r)
    draws(r, power_w=5.0, current_a=0.05)
    await r.switch(3, "on")
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_a_mapped_device_is_expected_to_draw_something(rig: MakeRig) -> None:
    r = await rig(more={"cords": (MappedCord(device="new", pdu="rack1-a", outlet=2),)})
    await r.switch(2, "on")
    await r.clock.run(40)
    assert doubts(r) == {2: "on, but draws 0 W after 30 s"}


async def test_of_an_empty_outlet_nothing_is_expected(rig: MakeRig) -> None:
    r = await rig()
    await r.switch(2, "on")
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_off_but_something_still_flows(rig: MakeRig) -> None:
    r = await rig()
    draws(r)  # the relay sticks: the figures stay
    assert (await r.switch(3, "off")).outcome == "observed"
    await r.clock.run(40)
    assert doubts(r) == {3: "off, but still draws 104 W after 30 s"}


async def test_a_reboot_after_which_it_does_not_come_up(rig: MakeRig) -> None:
    r = await rig()
    draws(r, power_w=0.0, current_a=0.0)
    assert (await r.switch(3, "reboot")).outcome == "observed"
    await r.clock.run(40)
    assert doubts(r) == {3: "on, but draws 0 W after 30 s (104 W expected)"}


async def test_amperes_where_there_are_no_watts(rig: MakeRig) -> None:
    r = await rig(live=False)
    r.pdu.set_outlet(3, power_w=None)
    await r.live()
    r.pdu.set_outlet(3, state="off", current_a=0.0)
    await r.clock.run(3)
    draws(r, current_a=0.0)
    await r.switch(3, "on")
    await r.clock.run(40)
    assert doubts(r) == {3: "on, but draws 0.0 A after 30 s (0.90 A expected)"}


async def test_without_a_meter_there_is_no_doubt(rig: MakeRig) -> None:
    r = await rig(more={"cords": ONE})
    await off_for_a_while(r)
    draws(r, power_w=None, current_a=None)
    await r.switch(3, "on")
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_it_waits_for_a_pdu_that_does_not_answer(rig: MakeRig) -> None:
    r = await rig()
    await off_for_a_while(r)
    draws(r, power_w=0.0, current_a=0.0)
    await r.switch(3, "on")
    r.pdu.poll_takes = [60.0]
    await r.clock.run(50)
    assert doubts(r) == {}
    await r.clock.run(30)
    assert 3 in doubts(r)


@pytest.mark.parametrize("how", ["acknowledge", "switch again", "somebody else"])
async def test_it_goes_when_it_is_seen_to(rig: MakeRig, how: str) -> None:
    r = await rig()
    await off_for_a_while(r)
    draws(r, power_w=0.0, current_a=0.0)
    await r.switch(3, "on")
    await r.clock.run(34)
    assert 3 in doubts(r)
    if how == "acknowledge":
        r.engine.acknowledge("rack1-a", 3)
    elif how == "switch again":
        await r.switch(3, "off")
    else:
        r.pdu.set_outlet(3, state="off")
        await r.clock.run(2)
    assert doubts(r) == {}
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_a_delayed_command_is_looked_at_after_it_came(rig: MakeRig) -> None:
    r = await rig(live=False)
    r.pdu.actions = frozenset({"delayed_off", "off", "on"})
    await r.live()
    result = await r.switch(3, "delayed_off")
    assert result.pending
    await r.clock.run(29)
    assert doubts(r) == {}
    await r.clock.run(40)  # it came after 30 s, and the figures stayed
    assert doubts(r) == {3: "off, but still draws 104 W after 30 s"}


async def test_a_delayed_reboot_is_looked_at_after_it_came_back(rig: MakeRig) -> None:
    r = await rig(live=False)
    r.pdu.actions = frozenset({"delayed_reboot"})
    await r.live()

    async def later(number: int, _: OutletAction) -> None:
        r.pdu.set_outlet(number, pending="reboot")
        r.pdu.later(10.0, number, pending=None)  # its mark goes before the outlet does
        r.pdu.later(12.0, number, state="off", power_w=0.0, current_a=0.0)
        r.pdu.later(16.0, number, state="on")

    r.pdu.on_command = later
    assert (await r.switch(3, "delayed_reboot")).pending
    await r.clock.run(40)
    assert doubts(r) == {}
    await r.clock.run(10)
    assert doubts(r) == {3: "on, but draws 0 W after 30 s (104 W expected)"}


async def test_what_was_on_already_was_not_switched(rig: MakeRig) -> None:
    r = await rig(more={"cords": ONE})
    r.pdu.set_outlet(3, power_w=0.0, current_a=0.0)
    await r.clock.run(2)
    assert (await r.switch(3, "on")).outcome == "observed"
    await r.clock.run(40)
    assert doubts(r) == {}


async def test_all_outlets_are_looked_at_one_by_one(rig: MakeRig) -> None:
    r = await rig(live=False)
    r.pdu.pdu_actions = frozenset({"all_off"})
    r.pdu.set_outlet(5, state="on", power_w=3.0)
    r.pdu.set_outlet(6, pending=None)
    await r.live()
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert result.outcome == "observed"
    r.pdu.set_outlet(1, power_w=0.0, current_a=0.0)
    await r.clock.run(40)
    # 1 is dark, 2 was off before, 5 draws what a meter may see of nothing.
    assert doubts(r) == {3: "off, but still draws 104 W after 30 s"}


async def test_it_can_be_switched_off(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(load_check_s=0.0))
    draws(r)
    await r.switch(3, "off")
    await r.clock.run(60)
    assert doubts(r) == {}


async def test_what_did_not_happen_leaves_no_doubt(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    assert (await r.switch(3, "off")).outcome == "unconfirmed"
    await r.clock.run(60)
    assert doubts(r) == {}
