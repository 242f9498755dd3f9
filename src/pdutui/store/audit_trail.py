"""The audit as it is read, while this program or another one writes to it."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from pdutui.domain.audit import AuditQuery, ChainReport, StoredAudit
from pdutui.store.audit import AuditEntry
from pdutui.store.audit_head import HeadFile
from pdutui.store.audit_read import read_newest, read_rows, shortened, waiting_rows
from pdutui.store.audit_verify import Remembered, newest_missing, verify_chain
from pdutui.store.errors import reading_trouble
from pdutui.store.files import real_path
from pdutui.store.limits import StoreLimits
from pdutui.store.query import Asked, Questions
from pdutui.store.readside import ReadSide
from pdutui.store.spill import SPILL_NAME, SpillFile
from pdutui.store.worker import in_thread


def _none() -> Sequence[AuditEntry]:
    return ()


class Trail:
    """An `AuditTrail`. One question after the other, in a thread of their own.

    Args:
        questions: Where to ask; used for nothing else.
        waiting: Records in memory, oldest first.
    """

    def __init__(
        self, questions: Questions, waiting: Callable[[], Sequence[AuditEntry]] = _none
    ) -> None:
        self._questions = questions
        self._waiting = waiting
        self._spill = SpillFile(questions.path.with_name(SPILL_NAME))
        self._head = HeadFile(questions.path)

    async def rows(self, query: AuditQuery) -> list[StoredAudit]:
        """The newest records that fit, newest first.

        Those that wait to be written come first, with a number of 0 and no hashes.

        Raises:
            StoreTrouble: The database cannot be read; `unstored` can be asked all the same.
        """
        before = await self._entries()
        return await self._questions.ask(_rows, query, before)

    async def unstored(self, query: AuditQuery) -> list[StoredAudit]:
        """Only those that wait to be written, in memory or in the spill file."""
        return waiting_rows(await self._entries(), query)

    async def verify(self, expect: str | None = None) -> ChainReport:
        """Go through the whole chain. If it is cancelled the thread stops, too.

        Args:
            expect: A hash that was kept elsewhere; it must be one of the chain's.

        Raises:
            StoreTrouble: The database cannot be read.
        """
        # Before the database is looked at: it is written after the commit.
        remembered = await in_thread(Remembered.of, self._head)
        return await self._questions.ask(_verify, remembered, expect, await self._entries())

    async def lacks(self) -> str:
        """What the database should have by the head file and has not, in words; empty if nothing.

        Quick: one record is looked for. Raises StoreTrouble.
        """
        remembered = await in_thread(Remembered.of, self._head)
        return await self._questions.ask(newest_missing, remembered)

    async def newest(self) -> StoredAudit | None:
        """The head of the chain; None while there is no record. Raises StoreTrouble."""
        return await self._questions.ask(read_newest)

    async def close(self) -> None:
        """Let go of the file; only for one of `open_trail`. May be called twice."""
        await self._questions.close()

    async def _entries(self) -> list[AuditEntry]:
        """What waits, oldest first, each once."""
        memory = list(self._waiting())
        spilled = await in_thread(self._spill.read)
        return list({entry.uid: entry for entry in (*spilled, *memory)}.values())


def _rows(
    conn: sqlite3.Connection, asked: Asked, query: AuditQuery, entries: Sequence[AuditEntry]
) -> list[StoredAudit]:
    """Stored and waiting together."""
    waiting = waiting_rows(_not_there(conn, entries), query)
    return [*waiting, *read_rows(conn, asked, shortened(query, len(waiting)))]


def _verify(
    conn: sqlite3.Connection,
    asked: Asked,
    remembered: Remembered,
    expect: str | None,
    entries: Sequence[AuditEntry],
) -> ChainReport:
    report = verify_chain(conn, asked, remembered, expect)
    waiting = _not_there(conn, entries)
    if not waiting:
        return report
    said = "1 record waits" if len(waiting) == 1 else f"{len(waiting)} records wait"
    note = f"{said} to be written and will be part of the chain then"
    return msgspec.structs.replace(report, notes=(*report.notes, note))


def _not_there(conn: sqlite3.Connection, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Those that are not stored; one may have been written since it was seen waiting."""
    return [
        entry
        for entry in entries
        if not conn.execute("SELECT 1 FROM audit WHERE uid = ?", (entry.uid,)).fetchone()
    ]


async def open_trail(path: Path, *, limits: StoreLimits | None = None) -> Trail:
    """The audit of a database that is only read: a copy, or one that another program writes to.

    Nothing is made that is not there. Close it in the end.

    Raises:
        StoreTrouble: It cannot be read; `kind` is `missing` without a file, `future` where a newer
            pdutui made it, `older` where it has no chain yet. The phrase names the file.
    """
    real = real_path(path)
    if await in_thread(real.is_dir):
        raise reading_trouble(IsADirectoryError(errno.EISDIR, "is a directory"), real)
    trail = Trail(Questions(real, ReadSide(real, limits or StoreLimits(), asyncio.Lock())))
    async with AsyncExitStack() as unless_read:
        unless_read.push_async_callback(trail.close)
        await trail.newest()
        unless_read.pop_all()
    return trail
