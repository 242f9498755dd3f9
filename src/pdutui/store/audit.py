"""The audit and the event log: what is written, and where it waits when the database refuses."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from pdutui.domain.commands import AuditRecord
from pdutui.store.damaged import open_damaged
from pdutui.store.schema import Immediate

_FIELDS = AuditRecord.__struct_fields__[:14]
_COLUMNS = ", ".join(_FIELDS)
_MARKS = ", ".join("?" * len(_FIELDS))
_INSERT = (
    f"INSERT INTO audit (uid, {_COLUMNS}) SELECT ?, {_MARKS} "
    "WHERE NOT EXISTS (SELECT 1 FROM audit WHERE uid = ?)"
)
_SELECT = f"SELECT uid, {_COLUMNS} FROM audit"


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
        clean = {f: clean_text(getattr(record, f)) for f in _FIELDS}
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


def insert_audit(conn: sqlite3.Connection, entries: Iterable[AuditEntry]) -> None:
    """Write records that are not there yet. Inside a transaction."""
    for entry in entries:
        values = [getattr(entry.record, f) for f in _FIELDS]
        values[0] = iso_time(entry.record.time)
        conn.execute(_INSERT, (entry.uid, *values, entry.uid))


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    uid, time, *rest = row
    fields = dict(zip(_FIELDS, (datetime.fromisoformat(time), *rest), strict=True))
    return AuditEntry(uid, AuditRecord(**fields))


def read_audit(conn: sqlite3.Connection, limit: int) -> list[AuditEntry]:
    """The newest records, newest first."""
    rows = conn.execute(f"{_SELECT} ORDER BY n DESC LIMIT ?", (limit,))
    return [_entry(row) for row in rows]


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
    rows = conn.execute(
        f"{_SELECT} WHERE time >= ? AND time < ? {whose} ORDER BY time DESC, n DESC LIMIT ?",
        (iso_time(begin), iso_time(end), *pdus, limit),
    )
    return [_entry(row) for row in rows]


def ended_since(conn: sqlite3.Connection, intent_id: str, begin: datetime) -> bool:
    """Whether there is a record of how a command ended that began at a moment."""
    found = conn.execute(
        "SELECT 1 FROM audit WHERE time >= ? AND intent_id = ? AND outcome != 'requested' LIMIT 1",
        (iso_time(begin), intent_id),
    ).fetchone()
    return found is not None


def salvage_audit(conn: sqlite3.Connection, damaged: Path) -> int:
    """Copy what can still be read of a damaged database's audit; how many records came over.

    Read from both ends, as a broken page in the middle hides only what stands on it.
    """
    found: dict[str, AuditEntry] = {}
    try:
        source = open_damaged(damaged)
    except sqlite3.Error:
        return 0
    try:
        for order in ("ASC", "DESC"):
            try:
                for row in source.execute(f"{_SELECT} ORDER BY n {order}"):
                    entry = _entry(row)
                    if entry.uid in found:
                        break
                    found[entry.uid] = entry
            except (sqlite3.Error, ValueError, TypeError):
                continue
    finally:
        source.close()
    with Immediate(conn):
        insert_audit(conn, sorted(found.values(), key=lambda e: e.record.time))
    return len(found)


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


SPILL_NAME = "audit-spill.jsonl"


class SpillFile:
    """`audit-spill.jsonl`: where audit records are safe while the database refuses them.

    Every append is synced to the disk. Several programs may share it, so each use is under a
    lock on the file itself. All methods block.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _locked(self, flags: int) -> Iterator[int]:
        fd = os.open(self.path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    def append(self, entries: Iterable[AuditEntry]) -> None:
        """Add records and sync.

        Raises:
            OSError: They are not all on the disk.
        """
        data = b"".join(msgspec.json.encode(e) + b"\n" for e in entries)
        with self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND) as fd:
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data  # the line before was cut off by a crash or a full disk
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def read(self) -> list[AuditEntry]:
        """What is in it, oldest first; nothing when there is no such file."""
        try:
            return _parse(self.path.read_bytes())[0]
        except OSError:
            return []

    def waiting(self) -> bool:
        """Whether there is anything in it."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False

    @contextmanager
    def emptied(self) -> Iterator[list[AuditEntry]]:
        """`with spill.emptied() as entries:` store them; if that ends well the file is emptied.

        A line that cannot be read goes to `audit-spill.damaged.jsonl` instead of nowhere.
        """
        with self._locked(os.O_RDWR) as fd:
            entries, unreadable = _parse(os.pread(fd, os.fstat(fd).st_size, 0))
            yield entries
            if unreadable:
                self._keep_unreadable(unreadable)
            os.ftruncate(fd, 0)

    def _keep_unreadable(self, lines: list[bytes]) -> None:
        beside = self.path.with_name(f"{self.path.stem}.damaged{self.path.suffix}")
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, b"\n".join(lines) + b"\n")
        finally:
            os.close(fd)


def _parse(data: bytes) -> tuple[list[AuditEntry], list[bytes]]:
    entries: list[AuditEntry] = []
    unreadable: list[bytes] = []
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            entries.append(msgspec.json.decode(line, type=AuditEntry))
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(line)
    return entries, unreadable
