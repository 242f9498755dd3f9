"""The database's shape and how an older one is brought up to it.

`PRAGMA user_version` is the schema version. A step of `MIGRATIONS` takes a database from its key
to the next version; base tables are step 0, `schema_sealed` is step 1, `schema_chain` step 2.

- `pdu(id, name, view)`: which PDU has which table.
- `raw_<id>`: a row per poll. `ts` is unix time in **milliseconds**: with seconds, two polls that
  end in one second (14:02:11.010 and .990) would be one row, and a reading lost; the milliseconds
  cost a byte a row. A column per series that ever had a value, integers scaled as `series` says.
  NULL: the device did not say. A poll that failed has no row.
- `series(pdu, key, field, col, units_per, codes)`: the catalogue of those columns.
- `<view>`: the same in units and words, for people with the `sqlite3` shell.
- `audit`: append-only, by triggers; version 3 makes a chain of it, see `schema_chain`.
- `events`: the lines of the event log; `severity` ends in ` trap` where a trap says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from pdutui.store.errors import StoreFromFuture, StoreTrouble
from pdutui.store.peek import APPLICATION_ID
from pdutui.store.peek import SCHEMA_VERSION as SCHEMA_VERSION
from pdutui.store.schema_chain import chained
from pdutui.store.schema_sealed import sealed

_BASE = (
    "CREATE TABLE pdu (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, view TEXT NOT NULL)",
    """CREATE TABLE series (
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        key TEXT NOT NULL,
        col TEXT NOT NULL,
        units_per INTEGER NOT NULL,
        codes TEXT,
        PRIMARY KEY (pdu, key)
    ) WITHOUT ROWID""",
    """CREATE TABLE audit (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        time TEXT NOT NULL,
        intent_id TEXT NOT NULL,
        user TEXT NOT NULL,
        ssh_origin TEXT,
        origin TEXT NOT NULL,
        pdu TEXT NOT NULL,
        outlet INTEGER NOT NULL,
        outlet_name TEXT NOT NULL,
        action TEXT NOT NULL,
        state_from TEXT NOT NULL,
        state_to TEXT,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL,
        reason TEXT
    )""",
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    # INSERT OR REPLACE deletes without firing a delete trigger.
    """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE n = NEW.n OR uid = NEW.uid)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TABLE events (
        n INTEGER PRIMARY KEY,
        ts INTEGER NOT NULL,
        pdu TEXT NOT NULL,
        severity TEXT NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (ts, pdu, text)
    )""",
)


def _base(conn: sqlite3.Connection) -> None:
    for statement in _BASE:
        conn.execute(statement)
    conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


Migrations = Mapping[int, Callable[[sqlite3.Connection], None]]

MIGRATIONS: Migrations = {0: _base, 1: sealed, 2: chained}
assert len(MIGRATIONS) == SCHEMA_VERSION


def pragma(conn: sqlite3.Connection, name: str) -> int:
    """The value of an integer pragma."""
    return int(conn.execute(f"PRAGMA {name}").fetchone()[0])


def configure(conn: sqlite3.Connection, *, max_page_count: int) -> None:
    """Set up a connection for writing.

    FULL because an acknowledged batch must survive a power cut, and with batches of ten seconds
    it costs next to nothing. secure_delete OFF because Debian's default writes every page that
    retention drops once more.
    """
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA wal_autocheckpoint = 1000")
    conn.execute("PRAGMA journal_size_limit = 16777216")
    conn.execute("PRAGMA secure_delete = OFF")
    conn.execute("PRAGMA cell_size_check = ON")
    conn.execute("PRAGMA temp_store = MEMORY")
    if max_page_count:
        conn.execute(f"PRAGMA max_page_count = {max_page_count}")


def check_version(conn: sqlite3.Connection, path: Path, known: int = SCHEMA_VERSION) -> int:
    """The schema version, after making sure that the file is ours and not from the future.

    Raises:
        StoreFromFuture: A newer pdutui made it.
        StoreTrouble: It is some other program's database (`foreign`).
        sqlite3.Error: It cannot be read.
    """
    version = pragma(conn, "user_version")
    owner = pragma(conn, "application_id")
    if owner == APPLICATION_ID and version > known:
        # Before the schema is looked at: it may hold what this SQLite takes for damage.
        raise StoreFromFuture(path, version, known)
    tables = int(conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if not owner:  # another pdutui may have made it since
        owner = pragma(conn, "application_id")
    if owner != APPLICATION_ID and (owner or version or tables):
        raise StoreTrouble("foreign", f"history paused: {path} is another program's database")
    return version


def migrate(conn: sqlite3.Connection, path: Path, migrations: Migrations = MIGRATIONS) -> None:
    """Bring the database to the newest version, each step in a transaction of its own.

    Raises:
        StoreFromFuture: A newer pdutui made it.
        StoreTrouble: It is not a pdutui database.
        sqlite3.Error: A step failed; the database is as it was before that step.
    """
    known = len(migrations)
    while (version := check_version(conn, path, known)) < known:
        with Immediate(conn):
            if pragma(conn, "user_version") == version:
                migrations[version](conn)
                conn.execute(f"PRAGMA user_version = {version + 1}")


class Immediate:
    """`with Immediate(conn):` one transaction: committed at the end, rolled back on any error."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def __enter__(self) -> None:
        self._conn.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._conn.execute("COMMIT")
            except sqlite3.Error:
                self._rollback()
                raise
        else:
            self._rollback()

    def _rollback(self) -> None:
        # SQLite rolls back by itself on a full disk or an I/O error; then there is nothing to do.
        # A rollback that fails must not hide what made it necessary.
        with suppress(sqlite3.Error):
            if self._conn.in_transaction:
                self._conn.execute("ROLLBACK")
