"""A copy of the database while it is written to: one file, whole, of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pdutui.store.limits import StoreLimits
from pdutui.store.opening import open_to_read
from pdutui.store.schema import check_version

_PAGES = 2048
"""Copied at a time: 8 MiB."""
_INSTRUCTIONS = 200_000
"""Of SQLite, between two signs of life while the copy is checked: a few milliseconds."""

OnPages = Callable[[int, int], None]
"""Pages that are copied, and how many there are."""


def copy_database(source: Path, target: Path, on_pages: OnPages) -> None:
    """Copy all that is committed into `target`, an empty file that is there.

    One read transaction lasts for the whole copy: it sees one moment, and a writer does not make
    it start over, as SQLite's backup does otherwise with every commit of another program. The
    copy needs no other file beside it.

    Raises:
        sqlite3.Error: Reading or writing failed.
        StoreTrouble: `source` is no pdutui database.
        StoreFromFuture: A newer pdutui made it.
        OSError: It cannot be opened.
    """
    conn, _ = open_to_read(source, StoreLimits(busy_ms=5000))
    with closing(conn), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        conn.execute("BEGIN")
        check_version(conn, source)
        # Whoever calls makes the copy durable, and throws away half a one.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        conn.backup(
            copy, pages=_PAGES, progress=lambda _, left, total: on_pages(total - left, total)
        )
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # the pages say WAL, like their source


def bytes_needed(source: Path) -> int:
    """How large a copy would be. Raises as `copy_database` does."""
    conn, _ = open_to_read(source, StoreLimits(busy_ms=5000))
    with closing(conn):
        check_version(conn, source)
        pages, size = (
            int(conn.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "page_size")
        )
    return pages * size


def first_damage(path: Path, on_life: Callable[[], None]) -> str:
    """What SQLite finds wrong with a database that nobody else has open; empty if nothing.

    Raises:
        sqlite3.Error: It cannot be read.
    """

    def alive() -> int:
        on_life()
        return 0

    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as conn:
        conn.set_progress_handler(alive, _INSTRUCTIONS)
        found = str(conn.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if found == "ok" else found
