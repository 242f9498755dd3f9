"""Delayed commands, cancel and identify, all outlets at once, and the preferred source."""

from __future__ import annotations

import msgspec
import pytest

from pdutui.domain.commands import WHOLE_PDU, OutletAction, PduAction
from pdutui.domain.reading import Ats, Source
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakePdu, Rig
from tests.engine.test_gate import at_once

ALL_OUTLET: frozenset[OutletAction] = frozenset(
    {"on", "off", "reboot", "delayed_on", "delayed_off", "delayed_reboot", "cancel", "identify"}
)
ALL_PDU: frozenset[PduAction] = frozenset({"all_on", "all_off", "prefer_a", "prefer_b"})
B_OK = Source(id="B", name="Source B", voltage_v=230.0, state="normal")


@pytest.fixture(autouse=True)
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePdu, "actions", ALL_OUTLET)
    monkeypatch.setattr(FakePdu, "pdu_actions", ALL_PDU)


async def known(r: Rig) -> Rig:
    """With the state of every outlet known."""
    r.pdu.set_outlet(5, state="on")
    r.pdu.set_outlet(6, pending=None)
    await r.clock.run(1.2)
    return r


def with_switch(r: Rig, b: Source = B_OK) -> None:
    ats = Ats(
        active="A",
        preferred="A",
        redundancy="full",
        sources=(Source(id="A", name="Source A", voltage_v=230.0, state="normal"), b),
    )
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, ats=ats)


async def test_a_delayed_off_is_done_for_now_when_the_device_shows_it_pending(
    rig: MakeRig,
) -> None:
    r = await rig()
    result = await r.switch(3, "delayed_off")
    assert (result.outcome, result.after) == ("observed", "on")
    assert result.detail == "on; pending: the device will switch it off"
    assert r.pdu.commands == [(3, "delayed_off")]
    await r.clock.run(40)
    assert "outlet 3 db01 is off now: the delayed command was due" in r.texts
    assert not any("not by this console" in text for text in r.texts)


async def test_a_delayed_reboot_is_ours_going_and_coming(rig: MakeRig) -> None:
    r = await rig()
    await r.switch(3, "delayed_reboot")
    await r.clock.run(45)
    assert [t for t in r.texts if "was due" in t] == [
        "outlet 3 db01 is off now: the delayed command was due",
        "outlet 3 db01 is on now: the delayed command was due",
    ]
    assert not any("not by this console" in text for text in r.texts)


async def test_somebody_elses_switch_is_told_after_a_delayed_command_is_done(
    rig: MakeRig,
) -> None:
    r = await rig()
    await r.switch(3, "delayed_off")
    await r.clock.run(40)
    r.pdu.set_outlet(3, state="on")
    await r.clock.run(2)
    assert "outlet 3 db01 turned on, not by this console" in r.texts


async def test_a_delay_that_leaves_no_trace_is_unconfirmed(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    result = await r.switch(3, "delayed_off")
    assert result.outcome == "unconfirmed"
    assert "shows no pending command" in result.detail


async def test_cancel_is_allowed_on_what_is_pending_and_nothing_else_is(rig: MakeRig) -> None:
    r = await rig()
    await r.switch(3, "delayed_off")
    await r.clock.run(2)
    assert r.gate.check("rack1-a", 3, "off").rule == "pending"
    assert r.gate.check("rack1-a", 3, "cancel").allowed
    result = await r.switch(3, "cancel")
    assert (result.outcome, result.after) == ("observed", "on")
    await r.clock.run(40)
    assert r.engine.view("rack1-a").reading.outlet(3).state == "on"  # type: ignore[union-attr]


async def test_a_cancel_that_comes_too_late_says_so(rig: MakeRig) -> None:
    r = await rig()
    await r.switch(3, "delayed_off")
    await r.clock.run(2)

    async def too_late(number: int, action: str) -> None:
        r.pdu.drop_later()
        r.pdu.set_outlet(number, pending=None, state="off")

    r.pdu.on_command = too_late
    result = await r.switch(3, "cancel")
    assert result.outcome == "contradicted"
    assert result.detail == "too late: it is off now, nothing is pending"


async def test_identify_is_accepted_and_never_called_observed(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.set_outlet(3, state="unknown")
    await r.clock.run(1.2)
    result = await r.switch(3, "identify")
    assert result.outcome == "accepted"
    assert r.engine.view("rack1-a").results == {}


async def test_a_delay_is_needed_where_the_device_takes_one_and_only_there(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rig()
    assert r.gate.check("rack1-a", 3, "delayed_off", 30).rule == "needs_delay"
    assert r.gate.check("rack1-a", 3, "off", 30).rule == "needs_delay"
    monkeypatch.setattr(FakePdu, "takes_delay", True)
    assert r.gate.check("rack1-a", 3, "delayed_off").rule == "needs_delay"
    verdict = r.gate.check("rack1-a", 3, "delayed_off", 30)
    assert verdict.sentence == "Turn OFF outlet 3 db01 on rack1-a in 30 s: drops 104 W"
    await r.switch(3, "delayed_off", delay_s=30)
    assert r.pdu.delays == [30]


async def test_all_outlets_want_the_pdus_name(rig: MakeRig) -> None:
    r = await known(await rig())
    verdict = r.gate.check("rack1-a", WHOLE_PDU, "all_off")
    assert (verdict.allowed, verdict.needs_name, verdict.outlet_name) == (True, True, "rack1-a")
    assert "ALL 5 OUTLETS of rack1-a" in verdict.sentence
    refused = await r.switch(WHOLE_PDU, "all_off")
    assert refused.outcome == "refused"
    assert r.pdu.commands == []
    wrong = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-b")
    assert (wrong.outcome, r.pdu.commands) == ("refused", [])


async def test_all_outlets_follow_and_are_not_somebody_elses_doing(rig: MakeRig) -> None:
    r = await known(await rig())
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert result.outcome == "observed"
    assert r.pdu.commands == [(WHOLE_PDU, "all_off")]
    assert {o.state for o in r.pdu.reading.outlets if o.switchable} == {"off"}
    await r.clock.run(3)
    assert not any("not by this console" in text for text in r.texts)
    assert r.texts[-1] == "outlet 4 fixed is off now: the command on all outlets took it along"
    assert [(x.outlet, x.outlet_name) for x in r.store.records] == [(0, "all outlets")] * 2


async def test_an_outlet_that_stays_behind_is_named(rig: MakeRig) -> None:
    r = await known(await rig())
    on = [o.number for o in r.pdu.reading.outlets if o.state == "on" and o.switchable]
    r.pdu.deaf = {on[0]}
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert result.outcome == "unconfirmed"
    assert result.detail.startswith(f"outlets {on[0]}: the outlet is still on")


async def test_an_outlet_that_changed_since_the_question_stops_a_command_on_all(
    rig: MakeRig,
) -> None:
    r = await known(await rig())
    intent = r.gate.new_intent("rack1-a", WHOLE_PDU, "all_off", ALICE)
    r.pdu.set_outlet(3, state="off")
    await r.clock.run(1.2)
    result = await r.gate.switch(intent, confirmed=True, typed_name="rack1-a")
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert "when asked for" in result.detail


async def test_the_preferred_source_follows_and_is_audited(rig: MakeRig) -> None:
    r = await rig(live=False)
    with_switch(r)
    await r.live()
    verdict = r.gate.check("rack1-a", WHOLE_PDU, "prefer_b")
    assert (verdict.allowed, verdict.needs_name) == (True, False)
    assert verdict.sentence == (
        "Prefer source B on rack1-a: source B is normal, the load moves there from A"
    )
    result = await r.switch(WHOLE_PDU, "prefer_b")
    assert (result.outcome, result.before, result.after) == ("observed", "A", "B")
    assert r.pdu.commands == [(WHOLE_PDU, "prefer_b")]
    assert {x.outlet_name for x in r.store.records} == {"transfer switch"}


@pytest.mark.parametrize("state", ["lost", "unknown", "under_voltage"])
async def test_a_source_that_is_not_sound_wants_the_name_typed(rig: MakeRig, state: str) -> None:
    r = await rig(live=False)
    with_switch(r, msgspec.structs.replace(B_OK, state=state))
    await r.live()
    assert r.gate.check("rack1-a", WHOLE_PDU, "prefer_b").needs_name
    refused = await r.switch(WHOLE_PDU, "prefer_b")
    assert (refused.outcome, r.pdu.commands) == ("refused", [])
    done = await r.switch(WHOLE_PDU, "prefer_b", typed_name="rack1-a")
    assert done.outcome == "observed"


async def test_a_source_that_fails_before_the_answer_stops_the_transfer(rig: MakeRig) -> None:
    r = await rig(live=False)
    with_switch(r)
    await r.live()
    intent = r.gate.new_intent("rack1-a", WHOLE_PDU, "prefer_b", ALICE)
    with_switch(r, msgspec.structs.replace(B_OK, state="lost"))
    await r.clock.run(1.2)
    result = await r.gate.switch(intent, confirmed=True, typed_name="rack1-a")
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == (
        "the sources have changed: A in use, A normal, B normal when asked for;"
        " now A in use, A normal, B lost"
    )


async def test_what_the_device_has_not_is_refused_by_name(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rig()
    assert r.gate.check("rack1-a", WHOLE_PDU, "prefer_b").rule == "no_transfer_switch"
    monkeypatch.setattr(FakePdu, "pdu_actions", frozenset())
    verdict = r.gate.check("rack1-a", WHOLE_PDU, "all_off")
    assert verdict.rule == "no_such_action"
    assert verdict.reason == (
        "rack1-a offers no off for all outlets at once: switch them by their numbers"
    )
    monkeypatch.setattr(FakePdu, "actions", frozenset({"on", "off"}))
    assert r.gate.check("rack1-a", 3, "identify").rule == "no_such_action"


async def test_one_command_at_a_time_also_between_an_outlet_and_the_whole(rig: MakeRig) -> None:
    r = await known(await rig())
    r.pdu.relay_s = 5.0
    r.switching(3, "off")
    await r.clock.run(0.5)
    assert r.gate.check("rack1-a", WHOLE_PDU, "all_off").rule == "in_flight"
    await r.clock.run(10)
    r.switching(WHOLE_PDU, "all_on", typed_name="rack1-a")
    await r.clock.run(0.5)
    assert r.gate.check("rack1-a", 1, "off").rule == "in_flight"


async def test_outlets_that_cannot_be_switched_are_not_said_to_have_been(rig: MakeRig) -> None:
    r = await known(await rig())
    r.pdu.deaf = {4}  # the one that is not switchable stays on
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert result.outcome == "observed"
    await r.clock.run(3)
    assert r.texts[-1].startswith("all 5 outlets: off: all 5 outlets followed")
    assert r.gate.check("rack1-a", 4, "on").rule == "not_switchable"


# -- what may change between the question and the answer ------------------------------------------


async def test_another_pending_command_than_was_asked_about_is_not_cancelled(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.set_outlet(3, pending="off")
    await r.clock.run(1.2)
    intent = r.gate.new_intent("rack1-a", 3, "cancel", ALICE)
    r.pdu.set_outlet(3, pending="reboot")
    await r.clock.run(1.2)
    result = await at_once(r.gate.switch(intent, confirmed=True))
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "outlet 3 db01 had off pending when asked for and has reboot now"
    again = r.gate.new_intent("rack1-a", 3, "cancel", ALICE)
    r.pdu.set_outlet(3, pending=None)
    await r.clock.run(1.2)
    result = await at_once(r.gate.switch(again, confirmed=True))
    assert result.detail == "outlet 3 db01 had reboot pending when asked for and has nothing now"
    assert r.pdu.commands == []


async def test_another_place_under_the_same_number_is_not_switched(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.set_outlet(2, name="", label="A7")
    await r.clock.run(1.2)
    intent = r.gate.new_intent("rack1-a", 2, "on", ALICE)
    r.pdu.set_outlet(2, name="", label="B1")
    await r.clock.run(1.2)
    result = await at_once(r.gate.switch(intent, confirmed=True))
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "outlet A7 is outlet B1 now"


async def test_a_delay_that_was_changed_in_the_device_is_not_said_as_it_was(rig: MakeRig) -> None:
    r = await rig()
    await r.gate.prepare("rack1-a", 3)
    assert "back after about 5 s" in r.gate.check("rack1-a", 3, "reboot").sentence
    r.pdu.reboot_off_s = 60.0
    await r.clock.run(31)
    await r.gate.prepare("rack1-a", 3)
    assert "back after about 60 s" in r.gate.check("rack1-a", 3, "reboot").sentence


async def test_delays_of_a_device_that_was_replaced_are_forgotten(rig: MakeRig) -> None:
    r = await rig()
    await r.gate.prepare("rack1-a", 3)
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, serial="S2")
    await r.clock.run(1.2)
    assert "after the device's own delay" in r.gate.check("rack1-a", 3, "reboot").sentence


async def test_a_protected_outlet_is_not_passed_by_when_all_are_cancelled(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePdu, "pdu_actions", ALL_PDU | {"all_cancel"})
    r = await known(await rig(protected=frozenset({3})))
    assert r.gate.check("rack1-a", 3, "cancel").needs_name
    verdict = r.gate.check("rack1-a", WHOLE_PDU, "all_cancel")
    assert (verdict.needs_name, verdict.outlet_name) == (True, "rack1-a")
    assert verdict.sentence == (
        "Cancel every pending command of rack1-a; protected among them: 3 db01"
    )
    refused = await r.switch(WHOLE_PDU, "all_cancel")
    assert refused.detail == "a protected outlet is among them and the PDU's name was not typed"
    assert r.pdu.commands == []


async def test_without_a_switchable_outlet_there_is_no_command_on_all(rig: MakeRig) -> None:
    r = await rig()
    for outlet in r.pdu.reading.outlets:
        r.pdu.set_outlet(outlet.number, switchable=False)
    await r.clock.run(1.2)
    verdict = r.gate.check("rack1-a", WHOLE_PDU, "all_off")
    assert (verdict.rule, verdict.reason) == (
        "not_switchable",
        "rack1-a has no outlet that can be switched",
    )


async def test_the_audit_says_how_long_a_delay_was_asked_for(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePdu, "takes_delay", True)
    r = await rig()
    await r.switch(3, "delayed_off", delay_s=3600)
    assert r.store.records[0].detail == "asked for, in 3600 s: because"
    assert r.texts[-1].startswith("outlet 3 db01: delayed off (3600 s): on; pending:")


async def test_what_is_under_way_on_the_whole_pdu_is_not_said_of_one_outlet(rig: MakeRig) -> None:
    r = await known(await rig())
    r.pdu.relay_s = 5.0
    r.switching(WHOLE_PDU, "all_on", typed_name="rack1-a")
    await r.clock.run(0.5)
    reason = r.gate.check("rack1-a", 1, "off").reason
    assert reason == "a command (all on) on rack1-a is under way"


async def test_that_nothing_was_sent_is_said_once(rig: MakeRig) -> None:
    from pdutui.backends.base import CommandRejected

    r = await rig()
    r.pdu.before_sent = CommandRejected("rack1-a: not sent: another device answers there")
    result = await r.switch(3, "off")
    assert (result.outcome, result.detail) == (
        "failed",
        "rack1-a: not sent: another device answers there",
    )


async def test_a_rejected_command_on_all_outlets_is_not_said_to_have_moved_any(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collections.abc import Callable

    from pdutui.backends.base import CommandRejected

    r = await known(await rig())
    moved: dict[int, str] = {}

    async def reject(action: str, on_sent: Callable[[], None], *, delay_s: int | None) -> None:
        on_sent()
        for number, state in moved.items():
            r.pdu.set_outlet(number, state=state)
        raise CommandRejected("the device refused")

    monkeypatch.setattr(r.pdu, "command_pdu", reject)
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert (result.outcome, result.detail) == ("failed", "the device refused")
    await r.clock.run(2)
    moved[3] = "off"
    result = await r.switch(WHOLE_PDU, "all_off", typed_name="rack1-a")
    assert result.detail == (
        "the device refused; yet the outlets are 1, 5-6 on; 2-3 off, they were 1, 3, 5-6 on; 2 off"
    )


@pytest.mark.parametrize("action", ["identify", "cancel", "delayed_off"])
async def test_nothing_at_all_is_sent_while_figures_are_stale(
    rig: MakeRig, action: OutletAction
) -> None:
    r = await rig()
    r.pdu.poll_takes = [100.0]
    await r.clock.run(3.7)
    assert r.gate.check("rack1-a", 3, action).rule == "not_live"
    assert r.gate.check("rack1-a", WHOLE_PDU, "all_off").rule == "not_live"
    result = await r.switch(3, action)
    assert (result.outcome, r.pdu.commands) == ("refused", [])
