"""Sealed hours and rollups that are taken over from a damaged database.

A blob must be whole by its checksum, must have the columns that its part can have, and as many
values as its hour has polls; times must lie in their hour. What does not fit is left behind, and
rollups that are lost are made anew where their polls are not. As in `salvage_rows`, doing it again
changes nothing.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise

import msgspec

from pdutui.domain.history import HOUR_MS, MINUTE_MS
from pdutui.domain.series import parse_series
from pdutui.store.codec import DamagedChunk, pack, unpack, verify
from pdutui.store.damaged import Row, Table, at_its_place, blob_at, lost_rows, read_piece
from pdutui.store.hour import TIMES, hour_of, sealed_row, sealed_times
from pdutui.store.raw import Catalogue
from pdutui.store.rollup import (
    PARTS,
    fields_of,
    rolled_up,
    slices,
)
from pdutui.store.salvage_rows import Read, with_columns
from pdutui.store.seal import SealedPart, put

Names = Mapping[int, str]
"""PDUs by number."""
Parts = Mapping[int, tuple[int, str]]
"""Parts by number: whose, and what they are called."""


# -- sealed hours ----------------------------------------------------------------------------


class Blobs(msgspec.Struct, frozen=True):
    """One part of one hour."""

    part: str
    keys: tuple[str, ...]
    chunk: tuple[bytes, int]
    minutes: tuple[bytes, int]


class HourWork(msgspec.Struct, frozen=True):
    """One hour of one PDU."""

    pdu: str
    hour: int
    times: list[int] | None
    """None: they came with other parts of the same hour."""
    n: int
    parts: list[Blobs]


def read_hours(
    conn: sqlite3.Connection, names: Names, parts: Parts, pages: int, upto: int, most: int
) -> Read:
    """Chunks, hour by hour. What was written of an hour at once lies together.

    Args:
        conn: The damaged database.
        names: Its PDUs.
        parts: Its parts.
        pages: How many pages it has.
        upto: From which row down.
        most: Rows to read.
    """
    piece = read_piece(conn, Table("chunk", ("part", "hour", "sz", "z")), upto, most)
    lost = lost_rows(piece, pages)
    known = [
        row for row in piece.rows
        if is_blob(row, parts, names) and at_its_place(conn, "chunk", *row[:3])
    ]  # fmt: skip
    lost += len(piece.rows) - len(known)
    groups = [
        (which, list(rows))
        for which, rows in groupby(known, key=lambda row: (parts[row[1]][0], row[2]))
    ]
    going_on = piece.upto
    if going_on is not None and piece.lost is None and len(groups) > 1:
        _, last = groups.pop()  # the next piece has the rest of it
        going_on = last[0][0]
    work = []
    for (pdu, hour), rows in groups:
        found, bad = _hour(conn, names[pdu], hour, rows, parts)
        lost += bad
        if found is not None:
            work.append(found)
    return Read(going_on, work, lost)


def is_blob(row: Row, parts: Parts, names: Names) -> bool:
    """Whether a row has what a row of blobs has, and is of a part that is known."""
    _, part, unit, _, z = row
    return (
        part in parts and parts[part][0] in names and type(unit) is int and unit > 0
        and type(z) is bytes
    )  # fmt: skip


def _hour(
    conn: sqlite3.Connection, pdu: str, hour: int, rows: Sequence[Row], parts: Parts
) -> tuple[HourWork | None, int]:
    """An hour from those of its chunks that are whole, and how many are not."""
    blobs = {parts[row[1]][1]: (row[1], row[4]) for row in rows}
    owner = parts[rows[0][1]][0]
    _, z = blobs.pop(TIMES, (0, None))
    z = z or _times_beside(conn, owner, hour, parts)
    times = None if z is None else _times(z, hour)
    if z is not None and times is None:
        return None, len(rows)
    bad = 0
    lengths: set[int] = set()
    made: list[Blobs] = []
    for name, (ident, z) in blobs.items():
        time.sleep(0)  # others want to run, too
        good = _checked(conn, name, ident, hour, z, times)
        if good is None:
            bad += 1
        else:
            made.append(good[0])
            lengths.add(good[1])
    if times is None and len(lengths) != 1:
        return None, len(rows)
    n = len(times) if times is not None else lengths.pop()
    return HourWork(pdu, hour, times, n, made), bad


def _times_beside(conn: sqlite3.Connection, owner: int, hour: int, parts: Parts) -> bytes | None:
    """The chunk of times where a broken page parts it from the others of its hour."""
    ident = next((i for i, part in parts.items() if part == (owner, TIMES)), None)
    return None if ident is None else blob_at(conn, "chunk", ident, hour)


def _times(z: bytes, hour: int) -> list[int] | None:
    try:
        times = [ts for ts in unpack(z)[TIMES] if ts is not None]
    except (DamagedChunk, KeyError):
        return None
    fits = times and times[0] // HOUR_MS == hour == times[-1] // HOUR_MS
    return times if fits and all(a < b for a, b in pairwise(times)) else None


def _checked(
    conn: sqlite3.Connection, name: str, ident: int, hour: int, z: bytes, times: list[int] | None
) -> tuple[Blobs, int] | None:
    """A chunk and its minutes, and how many polls it is of; None if it is not what it should be."""
    try:
        columns = verify(z)
        keys = [f"{name}.{field}" for field in columns]
        for key in keys:
            parse_series(key)
        n = next(iter(columns.values()))
        if times is not None and n != len(times):
            return None
        minutes = _minutes(conn, name, ident, hour)
        if minutes is None:
            if times is None:
                return None
            steps = slices(times, hour * HOUR_MS, MINUTE_MS)
            minutes = pack(rolled_up(unpack(z), steps))
    except (DamagedChunk, ValueError, StopIteration):
        return None
    return Blobs(name, tuple(keys), packed(z), minutes), n


def packed(z: bytes) -> tuple[bytes, int]:
    """A blob with its uncompressed length. Raises zlib.error."""
    return z, len(zlib.decompress(z))


def _minutes(
    conn: sqlite3.Connection, name: str, ident: int, hour: int
) -> tuple[bytes, int] | None:
    z = blob_at(conn, "minutes", ident, hour)
    return None if z is None or not is_rollup(z, name, 60) else packed(z)


def is_rollup(z: bytes, part: str, most: int) -> bool:
    """Whether a blob is a rollup of a part, with steps below `most`."""
    try:
        columns = unpack(z)
        for field in fields_of(columns):
            parse_series(f"{part}.{field}")
        at = [step for step in columns["at"] if step is not None]
    except (DamagedChunk, ValueError, KeyError):
        return False
    names = {"at", *(f"{f}.{name}" for f in fields_of(columns) for name in PARTS)}
    return (
        set(columns) == names
        and len(at) == len(columns["at"])
        and bool(at)
        and 0 <= at[0] <= at[-1] < most
        and all(a < b for a, b in pairwise(at))
    )


def write_hours(conn: sqlite3.Connection, tables: Catalogue, work: Iterable[HourWork]) -> float:
    """Put hours where there are none; what an hour lacks that is there; how many blobs fitted."""
    count = 0
    for each in work:
        ident = with_columns(tables, each.pdu, [key for part in each.parts for key in part.keys])
        if each.times is not None and sealed_row(conn, ident, each.hour) is None:
            plan = hour_of(conn, ident, each.hour, raw_ms=each.times, old_ms=[], sealed=None)
            times = SealedPart(TIMES, pack({TIMES: each.times}))
            put(conn, plan, [times, *(SealedPart(p.part, p.chunk, p.minutes) for p in each.parts)])
            count += 1 + len(each.parts)
        else:
            count += _add(conn, ident, each)
    return float(count)


def _add(conn: sqlite3.Connection, ident: int, work: HourWork) -> int:
    """Put chunks to an hour that is sealed already, if it is the same one."""
    try:
        there = sealed_times(conn, ident, work.hour)
    except DamagedChunk:
        return 0
    if len(there) != work.n or (work.times is not None and work.times != there):
        return 0
    for part in work.parts:
        which = part_id(conn, ident, part.part)
        for table, (z, sz) in (("chunk", part.chunk), ("minutes", part.minutes)):
            conn.execute(
                f"INSERT OR IGNORE INTO {table} (part, hour, sz, z) VALUES (?, ?, ?, ?)",
                (which, work.hour, sz, z),
            )
    return len(work.parts) + (work.times is not None)


def part_id(conn: sqlite3.Connection, ident: int, name: str) -> int:
    """The number of a part, made if it is not there. Inside a transaction."""
    conn.execute("INSERT OR IGNORE INTO part (pdu, name) VALUES (?, ?)", (ident, name))
    found = conn.execute("SELECT id FROM part WHERE pdu = ? AND name = ?", (ident, name))
    return int(found.fetchone()[0])
