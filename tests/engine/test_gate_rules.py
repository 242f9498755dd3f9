"""The gate with a policy: order of the rules, the look before sending, who else has switched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from pdutui.backends.base import Unreachable
from pdutui.domain.commands import WHOLE_PDU, Action, Actor, CommandResult, Intent
from pdutui.domain.impact import Change, DeviceImpact, Impact, ImpactLine
from pdutui.domain.reading import Ats, Source
from pdutui.domain.roles import RoleSettings
from pdutui.settings import ApprovalSettings, ControlSettings, OutletSettings, WindowSettings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakePdu, Rig

BOB = Actor(user="bob", groups=("power",))
EVE = Actor(user="eve")
ROLES = RoleSettings(default="viewer", admin=("alice",), operator=("bob",))
NIGHT = WindowSettings(name="night", from_min=22 * 60, to_min=4 * 60)
"""The clock of these tests begins at 14:02:11."""
DANGER = Impact(level="danger", lines=(ImpactLine(level="danger", text="db01 goes dark"),))


def intent_of(r: Rig, actor: Actor, outlet: int, action: Action, **more: object) -> Intent:
    return r.gate.new_intent("rack1-a", outlet, action, actor, **more)  # type: ignore[arg-type]


async def run(r: Rig, intent: Intent, *, confirmed: bool = True, **how: object) -> CommandResult:
    task = asyncio.create_task(r.gate.switch(intent, confirmed=confirmed, **how))  # type: ignore[arg-type]
    while not task.done():
        await r.clock.run(0.25)
    return task.result()


async def switched(
    r: Rig, actor: Actor = ALICE, outlet: int = 3, action: Action = "off", **how: object
) -> CommandResult:
    return await run(r, r.gate.new_intent("rack1-a", outlet, action, actor), **how)


# -- the order -------------------------------------------------------------------------------


async def test_the_rules_speak_in_the_order_in_which_one_wants_to_hear_them(rig: MakeRig) -> None:
    """All of them are broken at first; whenever the one that spoke is mended, the next one does."""
    control: dict[str, object] = {
        "enabled": False, "read_only": True, "roles": ROLES, "windows": (NIGHT,),
        "outlet_per_minute": 1, "reason": "required", "ticket": "required",
        "approval": ApprovalSettings(needed=("all",)),
    }  # fmt: skip
    pdu: dict[str, object] = {
        "read_only": True, "protected": frozenset({3}),
        "outlets": {n: OutletSettings(allow=("alice",)) for n in (3, 99)},
    }  # fmt: skip
    wish: dict[str, object] = {
        "pdu": "nope", "outlet": 99, "action": "off", "actor": EVE, "reason": None, "ticket": None,
    }  # fmt: skip
    locked, counted, typed, confirmed = True, True, None, False

    async def said() -> str:
        r = await rig(control=ControlSettings(**control), **pdu)  # type: ignore[arg-type]
        intent = r.gate.new_intent(**wish)  # type: ignore[arg-type]
        if locked:
            await r.gate.lock(ALICE)
        if counted and intent.pdu == "rack1-a":
            r.gate._judge.sent(intent)
            intent = r.gate.new_intent(**wish)  # type: ignore[arg-type]
        attempt = r.gate._begin(intent)
        now = r.gate._judge.seen(intent)
        return r.gate._judge.admit(attempt, now, typed=typed, confirmed=confirmed).rule

    assert await said() == "control_disabled"
    control["enabled"] = True
    assert await said() == "read_only"
    control["read_only"] = False
    assert await said() == "role"
    wish["actor"] = BOB
    assert await said() == "unknown_pdu"
    wish["pdu"] = "rack1-a"
    assert await said() == "pdu_read_only"
    pdu["read_only"] = False
    assert await said() == "not_allowed"
    pdu["outlets"] = {}
    wish |= {"outlet": WHOLE_PDU, "action": "all_off"}
    assert await said() == "role"
    wish |= {"outlet": 99, "action": "off"}
    assert await said() == "locked"
    locked = False
    assert await said() == "outside_window"
    control["windows"] = ()
    assert await said() == "rate_limit"
    counted = False
    assert await said() == "needs_reason"
    wish["reason"] = "fan died"
    assert await said() == "needs_ticket"
    wish["ticket"] = "CHG-1"
    assert await said() == "unknown_outlet"
    wish["outlet"] = 3
    assert await said() == "protected"
    typed = "db01"
    assert await said() == "needs_approval"
    control["approval"] = ApprovalSettings()
    assert await said() == "not_confirmed"
    confirmed = True
    assert await said() == "allowed"


@pytest.mark.parametrize("origin", ["console", "cli", "rule", "network"])
async def test_wherever_it_comes_from_the_actor_is_judged(rig: MakeRig, origin: str) -> None:
    r = await rig(control=ControlSettings(roles=ROLES))
    for name, outcome in (("eve", "refused"), ("bob", "observed")):
        actor = Actor(user=name, origin=origin)  # type: ignore[arg-type]
        assert (await switched(r, actor)).outcome == outcome
    assert r.pdu.commands == [(3, "off")]


async def test_without_a_policy_everything_is_as_it_was(rig: MakeRig) -> None:
    r = await rig()
    verdict = r.gate.check("rack1-a", 3, "off", actor=EVE)
    asked = (verdict.needs_name, verdict.needs_reason, verdict.needs_ticket, verdict.needs_approval)
    assert (verdict.allowed, verdict.reason, asked) == (True, "", (False,) * 4)
    assert (await switched(r, EVE)).outcome == "observed"


# -- who sits here ---------------------------------------------------------------------------


async def test_the_view_says_what_who_sits_here_may_not_switch(rig: MakeRig) -> None:
    own = {3: OutletSettings(allow=("alice",)), 1: OutletSettings(allow=("@power",))}
    r = await rig(control=ControlSettings(roles=ROLES), actor=BOB, outlets=own)
    info = r.engine.view("rack1-a").info
    assert (info.role, info.read_only, info.closed) == (
        "operator", False, {3: "bob is not on its list"},
    )  # fmt: skip
    assert r.gate.check("rack1-a", 3, "off").rule == "not_allowed", "who sits here is asking"
    assert r.gate.check("rack1-a", 3, "off", actor=ALICE).allowed


async def test_a_viewer_sees_that_everything_is_read_only(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(roles=ROLES), actor=EVE)
    info = r.engine.view("rack1-a").info
    assert (info.role, info.read_only) == ("viewer", True)
    assert info.read_only_reason == "eve is a viewer, and viewers switch nothing"
    other = await rig(actor=BOB, allow=("alice",))
    assert other.engine.view("rack1-a").info.read_only_reason == "bob is not on the list of rack1-a"


# -- windows, rates, reasons ------------------------------------------------------------------


async def test_outside_of_the_windows_an_admin_types_the_name(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(windows=(NIGHT,), roles=ROLES))
    verdict = r.gate.check("rack1-a", 3, "off", actor=ALICE)
    assert (verdict.allowed, verdict.needs_name) == (True, True)
    assert verdict.reason.endswith("opens on Fri 2026-11-20 at 22:00: type its name")
    assert (await switched(r, BOB, typed_name="db01")).outcome == "refused"
    assert (await switched(r, ALICE)).outcome == "refused"
    assert (await switched(r, ALICE, typed_name="db01")).outcome == "observed"


async def test_a_window_that_closes_between_yes_and_the_command_is_closed(rig: MakeRig) -> None:
    closing = WindowSettings(name="day", from_min=8 * 60, to_min=14 * 60 + 3)
    r = await rig(control=ControlSettings(windows=(closing,), roles=ROLES))
    await r.clock.run(43.0)
    r.pdu.command_takes = 8.0  # at 14:02:54; the second one's turn comes after 14:03
    first = asyncio.create_task(r.gate.switch(intent_of(r, BOB, 2, "on"), confirmed=True))
    await r.clock.run(0.1)
    second = asyncio.create_task(r.gate.switch(intent_of(r, BOB, 3, "off"), confirmed=True))
    await r.clock.run(30.0)
    assert first.result().outcome == "observed"
    assert second.result().outcome == "refused"
    assert "no maintenance window of rack1-a is open" in second.result().detail


async def test_what_is_refused_does_not_count_against_the_rate(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(outlet_per_minute=2, commands_per_minute=3))
    for _ in range(5):
        assert (await run(r, intent_of(r, ALICE, 3, "off"), confirmed=False)).outcome == "refused"
    for action in ("off", "on"):
        assert (await switched(r, action=action)).outcome == "observed"  # type: ignore[arg-type]
        await r.clock.run(2)
    refused = await switched(r)
    assert refused.outcome == "refused"
    assert refused.detail.startswith(
        "rack1-a: the outlet was commanded twice within a minute: free in 5"
    )
    assert 50 < r.gate.free_in_s("rack1-a", 3, "off") < 60
    assert (await switched(r, outlet=1)).outcome == "observed"
    assert r.gate.check("rack1-a", 2, "on").rule == "rate_limit"
    await r.clock.run(60)
    assert r.gate.free_in_s("rack1-a", 3, "off") == 0
    assert (await switched(r)).outcome == "observed"


async def test_reason_and_ticket_are_typed_for_a_wish_that_is_made(rig: MakeRig) -> None:
    control = ControlSettings(reason="required", ticket="required", ticket_pattern=r"CHG-\d+")
    r = await rig(control=control)
    verdict = r.gate.check("rack1-a", 3, "off")
    assert (verdict.allowed, verdict.needs_reason, verdict.needs_ticket) == (True, True, True)
    intent = intent_of(r, ALICE, 3, "off")
    r.pdu.set_outlet(3, name="web07")
    await r.clock.run(1.2)
    told = r.gate.explain(intent, "fan died", "CHG-7")
    result = await run(r, told)
    assert result.outcome == "refused", "what was looked at stays with it"
    assert "is called web07 now" in result.detail
    again = await run(r, r.gate.explain(told, "fan died twice", "CHG-8"))
    assert again.detail == "this command was carried out or ended before"
    fresh = r.gate.explain(intent_of(r, ALICE, 3, "off"), "fan died", "CHG-9")
    assert (await run(r, fresh)).outcome == "observed"
    last = r.store.records[-1]
    assert (last.reason, last.ticket, last.role) == ("fan died", "CHG-9", "admin")


# -- danger ----------------------------------------------------------------------------------


class Previews:
    """A preview that a test sets."""

    def __init__(self) -> None:
        self.impact = Impact()
        self.asked: list[Change] = []
        self.breaks = False

    def __call__(self, changes: Sequence[Change]) -> Impact:
        self.asked.extend(changes)
        if self.breaks:
            raise ZeroDivisionError("oops")
        return self.impact


async def previewed(rig: MakeRig, **how: object) -> tuple[Rig, Previews]:
    r, previews = await rig(**how), Previews()
    r.gate.informed_by(preview=previews)
    return r, previews


async def test_what_is_dangerous_wants_the_name_and_says_why(rig: MakeRig) -> None:
    r, previews = await previewed(rig)
    previews.impact = DANGER
    verdict = r.gate.check("rack1-a", 3, "off")
    assert (verdict.allowed, verdict.needs_name, verdict.impact) == (True, True, DANGER)
    assert verdict.reason == "db01 goes dark: type its name"
    refused = await switched(r)
    assert refused.detail == "db01 goes dark and its name was not typed"
    assert (
        await switched(r, typed_name="san")
    ).detail == "db01 goes dark and its name was typed wrong"
    assert (await switched(r, typed_name="db01")).outcome == "observed"
    assert previews.asked[0] == Change(pdu="rack1-a", outlet=3, action="off")


async def test_a_danger_that_nobody_was_asked_about_stops_it_at_the_last_moment(
    rig: MakeRig,
) -> None:
    r, previews = await previewed(rig)

    def turns(outcome: str) -> None:
        previews.impact = DANGER

    r.store.audit_durable, durable = (  # type: ignore[method-assign]
        lambda record: (turns(record.outcome), durable(record))[1],
        r.store.audit_durable,
    )
    result = await switched(r)
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "db01 goes dark: this was not so when it was asked for"
    assert [stage for stage, _ in result.stages] == ["requested", "confirmed"]


@pytest.mark.parametrize("asked", ["protected", "another danger"])
async def test_a_name_that_was_typed_for_one_thing_is_none_for_another(
    rig: MakeRig, asked: str
) -> None:
    """It is protected, or something else was in danger; and now this is."""
    r, previews = await previewed(rig, protected=frozenset({3}))
    if asked == "another danger":
        previews.impact = in_danger("web01")
    intent = intent_of(r, ALICE, 3, "off")
    previews.impact = in_danger("web01", "db01")
    result = await run(r, intent, typed_name="db01")
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "db01 goes dark: this was not so when it was asked for"
    assert (await switched(r, typed_name="db01")).outcome == "observed", "asked anew"


async def test_a_danger_that_goes_or_counts_anew_is_no_other(rig: MakeRig) -> None:
    r, previews = await previewed(rig)
    previews.impact = in_danger("db01", "web01", at="17.1 A")
    intent = intent_of(r, ALICE, 3, "off")
    previews.impact = in_danger("DB01", at="17.3 A")
    assert (await run(r, intent, typed_name="db01")).outcome == "observed"


async def test_a_danger_that_a_plan_has_agreed_to_may_change_its_shape(rig: MakeRig) -> None:
    r, previews = await previewed(rig)
    intent = intent_of(r, ALICE, 3, "off", danger_agreed=True)
    previews.impact = in_danger("db01")
    assert (await run(r, intent, typed_name="db01")).outcome == "observed"


def in_danger(*devices: str, at: str = "") -> Impact:
    """An impact with such devices in danger, the last one said first."""
    return Impact(
        level="danger",
        devices=tuple(
            DeviceImpact(device=name, fate="loses_last_feed", level="danger") for name in devices
        ),
        lines=tuple(
            ImpactLine(level="danger", text=f"{name} goes dark{at}") for name in devices[::-1]
        ),
    )


# -- the same state, and yet another ---------------------------------------------------------


@pytest.mark.parametrize("away_s", [0.0, 1.5])
async def test_what_was_switched_and_switched_back_is_not_what_was_asked_about(
    rig: MakeRig, away_s: float
) -> None:
    """Somebody elsewhere has rebooted it while the question stood."""
    r = await rig()
    intent = intent_of(r, ALICE, 3, "reboot")
    if away_s:
        r.pdu.set_outlet(3, state="off")
        await r.clock.run(away_s)
        r.pdu.set_outlet(3, state="on")
    await r.clock.run(1.5)
    result = await run(r, intent)
    assert result.outcome == ("refused" if away_s else "observed")
    if away_s:
        assert result.detail == (
            "outlet 3 db01 was switched and switched back since this was asked for"
        )
        assert r.pdu.commands == []
    assert (await switched(r, outlet=1)).outcome == "observed", "another outlet"


async def test_what_switches_nothing_is_not_previewed(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePdu, "actions", frozenset({"on", "off", "cancel", "identify"}))
    r, previews = await previewed(rig)
    previews.impact = DANGER
    for action in ("cancel", "identify"):
        verdict = r.gate.check("rack1-a", 3, action)  # type: ignore[arg-type]
        assert (verdict.impact, verdict.needs_name) == (None, False)
    assert previews.asked == []


async def test_a_preview_that_fails_is_unknown_and_stops_nobody(rig: MakeRig) -> None:
    r, previews = await previewed(rig)
    previews.breaks = True
    verdict = r.gate.check("rack1-a", 3, "off")
    assert verdict.impact is not None
    assert (verdict.allowed, verdict.impact.level) == (True, "unknown")
    assert "could not be worked out" in verdict.impact.lines[0].text
    assert (await switched(r)).outcome == "observed"


# -- a second person -------------------------------------------------------------------------


class Approved:
    """Approvals that a test sets: plan to approver."""

    def __init__(self) -> None:
        self.by: dict[str | None, str] = {}

    def under_way(self, intent: Intent) -> bool:
        return False

    def approved(self, intent: Intent) -> str | None:
        return self.by.get(intent.plan)


async def test_the_gate_itself_asks_who_approved(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(approval=ApprovalSettings(needed=("protected",))),
                  protected=frozenset({3}))  # fmt: skip
    verdict = r.gate.check("rack1-a", 3, "off")
    assert (verdict.allowed, verdict.needs_approval) == (True, True)
    assert verdict.approval == "a protected outlet needs the approval of a second person"
    assert not r.gate.check("rack1-a", 1, "off").needs_approval
    alone = await switched(r, typed_name="db01")
    assert alone.detail == "a protected outlet needs the approval of a second person"
    desk = Approved()
    r.gate.informed_by(approvals=desk)
    step = intent_of(r, ALICE, 3, "off", plan="K7Q2MX")
    assert (await run(r, step, typed_name="db01")).outcome == "refused"
    desk.by["K7Q2MX"] = "bob"
    step = intent_of(r, ALICE, 3, "off", plan="K7Q2MX")
    assert (await run(r, step, typed_name="db01")).outcome == "observed"
    assert {(x.plan, x.approved_by) for x in r.store.records[-2:]} == {("K7Q2MX", "bob")}
    assert r.store.records[0].approved_by is None
    assert r.pdu.commands == [(3, "off")]


async def test_an_approval_that_is_gone_by_the_last_moment_is_none(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(approval=ApprovalSettings(needed=("all",))))
    desk = Approved()
    r.gate.informed_by(approvals=desk)
    r.pdu.relay_s = 2.0
    desk.by["A"] = desk.by["B"] = "bob"
    first = asyncio.create_task(run(r, intent_of(r, ALICE, 1, "off", plan="A")))
    await asyncio.sleep(0)
    second = asyncio.create_task(
        r.gate.switch(intent_of(r, ALICE, 3, "off", plan="B"), confirmed=True)
    )
    await asyncio.sleep(0)
    del desk.by["B"]
    assert (await first).outcome == "observed"
    await r.clock.run(3)
    assert second.result().outcome == "refused"
    assert r.pdu.commands == [(1, "off")]


# -- the look before it ----------------------------------------------------------------------


async def stale(r: Rig, number: int, **values: object) -> Intent:
    """A wish, and then a change of the outlet that no poll has shown yet."""
    intent = intent_of(r, ALICE, number, "off")
    r.pdu.set_outlet(number, **values)
    return intent


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"state": "off"}, "outlet 3 db01 was on when asked for and is off"),
        ({"state": "unknown"}, "the state of outlet 3 db01 is not known now"),
        ({"pending": "reboot"}, "outlet 3 db01 has a command (reboot) pending now"),
    ],
)
async def test_what_no_poll_has_shown_yet_is_seen_before_it_is_sent(
    rig: MakeRig, now: dict[str, object], said: str
) -> None:
    r = await rig()
    result = await run(r, await stale(r, 3, **now))
    assert (result.outcome, result.detail, r.pdu.commands) == ("refused", said, [])
    assert len(r.pdu.reads) == 1
    assert r.store.outcomes == ["requested", "refused"]


async def test_a_device_that_does_not_answer_then_is_sent_nothing(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.read_error = Unreachable("rack1-a: no answer within 2 s")
    result = await switched(r)
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == (
        "outlet 3 db01 could not be read right before the command: "
        "rack1-a: no answer within 2 s; nothing was sent"
    )


async def test_the_look_is_bounded(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    r = await rig()

    async def never(number: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(r.pdu, "read_outlet", never)
    began = r.clock.monotonic()
    result = await switched(r)
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert "not done in 5 s" in result.detail
    assert r.clock.monotonic() - began < 6


async def test_a_light_needs_no_look(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePdu, "actions", frozenset({"identify"}))
    r = await rig()
    r.pdu.read_error = Unreachable("gone")
    assert (await switched(r, action="identify")).outcome == "accepted"


async def test_a_cancel_is_for_what_was_pending(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePdu, "actions", frozenset({"on", "off", "cancel"}))
    r = await rig()
    intent = intent_of(r, ALICE, 6, "cancel")
    r.pdu.set_outlet(6, pending="reboot")
    result = await run(r, intent)
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail == "outlet 6 slow had off pending when asked for and has reboot now"
    await r.clock.run(1.2)
    assert (await switched(r, outlet=6, action="cancel")).outcome == "observed"


async def whole(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(FakePdu, "pdu_actions", frozenset({"all_off", "all_on", "prefer_b"}))
    r = await rig(live=False)
    ats = Ats(
        active="A", preferred="A", redundancy="full",
        sources=tuple(Source(id=s, name=s, voltage_v=230.0, state="normal") for s in ("A", "B")),
    )  # fmt: skip
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, ats=ats)
    r.pdu.set_outlet(5, state="on")
    r.pdu.set_outlet(6, pending=None)
    return await r.live()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"state": "off"}, "all 5 outlets were 1, 3, 5-6 on; 2 off when asked for and are"),
        ({"state": "unknown"}, "the state of outlet 3 is not known now"),
        ({"pending": "off"}, "outlet 3 has a command pending now"),
    ],
)
async def test_all_outlets_are_looked_at_before_a_command_on_them(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, now: dict[str, object], said: str
) -> None:
    r = await whole(rig, monkeypatch)
    intent = intent_of(r, ALICE, WHOLE_PDU, "all_off")
    r.pdu.set_outlet(3, **now)
    result = await run(r, intent, typed_name="rack1-a")
    assert (result.outcome, r.pdu.commands) == ("refused", [])
    assert result.detail.startswith(said)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"active": "B"}, "A in use when asked for, B in use now"),
        ({"preferred": "B"}, "source A was preferred when asked for and B is now"),
        ({"preferred": None}, "which source is preferred is not known now"),
    ],
)
async def test_the_transfer_switch_is_looked_at_before_it_is_told(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, now: dict[str, object], said: str
) -> None:
    r = await whole(rig, monkeypatch)
    intent = intent_of(r, ALICE, WHOLE_PDU, "prefer_b")
    ats = msgspec.structs.replace(r.pdu.reading.ats, **now)
    r.pdu.reading = msgspec.structs.replace(r.pdu.reading, ats=ats)
    result = await run(r, intent)
    assert (result.outcome, result.detail, r.pdu.commands) == ("refused", said, [])


# -- somebody else here ----------------------------------------------------------------------


async def test_a_reboot_by_somebody_else_changes_the_question_though_the_state_is_the_same(
    rig: MakeRig,
) -> None:
    r = await rig()
    mine = intent_of(r, ALICE, 3, "off")
    other = intent_of(r, ALICE, 1, "off")
    result = await run(r, intent_of(r, Actor(user="rule-7", origin="rule"), 3, "reboot"))
    assert result.outcome == "observed"
    await r.clock.run(2)
    refused = await run(r, mine)
    assert (refused.outcome, refused.before) == ("refused", "on")
    assert refused.detail == "rule-7 has commanded outlet 3 db01 since this was asked for (reboot)"
    assert (await run(r, other)).outcome == "observed", "that was about another outlet"
    assert (await switched(r)).outcome == "observed", "and a new question is a new one"


async def test_a_command_on_all_changes_the_question_about_each_and_the_other_way_round(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await whole(rig, monkeypatch)
    on_one, on_all = intent_of(r, ALICE, 3, "off"), intent_of(r, ALICE, WHOLE_PDU, "all_off")
    switch = intent_of(r, ALICE, WHOLE_PDU, "prefer_b")
    assert (await switched(r, outlet=1, action="reboot")).outcome == "observed"
    await r.clock.run(2)
    refused = await run(r, on_all, typed_name="rack1-a")
    assert refused.detail.startswith("alice has commanded all 5 outlets since")
    assert (
        await switched(r, outlet=0, action="all_on", typed_name="rack1-a")
    ).outcome == "observed"
    await r.clock.run(2)
    assert "alice has commanded outlet 3 db01 since" in (await run(r, on_one)).detail
    assert (await run(r, switch)).outcome == "observed", "the transfer switch is no outlet"


async def test_a_light_changes_no_question(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePdu, "actions", frozenset({"off", "identify"}))
    r = await rig()
    mine = intent_of(r, ALICE, 3, "off")
    assert (await switched(r, action="identify")).outcome == "accepted"
    assert (await run(r, mine)).outcome == "observed"
