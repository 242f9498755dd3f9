"""Alarms as lines of the event log: what is not told there by something else already."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo

from pdutui.domain.alarm import KIND_WORDS, Alarm, AlarmKind, Silence
from pdutui.domain.alarm_watched import Turn
from pdutui.domain.reading import LoadState, Reading
from pdutui.engine.events import Severity

_WATCHED: frozenset[AlarmKind] = frozenset(
    {
        "source_lost", "redundancy_lost", "transfer", "breaker_tripped", "pdu_lost", "sensor",
        "outlet_changed",
    }
)  # fmt: skip
"""The watch and the judge of health say these, from the same readings."""
_SAID: frozenset[LoadState] = frozenset({"warning", "critical", "tripped"})

Note = tuple[Severity, str]


def note_of(turn: Turn, reading: Reading | None, by: str = "", comment: str = "") -> Note | None:
    """A line of the event log, as severity and text; None for what needs none.

    Args:
        turn: what became of an alarm.
        reading: the last of its PDU: a load that the device itself calls bad is told by that.
        by: who did it, where a person did.
        comment: what that person said.
    """
    alarm = turn.alarm
    if turn.change == "acknowledged":
        said = f" ({comment})" if comment else ""
        return "info", f"alarm acknowledged by {by}: {alarm.text}{said}"
    if turn.change == "expired":
        return "info", f"alarm expired: {alarm.text}"
    if turn.again or alarm.kind in _WATCHED or _device_says(alarm, reading):
        return None
    if turn.change in ("raised", "escalated"):
        return alarm.level, alarm.text
    if turn.change == "eased":
        return "info", f"warning only, not critical any more: {alarm.text}"
    return ("info", f"over: {alarm.text}") if turn.change == "over" else None


def _device_says(alarm: Alarm, reading: Reading | None) -> bool:
    if alarm.kind != "overload" or reading is None:
        return False
    parts = (
        *((f"bank.{one.number}", one.state) for one in reading.banks),
        *((f"phase.{one.number}", one.state) for one in reading.phases),
        *((f"inlet.{one.number}", one.state) for one in reading.inlets),
    )
    return any(part == alarm.part and state in _SAID for part, state in parts)


def doubted(alarm: Alarm, outlets: Collection[int]) -> bool:
    """Whether the look at loads after a switch has said the same of one of these outlets."""
    return alarm.kind == "outlet_no_load" and alarm.part.removeprefix("outlet.") in map(
        str, outlets
    )


def silence_words(silence: Silence, zone: tzinfo) -> str:
    """`rack1-*, near overload of bank.1: silenced until Sat 14:02 by alice (works)`."""
    what = "" if silence.kind is None else f", {KIND_WORDS[silence.kind]}"
    part = f" of {silence.part}" if silence.part else ""
    until = silence.until.astimezone(zone)
    said = f" ({silence.comment})" if silence.comment else ""
    pdu = "all PDUs" if silence.pdu == "*" else silence.pdu
    return f"{pdu}{what}{part}: silenced until {until:%a %d %b %H:%M} by {silence.by}{said}"
