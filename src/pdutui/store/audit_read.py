"""Questions to the audit: which records are wanted, and those that are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from pdutui.domain.audit import AuditQuery, StoredAudit
from pdutui.domain.commands import AuditRecord
from pdutui.store.audit import RECORD, AuditEntry, iso_time, lenient, record_of
from pdutui.store.query import Asked

_TEXTS = tuple(field for field in RECORD if field not in ("time", "outlet"))
_EQUAL = ("pdu", "outlet", "action", "outcome", "origin", "plan", "ticket")
_SELECT = f"SELECT n, before_hash, hash, {', '.join(RECORD)} FROM audit"
_EPOCH = datetime.fromtimestamp(0, UTC)


def read_rows(conn: sqlite3.Connection, asked: Asked, query: AuditQuery) -> list[StoredAudit]:
    """The newest records that fit, newest first; the database does the choosing."""
    where, values = _where(query)
    if query.text is not None:
        conn.create_function("pdutui_fold", 1, _folded, deterministic=True)
    found = []
    with lenient(conn):
        for row in conn.execute(
            f"{_SELECT} {where} ORDER BY n DESC LIMIT ?", (*values, query.limit)
        ):
            asked.step()
            found.append(_stored(row))
    return found


def read_newest(conn: sqlite3.Connection, asked: Asked) -> StoredAudit | None:
    """The head of the chain."""
    return next(iter(read_rows(conn, asked, AuditQuery(limit=1))), None)


def _where(query: AuditQuery) -> tuple[str, list[object]]:
    """A WHERE clause and its values."""
    parts: list[str] = []
    values: list[object] = []

    def add(part: str, *of_it: object) -> None:
        parts.append(part)
        values.extend(of_it)

    if query.before_n is not None:
        add("n < ?", query.before_n)
    if query.since is not None:
        add("time >= ?", iso_time(query.since))
    if query.until is not None:
        add("time < ?", iso_time(query.until))
    if query.user is not None:
        begin, end = _of_two(query.user)
        add(
            "(user = ? OR substr(user, 1, ?) = ? OR substr(user, -?) = ?)",
            query.user, len(begin), begin, len(end), end,
        )  # fmt: skip
    for field in _EQUAL:
        wanted = getattr(query, field)
        if wanted is not None:
            add(f"{field} = ?", wanted)
    if query.text is not None:
        # As bytes, since a function is not called with what is no UTF-8.
        said = " || char(10) || ".join(f"coalesce({field}, '')" for field in _TEXTS)
        add(f"instr(pdutui_fold(CAST({said} AS BLOB)), ?) > 0", query.text.casefold())
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _of_two(user: str) -> tuple[str, str]:
    """How `root (sudo by alice)` begins or ends with a name."""
    return f"{user} (sudo by ", f" (sudo by {user})"


def _folded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace").casefold()


def _stored(row: Sequence[Any]) -> StoredAudit:
    n, before, hashed, *values = row
    try:
        record = record_of(values)
    except ValueError:
        record = _unreadable(values)
    return StoredAudit(n=n, record=record, before=str(before), hash=str(hashed))


def _unreadable(values: Sequence[Any]) -> AuditRecord:
    """What can be shown of a record that somebody wrote by hand: better than leaving it out."""
    said = ", ".join(f"{name}={value!r}" for name, value in zip(RECORD, values, strict=True))
    return AuditRecord(
        time=_EPOCH, intent_id="", user="", ssh_origin=None, origin="", pdu="", outlet=0,
        outlet_name="", action="", state_from="", state_to=None, outcome="unreadable",
        detail=f"this record was changed and cannot be read: {said}",
    )  # fmt: skip


def fits(record: AuditRecord, query: AuditQuery) -> bool:
    """Whether a record that is not stored yet is one of those that are wanted."""
    if query.since is not None and record.time < query.since:
        return False
    if query.until is not None and record.time >= query.until:
        return False
    if query.user is not None and record.user != query.user:
        begin, end = _of_two(query.user)
        if not (record.user.startswith(begin) or record.user.endswith(end)):
            return False
    for field in _EQUAL:
        wanted = getattr(query, field)
        if wanted is not None and getattr(record, field) != wanted:
            return False
    if query.text is None:
        return True
    said = "\n".join(getattr(record, field) or "" for field in _TEXTS)
    return query.text.casefold() in said.casefold()


def waiting_rows(entries: Iterable[AuditEntry], query: AuditQuery) -> list[StoredAudit]:
    """Of those that are not in the chain yet the ones that fit, newest first; their number is 0."""
    if query.before_n is not None:
        return []
    found = [
        StoredAudit(n=0, record=entry.record, before="", hash="")
        for entry in entries
        if fits(entry.record, query)
    ]
    return found[::-1][: query.limit]


def shortened(query: AuditQuery, had: int) -> AuditQuery:
    """The rest of a question of which some rows are found."""
    return msgspec.structs.replace(query, limit=max(0, query.limit - had))
