"""Schema version 3: the audit as a chain.

- `audit(n, uid, …, ticket, role, plan, approved_by, before_hash, hash)`: append-only, by triggers.
  `hash` covers the whole record with its number and `before_hash`, the hash of the record before;
  `store.chain` has the bytes. Numbers have no gaps: `n` is one more than the newest there ever was,
  which SQLite keeps in `sqlite_sequence`.
- `audit_note(id, time, kind, upto, text)`: append-only too; what has to be known of the chain.
  - `chained`: records up to `upto` were there before there was a chain. What happened to them
    before that cannot be proved.
  - `salvaged`: records up to `upto` were taken over from a damaged database.
  - `missing`: when record `upto` + 1 was written, `audit-head.json` spoke of a record that was not
    there. This one is a fault: verifying finds it for ever.

`audit-head.json` beside the database has number and hash of the newest record of each database in
that directory, written after every commit. It may be behind after a crash, and is never ahead: if
it is, records were taken away, or an older copy of the database was put in its place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from pdutui.domain.audit import GENESIS
from pdutui.store.chain import FIELDS, digest

_OLD_FIELDS = FIELDS[:15]
"""What version 2 had."""
COLUMNS = ", ".join(("n", *FIELDS, "before_hash", "hash"))
INSERT = f"INSERT INTO audit ({COLUMNS}) VALUES ({', '.join('?' * (len(FIELDS) + 3))})"
NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
"""A migration is given a connection and nothing else; SQLite has a clock."""

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
TRIGGERS = {
    "audit_no_update": f"BEFORE UPDATE ON audit {_REFUSE}",
    "audit_no_delete": f"BEFORE DELETE ON audit {_REFUSE}",
    # INSERT OR REPLACE deletes without firing a delete trigger.
    "audit_no_replace": "BEFORE INSERT ON audit "
    f"WHEN EXISTS (SELECT 1 FROM audit WHERE n = NEW.n OR uid = NEW.uid) {_REFUSE}",
    "audit_note_no_update": f"BEFORE UPDATE ON audit_note {_REFUSE}",
    "audit_note_no_delete": f"BEFORE DELETE ON audit_note {_REFUSE}",
    "audit_note_no_replace": "BEFORE INSERT ON audit_note "
    f"WHEN EXISTS (SELECT 1 FROM audit_note WHERE id = NEW.id) {_REFUSE}",
}
"""By name; what is missing of them was taken away by hand."""

_TABLES = (
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
        reason TEXT,
        ticket TEXT,
        role TEXT,
        plan TEXT,
        approved_by TEXT,
        before_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    )""",
    """CREATE TABLE audit_note (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        kind TEXT NOT NULL,
        upto INTEGER NOT NULL,
        text TEXT NOT NULL
    )""",
)
_AFTER = (
    "CREATE INDEX audit_time ON audit (time)",
    "CREATE INDEX audit_plan ON audit (plan) WHERE plan IS NOT NULL",
    *(f"CREATE TRIGGER {name} {what}" for name, what in TRIGGERS.items()),
)


def chained(conn: sqlite3.Connection) -> None:
    """Version 2 to 3: the records that are there become a chain in the order of their numbers.

    The old rows wait in a temporary table, as renaming a table would look at every view of the
    file, and fail for one that somebody made by hand and that does not work.
    """
    newest_ever = _sequence(conn)
    conn.execute("CREATE TEMP TABLE audit_before AS SELECT * FROM audit")
    conn.execute("DROP TABLE audit")
    for statement in _TABLES:
        conn.execute(statement)
    conn.executemany(INSERT, _rows(conn))
    conn.execute("DROP TABLE temp.audit_before")
    (last,) = conn.execute("SELECT coalesce(max(n), 0) FROM audit").fetchone()
    newest = max(newest_ever, last)
    if newest:
        conn.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
        conn.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('audit', ?)", (newest,))
        _say_so(conn, newest)
    for statement in _AFTER:
        conn.execute(statement)


def _sequence(conn: sqlite3.Connection) -> int:
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    return int(row[0]) if row else 0


def _rows(conn: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(
        f"CAST({field} AS {'INTEGER' if field == 'outlet' else 'BLOB'})" for field in _OLD_FIELDS
    )
    before = GENESIS
    for n, *stored in conn.execute(f"SELECT n, {columns} FROM temp.audit_before ORDER BY n"):
        values = (*(_text(value) for value in stored), *(None for _ in FIELDS[15:]))
        hashed = digest(n, before, values)
        yield (n, *values, before, hashed)
        before = hashed


def _text(value: Any) -> Any:
    """As text, whatever somebody may have put there by hand: an update must not fail for it."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _say_so(conn: sqlite3.Connection, newest: int) -> None:
    text = (
        f"records up to {newest} were made part of the chain when pdutui was updated: "
        "what happened to them before cannot be proved"
    )
    conn.execute(
        f"INSERT INTO audit_note (time, kind, upto, text) VALUES ({NOW}, 'chained', ?, ?)",
        (newest, text),
    )
