"""When a name has to be typed before a command, and why."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.impact import Impact
from pdutui.domain.reading import Reading
from pdutui.domain.roles import Role
from pdutui.engine.labels import outlet_label
from pdutui.engine.policy import ALLOWED, Rule, Ruling
from pdutui.engine.policy_reason import HARMLESS
from pdutui.engine.subject import is_preference, source_of
from pdutui.settings import ControlSettings, PduSettings


class NameWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A name has to be typed."""

    rule: Rule
    """What refuses without it: `protected`, `dangerous`, `outside_window`; the first that does."""
    why: str
    """All reasons, `outlet 1 san is protected`."""
    ask: str
    """`type its name`, `type the PDU's name`."""

    @property
    def text(self) -> str:
        """`outlet 1 san is protected: type its name`."""
        return f"{self.why}: {self.ask}"

    def refused(self, typed: str | None) -> Ruling:
        """The ruling when it was not typed, or not right."""
        given = "not typed" if typed is None else "typed wrong"
        whose = self.ask.removeprefix("type ").partition(" name")[0]
        return Ruling(rule=self.rule, reason=f"{self.why} and {whose} name was {given}")

    def late(self) -> Ruling:
        """The ruling when it was not asked for, and would be by now."""
        return Ruling(rule=self.rule, reason=f"{self.why}: this was not so when it was asked for")


def name_wanted(
    pdu: PduSettings,
    reading: Reading | None,
    number: int,
    action: Action,
    *,
    impact: Impact | None = None,
    outside: str = "",
) -> NameWanted | None:
    """Why a name has to be typed before a command; None where none has.

    A protected outlet, all outlets at once, a source that is not known to be sound, what is
    dangerous by the preview, and switching outside of the maintenance windows want one.

    Args:
        pdu: what is configured.
        reading: the last one, as it is shown.
        number: the outlet; `WHOLE_PDU` for an action on all of it.
        action: what is asked for.
        impact: what it will do, where that is known.
        outside: why the windows forbid it, for somebody who may all the same; empty: they do not.
    """
    reasons: list[tuple[Rule, str]] = []
    shielded = _shielded(pdu, reading, number, action)
    if shielded:
        reasons.append(("protected", shielded))
    if impact is not None and impact.danger:
        lines = (line.text for line in impact.lines if line.level == "danger")
        reasons.append(("dangerous", next(lines, "this is dangerous")))
    if outside:
        reasons.append(("outside_window", outside))
    if not reasons:
        return None
    whose = "the PDU's name" if number == WHOLE_PDU else "its name"
    unsound = is_preference(action) and bool(shielded)
    return NameWanted(
        rule=reasons[0][0],
        why="; ".join(why for _, why in reasons),
        ask=f"type {whose}, {pdu.name}" if unsound else f"type {whose}",
    )


def window_ruling(
    control: ControlSettings, role: Role, action: Action, closed_because: str
) -> tuple[Ruling, str]:
    """What a closed window means for a command: a refusal, or a reason to type a name.

    Args:
        control: says which.
        role: of who asks; an admin may always type the name.
        action: what is asked for.
        closed_because: why, for people; empty where a window is open or none is configured.
    """
    if not closed_because or action in HARMLESS:
        return ALLOWED, ""
    if control.outside_window == "name" or role == "admin":
        return ALLOWED, closed_because
    return Ruling(rule="outside_window", reason=closed_because), ""


def _shielded(pdu: PduSettings, reading: Reading | None, number: int, action: Action) -> str:
    if action == "identify":
        return ""
    if is_preference(action):
        return _unsound(reading, action)
    if action == "all_cancel":
        outlets = reading.outlets if reading is not None else ()
        shielded = any(o.switchable and o.number in pdu.protected for o in outlets)
        return "a protected outlet is among them" if shielded else ""
    if number == WHOLE_PDU:
        return f"this is every outlet of {pdu.name}"
    if number not in pdu.protected:
        return ""
    part = reading.outlet(number) if reading is not None else None
    label = outlet_label(number, part.name if part else "", part.label if part else None)
    return f"{label} is protected"


def _unsound(reading: Reading | None, action: Action) -> str:
    source, ats = source_of(action), reading.ats if reading is not None else None
    if source is None or ats is None or ats.active == source:
        return ""
    state = next((one.state for one in ats.sources if one.id == source), "unknown")
    if state == "normal":
        return ""
    shown = "is not known to be normal" if state == "unknown" else f"is {state.replace('_', ' ')}"
    return f"source {source} {shown}"
