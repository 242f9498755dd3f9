"""The rows of a fleet as they would be in a what-if."""

from __future__ import annotations

from msgspec.structs import replace

from pdutui.domain.fleet import FleetLoad, FleetRow
from pdutui.domain.impact import LEVELS, Level
from pdutui.domain.reading import LoadState
from pdutui.domain.whatif import PartAfter, PduAfter
from pdutui.domain.whatif_text import brief_words

_STATES: dict[Level, LoadState] = {
    "clear": "normal", "unknown": "unknown", "caution": "warning", "danger": "critical",
}  # fmt: skip


def row_after(row: FleetRow, after: PduAfter | None) -> FleetRow:
    """One PDU in a line, as it would be. A figure that is only bounded is left out, not guessed.

    Args:
        row: as it is.
        after: what becomes of it; None: nothing.
    """
    if after is None or (after.fate == "same" and after.source is None):
        return row
    if after.fate in ("lost", "dark"):
        return replace(
            row, estimated=True, dark=True, power_w=0.0, apparent_power_va=None, current_a=0.0,
            percent=0.0, worst=None, outlets_on=0, outlets_off=0, outlets_unknown=0,
            has_ats=False, active=None, redundancy=None, detail=after.why or "is what is lost",
        )  # fmt: skip
    if after.fate in ("unknown", "unsure"):
        return replace(
            row, estimated=True, unsure=True, power_w=None, apparent_power_va=None,
            current_a=None, percent=None, worst=None, active=None, redundancy=None,
            detail=after.why,
        )  # fmt: skip
    changed = replace(row, estimated=True, detail=after.why)
    if after.source is not None:
        other = "B" if after.source == "A" else "A"
        active = other if row.active is not None else None
        changed = replace(changed, active=active, redundancy="lost")
    if after.fate == "same":
        return changed
    cords = [part for part in after.parts if part.kind != "bank"]
    percents = [part.after_percent for part in cords]
    known = [percent for percent in percents if percent is not None]
    share = max(known) if known and len(known) == len(percents) else None
    fullest = next((part for part in cords if part.after_percent == share is not None), None)
    blind = share is None and after.after_w is None
    return replace(
        changed,
        unsure=blind,
        detail=brief_words(after) if blind else after.why,
        power_w=after.after_w,
        apparent_power_va=None,
        current_a=fullest.after_a if fullest is not None else None,
        rating_a=fullest.rating_a if fullest is not None else row.rating_a,
        percent=share,
        worst=_worst(after),
    )


def _worst(after: PduAfter) -> FleetLoad | None:
    part = max(after.parts, key=_badness, default=None)
    if part is None:
        return None
    return FleetLoad(
        name=part.short or part.name,
        current_a=part.after_a,
        rating_a=part.rating_a,
        percent=part.after_percent,
        state=_STATES[part.level],
    )


def _badness(part: PartAfter) -> tuple[int, float]:
    return LEVELS.index(part.level), part.most_percent or 0.0
