"""What goes into the store: readings as the device said them, events, audit records.

Readings are kept raw, before floor and renaming: the floor is a matter of display and may be
changed tomorrow, a figure that was not kept is gone.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pdutui.domain.history import TRAP
from pdutui.engine.boundary import contain, guard
from pdutui.engine.events import Logged, Severity, StoreChanged
from pdutui.engine.waiting import cancel, finished

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import AuditRecord
    from pdutui.domain.health import RecordedHealth
    from pdutui.domain.reading import Reading
    from pdutui.engine.syslog import SyslogForwarder
    from pdutui.settings import Settings
    from pdutui.store.port import Store
    from pdutui.store.status import StoreStatus

AUDIT = logging.getLogger("pdutui.audit")

AUDIT_WAIT_S = 4.0
"""The longest that a command waits for its audit record to be safe on the disk."""


class Recorder:
    """The way into the store. Where history is switched off it takes audit records only."""

    def __init__(
        self,
        store: Store | None,
        *,
        clock: Clock,
        settings: Settings,
        emit: Callable[[StoreChanged], None],
        note: Callable[[str, Severity, str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = settings.history.enabled
        self._emit = emit
        self._audits: set[asyncio.Task[object]] = set()
        self._syslog: SyslogForwarder | None = None
        if settings.audit.syslog is not None and store is not None:
            from pdutui.engine.syslog import SyslogForwarder

            self._syslog = SyslogForwarder.of(settings.audit, functools.partial(note, ""))

    def start(self) -> None:
        """Listen to the store; tell at once if it is not well."""
        if self._store is None:
            return
        if self._syslog is not None:
            self._store.on_chained = self._syslog.send
        self._store.on_status = self._changed
        if not self._store.status.ok or self._store.status.detail:
            self._changed(self._store.status)

    @property
    def history(self) -> Store | None:
        """The store, if readings are kept in it."""
        return self._store if self._keep else None

    def reading(self, reading: Reading) -> None:
        """Keep a reading."""
        if self.history is not None:
            guard("history", self.history.append, reading)

    def event(self, line: Logged) -> None:
        """Keep a line of the event log."""
        if self.history is not None:
            guard("history", self.history.append_event,
                  line.time, line.pdu, line.severity + TRAP * line.trap, line.text)  # fmt: skip

    def health(self, pdu: str, health: RecordedHealth, detail: str) -> None:
        """Keep a change of health."""
        if self.history is not None:
            guard("history", self.history.append_health,
                  self._clock.now(), pdu, health, detail)  # fmt: skip

    async def audit(self, record: AuditRecord) -> str:
        """Put a record on the disk before going on.

        Returns:
            Nothing when it is there, else why it is not, in a few words. The store then keeps it
            and goes on trying; the log file has it in any case.
        """
        self._log(record)
        if self._store is None:
            return "not in the audit: there is no store"
        task: asyncio.Task[object] = asyncio.create_task(
            contain("audit", self._store.audit_durable(record))
        )
        self._audits.add(task)
        task.add_done_callback(self._audits.discard)
        if not await finished(self._clock, AUDIT_WAIT_S, task):
            return "not yet in the audit: the disk does not answer"
        return self._verdict(task.result())

    def _verdict(self, result: object) -> str:
        if getattr(result, "error", None) is not None:
            return "not in the audit: see the log file"
        if getattr(result, "value", None):
            return ""
        detail = self._store.status.detail if self._store is not None else ""
        return f"not yet in the audit: {detail}" if detail else "not yet in the audit"

    def audit_soon(self, record: AuditRecord) -> None:
        """Keep a record without waiting, for an end that cannot wait."""
        self._log(record)
        if self._store is not None:
            guard("audit", self._store.audit, record)

    async def stop(self) -> None:
        """Let audit records that are being written end, bounded, and flush the store."""
        if self._store is None:
            return
        pending = tuple(self._audits)
        if pending and not await finished(self._clock, AUDIT_WAIT_S, *pending):
            await cancel(*pending)
        await contain("history", self._store.flush())
        self._store.on_status = self._store.on_chained = None
        if self._syslog is not None:
            await self._syslog.stop()

    def _log(self, record: AuditRecord) -> None:
        AUDIT.info(
            "%s %s on %s outlet %d (%s) by %s from %s: %s -> %s; %s",
            record.outcome, record.action, record.pdu, record.outlet, record.outlet_name,
            record.user, record.ssh_origin or record.origin, record.state_from,
            record.state_to or "?", record.detail,
        )  # fmt: skip

    def _changed(self, status: StoreStatus) -> None:
        self._emit(StoreChanged(ok=status.ok, detail=status.detail))
