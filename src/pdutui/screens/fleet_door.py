"""From the PDU to the fleet, and from a row to its PDU."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pdutui.screens.doors import show_pdu
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.fleet_desk import FleetMemory
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


def open_fleet(app: PduApp, engine: EnginePort) -> None:
    """Show the fleet."""
    if isinstance(app.screen, FleetScreen):
        return
    if app.fleet_memory is None:
        app.fleet_memory = FleetMemory(grouping=app.settings.ui.group)
    screen = FleetScreen(
        engine,
        partial(show_pdu, app),
        clock=app.clock,
        settings=lambda: app.settings,
        memory=app.fleet_memory,
        glyphs=app.glyphs,
        inks=app.inks,
    )
    app.push_screen(screen)
