"""Where the events screen gets a span of the past from: the history, the alarms, the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from pdutui.domain.history import HOUR_MS
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.screens.events_rows import Happening, merged, of_alarm, of_log, of_mark
from pdutui.screens.port import EnginePort
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader

PAGE = 400
"""Rows of each source that are read at once."""
LOG_LINES = 200
FIRST_MS = HOUR_MS
"""The first page looks so far back; the next ones twice and twice as far while they find little."""
LONGEST_MS = 32 * 24 * HOUR_MS
_EVER = datetime(1970, 1, 2, tzinfo=UTC)


class Page(Struct, frozen=True):
    """What happened in a span of time."""

    rows: list[Happening]
    """Newest first."""
    from_ms: int
    """The span: all that happened from here on is in `rows`."""
    to_ms: int
    oldest_ms: int | None = None
    """The first reading of all; None where there is none."""
    kept: bool = True
    """There is a history; else the rows are the log and the alarms alone."""
    trouble: str = ""
    """Why something is missing, in words."""

    @property
    def last(self) -> bool:
        """Whether nothing is kept of the time before."""
        return self.from_ms <= 0


async def page(
    engine: EnginePort, pdu: str | None, span_ms: int, to_ms: int, oldest_ms: int | None
) -> Page:
    """What happened in a span before a moment, as much of it as can be read at once.

    Args:
        engine: Has it all.
        pdu: Of one PDU alone; None: of all.
        span_ms: How long.
        to_ms: The moment, which is not part of it.
        oldest_ms: As of an earlier page.
    """
    reader, troubles = None, list[str]()
    begin = max(0, to_ms - span_ms)
    marks: list[Happening] = []
    try:
        reader = await engine.history()
        if reader is not None:
            if oldest_ms is None:
                oldest_ms = await _oldest(reader, to_ms)
            if begin < oldest_ms:
                begin = 0  # there are no readings there to be searched: at one go
            found = [of_mark(m) for m in await reader.marks(pdu or "", begin, to_ms, limit=PAGE)]
            marks = found[::-1]
            begin = _whole(marks, begin, PAGE)
    except StoreTrouble as trouble:
        reader = None
        troubles.append(trouble.phrase)
    alarms: list[Happening] = []
    try:
        entries = await engine.alarms.history(
            limit=PAGE, from_time=_time(begin if reader is not None else 0), to_time=_time(to_ms),
            pdu=pdu,
        )  # fmt: skip
        alarms = [row for row in map(of_alarm, entries) if row.ts_ms < to_ms]
        begin = _whole(alarms, begin if reader is not None else 0, PAGE)
    except AlarmTrouble as trouble:
        troubles.append(str(trouble))
    sources: list[Sequence[Happening]] = [marks, alarms]
    if reader is None:
        log = [of_log(line) for line in engine.recent_log(LOG_LINES)]
        sources.append([row for row in log[::-1] if pdu in (None, row.pdu)])
    rows = [row for row in merged(*sources) if begin <= row.ts_ms < to_ms]
    return Page(
        rows=rows,
        from_ms=begin,
        to_ms=to_ms,
        oldest_ms=oldest_ms,
        kept=reader is not None or bool(troubles),
        trouble="; ".join(troubles),
    )


def _whole(rows: Sequence[Happening], begin: int, limit: int) -> int:
    """From when on nothing is missing: the oldest that was read, where there was no room for all.

    Newest first. Of one millisecond some may be missing: it is read again with the next page.
    """
    if len(rows) < limit:
        return begin
    oldest = rows[-1].ts_ms
    return oldest if rows[0].ts_ms == oldest else oldest + 1


async def _oldest(reader: HistoryReader, default: int) -> int:
    """When the first reading of all is from; what happened before can be read at one go."""
    return min((pdu.oldest_ms for pdu in await reader.pdus()), default=default)


def _time(ms: int) -> datetime:
    return _EVER if ms <= 0 else datetime.fromtimestamp(ms / 1000, UTC)
