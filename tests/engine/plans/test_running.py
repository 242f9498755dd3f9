"""Plans that are carried out: in order, paused, stopped, resumed after a crash, put back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pdutui.backends.base import DeviceError
from pdutui.domain.plan import PlanView
from pdutui.engine.events import PlanChanged
from pdutui.engine.plans.standing import ENDED
from pdutui.settings import ControlSettings
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, PlanRig, statuses, wish

TWO = ("rack1-a", "rack1-b")


async def begun(p: PlanRig, view: PlanView, seconds: float = 0.25) -> None:
    """It is started, and that much time has passed."""
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(seconds, settle=8)


# -- to the end ------------------------------------------------------------------------------


async def test_steps_are_done_in_order_with_pauses_and_are_in_the_audit(plans: MakePlans) -> None:
    p = await plans(TWO)
    view = await p.kept(wish(3), wish(1, pdu="rack1-b"), wish(2), pause_s=5.0, reason="move")
    assert (view.state, p.commands) == ("ready", [])
    await begun(p, view, 3.0)
    now = p.desk.get(view.plan.id)
    assert (now.state, statuses(now)) == ("running", ["observed", "waiting", "waiting"])
    assert now.next_in_s is not None
    assert 1.0 < now.next_in_s <= 5.0
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("done", ["observed", "observed", "skipped"])
    assert p.commands == [(3, "off")]
    assert p.rig.devices["rack1-b"].commands == [(1, "off")]
    assert p.outcomes == ["made", "started", "done"]
    steps = [r for r in p.rig.store.records if r.action != "plan"]
    assert [r.outcome for r in steps] == [
        "requested", "observed", "requested", "observed", "skipped",
    ]  # fmt: skip
    assert {(r.plan, r.reason) for r in steps} == {(view.plan.id, "move")}
    told = [e.view.state for e in p.rig.events if isinstance(e, PlanChanged)]
    assert told[0] == "ready"
    assert told[-1] == "done"


async def test_the_gate_is_asked_for_every_step_and_its_no_stops_the_plan(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.acts = False
    view = await p.ran(wish(3), wish(1))
    assert (view.state, statuses(view)) == ("stopped", ["unconfirmed", "waiting"])
    assert view.detail.startswith("step 1 (outlet 3 db01) unconfirmed: ")
    assert p.commands == [(3, "off")]


async def test_a_failure_is_passed_where_the_plan_says_so(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.before_sent = DeviceError("busy")
    view = await p.kept(wish(3), wish(1), on_failure="continue")
    await begun(p, view, 1.0)
    p.rig.pdu.before_sent = None
    view = await p.drive(p.desk.wait(view.plan.id))
    assert view.state == "done"
    assert view.bad == 1
    assert view.detail == "1 of 2 steps ended badly"
    assert (statuses(view), p.commands) == (["failed", "observed"], [(1, "off")])


async def test_a_resumed_plan_goes_on_after_a_failed_step(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.acts = False
    view = await p.ran(wish(3, "reboot"), wish(1))
    assert view.state == "stopped"
    p.rig.pdu.acts = True
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert view.state == "done"
    assert p.commands == [(3, "reboot"), (1, "off")], "the reboot was repeated"


async def test_a_refused_step_is_tried_again_as_nothing_was_sent(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1))
    p.rig.pdu.set_outlet(3, pending="off")
    await p.rig.clock.run(1.5)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view), p.commands) == ("stopped", ["refused", "waiting"], [])
    p.rig.pdu.set_outlet(3, pending=None)
    await p.rig.clock.run(1.5)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(3, "off"), (1, "off")])


# -- what has changed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outlet", "action", "change", "said"),
    [
        (3, "off", {"name": "db02"}, "outlet 3 db01 is outlet 3 db02 now"),
        (3, "reboot", {"state": "off"}, "was on when the plan was made and is off now"),
    ],
)
async def test_a_step_is_refused_when_its_outlet_is_not_what_was_agreed_to(
    plans: MakePlans, outlet: int, action: Any, change: dict[str, Any], said: str
) -> None:
    p = await plans()
    view = await p.kept(wish(outlet, action), wish(1))
    p.rig.pdu.set_outlet(outlet, **change)
    await p.rig.clock.run(1.5)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)[0], p.commands) == ("stopped", "refused", [])
    assert said in view.detail


async def test_another_device_under_the_same_name_is_not_switched(plans: MakePlans) -> None:
    import msgspec

    p = await plans()
    view = await p.kept(wish(3))
    p.rig.pdu.reading = msgspec.structs.replace(p.rig.pdu.reading, serial="S2")
    await p.rig.clock.run(1.5)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert "another device answers as rack1-a now" in view.detail
    assert p.commands == []


async def test_what_is_as_wanted_by_now_is_skipped_but_not_by_stale_figures(
    plans: MakePlans,
) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1))
    p.rig.pdu.set_outlet(3, state="off")
    await p.rig.clock.run(1.5)
    p.rig.pdu.poll_error = DeviceError("silence")
    await p.rig.clock.run(30.0)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)[0]) == ("stopped", "refused")
    p.rig.pdu.poll_error = None
    p.rig.engine.poke("rack1-a")
    await p.rig.clock.run(2.0)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert statuses(view) == ["skipped", "observed"]
    assert view.steps[0].detail == "it is off by now, it was on; nothing was sent"


async def test_what_is_as_wanted_but_will_not_stay_so_is_not_called_done(
    plans: MakePlans,
) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1))
    p.rig.pdu.set_outlet(3, state="off", pending="on")
    await p.rig.clock.run(1.5)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)[0], p.commands) == ("stopped", "refused", [])


async def test_rules_of_the_moment_are_waited_for_and_nothing_is_sent_twice(
    plans: MakePlans,
) -> None:
    p = await plans(control=ControlSettings(commands_per_minute=1))
    view = await p.ran(wish(3), wish(1), pause_s=0.0)
    assert (view.state, p.commands) == ("done", [(3, "off"), (1, "off")])
    began = [step.began for step in view.steps]
    assert began[0]
    assert began[1]
    assert 55 < (began[1] - began[0]).total_seconds() < 70


# -- pausing and ending ----------------------------------------------------------------------


async def test_a_pause_lets_the_step_under_way_end_and_begins_no_other(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.relay_s = 3.0
    view = await p.kept(wish(3), wish(1))
    await begun(p, view, 1.0)
    view = await p.drive(p.desk.pause(view.plan.id, ALICE))
    assert (view.state, statuses(view)[0]) == ("pausing", "running")
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, view.detail) == ("paused", "paused by alice")
    assert statuses(view) == ["observed", "waiting"]
    await p.rig.clock.run(30.0)
    assert p.commands == [(3, "off")]
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(3, "off"), (1, "off")])
    assert p.outcomes == ["made", "started", "paused", "resumed", "done"]


async def test_a_pause_between_steps_is_at_once_and_can_be_taken_back(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1), pause_s=60.0)
    await begun(p, view, 3.0)
    assert (await p.drive(p.desk.pause(view.plan.id, ALICE), 3.0)).state == "paused"
    await p.drive(p.desk.start(view.plan.id, ALICE))
    assert (await p.drive(p.desk.wait(view.plan.id), 30.0)).state == "done"


async def test_an_aborted_plan_is_over(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1), pause_s=60.0)
    await begun(p, view, 3.0)
    view = await p.drive(p.desk.abort(view.plan.id, ALICE))
    assert (view.state, statuses(view)) == ("aborted", ["observed", "waiting"])
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "over"
    assert (await p.trouble(p.desk.abort(view.plan.id, ALICE))).rule == "over"
    assert p.commands == [(3, "off")]


async def test_the_end_of_the_program_pauses_and_says_so(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1), pause_s=60.0)
    await begun(p, view, 3.0)
    await p.drive(p.desk.stop())
    view = p.desk.get(view.plan.id)
    assert (view.state, view.detail) == ("paused", "the program ended")
    again = p.another()
    await p.drive(again.look())
    assert again.get(view.plan.id).state == "paused"


# -- a crash ---------------------------------------------------------------------------------


async def crashed(p: PlanRig, view: PlanView, seconds: float = 1.0) -> PlanView:
    """The view of a second program, after the first was killed while it ran the plan."""
    await begun(p, view, seconds)
    await p.kill(p.desk)
    p.desk = p.another()
    await p.drive(p.desk.look())
    return p.desk.get(view.plan.id)


async def test_after_a_crash_it_stands_and_never_goes_on_by_itself(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.relay_s = 5.0
    view = await crashed(p, await p.kept(wish(3), wish(1)))
    assert (view.state, view.detail, view.mine) == ("paused", ENDED, True)
    assert statuses(view) == ["unknown", "waiting"]
    await p.rig.clock.run(60.0)
    assert p.commands == [(3, "off")]
    assert any(f"stands: {ENDED}" in text for text in p.rig.texts)


async def test_on_and_off_in_doubt_are_answered_by_the_state(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.relay_s = 5.0
    view = await crashed(p, await p.kept(wish(3), wish(1)))
    await p.rig.clock.run(30.0)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("done", ["skipped", "observed"])
    assert p.commands == [(3, "off"), (1, "off")], "the first was sent again"
    assert p.outcomes[-2:] == ["resumed", "done"]


async def test_what_was_in_doubt_and_has_happened_is_put_back(plans: MakePlans) -> None:
    p = await plans()
    view = await crashed(p, await p.kept(wish(3), wish(2)))
    await p.rig.clock.run(30.0)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert statuses(view) == ["skipped", "skipped"]
    back = p.desk.put_back(view.plan.id, ALICE).plan
    assert [(step.outlet, step.action) for step in back.steps] == [(3, "on")]


async def test_an_off_in_doubt_that_did_not_happen_is_done(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.acts = False
    view = await crashed(p, await p.kept(wish(3)))
    await p.rig.clock.run(30.0)
    p.rig.pdu.acts = True
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(3, "off"), (3, "off")])


async def test_a_reboot_in_doubt_is_never_repeated(plans: MakePlans) -> None:
    p = await plans()
    view = await crashed(p, await p.kept(wish(3, "reboot"), wish(1)))
    await p.rig.clock.run(30.0)
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("done", ["unknown", "observed"])
    assert p.commands == [(3, "reboot"), (1, "off")]
    assert "it is not repeated" in view.steps[0].detail


async def test_the_program_ending_in_a_step_leaves_it_in_doubt(plans: MakePlans) -> None:
    p = await plans()
    p.rig.pdu.acts = False
    view = await p.kept(wish(3, "reboot"), wish(1))
    await begun(p, view, 1.0)
    await p.drive(p.desk.stop())
    again = p.another()
    await p.drive(again.look())
    view = again.get(view.plan.id)
    assert (view.state, view.detail) == ("paused", "the program ended")
    assert (statuses(view), p.commands) == (["unknown", "waiting"], [(3, "reboot")])


# -- a disk that is full ---------------------------------------------------------------------


async def test_nothing_is_sent_when_that_it_begins_cannot_be_written(
    plans: MakePlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pdutui.engine.plans import files

    p = await plans()
    view = await p.kept(wish(3), wish(1), pause_s=5.0)
    await begun(p, view, 2.0)
    assert p.commands == [(3, "off")]

    def full(fd: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files, "_write_all", full)
        view = await p.drive(p.desk.wait(view.plan.id))
        assert view.state == "paused"
        assert "No space left on device" in view.detail
        assert str(p.path) in view.detail
        assert p.commands == [(3, "off")]
        trouble = await p.trouble(p.desk.start(view.plan.id, ALICE))
        assert trouble.rule == "state_dir"
    await begun(p, view)
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(3, "off"), (1, "off")])


async def test_an_end_that_cannot_be_written_is_written_later_and_not_lost(
    plans: MakePlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pdutui.engine.plans import files

    p = await plans()
    p.rig.pdu.relay_s = 3.0
    view = await p.kept(wish(3, "reboot"), wish(1))
    await begun(p, view, 1.0)
    whole = files._write_all
    monkeypatch.setattr(files, "_write_all", lambda fd, data: (_ for _ in ()).throw(OSError(28)))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("paused", ["observed", "waiting"])
    other = p.another()
    await p.drive(other.look())
    assert other.get(view.plan.id).state == "running", "it may be started by nobody else"
    monkeypatch.setattr(files, "_write_all", whole)
    await p.drive(p.desk.look())
    await p.drive(other.look())
    seen = other.get(view.plan.id)
    assert (seen.state, statuses(seen)) == ("paused", ["observed", "waiting"])


# -- the load --------------------------------------------------------------------------------


async def test_settling_ends_a_pause_early_and_moving_loads_do_not(plans: MakePlans) -> None:
    p = await plans()
    view = await p.ran(wish(3), wish(1), pace="settle", pause_s=0.0)
    apart = view.steps[1].began - view.steps[0].ended  # type: ignore[operator]
    assert 2.0 <= apart.total_seconds() < 8.0

    async def wobble() -> None:
        for place in range(200):
            p.rig.pdu.set_outlet(1, power_w=60.0 + 40.0 * (place % 2))
            await p.rig.clock.sleep(1.0)

    task = asyncio.create_task(wobble())
    view = await p.ran(wish(1, "on"), wish(3, "on"), pace="settle", pause_s=0.0)
    task.cancel()
    apart = view.steps[1].began - view.steps[0].ended  # type: ignore[operator]
    assert 29.0 <= apart.total_seconds() < 33.0


# -- putting back ----------------------------------------------------------------------------


async def test_putting_back_returns_what_was_changed_last_first(plans: MakePlans) -> None:
    p = await plans(TWO)
    view = await p.ran(wish(3), wish(2), wish(2, pdu="rack1-b"), wish(1, "reboot", pdu="rack1-b"))
    assert statuses(view) == ["observed", "skipped", "skipped", "observed"]
    view = await p.ran(wish(2, "on"), wish(1))
    back = p.desk.put_back(view.plan.id, ALICE)
    assert back.plan.title == f"Put back {view.plan.id}"
    assert back.plan.put_back_of == view.plan.id
    assert [(s.outlet, s.action) for s in back.plan.steps] == [(1, "on"), (2, "off")]


async def test_what_was_only_skipped_or_rebooted_cannot_be_put_back(plans: MakePlans) -> None:
    from pdutui.engine.plans.port import PlanTrouble

    p = await plans()
    view = await p.ran(wish(2), wish(3, "reboot"))
    with pytest.raises(PlanTrouble) as caught:
        p.desk.put_back(view.plan.id, ALICE)
    assert caught.value.rule == "nothing_to_do"
