from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from pdutui.backends.base import CommandRejected, DeviceError, Refused, Unreachable
from pdutui.domain.commands import CommandResult, Intent
from pdutui.engine.events import CommandEnded, CommandProgressed, Logged
from pdutui.settings import ControlSettings, PduSettings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, Rig


def last(rig: Rig) -> list[tuple[str, str | None]]:
    return [(record.outcome, record.state_to) for record in rig.store.records]


async def at_once(ending: Coroutine[Any, Any, CommandResult]) -> CommandResult:
    """The result of what must end without any time passing."""
    async with asyncio.timeout(2):
        return await ending


# -- the sunny side --------------------------------------------------------------------------


async def test_off_is_carried_out_observed_and_audited(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 0.8
    result = await r.switch(3, "off")
    assert result.outcome == "observed"
    assert (result.before, result.after, result.load_w) == ("on", "off", 104.0)
    assert result.outlet_name == "db01"
    assert [stage for stage, _ in result.stages] == ["requested", "confirmed", "sent", "accepted"]
    assert r.pdu.commands == [(3, "off")]
    opening, closing = r.store.records
    assert (opening.outcome, opening.state_from, opening.state_to) == ("requested", "on", None)
    assert (closing.outcome, closing.state_from, closing.state_to) == ("observed", "on", "off")
    for record in (opening, closing):
        assert (record.user, record.ssh_origin, record.origin) == ("alice", "192.0.2.7", "console")
        assert (record.pdu, record.outlet, record.outlet_name) == ("rack1-a", 3, "db01")
        assert (record.intent_id, record.reason) == (result.intent.id, "because")
    stages = [e.stage for e in r.of(CommandProgressed)]
    assert stages == ["requested", "confirmed", "sent", "accepted"]
    assert [e.result for e in r.of(CommandEnded)] == [result]
    [text] = r.texts
    assert re.fullmatch(r"outlet 3 db01: off after [01]\.\d s, by alice", text)


async def test_the_request_is_in_the_audit_before_anything_is_sent(rig: MakeRig) -> None:
    r = await rig()
    seen: list[list[str]] = []

    async def on_command(number: int, action: str) -> None:
        seen.append(list(r.store.order))
        r.pdu.set_outlet(number, state=action)

    r.pdu.on_command = on_command
    await r.switch(3, "off")
    assert seen == [["requested"]]


async def test_the_view_shows_it_on_its_way_and_a_poll_follows_at_once(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 2.0
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    under_way = r.engine.view("rack1-a").in_flight[3]
    assert (under_way.intent.action, under_way.stage) == ("off", "accepted")
    while not task.done():
        await r.clock.run(0.05)
    assert r.engine.view("rack1-a").in_flight == {}
    assert r.engine.view("rack1-a").reading.outlet(3).state == "off"
    assert r.pdu.polled_at[-1] == pytest.approx(r.clock.monotonic(), abs=0.06)
    assert "turned off" not in " ".join(r.texts)


async def test_reboot(rig: MakeRig) -> None:
    r = await rig()
    await r.gate.prepare("rack1-a", 3)
    verdict = r.gate.check("rack1-a", 3, "reboot")
    assert verdict.sentence == (
        "Reboot outlet 3 db01 on rack1-a: drops 104 W, back after about 5 s"
    )
    result = await r.switch(3, "reboot")
    assert (result.outcome, result.before, result.after) == ("observed", "on", "on")
    assert r.pdu.commands == [(3, "reboot")]
    await r.clock.run(3)
    assert not any("turned" in text for text in r.texts)


async def test_an_intent_to_reboot_finds_out_how_long_it_takes(rig: MakeRig) -> None:
    r = await rig()
    assert "the device's own delay" in r.gate.check("rack1-a", 3, "reboot").sentence
    r.gate.new_intent("rack1-a", 3, "reboot", ALICE)
    await r.clock.run(0.1)
    assert "back after about 5 s" in r.gate.check("rack1-a", 3, "reboot").sentence
    reads = len(r.pdu.reads)
    r.gate.new_intent("rack1-a", 3, "reboot", ALICE)
    r.gate.new_intent("rack1-a", 1, "off", ALICE)
    r.gate.new_intent("rack1-a", 4, "reboot", ALICE)
    await r.clock.run(0.1)
    assert len(r.pdu.reads) == reads


async def test_prepare_is_harmless_when_the_device_is_silent_or_unknown(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.read_error = Unreachable("gone")
    await r.gate.prepare("rack1-a", 3)
    await r.gate.prepare("rack1-a", 99)
    await r.gate.prepare("nowhere", 3)
    assert "the device's own delay" in r.gate.check("rack1-a", 3, "reboot").sentence


# -- policy ----------------------------------------------------------------------------------


async def refused(
    rig: Rig, outlet: int, action: str, rule: str, reason: str, **how: object
) -> None:
    """It is refused, nothing reaches the device, and both lines are in the audit."""
    intent = rig.gate.new_intent(str(how.pop("pdu", "rack1-a")), outlet, action, ALICE)  # type: ignore[arg-type]
    how.setdefault("confirmed", True)
    verdict = rig.gate.check(intent.pdu, outlet, action)  # type: ignore[arg-type]
    if rule not in ("protected", "not_confirmed"):
        assert (verdict.allowed, verdict.rule, verdict.reason) == (False, rule, reason)
    result = await at_once(rig.gate.switch(intent, **how))  # type: ignore[arg-type]
    assert (result.outcome, result.detail) == ("refused", reason)
    assert rig.pdu.commands == []
    records = [x for x in rig.store.records if x.intent_id == intent.id]
    assert [x.outcome for x in records] == ["requested", "refused"]
    assert records[1].detail == reason
    assert [s for s, _ in result.stages] == ["requested"]
    if intent.pdu == "rack1-a":
        assert rig.engine.view("rack1-a").in_flight == {}
        assert rig.engine.view("rack1-a").results == {}


async def test_control_disabled(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(enabled=False))
    await refused(r, 3, "off", "control_disabled", "control is disabled in the configuration")
    info = r.engine.view("rack1-a").info
    assert (info.read_only, info.read_only_reason) == (
        True,
        "control is disabled in the configuration",
    )


async def test_read_only_program(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(read_only=True))
    await refused(r, 3, "off", "read_only", "the program runs read-only")


async def test_read_only_pdu(rig: MakeRig) -> None:
    r = await rig(read_only=True)
    await refused(r, 3, "off", "pdu_read_only", "rack1-a is read-only in the configuration")
    assert r.engine.view("rack1-a").info.read_only


async def test_no_write_path(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.actions = frozenset()
    await refused(r, 3, "off", "no_write_path", "rack1-a offers no switching of outlets")
    pdu = r.engine._fleet["rack1-a"]
    pdu.settings = PduSettings(name="rack1-a", backend="snmp", host="192.0.2.1")
    await refused(r, 3, "off", "no_write_path", "no write community configured for rack1-a")


async def test_unknown_pdu_names_those_that_exist(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    reason = "no PDU is called rack9; there are: rack1-a, rack1-b"
    await refused(r, 3, "off", "unknown_pdu", reason, pdu="rack9")


async def test_unknown_outlet_names_those_that_exist(rig: MakeRig) -> None:
    r = await rig()
    await refused(r, 33, "off", "unknown_outlet", "rack1-a has no outlet 33; it has 1-6")


async def test_not_switchable(rig: MakeRig) -> None:
    await refused(await rig(), 4, "off", "not_switchable", "outlet 4 fixed cannot be switched")


async def test_action_that_the_device_lacks(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.actions = frozenset({"on", "off"})
    await refused(r, 3, "reboot", "no_such_action", "rack1-a offers no reboot for outlets")


async def test_before_the_first_reading(rig: MakeRig) -> None:
    r = await rig(live=False)
    await refused(r, 3, "off", "not_live", "rack1-a has not given a reading yet")


async def test_stale_figures(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.poll_takes = [100.0]
    await r.clock.run(3.7)
    await refused(r, 3, "off", "not_live", "rack1-a is late: its figures are 4 s old")
    r.pdu.unanswered = 9
    await refused(r, 3, "off", "not_live", "rack1-a is lost: its figures are 4 s old")


async def test_refused_by_the_device_altogether(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.poll_error = Refused("not this community")
    await r.clock.run(1.0)
    await refused(r, 3, "off", "not_live", "rack1-a refuses us: not this community")


async def test_unknown_state(rig: MakeRig) -> None:
    await refused(await rig(), 5, "off", "state_unknown", "the state of outlet 5 odd is not known")


async def test_pending_on_the_device(rig: MakeRig) -> None:
    reason = "outlet 6 slow still has a command (off) pending on the device"
    await refused(await rig(), 6, "on", "pending", reason)


async def test_not_confirmed(rig: MakeRig) -> None:
    await refused(await rig(), 3, "off", "not_confirmed", "not confirmed", confirmed=False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [(None, "not typed"), ("", "typed wrong"), ("san2", "typed wrong"), ("SAN", "typed wrong")],
)
async def test_protected_needs_its_name(rig: MakeRig, typed: str | None, said: str) -> None:
    r = await rig(protected=frozenset({1}))
    verdict = r.gate.check("rack1-a", 1, "off")
    assert (verdict.allowed, verdict.needs_name, verdict.outlet_name) == (True, True, "san")
    reason = f"outlet 1 san is protected and its name was {said}"
    await refused(r, 1, "off", "protected", reason, typed_name=typed)


@pytest.mark.parametrize("typed", ["san", "1 san", "1-san", " san "])
async def test_protected_with_its_name(rig: MakeRig, typed: str) -> None:
    r = await rig(protected=frozenset({1}))
    assert (await r.switch(1, "off", typed_name=typed)).outcome == "observed"


async def test_protected_without_a_name_takes_its_number(rig: MakeRig) -> None:
    r = await rig(protected=frozenset({2}))
    assert (await r.switch(2, "on", typed_name="")).outcome == "refused"
    assert (await r.switch(2, "on", typed_name="outlet 2")).outcome == "observed"


async def test_typing_the_name_is_no_confirmation(rig: MakeRig) -> None:
    r = await rig(protected=frozenset({1}))
    result = await r.switch(1, "off", confirmed=False, typed_name="san")
    assert (result.outcome, r.pdu.commands) == ("refused", [])


async def test_cancelled_in_the_dialog(rig: MakeRig) -> None:
    r = await rig()
    intent = r.gate.new_intent("rack1-a", 3, "off", ALICE)
    result = await r.gate.refuse(intent, "cancelled")
    assert (result.outcome, result.detail) == ("refused", "cancelled")
    assert r.store.outcomes == ["requested", "refused"]
    assert [line.severity for line in r.of(Logged)] == ["info"]
    late = await at_once(r.gate.switch(intent, confirmed=True))
    assert (late.outcome, r.pdu.commands) == ("refused", [])


async def test_an_intent_is_good_for_one_attempt(rig: MakeRig) -> None:
    r = await rig()
    intent = r.gate.new_intent("rack1-a", 3, "off", ALICE)
    first = asyncio.create_task(r.gate.switch(intent, confirmed=True))
    await r.clock.run(3)
    assert first.result().outcome == "observed"
    r.pdu.set_outlet(3, state="on")
    await r.clock.run(2)
    second = await at_once(r.gate.switch(intent, confirmed=True))
    assert second.outcome == "refused"
    assert r.pdu.commands == [(3, "off")]


async def test_an_outlet_that_changed_since_it_was_asked_for(rig: MakeRig) -> None:
    r = await rig()
    intent = r.gate.new_intent("rack1-a", 3, "reboot", ALICE)
    r.pdu.set_outlet(3, state="off")
    await r.clock.run(1.0)
    result = await at_once(r.gate.switch(intent, confirmed=True))
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "outlet 3 db01 was on when asked for and is off"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"serial": "S2"}, "another device answers as rack1-a now"),
        ({"model": "PX3"}, "another device answers as rack1-a now"),
        ({"profile": "raritan-pdu2"}, "another device answers as rack1-a now"),
        ({}, "outlet 3 db01 is called web07 now"),
    ],
)
async def test_a_device_that_was_swapped_since_it_was_asked_for(
    rig: MakeRig, change: dict[str, str], said: str
) -> None:
    """The question named another device, or another load: its answer is not for this one."""
    r = await rig()
    r.pdu.reading = msgspec.structs.replace(
        r.pdu.reading, model="PDU44001", profile="cyberpower-epdu"
    )
    await r.clock.run(1.0)
    intent = r.gate.new_intent("rack1-a", 3, "off", ALICE)
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, **change)
    if not change:
        r.pdu.set_outlet(3, name="web07")
    await r.clock.run(1.0)
    result = await at_once(r.gate.switch(intent, confirmed=True))
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == said


async def test_a_device_that_says_less_of_itself_for_a_moment_is_the_same(rig: MakeRig) -> None:
    r = await rig()
    intent = r.gate.new_intent("rack1-a", 3, "off", ALICE)
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, serial=None)
    await r.clock.run(1.0)
    task = asyncio.create_task(r.gate.switch(intent, confirmed=True))
    await r.clock.run(4)
    assert task.result().outcome == "observed"


# -- two at once -----------------------------------------------------------------------------


async def test_two_on_one_outlet_at_once(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 1.0
    one, two = r.switching(3, "off"), r.switching(3, "reboot")
    await r.clock.run(0.1)
    assert not r.gate.check("rack1-a", 3, "on").allowed
    assert two.result().outcome == "refused"
    assert two.result().detail == "a command (off) for outlet 3 db01 is under way"
    assert 3 in r.engine.view("rack1-a").in_flight
    await r.clock.run(4)
    assert one.result().outcome == "observed"
    assert r.pdu.commands == [(3, "off")]
    assert sorted(r.store.outcomes) == ["observed", "refused", "requested", "requested"]


async def test_the_next_command_on_an_outlet_waits_for_a_poll_that_shows_the_last(
    rig: MakeRig,
) -> None:
    r = await rig()
    r.pdu.relay_s, r.pdu.poll_takes = 0.4, [0.9, 0.6]
    task = r.switching(3, "off")
    while not task.done():
        await r.clock.run(0.05)
    assert r.pdu.polls_now == 1
    assert r.clock.monotonic() - r.pdu.polled_at[-1] > 0.1
    # The poll under way began before the command ended: what it brings is of no use here.
    polls = len(r.pdu.polled_at)
    while len(r.pdu.polled_at) == polls:
        verdict = r.gate.check("rack1-a", 3, "reboot")
        assert (verdict.allowed, verdict.rule) == (False, "settling")
        assert r.gate.check("rack1-a", 1, "off").allowed
        await r.clock.run(0.1)
    await r.clock.run(0.3)
    assert r.pdu.polls_now == 1, "the poll that counts is still under way"
    assert r.gate.check("rack1-a", 3, "reboot").rule == "settling"
    await r.clock.run(1.0)
    verdict = r.gate.check("rack1-a", 3, "on")
    assert verdict.allowed
    assert r.engine.view("rack1-a").reading.outlet(3).state == "off"


async def test_commands_on_one_device_wait_for_each_other(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 1.0
    one, two = r.switching(3, "off"), r.switching(1, "off")
    await r.clock.run(0.5)
    assert r.pdu.commands == [(3, "off")]
    assert r.engine.view("rack1-a").in_flight[1].stage == "confirmed"
    await r.clock.run(5)
    assert r.pdu.commands == [(3, "off"), (1, "off")]
    assert {one.result().outcome, two.result().outcome} == {"observed"}


async def test_commands_on_two_devices_do_not(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    r.pdu.relay_s = 5.0
    slow = r.switching(3, "off")
    intent = r.gate.new_intent("rack1-b", 3, "off", ALICE)
    quick = asyncio.create_task(r.gate.switch(intent, confirmed=True))
    await r.clock.run(1.5)
    assert quick.result().outcome == "observed"
    assert not slow.done()
    await r.clock.run(10)


async def test_freshness_is_checked_again_when_its_turn_comes(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    one, two = r.switching(3, "off"), r.switching(1, "off")
    await r.clock.run(0.5)
    r.pdu.poll_takes = [100.0]
    await r.clock.run(15)
    assert one.result().outcome == "unconfirmed"
    assert two.result().outcome == "refused"
    assert "rack1-a is late" in two.result().detail
    assert r.pdu.commands == [(3, "off")]
    assert [s for s, _ in two.result().stages] == ["requested", "confirmed"]


async def test_a_slow_audit_does_not_let_a_stale_command_through(rig: MakeRig) -> None:
    r = await rig()
    r.store.hangs = True
    r.pdu.poll_takes = [100.0]
    result = await r.switch(3, "off")
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert "rack1-a is late" in result.detail


# -- devices that lie, and lines that fail ---------------------------------------------------


async def test_ok_and_nothing_moves(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    result = await r.switch(3, "off")
    assert (result.outcome, result.after) == ("unconfirmed", "on")
    assert last(r) == [("requested", None), ("unconfirmed", "on")]
    assert r.engine.view("rack1-a").results[3] == result
    assert r.of(Logged)[-1].severity == "critical"
    r.engine.acknowledge("rack1-a", 3)
    assert r.engine.view("rack1-a").results == {}


async def test_a_later_command_that_ends_well_clears_the_bad_result(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    await r.switch(3, "off")
    r.pdu.acts = True
    await r.clock.run(1)
    await r.switch(3, "off")
    assert r.engine.view("rack1-a").results == {}


async def test_the_other_way(rig: MakeRig) -> None:
    r = await rig()

    async def reversed_(number: int, action: str) -> None:
        r.pdu.later(0.2, number, state="off" if action == "on" else "on")

    r.pdu.on_command = reversed_  # type: ignore[assignment]
    result = await r.switch(3, "on")
    assert (result.outcome, result.before, result.after) == ("contradicted", "on", "off")
    assert r.engine.view("rack1-a").results[3].outcome == "contradicted"


async def test_there_and_back(rig: MakeRig) -> None:
    r = await rig()

    async def bounce(number: int, action: str) -> None:
        r.pdu.later(0.2, number, state="off")
        r.pdu.later(0.7, number, state="on")

    r.pdu.on_command = bounce
    result = await r.switch(3, "off")
    assert (result.outcome, result.after) == ("contradicted", "on")


async def test_a_relay_of_eight_seconds(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 8.0
    assert (await r.switch(3, "off")).outcome == "observed"
    assert len(r.pdu.commands) == 1


async def test_a_relay_slower_than_the_limit_is_unconfirmed_then_told(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 13.0
    assert (await r.switch(3, "off")).outcome == "unconfirmed"
    await r.clock.run(6)
    assert r.texts[-1] == "outlet 3 db01 is off now: the unconfirmed command took effect late"


async def test_lost_acknowledgement_and_it_switched(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.after_sent = Unreachable("no answer to the SET")
    result = await r.switch(3, "off")
    assert (result.outcome, result.after) == ("observed", "off")
    assert "; no answer to the SET" in result.detail
    assert [s for s, _ in result.stages] == ["requested", "confirmed", "sent"]
    assert len(r.pdu.commands) == 1


async def test_lost_acknowledgement_and_it_did_not(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    r.pdu.after_sent = Unreachable("no answer to the SET")
    result = await r.switch(3, "off")
    assert (result.outcome, result.after) == ("unconfirmed", "on")
    assert len(r.pdu.commands) == 1


async def test_garbled_acknowledgement_is_read_back_too(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.after_sent = DeviceError("garbage")
    assert (await r.switch(3, "off")).outcome == "observed"


async def test_an_answer_that_never_comes_is_bounded(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.command_takes = 1e6
    r.pdu.acts = False
    result = await r.switch(3, "off", wait=25)
    assert result.outcome == "unconfirmed"
    assert len(r.pdu.commands) == 1


async def test_rejected_by_the_device(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    r.pdu.after_sent = CommandRejected("notWritable")
    result = await r.switch(3, "off")
    assert (result.outcome, result.detail, result.after) == ("failed", "notWritable", "on")
    assert last(r) == [("requested", None), ("failed", "on")]
    assert r.engine.view("rack1-a").results[3].outcome == "failed"


async def test_rejected_and_yet_moved_is_said(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.after_sent = CommandRejected("genErr")

    async def moves(number: int, action: str) -> None:
        r.pdu.set_outlet(number, state="off")

    r.pdu.on_command = moves
    result = await r.switch(3, "off")
    assert result.outcome == "failed"
    assert "yet the outlet is off, it was on" in result.detail


async def test_nothing_went_out(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.before_sent = Unreachable("no route")
    result = await r.switch(3, "off")
    assert (result.outcome, result.detail) == ("failed", "no route; nothing was sent")
    assert len(r.pdu.reads) == 1, "the look before it, and none after"
    assert [s for s, _ in result.stages] == ["requested", "confirmed"]


async def test_the_device_goes_away_after_ok(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    r.pdu.lost_after = Unreachable("gone")
    result = await r.switch(3, "off")
    assert (result.outcome, result.after) == ("unconfirmed", "unknown")
    assert "could not be read back: gone" in result.detail
    assert last(r)[-1] == ("unconfirmed", "unknown")


@pytest.mark.parametrize("where", ["read_error", "before_sent", "after_sent", "lost_after"])
async def test_a_defect_in_a_backend_ends_as_a_result(rig: MakeRig, where: str) -> None:
    r = await rig()
    setattr(r.pdu, where, ZeroDivisionError("oops"))
    result = await r.switch(3, "off")
    early = where in ("read_error", "before_sent")
    assert result.outcome == ("failed" if early else "unconfirmed")
    assert "an error in the program: ZeroDivisionError: oops" in result.detail
    assert r.store.outcomes == ["requested", result.outcome]
    assert r.engine.view("rack1-a").in_flight == {}
    setattr(r.pdu, where, None)
    await r.clock.run(2)
    state = r.engine.view("rack1-a").reading.outlet(3).state
    assert (await r.switch(3, "off" if state == "on" else "on")).outcome == "observed"


@pytest.mark.parametrize(
    "lie",
    [
        lambda pdu: setattr(pdu, "acts", False),
        lambda pdu: setattr(pdu, "after_sent", Unreachable("x")),
        lambda pdu: setattr(pdu, "after_sent", CommandRejected("x")),
        lambda pdu: setattr(pdu, "lost_after", Unreachable("x")),
        lambda pdu: setattr(pdu, "relay_s", 30.0),
        lambda pdu: setattr(pdu, "command_takes", 1e6),
    ],
)
@pytest.mark.parametrize("action", ["off", "on", "reboot"])
async def test_never_a_second_command(
    rig: MakeRig, lie: Callable[[object], None], action: str
) -> None:
    r = await rig()
    lie(r.pdu)
    await r.switch(3, action, wait=60)  # type: ignore[arg-type]
    await r.clock.run(5)
    assert r.pdu.commands == [(3, action)]
    assert len(r.store.records) == 2


# -- the audit -------------------------------------------------------------------------------


async def test_a_full_disk_locks_nobody_out_and_is_said(rig: MakeRig) -> None:
    r = await rig()
    r.store.durable = False
    r.store.status = type(r.store.status)(False, "disk full")
    result = await r.switch(3, "off")
    assert result.outcome == "observed"
    assert result.detail.endswith("(not yet in the audit: disk full)")
    assert r.store.outcomes == ["requested", "observed"]


async def test_a_disk_that_hangs_delays_for_a_bounded_time(rig: MakeRig) -> None:
    r = await rig()
    r.store.hangs = True
    began = r.clock.monotonic()
    result = await r.switch(3, "off")
    assert result.outcome == "observed"
    assert "not yet in the audit" in result.detail
    assert r.clock.monotonic() - began < 7


async def test_a_defect_of_the_store_is_no_reason_not_to_switch(rig: MakeRig) -> None:
    r = await rig()
    r.store.breaks = True
    result = await r.switch(3, "off")
    assert result.outcome == "observed"
    assert "not in the audit" in result.detail


# -- the end of the program ------------------------------------------------------------------


async def test_a_caller_that_goes_away_does_not_stop_a_command(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 2.0
    caller = r.switching(3, "off")
    await r.clock.run(0.5)
    caller.cancel()
    await r.clock.run(4)
    assert caller.cancelled()
    assert r.store.outcomes == ["requested", "observed"]


async def stop(r: Rig, most: float) -> None:
    stopping = asyncio.create_task(r.engine.stop())
    passed = 0.0
    while not stopping.done() and passed < most:
        await r.clock.run(0.25)
        passed += 0.25
    assert stopping.done()
    await stopping


async def test_stop_waits_for_a_command(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 2.0
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    await stop(r, 4.0)
    assert task.result().outcome == "observed"
    assert r.pdu.closed == 1


async def test_stop_waits_no_longer_than_it_should(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.acts = False
    task = r.switching(3, "off")
    queued = r.switching(1, "off")
    await r.clock.run(0.5)
    await stop(r, 6.0)
    assert (task.result().outcome, task.result().detail) == ("unconfirmed", "program ended")
    assert queued.result().outcome in ("failed", "refused")
    assert "nothing was sent" in queued.result().detail
    assert r.pdu.commands == [(3, "off")]
    assert sorted(r.store.outcomes) == ["failed", "requested", "requested", "unconfirmed"]
    assert r.store.flushed == 1


async def test_an_end_that_is_being_written_is_not_written_twice(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.relay_s = 3.0
    r.store.hangs_on = "observed"
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    await stop(r, 12.0)
    assert (task.result().outcome, task.result().after) == ("observed", "off")
    assert r.store.outcomes == ["requested", "observed"]


async def test_nothing_new_is_let_through_while_stopping(rig: MakeRig) -> None:
    r = await rig()
    await stop(r, 1.0)
    result = await r.switch(3, "off")
    assert (result.outcome, result.detail) == ("refused", "the program is ending")
    assert r.pdu.commands == []


async def test_a_hand_made_intent_passes_the_same_policy(rig: MakeRig) -> None:
    r = await rig(read_only=True)
    intent = Intent(id="mine", pdu="rack1-a", outlet=3, action="off", actor=ALICE)
    result = await at_once(r.gate.switch(intent, confirmed=True, typed_name="db01"))
    assert (result.outcome, r.pdu.commands) == ("refused", [])
