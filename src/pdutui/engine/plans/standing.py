"""How a plan stands, from its files, the time and who looks at it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pdutui.domain.plan import PlanState, PlanView, StepProgress
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
    if standing == "running" and alive:
        return "running"
    if standing in ("running", "paused", "stopped") and now > (good_until(loaded) or now):
        return "expired"
    return "paused" if standing == "running" else standing


def good_until(loaded: Loaded) -> datetime | None:
    """Until when a plan that a second person agreed to may be started, or gone on with.

    As long after its last step as it had to be approved and started: who agreed to it agreed to
    what the rack was then, and an approval is not to be kept in stock by starting it and pausing.
    None: no matter when.
    """
    plan, worked = loaded.plan, loaded.progress.worked
    if plan.expires is None or worked is None:
        return plan.expires
    return max(plan.expires, worked + (plan.expires - plan.created))


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
        stood = progress.started is not None
        detail = "approved, and it stood for too long" if stood else f"{approved} in time"
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
    expired = good_until(loaded)
    return expired if state == "expired" and expired is not None else loaded.progress.since


def in_order(views: list[PlanView]) -> tuple[PlanView, ...]:
    """Those that run first, then those that wait, then what is over; the newest first in each."""
    newest = sorted(views, key=lambda view: view.plan.created, reverse=True)
    return tuple(sorted(newest, key=lambda view: _ORDER.get(view.state, 2)))
