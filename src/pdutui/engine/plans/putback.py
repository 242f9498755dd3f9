"""What returns the outlets that a plan has changed to what they were."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pdutui.domain.commands import OutletAction
from pdutui.domain.plan import PlanStep, PlanView, PlanWish, StepProgress
from pdutui.engine.plans.again import Spot

_BACK: dict[str, OutletAction] = {"on": "on", "off": "off"}
_DOUBTFUL = frozenset({"unconfirmed", "contradicted", "unknown", "failed"})
"""Ends after which the outlet may have been switched all the same."""

StateOf = Callable[[str, int], str]
"""The state of an outlet now; `unknown` where that is not known."""


class _Change(msgspec.Struct):
    """What the plan did to one outlet."""

    before: str
    """What it was before the first step that changed it, or may have."""
    step: PlanStep
    """The last that did."""
    after: str = "unknown"
    """What that left; `unknown`: only the outlet itself tells."""


def wishes_back(view: PlanView, state_of: StateOf) -> tuple[PlanWish, ...]:
    """Every outlet to what it was before the plan, the last change first.

    Steps count that were seen to change something. So do those that may have, which nobody saw to
    the end, where the outlet is not what it was now. A reboot leaves an outlet as it was, unless
    it got stuck; what a delayed command does comes after the plan.
    """
    changes: dict[Spot, _Change] = {}
    for step, how in zip(view.plan.steps, view.steps, strict=True):
        after = _left_by(step, how)
        if after is None:
            continue
        spot = step.pdu, step.outlet
        first = changes.pop(spot, None)
        before = how.before if first is None else first.before
        changes[spot] = _Change(before=before, step=step, after=after)
    wishes: list[PlanWish] = []
    for (pdu, outlet), change in reversed(changes.items()):
        after = change.after if change.after != "unknown" else state_of(pdu, outlet)
        back = _BACK.get(change.before)
        if back is not None and after != change.before:
            step = change.step
            wishes.append(
                PlanWish(
                    pdu=pdu, outlet=outlet, action=back, pause_s=step.pause_s, pace=step.pace
                )
            )  # fmt: skip
    return tuple(wishes)


def _left_by(step: PlanStep, how: StepProgress) -> str | None:
    """What a step has left its outlet in, `unknown` where it may have; None: it changed nothing."""
    if step.action not in ("on", "off", "reboot"):
        return None
    if how.status in _DOUBTFUL:
        unsent = how.status == "failed" and how.after == how.before
        return None if unsent else "unknown"
    # A step that was in doubt after a crash and found to have happened is `skipped`; of one that
    # was skipped in the common way, before and after are the same.
    seen = how.status in ("observed", "skipped") and how.before != how.after
    return how.after if seen else None
