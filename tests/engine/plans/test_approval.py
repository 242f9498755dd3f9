"""Two persons: whose file it is counts, and only that; the gate itself asks before it sends."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pdutui.domain.commands import Actor
from pdutui.domain.plan import PlanView
from pdutui.domain.roles import RoleSettings
from pdutui.engine.plans.book import Book
from pdutui.settings import ApprovalSettings, ControlSettings
from tests.engine.plans.conftest import MakePlans
from tests.engine.plans.helpers import ALICE, BOB, PlanRig, statuses, wish
from tests.engine.plans.test_book import plan as a_plan
from tests.support.clock import START


def control(*needed: str, **more: Any) -> ControlSettings:
    approval = ApprovalSettings(needed=needed or ("all",), **more.pop("approval", {}))
    return ControlSettings(approval=approval, **more)


async def frozen(plans: MakePlans, **more: Any) -> tuple[PlanRig, PlanView]:
    """Alice's plan, which waits for somebody else."""
    p = await plans(shared=True, control=control(**more))
    view = await p.kept(wish(3), wish(1))
    assert view.state == "needs_approval"
    return p, view


async def approved(p: PlanRig, view: PlanView, actor: Actor = BOB) -> PlanView:
    """Somebody says yes in a program of their own."""
    desk = p.another(uid=actor.uid or 0)
    p.rig.engine.gate.informed_by(approvals=p.desk)
    return await p.drive(desk.approve(view.plan.id, actor))


# -- the way it goes -------------------------------------------------------------------------


async def test_a_second_person_agrees_and_the_author_goes_on(plans: MakePlans) -> None:
    p, view = await frozen(plans)
    assert view.plan.expires == view.plan.created + timedelta(seconds=900)
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "needs_approval"
    await approved(p, view)
    await p.rig.clock.run(1.5)  # the waiting program sees it by itself
    ready = p.desk.get(view.plan.id)
    assert ready.state == "ready"
    assert ready.approval is not None
    assert ready.approval.user == "bob"
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, p.commands) == ("done", [(3, "off"), (1, "off")])
    assert p.outcomes == ["made", "approved", "started", "done"]
    done = [r for r in p.rig.store.records if r.outcome == "observed"]
    assert {(r.user, r.approved_by) for r in done} == {("alice", "bob")}
    assert [r.user for r in p.rig.store.records if r.outcome == "approved"] == ["bob"]
    assert (await p.trouble(p.another(uid=1002).approve(view.plan.id, BOB))).rule == "over"


async def test_the_gate_itself_refuses_what_nobody_approved(plans: MakePlans) -> None:
    p, view = await frozen(plans)
    gate = p.rig.engine.gate
    for plan_id in (None, view.plan.id, "ZZZZZZ"):
        intent = gate.new_intent("rack1-a", 3, "off", ALICE, plan=plan_id)
        result = await p.drive(gate.switch(intent, confirmed=True))
        assert result.outcome == "refused"
        assert "second person" in result.detail
    await approved(p, view)
    await p.drive(p.desk.look())
    intent = gate.new_intent("rack1-a", 3, "off", ALICE, plan=view.plan.id)
    result = await p.drive(gate.switch(intent, confirmed=True))
    assert result.outcome == "refused", "an approved plan opens the gate for its runner alone"
    assert p.commands == []


async def test_while_an_approved_step_is_under_way_no_other_passes_by_it(
    plans: MakePlans,
) -> None:
    p, view = await frozen(plans)
    await approved(p, view)
    p.rig.pdu.relay_s = 4.0
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(1.0)
    assert p.commands == [(3, "off")]
    gate = p.rig.engine.gate
    for outlet, action in ((1, "off"), (3, "on"), (2, "on")):
        intent = gate.new_intent("rack1-a", outlet, action, ALICE, plan=view.plan.id)
        assert p.desk.approved(intent) is None
    view = await p.drive(p.desk.wait(view.plan.id))
    assert view.state == "done"


# -- who may not -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "rule"),
    [
        (ALICE, "own_plan"),
        (Actor(user="root (sudo by alice)", login="root", uid=0, behind=("alice",)), "own_plan"),
        (Actor(user="alice", login="alice", uid=1003), "own_plan"),
        (Actor(user="carol", login="carol", uid=1003), "not_approver"),
    ],
)
async def test_the_author_and_viewers_may_not_approve(
    plans: MakePlans, actor: Actor, rule: str
) -> None:
    roles = RoleSettings(default="viewer", operator=("alice", "bob"))
    p, view = await frozen(plans, roles=roles)
    desk = p.another(uid=actor.uid or 0)
    assert (await p.trouble(desk.approve(view.plan.id, actor))).rule == rule
    assert not list(p.path.glob("*.approval-*"))


async def test_only_approvers_may_where_they_are_named(plans: MakePlans) -> None:
    p, view = await frozen(plans, approval={"approvers": ("carol", "@leads")})
    trouble = await p.trouble(p.another(uid=1002).approve(view.plan.id, BOB))
    assert (trouble.rule, str(trouble)) == ("not_approver", "bob is not an approver")
    lead = msgspec.structs.replace(BOB, groups=("leads",))
    assert (await p.drive(p.another(uid=1002).approve(view.plan.id, lead))).state == "ready"
    # By the system's word, which the author's program asks, bob is in no such group.
    await p.drive(p.desk.look())
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "not_approver"


async def test_who_may_not_do_it_may_not_approve_it(plans: MakePlans) -> None:
    p = await plans(shared=True, control=control(), allow=("alice",))
    view = await p.kept(wish(3))
    assert (await p.trouble(p.another(uid=1002).approve(view.plan.id, BOB))).rule == (
        "not_approver"
    )


# -- what has changed, and time --------------------------------------------------------------


async def test_it_is_judged_anew_when_it_is_approved(plans: MakePlans) -> None:
    p, view = await frozen(plans)
    bob = p.another(uid=1002)
    p.rig.pdu.set_outlet(3, state="off")
    await p.rig.clock.run(1.5)
    trouble = await p.trouble(bob.approve(view.plan.id, BOB))
    assert trouble.rule == "changed"
    assert "was on and is off now" in str(trouble)
    p.rig.pdu.set_outlet(3, state="on", pending="off")
    await p.rig.clock.run(1.5)
    assert (await p.trouble(bob.approve(view.plan.id, BOB))).rule == "pending"


async def test_nobody_approves_or_starts_what_has_expired(plans: MakePlans) -> None:
    p, view = await frozen(plans, approval={"expires_s": 60.0})
    await approved(p, view)
    late = await p.kept(wish(3))
    await p.rig.clock.run(61.0, settle=4)
    assert p.desk.get(view.plan.id).state == "expired"
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "expired"
    assert (await p.trouble(p.another(uid=1002).approve(late.plan.id, BOB))).rule == "expired"
    assert p.commands == []


async def test_what_was_started_in_time_may_end_later(plans: MakePlans) -> None:
    p = await plans(shared=True, control=control(approval={"expires_s": 60.0}))
    view = await p.kept(wish(3), wish(1), pause_s=90.0)
    await approved(p, view)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("done", ["observed", "observed"])


# -- forgery ---------------------------------------------------------------------------------


def _other_digest(data: bytes) -> bytes:
    found = msgspec.json.decode(data)
    return msgspec.json.encode(found | {"digest": "0" * 64})


def _before(data: bytes) -> bytes:
    return data.replace(b"2026-11-20", b"2026-11-19")


def _also_alice(data: bytes) -> bytes:
    found = msgspec.json.decode(data)
    return msgspec.json.encode(found | {"names": ["bob", "alice"]})


@pytest.mark.parametrize(
    "forge",
    [
        lambda p, a: p.owners.said.update({a.name: 1001}),
        lambda p, a: p.owners.said.update({a.name: 1003}),
        lambda p, a: a.write_bytes(_other_digest(a.read_bytes())),
        lambda p, a: a.write_bytes(_before(a.read_bytes())),
        lambda p, a: a.write_bytes(_also_alice(a.read_bytes())),
        lambda p, a: a.write_bytes(a.read_bytes().replace(b'"plan":"', b'"plan":"Z')),
        lambda p, a: a.write_bytes(b"yes"),
        lambda p, a: a.chmod(0o660),
        lambda p, a: os.link(a, a.with_name("another")),
        lambda p, a: (a.rename(a.with_name("kept")), a.symlink_to(a.with_name("kept"))),
        lambda p, a: a.rename(a.with_name(a.name.replace("1002", "1003"))),
    ],
)
async def test_an_approval_that_proves_nothing_is_none(plans: MakePlans, forge: Any) -> None:
    p, view = await frozen(plans)
    await approved(p, view)
    (approval,) = p.path.glob("*.approval-*")
    forged_owner = {approval.name.replace("1002", "1003"): 1002}
    forge(p, approval)
    p.owners.said = forged_owner | p.owners.said
    await p.drive(p.desk.look())
    assert p.desk.get(view.plan.id).state == "needs_approval"
    assert (await p.trouble(p.desk.start(view.plan.id, ALICE))).rule == "needs_approval"
    assert p.commands == []


async def test_an_approval_that_is_taken_away_stops_what_is_left(plans: MakePlans) -> None:
    p = await plans(shared=True, control=control())
    view = await p.kept(wish(3), wish(1), pause_s=20.0)
    await approved(p, view)
    await p.drive(p.desk.start(view.plan.id, ALICE))
    await p.rig.clock.run(3.0)
    (approval,) = p.path.glob("*.approval-*")
    approval.unlink()
    view = await p.drive(p.desk.wait(view.plan.id))
    assert (view.state, statuses(view)) == ("stopped", ["observed", "refused"])
    assert p.commands == [(3, "off")]


async def test_a_private_directory_is_no_place_for_two(plans: MakePlans) -> None:
    p = await plans(control=control())
    draft = p.desk.draft((wish(3),), ALICE)
    trouble = await p.trouble(p.desk.keep(draft, confirmed=True))
    assert trouble.rule == "needs_approval"
    for word in ("[control] plans_dir", "sticky bit", "chmod 3770", str(p.path)):
        assert word in str(trouble)
    assert p.rig.store.outcomes == ["requested", "refused"]


@pytest.mark.parametrize(
    ("needed", "single", "plan"),
    [(("plans",), True, True), (("protected",), False, False), (("danger",), False, False)],
)
async def test_what_needs_approval_is_the_policys_word(
    plans: MakePlans, needed: tuple[str, ...], single: bool, plan: bool
) -> None:
    p = await plans(shared=True, control=control(*needed))
    assert p.desk.draft((wish(3),), ALICE).plan.needs_approval is single
    assert p.desk.draft((wish(3), wish(1)), ALICE).plan.needs_approval is plan
    assert p.desk.draft((wish(3, "identify"),), ALICE).plan.needs_approval is False


# -- for real --------------------------------------------------------------------------------


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A directory that any user can get to, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="pdutui-plans-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write as two users")
def test_two_real_users_and_their_files(reachable: Path) -> None:
    """The directory as the documentation says, and what its owners can and cannot do in it."""
    author, approver, group = 40_001, 40_002, 40_100
    shared = reachable / "plans"
    shared.mkdir()
    os.chown(shared, 0, group)
    shared.chmod(0o3770)

    def as_user(uid: int, work: Any) -> int:
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([group])
                os.setgid(uid)
                os.setuid(uid)
                os._exit(work())
            finally:  # whatever it raised: this process must not come back
                os._exit(99)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    who = Actor(user=f"uid {author}", login=f"uid {author}", uid=author)
    other = Actor(user=f"uid {approver}", login=f"uid {approver}", uid=approver)
    wanted = a_plan(
        author=who, needs_approval=True, expires=START + timedelta(hours=1)
    )  # fmt: skip

    def make() -> int:
        Book(shared).create(wanted)
        return 0

    def approve() -> int:
        from pdutui.domain.plan import PlanApproval

        book = Book(shared)
        loaded = book.load({}).plans["K7Q2MX"]
        said = PlanApproval(plan="K7Q2MX", user=other.user, time=START)
        book.approve(loaded, said, other.names)
        return 0

    def meddle() -> int:
        """How many of the author's files the approver can harm."""
        harmed = 0
        for path in sorted(shared.glob("K7Q2MX.*")):
            for act in (path.unlink, lambda path=path: path.write_bytes(b"")):
                try:
                    act()
                    harmed += path.name.find("approval") < 0
                except OSError:
                    continue
        return harmed

    assert as_user(author, make) == 0
    assert as_user(author, approve) == 0, "the author can write a file too"
    assert Book(shared).load({}).plans["K7Q2MX"].approvals == (), "but it does not count"
    assert as_user(approver, approve) == 0
    loaded = Book(shared).load({}).plans["K7Q2MX"]
    assert [one.uid for one in loaded.approvals] == [approver]
    assert loaded.approvals[0].approval.user == f"uid {approver}"
    assert as_user(approver, meddle) == 0
