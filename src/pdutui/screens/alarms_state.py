"""What the alarms screen is asked to show, and what of alarms fits it. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pdutui.domain.alarm import KIND_WORDS, MOMENTARY, Alarm, AlarmEntry

Only = Literal["", "warning", "critical"]
Condition = Literal["active", "over", "unknown"]


class Wanted(Struct, frozen=True):
    """Which alarms are to be shown."""

    only: Only = ""
    """`warning`: of alarms that stand, those that ask for attention; in the history all."""
    pdu: str | None = None
    text: str = ""

    @property
    def some(self) -> bool:
        """Whether anything is left out."""
        return self != Wanted()


def fits(alarm: Alarm, wanted: Wanted) -> bool:
    """Whether an alarm that stands is to be shown."""
    if wanted.only == "critical" and alarm.level != "critical":
        return False
    if wanted.only == "warning" and not alarm.loud:
        return False
    return wanted.pdu in (None, alarm.pdu) and has_text(alarm, wanted.text)


def entry_fits(entry: AlarmEntry, wanted: Wanted) -> bool:
    """Whether a line of the history is to be shown."""
    alarm = entry.alarm
    if wanted.only == "critical" and alarm.level != "critical":
        return False
    if wanted.pdu not in (None, alarm.pdu):
        return False
    more = (entry.change, entry.by, entry.comment)
    return has_text(alarm, wanted.text, *more)


def has_text(alarm: Alarm, text: str, *more: str) -> bool:
    """Whether every word of a text is in what an alarm says."""
    words = text.casefold().split()
    if not words:
        return True
    ack = (alarm.ack.by, alarm.ack.comment) if alarm.ack is not None else ()
    said = (alarm.pdu, alarm.text, KIND_WORDS[alarm.kind], part_words(alarm.part), alarm.rule,
            alarm.level, condition(alarm), *ack, *more)  # fmt: skip
    whole = "\n".join(said).casefold()
    return all(word in whole for word in words)


def condition(alarm: Alarm) -> Condition:
    """Whether what it tells of still holds, as far as that is known."""
    if alarm.over is not None:
        return "over"
    return "active" if alarm.known else "unknown"


def is_another(was: Alarm, now: Alarm) -> bool:
    """Whether an alarm is not what somebody has seen any more: worse, told anew, happened again."""
    worse = now.level == "critical" and was.level != "critical"
    return worse or now.since != was.since or (now.kind in MOMENTARY and now.times != was.times)


def part_words(part: str) -> str:
    """`bank 1` of `bank.1`, `sensor Env 1 temperature` of `sensor.Env 1.temperature`."""
    return part.replace(".", " ")


def outlet_of(alarm: Alarm) -> int | None:
    """The number of the outlet that it is about; None for another part."""
    kind, _, number = alarm.part.partition(".")
    return int(number) if kind == "outlet" and number.isdecimal() else None
