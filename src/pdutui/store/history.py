"""The history store as the rest of the program sees it: give it readings, never wait for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from pdutui.domain.audit import StoredAudit
from pdutui.domain.clock import Clock
from pdutui.domain.commands import AuditRecord
from pdutui.domain.health import RecordedHealth
from pdutui.domain.reading import Reading
from pdutui.domain.tariff import Billing
from pdutui.settings import HistorySettings
from pdutui.store.audit import StoredEvent
from pdutui.store.audit_trail import Trail
from pdutui.store.errors import StoreFromFuture, StoreTrouble, phrase_of
from pdutui.store.files import real_path
from pdutui.store.journal import Journal
from pdutui.store.limits import StoreLimits
from pdutui.store.reader import Reader
from pdutui.store.rowqueue import RowQueue
from pdutui.store.salvaging import Salvager
from pdutui.store.session import Session
from pdutui.store.status import StatusBoard, StoreStatus
from pdutui.store.trend import TrendQuery, pick_rows, read_trend, resample
from pdutui.store.upkeep import Pruned, Upkeep
from pdutui.store.waiting import Waiting
from pdutui.store.weekly import WeeklyReports
from pdutui.store.worker import pause

__all__ = ["HistoryStore", "StoreFromFuture", "StoreStatus"]

log = logging.getLogger(__name__)

_TOTALS_DAYS = HistorySettings().totals_days
NO_ANSWER = "history paused: the disk does not answer"


class HistoryStore:
    """Readings at full rate, audit and events in one SQLite file.

    Nothing here raises for trouble with the disk or the file: `status` says it, readings wait in
    memory, audit records in a spill file, and writing is tried again until it works.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        retention_days: int,
        totals_days: int = _TOTALS_DAYS,
        billing: Billing | None = None,
        limits: StoreLimits | None = None,
    ) -> None:
        """Use `open`."""
        self.path = path
        self._clock = clock
        self._limits = limits or StoreLimits()
        self._session = Session(path, clock=clock, limits=self._limits)
        self._upkeep = Upkeep(
            self._session, clock=clock, limits=self._limits, retention_days=retention_days,
            totals_days=totals_days,
        )  # fmt: skip
        if billing is not None:
            self._upkeep.chores.append(WeeklyReports(clock, billing))
        self._salvager = Salvager(
            self._session, clock=clock, limits=self._limits, on_note=self._tell
        )
        self._board = StatusBoard(clock=clock, limits=self._limits)
        self._queue = RowQueue(self._session, self._limits)
        self._rows = self._queue.rows
        self._journal = Journal(
            self._session, most=self._limits.audit_in_memory, on_lost=self._board.lost_audit,
            on_chained=self._chained,
        )  # fmt: skip
        self.on_chained: Callable[[Sequence[StoredAudit]], None] | None = None
        """Called in the event loop with records that are committed now. It must not raise."""
        waiting = Waiting(
            self._rows, self._journal, self._queue.frames, follower=lambda: not self._session.owner
        )
        self._reader = Reader(self._session.questions, clock=clock, waiting=waiting)
        self._writing = asyncio.Lock()
        self._work = asyncio.Event()
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        clock: Clock,
        retention_days: int,
        totals_days: int = _TOTALS_DAYS,
        billing: Billing | None = None,
        limits: StoreLimits | None = None,
    ) -> HistoryStore:
        """Open or make the database and start writing in the background.

        Args:
            path: The file; its directory is made with mode 0700 if it is missing.
            clock: Time for ages, pauses and retention.
            retention_days: Readings, events and health older than this are deleted; 0 or less
                keeps all.
            totals_days: The same for quarters of an hour, frames and reports.
            billing: Whose weeks are reported by themselves, at what price; None: none are.
            limits: Other numbers than the product's.

        Raises:
            StoreFromFuture: A newer pdutui made the file; it is left as it is. Any other trouble
                gives a store whose `status` says so and that goes on trying.
        """
        store = cls(
            real_path(path), clock=clock, retention_days=retention_days, totals_days=totals_days,
            billing=billing, limits=limits,
        )  # fmt: skip
        try:
            async with asyncio.timeout(store._limits.open_s):
                await store._session.connect()
        except StoreFromFuture:
            await store._session.close(1.0)
            raise
        except TimeoutError:
            store._failed(NO_ANSWER)
        except StoreTrouble as trouble:
            store._failed(trouble.phrase)
        store._wake()  # for what a spill file holds
        store._tell()
        store._tasks = [
            asyncio.create_task(store._run(), name="history"),
            asyncio.create_task(store._upkeep.run(), name="upkeep of the history"),
            asyncio.create_task(store._salvager.run(), name="saving damaged history"),
        ]
        for task in store._tasks:
            task.add_done_callback(store._ended)
        return store

    # -- taking in ---------------------------------------------------------------------------

    def append(self, reading: Reading) -> None:
        """Keep a reading. It is committed within ten seconds. Never blocks, never raises."""
        if self._closed:
            return
        full = self._queue.add(reading) >= self._limits.batch_ticks
        self._work.set()
        if full and not self._board.retry_s and not self._queue.follower:
            self._due.set()

    def audit(self, record: AuditRecord) -> None:
        """Keep an audit record; it is committed as soon as may be. Never blocks, never raises."""
        self._journal.add(record)
        self._wake()

    async def audit_durable(self, record: AuditRecord) -> bool:
        """Keep an audit record and wait until it is safe.

        Returns:
            True once it is on the disk for good: committed, or, while the database refuses,
            synced to the spill file beside it, from where it is taken over later. False when
            neither worked; then it is kept in memory and tried again.
        """
        entry = self._journal.add(record)
        self._wake()
        try:
            async with asyncio.timeout(self._limits.audit_wait_s):
                await self._write_audit()
        except TimeoutError:
            self._failed(NO_ANSWER)
        if self._journal.waits(entry):
            await self._journal.spill()
        self._tell()
        return not self._journal.waits(entry)

    def append_event(self, time: datetime, pdu: str, severity: str, text: str) -> None:
        """Keep a line of the event log. Never blocks, never raises; the last 1000 wait."""
        self._journal.add_event(StoredEvent(time=time, pdu=pdu, severity=severity, text=text))
        self._work.set()

    def append_health(self, time: datetime, pdu: str, health: RecordedHealth, detail: str) -> None:
        """Keep a change of health. Never blocks, never raises; the last 1000 wait."""
        self._journal.health.add(time, pdu, health, detail)
        self._work.set()

    # -- giving out --------------------------------------------------------------------------

    async def recent(
        self, pdu: str, keys: Sequence[str], seconds: float, *, hold_s: float = 0.9
    ) -> dict[str, list[float | None]]:
        """The last `seconds` of some series, one value a second, oldest first, None for gaps.

        Includes what is not committed yet. Series of words give their code.

        Args:
            pdu: Its name.
            keys: Series such as `outlet.3.power_w`; one that was never seen is all None.
            seconds: How many values; the last one is of now.
            hold_s: How long a value stands for the seconds after its own. The default is for a
                poll a second, where a missed one shows; for slower polls give one and a half
                intervals.

        Raises:
            ValueError: A key is no series.
        """
        query = TrendQuery.of(pdu, keys, self._clock.now(), seconds, hold_s)
        pending = self._rows.since(pdu, query.since_ms)
        try:
            return await self._session.read(read_trend, query, pending)
        except (StoreTrouble, StoreFromFuture):
            return resample(query, pick_rows(query, pending))

    async def reader(self) -> Reader | None:
        """The past, with what is not committed yet; None while the database cannot be read."""
        return self._reader if await self._reader.works() else None

    async def audit_trail(self) -> Trail:
        """The audit, those records included that wait."""
        return self._journal.trail

    async def audit_rows(self, limit: int) -> list[AuditRecord]:
        """The newest audit records, newest first, those that wait included."""
        return await self._journal.newest(limit)

    async def recent_events(self, limit: int) -> list[StoredEvent]:
        """The newest lines of the event log, newest first, those that wait included."""
        return await self._journal.newest_events(limit)

    # -- upkeep ------------------------------------------------------------------------------

    async def seal_now(self) -> int:
        """Seal all hours that have been over for an hour, of all PDUs; how many there were.

        It is done by itself, too, a while after the start.

        Raises:
            StoreTrouble, StoreFromFuture: Not all of them; another program writes the history,
                or the file cannot be written.
        """
        return await self._upkeep.seal_now()

    async def prune_now(self) -> Pruned:
        """Delete all that is older than it is to be kept, however much; what that was.

        It is done by itself, too, every hour, at most a day's worth each time. Hours that are not
        sealed yet are sealed first, since their totals are kept longer.

        Raises:
            StoreTrouble, StoreFromFuture: Not all of it, as with `seal_now`.
        """
        return await self._upkeep.prune_now()

    # -- writing -----------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write everything that waits, in five seconds at most; `status` says if it worked."""
        try:
            async with asyncio.timeout(self._limits.flush_s):
                await self._write_all()
        except TimeoutError:
            self._failed(NO_ANSWER)
            self._tell()

    async def _write_all(self) -> None:
        audited = await self._write_audit()
        if audited and await self._write_rows():
            self._board.recovered()
        if not audited and len(self._journal):  # else they came meanwhile, and are next
            await self._journal.spill()
        self._tell()

    async def close(self) -> None:
        """Write what waits and let go of the file; takes five seconds at the very most.

        What cannot be written: audit records go to the spill file, readings are lost.
        """
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        bound = self._limits.close_s
        try:
            async with asyncio.timeout(bound * 0.6):
                await self.flush()
        except TimeoutError:
            log.warning("history: the disk does not answer; closing without it")
        if len(self._journal):
            try:
                async with asyncio.timeout(bound * 0.15):
                    await self._journal.spill()
            except TimeoutError:
                log.error("audit: %d records could not be written", len(self._journal))
        if len(self._rows) and not self._queue.follower:
            log.warning("history: %d readings could not be written", len(self._rows))
        await self._session.close(bound * 0.25)

    async def _run(self) -> None:
        """Write when a batch is full or old enough; after trouble, when the pause is over."""
        while True:
            await self._work.wait()
            await pause(self._clock, self._board.retry_s or self._limits.batch_s, self._due)
            self._due.clear()
            await self._write_all()
            busy = len(self._rows) or self._journal.busy
            if not (busy or self._board.trouble or not self._session.owner):
                self._work.clear()

    def _wake(self) -> None:
        self._work.set()
        self._due.set()

    async def _write_audit(self) -> bool:
        """Write audit, events and health; whether nothing is left that could have been written."""
        return await self._attempt(self._journal.write)

    async def _write_rows(self) -> bool:
        """Write readings; whether all that concern this program are written."""
        return await self._attempt(self._write_queue)

    async def _write_queue(self) -> None:
        await self._queue.write()
        if not self._session.owner:
            self._journal.leave_to_other()

    def _chained(self, records: Sequence[StoredAudit]) -> None:
        if self.on_chained:
            self.on_chained(records)

    async def _attempt(self, write: Callable[[], Awaitable[None]]) -> bool:
        """Write something, bounded, one at a time; whether it worked."""
        async with self._writing:
            try:
                async with asyncio.timeout(self._limits.write_s):
                    await write()
            except (StoreTrouble, StoreFromFuture) as trouble:
                self._failed(phrase_of(trouble))
                return False
            except TimeoutError:
                self._failed(NO_ANSWER)
                return False
            return True

    # -- status ------------------------------------------------------------------------------

    @property
    def status(self) -> StoreStatus:
        """How it is doing now."""
        return self._board.status

    @property
    def trouble(self) -> str:
        """Why the file cannot be read or written just now; empty when it can.

        That another pdutui writes the readings is no trouble: the audit is read and written by
        both.
        """
        return self._board.trouble

    @property
    def audit_waiting(self) -> int:
        """Audit records that are nowhere but in memory."""
        return len(self._journal)

    @property
    def on_status(self) -> Callable[[StoreStatus], None] | None:
        """Called in the event loop when `status` has changed. It must not raise."""
        return self._board.on_status

    @on_status.setter
    def on_status(self, listener: Callable[[StoreStatus], None] | None) -> None:
        self._board.on_status = listener

    def _failed(self, phrase: str) -> None:
        self._board.failed(phrase)
        self._work.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("%s stopped", task.get_name(), exc_info=error)
        if task is self._tasks[0]:
            self._failed(f"history stopped: {type(error).__name__}")
        else:
            self._session.notes.add(f"history is not tidied any more: {type(error).__name__}")
        self._tell()

    def _tell(self) -> None:
        self._board.tell(
            notes=self._session.notes.take(),
            dropped=self._rows.dropped,
            other_writer=None if self._session.owner else self._session.other_pid or 0,
            audit_waiting=len(self._journal),
        )
