"""The writing end of the audit: records into the chain, their head beside it, notes about both."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

from pdutui.domain.audit import StoredAudit
from pdutui.domain.clock import Clock
from pdutui.store.audit import AuditEntry, end_of, insert_audit, iso_time
from pdutui.store.audit_head import Head, HeadFile, is_there
from pdutui.store.audit_salvage import read_what_can_be
from pdutui.store.schema import Immediate
from pdutui.store.spill import SPILL_NAME, SpillFile

log = logging.getLogger(__name__)

_FRESH_MOST = 20_000
"""Records that nobody has fetched; more than ever wait in memory."""


class AuditWriter:
    """Takes records into the chain. In the writer's thread, but for `take`.

    Args:
        path: The database.
        clock: For the time of notes.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.spill = SpillFile(path.with_name(SPILL_NAME))
        self.head = HeadFile(path)
        self._clock = clock
        self._fresh: deque[StoredAudit] = deque(maxlen=_FRESH_MOST)
        self._head_fails = False

    def take(self) -> list[StoredAudit]:
        """What was committed since the last call, oldest first. In the event loop."""
        taken = []
        while self._fresh:
            taken.append(self._fresh.popleft())
        return taken

    @contextmanager
    def writing(self, conn: sqlite3.Connection, entries: Sequence[AuditEntry]) -> Iterator[None]:
        """`with audit.writing(conn, entries):` what belongs to the same transaction.

        Records of the spill file come before these. Afterwards all of it is committed.

        Raises:
            sqlite3.Error, OSError: Nothing was written.
        """
        spilled = self.spill.emptied() if self.spill.waiting() else nullcontext(())
        with spilled as before:
            with Immediate(conn):
                waiting = [*before, *entries]
                if waiting:
                    self._compare(conn)
                new = insert_audit(conn, waiting)
                yield
            self._committed(new)

    def salvage(self, conn: sqlite3.Connection, damaged: Path) -> int:
        """Take over what can be read of a damaged database's audit; how many records that was."""
        entries = read_what_can_be(damaged)
        with Immediate(conn):
            new = insert_audit(conn, entries)
            upto, _ = end_of(conn)
            text = f"{damaged.name} was damaged: {_count(len(entries))} could be taken over from it"
            head = self._remembered()
            if head is not None and not is_there(conn, head):
                text += f"; the newest that it had was {head.said}"
            _note(conn, self._clock.now(), "salvaged", upto, text)
        self._committed(new)
        return len(new)

    def _compare(self, conn: sqlite3.Connection) -> None:
        """Note it in the database if it lacks a record that was remembered.

        The head is about to be written anew, and would be the last to know.
        """
        head = self._remembered()
        if head is None or is_there(conn, head):
            return
        text = (
            f"{self.head.path.name} speaks of {head.said}, which was not in the database any more: "
            "records were taken away, or another database was put in its place"
        )
        known = conn.execute(
            "SELECT 1 FROM audit_note WHERE kind IN ('missing', 'salvaged') AND instr(text, ?)",
            (head.said,),
        ).fetchone()
        if known is None:
            log.error("audit: %s", text)
            _note(conn, self._clock.now(), "missing", end_of(conn)[0], text)

    def _remembered(self) -> Head | None:
        try:
            return self.head.read()
        except ValueError as error:
            log.warning("audit: %s; it is made anew", error)
            return None

    def _committed(self, new: Sequence[StoredAudit]) -> None:
        if not new:
            return
        self._fresh.extend(new)
        try:
            self.head.write(new[-1])
            self._head_fails = False
        except OSError as error:  # it stays behind, which is allowed
            if not self._head_fails:
                log.warning("audit: cannot write %s: %s", self.head.path, error)
            self._head_fails = True


def _note(conn: sqlite3.Connection, now: datetime, kind: str, upto: int, text: str) -> None:
    conn.execute(
        "INSERT INTO audit_note (time, kind, upto, text) VALUES (?, ?, ?, ?)",
        (iso_time(now), kind, upto, text),
    )


def _count(n: int) -> str:
    return "1 record" if n == 1 else f"{n} records"
