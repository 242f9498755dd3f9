"""From the PDU to its audit, and from a record to the chart at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.zone import local_zone
from pdutui.screens.audit import AuditScreen
from pdutui.screens.doors import open_history
from pdutui.screens.history import HistoryScreen
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp

AROUND_MS = 30 * 60_000
"""The chart shows so much before and after."""


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


def history_at(app: PduApp, engine: EnginePort, pdu: str, subject: str, at_ms: int) -> None:
    """Show the chart around a moment, with the cursor on it."""
    open_history(app, engine, pdu, subject)
    chart = app.screen
    if isinstance(chart, HistoryScreen):
        now_ms = chart.desk.now_ms
        begin, end = at_ms - AROUND_MS, at_ms + AROUND_MS
        state = chart.desk.state
        state = state.since(begin, now_ms) if end >= now_ms else state.between(begin, end)
        chart.desk.state = state.put_cursor(at_ms, now_ms)  # it is asked for when it is mounted
