"""Several steps of a plan on one outlet: off, and on again once everything else is off too.

Each has to change what the one before it leaves. So it is known beforehand what the outlet will be
when the turn of a later step comes, and that is what the step is frozen with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdutui.domain.commands import Action
from pdutui.domain.plan import Plan, PlanStep, StepProgress

Spot = tuple[str, int]
"""PDU and outlet."""

_LEAVES: Mapping[Action, str] = {"on": "on", "off": "off", "reboot": "on"}
_AFTER: Mapping[Action, tuple[Action, ...]] = {
    "on": ("off", "reboot"), "off": ("on", "reboot"), "reboot": ("off",),
}  # fmt: skip
"""What may follow. What is delayed comes when the plan may be over: nothing follows that."""


def left_by(action: Action) -> str:
    """The state in which an action leaves an outlet; `unknown` for what comes later, or nothing."""
    return _LEAVES.get(action, "unknown")


def cannot_follow(earlier: Action, later: Action) -> str:
    """Why one step cannot come after another on the same outlet; empty where it can."""
    fit = _AFTER.get(earlier, ())
    if later in fit:
        return ""
    said, then = (action.replace("_", " ") for action in (earlier, later))
    if later == earlier:
        return f"{said}, and {then} again"
    if not fit:
        return f"nothing can follow {said} in one plan"
    return f"after {said} comes {' or '.join(fit)}, and not {then}"


def in_doubt(plan: Plan, steps: Sequence[StepProgress], at: int) -> bool:
    """Whether the step before on the same outlet was sent and not seen to its end.

    A slow relay may still go off when the turn of "on" comes: the outlet is on then, and will not
    stay so.
    """
    spot = plan.steps[at].pdu, plan.steps[at].outlet
    before = [n for n, step in enumerate(plan.steps[:at]) if (step.pdu, step.outlet) == spot]
    return bool(before) and steps[before[-1]].status in ("unconfirmed", "contradicted", "unknown")


def later_ones(steps: Sequence[PlanStep]) -> frozenset[int]:
    """The places of steps that are not the first on their outlet."""
    seen: set[Spot] = set()
    found: set[int] = set()
    for place, step in enumerate(steps):
        spot = step.pdu, step.outlet
        if spot in seen:
            found.add(place)
        seen.add(spot)
    return frozenset(found)
