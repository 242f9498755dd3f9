"""Rollups that are taken over from a damaged database, and what is made anew of them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

import msgspec

from pdutui.store.codec import DamagedChunk, pack, unpack
from pdutui.store.damaged import Table, at_its_place, lost_rows, read_piece
from pdutui.store.raw import Catalogue
from pdutui.store.rollup import QUARTERS_AN_HOUR, Columns, fields_of, quarters_of, with_hour
from pdutui.store.salvage_hours import Names, Parts, is_blob, is_rollup, packed, part_id
from pdutui.store.salvage_rows import Read, with_columns


class RollupWork(msgspec.Struct, frozen=True):
    """A rollup of a part: of an hour by minutes, or of a day by quarters."""

    pdu: str
    part: str
    unit: int
    z: bytes
    sealed: tuple[int, int] | None = None
    """Of an hour: how many polls it had, and how far apart they were."""


def read_rollups(
    conn: sqlite3.Connection,
    table: str,
    names: Names,
    parts: Parts,
    pages: int,
    upto: int,
    most: int,
) -> Read:
    """Blobs of `minutes` or `quarters`; the arguments are those of `read_hours`."""
    unit, steps = ("hour", 60) if table == "minutes" else ("day", 24 * QUARTERS_AN_HOUR)
    piece = read_piece(conn, Table(table, ("part", unit, "sz", "z")), upto, most)
    lost = lost_rows(piece, pages)
    work = []
    for row in piece.rows:
        time.sleep(0)
        if (
            is_blob(row, parts, names)
            and at_its_place(conn, table, *row[:3])
            and is_rollup(row[4], parts[row[1]][1], steps)
        ):
            pdu, part = parts[row[1]]
            sealed = _sealed(conn, pdu, row[2]) if table == "minutes" else None
            work.append(RollupWork(names[pdu], part, row[2], row[4], sealed))
        else:
            lost += 1
    return Read(piece.upto, work, lost)


def _sealed(conn: sqlite3.Connection, pdu: int, hour: int) -> tuple[int, int] | None:
    try:
        found = conn.execute(
            "SELECT n, interval_ms FROM sealed WHERE pdu = ? AND hour = ?", (pdu, hour)
        ).fetchone()
    except sqlite3.Error:
        return None
    return found if found and all(type(v) is int for v in found) else None


def write_minutes(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[RollupWork]) -> float:
    """Put minutes where there are none: those of hours whose polls are lost."""
    count = 0
    for each in work:
        ident = with_columns(tables, each.pdu, _keys_of(each))
        _insert_rollup(conn, "minutes", ident, each)
        if each.sealed is not None:
            conn.execute(
                "INSERT OR IGNORE INTO sealed (pdu, hour, n, interval_ms) VALUES (?, ?, ?, ?)",
                (ident, each.unit, *each.sealed),
            )
        count += 1
    return float(count)


def _keys_of(work: RollupWork) -> list[str]:
    return [f"{work.part}.{field}" for field in fields_of(unpack(work.z))]


def _insert_rollup(conn: sqlite3.Connection, table: str, ident: int, work: RollupWork) -> None:
    unit = "hour" if table == "minutes" else "day"
    z, sz = packed(work.z)
    conn.execute(
        f"INSERT OR IGNORE INTO {table} (part, {unit}, sz, z) VALUES (?, ?, ?, ?)",
        (part_id(conn, ident, work.part), work.unit, sz, z),
    )


def write_quarters(
    conn: sqlite3.Connection, tables: Catalogue, work: Iterable[RollupWork]
) -> float:
    """Put quarters where there are none; those that there are stay."""
    count = 0
    for each in work:
        ident = with_columns(tables, each.pdu, _keys_of(each))
        part = part_id(conn, ident, each.part)
        row = conn.execute(
            "SELECT z FROM quarters WHERE part = ? AND day = ?", (part, each.unit)
        ).fetchone()
        if row is None:
            _insert_rollup(conn, "quarters", ident, each)
        else:
            _merge(conn, part, each, row[0])
        count += 1
    return float(count)


def _merge(conn: sqlite3.Connection, part: int, work: RollupWork, there: bytes) -> None:
    day = unpack(work.z)
    try:
        ours = unpack(there)
    except DamagedChunk:
        ours = {"at": []}
    for hour in hours_in(ours):
        day = with_hour(day, _only(ours, hour), hour)
    if day != ours:
        conn.execute(
            "UPDATE quarters SET z = ?, sz = ? WHERE part = ? AND day = ?",
            (*pack(day), part, work.unit),
        )


def hours_in(day: Columns) -> list[int]:
    """The hours of a day, 0 to 23, that have a quarter."""
    return sorted({int(at or 0) // QUARTERS_AN_HOUR for at in day["at"]})


def _only(day: Columns, hour: int) -> Columns:
    places = [i for i, at in enumerate(day["at"]) if int(at or 0) // QUARTERS_AN_HOUR == hour]
    return {name: [values[i] for i in places] for name, values in day.items()}


# -- quarters that are missing ---------------------------------------------------------------


class DayWork(msgspec.Struct, frozen=True):
    """Quarters of one part, made of minutes."""

    part: int
    day: int
    were: bytes | None
    made: tuple[bytes, int]


def read_day(conn: sqlite3.Connection, pdu: str, day: int) -> list[DayWork]:
    """In the new database: parts of a PDU that have minutes of that day without their quarters."""
    work = []
    for part, _ in conn.execute(
        "SELECT part.id, part.name FROM part JOIN pdu ON pdu.id = part.pdu WHERE pdu.name = ?",
        (pdu,),
    ).fetchall():
        time.sleep(0)
        row = conn.execute(
            "SELECT z FROM quarters WHERE part = ? AND day = ?", (part, day)
        ).fetchone()
        try:
            known: Columns = {"at": []} if row is None else unpack(row[0])
            made = _filled(conn, part, day, known)
        except (DamagedChunk, KeyError):
            continue
        if made is not None:
            work.append(DayWork(part, day, row and row[0], pack(made)))
    return work


def _filled(conn: sqlite3.Connection, part: int, day: int, known: Columns) -> Columns | None:
    there = set(hours_in(known))
    made = known
    for hour, z in conn.execute(
        "SELECT hour, z FROM minutes WHERE part = ? AND hour >= ? AND hour < ?",
        (part, day * 24, day * 24 + 24),
    ):
        if hour % 24 not in there:
            made = with_hour(made, quarters_of(unpack(z), hour), hour)
    return None if made is known else made


def write_days(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[DayWork]) -> float:
    """Put them, unless somebody else has put others meanwhile."""
    for each in work:
        row = conn.execute(
            "SELECT z FROM quarters WHERE part = ? AND day = ?", (each.part, each.day)
        ).fetchone()
        if (row and row[0]) == each.were:
            conn.execute(
                "INSERT OR REPLACE INTO quarters (part, day, z, sz) VALUES (?, ?, ?, ?)",
                (each.part, each.day, *each.made),
            )
    return 0.0
