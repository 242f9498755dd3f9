"""One plan being carried out: step after step, each an intent of its own through the gate.

That a step begins is on the disk before anything is sent for it. So after a crash every step is
known to be done, not begun, or in doubt; only the one that was under way can be in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Actor, CommandResult, Intent
from pdutui.domain.plan import GOOD_STEPS, Plan, PlanStep, PlanView, StepStatus
from pdutui.engine.boundary import contain, describe
from pdutui.engine.plans.again import in_doubt
from pdutui.engine.plans.drafting import MOMENTARY
from pdutui.engine.plans.files import FileTrouble
from pdutui.engine.plans.house import House
from pdutui.engine.plans.log import PlanLog
from pdutui.engine.plans.record import AskFile
from pdutui.engine.plans.recording import PlanOutcome, record_plan, record_skipped
from pdutui.engine.plans.settle import Settling, longest_s
from pdutui.engine.plans.standing import ENDED, view_of
from pdutui.engine.plans.subjects import compare
from pdutui.engine.verdict import Verdict

MOMENT_LIMIT_S = 120.0
"""How long a step waits for rules that only concern the moment."""
LOOK_S = 1.0
"""How often another program's wish to stop is looked for, and the load."""

Want = Literal["go", "pause", "abort"]


class Hands(msgspec.Struct, frozen=True, kw_only=True):
    """What a run does through the desk."""

    changed: Callable[[PlanRun], object]
    """Told whenever how it stands has changed."""
    asked: Callable[[str], Awaitable[AskFile | None]]
    """What another program of the author's wants. Raises FileTrouble."""
    vouch: Callable[[Intent], Awaitable[str]]
    """Has the approval looked at once more, before an intent goes to the gate. Returns what else
    speaks against it."""


class PlanRun:
    """A run of a plan in this program, from start or resume to the next standstill.

    Args:
        house: the engine.
        hands: the desk.
        log: the plan, and where its progress goes.
        actor: who started it.
    """

    def __init__(self, house: House, hands: Hands, log: PlanLog, actor: Actor) -> None:
        self.log = log
        self.actor = actor
        self._house = house
        self._hands = hands
        self._want: Want = "go"
        self._by = ""
        self._wake = asyncio.Event()
        self._next_s: float | None = None
        self._ending = False
        self.trouble = ""
        """Why it stands, where that could not be written down."""
        self.task: asyncio.Task[None] | None = None

    # -- asking ------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """What it carries out."""
        return self.log.loaded.plan

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.task is not None and not self.task.done()

    @property
    def busy(self) -> bool:
        """Whether a step is under way."""
        return self.alive and self.log.loaded.progress.current is not None

    def view(self) -> PlanView:
        """How it stands."""
        view = view_of(self.log.loaded, self._house.clock.now(), alive=self.alive, mine=True)
        if self.trouble and view.state in ("running", "paused"):
            view = msgspec.structs.replace(view, state="paused", detail=self.trouble)
        if view.state == "running":
            if self._want != "go":
                after = "it ends" if self._want == "abort" else "it pauses"
                detail = f"{after} after the step under way ({self._by})"
                return msgspec.structs.replace(view, state="pausing", detail=detail)
            if self._next_s is not None:
                left_s = max(0.0, self._next_s - self._house.clock.monotonic())
                view = msgspec.structs.replace(view, next_in_s=left_s)
        return view

    # -- being told --------------------------------------------------------------------------

    def want(self, what: Want, by: str) -> None:
        """Stop before the next step, or go on after all. What ends it is never taken back."""
        if self._want == "abort":
            return
        self._want, self._by = what, by
        if what == "go":
            self._wake.clear()
        else:
            self._wake.set()
        self._hands.changed(self)

    def end(self) -> None:
        """The program ends: pause, whatever else is wanted but an abort."""
        self._ending = True
        if self._want == "go":
            self._want, self._by = "pause", ""
        self._wake.set()

    def start(self) -> None:
        """Begin, in a task of its own."""
        self.task = asyncio.create_task(self._run(), name=f"plan {self.plan.id}")

    # -- running -----------------------------------------------------------------------------

    async def _run(self) -> None:
        outcome = await contain(f"plan {self.plan.id}", self._steps())
        if outcome.error is not None:
            text = f"an error in the program: {describe(outcome.error)}; see the log file"
            self.trouble = await self.log.tell("paused", detail=text) or text
        self._next_s = None

    async def _steps(self) -> None:
        steps = self.plan.steps
        for at in range(len(steps)):
            if self.log.loaded.progress.steps[at].status not in ("waiting", "running"):
                continue
            if not await self._may_go():
                return
            try:
                status = await self._doubtful(at)
                if status == "waiting":
                    status = await self._step(at)
            except FileTrouble as trouble:
                await self._stand(f"its progress cannot be written: {trouble}")
                return
            if status == "unknown":
                continue
            if status == "waiting":
                await self._may_go()
                return
            bad = status not in GOOD_STEPS and self.plan.on_failure == "stop"
            if bad and self._want != "abort":
                await self._stop(at)
                return
            if status not in ("skipped", "refused") and at + 1 < len(steps):
                await self._rest(steps[at])
        await self._done()

    async def _may_go(self) -> bool:
        """Whether the next step may begin; otherwise it is written down that it stands."""
        await self._look()
        if self._want == "go":
            return True
        if self._want == "abort":
            await self._tell("aborted", f"aborted by {self._by}")
        elif self._by:
            await self._tell("paused", f"paused by {self._by}")
        else:
            await self._tell("paused", self.trouble or "the program ended")
        return False

    async def _look(self) -> None:
        """See whether another program of the author's wants it to stop."""
        try:
            ask = await self._hands.asked(self.plan.id)
        except FileTrouble:
            return
        if ask is not None:
            self.want("abort" if ask.what == "abort" else "pause", ask.by)

    # -- a step ------------------------------------------------------------------------------

    async def _doubtful(self, at: int) -> StepStatus:
        """A step that was under way when the program ended: what to do with it now.

        What may have been sent is not sent again, but for on and off, which the state answers.
        """
        step, how = self.plan.steps[at], self.log.loaded.progress.steps[at]
        before = how.before
        if how.status == "waiting":
            return "waiting"
        if step.action in ("on", "off", "cancel", "identify"):
            finding, text = compare(step, self._house.seen(step.pdu))
            if finding == "skip":
                await self._ended(at, "skipped", f"{ENDED}; {text}", before, step.action)
                return "skipped"
            await self.log.promise("again", step=at, detail=ENDED)
            return "waiting"
        text = f"{ENDED}; whether it was sent is in the audit; it is not repeated"
        await self._ended(at, "unknown", text, before, "unknown")
        return "unknown"

    async def _step(self, at: int) -> StepStatus:
        """Carry it out; `waiting` where nothing was sent and it is still to be done."""
        step = self.plan.steps[at]
        until_s = self._house.clock.monotonic() + MOMENT_LIMIT_S
        if not await self._moment(step, until_s):
            return "waiting"
        seen = self._house.seen(step.pdu)
        part = seen.reading.outlet(step.outlet) if seen and seen.reading else None
        await self.log.promise("begins", step=at, before=part.state if part else "unknown")
        self._hands.changed(self)
        while True:
            finding, text = compare(step, self._house.seen(step.pdu))
            if finding == "skip" and in_doubt(self.plan, self.log.loaded.progress.steps, at):
                finding = "go"  # what was sent before may yet come and change it
            if finding == "skip":
                state = step.action
                await record_skipped(self._house, self.plan, step, self.actor, state, text)
                return await self._ended(at, "skipped", text, state, state)
            intent = self._intent(step)
            verdict = self._check(step)
            if finding == "changed":
                result = await self._house.gate.refuse(intent, text)
            elif verdict.impact is not None and verdict.impact.danger and not step.danger:
                result = await self._house.gate.refuse(intent, _danger(verdict))
            elif against := await self._hands.vouch(intent):
                result = await self._house.gate.refuse(intent, against)
            else:
                typed = _name(step, verdict) if step.typed else None
                result = await self._house.gate.switch(intent, confirmed=True, typed_name=typed)
            # Refused for what passes; what has changed meanwhile is not waited for to be as it was.
            again = result.outcome == "refused" and result.rule in MOMENTARY
            if not again or self._house.clock.monotonic() >= until_s or self._want != "go":
                return await self._result(at, result)
            await self._nap(LOOK_S)
            if not await self._moment(step, until_s):
                text = "nothing was sent"
                return await self._ended(at, "waiting", text, result.before, result.after)

    async def _moment(self, step: PlanStep, until_s: float) -> bool:
        """Wait while nothing but the moment is in the way. False when it is to stop meanwhile."""
        clock = self._house.clock
        while self._check(step).rule in MOMENTARY and clock.monotonic() < until_s:
            await self._nap(LOOK_S)
            await self._look()
            if self._want != "go":
                return False
        return True

    def _check(self, step: PlanStep) -> Verdict:
        return self._house.gate.check(
            step.pdu, step.outlet, step.action, step.delay_s, actor=self.actor, plan=self.plan.id
        )

    def _intent(self, step: PlanStep) -> Intent:
        plan = self.plan
        return self._house.gate.new_intent(
            step.pdu, step.outlet, step.action, self.actor, plan.reason, step.delay_s,
            ticket=plan.ticket, plan=plan.id, danger_agreed=step.danger,
        )  # fmt: skip

    async def _result(self, at: int, result: CommandResult) -> StepStatus:
        status: StepStatus = result.outcome
        sent = any(stage == "sent" for stage, _ in result.stages)
        if self._ending and status not in GOOD_STEPS:
            # The program's end has cut it off. What was sent stands begun without an end, as after
            # a crash: whoever resumes the plan finds out what became of it.
            if sent:
                return "waiting"
            status = "waiting"
        return await self._ended(
            at, status, result.detail, result.before, result.after, result.intent.id
        )

    async def _ended(
        self, at: int, status: StepStatus, detail: str, before: str, after: str,
        intent: str | None = None,
    ) -> StepStatus:  # fmt: skip
        # What cannot be written is owed: the next step does not begin before it is.
        await self.log.tell(
            "ends", step=at, status=status, detail=detail, before=before, after=after,
            intent=intent,
        )  # fmt: skip
        self._hands.changed(self)
        return status

    # -- between steps -----------------------------------------------------------------------

    async def _rest(self, step: PlanStep) -> None:
        """What comes between two steps: a pause, or waiting for the load to settle."""
        plan, clock = self.plan, self._house.clock
        pause_s = plan.pause_s if step.pause_s is None else step.pause_s
        settling: Settling | None = None
        if (step.pace or plan.pace) == "settle":
            pause_s = longest_s(pause_s)
            view = self._house.seen(step.pdu)
            reading = view.reading if view is not None else None
            settling = Settling(step.outlet, reading.time if reading is not None else None)
        self._next_s = clock.monotonic() + pause_s
        self._hands.changed(self)
        while self._want == "go" and (left_s := self._next_s - clock.monotonic()) > 0:
            await self._nap(min(left_s, LOOK_S))
            await self._look()
            view = self._house.seen(step.pdu) if settling is not None else None
            if settling is not None and view is not None and settling.look(view.reading):
                break
        self._next_s = None

    async def _nap(self, seconds: float) -> None:
        """Sleep, unless somebody wants something."""
        nap = asyncio.create_task(self._house.clock.sleep(seconds))
        wake = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait({nap, wake}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            wake.cancel()

    # -- standing still ----------------------------------------------------------------------

    async def _stop(self, at: int) -> None:
        how = self.log.loaded.progress.steps[at]
        step = self.plan.steps[at]
        text = f"step {at + 1} ({step.label}) {how.status}: {how.detail}"
        await self._tell("stopped", text, step=at)

    async def _done(self) -> None:
        bad = sum(how.status not in GOOD_STEPS for how in self.log.loaded.progress.steps)
        text = f"{bad} of {len(self.plan.steps)} steps ended badly" if bad else ""
        await self._tell("done", text)

    async def _tell(self, what: PlanOutcome, detail: str, step: int | None = None) -> None:
        assert what in ("stopped", "aborted", "paused", "done")
        owed = await self.log.tell(what, detail=detail, by=self._by, step=step)
        self.trouble = f"its progress cannot be written: {owed}" if owed else self.trouble
        actor = self.actor if not self._by else _named(self.actor, self._by)
        await record_plan(self._house, self.plan, actor, what, detail)

    async def _stand(self, trouble: str) -> None:
        self.trouble = trouble
        await self.log.tell("paused", detail=trouble)
        await record_plan(self._house, self.plan, self.actor, "paused", trouble)


def _named(actor: Actor, by: str) -> Actor:
    """Who it was, where another name is given than that of who runs it."""
    return actor if by == actor.user else msgspec.structs.replace(actor, user=by)


def _name(step: PlanStep, verdict: Verdict) -> str:
    return step.pdu if step.outlet == WHOLE_PDU else verdict.outlet_name


def _danger(verdict: Verdict) -> str:
    impact = verdict.impact
    lines = [line.text for line in impact.lines if line.level == "danger"] if impact else []
    why = lines[0] if lines else "it is dangerous"
    return f"nobody has agreed to that: {why}"
