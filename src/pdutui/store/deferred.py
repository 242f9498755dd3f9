"""A store that is opened a moment later, so that the first figures need not wait for a disk.

Loading SQLite and opening the database takes about as long as drawing the first frame. Whatever
comes before the store is open waits here, in order, and is handed on when it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pdutui.store.status import StoreStatus

if TYPE_CHECKING:
    from pdutui.domain.audit import StoredAudit
    from pdutui.domain.commands import AuditRecord
    from pdutui.domain.health import RecordedHealth
    from pdutui.domain.reading import Reading
    from pdutui.store.history import HistoryStore
    from pdutui.store.port import AuditTrail, HistoryReader

AT_THE_LATEST_S = 1.0
"""It is opened even if no reading comes, for the audit and for what was kept before."""
AFTER_FIRST_S = 0.1
"""Time for the first reading to be on the screen."""


class DeferredStore:
    """Stands in for a `HistoryStore` until it is open. One event loop.

    Args:
        opening: Opens the real one. What it raises is raised by `closed`; until then, and then for
            good, `status` says that history is not written.
    """

    def __init__(self, opening: Callable[[], Awaitable[HistoryStore]]) -> None:
        self._opening = opening
        self._real: HistoryStore | None = None
        self._waiting: list[Callable[[HistoryStore], None]] = []
        self._opened = asyncio.Event()
        self._first = asyncio.Event()
        self._on_status: Callable[[StoreStatus], None] | None = None
        self._on_chained: Callable[[Sequence[StoredAudit]], None] | None = None
        self._failed = StoreStatus(True, "")
        self._task = asyncio.create_task(self._open(), name="opening history")

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(AT_THE_LATEST_S):
                await self._first.wait()
                await asyncio.sleep(AFTER_FIRST_S)
        except TimeoutError:
            pass
        await self._open_now()

    async def _open_now(self) -> None:
        from pdutui.store.errors import StoreFromFuture

        try:
            real = await self._opening()
        except StoreFromFuture as error:
            self._failed = StoreStatus(False, "history: written by a newer pdutui, left as it is")
            if self._on_status is not None:
                self._on_status(self._failed)
            raise error
        finally:
            self._opened.set()
        self._real = real
        real.on_status = self._on_status
        real.on_chained = self._on_chained
        waiting, self._waiting = self._waiting, []
        for hand_on in waiting:
            hand_on(real)
        if self._on_status is not None and (real.status.detail or not real.status.ok):
            self._on_status(real.status)

    def _do(self, what: Callable[[HistoryStore], None]) -> None:
        if self._real is not None:
            what(self._real)
        elif self._failed.ok:
            self._waiting.append(what)

    async def _get(self) -> HistoryStore | None:
        """The real one, opened at once if need be; None if it cannot be."""
        self._first.set()
        await self._opened.wait()
        return self._real

    # -- a Store -----------------------------------------------------------------------------

    @property
    def status(self) -> StoreStatus:
        """That of the real one; well, until it is open."""
        return self._failed if self._real is None else self._real.status

    @property
    def on_status(self) -> Callable[[StoreStatus], None] | None:
        """Called with every change of `status`."""
        return self._on_status

    @on_status.setter
    def on_status(self, listener: Callable[[StoreStatus], None] | None) -> None:
        self._on_status = listener
        if self._real is not None:
            self._real.on_status = listener

    @property
    def on_chained(self) -> Callable[[Sequence[StoredAudit]], None] | None:
        """Called with audit records that are committed now."""
        return self._on_chained

    @on_chained.setter
    def on_chained(self, listener: Callable[[Sequence[StoredAudit]], None] | None) -> None:
        self._on_chained = listener
        if self._real is not None:
            self._real.on_chained = listener

    def append(self, reading: Reading) -> None:
        """Keep a reading."""
        self._first.set()
        self._do(lambda store: store.append(reading))

    def append_event(self, time: datetime, pdu: str, severity: str, text: str) -> None:
        """Keep a line of the event log."""
        self._do(lambda store: store.append_event(time, pdu, severity, text))

    def append_health(self, time: datetime, pdu: str, health: RecordedHealth, detail: str) -> None:
        """Keep a change of health."""
        self._do(lambda store: store.append_health(time, pdu, health, detail))

    def audit(self, record: AuditRecord) -> None:
        """Keep an audit record."""
        self._do(lambda store: store.audit(record))

    async def audit_durable(self, record: AuditRecord) -> bool:
        """Keep an audit record; whether it is on the disk now."""
        store = await self._get()
        return store is not None and await store.audit_durable(record)

    async def recent(
        self, pdu: str, keys: Sequence[str], seconds: float, *, hold_s: float = 0.9
    ) -> dict[str, list[float | None]]:
        """The last `seconds` of some series; waits until the real one is open."""
        await self._opened.wait()
        if self._real is None:
            return {key: [None] * int(seconds) for key in keys}
        return await self._real.recent(pdu, keys, seconds, hold_s=hold_s)

    async def reader(self) -> HistoryReader | None:
        """The past, once the real one is open; None if it cannot be read."""
        store = await self._get()
        return None if store is None else await store.reader()

    async def audit_trail(self) -> AuditTrail | None:
        """The audit, once the real one is open."""
        store = await self._get()
        return None if store is None else await store.audit_trail()

    async def flush(self) -> None:
        """Write everything that waits."""
        store = await self._get()
        if store is not None:
            await store.flush()

    async def close(self) -> None:
        """Open it if need be, so that nothing is lost, and close it. May be called twice."""
        store = await self._get()
        await asyncio.gather(self._task, return_exceptions=True)
        if store is not None:
            await store.close()
