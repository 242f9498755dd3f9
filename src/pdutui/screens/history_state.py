"""What the history screen is asked to show, and what every key makes of it. Pure data.

Times are unix milliseconds. A window that reaches the present follows it, until it is moved away.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from pdutui.widgets.chart_model import MOST_LINES

LEAST_SPAN_MS = 30 * SECOND_MS
MOST_SPAN_MS = 60 * DAY_MS
"""The longest window, unless more than that is kept: then all that is kept."""
_CALM = 120
"""A window that follows the present moves on so many times over its span, and not every second:
so a chart stands still, but for its newest column."""
_PACES = (
    SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 10 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS,
    MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS,
    HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS,
)  # fmt: skip
Compare = Literal["none", "day", "week"]
_COMPARE: tuple[Compare, ...] = ("none", "day", "week")
Slots = tuple[str, ...]
"""Series by slot; empty: free."""
NO_SLOTS: Slots = ("",) * MOST_LINES


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be asked of the past for a picture; the same while time passes."""

    pdu: str
    slots: Slots
    span_ms: int
    end_ms: int | None
    """None: the present, and following it."""
    compare: Compare = "none"

    @property
    def keys(self) -> tuple[str, ...]:
        """The series."""
        return tuple(key for key in self.slots if key)

    def window(self, now_ms: int) -> tuple[int, int]:
        """From and to. One that follows the present ends a little after it."""
        if self.end_ms is not None:
            return self.end_ms - self.span_ms, self.end_ms
        pace = pace_of(self.span_ms)
        end = -(-now_ms // pace) * pace
        return end - self.span_ms, end


def pace_of(span_ms: int) -> int:
    """How far a window moves at a time when it follows the present."""
    fitting = [pace for pace in _PACES if pace * _CALM <= span_ms]
    return fitting[-1] if fitting else SECOND_MS


def compare_shift(compare: Compare, at_ms: int, zone: tzinfo) -> int:
    """How long ago it was the same local time of day, a day or a week before `at_ms`.

    Over a change of the clocks that is 23 or 25 hours, where a day is meant.
    """
    if compare == "none":
        return 0
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    before = (at - timedelta(days=1 if compare == "day" else 7)).astimezone(UTC)
    return round((at.astimezone(UTC) - before) / timedelta(milliseconds=1))


class HistoryState(msgspec.Struct, frozen=True, kw_only=True):
    """Series, window, cursor, and what is drawn beside the lines."""

    pdu: str
    slots: Slots = NO_SLOTS
    span_ms: int = HOUR_MS
    end_ms: int | None = None
    cursor_ms: int | None = None
    limits: bool = True
    band: bool = True
    compare: Compare = "none"

    # what it is

    @property
    def question(self) -> Question:
        """What to ask for."""
        return Question(
            pdu=self.pdu,
            slots=self.slots,
            span_ms=self.span_ms,
            end_ms=self.end_ms,
            compare=self.compare,
        )

    @property
    def live(self) -> bool:
        """Whether it follows the present."""
        return self.end_ms is None

    def window(self, now_ms: int) -> tuple[int, int]:
        """From and to."""
        return self.question.window(now_ms)

    def seen_cursor(self, now_ms: int) -> int | None:
        """The cursor, where it is in the window."""
        begin, end = self.window(now_ms)
        if self.cursor_ms is None or not begin <= self.cursor_ms < end:
            return None
        return self.cursor_ms

    # the window

    def range(self, span_ms: int, now_ms: int) -> HistoryState:
        """So long a window. It ends where it ended, unless the cursor would be out of sight."""
        cursor = self.seen_cursor(now_ms)
        state = msgspec.structs.replace(self, span_ms=span_ms)
        return state if cursor is None else state.put_cursor(cursor, now_ms)

    def everything(self, now_ms: int, oldest_ms: int | None) -> HistoryState:
        """All that is kept, up to now."""
        if oldest_ms is None:
            return self
        span = max(HOUR_MS, now_ms - oldest_ms)
        span = -(-span // MINUTE_MS) * MINUTE_MS
        return msgspec.structs.replace(self, span_ms=span, end_ms=None)

    def zoom(
        self, factor: float, now_ms: int, oldest_ms: int | None, at_ms: int | None = None
    ) -> HistoryState:
        """A shorter (`factor` below 1) or longer window.

        Around `at_ms`, else around the cursor, else around the middle; a window that follows the
        present, and has no cursor, keeps its end.
        """
        begin, end = self.window(now_ms)
        longest = MOST_SPAN_MS if oldest_ms is None else max(MOST_SPAN_MS, now_ms - oldest_ms)
        span = round(min(longest, max(LEAST_SPAN_MS, self.span_ms * factor)))
        anchor = at_ms if at_ms is not None else self.seen_cursor(now_ms)
        if anchor is None:
            anchor = end if self.live else (begin + end) // 2
        share = (anchor - begin) / (end - begin)
        new_end = round(anchor - share * span) + span
        # What misses the present by less than a column is meant to follow it.
        ending = None if new_end >= now_ms - pace_of(span) else new_end
        return msgspec.structs.replace(self, span_ms=span, end_ms=ending)

    def pan(self, part: float, now_ms: int, oldest_ms: int | None) -> HistoryState:
        """Move the window by a part of itself; not beyond the present, where it follows again."""
        _, end = self.window(now_ms)
        new_end = end + round(part * self.span_ms)
        if oldest_ms is not None and part < 0:
            # A little of what there is stays in sight.
            new_end = max(new_end, min(end, oldest_ms + self.span_ms // 4))
        return msgspec.structs.replace(self, end_ms=None if new_end >= now_ms else new_end)

    def between(self, from_ms: int, to_ms: int) -> HistoryState:
        """A window of one's own, in the past."""
        return msgspec.structs.replace(self, span_ms=to_ms - from_ms, end_ms=to_ms, cursor_ms=None)

    def since(self, from_ms: int, now_ms: int) -> HistoryState:
        """So long a window that it reaches back to `from_ms`, following the present."""
        span = max(LEAST_SPAN_MS, now_ms - from_ms)
        return msgspec.structs.replace(self, span_ms=span, end_ms=None, cursor_ms=None)

    def follow(self) -> HistoryState:
        """Back to the present; the cursor is let go of."""
        return msgspec.structs.replace(self, end_ms=None, cursor_ms=None)

    # the cursor

    def put_cursor(self, at_ms: int, now_ms: int) -> HistoryState:
        """Put the cursor on a moment; the window moves there if it is elsewhere."""
        state = msgspec.structs.replace(self, cursor_ms=at_ms)
        if state.seen_cursor(now_ms) is not None:
            return state
        new_end = at_ms + self.span_ms // 2
        return msgspec.structs.replace(state, end_ms=None if new_end >= now_ms else new_end)

    def step_cursor(
        self, by: int, columns: int, now_ms: int, oldest_ms: int | None
    ) -> HistoryState:
        """Move the cursor by so many of the chart's columns; at an edge the window moves on.

        The first step puts it on the newest column.
        """
        begin, end = self.window(now_ms)
        width = max(1, columns)
        span = end - begin
        newest = min(width - 1, max(0, (now_ms - begin) * width // span))
        cursor = self.seen_cursor(now_ms)
        place = newest if cursor is None else (cursor - begin) * width // span + by
        if 0 <= place <= newest:
            at = begin + (2 * place + 1) * span // (2 * width)
            return msgspec.structs.replace(self, cursor_ms=min(at, now_ms))
        if place > newest and self.live:
            return self
        moved = self.pan(-0.5 if place < 0 else 0.5, now_ms, oldest_ms)
        if moved.window(now_ms) == (begin, end):
            return self
        at = begin + (2 * place + 1) * span // (2 * width)
        return moved.put_cursor(min(at, now_ms), now_ms)

    def edge(self, way: int, columns: int, now_ms: int) -> HistoryState:
        """The cursor on the first column (-1), or on the newest of the window (1)."""
        begin, end = self.window(now_ms)
        width, span = max(1, columns), end - begin
        place = 0 if way < 0 else min(width - 1, max(0, (now_ms - begin) * width // span))
        at = begin + (2 * place + 1) * span // (2 * width)
        return msgspec.structs.replace(self, cursor_ms=min(at, now_ms))

    # what is in it

    def toggle(self, key: str) -> tuple[HistoryState, str]:
        """A series in or out, and why not where there is no slot free; else no words."""
        slots = list(self.slots)
        if key in slots:
            slots[slots.index(key)] = ""
        elif "" in slots:
            slots[slots.index("")] = key
        else:
            return self, f"No more than {MOST_LINES} series at once: take one out first"
        return msgspec.structs.replace(self, slots=tuple(slots)), ""

    def with_slots(self, slots: Slots) -> HistoryState:
        """Other series."""
        return msgspec.structs.replace(self, slots=slots)

    def of_pdu(self, pdu: str, there: Collection[str]) -> HistoryState:
        """Another PDU: the window stays, and so do the series that exist there."""
        slots = tuple(key if key in there else "" for key in self.slots)
        return msgspec.structs.replace(self, pdu=pdu, slots=slots)

    def next_compare(self) -> HistoryState:
        """None, the day before, the week before, none."""
        place = (_COMPARE.index(self.compare) + 1) % len(_COMPARE)
        return msgspec.structs.replace(self, compare=_COMPARE[place])

    def toggle_limits(self) -> HistoryState:
        """Thresholds on or off."""
        return msgspec.structs.replace(self, limits=not self.limits)

    def toggle_band(self) -> HistoryState:
        """Min and max on or off."""
        return msgspec.structs.replace(self, band=not self.band)
