"""The way to the alarms."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pdutui.domain.zone import local_zone
from pdutui.screens.alarms import AlarmsScreen
from pdutui.screens.doors import history_at, show_pdu
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


def open_alarms(app: PduApp, engine: EnginePort, pdu: str) -> None:
    """Show the alarms."""
    screen = AlarmsScreen(
        engine,
        app.alarms_of(engine),
        pdu,
        clock=app.clock,
        zone=local_zone(app.env),
        glyphs=app.glyphs,
        inks=app.inks,
    )
    screen.to_pdu = partial(show_pdu, app)
    screen.to_history = partial(history_at, app, engine)
    app.push_screen(screen)
