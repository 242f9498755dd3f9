"""What happened up to a moment: the lines of the event log, and the next one and the one before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import get_args

from pdutui.backends.replay.backend import Then
from pdutui.domain.health import RecordedHealth
from pdutui.domain.history import Mark
from pdutui.engine.events import Logged
from pdutui.engine.replay.times import time_of
from pdutui.store.port import HistoryReader

AHEAD_MS = 1_800_000
"""So much of what comes is read at once."""
_KEPT = 300
"""Lines from before the moment that are read."""
_MOST = 5000
_PAGE = 500
_HEALTHS: frozenset[str] = frozenset(
    word for part in get_args(RecordedHealth) for word in (get_args(part) or (part,))
)


class PastStory:
    """The marks around a moment, in memory.

    Args:
        reader: All that was kept.
        pdus: Whose marks count; those of no PDU do too.
    """

    def __init__(self, reader: HistoryReader, pdus: Collection[str]) -> None:
        self._reader = reader
        self._whose = frozenset((*pdus, ""))
        self._marks: list[Mark] = []
        self._times: list[int] = []
        self._from_ms = self._to_ms = 0

    def covers(self, at_ms: int) -> bool:
        """Whether what happened up to this moment is in memory."""
        return self._from_ms <= at_ms < self._to_ms

    async def load(self, at_ms: int) -> None:
        """Read what is around a moment. Raises StoreTrouble where that does not work."""
        before = await self._reader.marks("", 0, at_ms + 1, limit=_KEPT)
        after = await self._reader.marks("", at_ms + 1, at_ms + AHEAD_MS, limit=_MOST)
        self._marks = [mark for mark in (*before, *after) if mark.pdu in self._whose]
        self._times = [mark.ts_ms for mark in self._marks]
        self._from_ms, self._to_ms = at_ms, at_ms + AHEAD_MS

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

    async def next(self, at_ms: int) -> Mark | None:
        """The first mark after a moment."""
        return await self._reader.next_mark(tuple(sorted(self._whose - {""})), at_ms)

    async def previous(self, at_ms: int) -> Mark | None:
        """The last mark before a moment."""
        before = at_ms
        while True:
            page = await self._reader.marks("", 0, before, limit=_PAGE)
            mine = [mark for mark in page if mark.pdu in self._whose and mark.pdu]
            if mine:
                return mine[-1]
            if not page or page[0].ts_ms >= before:
                return None
            before = page[0].ts_ms


def _line(mark: Mark) -> Logged:
    return Logged(time=time_of(mark.ts_ms), pdu=mark.pdu, severity=mark.level, text=mark.text)


def health_of(mark: Mark) -> Then | None:
    """What a mark of health says; None if it is of no word that is known."""
    word, _, detail = mark.text.partition(": ")
    return Then(word, detail) if word in _HEALTHS else None  # type: ignore[arg-type]
