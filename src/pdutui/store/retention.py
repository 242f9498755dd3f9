"""Deleting what is too old, table by table, a little at a time. The audit is never deleted.

Everything here runs in the writer's thread, each step in a transaction of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS

Oldest = Callable[[sqlite3.Connection, int], int | None]
Delete = Callable[[sqlite3.Connection, int, int], int]


class Kind(msgspec.Struct, frozen=True):
    """What is deleted together."""

    name: str
    totals: bool
    """It is kept as long as totals are, not as readings are."""
    unit_ms: int
    """It goes in whole hours or days; 1 for what has a time of its own."""
    step_ms: int
    """How much is deleted in one step."""
    oldest: Oldest
    """The time of the oldest there is of a PDU, unix ms."""
    delete: Delete
    """Delete what is before a time; how much it was."""


def bound(
    conn: sqlite3.Connection, kind: Kind, pdu: int, cutoff_ms: int, most_ms: int | None
) -> int | None:
    """Up to where to delete this time; None if there is nothing so old.

    Args:
        conn: A connection that writes.
        kind: What.
        pdu: Of which PDU; 0 for what belongs to none.
        cutoff_ms: What is from here on stays.
        most_ms: The longest span of the oldest to be deleted; None: all of it.
    """
    oldest = kind.oldest(conn, pdu)
    if oldest is None:
        return None
    upto = cutoff_ms if most_ms is None else min(cutoff_ms, oldest + most_ms)
    upto -= upto % kind.unit_ms
    return upto if oldest < upto else None


def step(conn: sqlite3.Connection, kind: Kind, pdu: int, upto_ms: int) -> int | None:
    """Delete the oldest there is before a time; how much it was, None if nothing was left."""
    oldest = kind.oldest(conn, pdu)
    if oldest is None or oldest >= upto_ms:
        return None
    return kind.delete(conn, pdu, min(upto_ms, oldest - oldest % kind.unit_ms + kind.step_ms))


def _one(conn: sqlite3.Connection, sql: str, *args: int) -> int | None:
    found = conn.execute(sql, args).fetchone()[0]
    return None if found is None else int(found)


def _count(conn: sqlite3.Connection, sql: str, *args: int) -> int:
    return conn.execute(sql, args).rowcount


def _parts(conn: sqlite3.Connection, pdu: int) -> list[int]:
    return [ident for (ident,) in conn.execute("SELECT id FROM part WHERE pdu = ?", (pdu,))]


def _oldest_raw(conn: sqlite3.Connection, pdu: int) -> int | None:
    return _one(conn, f"SELECT min(ts) FROM raw_{pdu}")


def _delete_raw(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> int:
    return _count(conn, f"DELETE FROM raw_{pdu} WHERE ts < ?", upto_ms)


def _oldest_hour(conn: sqlite3.Connection, pdu: int) -> int | None:
    hour = _one(conn, "SELECT min(hour) FROM sealed WHERE pdu = ?", pdu)
    return None if hour is None else hour * HOUR_MS


def _delete_hours(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> int:
    hour = upto_ms // HOUR_MS
    for part in _parts(conn, pdu):
        conn.execute("DELETE FROM chunk WHERE part = ? AND hour < ?", (part, hour))
        conn.execute("DELETE FROM minutes WHERE part = ? AND hour < ?", (part, hour))
    return _count(conn, "DELETE FROM sealed WHERE pdu = ? AND hour < ?", pdu, hour)


def _oldest_day(conn: sqlite3.Connection, pdu: int) -> int | None:
    day = _one(
        conn,
        "SELECT min(day) FROM (SELECT (SELECT min(day) FROM quarters WHERE part = part.id) AS day"
        " FROM part WHERE pdu = ?)",
        pdu,
    )
    return None if day is None else day * DAY_MS


def _delete_days(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> int:
    day = upto_ms // DAY_MS
    for part in _parts(conn, pdu):
        conn.execute("DELETE FROM quarters WHERE part = ? AND day < ?", (part, day))
    return 1


def _oldest_frame(conn: sqlite3.Connection, pdu: int) -> int | None:
    """Since when the oldest one is no longer true: when the next one begins."""
    return _one(
        conn,
        "SELECT min(ts) FROM frame WHERE pdu = ?1"
        " AND ts > (SELECT min(ts) FROM frame WHERE pdu = ?1)",
        pdu,
    )


def _delete_frames(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> int:
    """The last one before `upto_ms` holds from there on, and stays."""
    return _count(
        conn,
        "DELETE FROM frame WHERE pdu = ?1"
        " AND ts < (SELECT max(ts) FROM frame WHERE pdu = ?1 AND ts <= ?2)",
        pdu, upto_ms,
    )  # fmt: skip


def _timed(table: str, column: str) -> tuple[Oldest, Delete]:
    """Rows of a PDU with a time."""

    def oldest(conn: sqlite3.Connection, pdu: int) -> int | None:
        return _one(conn, f"SELECT min({column}) FROM {table} WHERE pdu = ?", pdu)

    def delete(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> int:
        return _count(conn, f"DELETE FROM {table} WHERE pdu = ? AND {column} < ?", pdu, upto_ms)

    return oldest, delete


def _of_nobody(table: str, column: str) -> tuple[Oldest, Delete]:
    """Rows with a time, of all PDUs together."""

    def oldest(conn: sqlite3.Connection, _: int) -> int | None:
        return _one(conn, f"SELECT min({column}) FROM {table}")

    def delete(conn: sqlite3.Connection, _: int, upto_ms: int) -> int:
        return _count(conn, f"DELETE FROM {table} WHERE {column} < ?", upto_ms)

    return oldest, delete


RAW = Kind("rows", False, 1, HOUR_MS, _oldest_raw, _delete_raw)
OF_PDUS = (
    Kind("hours", False, HOUR_MS, HOUR_MS, _oldest_hour, _delete_hours),
    Kind("gaps", True, 1, DAY_MS, *_timed("gap", "to_ms")),
    Kind("changes of health", False, 1, DAY_MS, *_timed("health", "ts")),
    Kind("days of totals", True, DAY_MS, DAY_MS, _oldest_day, _delete_days),
    Kind("frames", True, 1, DAY_MS, _oldest_frame, _delete_frames),
)
"""Besides `RAW`, what every PDU has."""
OF_ALL = (
    Kind("events", False, 1, DAY_MS, *_of_nobody("events", "ts")),
    Kind("reports", True, 1, DAY_MS, *_of_nobody("report", "made_ms")),
)
"""What belongs to no single PDU."""
