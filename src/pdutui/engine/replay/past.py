"""The past up to the moment that is replayed: nobody is told what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from pdutui.backends.base import Unreachable
from pdutui.domain.history import (
    QUARTER_MS,
    HistoryQuery,
    HistoryWindow,
    Mark,
    Moment,
    Points,
    RecordedPdu,
    SeriesInfo,
    step_for,
)
from pdutui.domain.ledger import Ledger
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader


class KeptMoments:
    """The reader's moments for backends, which know no store.

    Args:
        reader: All that was kept.
    """

    def __init__(self, reader: HistoryReader) -> None:
        self._reader = reader

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        """As of the reader. Raises Unreachable where the file cannot be read just now."""
        try:
            return await self._reader.moment(pdu, at_ms, within_ms=within_ms)
        except StoreTrouble as trouble:
            raise Unreachable(trouble.phrase) from trouble


class PastReader:
    """A `HistoryReader` that knows nothing of what comes after a moment.

    Args:
        reader: All that was kept.
        upto_ms: The moment, unix ms, asked anew with every question.
    """

    def __init__(self, reader: HistoryReader, upto_ms: Callable[[], int]) -> None:
        self._reader = reader
        self._upto_ms = upto_ms

    async def pdus(self) -> list[RecordedPdu]:
        """Those that had a past by then."""
        upto = self._upto_ms()
        return [
            msgspec.structs.replace(pdu, newest_ms=min(pdu.newest_ms, upto))
            for pdu in await self._reader.pdus()
            if pdu.oldest_ms <= upto
        ]

    async def series(self, pdu: str) -> list[SeriesInfo]:
        """The lines of a PDU; their names say nothing of what happened."""
        return await self._reader.series(pdu)

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        """Points up to the moment; a step that it is in the middle of is not told."""
        upto = self._upto_ms()
        asked = msgspec.structs.replace(
            query,
            to_ms=max(query.from_ms + 1, min(query.to_ms, upto + 1)),
            step_ms=query.step_ms or step_for(query.to_ms - query.from_ms),
        )
        found = await self._reader.window(asked)
        newest = found.newest_ms
        return msgspec.structs.replace(
            found,
            query=query,
            points={
                key: _upto(points, found.step_ms, upto) for key, points in found.points.items()
            },
            gaps=tuple(gap for gap in found.gaps if gap.to_ms <= upto),
            newest_ms=None if newest is None else min(newest, upto),
        )

    async def marks(self, pdu: str, from_ms: int, to_ms: int, *, limit: int = 1000) -> list[Mark]:
        """What had happened by then."""
        return await self._reader.marks(pdu, from_ms, min(to_ms, self._upto_ms() + 1), limit=limit)

    async def next_mark(self, pdus: Sequence[str], after_ms: int) -> Mark | None:
        """The first thing that happened after a moment, if it had by then."""
        mark = await self._reader.next_mark(pdus, after_ms)
        return mark if mark is not None and mark.ts_ms <= self._upto_ms() else None

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        """The last reading up to `at_ms`, and by then."""
        late = max(0, at_ms - self._upto_ms())
        if within_ms <= late:
            return None
        return await self._reader.moment(pdu, at_ms - late, within_ms=within_ms - late)

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        """The energy up to the last quarter of an hour that was over by then."""
        upto = min(to_ms, self._upto_ms() // QUARTER_MS * QUARTER_MS)
        return await self._reader.used(pdu, from_ms, upto) if upto > from_ms else None


def _upto(points: Points, step_ms: int, upto_ms: int) -> Points:
    """Without steps that end after the moment: rollups know more of those than was known then."""
    whole_ms = step_ms if step_ms > 1000 else 0
    keep = sum(ts + whole_ms <= upto_ms for ts in points.ts_ms)
    if keep == len(points.ts_ms):
        return points
    cut = {name: getattr(points, name)[:keep]
           for name in ("ts_ms", "n", "minimum", "mean", "maximum", "last")}  # fmt: skip
    return msgspec.structs.replace(points, **cut)
