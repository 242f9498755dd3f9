"""What the engine needs of a store; `HistoryStore` and `DeferredStore` are both one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pdutui.domain.commands import AuditRecord
from pdutui.domain.reading import Reading

if TYPE_CHECKING:
    from pdutui.store.status import StoreStatus


class Store(Protocol):
    """Takes readings, events and audit records, and gives back what was."""

    on_status: Callable[[StoreStatus], None] | None
    """Called with every change of `status`."""

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
