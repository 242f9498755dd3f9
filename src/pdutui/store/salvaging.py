"""Saving what can be read of a database that was set aside, beside everything else, bit by bit.

How far it has got stands in a file beside the damaged one, so that it goes on after a restart.
The damaged file itself is only read, and stays.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.history import DAY_MS
from pdutui.store.damaged import (
    TOP,
    Table,
    copy_with_new_header,
    names_of,
    open_damaged,
    pages_of,
    parts_of,
    remove_copy,
    tables_of,
    version_of,
)
from pdutui.store.errors import StoreFromFuture, StoreTrouble
from pdutui.store.files import free_bytes
from pdutui.store.limits import StoreLimits
from pdutui.store.raw import Catalogue
from pdutui.store.salvage_hours import read_hours, write_hours
from pdutui.store.salvage_note import Saving, copy_of, end, keep, pending
from pdutui.store.salvage_rollups import (
    read_day,
    read_rollups,
    write_days,
    write_minutes,
    write_quarters,
)
from pdutui.store.salvage_rows import (
    USUAL_PIECES,
    Read,
    read_lines,
    read_raw,
    read_reports,
    write_events,
    write_frames,
    write_health,
    write_raw,
    write_reports,
)
from pdutui.store.session import Session
from pdutui.store.worker import Worker, in_thread

log = logging.getLogger(__name__)

_ROWS, _BLOBS, _LINES = 500, 120, 500
"""Read in one step."""
_KEEP_S = 10.0
"""How often it is written down how far it has got."""


ReadPiece = Callable[[sqlite3.Connection, int], Read]
Write = Callable[[sqlite3.Connection, Catalogue, Iterable[Any]], float]


class Step(msgspec.Struct, frozen=True):
    """One table, or what it has of one PDU."""

    name: str
    read: ReadPiece
    write: Write
    worth: float
    """Pieces, where nothing of it can be read; a guess."""


class Salvager:
    """Saves history from files that were set aside, if this program is the one that writes.

    Args:
        session: The new database.
        clock: For pauses.
        limits: How long they are.
        on_note: Called when there is something to be told.
    """

    def __init__(
        self, session: Session, *, clock: Clock, limits: StoreLimits, on_note: Callable[[], None]
    ) -> None:
        self._session = session
        self._directory = session.path.parent
        self._clock = clock
        self._limits = limits
        self._on_note = on_note
        self._openings = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._session.opened.wait()
            await self._clock.sleep(self._limits.salvage_first_s)
            self._session.opened.clear()
            while not await self._round():
                await self._clock.sleep(self._limits.retry_most_s)

    async def _round(self) -> bool:
        """Save what there is to save; whether that is done."""
        if not self._session.owner:
            return True
        self._openings = self._session.openings
        try:
            for saving in await in_thread(pending, self._directory):
                await self._save(saving)
        except (StoreTrouble, StoreFromFuture, sqlite3.Error, OSError) as trouble:
            log.warning("history: saving a damaged file goes on later: %s", trouble)
            return False
        return True

    async def _save(self, saving: Saving) -> None:
        damaged = self._directory / saving.file
        worker = await self._open(damaged)
        if worker is None:
            await self._finish(saving, 0.0)
            return
        try:
            there, should = await in_thread(pages_of, damaged)
            steps = await worker.run(_steps, saving.end_ms, there)
            await self._through(worker, saving, steps)
            for name in (await worker.run(names_of)).values():
                await self._complete_days(name)
        finally:
            with suppress(sqlite3.Error):
                await worker.shut()
        await self._finish(saving, there / should if should else 0.0)

    async def _open(self, damaged: Path) -> Worker | None:
        """A connection to what is left of a file; None if that is nothing."""
        with suppress(sqlite3.Error):
            return await Worker.open(functools.partial(open_damaged, damaged))
        copy = copy_of(damaged)
        try:
            size = (await in_thread(damaged.stat)).st_size
            if await in_thread(free_bytes, self._directory) < 2 * size + self._limits.floor_bytes:
                return None
            await in_thread(copy_with_new_header, damaged, copy)
            return await Worker.open(functools.partial(open_damaged, copy))
        except (sqlite3.Error, OSError):
            await in_thread(remove_copy, copy)
            return None

    async def _through(self, worker: Worker, saving: Saving, steps: list[Step]) -> None:
        names = [step.name for step in steps]
        first = names.index(saving.at) if saving.at in names else 0
        kept_s = self._clock.monotonic()
        for step in steps[first:]:
            upto: int | None = saving.upto if step.name == saving.at else TOP
            while upto is not None:
                began = self._clock.monotonic()
                upto = await self._go_on(worker, saving, step, upto)
                if upto is None or self._clock.monotonic() - kept_s >= _KEEP_S:
                    kept_s = self._clock.monotonic()
                    await in_thread(keep, self._directory, saving)
                await self._rest(began)

    async def _go_on(self, worker: Worker, saving: Saving, step: Step, upto: int) -> int | None:
        """One step further; where the next one begins."""
        saving.at, saving.upto = step.name, upto
        try:
            found = await worker.run(step.read, upto)
        except sqlite3.Error as error:
            log.warning("history: %s of %s is lost: %s", step.name, saving.file, error)
            saving.lost += step.worth
            saving.upto = 0
            return None
        if found.work:
            saving.saved += await self._write(step.write, found.work)
        saving.lost += found.lost
        saving.upto = 0 if found.upto is None else found.upto
        return found.upto

    async def _complete_days(self, pdu: str) -> None:
        for day in await self._session.study(_days_of, pdu):
            began = self._clock.monotonic()
            work = await self._session.study(read_day, pdu, day)
            if work:
                await self._write(write_days, work)
            await self._rest(began)

    async def _write(self, write: Write, work: list[Any]) -> float:
        """Write to the new database, unless what room there is had better be left to it."""
        if not self._session.owner:
            raise StoreTrouble("other_writer", "history is being written by another pdutui")
        if self._session.openings != self._openings:
            raise StoreTrouble("io", "the database was opened anew")
        if await in_thread(free_bytes, self._directory) < 2 * self._limits.floor_bytes:
            raise StoreTrouble("full", "there is little room left on the disk")
        return await self._session.restore(write, work)

    async def _rest(self, began: float) -> None:
        took = self._clock.monotonic() - began
        await self._clock.sleep(max(self._limits.seal_pause_s, took * self._limits.seal_rest))

    async def _finish(self, saving: Saving, whole: float) -> None:
        """Say how it went.

        Args:
            saving: The file.
            whole: How much of it there was, 0 to 1; a file that was cut off lacks the rest.
        """
        pieces = saving.saved + saving.lost
        share = whole * saving.saved / pieces if pieces else 0.0
        text = "nothing of it could be read" if not saving.saved else f"{percent(share)} was saved"
        log.warning("history: damaged file %s: %s", saving.file, text)
        self._session.notes.add(f"damaged history set aside as {saving.file}; {text}")
        self._on_note()
        await in_thread(end, self._directory, saving)


def percent(share: float) -> str:
    """`93 % of it`, `all of it`; never all where anything is missing."""
    if share >= 1.0:
        return "all of it"
    return f"{max(1, int(share * 100))} % of it"


def _days_of(conn: sqlite3.Connection, pdu: str) -> list[int]:
    rows = conn.execute(
        "SELECT DISTINCT hour / 24 FROM sealed JOIN pdu ON pdu.id = sealed.pdu WHERE pdu.name = ?",
        (pdu,),
    )
    return sorted((day for (day,) in rows), reverse=True)


def _steps(conn: sqlite3.Connection, end_ms: int, pages: int) -> list[Step]:
    """What is to be done with a file: what is wanted first comes first."""
    tables = tables_of(conn)
    names = dict(sorted(names_of(conn).items()))
    for table in tables:
        number = table.removeprefix("raw_")
        if number != table and number.isdecimal():
            names.setdefault(int(number), f"recovered-{number}")
    parts = parts_of(conn)
    first_version = version_of(conn) == 1
    end_ms += DAY_MS
    steps = []

    def step(table: str, pdu: int | None, read: ReadPiece, write: Write, worth: float) -> None:
        name = table if pdu is None or table.startswith("raw_") else f"{table} {pdu}"
        steps.append(Step(name, read if table in tables else _gone(worth), write, worth))

    for ident, name in names.items():
        step(f"raw_{ident}", ident, _raw(ident, name, end_ms), write_raw, USUAL_PIECES)
        for table, columns, write in (
            ()
            if first_version
            else (
                ("frame", ("json",), write_frames),
                ("health", ("health", "detail"), write_health),
            )
        ):
            where = Table(table, columns, key="ts", pdu=ident)
            step(table, ident, _lines(where, name, end_ms), write, 1.0)
    where = Table("events", ("ts", "pdu", "severity", "text"), key="n")
    step("events", None, _lines(where, "", end_ms), write_events, 1.0)
    if first_version:
        return steps

    def rollups(table: str) -> ReadPiece:
        return lambda conn, upto: read_rollups(conn, table, names, parts, pages, upto, _BLOBS)

    def hours(conn: sqlite3.Connection, upto: int) -> Read:
        return read_hours(conn, names, parts, pages, upto, _BLOBS)

    step("report", None, lambda conn, _: read_reports(conn), write_reports, 1.0)
    step("quarters", None, rollups("quarters"), write_quarters, pages / 4)
    step("chunk", None, hours, write_hours, pages / 2)
    step("minutes", None, rollups("minutes"), write_minutes, pages / 4)
    return steps


def _gone(worth: float) -> ReadPiece:
    """Of a table whose place in the file is not known."""
    return lambda conn, upto: Read(None, [], worth)


def _raw(ident: int, name: str, end_ms: int) -> ReadPiece:
    return lambda conn, upto: read_raw(conn, ident, name, upto, _ROWS, end_ms)


def _lines(where: Table, name: str, end_ms: int) -> ReadPiece:
    return lambda conn, upto: read_lines(conn, where, name, upto, _LINES, end_ms)
