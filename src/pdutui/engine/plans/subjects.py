"""What a step is about, as it is now, and whether it still is what was agreed to."""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.health import is_stale
from pdutui.domain.plan import PlanStep
from pdutui.engine.subject import subject_of
from pdutui.engine.view import PduView


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The subject of a step by one reading."""

    state: str = "unknown"
    name: str = ""
    label: str = ""
    device: tuple[str | None, ...] = ()
    """Profile, model and serial number."""
    address: str = ""


def seen_of(view: PduView | None, outlet: int, action: Action) -> Seen:
    """What the last reading shows of it; nothing is known without one."""
    reading = view.reading if view is not None else None
    if view is None or reading is None:
        return Seen()
    subject = subject_of(reading, view.info.name, outlet, action)
    return Seen(
        state=subject.state,
        name=subject.name,
        label=subject.label,
        device=(reading.profile, reading.model, reading.serial),
        address=view.info.address,
    )


def other_subject(was: PlanStep, now: Seen) -> str:
    """Why it is not the device or the outlet that was agreed to; empty where it is."""
    pairs = zip(was.device, now.device, strict=False)
    if any(a != b for a, b in pairs if a is not None and b is not None):
        return f"another device answers as {was.pdu} now"
    if was.address != now.address and was.address and now.address:
        return f"{was.pdu} is at {now.address} now, and was at {was.address}"
    if was.name != now.name or was.label != now.label:
        return f"{was.label} is {now.label} now"
    return ""


def step_differs(was: PlanStep, now: PlanStep) -> str:
    """What is not as it was of a step, its state included; empty for nothing."""
    seen = Seen(
        state=now.before, name=now.name, label=now.label, device=now.device, address=now.address
    )
    why = other_subject(was, seen)
    if not why and was.before != seen.state:
        return f"{was.label} was {was.before} and is {seen.state} now"
    return why


Finding = Literal["go", "skip", "changed"]


def compare(step: PlanStep, view: PduView | None) -> tuple[Finding, str]:
    """What to do with a step, by how its outlet is now against how it was agreed to.

    `skip`: it is in the wanted state already. Where that is not known well enough, and where a
    command is pending on the device, the gate is asked, which says why not. Nothing is concluded
    from figures that are stale, or older than a command on the outlet.
    """
    reading = view.reading if view is not None else None
    if view is None or reading is None or is_stale(view.health):
        return "go", ""
    now = seen_of(view, step.outlet, step.action)
    why = other_subject(step, now)
    if why:
        return "changed", why
    if view.settling & {step.outlet, WHOLE_PDU} or view.in_flight.keys() & {step.outlet, WHOLE_PDU}:
        return "go", ""
    part = reading.outlet(step.outlet) if step.outlet != WHOLE_PDU else None
    pending = part is not None and part.pending is not None
    if step.action in ("on", "off") and now.state == step.action and not pending:
        was = "already" if step.before == step.action else f"by now, it was {step.before}"
        return "skip", f"it is {now.state} {was}; nothing was sent"
    if step.before not in ("unknown", now.state):
        text = f"{step.label} was {step.before} when the plan was made and is {now.state} now"
        return "changed", text
    return "go", ""
