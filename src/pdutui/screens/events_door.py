"""The way to the events, and from one to the chart or the replay of that moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pdutui.domain.zone import local_zone
from pdutui.screens.doors import history_at, show_pdu
from pdutui.screens.events import EventsScreen
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp

SLACK_MS = 10_000
"""An event may be a little older than the first reading after a gap: the replay begins there."""


def open_events(app: PduApp, engine: EnginePort, pdu: str) -> None:
    """Show what happened."""
    screen = EventsScreen(
        engine,
        pdu,
        clock=app.clock,
        zone=local_zone(app.env),
        glyphs=app.glyphs,
        inks=app.inks,
    )

    def replay(pdu: str, at_ms: int) -> None:
        from pdutui.screens.replay_desk import open_replay

        app.spawn(open_replay(app, engine, screen, pdu, at_ms, SLACK_MS), "replay")

    screen.to_pdu = partial(show_pdu, app)
    screen.to_history = partial(history_at, app, engine)
    screen.to_replay = replay
    app.push_screen(screen)
