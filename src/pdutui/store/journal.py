"""Audit records, lines of the event log and changes of health on their way to the disk."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from pdutui.domain.audit import StoredAudit
from pdutui.domain.commands import AuditRecord
from pdutui.store.audit import AuditEntry, StoredEvent, read_audit, read_events
from pdutui.store.audit_trail import Trail
from pdutui.store.errors import StoreFromFuture, StoreTrouble
from pdutui.store.health import HealthQueue
from pdutui.store.session import Session
from pdutui.store.worker import in_thread

log = logging.getLogger(__name__)

EVENTS_IN_MEMORY = 1000


class Journal:
    """What waits: records until they are in the database or the spill file, the rest until written.

    Args:
        session: Where they go.
        most: Audit records kept in memory when neither database nor spill file takes them.
        on_lost: Called for each record beyond that.
        on_chained: Called with records that are in the chain now, oldest first.
    """

    def __init__(
        self, session: Session, *, most: int, on_lost: Callable[[], None],
        on_chained: Callable[[Sequence[StoredAudit]], None],
    ) -> None:  # fmt: skip
        self._session = session
        self._most = most
        self._on_lost = on_lost
        self._on_chained = on_chained
        self._entries: dict[str, AuditEntry] = {}
        self._spill_waiting = True
        """There may be records in the spill file; one before this may have left some."""
        self._events: deque[StoredEvent] = deque(maxlen=EVENTS_IN_MEMORY)
        self.health = HealthQueue()
        """Changes of health that wait."""
        self.trail = Trail(session.audit_questions, lambda: self.entries)
        """The audit as it is read."""

    def __len__(self) -> int:
        """Audit records that are nowhere but in memory."""
        return len(self._entries)

    @property
    def busy(self) -> bool:
        """Whether anything waits."""
        return bool(self._entries or self._events or self.health)

    def add(self, record: AuditRecord) -> AuditEntry:
        """Take a record in; over the limit the oldest one is lost."""
        entry = AuditEntry.of(record)
        self._entries[entry.uid] = entry
        if len(self._entries) > self._most:
            del self._entries[next(iter(self._entries))]
            self._on_lost()
        return entry

    def add_event(self, event: StoredEvent) -> None:
        """Take a line of the event log in; the last 1000 wait."""
        self._events.append(event)

    def leave_to_other(self) -> None:
        """Drop events and changes of health: the one who writes the history logs the same."""
        self._events.clear()
        self.health.clear()

    def waits(self, entry: AuditEntry) -> bool:
        """Whether a record is in memory alone."""
        return entry.uid in self._entries

    @property
    def entries(self) -> list[AuditEntry]:
        """Audit records that wait, oldest first."""
        return list(self._entries.values())

    @property
    def events(self) -> list[StoredEvent]:
        """Lines of the event log that wait, oldest first."""
        return list(self._events)

    async def write(self) -> None:
        """Commit what waits. One coroutine at a time.

        Raises:
            StoreTrouble, StoreFromFuture: Nothing was written.
        """
        entries = self.entries
        all_of_it = self._session.owner and not self._session.room.full
        events = self.events if all_of_it else []
        health = self.health.waiting() if all_of_it else []
        if not (entries or events or health or self._spill_waiting):
            return
        self._spill_waiting, spilled = False, self._spill_waiting
        try:
            await self._session.write_audit(entries, events, health)
        except (StoreTrouble, StoreFromFuture, asyncio.CancelledError):
            self._spill_waiting |= spilled
            raise
        finally:  # they may be committed, and something after that have failed
            chained = self._session.audit.take()
            if chained:
                self._on_chained(chained)
        for entry in entries:
            self._entries.pop(entry.uid, None)
        written = {id(event) for event in events}
        self._events = deque(
            (e for e in self._events if id(e) not in written), maxlen=EVENTS_IN_MEMORY
        )
        self.health.done(health)

    async def spill(self) -> None:
        """Put the audit records that wait where they are safe, if the disk lets us."""
        entries = self.entries
        try:
            await in_thread(self._session.audit.spill.append, entries)
        except OSError as error:
            log.error("audit: cannot write %s: %s", self._session.audit.spill.path, error)
            return
        for entry in entries:
            self._entries.pop(entry.uid, None)
        self._spill_waiting = True

    async def newest(self, limit: int) -> list[AuditRecord]:
        """The newest audit records, newest first, those that wait included."""
        found: dict[str, AuditEntry] = {}
        for entry in await in_thread(self._session.audit.spill.read):
            found[entry.uid] = entry
        found |= self._entries
        try:
            stored = await self._session.read(read_audit, limit)
        except (StoreTrouble, StoreFromFuture):
            stored = []
        # Stored ones first and last to first: the sort is stable, so those of one moment stay
        # in the order in which they were written.
        known = {e.uid for e in stored}
        waiting = [e for e in found.values() if e.uid not in known]
        records = [e.record for e in (*reversed(waiting), *stored)]
        return sorted(records, key=lambda r: r.time, reverse=True)[:limit]

    async def newest_events(self, limit: int) -> list[StoredEvent]:
        """The newest lines of the event log, newest first, those that wait included."""
        waiting = list(reversed(self._events))
        try:
            stored = await self._session.read(read_events, limit)
        except (StoreTrouble, StoreFromFuture):
            stored = []
        return sorted((*waiting, *stored), key=lambda e: e.time, reverse=True)[:limit]
