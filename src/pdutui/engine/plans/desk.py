"""The desk at which plans are made, kept, approved and run: `PlansPort` as it is.

A plan is files (`book`); what is in memory here is only what they said last, and the plans that
this program runs itself. So two programs on one directory see the same plans, and a crash loses
nothing that was agreed to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

import msgspec

from pdutui.domain.commands import Actor, Intent
from pdutui.domain.health import is_stale
from pdutui.domain.plan import (
    OVER,
    OnFailure,
    Pace,
    PlanApproval,
    PlanDraft,
    PlanView,
    PlanWish,
)
from pdutui.engine.boundary import contain
from pdutui.engine.events import PlanChanged
from pdutui.engine.plans.approval import (
    GroupsOf,
    judge_anew,
    may_approve,
    must_expire_in_time,
    real_groups,
    same_person,
)
from pdutui.engine.plans.book import Book, NotForTwo, Taken
from pdutui.engine.plans.cabinet import Cabinet, InThread
from pdutui.engine.plans.drafting import Terms, differs, make_draft, problem_of, wishes_of
from pdutui.engine.plans.files import FileTrouble
from pdutui.engine.plans.house import House
from pdutui.engine.plans.ids import new_id
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.plans.putback import wishes_back
from pdutui.engine.plans.record import Loaded
from pdutui.engine.plans.recording import record_plan
from pdutui.engine.plans.runs import Runs
from pdutui.engine.plans.standing import ENDED, in_order
from pdutui.engine.plans.wording import is_typed
from pdutui.engine.waiting import cancel

FOLLOW_S = 1.0
"""How often the directory is looked at while something is going on in it."""
_ID_TRIES = 5
_REMEMBERED = 100
"""Drafts that were refused: each is on record once, however often it is said."""
_MOVES = ("running", "pausing")
_UNWRITTEN = frozenset({"state_dir", "damaged"})


class PlanDesk:
    """Makes, keeps and runs plans.

    Args:
        house: the engine.
        book: the files.
        in_thread: where what blocks is done.
        groups_of: the OS groups of a user.
    """

    def __init__(
        self,
        house: House,
        book: Book,
        *,
        in_thread: InThread = asyncio.to_thread,
        groups_of: GroupsOf = real_groups,
    ) -> None:
        self._house = house
        self._book = book
        self._cabinet = Cabinet(book, house.clock, in_thread)
        self._runs = Runs(house, self._cabinet, self._tell, groups_of)
        self._told: dict[str, PlanView] = {}
        """By id: what was told of it last."""
        self._refused: deque[str] = deque(maxlen=_REMEMBERED)
        self._follower: asyncio.Task[None] | None = None
        self._looked = False
        self._stopped = False

    # -- making ------------------------------------------------------------------------------

    def draft(
        self,
        wishes: Sequence[PlanWish],
        actor: Actor,
        *,
        title: str = "",
        source: str = "console",
        pace: Pace = "delay",
        pause_s: float = 1.0,
        on_failure: OnFailure = "stop",
        reason: str | None = None,
        ticket: str | None = None,
        put_back_of: str | None = None,
    ) -> PlanDraft:
        """A plan as it would be, with its impact as a whole. Changes nothing, asks nobody."""
        terms = Terms(
            actor=actor, title=title, source=source, pace=pace, pause_s=pause_s,
            on_failure=on_failure, reason=reason, ticket=ticket, put_back_of=put_back_of,
        )  # fmt: skip
        return make_draft(self._house, tuple(wishes), terms)

    async def keep(
        self, draft: PlanDraft, *, confirmed: bool, typed: Sequence[str] = ()
    ) -> PlanView:
        """Freeze a plan that somebody agreed to, on the disk. Raises PlanTrouble."""
        try:
            loaded = await self._create(self._agreed(draft, confirmed, typed))
        except PlanTrouble as trouble:
            if trouble.rule not in _UNWRITTEN:
                await self.refuse(draft, str(trouble))
            raise
        self._cabinet.put(loaded)
        needs = "needs a second person" if loaded.plan.needs_approval else ""
        await record_plan(self._house, loaded.plan, loaded.plan.author, "made", needs)
        return self._tell(loaded.plan.id)

    def _agreed(self, draft: PlanDraft, confirmed: bool, typed: Sequence[str]) -> PlanDraft:
        """The draft, judged anew. Raises PlanTrouble where it is not what was agreed to."""
        author = draft.plan.author
        if author.uid is not None and author.uid != self._book.uid:
            text = f"this program does not run as {author.user}"
            raise PlanTrouble("not_author", text)
        fresh = make_draft(self._house, wishes_of(draft.plan), Terms.of(draft.plan))
        for obstacle in fresh.obstacles:
            raise PlanTrouble(obstacle.rule, obstacle.reason)
        problem = problem_of(self._house, draft.plan)
        if not problem.allowed:
            raise PlanTrouble(problem.rule, problem.reason)
        why = differs(draft, fresh)
        if why:
            raise PlanTrouble("changed", f"it is not what was agreed to any more: {why}")
        if not confirmed:
            raise PlanTrouble("not_confirmed", "not confirmed")
        if not is_typed(draft.words, typed):
            rule = "dangerous" if fresh.impact.danger else "protected"
            words = ", ".join(repr(word) for word in draft.words)
            raise PlanTrouble(rule, f"it has to be typed, and was not: {words}")
        plan = msgspec.structs.replace(fresh.plan, id=draft.plan.id)
        return msgspec.structs.replace(fresh, plan=plan)

    async def _create(self, draft: PlanDraft) -> Loaded:
        plan = draft.plan
        for _ in range(_ID_TRIES):
            try:
                return await self._cabinet.call(self._book.create, plan)
            except Taken:
                plan = msgspec.structs.replace(plan, id=new_id())
            except NotForTwo as wrong:
                text = f"this needs the approval of a second person: {wrong}"
                raise PlanTrouble("needs_approval", text) from wrong
            except FileTrouble as trouble:
                raise PlanTrouble("state_dir", f"the plan cannot be kept: {trouble}") from trouble
        raise PlanTrouble("state_dir", f"{self._book.path}: no free id for a plan was found")

    async def refuse(self, draft: PlanDraft, reason: str) -> None:
        """Nobody agreed: every one of its commands goes on record as refused, once."""
        if draft.plan.id in self._refused:
            return
        self._refused.append(draft.plan.id)
        plan, gate = draft.plan, self._house.gate
        for step in plan.steps:
            intent = gate.new_intent(
                step.pdu, step.outlet, step.action, plan.author, plan.reason, step.delay_s,
                ticket=plan.ticket,
            )  # fmt: skip
            await gate.refuse(intent, reason)

    def put_back(self, plan: str, actor: Actor) -> PlanDraft:
        """A plan that returns what this one changed to what it was. Raises PlanTrouble."""
        view = self.get(plan)
        wishes = wishes_back(view, self._state_of)
        if view.state in _MOVES:
            raise PlanTrouble("over", f"plan {view.plan.id} is {view.state}: pause it first")
        if not wishes:
            text = f"plan {view.plan.id} has turned nothing on or off that could be put back"
            raise PlanTrouble("nothing_to_do", text)
        title = f"Put back {view.plan.id}"
        return self.draft(
            wishes, actor, title=title, source=f"put back {view.plan.id}", pace=view.plan.pace,
            pause_s=view.plan.pause_s, on_failure=view.plan.on_failure, reason=view.plan.reason,
            ticket=view.plan.ticket, put_back_of=view.plan.id,
        )  # fmt: skip

    def _state_of(self, pdu: str, outlet: int) -> str:
        view = self._house.seen(pdu)
        reading = None if view is None or is_stale(view.health) else view.reading
        part = reading.outlet(outlet) if reading is not None else None
        return part.state if part is not None else "unknown"

    # -- approving ---------------------------------------------------------------------------

    async def approve(self, plan: str, actor: Actor) -> PlanView:
        """Agree to somebody else's plan, judged anew against fresh state. Raises PlanTrouble."""
        self._must_be_open()
        loaded = await self._cabinet.fresh(plan)
        plan_id, view = loaded.plan.id, self._runs.view(loaded)
        if view.state == "expired":
            raise PlanTrouble("expired", f"plan {plan_id} has expired")
        if view.approval is not None:
            text = f"plan {plan_id} was approved by {view.approval.user}"
            raise PlanTrouble("over", text)
        if view.state != "needs_approval":
            text = f"plan {plan_id} is {view.state} and needs no approval"
            raise PlanTrouble("over", text)
        uid = self._book.uid
        if same_person(loaded, actor, uid):
            text = f"plan {plan_id} is your own: somebody else has to approve it"
            raise PlanTrouble("own_plan", text)
        if actor.uid is not None and actor.uid != uid:
            raise PlanTrouble("not_approver", f"this program does not run as {actor.user}")
        why = may_approve(self._house, loaded.plan, actor)
        if why:
            raise PlanTrouble("not_approver", why)
        judge_anew(self._house, loaded.plan, actor)
        must_expire_in_time(self._house, loaded.plan)
        approval = PlanApproval(
            plan=plan_id, user=actor.user, time=self._house.clock.now(), ssh_origin=actor.ssh_origin
        )
        try:
            await self._cabinet.call(self._book.approve, loaded, approval, actor.names)
        except NotForTwo as wrong:
            raise PlanTrouble("state_dir", str(wrong)) from wrong
        except FileTrouble as trouble:
            raise PlanTrouble("state_dir", f"it is not approved: {trouble}") from trouble
        loaded = await self._cabinet.fresh(plan_id)
        if not loaded.approvals:
            raise PlanTrouble("damaged", f"the approval of plan {plan_id} does not count")
        await record_plan(self._house, loaded.plan, actor, "approved")
        return self._tell(plan_id)

    def approved(self, intent: Intent) -> str | None:
        """Who approved the plan that an intent is the step under way of; None where nobody has.

        Asked by the gate. What it answers was read from the files for this very intent.
        """
        return self._runs.approved(intent)

    def under_way(self, intent: Intent) -> bool:
        """Whether an intent is the step that a run here has made and handed to the gate."""
        return self._runs.under_way(intent)

    # -- running -----------------------------------------------------------------------------

    async def start(self, plan: str, actor: Actor) -> PlanView:
        """Run it, or go on with it, in a task of its own. Raises PlanTrouble.

        One that runs goes on behind a locked console; none begins or goes on again there.
        """
        self._must_be_open()
        loaded = await self._cabinet.fresh(plan)
        await self._runs.start(loaded, actor)
        return self._tell(loaded.plan.id)

    def _must_be_open(self) -> None:
        if self._house.gate.locked:
            raise PlanTrouble("locked", f"this console is {self._house.gate.locked}")

    async def pause(self, plan: str, actor: Actor) -> PlanView:
        """Stop before the next step. Raises PlanTrouble.

        One that another program of the author's runs is paused by that one, within a second.
        """
        loaded = await self._cabinet.fresh(plan)
        asked = await self._runs.pause(loaded, actor)
        return self._asked(loaded.plan.id, asked, actor)

    async def abort(self, plan: str, actor: Actor) -> PlanView:
        """End it, here or in the program that runs it. Raises PlanTrouble.

        Behind a locked console it can be paused, which whoever comes can take back, and not ended.
        """
        self._must_be_open()
        loaded = await self._cabinet.fresh(plan)
        asked = await self._runs.abort(loaded, actor)
        return self._asked(loaded.plan.id, asked, actor)

    def _asked(self, plan_id: str, what: str, actor: Actor) -> PlanView:
        view = self._tell(plan_id)
        if not what or view.state != "running":
            return view
        ends = "ends" if what == "abort" else "pauses"
        detail = f"the program that runs it {ends} it after the step under way ({actor.user})"
        return msgspec.structs.replace(view, state="pausing", detail=detail)

    async def wait(self, plan: str) -> PlanView:
        """Until it is over or stands still."""
        while (view := self.get(plan)).state in _MOVES:
            run = self._runs.here(view.plan.id)
            if run is not None and run.task is not None:
                await asyncio.wait({run.task})
                await asyncio.sleep(0)  # its end is taken in by a callback
            else:
                await self._house.clock.sleep(FOLLOW_S)
                await self.look()
        return view

    # -- looking -----------------------------------------------------------------------------

    def plans(self) -> tuple[PlanView, ...]:
        """All that are kept: those that run or wait first, then the newest."""
        return in_order([self._runs.view(one) for one in self._cabinet.shelf.plans.values()])

    def get(self, plan: str) -> PlanView:
        """One of them, by id, capitals or not, `0` for `O`. Raises PlanTrouble."""
        return self._runs.view(self._cabinet.known(plan))

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with the directory and with files in it, for people."""
        shelf = self._cabinet.shelf
        trouble = (self._cabinet.trouble,) if self._cabinet.trouble else ()
        return (*trouble, *shelf.damaged.values(), *shelf.notes)

    async def look(self) -> None:
        """See what other programs and people have written to the directory since."""
        await self._cabinet.look()
        if self._runs.owing:
            # What still cannot be written goes on being owed, and is said in the plan's detail.
            with contextlib.suppress(PlanTrouble):
                await self._runs.settle()
        there = self._cabinet.shelf.plans
        self._told = {plan_id: view for plan_id, view in self._told.items() if plan_id in there}
        for plan_id in tuple(there):
            view = self._tell(plan_id)
            if not self._looked and view.mine and view.state == "paused" and view.detail == ENDED:
                text = f"plan {plan_id} ({view.plan.title}) stands: {ENDED}"
                self._house.note("", "warning", text)
        if not self._looked:
            for trouble in self.troubles:
                self._house.note("", "warning", f"plans: {trouble}")
        self._looked = True
        self._follow()

    def _tell(self, plan_id: str) -> PlanView:
        """How a plan stands; listeners are told if that is news."""
        view = self._runs.view(self._cabinet.known(plan_id))
        plain = msgspec.structs.replace(view, next_in_s=None)
        waiting = view.next_in_s is not None
        before = self._told.get(plan_id)
        if before is None and view.state in OVER and not self._looked:
            self._told[plan_id] = plain
            return view
        if before != plain or waiting:
            self._told[plan_id] = plain
            self._house.emit(PlanChanged(view=view))
        self._follow()
        return view

    def _follow(self) -> None:
        """Look again and again, as long as something may happen that is not done here."""
        if self._follower is None and not self._stopped and self._is_active():
            self._follower = asyncio.create_task(self._following(), name="plans")

    def _is_active(self) -> bool:
        if self._runs.owing:
            return True
        told = (self._told.get(plan_id) for plan_id in self._cabinet.shelf.plans)
        for view in told:
            if view is None:
                continue
            elsewhere = view.state in _MOVES and self._runs.here(view.plan.id) is None
            if elsewhere or view.state == "needs_approval":
                return True
        return False

    async def _following(self) -> None:
        try:
            while self._is_active():
                await self._house.clock.sleep(FOLLOW_S)
                await contain("plans", self.look())
        finally:
            self._follower = None

    # -- the end -----------------------------------------------------------------------------

    async def stop(self) -> None:
        """Pause what runs, stop the gate, and wait, bounded, until all is written down.

        The gate ends the commands under way, and how they ended belongs to the plans' progress.
        """
        self._stopped = True
        self._runs.end()
        if self._follower is not None:
            await cancel(self._follower)
        await self._house.gate.stop()
        await self._runs.stop()
