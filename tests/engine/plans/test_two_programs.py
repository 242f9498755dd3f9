"""Two programs on one directory: one runs a plan, the other sees it and can have it stopped."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pdutui.engine.plans.port import PlanTrouble
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, statuses, wish


async def test_a_plan_is_run_by_one_and_followed_by_the_other(plans: MakePlans) -> None:
    p = await plans()
    other = p.another()
    p.rig.engine.gate.informed_by(approvals=p.desk)
    view = await p.kept(wish(3), wish(1), pause_s=10.0)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.drive(other.look())
    await p.rig.clock.run(3.0, settle=8)
    seen = other.get(view.plan.id)
    assert (seen.state, seen.mine, statuses(seen)) == (
        "running", False, ["observed", "waiting"],
    )  # fmt: skip
    assert (await p.trouble(other.start(view.plan.id, ALICE))).rule == "running_elsewhere"
    assert (await p.drive(other.wait(view.plan.id))).state == "done"
    assert p.commands == [(3, "off"), (1, "off")]
    await p.rig.clock.run(3.0)
    assert other._follower is None, "it goes on looking though nothing goes on"
    await p.drive(other.stop())


@pytest.mark.parametrize(("what", "state"), [("pause", "paused"), ("abort", "aborted")])
async def test_the_other_can_have_it_stopped(plans: MakePlans, what: str, state: str) -> None:
    p = await plans()
    other = p.another()
    view = await p.kept(wish(3), wish(1), pause_s=60.0)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(2.0, settle=8)
    asked = await p.drive(getattr(other, what)(view.plan.id, ALICE))
    assert asked.state == "pausing"
    seen = await p.drive(other.wait(view.plan.id), 10.0)
    assert (seen.state, seen.detail) == (state, f"{state} by alice")
    assert p.commands == [(3, "off")]
    await p.drive(other.stop())


async def test_a_plan_that_nobody_runs_is_aborted_by_either(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3))
    other = p.another()
    assert (await p.drive(other.abort(view.plan.id, ALICE))).state == "aborted"
    await p.drive(p.desk.look())
    assert p.desk.get(view.plan.id).state == "aborted"
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "over"


async def test_another_persons_plan_is_seen_and_not_touched(plans: MakePlans) -> None:
    from tests.engine.plans.helpers import BOB

    p = await plans(shared=True)
    view = await p.kept(wish(3))
    bob = p.another(uid=1002)
    await p.drive(bob.look())
    assert bob.get(view.plan.id).mine is False
    for act in (bob.start, bob.pause, bob.abort):
        assert (await p.trouble(act(view.plan.id, BOB))).rule == "not_author"


async def test_a_key_pressed_twice_starts_it_once(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3, "reboot"), wish(1))
    both = asyncio.gather(*(p.desk.start(view.plan.id, ALICE) for _ in range(3)))
    await p.drive(_all(both))
    await p.drive(p.desk.wait(view.plan.id))
    assert p.commands == [(3, "reboot"), (1, "off")]
    assert p.outcomes.count("started") == 1


async def _all(both: asyncio.Future[object]) -> object:
    return await both


async def test_damaged_plans_are_told_and_cannot_be_started(plans: MakePlans) -> None:
    p = await plans()
    view, other = await p.kept(wish(3)), await p.kept(wish(1))
    (p.path / f"{view.plan.id}.plan.json").write_bytes(b"garbage")
    await p.drive(p.desk.look())
    assert [one.plan.id for one in p.desk.plans()] == [other.plan.id]
    assert any(view.plan.id in text for text in p.desk.troubles)
    with pytest.raises(PlanTrouble) as caught:
        p.desk.get(view.plan.id)
    assert caught.value.rule == "damaged"
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "damaged"
    for text in ("nonsense", "ZZZZZZ"):
        assert (await p.trouble(p.desk.start(text, ALICE))).rule == "unknown_plan"


async def test_files_are_written_in_threads(plans: MakePlans) -> None:
    """The same with real threads, which no other test here uses."""
    p = await plans()
    desk = p.another(in_thread=asyncio.to_thread)
    draft = desk.draft((wish(3),), ALICE)
    task = asyncio.create_task(desk.keep(draft, confirmed=True))
    for _ in range(500):
        if task.done():
            break
        await asyncio.sleep(0.002)
        await p.rig.clock.run(0.001)
    assert task.result().state == "ready"
    assert (p.path / f"{draft.plan.id}.plan.json").exists()


async def test_a_start_that_is_cancelled_leaves_the_plan_to_others(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3))

    async def hangs_at_the_first_line(call: Any, *args: Any) -> Any:
        return await asyncio.Event().wait() if call.__name__ == "append" else call(*args)

    desk = p.another(in_thread=hangs_at_the_first_line)
    starting = asyncio.create_task(desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(0.5)
    starting.cancel()
    await p.rig.clock.run(0.5)
    assert starting.cancelled()
    await p.drive(p.desk.start(view.plan.id, ALICE))
    assert (await p.drive(p.desk.wait(view.plan.id))).state == "done"


async def test_a_disk_that_hangs_ends_in_trouble_not_in_waiting(plans: MakePlans) -> None:
    p = await plans()

    async def never(*args: object) -> object:
        return await asyncio.Event().wait()

    desk = p.another(in_thread=never)
    draft = desk.draft((wish(3),), ALICE)
    trouble = await p.trouble(desk.keep(draft, confirmed=True))
    assert trouble.rule == "state_dir"
    assert "the disk does not answer" in str(trouble)
