"""Going through the whole chain of the audit. Changes nothing; a console may write meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from pdutui.domain.audit import ChainReport
from pdutui.store.audit import given, lenient
from pdutui.store.audit_head import Head, HeadFile, is_there
from pdutui.store.chain import Walk
from pdutui.store.query import Asked
from pdutui.store.schema_chain import COLUMNS, TRIGGERS

_PAGE = 500
"""Records between two chances to stop."""


class Remembered(msgspec.Struct, frozen=True):
    """What the head file said before the database was looked at: it may be behind, not ahead."""

    name: str
    head: Head | None = None
    problem: str = ""

    @classmethod
    def of(cls, file: HeadFile) -> Remembered:
        """Read it. Blocks."""
        try:
            return cls(file.path.name, file.read())
        except ValueError as error:
            return cls(file.path.name, None, str(error))


def verify_chain(
    conn: sqlite3.Connection, asked: Asked, remembered: Remembered, expect: str | None = None
) -> ChainReport:
    """Check every record, the end of the chain, and what was said of it.

    Args:
        conn: The database, in a transaction.
        asked: To stop by.
        remembered: What the head file said a moment ago.
        expect: A hash that was kept elsewhere; it must be one of the chain's.
    """
    with lenient(conn):
        told = conn.execute("SELECT time, kind, upto, text FROM audit_note ORDER BY id").fetchall()
    notes = [f"{text} (noted {time})" for time, kind, _, text in told if kind != "missing"]
    walk = Walk(max((upto for _, kind, upto, _ in told if kind == "chained"), default=0))
    where = 0
    for page in _pages(conn):
        for n, *values, before, hashed in page:
            walk.step(n, values, before, hashed)
            if hashed == expect:
                where = n
        asked.step()
    _check_end(conn, walk)
    for time, kind, upto, text in told:
        if kind == "missing":
            walk.fault(upto, f"{text} (noted {time})", time)
    _check_head(conn, asked, walk, remembered, notes)
    _check_guards(conn, walk)
    if expect is not None and where:
        notes.append(f"the hash that was expected is that of record {where}")
    elif expect is not None:
        walk.fault(0, f"no record has the hash that was expected, {expect}")
    return ChainReport(
        records=walk.records, head=walk.head, faults=walk.all_faults, notes=tuple(notes)
    )


def _pages(conn: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
    select = f"SELECT {COLUMNS} FROM audit WHERE n > ? ORDER BY n LIMIT {_PAGE}"
    upto = -(2**63)
    while True:
        try:
            page = conn.execute(select, (upto,)).fetchall()
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
            # A text that is none shows as such: no hash fits what cannot be encoded.
            with lenient(conn, "surrogateescape"):
                page = conn.execute(select, (upto,)).fetchall()
        if not page:
            return
        yield page
        upto = page[-1][0]


def _check_end(conn: sqlite3.Connection, walk: Walk) -> None:
    newest = given(conn)
    if newest > walk.n:
        walk.missing(walk.n + 1, newest, " at the end")
    elif newest < walk.n:
        walk.fault(walk.n, "sqlite_sequence was changed: it is behind the newest record")


def newest_missing(conn: sqlite3.Connection, asked: Asked, remembered: Remembered) -> str:
    """What is wrong with the newest record that was remembered; empty if nothing is."""
    head, name = remembered.head, remembered.name
    if head is None or is_there(conn, head):
        return ""
    if conn.execute(
        "SELECT 1 FROM audit_note WHERE kind = 'salvaged' AND instr(text, ?)", (head.said,)
    ).fetchone():
        return ""
    if conn.execute("SELECT 1 FROM audit WHERE n >= ?", (head.n,)).fetchone():
        return f"{name} speaks of {head.said}, which is another one here: the chain was made anew"
    return (
        f"{name} speaks of {head.said}, which is not there: "
        "records are missing at the end, or this is an older copy"
    )


def _check_head(
    conn: sqlite3.Connection, asked: Asked, walk: Walk, remembered: Remembered, notes: list[str]
) -> None:
    name = remembered.name
    if remembered.problem:
        notes.append(f"{remembered.problem}: whether the newest records are there cannot be told")
    elif remembered.head is None:
        if walk.records:
            notes.append(
                f"{name} says nothing of this database: "
                "whether the newest records are there cannot be told"
            )
    elif what := newest_missing(conn, asked, remembered):
        walk.fault(remembered.head.n, what, remembered.head.time)


def _check_guards(conn: sqlite3.Connection, walk: Walk) -> None:
    rows = conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    there: dict[str, str] = dict(rows.fetchall())
    gone = [n for n, what in TRIGGERS.items() if there.get(n) != f"CREATE TRIGGER {n} {what}"]
    if gone:
        walk.fault(0, f"what keeps records from being changed was taken away: {', '.join(gone)}")
