"""Reading a database that SQLite calls damaged: around the pages that are broken.

A table is read from its newest row down. Where a page cannot be read the next readable row is
looked for, so that of a broken page only what stood on it is lost. All of it blocks.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pdutui.store.peek import APPLICATION_ID, SCHEMA_VERSION

TOP = 2**63 - 1
"""Above every key."""
_MAGIC = b"SQLite format 3\0"
_PAGE = 4096
_BLOCK = 1024 * 1024

Row = tuple[Any, ...]


def open_damaged(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, and that puts up with what can be put up with.

    With a writable schema SQLite reads a file that is shorter than its header says, and a schema
    of which a part is lost.

    Raises:
        sqlite3.Error: Nothing of it can be read.
    """
    conn = sqlite3.connect(
        f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        conn.execute("PRAGMA query_only = ON")
        conn.execute("PRAGMA cell_size_check = ON")
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        conn.close()
        raise
    return conn


def copy_with_new_header(path: Path, target: Path) -> None:
    """A copy of a database, its log with it, whose first hundred bytes are made anew.

    They are the same in every database of ours, but for some that may be wrong without harm. What
    follows them is left as it is.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    try:
        for suffix in ("", "-wal"):
            source = Path(f"{path}{suffix}")
            if suffix and not source.exists():
                continue
            fd = os.open(f"{target}{suffix}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with source.open("rb") as old, os.fdopen(fd, "wb") as new:
                while block := old.read(_BLOCK):
                    new.write(block)
                if not suffix:
                    new.seek(0)
                    new.write(_header())
    except OSError:
        remove_copy(target)
        raise


def remove_copy(target: Path) -> None:
    """Remove a copy, its side files with it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{target}{suffix}").unlink()


def _header() -> bytes:
    """As the file format documents it; the size is left for SQLite to find out."""
    return (
        _MAGIC
        + struct.pack(">HBBBBBB", _PAGE, 2, 2, 0, 64, 32, 32)
        + struct.pack(">12I", 1, 0, 0, 0, 1, 4, 0, 0, 1, SCHEMA_VERSION, 0, APPLICATION_ID)
        + bytes(20)
        + struct.pack(">II", 0, 3040000)
    )


class Table(msgspec.Struct, frozen=True):
    """What is to be read."""

    name: str
    columns: tuple[str, ...]
    key: str = "rowid"
    """Integers, ascending, by which the table can be entered anywhere."""
    pdu: int | None = None
    """Only rows whose column `pdu` is this."""


class Piece(msgspec.Struct, frozen=True):
    """Some rows, newest first."""

    rows: list[Row]
    """Key first, then the columns."""
    before: int | None
    """Where the next piece begins; None after the last one."""
    lost: tuple[int, int] | None
    """The keys between these two could not be read, beneath the last row."""


def read_piece(conn: sqlite3.Connection, table: Table, before: int, most: int) -> Piece:
    """The next rows of a table below a key, up to a broken place.

    Raises:
        sqlite3.Error: The table itself is not there.
    """
    rows: list[Row] = []
    try:
        for row in _select(conn, table, "<", before, most):
            rows.append(row)
    except sqlite3.Error as error:
        if _is_missing(error):
            raise
        below = rows[-1][0] if rows else before
        return _skipping(conn, table, rows, below)
    if len(rows) < most:
        return Piece(rows, None, None)
    return Piece(rows, rows[-1][0], None)


def _select(
    conn: sqlite3.Connection, table: Table, how: str, key: int, most: int, order: str = "DESC"
) -> Iterator[Row]:
    which = "" if table.pdu is None else f"pdu = {table.pdu} AND "
    return conn.execute(
        f"SELECT {', '.join((table.key, *table.columns))} FROM {table.name}"
        f" WHERE {which}{table.key} {how} ? ORDER BY {table.key} {order} LIMIT ?",
        (key, most),
    )


def _is_missing(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR


def _skipping(conn: sqlite3.Connection, table: Table, rows: list[Row], below: int) -> Piece:
    """Look for the next row that can be read, first in steps that grow, then by halves."""
    lowest = _lowest(conn, table, below)
    step, bad = 1, below
    while True:
        at = below - step
        if at < lowest:
            return Piece(rows, None, (lowest, below))
        found = _readable(conn, table, at)
        if found is not None:
            break
        step, bad = step * 2, at
    while bad - at > 1:
        middle = (bad + at) // 2
        better = _readable(conn, table, middle)
        if better is None:
            bad = middle
        else:
            at, found = middle, better
    return Piece(rows, found + 1, (found, below))


def _readable(conn: sqlite3.Connection, table: Table, at: int) -> int | None:
    """The key of the first row from there down; None if a broken page is in the way."""
    try:
        for row in _select(conn, table, "<=", at, 1):
            return int(row[0])
    except sqlite3.Error:
        return None
    return at


def _lowest(conn: sqlite3.Connection, table: Table, below: int) -> int:
    """The lowest key that can be seen, or one that is too low."""
    try:
        for row in _select(conn, table, ">", -1, 1, "ASC"):
            return min(int(row[0]), below)
    except sqlite3.Error:
        return 0
    return below


def lost_rows(piece: Piece, pages: int) -> float:
    """How many rows of blobs a piece lacks, about, in a file of so many pages.

    What is missing above the newest row that can be read is not known, nor what a table had whose
    first page is lost.
    """
    if piece.lost is None:
        return 0.0
    low, high = piece.lost
    if high == TOP:
        return pages / 2 if piece.before is None else 1.0
    return float(min(high - low - 1, pages))


def pages_of(path: Path) -> tuple[int, int]:
    """How many pages a database has, and how many its header says that it should have.

    Raises:
        OSError: It cannot be told.
    """
    there = -(-path.stat().st_size // _PAGE)
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(_MAGIC) or header[24:28] != header[92:96]:
        return there, there
    (said,) = struct.unpack_from(">I", header, 28)
    return there, max(there, int(said))


def names_of(conn: sqlite3.Connection) -> dict[int, str]:
    """The PDUs of the database by number; those that can be told."""
    return {ident: name for name, ident in _pairs(conn, "pdu", "name")}


def parts_of(conn: sqlite3.Connection) -> dict[int, tuple[int, str]]:
    """The parts by number: whose they are, and what they are called."""
    return {ident: (pdu, name) for pdu, name, ident in _pairs(conn, "part", "pdu, name")}


def _pairs(conn: sqlite3.Connection, table: str, columns: str) -> list[Row]:
    """A small table, from itself and from the index that has all of it once more."""
    found: dict[int, Row] = {}
    for order in (columns, "id", f"{columns} DESC", "id DESC"):
        with suppress(sqlite3.Error):
            for row in conn.execute(f"SELECT {columns}, id FROM {table} ORDER BY {order}"):
                if isinstance(row[-1], int) and isinstance(row[-2], str):
                    found.setdefault(row[-1], row)
    return list(found.values())


def tables_of(conn: sqlite3.Connection) -> set[str]:
    """The tables whose place in the file is known."""
    names: set[str] = set()
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for (name,) in conn.execute(
                f"SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid {order}"
            ):
                names.add(str(name))
    return names


def columns_of(conn: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns. Raises sqlite3.Error."""
    return [name for _, name, *_ in conn.execute(f"PRAGMA table_info({table})")]
