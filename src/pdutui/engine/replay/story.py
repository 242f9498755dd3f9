"""What happened up to a moment: the lines of the event log, and the next one and the one before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import get_args

from pdutui.backends.replay.backend import Then
from pdutui.domain.health import STARTED, RecordedHealth
from pdutui.domain.history import DAY_MS, HOUR_MS, Mark
from pdutui.engine.events import Logged
from pdutui.engine.replay.times import time_of
from pdutui.store.port import HistoryReader

AHEAD_MS = 1_800_000
"""So much of what comes is read at once."""
FIRST_BACK_MS = 6 * HOUR_MS
"""So far back is looked at first; four times as far as long as that is not enough."""
_WANTED = 32
"""Lines from before the moment that are wanted."""
_MOST = 5000
_BEGUN = f"connecting: {STARTED}"
"""How a run of pdutui begins in the history."""
_HEALTHS: frozenset[str] = frozenset(
    word for part in get_args(RecordedHealth) for word in (get_args(part) or (part,))
)


class PastStory:
    """The marks around a moment, in memory.

    Args:
        reader: All that was kept.
        pdus: Whose marks count; those of no PDU do too.
        first_ms: The first reading of all; not much happened before.
    """

    def __init__(self, reader: HistoryReader, pdus: Collection[str], first_ms: int) -> None:
        self._reader = reader
        self._pdus = tuple(sorted(pdus))
        self._whose = frozenset((*pdus, ""))
        self._first_ms = first_ms
        self._marks: list[Mark] = []
        self._times: list[int] = []
        self._from_ms = self._to_ms = 0

    def covers(self, at_ms: int) -> bool:
        """Whether what happened up to this moment is in memory."""
        return self._from_ms <= at_ms < self._to_ms

    async def load(self, at_ms: int) -> None:
        """Read what is around a moment. Raises StoreTrouble where that does not work."""
        before = await self._before(at_ms + 1, _WANTED, self._whose)
        after = await self._reader.marks("", at_ms + 1, at_ms + AHEAD_MS, limit=_MOST)
        self._marks = [mark for mark in (*before, *after) if mark.pdu in self._whose]
        self._times = [mark.ts_ms for mark in self._marks]
        self._from_ms, self._to_ms = at_ms, at_ms + AHEAD_MS

    async def _before(self, end_ms: int, wanted: int, whose: Collection[str]) -> list[Mark]:
        """At least so many of the last marks before a moment, if there are so many; in order."""
        oldest_ms = self._first_ms - DAY_MS
        found: list[Mark] = []
        length_ms = FIRST_BACK_MS
        while end_ms > oldest_ms and len(found) < wanted:
            begin_ms = max(oldest_ms, end_ms - length_ms)
            page = await self._reader.marks("", begin_ms, end_ms, limit=_MOST)
            if len(page) == _MOST:  # these are the last ones of it
                begin_ms = page[0].ts_ms
            found = [mark for mark in page if mark.pdu in whose] + found
            end_ms, length_ms = begin_ms, 4 * length_ms
        return found

    def lines(self, limit: int, at_ms: int) -> list[Logged]:
        """The newest lines of the event log as it was at a moment, oldest first."""
        known = bisect_right(self._times, at_ms)
        return [_line(mark) for mark in self._marks[max(0, known - limit) : known]]

    def then(self, pdu: str, at_ms: int) -> Then | None:
        """The last that was written down of a PDU's health up to a moment, if that is in memory."""
        for mark in reversed(self._marks[: bisect_right(self._times, at_ms)]):
            if mark.kind == "health" and mark.pdu == pdu:
                return health_of(mark)
        return None

    def run(self, at_ms: int) -> tuple[int, int]:
        """The run of pdutui that a moment is in, as far as that is in memory: from, to."""
        begun = [mark.ts_ms for mark in self._marks if mark.text == _BEGUN]
        place = bisect_right(begun, at_ms)
        begin = begun[place - 1] if place else 0
        return begin, begun[place] if place < len(begun) else self._to_ms

    async def next(self, at_ms: int) -> Mark | None:
        """The first mark after a moment."""
        return await self._reader.next_mark(self._pdus, at_ms)

    async def previous(self, at_ms: int) -> Mark | None:
        """The last mark before a moment."""
        found = await self._before(at_ms, 1, self._pdus)
        return found[-1] if found else None


def _line(mark: Mark) -> Logged:
    return Logged(time=time_of(mark.ts_ms), pdu=mark.pdu, severity=mark.level, text=mark.text)


def health_of(mark: Mark) -> Then | None:
    """What a mark of health says; None if it is of no word that is known."""
    word, _, detail = mark.text.partition(": ")
    return Then(word, detail) if word in _HEALTHS else None  # type: ignore[arg-type]
