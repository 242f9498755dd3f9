"""Several steps of a plan on one outlet: off, and on again once everything else is off too.

Each has to change what the one before it leaves. So it is known beforehand what the outlet will be
when the turn of a later step comes, and that is what the step is frozen with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdutui.domain.commands import Action
from pdutui.domain.plan import PlanStep

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
