"""What a database holds and costs, PDU by PDU, and what it will come to."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pdutui.domain.health import STARTED
from pdutui.domain.history import Gap
from pdutui.store.inventory import RAW_VALUE_BYTES, ROW_BYTES

_RECENT_HOURS = 7 * 24
"""What the forecast goes by."""
_USUAL = 1.12

Cause = Literal[
    "pdutui ended", "pdutui killed", "device lost", "device refused", "device unsupported",
    "unknown",
]  # fmt: skip
_CAUSES: dict[str, Cause] = {
    "stopped": "pdutui ended",
    "lost": "device lost",
    "refused": "device refused",
    "unsupported": "device unsupported",
}


Overhead = Mapping[str, float]
"""Table -> its size in the file by the size of what is in it."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What one PDU has."""

    readings: int
    """Those that are kept, packed or not."""
    values: int
    """Readings times series; some of them are unknown."""
    raw_bytes: int
    """Of rows that are not packed, about."""
    chunk_bytes: int
    minutes_bytes: int
    quarters_bytes: int
    day_bytes: int
    """What a day of readings and rollups by the minute takes, from the last week that was packed;
    0 before that."""
    totals_day_bytes: int
    """What a day of totals takes."""

    @property
    def readings_bytes(self) -> int:
        """What is kept as long as readings are."""
        return self.raw_bytes + self.chunk_bytes + self.minutes_bytes


def overhead(conn: sqlite3.Connection) -> Overhead:
    """How much more than its blobs each table takes: pages that are not full, and the index.

    Raises sqlite3.Error.
    """
    out = {}
    for table in ("chunk", "minutes", "quarters"):
        (blobs,) = conn.execute(f"SELECT total(length(z)) FROM {table}").fetchone()
        try:
            (pages,) = conn.execute(
                "SELECT total(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN (?, ?)",
                (table, f"sqlite_autoindex_{table}_1"),
            ).fetchone()
        except sqlite3.OperationalError:  # not every SQLite is built with it
            pages = blobs * _USUAL
        out[table] = max(1.0, pages / blobs) if blobs else _USUAL
    return out


def usage(conn: sqlite3.Connection, pdu: str, more: Overhead) -> Usage | None:
    """What a PDU has; looks at the length of every blob. Raises sqlite3.Error."""
    found = conn.execute("SELECT id FROM pdu WHERE name = ?", (pdu,)).fetchone()
    if found is None:
        return None
    ident = int(found[0])
    sealed, last = conn.execute(
        "SELECT total(n), max(hour) FROM sealed WHERE pdu = ?", (ident,)
    ).fetchone()
    recent = (last or 0) - _RECENT_HOURS
    (hours,) = conn.execute(
        "SELECT count(*) FROM sealed WHERE pdu = ? AND hour > ?", (ident, recent)
    ).fetchone()
    (rows,) = conn.execute(f"SELECT count(*) FROM raw_{ident}").fetchone()
    (series,) = conn.execute("SELECT count(*) FROM series WHERE pdu = ?", (ident,)).fetchone()
    (days,) = conn.execute(
        "SELECT count(DISTINCT day) FROM quarters WHERE part IN"
        " (SELECT id FROM part WHERE pdu = ?)",
        (ident,),
    ).fetchone()
    quarters = _length(conn, ident, "quarters", "day", 0, more)
    week = sum(_length(conn, ident, kind, "hour", recent, more) for kind in ("chunk", "minutes"))
    return Usage(
        readings=int(sealed) + rows,
        values=(int(sealed) + rows) * series,
        raw_bytes=int(rows * (ROW_BYTES + RAW_VALUE_BYTES * series)),
        chunk_bytes=_length(conn, ident, "chunk", "hour", 0, more),
        minutes_bytes=_length(conn, ident, "minutes", "hour", 0, more),
        quarters_bytes=quarters,
        day_bytes=week * 24 // hours if hours else 0,
        totals_day_bytes=quarters // days if days else 0,
    )


def _length(
    conn: sqlite3.Connection, pdu: int, table: str, unit: str, after: int, more: Overhead
) -> int:
    (found,) = conn.execute(
        f"SELECT total(length(z)) FROM {table} WHERE {unit} > ? AND part IN"
        " (SELECT id FROM part WHERE pdu = ?)",
        (after, pdu),
    ).fetchone()
    return int(found * more[table])


def causes(conn: sqlite3.Connection, pdu: str, gaps: Iterable[Gap]) -> list[Cause]:
    """Why time was lost, as far as the changes of health that were kept tell.

    Raises sqlite3.Error.
    """
    rows = conn.execute(
        "SELECT ts, health, detail FROM health JOIN pdu ON pdu.id = health.pdu"
        " WHERE name = ? ORDER BY ts",
        (pdu,),
    ).fetchall()
    times = [ts for ts, _, _ in rows]
    out = []
    for gap in gaps:
        begin = bisect_left(times, gap.from_ms)
        said = rows[begin : bisect_left(times, gap.to_ms)]
        out.append(_cause([(health, detail) for _, health, detail in said]))
    return out


def _cause(said: list[tuple[str, str]]) -> Cause:
    for health, detail in said:
        if health in _CAUSES:
            return _CAUSES[health]
        if health == "connecting" and detail == STARTED:
            return "pdutui killed"  # else it would have said that it ends
    return "unknown"
