"""A desk over a live engine, whose files are written at once and belong to whom a test says."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from pdutui.domain.audit import AuditQuery, StoredAudit
from pdutui.domain.commands import Action, Actor, AuditRecord
from pdutui.domain.plan import PlanView, PlanWish
from pdutui.engine.plans.book import Book
from pdutui.engine.plans.desk import PlanDesk
from pdutui.engine.plans.house import House
from pdutui.engine.plans.port import PlanTrouble
from pdutui.store.port import AuditTrail
from tests.engine.helpers import Rig

T = TypeVar("T")

ALICE = Actor(user="alice", login="alice", uid=1001, groups=("ops",))
BOB = Actor(user="bob", login="bob", uid=1002, groups=("ops",), origin="cli")
NAMES = {0: "root", 1001: "alice", 1002: "bob", 1003: "carol"}


class Owners:
    """Whose files are: the author's, but for approvals; or what a test says."""

    def __init__(self) -> None:
        self.said: dict[str, int] = {}

    def __call__(self, name: str, status: os.stat_result) -> int:
        if name in self.said:
            return self.said[name]
        if ".approval-" in name:
            return int(name.partition(".approval-")[2].partition(".")[0])
        return 1001


async def at_once(call: Callable[..., Any], *args: Any) -> Any:
    """Instead of a thread."""
    return call(*args)


class Trail:
    """Reads the records that a store remembers."""

    def __init__(self, records: list[AuditRecord]) -> None:
        self._records = records

    async def rows(self, query: AuditQuery) -> list[StoredAudit]:
        """The newest first."""
        found = [r for r in self._records if query.plan in (None, r.plan)]
        since = query.since
        found = [r for r in found if since is None or r.time >= since]
        return [
            StoredAudit(n=n, record=record, before="", hash="")
            for n, record in reversed(list(enumerate(found, 1)))
        ][: query.limit]


class PlanRig:
    """An engine, and the desk of whoever sits at it."""

    def __init__(self, rig: Rig, path: Path, owners: Owners) -> None:
        self.rig = rig
        self.path = path
        self.owners = owners
        self.desk = self.another()

    def another(self, uid: int = 1001, in_thread: Any = at_once) -> PlanDesk:
        """Another program's desk over the same directory and, for want of a second, rack."""
        engine = self.rig.engine
        house = House(
            settings_now=lambda: self.rig.settings,
            gate=engine.gate,
            clock=self.rig.clock,
            view=engine.view,
            preview=engine.preview,
            audit=engine._recorder.audit,
            trail=self._trail,
            emit=engine._emit,
            note=engine._note,
        )
        book = Book(self.path, uid=uid, owner=self.owners, name_of=lambda n: NAMES[n])
        desk = PlanDesk(house, book, in_thread=in_thread, groups_of=lambda uid: ("ops",))
        engine.gate.informed_by(approvals=desk)
        return desk

    async def _trail(self) -> AuditTrail | None:
        """The audit as it is read, of the store that remembers."""
        return Trail(self.rig.store.records)  # type: ignore[return-value]

    async def drive(self, work: Coroutine[Any, Any, T], limit_s: float = 200.0) -> T:
        """The result, once enough time has passed."""
        task = asyncio.create_task(work)
        passed_s = 0.0
        while not task.done() and passed_s < limit_s:
            await self.rig.clock.run(0.25, settle=8)
            passed_s += 0.25
        assert task.done(), f"still at it after {limit_s} s"
        return task.result()

    async def kept(self, *wishes: PlanWish, actor: Actor = ALICE, **terms: Any) -> PlanView:
        """A plan that was agreed to."""
        terms.setdefault("pause_s", 2.0)
        draft = self.desk.draft(wishes, actor, **terms)
        return await self.drive(self.desk.keep(draft, confirmed=True, typed=draft.words))

    async def ran(self, *wishes: PlanWish, **terms: Any) -> PlanView:
        """One that was carried out, as far as it went."""
        view = await self.kept(*wishes, **terms)
        await self.drive(self.desk.start(view.plan.id, ALICE))
        return await self.drive(self.desk.wait(view.plan.id))

    async def trouble(self, work: Coroutine[Any, Any, object]) -> PlanTrouble:
        """What it raises."""
        try:
            await self.drive(work)
        except PlanTrouble as trouble:
            return trouble
        raise AssertionError("it raised nothing")

    async def kill(self, desk: PlanDesk) -> None:
        """What SIGKILL does to a program: it writes nothing more, its locks are gone."""
        runs = desk._runs
        for run in runs._runs.values():
            assert run.task is not None
            run.task.cancel()
        await asyncio.sleep(0)
        for lock in runs._locks.values():
            lock.let_go()
        if desk._follower is not None:
            desk._follower.cancel()

    @property
    def commands(self) -> list[tuple[int, str]]:
        """What reached the first PDU."""
        return self.rig.pdu.commands

    @property
    def outcomes(self) -> list[str]:
        """What the audit says of plans as such."""
        return [r.outcome for r in self.rig.store.records if r.action == "plan"]


def wish(outlet: int, action: Action = "off", pdu: str = "rack1-a", **more: Any) -> PlanWish:
    return PlanWish(pdu=pdu, outlet=outlet, action=action, **more)


def statuses(view: PlanView) -> list[str]:
    return [step.status for step in view.steps]
