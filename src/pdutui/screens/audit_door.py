"""From the PDU to its audit, and from a record to the chart at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.zone import local_zone
from pdutui.screens.audit import AuditScreen
from pdutui.screens.doors import history_at
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


def open_audit(app: PduApp, engine: EnginePort, pdu: str) -> None:
    """Show the audit."""
    if isinstance(app.screen, AuditScreen):
        return
    screen = AuditScreen(
        engine,
        pdu,
        clock=app.clock,
        zone=local_zone(app.env),
        glyphs=app.glyphs,
        inks=app.inks,
    )
    screen.to_history = lambda *moment: history_at(app, engine, *moment)
    app.push_screen(screen)
