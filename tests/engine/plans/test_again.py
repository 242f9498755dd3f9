"""Several steps on one outlet: off, and on again once everything else is off too."""

from __future__ import annotations

from typing import Any

import pytest

from pdutui.domain.commands import Action
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.plan import PlanStep, PlanView
from pdutui.engine.plans.again import later_ones
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, PlanRig, statuses, wish

CYCLE = (wish(3), wish(1), wish(3, "on"), wish(1, "on"))


def duplicates(p: PlanRig, *actions: Action) -> list[str]:
    draft = p.desk.draft([wish(3, action) for action in actions], ALICE)
    return [o.reason for o in draft.obstacles if o.rule == "duplicate"]


async def test_each_step_has_to_change_what_the_one_before_it_leaves(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.actions = frozenset({"on", "off", "reboot", "cancel", "delayed_off"})
    for fit in (("off", "on"), ("on", "off"), ("off", "reboot", "off", "on"), ("reboot", "off")):
        assert duplicates(p, *fit) == []
    twice = "outlet 3 db01 on rack1-a is in it twice: "
    assert duplicates(p, "off", "off") == [twice + "off, and off again"]
    assert duplicates(p, "off", "on", "on") == [twice + "on, and on again"]
    assert duplicates(p, "reboot", "reboot") == [twice + "reboot, and reboot again"]
    assert duplicates(p, "reboot", "on") == [twice + "after reboot comes off, and not on"]
    assert duplicates(p, "delayed_off", "cancel") == [
        twice + "nothing can follow delayed off in one plan"
    ]
    assert duplicates(p, "off", "delayed_off") == [
        twice + "after off comes on or reboot, and not delayed off"
    ]


async def test_it_is_frozen_and_said_what_an_earlier_step_leaves(plans: MakePlans) -> None:
    p = await plans()
    draft = p.desk.draft((*CYCLE, wish(3, "reboot")), ALICE, pause_s=5.0)
    assert not draft.obstacles
    assert [step.before for step in draft.plan.steps] == ["on", "on", "off", "off", "on"]
    assert later_ones(draft.plan.steps) == {2, 3, 4}
    assert draft.sentence == (
        "Turn OFF 2, turn ON 2 and reboot 1 outlet on rack1-a, one every 5 s:"
        " drops 164 W; adds about 164 W"
    )


async def test_words_count_outlets_and_not_steps(plans: MakePlans) -> None:
    cords = (MappedCord(device="san", pdu="rack1-a", outlet=1, critical=True),)
    p = await plans(protected=frozenset({3}), more={"cords": cords})
    assert p.desk.draft(CYCLE, ALICE).words == ("2 outlets", "db01")
    assert p.desk.draft((wish(1), wish(1, "on")), ALICE).words == ("san",)


async def test_a_cycle_is_carried_out_and_leaves_nothing_to_put_back(plans: MakePlans) -> None:
    p = await plans()
    view = await p.ran(*CYCLE, pause_s=0.0)
    assert (view.state, statuses(view)) == ("done", ["observed"] * 4)
    assert p.commands == [(3, "off"), (1, "off"), (3, "on"), (1, "on")]
    trouble = await p.trouble(_later(p, view))
    assert trouble.rule == "nothing_to_do"


async def _later(p: PlanRig, view: PlanView) -> object:
    return p.desk.put_back(view.plan.id, ALICE)


async def test_a_reading_older_than_the_step_before_does_not_skip_the_next(
    plans: MakePlans,
) -> None:
    """Off is observed; the last poll still has the outlet on. It is not on `already`."""
    p = await plans()
    view = await p.kept(wish(3), wish(3, "on"), pause_s=0.0)

    async def slow(number: int, action: Any) -> None:
        p.rig.pdu.set_outlet(number, state=action)
        p.rig.pdu.poll_takes = [1.0]

    p.rig.pdu.on_command = slow
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("done", ["observed", "observed"])
    assert p.commands == [(3, "off"), (3, "on")]


@pytest.mark.parametrize("passed_s", [0.4, 3.0, 6.0])
async def test_after_a_crash_no_step_of_a_cycle_is_repeated(
    plans: MakePlans, passed_s: float
) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(3, "on"), wish(3, "reboot"), pause_s=2.0)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(passed_s, settle=8)
    await p.kill(p.desk)
    await p.rig.clock.run(20.0)
    p.desk = p.another()
    await p.drive(p.desk.look())
    sent = list(p.commands)
    assert p.desk.get(view.plan.id).state == "paused"
    await p.rig.clock.run(5.0)
    assert p.commands == sent
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert p.commands == [(3, "off"), (3, "on"), (3, "reboot")]
    assert view.state == "done"


@pytest.mark.parametrize(
    ("wishes", "back"),
    [
        ((wish(3), wish(3, "on"), wish(3)), [(3, "on")]),
        ((wish(2, "on"), wish(2), wish(2, "on"), wish(1)), [(1, "on"), (2, "off")]),
        ((wish(3), wish(1), wish(3, "on")), [(1, "on")]),
    ],
)
async def test_the_first_state_is_put_back(
    plans: MakePlans, wishes: Any, back: list[tuple[int, str]]
) -> None:
    p = await plans()
    view = await p.ran(*wishes, pause_s=0.0)
    assert view.state == "done"
    steps = p.desk.put_back(view.plan.id, ALICE).plan.steps
    assert [(step.outlet, step.action) for step in steps] == back


async def test_a_cycle_that_stops_half_way_is_put_back(plans: MakePlans) -> None:
    """The relay of `on` is stuck for as long as it is looked at, and then is not."""
    p = await plans()

    async def stuck(number: int, action: Any) -> None:
        p.rig.pdu.later(60.0 if action == "on" else 0.0, number, state=action)

    p.rig.pdu.on_command = stuck
    view = await p.ran(wish(3), wish(3, "on"), pause_s=0.0)
    assert (view.state, statuses(view)) == ("stopped", ["observed", "unconfirmed"])
    back = p.desk.put_back(view.plan.id, ALICE).plan.steps
    assert [(step.outlet, step.action) for step in back] == [(3, "on")]
    await p.rig.clock.run(60.0)
    assert (await p.trouble(_later(p, view))).rule == "nothing_to_do"


async def test_an_off_that_is_still_to_come_does_not_make_on_needless(plans: MakePlans) -> None:
    """Its relay is slow: nobody saw it go off when the turn of `on` came, and then it would."""
    p = await plans()

    async def slow(number: int, action: Any) -> None:
        p.rig.pdu.drop_later()
        p.rig.pdu.later(14.0 if action == "off" else 0.0, number, state=action)

    p.rig.pdu.on_command = slow
    view = await p.ran(wish(3), wish(3, "on"), pause_s=0.0, on_failure="continue")
    assert statuses(view) == ["unconfirmed", "observed"]
    assert p.commands == [(3, "off"), (3, "on")]
    await p.rig.clock.run(20.0)
    assert p.rig.engine.view("rack1-a").reading.outlet(3).state == "on"


async def test_what_is_gone_is_forgotten(plans: MakePlans) -> None:
    p = await plans()
    for _ in range(3):
        await p.ran(wish(3), wish(3, "on"), pause_s=0.0)
    for path in p.path.iterdir():
        path.unlink()
    await p.drive(p.desk.look())
    assert (len(p.desk._told), len(p.desk._cabinet._put), len(p.desk._runs._handed)) == (0, 0, 0)


async def test_an_unconfirmed_off_that_came_late_is_put_back(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.relay_s = 25.0
    view = await p.ran(wish(3))
    assert statuses(view) == ["unconfirmed"]
    assert (await p.trouble(_later(p, view))).rule == "nothing_to_do"
    await p.rig.clock.run(30.0)
    back = p.desk.put_back(view.plan.id, ALICE).plan.steps
    assert [(step.outlet, step.action) for step in back] == [(3, "on")]


def test_a_step_says_what_its_outlet_is_by_then() -> None:
    from pdutui.engine.plans.wording import by_then

    step = PlanStep(pdu="rack1-a", outlet=3, action="on", label="outlet 3 db01", before="off")
    assert by_then(step) == "Turn ON outlet 3 db01 on rack1-a, which is off by then"
