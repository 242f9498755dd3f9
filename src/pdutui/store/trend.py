"""The last minutes of some series, once a second, from the table and from what is not in it yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec

from pdutui.domain.series import Series, parse_series
from pdutui.store.layout import MISSING, Layout, Row
from pdutui.store.raw import column_name


class TrendQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: `seconds` samples, the last one at `now_ms`."""

    pdu: str
    series: tuple[Series, ...]
    now_ms: int
    seconds: int
    hold_ms: int
    """How long a value stands for the seconds after its own."""

    @classmethod
    def of(
        cls, pdu: str, keys: Sequence[str], now: datetime, seconds: float, hold_s: float
    ) -> TrendQuery:
        """The last whole `seconds` up to now. Raises ValueError for what is no series."""
        return cls(
            pdu=pdu, series=wanted(keys), now_ms=round(now.timestamp() * 1000),
            seconds=int(seconds), hold_ms=round(hold_s * 1000),
        )  # fmt: skip

    @property
    def since_ms(self) -> int:
        """Rows up to here are too old to matter."""
        return self.now_ms - self.seconds * 1000 - self.hold_ms


def wanted(keys: Sequence[str]) -> tuple[Series, ...]:
    """The series of some keys, each once. Raises ValueError for what is no series."""
    return tuple(parse_series(k) for k in dict.fromkeys(keys))


def pick_rows(
    query: TrendQuery, rows: Sequence[tuple[Layout, Row]]
) -> dict[int, Sequence[int | None]]:
    """The samples in rows that wait to be written, by time."""
    out: dict[int, Sequence[int | None]] = {}
    places: dict[Layout, list[int | None]] = {}
    for layout, (ts, values) in rows:
        if layout not in places:
            places[layout] = [layout.index.get(s.key) for s in query.series]
        picked = [MISSING if place is None else values[place] for place in places[layout]]
        out[ts] = [None if v == MISSING else v for v in picked]
    return out


def read_rows(conn: sqlite3.Connection, query: TrendQuery) -> dict[int, Sequence[int | None]]:
    """The samples in the PDU's table, by time. A series without a column is None throughout."""
    found = conn.execute("SELECT id FROM pdu WHERE name = ?", (query.pdu,)).fetchone()
    if found is None:
        return {}
    have = {k for (k,) in conn.execute("SELECT key FROM series WHERE pdu = ?", found)}
    columns = [column_name(s) if s.key in have else "NULL" for s in query.series]
    rows = conn.execute(
        f"SELECT {', '.join(['ts', *columns])} FROM raw_{found[0]} WHERE ts > ? AND ts <= ?",
        (query.since_ms, query.now_ms),
    )
    return {ts: values for ts, *values in rows}


def resample(
    query: TrendQuery, samples: dict[int, Sequence[int | None]]
) -> dict[str, list[float | None]]:
    """One value a second, oldest first; None where there is none, or the last one is too old.

    The seconds are laid so that the newest row is in the middle of one: polls come once a second
    at a phase of their own, and seconds of the wall clock would cut right through their jitter.
    The value of a second is that of the newest row up to its end. A row that says NULL is not
    bridged by the one before it.
    """
    times = sorted(ts for ts in samples if query.since_ms < ts <= query.now_ms)
    chosen: list[Sequence[int | None] | None] = []
    at = 0
    newest = times[-1] if times else query.now_ms
    middle = query.now_ms - (query.now_ms - newest) % 1000 - (query.seconds - 1) * 1000
    for _ in range(query.seconds):
        while at < len(times) and times[at] <= middle + 500:
            at += 1
        fresh = at > 0 and middle - times[at - 1] < query.hold_ms
        chosen.append(samples[times[at - 1]] if fresh else None)
        middle += 1000
    out: dict[str, list[float | None]] = {}
    if not any(chosen):
        return {series.key: [None] * query.seconds for series in query.series}
    for place, series in enumerate(query.series):
        scale = series.units_per
        out[series.key] = [
            None if row is None or (v := row[place]) is None else v / scale for row in chosen
        ]
    return out


def read_trend(
    conn: sqlite3.Connection, query: TrendQuery, pending: Sequence[tuple[Layout, Row]]
) -> dict[str, list[float | None]]:
    """Table and waiting rows together, resampled. In the reader's thread."""
    samples = read_rows(conn, query)
    samples.update(pick_rows(query, pending))
    return resample(query, samples)
