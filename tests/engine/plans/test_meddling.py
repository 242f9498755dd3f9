"""What can be done to a plan behind its back: files edited, swapped and kept for later."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from pdutui.domain.commands import Action
from pdutui.domain.plan import PlanView
from pdutui.engine.plans.book import Book
from pdutui.engine.plans.files import FileTrouble
from pdutui.engine.plans.record import PlanFile, encode
from pdutui.settings import ApprovalSettings, ControlSettings
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, BOB, PlanRig, statuses, wish

NEEDED = ControlSettings(approval=ApprovalSettings(needed=("all",), expires_s=60.0))


async def approved(plans: MakePlans, *actions: Action) -> tuple[PlanRig, PlanView]:
    """Alice's plan on outlet 3, which bob has agreed to."""
    p = await plans(shared=True, control=NEEDED)
    view = await p.kept(*(wish(3, action) for action in actions), wish(1))
    other = p.another(uid=1002)
    await p.drive(other.approve(view.plan.id, BOB))
    p.rig.engine.gate.informed_by(approvals=p.desk)
    return p, view


async def gone_on(p: PlanRig, view: PlanView) -> PlanView:
    await p.drive(p.desk.start(view.plan.id, ALICE))
    return await p.drive(p.desk.wait(view.plan.id))


async def reopened(p: PlanRig) -> None:
    """The program was ended, and is there again."""
    await p.kill(p.desk)
    p.desk = p.another()
    await p.drive(p.desk.look())


# -- one yes, one time -----------------------------------------------------------------------


@pytest.mark.parametrize("action", ["off", "reboot"])
async def test_what_is_taken_out_of_the_progress_is_not_done_again(
    plans: MakePlans, action: Action
) -> None:
    """The progress is its author's to edit. The audit has it as well."""
    p, view = await approved(plans, action)
    view = await gone_on(p, view)
    assert view.state == "done"
    sent = list(p.commands)
    await reopened(p)
    path = p.path / f"{view.plan.id}.progress.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    p.rig.pdu.set_outlet(3, state="on")
    p.rig.pdu.set_outlet(1, state="on")
    await p.rig.clock.run(1.5)
    view = await gone_on(p, view)
    assert (view.state, statuses(view)) == ("stopped", ["refused", "waiting"])
    assert view.steps[0].detail.startswith("by the audit it was carried out already, 2026-11-20 ")
    assert p.commands == sent


async def test_a_progress_that_was_taken_away_is_not_begun_anew(plans: MakePlans) -> None:
    p, view = await approved(plans, "off")
    await gone_on(p, view)
    sent = list(p.commands)
    (p.path / f"{view.plan.id}.progress.jsonl").unlink()
    trouble = await p.trouble(p.desk.start(view.plan.id, ALICE))
    assert (trouble.rule, p.commands) == ("damaged", sent)
    assert "what was done cannot be known" in str(trouble)


async def test_steps_that_are_alike_are_each_done_once(plans: MakePlans) -> None:
    p, view = await approved(plans, "off", "on", "off")
    view = await gone_on(p, view)
    assert view.state == "done"
    assert p.commands == [(3, "off"), (3, "on"), (3, "off"), (1, "off")]


async def test_an_off_in_doubt_is_asked_for_again_all_the_same(plans: MakePlans) -> None:
    p, view = await approved(plans, "off")
    p.rig.pdu.acts = False
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(1.0)
    await reopened(p)
    p.rig.pdu.acts = True
    await p.rig.clock.run(20.0)
    view = await gone_on(p, view)
    assert view.state == "done"
    assert p.commands == [(3, "off"), (3, "off"), (1, "off")]


# -- not for later ---------------------------------------------------------------------------


async def test_an_approval_is_not_kept_in_stock_by_a_pause(plans: MakePlans) -> None:
    p, view = await approved(plans, "off")
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.drive(p.desk.pause(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("paused", ["observed", "waiting"])
    await p.rig.clock.run(50.0)
    assert p.desk.get(view.plan.id).state == "paused"
    await p.rig.clock.run(15.0)
    view = p.desk.get(view.plan.id)
    assert (view.state, view.detail) == ("expired", "approved, and it stood for too long")
    trouble = await p.trouble(p.desk.start(view.plan.id, ALICE))
    assert (trouble.rule, p.commands) == ("expired", [(3, "off")])
    assert [step.action for step in p.desk.put_back(view.plan.id, ALICE).plan.steps] == ["on"]


async def test_a_plan_that_works_for_longer_than_that_goes_on(plans: MakePlans) -> None:
    p = await plans(shared=True, control=NEEDED)
    view = await p.kept(wish(3), wish(1), wish(2, "on"), pause_s=50.0)
    await p.drive(p.another(uid=1002).approve(view.plan.id, BOB))
    p.rig.engine.gate.informed_by(approvals=p.desk)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(55.0)
    await p.drive(p.desk.pause(view.plan.id, ALICE))
    await p.rig.clock.run(40.0)
    view = await gone_on(p, view)
    assert (view.state, statuses(view)) == ("done", ["observed"] * 3)


async def test_a_plan_that_nobody_had_to_approve_never_expires(plans: MakePlans) -> None:
    p = await plans()
    view = await p.kept(wish(3), wish(1))
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.drive(p.desk.pause(view.plan.id, ALICE))
    await p.rig.clock.run(70.0)
    view = await gone_on(p, view)
    assert view.state == "done"


async def test_a_plan_gives_itself_no_more_time_than_policy_does(plans: MakePlans) -> None:
    p = await plans(shared=True, control=NEEDED)
    draft = p.desk.draft((wish(3),), ALICE).plan
    long = msgspec.structs.replace(draft, expires=draft.created + timedelta(days=365))
    p.desk._book.create(long)
    trouble = await p.trouble(p.another(uid=1002).approve(long.id, BOB))
    assert trouble.rule == "damaged"
    assert "later than policy allows" in str(trouble)


# -- another place ---------------------------------------------------------------------------


async def test_a_pdu_that_was_moved_to_another_address_is_not_switched(plans: MakePlans) -> None:
    """Two of a kind, which do not say their serial numbers, swapped in the configuration."""
    p = await plans()
    view = await p.kept(wish(3), wish(1))
    pdu = p.rig.engine._fleet["rack1-a"]
    pdu.settings = msgspec.structs.replace(pdu.settings, backend="snmp", host="192.0.2.99")
    pdu._info = None
    view = await gone_on(p, view)
    assert (view.state, p.commands) == ("stopped", [])
    assert "rack1-a is at 192.0.2.99 now, and was at mock" in view.detail


# -- files of others -------------------------------------------------------------------------


@pytest.mark.parametrize("author", [{"user": "alice"}, {"user": "x", "login": "alice"}])
def test_nobody_makes_a_plan_in_another_name(tmp_path: Any, author: dict[str, str]) -> None:
    """Without a uid in it either: whoever is to approve it has to know who asks."""
    from pdutui.domain.commands import Actor
    from tests.engine.plans.test_book import plan

    book = Book(tmp_path, uid=1003, owner=lambda *_: 1003, name_of=lambda uid: "mallory")
    forged = plan(author=Actor(**author))
    (tmp_path / "K7Q2MX.plan.json").write_bytes(encode(PlanFile(format=1, plan=forged)))
    (tmp_path / "K7Q2MX.plan.json").chmod(0o600)
    with pytest.raises(FileTrouble, match="and belongs to mallory"):
        book.read("K7Q2MX")


@pytest.mark.parametrize("name", ["lock", "plan.json", "progress.jsonl", "ask.json"])
async def test_a_pipe_among_the_files_holds_up_nobody(plans: MakePlans, name: str) -> None:
    """Anybody may put one into a shared directory."""
    p = await plans(shared=True)
    view = await p.kept(wish(3), wish(1))
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(1.0)
    await p.kill(p.desk)
    path = p.path / f"{view.plan.id}.{name}"
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    p.desk = p.another(in_thread=asyncio.to_thread)
    reading = asyncio.create_task(p.desk.look())
    done, _ = await asyncio.wait({reading}, timeout=1.5)
    if not done:  # let go of the thread
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    assert done
    p.desk = p.another()
    if name == "lock":
        await p.drive(p.desk.look())
        trouble = await p.trouble(p.desk.start(view.plan.id, ALICE))
        assert (trouble.rule, "is not a plain file" in str(trouble)) == ("state_dir", True)
