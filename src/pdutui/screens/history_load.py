"""From a question to a picture: the queries of the history screen, and how a live one grows.

A picture that follows the present is asked for whole once; from then on only its newest steps are
asked for again, whatever its span, and laid in place of what was known of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from datetime import tzinfo

import msgspec

from pdutui.domain.history import (
    MINUTE_MS,
    SECOND_MS,
    Gap,
    HistoryQuery,
    HistoryWindow,
    Mark,
    Points,
    SeriesInfo,
    step_for,
)
from pdutui.screens.history_state import Question, compare_shift
from pdutui.store.port import HistoryReader

WHOLE_AGAIN_MS = 10 * MINUTE_MS
"""A live picture is asked for whole now and then, for what came in late."""
MARKS_AGAIN_MS = 2 * MINUTE_MS
"""Marks so new are asked for again: how a command ended is written after it began."""
MOST_MARKS = 1000


class NoHistory(Exception):
    """There is nothing to ask; the text is for people."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question, as far as it was known at one moment."""

    question: Question
    from_ms: int
    to_ms: int
    asked_ms: int
    """When it was last brought up to date."""
    whole_ms: int
    """When it was last asked for whole."""
    window: HistoryWindow
    before: HistoryWindow | None = None
    """The window to compare with, at the times that it had."""
    shift_ms: int = 0
    marks: tuple[Mark, ...] = ()

    @property
    def oldest_ms(self) -> int | None:
        """The first reading of all."""
        return self.window.oldest_ms

    @property
    def newest_ms(self) -> int | None:
        """The last reading of all."""
        return self.window.newest_ms


def due_ms(step_ms: int) -> int:
    """How often the newest steps are asked for: every second at 1 s, else every 10 s at most."""
    return min(max(step_ms, SECOND_MS), 10 * SECOND_MS)


class Loader:
    """Asks the reader.

    Args:
        reader: Gives the past, or None where there is none.
        nothing: Says why there is none.
        zone: Where a day before is the same time of day.
    """

    def __init__(
        self,
        reader: Callable[[], Awaitable[HistoryReader | None]],
        nothing: Callable[[], str],
        zone: tzinfo,
    ) -> None:
        self._get_reader, self._nothing, self._zone = reader, nothing, zone

    async def reader(self) -> HistoryReader:
        """The past. Raises NoHistory where there is none."""
        reader = await self._get_reader()
        if reader is None:
            raise NoHistory(self._nothing())
        return reader

    async def series(self, pdu: str) -> list[SeriesInfo]:
        """What lines there are of a PDU. Raises NoHistory, StoreTrouble."""
        return await (await self.reader()).series(pdu)

    async def mark(self, pdu: str, at_ms: int, way: int) -> Mark | None:
        """The first mark after a moment (1), or the last one before it (-1).

        Raises NoHistory, StoreTrouble.
        """
        reader = await self.reader()
        if way > 0:
            return await reader.next_mark((pdu,), at_ms)
        before = await reader.marks(pdu, 0, at_ms, limit=1)
        return before[-1] if before else None

    async def load(self, question: Question, now_ms: int) -> Picture:
        """All of it. Raises NoHistory, StoreTrouble, ValueError."""
        reader = await self.reader()
        from_ms, to_ms = question.window(now_ms)
        query = HistoryQuery(
            pdu=question.pdu, keys=question.keys, from_ms=from_ms, to_ms=min(to_ms, now_ms + 1),
            step_ms=step_for(question.span_ms),
        )  # fmt: skip
        window = await reader.window(query)
        shift = compare_shift(question.compare, to_ms, self._zone)
        return Picture(
            question=question,
            from_ms=from_ms,
            to_ms=to_ms,
            asked_ms=now_ms,
            whole_ms=now_ms,
            window=window,
            before=await self._before(reader, query, to_ms, shift),
            shift_ms=shift,
            marks=tuple(await reader.marks(question.pdu, from_ms, to_ms, limit=MOST_MARKS)),
        )

    async def extend(self, old: Picture, now_ms: int) -> Picture:
        """The same picture now. Raises as `load` does."""
        newest = old.newest_ms
        from_ms, to_ms = old.question.window(now_ms)
        late = now_ms - old.whole_ms >= WHOLE_AGAIN_MS or now_ms < old.asked_ms
        if newest is None or newest < from_ms or late:
            return await self.load(old.question, now_ms)
        reader = await self.reader()
        step = old.window.step_ms
        query = HistoryQuery(
            pdu=old.question.pdu, keys=old.question.keys,
            from_ms=max(from_ms, newest // step * step), to_ms=min(to_ms, now_ms + 1),
            step_ms=step,
        )  # fmt: skip
        tail = await reader.window(query)
        if tail.step_ms != step:
            return await self.load(old.question, now_ms)
        before, shift = old.before, old.shift_ms
        if before is not None and to_ms != old.to_ms:
            shift = compare_shift(old.question.compare, to_ms, self._zone)
            whole = msgspec.structs.replace(query, from_ms=from_ms)
            before = await self._before(reader, whole, to_ms, shift)
        since = max(from_ms, old.asked_ms - MARKS_AGAIN_MS)
        new_marks = await reader.marks(old.question.pdu, since, to_ms, limit=MOST_MARKS)
        marks = [*(m for m in old.marks if from_ms <= m.ts_ms < since), *new_marks]
        return msgspec.structs.replace(
            old,
            from_ms=from_ms,
            to_ms=to_ms,
            asked_ms=now_ms,
            window=spliced(old.window, tail, from_ms, to_ms),
            before=before,
            shift_ms=shift,
            marks=tuple(marks[-MOST_MARKS:]),
        )

    async def _before(
        self, reader: HistoryReader, query: HistoryQuery, to_ms: int, shift_ms: int
    ) -> HistoryWindow | None:
        if not shift_ms:
            return None
        return await reader.window(
            msgspec.structs.replace(query, from_ms=query.from_ms - shift_ms, to_ms=to_ms - shift_ms)
        )


def spliced(old: HistoryWindow, tail: HistoryWindow, from_ms: int, to_ms: int) -> HistoryWindow:
    """What was known, with the newest steps in their places, cut to a window."""
    cut = tail.query.from_ms
    query = msgspec.structs.replace(old.query, from_ms=from_ms, to_ms=to_ms)
    points = {
        key: _joined(known, tail.points[key], from_ms, cut) if key in tail.points else known
        for key, known in old.points.items()
    }
    kept = [Gap(g.from_ms, min(g.to_ms, cut)) for g in old.gaps if g.from_ms < cut]
    gaps = [
        Gap(max(gap.from_ms, from_ms), gap.to_ms)
        for gap in _merged([*kept, *tail.gaps])
        if gap.to_ms > from_ms
    ]
    return HistoryWindow(
        query=query,
        step_ms=old.step_ms,
        points=points,
        gaps=tuple(gaps),
        oldest_ms=tail.oldest_ms,
        newest_ms=tail.newest_ms,
    )


def _joined(old: Points, tail: Points, from_ms: int, cut_ms: int) -> Points:
    first, end = bisect_left(old.ts_ms, from_ms), bisect_left(old.ts_ms, cut_ms)
    return Points(
        key=old.key,
        ts_ms=old.ts_ms[first:end] + tail.ts_ms,
        n=old.n[first:end] + tail.n,
        minimum=old.minimum[first:end] + tail.minimum,
        mean=old.mean[first:end] + tail.mean,
        maximum=old.maximum[first:end] + tail.maximum,
        last=old.last[first:end] + tail.last,
        hold_ms=tail.hold_ms,
    )


def _merged(gaps: list[Gap]) -> list[Gap]:
    """Gaps that touch are one."""
    out: list[Gap] = []
    for gap in sorted(gaps):
        if out and gap.from_ms <= out[-1].to_ms:
            out[-1] = Gap(out[-1].from_ms, max(out[-1].to_ms, gap.to_ms))
        else:
            out.append(gap)
    return out
