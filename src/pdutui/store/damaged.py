"""Reading a database that SQLite calls damaged: around the pages that are broken.

A table is read from its newest row down. Where a page cannot be read the next readable row is
looked for, so that of a broken page only what stood on it is lost. All of it blocks.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pdutui.store.peek import APPLICATION_ID, SCHEMA_VERSION
from pdutui.store.schema import pragma

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
        conn.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error:
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
    upto: int | None
    """The key from which the next piece goes down; None after the last one."""
    lost: tuple[int, int] | None
    """The keys between these two could not be read, beneath the last row."""


def read_piece(conn: sqlite3.Connection, table: Table, upto: int, most: int) -> Piece:
    """The next rows of a table from a key down, as far as a broken place.

    The key itself counts: looking for what is below it can lead onto the broken page above.

    Raises:
        sqlite3.Error: The table itself is not there.
    """
    rows: list[Row] = []
    try:
        for row in _select(conn, table, "<=", upto, most):
            rows.append(row)
    except sqlite3.Error as error:
        if _is_missing(error):
            raise
    else:
        rows = _in_order(rows, upto)
        return Piece(rows, rows[-1][0] - 1 if len(rows) == most else None, None)
    # The module looks one row ahead, and forgets the row it has when that fails.
    rows = _in_order(rows, upto)
    below = rows[-1][0] if rows else upto + 1
    with suppress(sqlite3.Error):
        while len(rows) < most:
            found = _in_order(_select(conn, table, "<=", below - 1, 1), below - 1)
            if not found:
                return Piece(rows, None, None)
            rows += found
            below = rows[-1][0]
        return Piece(rows, below - 1, None)
    return _skipping(conn, table, rows, below)


def _in_order(rows: Iterable[Row], upto: int) -> list[Row]:
    """Those whose keys go down from `upto`, as the keys of a table that is whole do."""
    out: list[Row] = []
    for row in rows:
        if type(row[0]) is int and row[0] <= upto:
            out.append(row)
            upto = row[0] - 1
    return out


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
    top = below if below <= TOP else _reach(conn, table, lowest)
    step, bad = 1, top
    while True:
        at = top - step
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
    found = min(found, below - 1)
    return Piece(rows, found, (found, below))


def _reach(conn: sqlite3.Connection, table: Table, lowest: int) -> int:
    """A key above all that can be read, and of their size, for steps to begin at."""
    for power in range(62, -1, -1):
        if _readable(conn, table, lowest + (1 << power)) is not None:
            return lowest + (2 << power)
    return lowest + 1


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


def at_its_place(conn: sqlite3.Connection, table: str, rowid: int, part: int, unit: int) -> bool:
    """Whether the index of a table of blobs has a row where the row says that it is.

    What a row says of itself has no checksum, so both must agree; an index that cannot be read
    says nothing against it.
    """
    by = "day" if table == "quarters" else "hour"
    try:
        found = conn.execute(
            f"SELECT rowid FROM {table} WHERE part = ? AND {by} = ?", (part, unit)
        ).fetchone()
    except sqlite3.Error:
        return True
    return found is not None and found[0] == rowid


def blob_at(conn: sqlite3.Connection, table: str, part: int, hour: int) -> bytes | None:
    """A blob by its place, if the row says the same of itself; None if it cannot be read."""
    try:
        row = conn.execute(
            f"SELECT rowid FROM {table} WHERE part = ? AND hour = ?", (part, hour)
        ).fetchone()
        if row is not None:
            row = conn.execute(
                f"SELECT part, hour, z FROM {table} WHERE rowid = ?", (row[0],)
            ).fetchone()
    except sqlite3.Error:
        return None
    good = row is not None and row[:2] == (part, hour) and type(row[2]) is bytes
    return row[2] if good else None


def lost_rows(piece: Piece, pages: int) -> float:
    """How many rows of blobs a piece lacks, about, in a file of so many pages.

    What is missing above the newest row that can be read is not known, nor what a table had whose
    first page is lost.
    """
    if piece.lost is None:
        return 0.0
    low, high = piece.lost
    if high > TOP:
        return pages / 2 if piece.upto is None else 1.0
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
    return {ident: name for name, ident in _twice(conn, "pdu", "name", lambda row: True)}


def parts_of(conn: sqlite3.Connection) -> dict[int, tuple[int, str]]:
    """The parts by number: whose they are, and what they are called."""
    known: set[tuple[int, str]] = set()
    for order in ("pdu, key", "pdu DESC, key DESC"):
        with suppress(sqlite3.Error):
            for pdu, key in conn.execute(f"SELECT pdu, key FROM series ORDER BY {order}"):
                known.add((pdu, str(key).rpartition(".")[0]))
    rows = _twice(conn, "part", "pdu, name", lambda row: row[:2] in known)
    return {ident: (pdu, name) for pdu, name, ident in rows}


def _twice(
    conn: sqlite3.Connection, table: str, columns: str, likely: Callable[[Row], bool]
) -> list[Row]:
    """A small table, from itself and from the index that has all of it once more.

    Args:
        conn: The database.
        table: Which.
        columns: Of the index; the last one is a text.
        likely: Which of two to take where they do not agree.
    """
    found: dict[int, Row] = {}
    for order in (columns, "id", f"{columns} DESC", "id DESC"):
        with suppress(sqlite3.Error):
            for row in conn.execute(f"SELECT {columns}, id FROM {table} ORDER BY {order}"):
                if not isinstance(row[-1], int) or not isinstance(row[-2], str):
                    continue
                other = found.setdefault(row[-1], row)
                if other != row and likely(row) and not likely(other):
                    found[row[-1]] = row
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


def version_of(conn: sqlite3.Connection) -> int:
    """Its schema version; the newest where that cannot be told."""
    with suppress(sqlite3.Error):
        return pragma(conn, "user_version")
    return SCHEMA_VERSION


def columns_of(conn: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns. Raises sqlite3.Error."""
    return [name for _, name, *_ in conn.execute(f"PRAGMA table_info({table})")]
