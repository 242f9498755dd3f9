"""What the engine needs of a store; `HistoryStore` and `DeferredStore` are both one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pdutui.domain.audit import AuditQuery, ChainReport, StoredAudit
    from pdutui.domain.commands import AuditRecord
    from pdutui.domain.health import RecordedHealth
    from pdutui.domain.history import (
        HistoryQuery,
        HistoryWindow,
        Mark,
        Moment,
        RecordedPdu,
        SeriesInfo,
    )
    from pdutui.domain.ledger import Ledger
    from pdutui.domain.reading import Reading
    from pdutui.store.status import StoreStatus


class HistoryReader(Protocol):
    """The past of all PDUs, for charts, exports and replay. Queries run in a thread of their own.

    A query that is cancelled is interrupted. Trouble with the file raises `StoreTrouble`, whose
    phrase is for people. A PDU that is not known has no points, no marks, no moment.
    """

    async def pdus(self) -> list[RecordedPdu]:
        """Those that have a past, by name."""
        ...

    async def series(self, pdu: str) -> list[SeriesInfo]:
        """The lines of a PDU that ever had a value, in the order of a reading, named as last."""
        ...

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        """Points, up to what was read a second ago. Raises ValueError for what is no series."""
        ...

    async def marks(self, pdu: str, from_ms: int, to_ms: int, *, limit: int = 1000) -> list[Mark]:
        """What happened, oldest first; the newest `limit` of it. A `pdu` of "" means all."""
        ...

    async def next_mark(self, pdus: Sequence[str], after_ms: int) -> Mark | None:
        """The first thing that happened to one of them after a moment."""
        ...

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        """The last reading up to `at_ms`, none older than `within_ms` before it."""
        ...

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        """The energy of a whole PDU by quarters of an hour; None where nothing tells it."""
        ...


class AuditTrail(Protocol):
    """The audit as it is read. Queries run in a thread; trouble raises `StoreTrouble`."""

    async def rows(self, query: AuditQuery) -> list[StoredAudit]:
        """The newest records that fit, newest first, also those that wait to be written."""
        ...

    async def verify(self) -> ChainReport:
        """Go through the whole chain."""
        ...

    async def lacks(self) -> str:
        """What is known to be missing without that, in words; empty if nothing is. Quick."""
        ...


class Store(Protocol):
    """Takes readings, events and audit records, and gives back what was."""

    on_status: Callable[[StoreStatus], None] | None
    """Called with every change of `status`."""
    on_chained: Callable[[Sequence[StoredAudit]], None] | None
    """Called with audit records that are committed now, oldest first."""

    @property
    def status(self) -> StoreStatus:
        """How it is doing."""
        ...

    def append(self, reading: Reading) -> None:
        """Keep a reading. Never blocks, never raises."""
        ...

    def append_event(self, time: datetime, pdu: str, severity: str, text: str) -> None:
        """Keep a line of the event log. Never blocks, never raises."""
        ...

    def audit(self, record: AuditRecord) -> None:
        """Keep an audit record; it is committed as soon as may be."""
        ...

    async def audit_durable(self, record: AuditRecord) -> bool:
        """Keep an audit record; whether it is on the disk now."""
        ...

    async def recent(
        self, pdu: str, keys: Sequence[str], seconds: float, *, hold_s: float = 0.9
    ) -> dict[str, list[float | None]]:
        """The last `seconds` of some series at 1 Hz, oldest first, None for gaps."""
        ...

    async def flush(self) -> None:
        """Write everything that waits; bounded."""
        ...

    def append_health(self, time: datetime, pdu: str, health: RecordedHealth, detail: str) -> None:
        """Keep a change of health. Never blocks, never raises."""
        ...

    async def reader(self) -> HistoryReader | None:
        """The past; None while there is no database to read from."""
        ...

    async def audit_trail(self) -> AuditTrail | None:
        """The audit; None while it cannot be read at all."""
        ...
