"""What returns the outlets that a plan has changed to what they were."""

from __future__ import annotations

from pdutui.domain.commands import OutletAction
from pdutui.domain.plan import PlanView, PlanWish

_BACK: dict[str, OutletAction] = {"on": "on", "off": "off"}


def wishes_back(view: PlanView) -> tuple[PlanWish, ...]:
    """On and off the other way round, the last change first.

    Only steps that were seen to change something count. A reboot leaves the outlet as it was, and
    what a delayed command does comes after the plan.
    """
    wishes: list[PlanWish] = []
    for step, how in zip(reversed(view.plan.steps), reversed(view.steps), strict=True):
        changed = how.status == "observed" and how.before != how.after
        back = _BACK.get(how.before)
        if step.action in ("on", "off") and changed and back is not None:
            wishes.append(
                PlanWish(
                    pdu=step.pdu, outlet=step.outlet, action=back, pause_s=step.pause_s,
                    pace=step.pace,
                )
            )  # fmt: skip
    return tuple(wishes)
