"""What the plans need of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import AuditRecord
from pdutui.domain.impact import Change, Impact, Preview
from pdutui.engine.events import EngineEvent, Severity
from pdutui.engine.foresight import foresee
from pdutui.engine.view import PduView
from pdutui.settings import PduSettings, Settings

if TYPE_CHECKING:
    from pdutui.engine.gate import Gate
    from pdutui.store.port import AuditTrail


async def _no_trail() -> AuditTrail | None:
    return None


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's hands, lent to its plans."""

    settings_now: Callable[[], Settings]
    """What is in force: a reload may change it."""
    in_force_since: Callable[[], datetime | None] = lambda: None
    """Since when; None: since the start."""
    gate: Gate
    clock: Clock
    view: Callable[[str], PduView]
    """Raises KeyError for a PDU that is not configured."""
    preview: Preview
    audit: Callable[[AuditRecord], Awaitable[str]]
    """Puts a record on the disk; why that did not work, or nothing."""
    trail: Callable[[], Awaitable[AuditTrail | None]] = _no_trail
    """The audit as it is read; None where it cannot be."""
    emit: Callable[[EngineEvent], None]
    note: Callable[[str, Severity, str], None]

    @property
    def settings(self) -> Settings:
        """What is configured, by now."""
        return self.settings_now()

    @property
    def pdus(self) -> Mapping[str, PduSettings]:
        """What is configured, by name."""
        return {pdu.name: pdu for pdu in self.settings.pdus}

    def foresee(self, changes: Sequence[Change]) -> Impact:
        """The preview; one that fails says that it does not know."""
        return foresee(self.preview, changes)

    def seen(self, pdu: str) -> PduView | None:
        """One PDU as it stands now; None for one that is not configured."""
        try:
            return self.view(pdu)
        except KeyError:
            return None
