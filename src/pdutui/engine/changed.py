"""Whether the subject of a command still is what it was when it was asked for."""

from __future__ import annotations

from pdutui.domain.commands import WHOLE_PDU
from pdutui.engine.attempt import Asked, Attempt
from pdutui.engine.labels import outlet_name
from pdutui.engine.policy import ALLOWED, Ruling
from pdutui.engine.subject import is_preference


def changed(attempt: Attempt, now: Asked) -> Ruling:
    """The ruling on what is there now, against what whoever asked was looking at.

    Device, name, place and state count; for a transfer switch its sources, for a cancel what is
    pending. An answer to a question about anything else is no answer.
    """
    why = _why(attempt, now)
    return Ruling(rule="changed", reason=why) if why else ALLOWED


def _why(attempt: Attempt, now: Asked) -> str:
    intent, asked = attempt.intent, attempt.asked
    label = asked.label or attempt.subject.label
    other = attempt.pdu.given.since(asked.mark, intent) if attempt.pdu is not None else None
    if other is not None:
        return commanded(label, other.action, other.actor.user)
    if not asked.same_device(now):
        return f"another device answers as {intent.pdu} now"
    if now.name != asked.name:
        return f"{label} is called {outlet_name(intent.outlet, now.name)} now"
    if attempt.before != "unknown" and now.state != attempt.before:
        return moved_since(attempt, label, now.state)
    if now.turns != asked.turns and not is_preference(intent.action):
        return f"{label} was switched and switched back since this was asked for"
    if intent.outlet != WHOLE_PDU and asked.label and now.label != asked.label:
        return f"{asked.label} is {now.label} now"
    if not asked.context or now.context == asked.context:
        return ""
    was, are = ", ".join(asked.context), ", ".join(now.context)
    if intent.outlet == WHOLE_PDU:
        return f"the sources have changed: {was} when asked for; now {are}"
    return f"{label} had {was} pending when asked for and has {are} now"


def commanded(label: str, action: str, user: str) -> str:
    """Somebody else switched it between the question and the answer."""
    doing = action.replace("_", " ")
    return f"{user} has commanded {label} since this was asked for ({doing})"


def moved(attempt: Attempt, after: str) -> str:
    """What the subject is, where it should be what it was."""
    if attempt.intent.outlet != WHOLE_PDU:
        return f"the outlet is {after}, it was {attempt.before}"
    if is_preference(attempt.intent.action):
        return f"source {after} is preferred, it was {attempt.before}"
    return f"the outlets are {after}, they were {attempt.before}"


def moved_since(attempt: Attempt, label: str, now: str) -> str:
    """What the subject is, where it was something else when it was asked for."""
    was, intent = attempt.before, attempt.intent
    if intent.outlet != WHOLE_PDU:
        return f"{label} was {was} when asked for and is {now}"
    if is_preference(intent.action):
        return f"source {was} was preferred when asked for and {now} is now"
    return f"{label} were {was} when asked for and are {now}"
