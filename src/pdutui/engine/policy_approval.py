"""Which commands a second person has to agree to, and who says that one has."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from pdutui.domain.commands import WHOLE_PDU, Intent
from pdutui.domain.impact import Impact
from pdutui.domain.reading import Reading
from pdutui.engine.groups import resolve
from pdutui.engine.policy_reason import HARMLESS
from pdutui.engine.selector import SelectorError
from pdutui.engine.subject import is_preference
from pdutui.settings import PduSettings, Settings


class Approvals(Protocol):
    """Knows what was approved. The gate asks it for every command, whatever a screen believes."""

    def approved(self, intent: Intent) -> str | None:
        """Who approved the plan that the intent is a step of, while that still holds.

        None where nobody has, where it has expired, and where the intent is not the step that was
        approved: the same outlet, the same action.
        """
        ...

    def under_way(self, intent: Intent) -> bool:
        """Whether an intent is the very step that a plan which runs has come to.

        That it carries a plan's id proves nothing: anybody can write one into an intent. For one
        without an id of its own, which is but a question, whether the plan runs here.
        """
        ...


def approval_needed(
    settings: Settings,
    pdu: PduSettings,
    reading: Reading | None,
    intent: Intent,
    impact: Impact | None,
) -> str:
    """Why a second person has to agree to a command; empty where none has.

    What cannot be told, such as a group whose members cannot be found now, needs one.
    """
    if intent.action in HARMLESS:
        return ""
    for needed in settings.control.approval.needed:
        why = _fits(needed, settings, pdu, reading, intent, impact)
        if why:
            return f"{why} needs the approval of a second person"
    return ""


def _fits(
    needed: str,
    settings: Settings,
    pdu: PduSettings,
    reading: Reading | None,
    intent: Intent,
    impact: Impact | None,
) -> str:
    """What it is that the word fits; empty if it does not."""
    kind, _, name = needed.partition(":")
    about = () if is_preference(intent.action) else _outlets(pdu, reading, intent.outlet)
    if kind == "pdu":
        return intent.pdu if fnmatchcase(intent.pdu, name) else ""
    if kind == "group":
        return f"group {name}" if _in_group(name, settings, pdu, reading, intent) else ""
    if needed == "all":
        return "every command"
    if needed == "plans":
        return "a plan" if intent.plan is not None else ""
    if needed == "whole_pdu":
        return "a command on the whole PDU" if intent.outlet == WHOLE_PDU else ""
    if needed == "protected":
        return "a protected outlet" if any(n in pdu.protected for n in about) else ""
    if needed == "critical":
        return "a critical device" if _critical(settings, pdu, about, impact) else ""
    if needed == "danger":
        return "what is dangerous" if impact is not None and impact.danger else ""
    return f"what the policy calls {needed}, which this version does not know,"


def _outlets(pdu: PduSettings, reading: Reading | None, outlet: int) -> Sequence[int]:
    if outlet != WHOLE_PDU:
        return (outlet,)
    if reading is None:
        return (*pdu.protected, *pdu.outlets)
    return tuple(part.number for part in reading.outlets if part.switchable)


def _critical(
    settings: Settings, pdu: PduSettings, outlets: Sequence[int], impact: Impact | None
) -> bool:
    marked = any(pdu.outlets[n].critical for n in outlets if n in pdu.outlets)
    cords = settings.cords
    mapped = any(c.critical for c in cords if c.pdu == pdu.name and c.outlet in outlets)
    named = impact is not None and any(device.critical for device in impact.devices)
    return marked or mapped or named


def _in_group(
    name: str, settings: Settings, pdu: PduSettings, reading: Reading | None, intent: Intent
) -> bool:
    """Whether an outlet that it is about is in a group; True where that cannot be told."""
    numbers = _outlets(pdu, reading, intent.outlet)
    if any(name in pdu.outlets[n].groups for n in numbers if n in pdu.outlets):
        return True
    group = next((one for one in settings.groups if one.name == name), None)
    members = [one for one in group.members if one.pdu == pdu.name] if group is not None else []
    if intent.outlet == WHOLE_PDU:
        return bool(members)
    try:
        return (pdu.name, intent.outlet) in resolve(members, {pdu.name: reading})
    except SelectorError:
        return True
