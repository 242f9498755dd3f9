"""The audit and the event log as they are written; the audit as a chain."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from pdutui.domain.audit import GENESIS, StoredAudit
from pdutui.domain.commands import AuditRecord
from pdutui.store.chain import FIELDS, digest, time_of
from pdutui.store.schema_chain import INSERT

RECORD = FIELDS[1:]
"""The columns of a record: all but the uid."""
_MOST = 2**62
_SELECT = f"SELECT {', '.join(FIELDS)} FROM audit"


def clean_text(value: Any) -> Any:
    """Text that UTF-8 can hold: an OS user's name may carry bytes that are no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


class AuditEntry(msgspec.Struct, frozen=True):
    """A record on its way. The uid makes writing it twice the same as writing it once."""

    uid: str
    record: AuditRecord

    @classmethod
    def of(cls, record: AuditRecord) -> AuditEntry:
        """A record with a new uid, fit to be stored."""
        clean = {f: clean_text(getattr(record, f)) for f in RECORD}
        return cls(uuid.uuid4().hex, AuditRecord(**clean))


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the event log as it is kept."""

    time: datetime
    pdu: str
    severity: str
    text: str


def iso_time(time: datetime) -> str:
    """As it is stored; the texts sort as the times do."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def insert_audit(conn: sqlite3.Connection, entries: Iterable[AuditEntry]) -> list[StoredAudit]:
    """Put records that are not there yet at the end of the chain; those that were put there.

    Inside a transaction that nobody else can write in: the end of the chain is one place.
    """
    n, before = end_of(conn)
    stored = []
    for entry in entries:
        if conn.execute("SELECT 1 FROM audit WHERE uid = ?", (entry.uid,)).fetchone():
            continue
        record = entry.record
        values = [entry.uid, iso_time(record.time), *(getattr(record, f) for f in RECORD[1:])]
        n += 1
        hashed = digest(n, before, values)
        conn.execute(INSERT, (n, *values, before, hashed))
        stored.append(StoredAudit(n=n, record=record, before=before, hash=hashed))
        before = hashed
    return stored


def end_of(conn: sqlite3.Connection) -> tuple[int, str]:
    """The highest number that was ever given, and the hash of the newest record that is there.

    After a number whose record is gone the next one follows all the same: the gap stays to be
    seen.
    """
    last = conn.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    n, hashed = last or (0, GENESIS)
    return max(n, given(conn)), hashed


def given(conn: sqlite3.Connection) -> int:
    """The highest number that was ever given, as SQLite keeps it; 0 for what cannot be one."""
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    seq = row[0] if row else 0
    return seq if isinstance(seq, int) and 0 < seq < _MOST else 0


@contextmanager
def lenient(conn: sqlite3.Connection, errors: str = "backslashreplace") -> Iterator[None]:
    """Texts that are no UTF-8, as somebody may write them by hand, are read all the same."""
    conn.text_factory = lambda data: data.decode("utf-8", errors)
    try:
        yield
    finally:
        conn.text_factory = str


def record_of(values: Sequence[Any]) -> AuditRecord:
    """A record from the values of `RECORD`.

    Raises:
        ValueError: Its time or its outlet is none.
    """
    time = time_of(values[0])
    fields = dict(zip(RECORD, map(_shown, values), strict=True))
    if time is None or type(fields["outlet"]) is not int:
        raise ValueError(f"no record: {values!r:.200}")
    fields["time"] = time
    return AuditRecord(**fields)


def _shown(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _entries(rows: Iterable[tuple[Any, ...]]) -> list[AuditEntry]:
    """Those that can be read; the others are for a check of the chain to find."""
    found = []
    for uid, *values in rows:
        with suppress(ValueError):
            found.append(AuditEntry(str(uid), record_of(values)))
    return found


def read_audit(conn: sqlite3.Connection, limit: int) -> list[AuditEntry]:
    """The newest records, newest first."""
    with lenient(conn):
        return _entries(conn.execute(f"{_SELECT} ORDER BY n DESC LIMIT ?", (limit,)))


def audit_between(
    conn: sqlite3.Connection, begin: datetime, end: datetime, pdus: Collection[str], limit: int
) -> list[AuditEntry]:
    """The newest records of a span, newest first.

    Args:
        conn: The database.
        begin: Of the span.
        end: Of it, and not part of it.
        pdus: Whose; none means all.
        limit: How many at most.
    """
    whose = f"AND pdu IN ({', '.join('?' * len(pdus))})" if pdus else ""
    with lenient(conn):
        rows = conn.execute(
            f"{_SELECT} WHERE time >= ? AND time < ? {whose} ORDER BY time DESC, n DESC LIMIT ?",
            (iso_time(begin), iso_time(end), *pdus, limit),
        )
        return _entries(rows)


def ended_since(conn: sqlite3.Connection, intent_id: str, begin: datetime) -> bool:
    """Whether there is a record of how a command ended that began at a moment."""
    found = conn.execute(
        "SELECT 1 FROM audit WHERE time >= ? AND intent_id = ? AND outcome != 'requested' LIMIT 1",
        (iso_time(begin), intent_id),
    ).fetchone()
    return found is not None


def insert_events(conn: sqlite3.Connection, events: Iterable[StoredEvent]) -> None:
    """Write lines of the event log that are not there yet. Inside a transaction."""
    conn.executemany(
        "INSERT OR IGNORE INTO events (ts, pdu, severity, text) VALUES (?, ?, ?, ?)",
        [
            (round(e.time.timestamp() * 1000), clean_text(e.pdu), e.severity, clean_text(e.text))
            for e in events
        ],
    )


def read_events(conn: sqlite3.Connection, limit: int) -> list[StoredEvent]:
    """The newest lines, newest first."""
    rows = conn.execute(
        "SELECT ts, pdu, severity, text FROM events ORDER BY ts DESC, n DESC LIMIT ?", (limit,)
    )
    return [
        StoredEvent(
            time=datetime.fromtimestamp(ts / 1000, UTC), pdu=pdu, severity=severity, text=text
        )
        for ts, pdu, severity, text in rows
    ]
