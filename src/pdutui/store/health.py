"""Changes of health as they are kept: when a PDU was lost, and when pdutui was not running."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable
from datetime import datetime

import msgspec

from pdutui.domain.health import RecordedHealth
from pdutui.store.audit import clean_text
from pdutui.store.raw import Catalogue

_MOST = 1000
"""Changes that wait; with the disk away for hours, the oldest are given up."""


class StoredHealth(msgspec.Struct, frozen=True):
    """One change."""

    ts_ms: int
    pdu: str
    health: RecordedHealth
    detail: str


class HealthQueue:
    """Changes that are not committed yet, in order, bounded."""

    def __init__(self) -> None:
        self._waiting: deque[StoredHealth] = deque(maxlen=_MOST)
        self._last: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, time: datetime, pdu: str, health: RecordedHealth, detail: str) -> None:
        """Take a change in. Two of one PDU in one millisecond: the second is put into the next."""
        ts = round(time.timestamp() * 1000)
        said, used = self._last.get(pdu, (None, 0))
        stored_as = used + 1 if ts == said else ts
        self._last[pdu] = (ts, stored_as)
        self._waiting.append(StoredHealth(stored_as, pdu, health, detail))

    def waiting(self) -> list[StoredHealth]:
        """Oldest first."""
        return list(self._waiting)

    def done(self, written: Iterable[StoredHealth]) -> None:
        """These are committed."""
        gone = {id(each) for each in written}
        self._waiting = deque((h for h in self._waiting if id(h) not in gone), maxlen=_MOST)

    def clear(self) -> None:
        """Another program writes them."""
        self._waiting.clear()


def insert_health(
    conn: sqlite3.Connection, catalogue: Catalogue, changes: Iterable[StoredHealth]
) -> None:
    """Write changes that are not there yet. Inside a transaction."""
    conn.executemany(
        "INSERT OR IGNORE INTO health (pdu, ts, health, detail) VALUES (?, ?, ?, ?)",
        [
            (catalogue.ident(h.pdu), h.ts_ms, h.health, clean_text(h.detail)) for h in changes
        ],
    )  # fmt: skip
