"""The open database: one connection that writes, four that read, and getting them back.

A session connects when it is asked to do something, so whatever broke is tried anew with the
next call. Everything that blocks runs in the connections' own threads. Callers see
`StoreTrouble` (and `StoreFromFuture`), never an error of SQLite or of the system.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from pdutui.domain.clock import Clock
from pdutui.store.audit import AuditEntry, StoredEvent, insert_events
from pdutui.store.audit_write import AuditWriter
from pdutui.store.errors import FileMoved, StoreTrouble, kind_of, trouble_from
from pdutui.store.files import Identity, WriterLock, identity, set_aside
from pdutui.store.frames import StoredFrame, insert_frames
from pdutui.store.health import StoredHealth, insert_health
from pdutui.store.hour import newest_of
from pdutui.store.layout import Layout, Row
from pdutui.store.limits import StoreLimits
from pdutui.store.notes import Notes
from pdutui.store.opening import checkpoint, open_to_write
from pdutui.store.query import Questions
from pdutui.store.raw import Catalogue
from pdutui.store.readside import ReadSide
from pdutui.store.room import Room
from pdutui.store.salvage_note import begin
from pdutui.store.schema import SCHEMA_VERSION, Immediate, check_version, pragma
from pdutui.store.worker import Worker, in_thread

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PduRows = tuple[str, Layout, list[Row]]
"""Rows of one PDU in one shape, oldest first."""


class Session:
    """Owns the files and the connections. One coroutine at a time may write."""

    def __init__(self, path: Path, *, clock: Clock, limits: StoreLimits) -> None:
        self.path = path
        self.audit = AuditWriter(path, clock)
        self.notes = Notes()
        """What people should know of."""
        self._clock = clock
        self._limits = limits
        self._lock = WriterLock(path.with_name(f"{path.name}.lock"))
        self._writer: Worker | None = None
        self._writer_owns = False
        self._writer_file: Identity = (0, 0)
        self.openings = 0
        """How often the writing connection was opened; each time it may be another file."""
        self.opened = asyncio.Event()
        """Set when the file was opened to be written: there may be damaged ones beside it."""
        self._catalogue: Catalogue | None = None
        self._opening = asyncio.Lock()
        """Held while a connection is opened and while the writing one is closed."""
        self._reader = ReadSide(path, limits, self._opening)
        self._keeper = ReadSide(path, limits, self._opening)
        self.questions = self._questions(ReadSide(path, limits, self._opening))
        """For the past; with a connection of their own, so that nothing else waits for them."""
        self.audit_questions = self._questions(ReadSide(path, limits, self._opening))
        """For the audit: to go through all of it takes a while."""
        self.room = Room(path, limits)
        self._condemned: Identity | None = None
        """The file that was found damaged; the owner starts over at the next occasion."""

    # -- opening -----------------------------------------------------------------------------

    @property
    def owner(self) -> bool:
        """Whether this program is the one that writes the history."""
        return self._lock.held

    @property
    def other_pid(self) -> int | None:
        """The pid of the program that does, where it is another one and can be told."""
        return self._lock.holder

    @property
    def followed(self) -> bool:
        """Whether another program wrote the history since the start, or the last `caught_up`."""
        return self._lock.refused

    def caught_up(self) -> None:
        """As the owner: what the other one has stored is known."""
        self._lock.refused = False

    async def connect(self) -> None:
        """Make sure that there is a connection that can write.

        Raises:
            StoreTrouble: There is none; try again later.
            StoreFromFuture: A newer pdutui made the file.
        """
        async with self._translated():
            await self._connect()

    async def _connect(self) -> Worker:
        async with self._opening:
            if self._writer is not None and not self._writer_owns:
                if not await in_thread(self._lock.acquire):
                    return self._writer
                await self._drop_all()  # the other one has ended: open anew as the owner
            if self.owner and await self._is_condemned():
                return await self._start_over()
            if self._writer is not None:
                return self._writer
            try:
                return await self._open_writer()
            except (sqlite3.Error, OSError) as error:
                if kind_of(error) != "damaged" or not self.owner:
                    raise
                return await self._start_over()

    async def _open_writer(self) -> Worker:
        await self._drop_all()
        self._writer = await Worker.open(self._connect_writer)
        self._writer_owns = self.owner
        self.openings += 1
        if self.owner:
            self.opened.set()
        return self._writer

    def _connect_writer(self) -> sqlite3.Connection:
        which = self.path, self._lock, self.room.ballast, self._limits
        conn, self._writer_file = open_to_write(*which)
        return conn

    async def _is_condemned(self) -> bool:
        condemned, self._condemned = self._condemned, None
        if condemned is None:
            return False
        try:
            return await in_thread(identity, self.path) == condemned
        except FileMoved:
            return False

    async def _start_over(self) -> Worker:
        """Move the damaged file out of the way, begin a new one, save what is left of the audit.

        With `_opening` held.
        """
        await self._drop_all()
        damaged = await in_thread(set_aside, self.path, self._clock.now())
        self.notes.add(f"damaged history set aside as {damaged.name}")
        try:
            await in_thread(begin, damaged, round(self._clock.now().timestamp() * 1000))
        except OSError as error:
            log.warning("history: %s will not be saved from: %s", damaged.name, error)
        writer = await self._open_writer()
        await writer.run(self.audit.salvage, damaged)
        return writer

    # -- writing -----------------------------------------------------------------------------

    async def write_audit(
        self,
        entries: Sequence[AuditEntry],
        events: Sequence[StoredEvent],
        health: Sequence[StoredHealth] = (),
    ) -> None:
        """Commit audit records, those in the spill file too, event log lines, changes of health.

        Raises:
            StoreTrouble, StoreFromFuture: Nothing was written.
        """
        await self._write(self._in_writer_audit, entries, events, health)

    async def write_rows(
        self, groups: Sequence[PduRows], frames: Mapping[str, Sequence[StoredFrame]]
    ) -> None:
        """Commit readings with the frames they begin, all or none.

        Raises:
            StoreTrouble, StoreFromFuture: Nothing was written.
        """
        await self.room.for_rows()
        await self._write(self._in_writer_rows, groups, frames)
        self.room.full = False

    async def newest(self, pdus: Sequence[str]) -> dict[str, int]:
        """Time of the newest stored row (unix ms) of each PDU that has one."""
        return await self.read(newest_of, list(pdus))

    async def upkeep(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """Run something with the writing connection, in a transaction of its own.

        Raises:
            StoreTrouble, StoreFromFuture: It was not done.
        """

        def job(conn: sqlite3.Connection) -> T:
            self._check(conn)
            with Immediate(conn):
                return function(conn, *args, **kwargs)

        await self.room.for_upkeep()
        async with self._translated():
            writer = await self._connect()
            try:
                return await writer.run(job)
            except sqlite3.Error as error:
                if kind_of(error) == "damaged":
                    self._condemned = self._writer_file
                raise

    async def restore(
        self, function: Callable[Concatenate[sqlite3.Connection, Catalogue, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """As `upkeep`, with the tables of the PDUs, which are made and widened as needed.

        Raises:
            StoreTrouble, StoreFromFuture: It was not done.
        """

        def job(conn: sqlite3.Connection) -> T:
            return function(conn, self._tables(conn), *args, **kwargs)

        try:
            return await self.upkeep(job)
        except BaseException:
            self._catalogue = None
            raise

    async def _write(
        self, function: Callable[Concatenate[sqlite3.Connection, P], None],
        *args: P.args, **kwargs: P.kwargs,
    ) -> None:  # fmt: skip
        async with self._translated():
            for last in (False, True):
                writer = await self._connect()
                try:
                    await writer.run(function, *args, **kwargs)
                    return
                except FileMoved:
                    if last:
                        raise
                    await self._leave_moved_file()
                except (sqlite3.Error, OSError) as error:
                    rows = function == self._in_writer_rows
                    if last or not await self._mended(error, for_rows=rows):
                        raise

    async def _mended(self, error: sqlite3.Error | OSError, *, for_rows: bool) -> bool:
        """Do what can be done at once about a failed write; whether it is worth another try."""
        self._catalogue = None
        kind = kind_of(error, no_room=await self.room.none_left())
        if kind == "full":
            # Readings wait for more room than that: what becomes free is for the audit.
            return await self.room.ran_out() and not for_rows
        if kind == "damaged":
            self._condemned = self._writer_file
            return self.owner
        if kind != "locked":
            async with self._opening:
                await self._drop_all()
        return False

    async def _leave_moved_file(self) -> None:
        """Finish with a file that is no longer at its path, so that a new one can be begun."""
        async with self._opening:
            if self._writer is not None:
                # The log may hold commits that the moved file lacks; the connection still can
                # write there.
                await self._writer.run(checkpoint)
            await self._drop_all()
            self.notes.add(f"{self.path.name} was removed; a new one was begun")

    def _in_writer_audit(
        self, conn: sqlite3.Connection, entries: Sequence[AuditEntry],
        events: Sequence[StoredEvent], health: Sequence[StoredHealth],
    ) -> None:  # fmt: skip
        self._check(conn)
        with self.audit.writing(conn, entries):
            insert_events(conn, events)
            if health:
                insert_health(conn, self._tables(conn), health)

    def _in_writer_rows(
        self, conn: sqlite3.Connection, groups: Sequence[PduRows],
        frames: Mapping[str, Sequence[StoredFrame]],
    ) -> None:  # fmt: skip
        self._check(conn)
        catalogue = self._tables(conn)
        with Immediate(conn):
            for pdu, new in frames.items():
                insert_frames(conn, catalogue.table(pdu).id, new)
            for pdu, layout, rows in groups:
                catalogue.write(pdu, layout, rows)

    def _tables(self, conn: sqlite3.Connection) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue(conn, on_full=self.notes.too_many)
        return self._catalogue

    def _check(self, conn: sqlite3.Connection) -> None:
        """The file is still where it was, and nobody has moved it to a newer schema."""
        if identity(self.path) != self._writer_file:
            raise FileMoved
        if pragma(conn, "user_version") > SCHEMA_VERSION:
            check_version(conn, self.path)

    # -- reading -----------------------------------------------------------------------------

    async def read(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """Run a query in the reader's thread; it never waits behind a write, nor a write for it.

        Raises:
            StoreTrouble: It cannot be read.
        """
        return await self._read(self._reader, function, *args, **kwargs)

    async def study(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """As `read`, in a thread of its own for upkeep, so that nobody's query waits for it.

        Raises:
            StoreTrouble: It cannot be read.
        """
        return await self._read(self._keeper, function, *args, **kwargs)

    async def _read(
        self, side: ReadSide, function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        async with self._translated():
            try:
                return await side.run(function, *args, **kwargs)
            except sqlite3.Error as error:
                if kind_of(error) == "damaged":
                    self._condemned = side.file
                raise

    # -- ending ------------------------------------------------------------------------------

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise trouble_from(error, self.path, no_room=await self.room.none_left()) from error
        except FileMoved:
            phrase = f"history paused: {self.path.name} keeps disappearing"
            raise StoreTrouble("io", phrase) from None

    def _questions(self, side: ReadSide) -> Questions:
        def damaged() -> None:
            self._condemned = side.file

        return Questions(self.path, side, on_damage=damaged)

    async def _drop_all(self) -> None:
        await self._reader.drop()
        await self._keeper.drop()
        await self.questions.close()
        await self.audit_questions.close()
        writer, self._writer, self._catalogue = self._writer, None, None
        if writer is not None:
            with suppress(sqlite3.Error):  # it was broken already; that is why it goes
                await writer.shut()

    async def close(self, timeout: float) -> None:
        """Close the connections and give the lock up. Never takes longer than `timeout`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._drop_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):  # the reader hung: the writer has to go as well
                await self._drop_all()
        self._lock.release()
