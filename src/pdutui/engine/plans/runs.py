"""The plans that this program runs: begun, paused, ended, and what it may run at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from pdutui.domain.commands import Actor, Intent
from pdutui.domain.plan import OVER, PlanStep, PlanView
from pdutui.engine.plans.approval import GroupsOf, approver_of
from pdutui.engine.plans.cabinet import Cabinet
from pdutui.engine.plans.files import FileTrouble, Held
from pdutui.engine.plans.house import House
from pdutui.engine.plans.log import PlanLog
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.plans.progress import Line
from pdutui.engine.plans.record import AskFile, Loaded
from pdutui.engine.plans.recording import PlanOutcome, record_plan
from pdutui.engine.plans.runner import Hands, PlanRun
from pdutui.engine.plans.spent import carried_out
from pdutui.engine.plans.standing import view_of
from pdutui.engine.waiting import cancel, finished

LOCK_TRIES = 5
LOCK_PAUSE_S = 0.2
"""Whoever only looks whether a plan is run has its lock for an instant."""
STOP_LIMIT_S = 3.0
"""How long the end of the program waits for plans to write down that they stand."""
_MOVES = ("running", "pausing")


class Runs:
    """Starts, pauses and ends plans.

    Args:
        house: the engine.
        cabinet: the plans.
        tell: is told the id of a plan that has changed.
        groups_of: the OS groups of a user.
    """

    def __init__(
        self, house: House, cabinet: Cabinet, tell: Callable[[str], object], groups_of: GroupsOf
    ) -> None:
        self._house = house
        self._cabinet = cabinet
        self._tell = tell
        self._groups_of = groups_of
        self._runs: dict[str, PlanRun] = {}
        self._locks: dict[str, Held] = {}
        self._cleared: dict[str, tuple[Intent, str]] = {}
        """By plan: the intent that is on its way through the gate, and who approved of it."""
        self._handed: dict[str, Intent] = {}
        """By plan: the last intent that its run has made."""
        self._turn = asyncio.Lock()
        """What is asked of plans is done one after the other: a key may be pressed twice."""
        self._stopped = False
        self._hands = Hands(
            changed=lambda run: tell(run.plan.id), asked=self._asked, vouch=self._vouch
        )

    # -- looking -----------------------------------------------------------------------------

    def view(self, loaded: Loaded) -> PlanView:
        """How a plan stands, whether it runs here, elsewhere or not."""
        run = self._runs.get(loaded.plan.id)
        if run is not None:
            return run.view()
        own = loaded.uid == self._cabinet.book.uid
        now = self._house.clock.now()
        return view_of(loaded, now, alive=loaded.held, mine=own and not loaded.held)

    def here(self, plan_id: str) -> PlanRun | None:
        """The run of a plan in this program."""
        run = self._runs.get(plan_id)
        return run if run is not None and run.alive else None

    @property
    def owing(self) -> bool:
        """Whether something that was done could not be written down yet."""
        return any(not run.alive for run in self._runs.values())

    def approved(self, intent: Intent) -> str | None:
        """As `Approvals`: who approved the step that is on its way through the gate."""
        cleared = self._cleared.get(intent.plan or "")
        return cleared[1] if cleared is not None and cleared[0] == intent else None

    def under_way(self, intent: Intent) -> bool:
        """As `Approvals`: whether it is on its way through the gate for a plan that runs here."""
        if not intent.id:
            return self.here(intent.plan or "") is not None
        return self._handed.get(intent.plan or "") == intent

    # -- doing -------------------------------------------------------------------------------

    async def start(self, loaded: Loaded, actor: Actor) -> None:
        """Run it, or go on with it. Raises PlanTrouble."""
        async with self._turn:
            run = self.here(loaded.plan.id)
            if run is not None:
                run.want("go", actor.user)
                return
            if self._stopped:
                raise PlanTrouble("ending", "the program is ending")
            loaded = await self._settled(loaded)
            self._must_be_author(loaded, actor)
            self._must_be_startable(loaded)
            lock = await self._lock(loaded.plan.id)
            try:
                await self._begin(loaded.plan.id, actor, lock)
            finally:  # also where whoever asked for it has gone
                if loaded.plan.id not in self._runs:
                    lock.let_go()

    async def _begin(self, plan_id: str, actor: Actor, lock: Held) -> None:
        loaded = await self._cabinet.fresh(plan_id)
        loaded = msgspec.structs.replace(loaded, held=False)  # that is us
        self._must_be_startable(loaded)
        before = loaded.progress
        log = PlanLog(loaded, self._append, self._house.clock)
        try:
            await log.promise("started", by=actor.user)
            at = before.stopped_at
            if at is not None and before.steps[at].status == "refused":
                await log.promise("again", step=at, detail="refused before; nothing was sent")
        except FileTrouble as trouble:
            raise PlanTrouble("state_dir", f"it is not started: {trouble}") from trouble
        run = PlanRun(self._house, self._hands, log, actor)
        self._runs[plan_id] = run
        self._locks[plan_id] = lock
        outcome: PlanOutcome = "started" if before.started is None else "resumed"
        await record_plan(self._house, loaded.plan, actor, outcome)
        run.start()
        assert run.task is not None
        run.task.add_done_callback(lambda _: self._ran(plan_id))
        self._tell(plan_id)

    async def pause(self, loaded: Loaded, actor: Actor) -> str:
        """Stop before the next step. Returns what another program was asked to do, or nothing."""
        async with self._turn:
            return await self._halt(loaded, actor, "pause")

    async def abort(self, loaded: Loaded, actor: Actor) -> str:
        """End it. Returns what another program was asked to do, or nothing. Raises PlanTrouble."""
        async with self._turn:
            asked = await self._halt(loaded, actor, "abort")
            if asked or loaded.plan.id in self._runs:
                return asked
            lock = await self._lock(loaded.plan.id)
            try:
                await self._write_off(loaded.plan.id, actor)
            finally:
                lock.let_go()
            return ""

    async def _halt(self, loaded: Loaded, actor: Actor, what: str) -> str:
        run = self.here(loaded.plan.id)
        if run is not None:
            run.want("abort" if what == "abort" else "pause", actor.user)
            if not run.busy and run.task is not None:
                await finished(self._house.clock, STOP_LIMIT_S, run.task)
            return ""
        loaded = await self._settled(loaded)
        self._must_be_author(loaded, actor)
        state = self.view(loaded).state
        if state in OVER:
            raise PlanTrouble("over", f"plan {loaded.plan.id} is {state}")
        if not loaded.held:
            return ""
        ask = AskFile(
            plan=loaded.plan.id, what=what, by=actor.user, time=self._house.clock.now()
        )  # fmt: skip
        await self._write(self._cabinet.book.ask, ask)
        return what

    async def _write_off(self, plan_id: str, actor: Actor) -> None:
        """Write down that a plan that does not run is not wanted any more."""
        loaded = await self._cabinet.fresh(plan_id)
        log = PlanLog(loaded, self._append, self._house.clock)
        text = f"aborted by {actor.user}"
        try:
            await log.promise("aborted", by=actor.user, detail=text)
        except FileTrouble as trouble:
            raise PlanTrouble("state_dir", str(trouble)) from trouble
        self._cabinet.put(msgspec.structs.replace(log.loaded, held=False))
        await record_plan(self._house, loaded.plan, actor, "aborted", text)
        self._tell(plan_id)

    async def settle(self) -> None:
        """Write what could not be written before. Raises PlanTrouble where it still cannot be."""
        for plan_id, run in tuple(self._runs.items()):
            if not run.alive:
                try:
                    await run.log.settle()
                except FileTrouble as trouble:
                    raise PlanTrouble("state_dir", str(trouble)) from trouble
                self._ran(plan_id)

    async def _settled(self, loaded: Loaded) -> Loaded:
        """The plan by its files, once nothing is owed to them any more."""
        if not self.owing:
            return loaded
        await self.settle()
        return await self._cabinet.fresh(loaded.plan.id)

    def end(self) -> None:
        """The program ends: no step begins any more."""
        self._stopped = True
        for run in self._runs.values():
            run.end()

    async def stop(self) -> None:
        """Wait, bounded, until all of them have written down that they stand."""
        self.end()
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        if tasks and not await finished(self._house.clock, STOP_LIMIT_S, *tasks):
            await cancel(*tasks)
        for lock in self._locks.values():
            lock.let_go()

    # -- inside ------------------------------------------------------------------------------

    def _must_be_author(self, loaded: Loaded, actor: Actor) -> None:
        uid = self._cabinet.book.uid
        if loaded.uid != uid or (actor.uid is not None and actor.uid != uid):
            text = f"plan {loaded.plan.id} is {loaded.plan.author.user}'s: only they can do that"
            raise PlanTrouble("not_author", text)

    def _must_be_startable(self, loaded: Loaded) -> None:
        plan = loaded.plan
        view = self.view(loaded)
        if view.state == "expired":
            raise PlanTrouble("expired", f"plan {plan.id} has expired: {view.detail}")
        if view.state in OVER:
            raise PlanTrouble("over", f"plan {plan.id} is {view.state}")
        if loaded.held and view.state in _MOVES:
            raise _elsewhere(plan.id)
        if view.state == "needs_approval":
            text = f"plan {plan.id} needs a second person, who says: pdutui approve {plan.id}"
            raise PlanTrouble("needs_approval", text)
        if plan.needs_approval and self._approver(loaded) is None:
            text = f"nobody who may has approved plan {plan.id}, by this configuration"
            raise PlanTrouble("not_approver", text)

    def _approver(self, loaded: Loaded) -> str | None:
        book = self._cabinet.book
        found = approver_of(
            self._house, loaded, name_of=book.name_of, groups_of=self._groups_of
        )  # fmt: skip
        return found.approval.user if found is not None else None

    async def _lock(self, plan_id: str) -> Held:
        for place in range(LOCK_TRIES):
            if place:
                await self._house.clock.sleep(LOCK_PAUSE_S)
            held = await self._write(self._cabinet.book.hold, plan_id)
            if isinstance(held, Held):
                return held
        raise _elsewhere(plan_id)

    async def _write(self, work: Callable[..., object], *args: object) -> object:
        try:
            return await self._cabinet.call(work, *args)
        except FileTrouble as trouble:
            raise PlanTrouble("state_dir", str(trouble)) from trouble

    async def _append(self, line: Line) -> None:
        await self._cabinet.call(self._cabinet.book.append, line)

    async def _asked(self, plan_id: str) -> AskFile | None:
        return await self._cabinet.call(self._cabinet.book.asked, plan_id)

    async def _vouch(self, intent: Intent) -> str:
        """See from the files, once more, whether the plan of an intent is approved.

        Returns why it must not be sent though it was; empty for nothing that is known here.
        """
        plan_id = intent.plan or ""
        self._cleared.pop(plan_id, None)
        self._handed[plan_id] = intent
        run = self._runs.get(plan_id)
        if run is None or not run.plan.needs_approval:
            return ""
        try:
            loaded = await self._cabinet.fresh(plan_id)
        except PlanTrouble:
            return ""
        started, expires = loaded.progress.started, loaded.plan.expires
        in_time = started is not None and expires is not None and started <= expires
        at = loaded.progress.current
        if loaded.plan != run.plan or not in_time or at is None:
            return ""
        if not self._is_step(loaded.plan.steps[at], intent):
            return ""
        against = await carried_out(self._house, loaded.plan, at, intent)
        approver = self._approver(loaded)
        if approver is not None and not against:
            self._cleared[plan_id] = (intent, approver)
        return against

    @staticmethod
    def _is_step(step: PlanStep, intent: Intent) -> bool:
        """Whether an intent is the very step that has begun by the files."""
        wished = (intent.pdu, intent.outlet, intent.action, intent.delay_s)
        return wished == (step.pdu, step.outlet, step.action, step.delay_s)

    def _ran(self, plan_id: str) -> None:
        """A run has ended. What it could not write keeps it, and its lock, until it can."""
        run = self._runs.get(plan_id)
        if run is None:
            return
        if not run.log.owing:
            del self._runs[plan_id]
            self._cleared.pop(plan_id, None)
            self._handed.pop(plan_id, None)
            self._cabinet.put(run.log.loaded)
            lock = self._locks.pop(plan_id, None)
            if lock is not None:
                lock.let_go()
        self._tell(plan_id)


def _elsewhere(plan_id: str) -> PlanTrouble:
    return PlanTrouble("running_elsewhere", f"plan {plan_id} is run by another program now")
