"""Rows that are taken over from a damaged database: readings, frames, health, events, reports.

Nothing is taken on trust: what does not fit is left behind. Doing it again changes nothing, so it
may be broken off anywhere. A function `read_…` runs with the damaged database, its `write_…` in a
transaction of the new one. Hours that were sealed are in `salvage_hours`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from pdutui.domain.history import DAY_MS
from pdutui.domain.series import fields_of, parse_series
from pdutui.store.damaged import Row, Table, columns_of, read_piece
from pdutui.store.frames import UNKNOWN, read_frame
from pdutui.store.raw import Catalogue, column_name

ROWS_A_PIECE = 100
"""So many rows count as much as one blob."""
_EARLIEST_MS = 946_684_800_000
"""No poll was before the year 2000."""
_LARGEST = 2**53
USUAL_PIECES = 72.0
"""Raw rows of one PDU, where it cannot be told how many are lost: seldom more are not sealed."""


class Read(msgspec.Struct):
    """What one step found."""

    upto: int | None
    """Where the next step goes on; None when the table is done."""
    work: list[Any]
    """For the function that writes."""
    lost: float = 0.0
    """Pieces that were there and cannot be read."""


# -- raw rows --------------------------------------------------------------------------------


class RawWork(msgspec.Struct, frozen=True):
    """Rows of one PDU."""

    pdu: str
    keys: tuple[str, ...]
    rows: list[Row]


def read_raw(
    conn: sqlite3.Connection, ident: int, name: str, upto: int, most: int, end_ms: int
) -> Read:
    """Rows that were not sealed yet."""
    keys = _keys(columns_of(conn, f"raw_{ident}"))
    columns = tuple(keys)
    piece = read_piece(conn, Table(f"raw_{ident}", columns, key="ts"), upto, most)
    good = [row for row in piece.rows if _is_row(row, end_ms)]
    lost = float(len(piece.rows) - len(good))
    if piece.lost is not None:
        low, high = piece.lost[0], min(piece.lost[1], end_ms)
        lost += min(max(1.0, (high - low) / _spacing(good) - 1), ROWS_A_PIECE * USUAL_PIECES)
    work = [RawWork(name, tuple(keys.values()), good)] if good else []
    return Read(piece.upto, work, lost / ROWS_A_PIECE)


def _keys(columns: Sequence[str]) -> dict[str, str]:
    """Column -> series, for those that are one."""
    found = {}
    for column in columns:
        entity, _, rest = column.partition("_")
        try:
            fields = fields_of(entity)  # type: ignore[arg-type]
        except KeyError:
            continue
        for field in fields:
            ident = rest.removesuffix(f"_{field}")
            if ident != rest:
                found[column] = f"{entity}.{ident}.{field}"
    return {c: key for c, key in found.items() if column_name(parse_series(key)) == c}


def _is_row(row: Row, end_ms: int) -> bool:
    return _EARLIEST_MS < row[0] < end_ms and all(
        value is None or (type(value) is int and abs(value) < _LARGEST) for value in row[1:]
    )


def _spacing(rows: Sequence[Row]) -> float:
    apart = sorted(a[0] - b[0] for a, b in pairwise(rows))
    return float(apart[len(apart) // 2]) if apart else 1000.0


def write_raw(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[RawWork]) -> float:
    """Put rows beside those that there are; how many pieces they are."""
    count = 0
    for each in work:
        used = [
            i for i in range(len(each.keys)) if any(row[i + 1] is not None for row in each.rows)
        ]
        keys = [each.keys[i] for i in used]
        ident = with_columns(tables, each.pdu, keys)
        known = tables.table(each.pdu).columns
        used = [i for i in used if each.keys[i] in known]
        names = "".join(f", {column_name(parse_series(each.keys[i]))}" for i in used)
        conn.executemany(
            f"INSERT OR IGNORE INTO raw_{ident} (ts{names}) VALUES (?{', ?' * len(used)})",
            [(row[0], *(row[i + 1] for i in used)) for row in each.rows],
        )
        count += len(each.rows)
    return count / ROWS_A_PIECE


def with_columns(tables: Catalogue, pdu: str, keys: Iterable[str]) -> int:
    """The number of a PDU that has a column for each of these series."""
    ident = tables.ident(pdu)
    missing = [key for key in keys if key not in tables.table(pdu).columns]
    if missing:
        tables.widen(pdu, missing)
    return ident


# -- frames, health, events, reports ---------------------------------------------------------


def read_lines(
    conn: sqlite3.Connection, table: Table, name: str, upto: int, most: int, end_ms: int
) -> Read:
    """Rows of `frame` or `health` of one PDU, or of `events`."""
    piece = read_piece(conn, table, upto, most)
    work = [(name, *row) for row in piece.rows if _is_line(table.name, row, end_ms)]
    lost = (len(piece.rows) - len(work)) / ROWS_A_PIECE + (piece.lost is not None)
    return Read(piece.upto, work, lost)


def _is_line(table: str, row: Row, end_ms: int) -> bool:
    texts = row[1:] if table != "events" else row[2:]
    ts = row[0] if table != "events" else row[1]
    if type(ts) is not int or not _EARLIEST_MS < ts < end_ms + DAY_MS:
        return False
    if not all(type(text) is str for text in texts):
        return False
    return table != "frame" or row[1] == UNKNOWN or read_frame("", row[1]) is not None


def write_frames(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[Row]) -> float:
    """Put frames."""
    rows = [(tables.ident(name), ts, json) for name, ts, json in work]
    conn.executemany("INSERT OR IGNORE INTO frame (pdu, ts, json) VALUES (?, ?, ?)", rows)
    return len(rows) / ROWS_A_PIECE


def write_health(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[Row]) -> float:
    """Put changes of health."""
    rows = [(tables.ident(name), *rest) for name, *rest in work]
    conn.executemany(
        "INSERT OR IGNORE INTO health (pdu, ts, health, detail) VALUES (?, ?, ?, ?)", rows
    )
    return len(rows) / ROWS_A_PIECE


def write_events(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[Row]) -> float:
    """Put lines of the event log."""
    rows = [rest for _, _, *rest in work]
    conn.executemany(
        "INSERT OR IGNORE INTO events (ts, pdu, severity, text) VALUES (?, ?, ?, ?)", rows
    )
    return len(rows) / ROWS_A_PIECE


def read_reports(conn: sqlite3.Connection) -> Read:
    """All reports; there are some a week."""
    found: dict[tuple[Any, ...], Row] = {}
    lost = 0.0
    for order in ("ASC", "DESC"):
        try:
            for row in conn.execute(
                "SELECT kind, pdu, period, made_ms, json FROM report"
                f" ORDER BY kind {order}, pdu {order}, period {order}"
            ):
                found[row[:3]] = row
        except sqlite3.Error:
            lost = 1.0
    good = [row for row in found.values() if _is_report(row)]
    return Read(None, good, lost + (len(found) - len(good)) / ROWS_A_PIECE)


def _is_report(row: Row) -> bool:
    texts = (*row[:3], row[4])
    if not all(type(text) is str for text in texts) or type(row[3]) is not int:
        return False
    try:
        msgspec.json.decode(row[4])
    except msgspec.MsgspecError:
        return False
    return True


def write_reports(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[Row]) -> float:
    """Put reports that are not made anew yet."""
    rows = list(work)
    conn.executemany(
        "INSERT OR IGNORE INTO report (kind, pdu, period, made_ms, json) VALUES (?, ?, ?, ?, ?)",
        rows,
    )
    return len(rows) / ROWS_A_PIECE
