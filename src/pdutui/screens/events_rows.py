"""What happened, as rows of one time line: made from marks, the log and the alarm history. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct

from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.history import Level, Mark
from pdutui.engine.events import Logged

EventKind = Literal["alarm", "trap", "health", "command", "transfer", "identity", "event"]
KINDS: tuple[EventKind, ...] = get_args(EventKind)
KIND_NAMES: dict[EventKind, str] = {
    "alarm": "alarms",
    "trap": "traps",
    "health": "health",
    "command": "commands",
    "transfer": "transfers",
    "identity": "other devices and firmware",
    "event": "other events",
}
ECHO_MS = 6000
"""So much earlier or later at most the log says the same as an alarm."""
_RANKS: dict[Level, int] = {"info": 0, "warning": 1, "critical": 2}


class Happening(Struct, frozen=True):
    """A row."""

    ts_ms: int
    pdu: str
    """Empty for what concerns no PDU of its own."""
    kind: EventKind
    level: Level
    text: str
    part: str = ""
    """What part of the PDU it is about, as series begin; empty for the whole, or not known."""
    id: str = ""
    """Of the alarm."""


class Wanted(Struct, frozen=True):
    """Which rows are to be shown."""

    least: Level = "info"
    """This level and worse."""
    kind: EventKind | None = None
    pdu: str | None = None
    text: str = ""

    @property
    def some(self) -> bool:
        """Whether anything is left out."""
        return self != Wanted()

    def fits(self, row: Happening) -> bool:
        """Whether a row is to be shown."""
        if _RANKS[row.level] < _RANKS[self.least]:
            return False
        if self.kind not in (None, row.kind) or self.pdu not in (None, row.pdu):
            return False
        words = self.text.casefold().split()
        if not words:
            return True
        said = f"{row.pdu}\n{row.text}\n{row.kind}\n{row.level}\n{row.part}".casefold()
        return all(word in said for word in words)


def of_mark(mark: Mark) -> Happening:
    """A mark of the history. What the log calls an alarm is no alarm of the list: an event."""
    kind: EventKind = "event" if mark.kind == "alarm" else mark.kind
    if mark.trap:
        kind = "trap"
    return Happening(mark.ts_ms, mark.pdu, kind, mark.level, mark.text)


def of_log(line: Logged) -> Happening:
    """A line of the log that is not in the history, or not yet."""
    ts_ms = round(line.time.timestamp() * 1000)
    return Happening(ts_ms, line.pdu, "trap" if line.trap else "event", line.severity, line.text)


def of_alarm(entry: AlarmEntry) -> Happening:
    """What became of an alarm: that first, as in the log, since the end of a line may be cut."""
    alarm = entry.alarm
    new = entry.change in ("raised", "escalated")
    level: Level = alarm.level if new else ("warning" if entry.change == "eased" else "info")
    by = f" by {entry.by}" if entry.by else ""
    comment = f" ({entry.comment})" if entry.comment else ""
    said = "" if entry.change == "raised" else f"{entry.change}{by}: "
    text = f"{said}{alarm.text}{comment}"
    return Happening(
        round(entry.time.timestamp() * 1000), alarm.pdu, "alarm", level, text, alarm.part, alarm.id
    )


def merged(*sources: Sequence[Happening]) -> list[Happening]:
    """All rows, newest first, each thing once.

    What the log says of an alarm within some seconds, in the same words, is its echo.

    Args:
        sources: Each newest first; rows of one moment keep the order that they have.
    """
    # By way of a dictionary: a set would put rows of one moment into another order each time.
    found = dict.fromkeys(row for source in sources for row in reversed(source))
    rows = sorted(found, key=lambda row: row.ts_ms)
    alarms = [row for row in rows if row.kind == "alarm"]
    times = [row.ts_ms for row in alarms]
    kept = [row for row in rows if row.kind != "event" or not _echo(row, alarms, times)]
    return kept[::-1]


def _echo(row: Happening, alarms: Sequence[Happening], times: Sequence[int]) -> bool:
    first = bisect_left(times, row.ts_ms - ECHO_MS)
    last = bisect_right(times, row.ts_ms + ECHO_MS)
    said = row.text.casefold()
    return any(
        alarm.pdu == row.pdu and (alarm.text.casefold() in said or said in alarm.text.casefold())
        for alarm in alarms[first:last]
    )
