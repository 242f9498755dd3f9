"""How a plan stands, from its files, the time and who looks at it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pdutui.domain.plan import OVER, PlanState, PlanView, StepProgress
from pdutui.engine.plans.record import Loaded, first_of

ENDED = "the program ended while it ran"
"""Of a plan that nobody runs any more and that no line says to stand."""

_ORDER: dict[PlanState, int] = {
    "running": 0, "pausing": 0, "needs_approval": 1, "ready": 1, "paused": 1, "stopped": 1,
}  # fmt: skip


def state_of(loaded: Loaded, now: datetime, *, alive: bool) -> PlanState:
    """Its state.

    Args:
        loaded: the files.
        now: the wall time.
        alive: some program runs it.
    """
    standing, plan = loaded.progress.standing, loaded.plan
    if standing == "fresh":
        if plan.expires is not None and now > plan.expires:
            return "expired"
        return "needs_approval" if plan.needs_approval and not loaded.approvals else "ready"
    if standing == "running":
        return "running" if alive else "paused"
    return standing


def view_of(loaded: Loaded, now: datetime, *, alive: bool, mine: bool) -> PlanView:
    """What people see of it. `alive` and `mine` as in `state_of` and `PlanView`."""
    state = state_of(loaded, now, alive=alive)
    progress = loaded.progress
    detail, steps = progress.detail, progress.steps
    if progress.standing == "running" and not alive:
        detail = ENDED
    if progress.current is not None and not alive:
        steps = _lost(steps, progress.current)
    if state == "expired":
        approved = "approved, and never started" if loaded.approvals else "nobody approved it"
        detail = f"{approved} in time"
    approved_by = first_of(loaded.approvals)
    return PlanView(
        plan=loaded.plan,
        state=state,
        steps=steps,
        detail=detail,
        approval=approved_by.approval if approved_by is not None else None,
        mine=mine,
    )


def _lost(steps: tuple[StepProgress, ...], at: int) -> tuple[StepProgress, ...]:
    lost = msgspec.structs.replace(steps[at], status="unknown", detail=ENDED, after="unknown")
    return (*steps[:at], lost, *steps[at + 1 :])


def over_since(loaded: Loaded, state: PlanState) -> datetime:
    """Since when it has been over, where it is."""
    expired = loaded.plan.expires
    return expired if state == "expired" and expired is not None else loaded.progress.since


def in_order(views: list[PlanView]) -> tuple[PlanView, ...]:
    """Those that run first, then those that wait, then what is over; the newest first in each."""
    newest = sorted(views, key=lambda view: view.plan.created, reverse=True)
    return tuple(sorted(newest, key=lambda view: _ORDER.get(view.state, 2)))


def is_over(view: PlanView) -> bool:
    """Whether nothing more will come of it."""
    return view.state in OVER
