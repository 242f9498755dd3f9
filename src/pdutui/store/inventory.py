"""What a database holds of each PDU, from a few keyed look-ups, however large it is."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from statistics import median

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.store.codec import DamagedChunk, unpack

_SAMPLE_HOURS = 24
_SAMPLE_ROWS = 60
ROW_BYTES, RAW_VALUE_BYTES = 10, 2.7
"""Of the rows that are not packed yet."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The recording of one PDU, in a few figures."""

    name: str
    oldest_ms: int
    newest_ms: int
    interval_ms: int | None
    """Between two readings, as it usually was of late; None where there are too few to tell."""
    coverage: float | None
    """Of its last 24 hours, the part that has readings, 0 to 1; None where that cannot be told."""
    series: int
    """Lines over time that it ever had."""
    bytes_about: int
    """On disk, readings and totals; from what the last day took."""


def inventory(conn: sqlite3.Connection) -> list[Kept]:
    """Of every PDU that has a reading, by name. Raises sqlite3.Error."""
    found = conn.execute("SELECT id, name FROM pdu ORDER BY name").fetchall()
    return [kept for ident, name in found if (kept := _kept(conn, ident, name)) is not None]


def _kept(conn: sqlite3.Connection, pdu: int, name: str) -> Kept | None:
    hours = conn.execute(
        "SELECT hour, n, interval_ms FROM sealed WHERE pdu = ? ORDER BY hour DESC LIMIT ?",
        (pdu, _SAMPLE_HOURS + 1),
    ).fetchall()
    first, last = _raw_span(conn, pdu)
    if hours:
        (oldest,) = conn.execute("SELECT min(hour) FROM sealed WHERE pdu = ?", (pdu,)).fetchone()
        first = _lower(first, _edge(conn, pdu, oldest, first_one=True))
        last = _higher(last, _edge(conn, pdu, hours[0][0], first_one=False))
    if first is None or last is None:
        return None
    interval = hours[0][2] if hours else _raw_interval(conn, pdu)
    (series,) = conn.execute("SELECT count(*) FROM series WHERE pdu = ?", (pdu,)).fetchone()
    return Kept(
        name=name,
        oldest_ms=first,
        newest_ms=last,
        interval_ms=interval or None,
        coverage=_coverage(conn, pdu, hours, first, last, interval),
        series=series,
        bytes_about=_bytes(conn, pdu, [hour for hour, _, _ in hours], series),
    )


def _raw_span(conn: sqlite3.Connection, pdu: int) -> tuple[int | None, int | None]:
    # Two queries: of min and max in one, SQLite makes a scan of the whole table.
    (first,) = conn.execute(f"SELECT min(ts) FROM raw_{pdu}").fetchone()
    (last,) = conn.execute(f"SELECT max(ts) FROM raw_{pdu}").fetchone()
    return first, last


def _lower(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _higher(one: int | None, other: int) -> int:
    return other if one is None else max(one, other)


def _edge(conn: sqlite3.Connection, pdu: int, hour: int, *, first_one: bool) -> int:
    """The first or the last reading of a sealed hour; where its times are lost, its edge."""
    row = conn.execute(
        "SELECT z FROM chunk JOIN part ON part.id = chunk.part"
        " WHERE part.pdu = ? AND part.name = 'ts' AND chunk.hour = ?",
        (pdu, hour),
    ).fetchone()
    try:
        times = [] if row is None else unpack(row[0]).get("ts", [])
    except DamagedChunk:
        times = []
    there = [ms for ms in times if ms is not None]
    if there:
        return there[0] if first_one else there[-1]
    return hour * HOUR_MS if first_one else (hour + 1) * HOUR_MS - 1


def _raw_interval(conn: sqlite3.Connection, pdu: int) -> int:
    times = [
        ms
        for (ms,) in conn.execute(
            f"SELECT ts FROM raw_{pdu} ORDER BY ts DESC LIMIT ?", (_SAMPLE_ROWS,)
        )
    ]
    return round(median(a - b for a, b in pairwise(times))) if len(times) > 2 else 0


def _coverage(
    conn: sqlite3.Connection,
    pdu: int,
    hours: list[tuple[int, int, int]],
    first: int,
    last: int,
    interval: int,
) -> float | None:
    """Readings that there are, by readings that there should be, from whole hours on."""
    if not interval:
        return None
    begin = (last - DAY_MS) // HOUR_MS * HOUR_MS
    sealed = [(hour, n) for hour, n, _ in hours if hour * HOUR_MS >= begin]
    (raw,) = conn.execute(f"SELECT count(*) FROM raw_{pdu} WHERE ts >= ?", (begin,)).fetchone()
    there = raw + sum(n for _, n in sealed)
    should = (last - max(begin, first)) // interval + 1
    return min(1.0, float(there / should))


def _bytes(conn: sqlite3.Connection, pdu: int, hours: list[int], series: int) -> int:
    parts = [ident for (ident,) in conn.execute("SELECT id FROM part WHERE pdu = ?", (pdu,))]
    total = 0.0
    for table, unit, sample in (
        ("chunk", "hour", hours),
        ("minutes", "hour", hours),
        ("quarters", "day", sorted({hour // 24 for hour in hours})[:-1] or [0]),
    ):
        marks = ", ".join("?" * len(sample))
        for part in parts if sample else ():
            size, count = conn.execute(
                f"SELECT total(length(z)), count(*) FROM {table}"
                f" WHERE part = ? AND {unit} IN ({marks})",
                (part, *sample),
            ).fetchone()
            (all_of_them,) = conn.execute(
                f"SELECT count(*) FROM {table} WHERE part = ?", (part,)
            ).fetchone()
            total += size / count * all_of_them if count else 0.0
    (rows,) = conn.execute(f"SELECT count(*) FROM raw_{pdu}").fetchone()
    return int(total + rows * (ROW_BYTES + RAW_VALUE_BYTES * series))
