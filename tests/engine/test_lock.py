"""The lock of the console."""

from __future__ import annotations

import asyncio

import pytest

from pdutui.domain.commands import Action, Actor, CommandResult, Intent, Origin
from pdutui.domain.roles import RoleSettings
from pdutui.domain.secret import Secret
from pdutui.engine.events import LockChanged
from pdutui.engine.lock import ConsoleLock
from pdutui.settings import ControlSettings, LockSettings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakePdu, Rig
from tests.support.clock import ManualClock

BOB = Actor(user="bob", origin="console")
CODE = LockSettings(code=Secret("geheim ü"))


async def switched(r: Rig, action: Action = "off", **how: object) -> CommandResult:
    actor = Actor(user="bob", origin=how.pop("origin", "console"))  # type: ignore[arg-type]
    intent = r.gate.new_intent("rack1-a", 3, action, actor, **how)  # type: ignore[arg-type]
    task = asyncio.create_task(r.gate.switch(intent, confirmed=True, typed_name="db01"))
    while not task.done():
        await r.clock.run(0.25)
    return task.result()


async def test_nothing_goes_through_a_locked_console(rig: MakeRig) -> None:
    r = await rig()
    assert r.gate.locked == ""
    await r.gate.lock(BOB)
    assert r.gate.locked == "locked by bob at 14:02"
    verdict = r.gate.check("rack1-a", 3, "off")
    assert (verdict.rule, verdict.reason) == ("locked", "this console is locked by bob at 14:02")
    assert (await switched(r)).outcome == "refused"
    await r.gate.lock(ALICE)
    assert r.gate.locked == "locked by bob at 14:02", "who was first stays"
    assert await r.gate.unlock(ALICE, " Unlock ")
    assert (await switched(r)).outcome == "observed"
    assert r.pdu.commands == [(3, "off")]
    assert [(e.locked, e.by) for e in r.of(LockChanged)] == [(True, "bob"), (False, "alice")]  # type: ignore[attr-defined]


async def test_it_is_in_the_audit_who_did(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(roles=RoleSettings(default="viewer"), lock=CODE))
    await r.gate.lock(BOB)
    assert not await r.gate.unlock(ALICE, "unlock")
    assert await r.gate.unlock(ALICE, "geheim ü")
    told = [(x.action, x.outcome, x.user, x.state_from, x.state_to) for x in r.store.records]
    assert told == [
        ("lock", "done", "bob", "open", "locked"),
        ("unlock", "refused", "alice", "locked", "locked"),
        ("unlock", "done", "alice", "locked", "open"),
    ]
    assert {(x.pdu, x.outlet_name, x.role) for x in r.store.records} == {("", "console", "viewer")}
    assert "geheim" not in repr(r.store.records)


@pytest.mark.parametrize(
    ("origin", "action", "through"),
    [
        ("console", "off", False),
        ("console", "cancel", False),
        ("rule", "off", False),
        ("network", "off", False),
        ("rule", "cancel", True),
        ("network", "cancel", True),
    ],
)
async def test_only_taking_back_goes_through_and_not_by_hand(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, origin: Origin, action: Action, through: bool
) -> None:
    monkeypatch.setattr(FakePdu, "actions", frozenset({"on", "off", "cancel"}))
    r = await rig()
    r.pdu.set_outlet(3, pending="off" if action == "cancel" else None)
    await r.clock.run(1.2)
    await r.gate.lock(ALICE)
    result = await switched(r, action, origin=origin)
    assert (result.outcome == "observed") is through
    assert bool(r.pdu.commands) is through


async def test_a_plan_that_was_under_way_goes_on_and_no_other_begins(rig: MakeRig) -> None:
    class Plans:
        """Vouches for what is of one plan."""

        def approved(self, intent: Intent) -> None:
            return None

        def under_way(self, intent: Intent) -> bool:
            return intent.plan == "K7Q2MX"

    r = await rig()
    r.gate.informed_by(approvals=Plans())
    assert (await switched(r, "off", plan="K7Q2MX")).outcome == "observed"
    await r.gate.lock(ALICE)
    await r.clock.run(2)
    assert (await switched(r, "on", plan="K7Q2MX")).outcome == "observed"
    await r.clock.run(2)
    assert (await switched(r, "off", plan="ZZZZZZ")).outcome == "refused"


async def test_it_is_locked_at_the_start_where_somebody_sits_at_a_console(rig: MakeRig) -> None:
    control = ControlSettings(lock=LockSettings(at_start=True))
    console = await rig(control=control, actor=BOB)
    assert console.gate.locked == "locked at 14:02"
    cli = await rig(control=control, actor=Actor(user="bob", origin="cli"), live=False)
    assert cli.gate.locked == ""
    alone = await rig(control=control, live=False)
    assert alone.gate.locked == ""


async def test_a_locked_console_refuses_an_intent_of_before(rig: MakeRig) -> None:
    r = await rig()
    intent: Intent = r.gate.new_intent("rack1-a", 3, "off", ALICE)
    await r.gate.lock(BOB)
    assert (await r.gate.switch(intent, confirmed=True)).outcome == "refused"
    assert r.pdu.commands == []


def test_wrong_codes_cost_a_growing_pause_and_the_right_one_waits_as_well() -> None:
    clock = ManualClock()
    lock = ConsoleLock(CODE, clock=clock, zone=clock.now().tzinfo)  # type: ignore[arg-type]
    lock.lock("bob")
    pauses = []
    for _ in range(10):
        assert lock.try_code("geheim") == "wrong"
        pauses.append(lock.wait_s)
        if lock.wait_s:
            assert lock.try_code("geheim ü") == "too_soon"
            assert lock.wait_s == pauses[-1], "what is not looked at costs nothing"
        clock.advance(lock.wait_s)
    assert pauses == [0, 0, 2, 4, 8, 16, 32, 60, 60, 60]
    assert lock.locked
    assert lock.try_code("geheim ü") == "right"
    assert (lock.locked, lock.words, lock.wait_s) == (False, "", 0.0)
    lock.lock("bob")
    assert lock.try_code("x") == "wrong"
    assert lock.wait_s == 0.0, "it is counted anew"


async def test_what_comes_too_soon_does_not_fill_the_audit(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(lock=CODE))
    await r.gate.lock(BOB)
    for _ in range(50):
        assert not await r.gate.unlock(BOB, "x")
    assert len(r.store.records) == 1 + 3
    assert r.gate.unlock_wait_s == 2.0
