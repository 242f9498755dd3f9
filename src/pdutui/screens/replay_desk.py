"""From a moment of the chart to the console at that moment, and from there to other ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.zone import local_zone
from pdutui.engine.replay.opening import ReplayError
from pdutui.engine.replay.session import ReplaySession
from pdutui.engine.replay.times import time_of
from pdutui.screens.history import COLUMNS, HistoryScreen
from pdutui.screens.live import LiveScreen
from pdutui.screens.port import EnginePort
from pdutui.screens.replay import ReplayScreen

if TYPE_CHECKING:
    from pdutui.app import PduApp


def replay_wanted(app: PduApp, engine: EnginePort, pdu: str, at_ms: int) -> None:
    """Somebody wants to see a moment: of the running console, or of the replay that lies on it.

    Args:
        app: The console.
        engine: The running system.
        pdu: Which PDU to look at first.
        at_ms: Unix ms.
    """
    chart = app.screen
    if not isinstance(chart, HistoryScreen):
        return
    running = next((s for s in app.screen_stack if isinstance(s, ReplayScreen)), None)
    if running is not None:
        chart.dismiss(None)  # which leads to the PDU of the chart
        running.seek(time_of(at_ms), slack_ms=column_ms(chart))
    else:
        app.spawn(open_replay(app, engine, chart, pdu, at_ms, column_ms(chart)), "replay")


async def open_replay(
    app: PduApp, engine: EnginePort, screen: LiveScreen, pdu: str, at_ms: int, slack_ms: int
) -> None:
    """Lay a replay on the console, which goes on under it.

    Args:
        app: The console.
        engine: The running system.
        screen: On which it is asked for; what is in the way is said there.
        pdu: Which PDU to look at first.
        at_ms: Unix ms.
        slack_ms: So much later it may begin, where there is no reading of that moment.
    """
    reader = await engine.history()
    if reader is None:
        screen.notice("The history cannot be read just now", "warning")
        return
    try:
        session = await ReplaySession.open(
            reader,
            app.settings,
            at=time_of(at_ms),
            clock=app.clock,
            zone=local_zone(app.env),
            slack_ms=slack_ms,
        )
    except ReplayError as error:
        screen.notice(str(error), "warning")
        return
    if app.screen is not screen:
        return  # somebody has gone on to something else
    app.push_screen(replay_screen(app, session, pdu))


def column_ms(chart: HistoryScreen) -> int:
    """About what a column of the chart stands for: its cursor cannot be put more exactly."""
    return chart.desk.state.span_ms // COLUMNS


def replay_screen(app: PduApp, session: ReplaySession, pdu: str) -> ReplayScreen:
    """The screen of a session."""
    known = pdu if pdu in session.pdus else session.pdus[0]
    screen = ReplayScreen(
        session.view(known).info,
        at=session.now,
        clock=app.clock,
        glyphs=app.glyphs,
        inks=app.inks,
        alone=False,
    )
    screen.attach(session)
    return screen
