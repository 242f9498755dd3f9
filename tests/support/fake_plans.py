"""A stand-in for the desk of plans: keeps what it is given, runs nothing, is moved by the test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.commands import Actor
from pdutui.domain.impact import Impact
from pdutui.domain.plan import (
    OnFailure,
    Pace,
    Plan,
    PlanApproval,
    PlanDraft,
    PlanState,
    PlanStep,
    PlanView,
    PlanWish,
    StepObstacle,
    StepProgress,
)
from pdutui.engine.events import PlanChanged
from pdutui.engine.plans.port import PlanTrouble

if TYPE_CHECKING:
    from tests.support.fake_engine import FakeEngine


class FakePlans:
    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.kept: dict[str, PlanView] = {}
        self.typed: list[tuple[str, ...]] = []
        """What was typed for each plan that was kept."""
        self.refused: list[tuple[PlanDraft, str]] = []
        self.asked: list[tuple[str, str]] = []
        """What was asked for, in order: (`start`, id)."""
        self.trouble: PlanTrouble | None = None
        """Raised by whatever is asked next, once."""
        self.needs_approval = False
        self.impact = Impact()
        self.words: tuple[str, ...] = ()
        self.problem = ""
        self.obstacles: tuple[StepObstacle, ...] = ()
        """Those of the outlets that are wished for count."""
        self._made = 0

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
        self._made += 1
        now = self.engine.clock.now()
        plan = Plan(
            id=f"K7Q2M{self._made}",
            title=title or f"{len(wishes)} outlets",
            source=source,
            author=actor,
            created=now,
            steps=tuple(self._step(wish) for wish in wishes),
            pace=pace,
            pause_s=pause_s,
            on_failure=on_failure,
            reason=reason,
            ticket=ticket,
            needs_approval=self.needs_approval,
            expires=now + timedelta(minutes=15) if self.needs_approval else None,
            put_back_of=put_back_of,
        )
        asked = {(wish.pdu, wish.outlet) for wish in wishes}
        sentence = f"{plan.title}, one every {pause_s:.0f} s"
        return PlanDraft(
            plan=plan, sentence=sentence, impact=self.impact, words=self.words,
            problem=self.problem,
            obstacles=tuple(o for o in self.obstacles if (o.pdu, o.outlet) in asked),
        )  # fmt: skip

    def _step(self, wish: PlanWish) -> PlanStep:
        reading = self.engine.view(wish.pdu).reading
        outlet = reading.outlet(wish.outlet) if reading else None
        name = outlet.name if outlet else ""
        return PlanStep(
            pdu=wish.pdu, outlet=wish.outlet, action=wish.action, name=name,
            label=f"outlet {wish.outlet} {name}".rstrip(),
            before=outlet.state if outlet else "unknown", delay_s=wish.delay_s,
            pause_s=wish.pause_s, pace=wish.pace,
        )  # fmt: skip

    async def keep(
        self, draft: PlanDraft, *, confirmed: bool, typed: Sequence[str] = ()
    ) -> PlanView:
        self._raise()
        assert confirmed
        self.typed.append(tuple(typed))
        state: PlanState = "needs_approval" if draft.plan.needs_approval else "ready"
        steps = tuple(StepProgress() for _ in draft.plan.steps)
        return self.put(PlanView(plan=draft.plan, state=state, steps=steps, mine=True))

    async def refuse(self, draft: PlanDraft, reason: str) -> None:
        self.refused.append((draft, reason))

    async def start(self, plan: str, actor: Actor) -> PlanView:
        return self._become("start", plan, "running")

    async def pause(self, plan: str, actor: Actor) -> PlanView:
        return self._become("pause", plan, "paused")

    async def abort(self, plan: str, actor: Actor) -> PlanView:
        return self._become("abort", plan, "aborted")

    def put_back(self, plan: str, actor: Actor) -> PlanDraft:
        self._raise()
        view = self.get(plan)
        wishes = [
            PlanWish(pdu=s.pdu, outlet=s.outlet, action="on" if s.before == "on" else "off")
            for s in reversed(view.plan.steps)
        ]
        return self.draft(wishes, actor, title=f"Put back {plan}", put_back_of=plan)

    async def approve(self, plan: str, actor: Actor) -> PlanView:
        self._become("approve", plan, "ready")
        approval = PlanApproval(plan=plan, user=actor.user, time=self.engine.clock.now())
        return self.put(msgspec.structs.replace(self.kept[plan], approval=approval))

    async def wait(self, plan: str) -> PlanView:
        return self.get(plan)

    def plans(self) -> tuple[PlanView, ...]:
        return tuple(self.kept.values())

    def get(self, plan: str) -> PlanView:
        if plan not in self.kept:
            raise PlanTrouble("unknown_plan", f"there is no plan {plan}")
        return self.kept[plan]

    async def look(self) -> None:
        return None

    # what a test does

    def put(self, view: PlanView) -> PlanView:
        """Keep a view, and tell of it."""
        self.kept[view.plan.id] = view
        self.engine.tell(PlanChanged(view=view))
        return view

    def _become(self, what: str, plan: str, state: PlanState) -> PlanView:
        self._raise()
        self.asked.append((what, plan))
        return self.put(msgspec.structs.replace(self.get(plan), state=state))

    def _raise(self) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
