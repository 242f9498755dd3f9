"""Lost time in a span: what was found while sealing, and what is found in rows not sealed yet."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from pdutui.domain.history import GAP_POLLS, HOUR_MS, Gap
from pdutui.store.hour import SealedRow, gaps_of, sealed_before, typical_ms
from pdutui.store.samples import FOREVER, Past

_ODD = 0.9
"""An hour in ten may have been read more seldom without making the whole span a slow one."""


class Lapses(msgspec.Struct, frozen=True):
    """How a PDU was polled in a span."""

    gaps: tuple[Gap, ...]
    """Oldest first, none beyond the span."""
    interval_ms: int
    """How far apart the polls usually were; 0 if nobody can tell."""


def find_lapses(
    past: Past, from_ms: int, to_ms: int, *, newest_ms: int | None, now_ms: int
) -> Lapses:
    """Look for lost time. In the reader's thread.

    Args:
        past: The PDU.
        from_ms: The span.
        to_ms: Its end, which is not part of it.
        newest_ms: The last poll that is known of.
        now_ms: A silence that goes on ends now, or with the span.
    """
    first, end = from_ms // HOUR_MS, -(-to_ms // HOUR_MS)
    loose = list(past.loose_hours(first * HOUR_MS, end * HOUR_MS))
    # What ends after the span, or began before it, may have lost time in it.
    before, after = past.before(first * HOUR_MS), past.after(end * HOUR_MS)
    if before is not None and _is_loose(past, before // HOUR_MS):
        loose.insert(0, before // HOUR_MS)
    if after is not None and _is_loose(past, after // HOUR_MS):
        loose.append(after // HOUR_MS)
    found, intervals = _in_loose_hours(past, loose)
    if past.known is not None:
        rows = past.conn.execute(
            "SELECT interval_ms FROM sealed WHERE pdu = ? AND hour >= ? AND hour < ?",
            (past.known.id, first, end),
        )
        intervals += [interval for (interval,) in rows]
        found += _stored(past, from_ms, to_ms)
    usual = _usual(past, intervals, end)
    if newest_ms is not None and newest_ms < to_ms:
        until = min(now_ms, to_ms)
        if usual and until - newest_ms > GAP_POLLS * usual:
            found.append(Gap(newest_ms, until))
    inside = (Gap(max(gap.from_ms, from_ms), min(gap.to_ms, to_ms)) for gap in found)
    return Lapses(tuple(sorted({gap for gap in inside if gap.from_ms < gap.to_ms})), usual)


def _is_loose(past: Past, hour: int) -> bool:
    return past.first_loose(hour * HOUR_MS, (hour + 1) * HOUR_MS) is not None


def _usual(past: Past, intervals: list[int], end_hour: int) -> int:
    known = sorted(interval for interval in intervals if interval > 0)
    if known:
        return known[min(len(known) - 1, int(_ODD * len(known)))]
    row = _sealed_before(past, end_hour)
    return 0 if row is None else row.interval_ms


def _sealed_before(past: Past, hour: int) -> SealedRow | None:
    return None if past.known is None else sealed_before(past.conn, past.known.id, hour)


def _in_loose_hours(past: Past, hours: Collection[int]) -> tuple[list[Gap], list[int]]:
    """Gaps that end in hours with rows which are not sealed, and how often they were read."""
    gaps: list[Gap] = []
    intervals: list[int] = []
    last: tuple[SealedRow, int] | None = None
    previous: SealedRow | None
    for hour in hours:
        past.asked.step()
        times = past.loose_times(hour)
        if not times:
            continue
        before: int | None
        if last is not None and last[1] // HOUR_MS == hour - 1:
            previous, before = last
        else:
            before = past.before(hour * HOUR_MS)
            previous = _hour_like(past, before)
        interval = typical_ms(times, before, previous)
        gaps += gaps_of(times, before, interval)
        intervals.append(interval)
        last = (SealedRow(hour, len(times), interval), times[-1])
        gaps += _before_sealed(past, hour, times[-1])
    return gaps, intervals


def _before_sealed(past: Past, hour: int, last: int) -> list[Gap]:
    """Lost time from the last poll of an hour to a sealed one, unknown when that was sealed."""
    after = past.after((hour + 1) * HOUR_MS)
    if after is None or _is_loose(past, after // HOUR_MS):
        return []
    row = _sealed_before(past, after // HOUR_MS + 1)
    longest = GAP_POLLS * row.interval_ms if row is not None else 0
    return [Gap(last, after)] if longest and after - last > longest else []


def _hour_like(past: Past, ts: int | None) -> SealedRow | None:
    """What the hour of a poll was like; None for no poll."""
    if ts is None:
        return None
    hour = ts // HOUR_MS
    if not _is_loose(past, hour):
        return _sealed_before(past, hour + 1)
    times = past.loose_times(hour)
    return SealedRow(hour, len(times), typical_ms(times, None, _sealed_before(past, hour)))


def _stored(past: Past, from_ms: int, to_ms: int) -> list[Gap]:
    """Gaps that were found while sealing and still are some."""
    assert past.known is not None
    rows = past.conn.execute(
        "SELECT from_ms, to_ms FROM gap WHERE pdu = ? AND to_ms > ? ORDER BY to_ms",
        (past.known.id, from_ms),
    )
    out: list[Gap] = []
    first = past.first_loose(-FOREVER, FOREVER)
    for begin, end in rows:
        if begin >= to_ms:
            break
        late = None
        if first is not None and first < end:  # rows that came after it was found
            late = past.last_loose(begin + 1, end)
        if late is None:
            out.append(Gap(begin, end))
            continue
        row = _sealed_before(past, end // HOUR_MS + 1)
        if row is not None and end - late > GAP_POLLS * row.interval_ms:
            out.append(Gap(late, end))
    return out
