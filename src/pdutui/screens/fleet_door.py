"""From the PDU to the fleet, and from a row to its PDU."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pdutui.domain.fleet_groups import behind_of
from pdutui.domain.fleet_sort import Limits
from pdutui.screens.doors import show_pdu
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


def open_fleet(app: PduApp, engine: EnginePort) -> None:
    """Show the fleet."""
    if isinstance(app.screen, FleetScreen):
        return
    alarms = app.settings.alarms
    screen = FleetScreen(
        engine,
        partial(show_pdu, app),
        clock=app.clock,
        grouping=app.settings.ui.group,
        limits=Limits(warning=alarms.warning_percent, critical=alarms.critical_percent),
        behind=behind_of(app.settings.cords, engine.pdus),
        glyphs=app.glyphs,
        inks=app.inks,
    )
    app.push_screen(screen)
