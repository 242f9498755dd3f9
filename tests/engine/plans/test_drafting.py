"""From wishes to a plan: what stands in the way, what it is called, what has to be typed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pdutui.domain.commands import Actor
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.impact import Change, DeviceImpact, Impact, ImpactLine
from pdutui.domain.plan import PlanStep
from pdutui.engine.plans import drafting
from pdutui.engine.plans.danger import outlook
from pdutui.engine.plans.wording import sentence_of, words_of
from pdutui.settings import ControlSettings
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, PlanRig, wish

TWO = ("rack1-a", "rack1-b")


def obstacles(p: PlanRig, *wishes: Any) -> list[tuple[int, str]]:
    return [(o.outlet, o.rule) for o in p.desk.draft(wishes, ALICE).obstacles]


# -- words -----------------------------------------------------------------------------------


async def test_a_plan_says_what_it_does(plans: MakePlans) -> None:
    p = await plans(TWO)
    draft = p.desk.draft(
        (wish(3), wish(1), wish(2), wish(3, pdu="rack1-b")), ALICE, pause_s=5.0
    )  # fmt: skip
    assert draft.plan.title == "Turn off 4 outlets"
    assert draft.sentence == (
        "Turn OFF 4 outlets on 2 PDUs, one every 5 s: drops 268 W; 1 is off already"
    )
    assert not draft.obstacles
    assert not draft.problem
    assert draft.words == ()
    mixed = p.desk.draft((wish(2, "on"), wish(3), wish(1, "reboot")), ALICE, pause_s=0.0)
    assert mixed.plan.title == "Turn on 1, turn off 1 and reboot 1 outlet"
    assert mixed.sentence.startswith(
        "Turn ON 1, turn OFF 1 and reboot 1 outlet on rack1-a, one right after the other: drops 164"
    )
    settle = p.desk.draft((wish(3), wish(1)), ALICE, pace="settle", pause_s=2.0)
    assert "each once the load has settled, after 30 s at the latest" in settle.sentence
    single = p.desk.draft((wish(3),), ALICE)
    assert single.sentence == "Turn OFF outlet 3 db01 on rack1-a: drops 104 W"
    assert single.plan.title == "Turn off outlet 3 db01 on rack1-a"


def test_an_outlet_that_is_off_has_no_load_to_say_of_the_others() -> None:
    steps = [
        PlanStep(pdu="a", outlet=1, action="off", before="on"),
        PlanStep(pdu="a", outlet=2, action="off", before="off"),
    ]
    said = sentence_of(steps, Impact(), pace="delay", pause_s=1.0, loads=(None, 0.0))
    assert said == "Turn OFF 2 outlets on a, one every 1 s: load unknown; 1 is off already"
    said = sentence_of(steps[1:] * 2, Impact(), pace="delay", pause_s=1.0, loads=(0.0, 0.0))
    assert said == "Turn OFF 2 outlets on a, one every 1 s: 2 are off already"


async def test_a_draft_changes_nothing_and_has_an_id_of_its_own(plans: MakePlans) -> None:
    p = await plans()
    first, second = (p.desk.draft((wish(3),), ALICE, title="x" * 200) for _ in "ab")
    assert first.plan.id != second.plan.id
    assert len(first.plan.title) == 80
    assert not p.path.exists()
    assert p.rig.store.records == []


def test_two_protected_outlets_of_one_name_are_two_names_to_type() -> None:
    steps = [
        PlanStep(pdu=pdu, outlet=3, action="off", name="db01", label="outlet 3 db01") for pdu in TWO
    ]
    guarded = words_of(steps, ["db01", "db01"], [True, True], own=True)
    assert guarded == ("2 outlets", "rack1-a:db01", "rack1-b:db01")


# -- what is in the way ----------------------------------------------------------------------


async def test_every_outlet_is_judged_by_the_gate(plans: MakePlans) -> None:
    p = await plans()
    found = obstacles(p, wish(3), wish(4), wish(5), wish(6), wish(9), wish(1, pdu="rack9"))
    assert found == [
        (4, "not_switchable"), (5, "state_unknown"), (6, "pending"), (9, "unknown_outlet"),
        (1, "unknown_pdu"),
    ]  # fmt: skip


async def test_nothing_is_in_a_plan_twice_in_a_row_and_a_whole_pdu_goes_by_itself(
    plans: MakePlans,
) -> None:
    p = await plans()
    p.rig.pdu.pdu_actions = frozenset({"all_off"})
    assert obstacles(p, wish(3), wish(3)) == [(3, "duplicate")]
    assert obstacles(p, wish(3), wish(0, "all_off")) == [(0, "not_a_plan")]
    assert obstacles(p, wish(0, "off")) == [(0, "no_such_action")]
    assert obstacles(p, wish(3, "all_off")) == [(3, "no_such_action")]


async def test_the_whole_pdu_can_be_a_plan_of_one_step(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.pdu_actions = frozenset({"all_off"})
    for number in (5, 6):
        p.rig.pdu.set_outlet(number, state="on", pending=None)
    await p.rig.clock.run(1.5)
    draft = p.desk.draft((wish(0, "all_off"),), ALICE)
    assert (draft.obstacles, draft.words) == ((), ("rack1-a",))
    view = await p.drive(p.desk.keep(draft, confirmed=True, typed=("rack1-a",)))
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(0, "all_off")])


async def test_rules_of_the_moment_are_obstacles_for_a_single_command_only(
    plans: MakePlans,
) -> None:
    p = await plans(control=ControlSettings(commands_per_minute=1))
    await p.rig.switch(2, "on")
    await p.rig.clock.run(2.0)
    assert obstacles(p, wish(3)) == [(3, "rate_limit")]
    assert obstacles(p, wish(3), wish(1)) == []


@pytest.mark.parametrize(
    ("wishes", "terms", "said"),
    [
        ((), {}, "no outlet is in it"),
        ((wish(3),), {"pause_s": float("nan")}, "a pause is 0 to 86400 seconds"),
        ((wish(3, pause_s=-1.0),), {}, "a pause is 0 to 86400 seconds"),
        ((wish(3),), {"ticket": "x"}, "a reason is required"),
        ((wish(3),), {"reason": "move"}, "a ticket is required"),
        ((wish(3), wish(1), wish(2), wish(4)), {"reason": "m", "ticket": "1"}, "more than 3 steps"),
    ],
)
async def test_what_is_wrong_with_the_whole_is_said(
    plans: MakePlans,
    wishes: Any,
    terms: dict[str, Any],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafting, "MOST_STEPS", 3)
    p = await plans(control=ControlSettings(reason="required", ticket="required"))
    draft = p.desk.draft(wishes, ALICE, **terms)
    assert said in draft.problem
    trouble = await p.trouble(p.desk.keep(draft, confirmed=True, typed=draft.words))
    assert not p.path.exists()
    assert p.rig.pdu.commands == []
    assert trouble.rule in (
        "unknown_outlet", "needs_delay", "needs_reason", "needs_ticket", "rate_limit",
        "not_switchable",
    )  # fmt: skip


async def test_somebody_elses_rights_are_judged_not_those_of_who_sits_here(
    plans: MakePlans,
) -> None:
    p = await plans(allow=("alice",))
    carol = Actor(user="carol", login="carol")
    (obstacle,) = p.desk.draft((wish(3),), carol).obstacles
    assert obstacle.rule == "not_allowed"
    assert "carol" in obstacle.reason
    assert p.desk.draft((wish(3),), ALICE).obstacles == ()


# -- what has to be typed --------------------------------------------------------------------


async def test_protected_outlets_want_their_names(plans: MakePlans) -> None:
    p = await plans(protected=frozenset({2, 3}))
    draft = p.desk.draft((wish(3), wish(1), wish(2, "on")), ALICE)
    assert draft.words == ("db01", "outlet 2")
    assert [step.typed for step in draft.plan.steps] == [True, False, True]
    assert (await p.trouble(p.desk.keep(draft, confirmed=True, typed=("db01",)))).rule == (
        "protected"
    )
    view = await p.drive(p.desk.keep(draft, confirmed=True, typed=(" db01", "outlet 2", "x")))
    await p.drive(p.desk.start(view.plan.id, ALICE))
    assert (await p.drive(p.desk.wait(view.plan.id))).state == "done"


def cords(*spots: tuple[str, int]) -> tuple[MappedCord, ...]:
    return tuple(MappedCord(device="srv", pdu=pdu, outlet=n) for pdu, n in spots)


async def dual(plans: MakePlans) -> PlanRig:
    """`srv` hangs on outlet 3 of both PDUs."""
    p = await plans(TWO)
    settings = msgspec.structs.replace(
        p.rig.settings, cords=cords(("rack1-a", 3), ("rack1-b", 3))
    )  # fmt: skip
    p.rig.settings = settings
    p.rig.engine._renewal.settings = settings
    p.rig.engine._previews = None
    p.rig.engine.gate._judge._settings = settings
    p.desk = p.another()
    return p


async def test_both_cords_of_a_device_in_one_plan_are_a_danger_though_neither_alone_is(
    plans: MakePlans,
) -> None:
    p = await dual(plans)
    assert p.desk.draft((wish(3),), ALICE).words == ()
    draft = p.desk.draft((wish(1), wish(3), wish(3, pdu="rack1-b")), ALICE)
    assert draft.impact.level == "danger"
    assert draft.words == ("3 outlets",)
    assert [step.danger for step in draft.plan.steps] == [False, True, True]
    assert (await p.trouble(p.desk.keep(draft, confirmed=True))).rule == "dangerous"
    view = await p.drive(p.desk.keep(draft, confirmed=True, typed=("3 outlets",)))
    await p.drive(p.desk.start(view.plan.id, ALICE))
    assert (await p.drive(p.desk.wait(view.plan.id))).state == "done"


async def test_a_danger_that_is_new_stops_the_plan_though_a_name_was_typed(
    plans: MakePlans,
) -> None:
    p = await dual(plans)
    draft = p.desk.draft((wish(1), wish(3)), ALICE)
    view = await p.drive(p.desk.keep(draft, confirmed=True))
    p.rig.devices["rack1-b"].set_outlet(3, state="off", power_w=0.0, current_a=0.0)
    await p.rig.clock.run(1.5)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("stopped", [(1, "off")])
    assert "nobody has agreed to that: " in view.detail


def fake_preview(*dangerous: frozenset[tuple[int, str]]) -> Any:
    """Dangerous are exactly those sets of changes."""

    def preview(changes: Any) -> Impact:
        now = frozenset((c.outlet, c.action) for c in changes)
        if now not in dangerous:
            return Impact()
        line = ImpactLine(level="danger", text="srv loses its last feed")
        device = DeviceImpact(device="srv", fate="loses_last_feed", level="danger")
        return Impact(level="danger", devices=(device,), lines=(line,))

    return preview


def test_a_moment_in_between_that_is_worse_than_the_end_is_found() -> None:
    off, on = (Change(pdu="a", outlet=1, action="off"), Change(pdu="a", outlet=2, action="on"))
    preview = fake_preview(frozenset({(1, "off")}))
    worse = outlook((off, on), preview)
    assert worse.impact.level == "danger"
    assert worse.dangerous == {("a", 1)}
    assert worse.impact.lines[0].text == "after step 1 of 2: srv loses its last feed"
    assert outlook((on, off), preview).impact.level == "clear"
    relief = Change(pdu="a", outlet=3, action="off")
    assert outlook((off, relief), preview).dangerous == {("a", 1)}


# -- keeping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"state": "off"}, "changed"),
        ({"name": "db02"}, "changed"),
        ({"pending": "off"}, "pending"),
        ({"switchable": False}, "not_switchable"),
    ],
)
async def test_what_changed_while_the_question_stood_is_not_kept(
    plans: MakePlans, change: dict[str, Any], rule: str
) -> None:
    p = await plans()
    draft = p.desk.draft((wish(3), wish(1)), ALICE, reason="move")
    p.rig.pdu.set_outlet(3, **change)
    await p.rig.clock.run(1.5)
    assert (await p.trouble(p.desk.keep(draft, confirmed=True))).rule == rule
    assert not p.path.exists()
    await p.drive(p.desk.refuse(draft, "again"))
    records = p.rig.store.records
    assert [(r.outlet, r.outcome) for r in records] == [
        (3, "requested"), (3, "refused"), (1, "requested"), (1, "refused"),
    ]  # fmt: skip
    assert {r.reason for r in records} == {"move"}


async def test_nobody_agreed_is_on_record_and_nothing_is_kept(plans: MakePlans) -> None:
    p = await plans()
    draft = p.desk.draft((wish(3), wish(1)), ALICE)
    assert (await p.trouble(p.desk.keep(draft, confirmed=False))).rule == "not_confirmed"
    assert p.rig.store.outcomes.count("refused") == 2
    assert not p.path.exists()


async def test_a_plan_is_not_kept_in_another_users_name(plans: MakePlans) -> None:
    p = await plans()
    draft = p.desk.draft((wish(3),), Actor(user="carol", login="carol", uid=1003))
    assert (await p.trouble(p.desk.keep(draft, confirmed=True))).rule == "not_author"


async def test_a_directory_that_cannot_be_written_is_named(plans: MakePlans) -> None:
    p = await plans()
    p.path.write_text("in the way")
    draft = p.desk.draft((wish(3),), ALICE)
    trouble = await p.trouble(p.desk.keep(draft, confirmed=True))
    assert trouble.rule == "state_dir"
    assert str(p.path) in str(trouble)
    await p.drive(p.desk.look())
    assert p.desk.plans() == ()
    assert str(p.path) in p.desk.troubles[0]


async def test_an_id_that_is_taken_is_replaced(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3))
    draft = p.desk.draft((wish(1),), ALICE)
    plan = msgspec.structs.replace(draft.plan, id=view.plan.id)
    again = msgspec.structs.replace(draft, plan=plan)
    other = await p.drive(p.desk.keep(again, confirmed=True))
    assert other.plan.id != view.plan.id
    assert other.plan.steps[0].outlet == 1
    assert p.desk.get(view.plan.id.lower()).plan == view.plan
