"""Plans behind a locked console."""

from __future__ import annotations

from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, statuses, wish


async def test_a_plan_that_runs_goes_on_and_none_begins_or_goes_on_again(plans: MakePlans) -> None:
    p = await plans()
    first = await p.kept(wish(3), wish(1), pause_s=5.0)
    second = await p.kept(wish(2, "on"))
    await p.drive(p.desk.start(first.plan.id, ALICE))
    await p.rig.clock.run(2.0, settle=8)
    await p.rig.gate.lock(ALICE)
    trouble = await p.trouble(p.desk.start(second.plan.id, ALICE))
    assert (trouble.rule, str(trouble)) == ("locked", f"this console is {p.rig.gate.locked}")
    view = await p.drive(p.desk.wait(first.plan.id))
    assert (view.state, statuses(view)) == ("done", ["observed", "observed"])
    assert p.commands == [(3, "off"), (1, "off")]
    await p.rig.gate.unlock(ALICE, "unlock")
    await p.drive(p.desk.start(second.plan.id, ALICE))
    assert (await p.drive(p.desk.wait(second.plan.id))).state == "done"


async def test_one_that_was_paused_waits_until_it_is_unlocked(plans: MakePlans) -> None:
    p = await plans()
    kept = await p.kept(wish(3), wish(1), pause_s=5.0)
    await p.drive(p.desk.start(kept.plan.id, ALICE))
    await p.rig.clock.run(2.0, settle=8)
    await p.drive(p.desk.pause(kept.plan.id, ALICE))
    await p.drive(p.desk.wait(kept.plan.id))
    await p.rig.gate.lock(ALICE)
    assert (await p.trouble(p.desk.start(kept.plan.id, ALICE))).rule == "locked"
    assert p.commands == [(3, "off")]


async def test_who_passes_by_can_neither_end_a_plan_nor_agree_to_one(plans: MakePlans) -> None:
    p = await plans()
    kept = await p.kept(wish(3), wish(1), pause_s=5.0)
    await p.drive(p.desk.start(kept.plan.id, ALICE))
    await p.rig.gate.lock(ALICE)
    assert (await p.trouble(p.desk.abort(kept.plan.id, ALICE))).rule == "locked"
    assert (await p.trouble(p.desk.approve(kept.plan.id, ALICE))).rule == "locked"
    assert (await p.drive(p.desk.pause(kept.plan.id, ALICE))).state in ("pausing", "paused")


async def test_a_command_that_only_claims_to_be_of_a_plan_is_locked_out(plans: MakePlans) -> None:
    p = await plans()
    kept = await p.kept(wish(3), wish(1), pause_s=60.0)
    await p.drive(p.desk.start(kept.plan.id, ALICE))
    await p.rig.clock.run(2.0, settle=8)
    await p.rig.gate.lock(ALICE)
    for outlet in (1, 2):
        intent = p.rig.gate.new_intent("rack1-a", outlet, "off", ALICE, plan=kept.plan.id)
        result = await p.drive(p.rig.gate.switch(intent, confirmed=True))
        assert result.detail == f"this console is {p.rig.gate.locked}"
    assert p.commands == [(3, "off")]
