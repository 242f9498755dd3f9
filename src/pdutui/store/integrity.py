"""Whether a database is whole: SQLite's own structures, and every packed hour."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.store.errors import kind_of
from pdutui.store.limits import StoreLimits
from pdutui.store.opening import open_to_read
from pdutui.store.schema import check_version

_INSTRUCTIONS = 200_000
"""Of SQLite, between two signs of life: a few milliseconds."""
_MOST = 20
"""Findings that are told; a file with more is lost anyway."""
_BLOBS = (("chunk", "hour", HOUR_MS), ("minutes", "hour", HOUR_MS), ("quarters", "day", DAY_MS))

_BLOBS_SINCE = 2
"""The schema version that has them first."""

OnProgress = Callable[[str, int, int], None]
"""What is looked at, how many of it are done, and how many there are; 0 where that is unknown."""


def find_damage(path: Path, *, quick: bool, on_progress: OnProgress) -> list[str]:
    """What is wrong with a database, in sentences; empty if it is whole. Changes nothing.

    SQLite does not see a flipped bit inside of a blob; the checksum of each does.

    Args:
        path: The file; another program may write to it.
        quick: Leave the blobs out.
        on_progress: Called every now and then.

    Raises:
        sqlite3.Error, OSError: It cannot be opened.
        StoreTrouble: It is another program's.
        StoreFromFuture: A newer pdutui made it.
    """
    conn, _ = open_to_read(path, StoreLimits(busy_ms=5000))
    found: list[str] = []
    with closing(conn):
        try:
            version = check_version(conn, path)
            conn.set_progress_handler(lambda: on_progress("the file", 0, 0), _INSTRUCTIONS)
            for (text,) in conn.execute(f"PRAGMA quick_check({_MOST})"):
                found += _sentences(str(text))  # one by one: it may fail on its way
            conn.set_progress_handler(None, 0)
            if not quick and version >= _BLOBS_SINCE:
                for text in _broken_blobs(conn, on_progress):
                    found.append(text)
                    if len(found) >= _MOST:
                        return [*found, "and more"]
        except sqlite3.Error as error:
            if kind_of(error) != "damaged":
                raise
            found = found or [str(error)]  # what was found says more
    return found


def _sentences(text: str) -> list[str]:
    """Of SQLite's report, which may have several lines under a heading."""
    return [line for line in text.splitlines() if line != "ok" and not line.startswith("***")]


def _broken_blobs(conn: sqlite3.Connection, on_progress: OnProgress) -> Iterator[str]:
    names = {
        ident: f"{part} of {pdu}"
        for ident, part, pdu in conn.execute(
            "SELECT part.id, part.name, pdu.name FROM part JOIN pdu ON pdu.id = part.pdu"
        )
    }
    for table, unit, unit_ms in _BLOBS:
        (total,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
        # A flipped bit may also have made text of it, which would not be read as such.
        cursor = conn.execute(f"SELECT part, {unit}, sz, typeof(z), CAST(z AS BLOB) FROM {table}")
        for done, (part, at, size, kind, z) in enumerate(cursor):
            on_progress(table, done, total)
            if kind == "blob" and _is_whole(z, size):
                continue
            whose = names.get(part, f"part {part!r}")
            yield f"{table}: {whose}, {_when(at, unit, unit_ms)}"


def _when(at: object, unit: str, unit_ms: int) -> str:
    """Which hour or day, as far as it can be told: that may be broken too."""
    try:
        if isinstance(at, int):
            moment = datetime.fromtimestamp(at * unit_ms / 1000, UTC)
            return f"{unit} of {moment:%Y-%m-%d %H:%MZ}"
    except (ValueError, OverflowError, OSError):
        pass
    return f"of an unknown {unit}"


def _is_whole(z: bytes, size: int) -> bool:
    try:
        return len(zlib.decompress(z)) == size
    except zlib.error:
        return False
