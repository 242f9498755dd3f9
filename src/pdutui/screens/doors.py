"""Whole screens and small dialogs that the console opens: how each is made, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pdutui.domain.plan import PlanView
from pdutui.domain.reading import Outlet
from pdutui.screens.live import LiveScreen
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp

AROUND_MS = 30 * 60_000
"""A chart at a moment shows so much before and after."""
Door = Callable[["PduApp", EnginePort, str, str], None]


def back_to_console(app: PduApp) -> None:
    """Close every whole screen that lies on the console's own, the one on top first."""
    while (top := app.screen) is not app.console_screen:
        if not isinstance(top, LiveScreen):
            return
        top.dismiss(None)
        if app.screen is top:
            return


def show_pdu(app: PduApp, pdu: str, outlet: int | None = None) -> None:
    """Show a PDU on the console's own screen, if need be with the cursor on an outlet."""
    back_to_console(app)
    app.console_screen.go(pdu)
    if outlet is not None and app.console_screen.pdu == pdu:
        app.console_screen.select(outlet)


def history_at(app: PduApp, engine: EnginePort, pdu: str, subject: str, at_ms: int) -> None:
    """Show the chart around a moment, with the cursor on it; back leads to the screen below.

    Args:
        app: The console.
        engine: The running system.
        pdu: Whose chart.
        subject: What of it, as the beginning of a series; empty for the whole.
        at_ms: Unix ms.
    """
    from pdutui.screens.history import HistoryScreen

    open_history(app, engine, pdu, subject)
    chart = app.screen
    if isinstance(chart, HistoryScreen):
        now_ms = chart.desk.now_ms
        begin, end = at_ms - AROUND_MS, at_ms + AROUND_MS
        state = chart.desk.state
        state = state.since(begin, now_ms) if end >= now_ms else state.between(begin, end)
        chart.desk.state = state.put_cursor(at_ms, now_ms)  # it is asked for when it is mounted


def ask_name(app: PduApp, engine: EnginePort, pdu: str, outlet: Outlet) -> None:
    """Ask for a name of an outlet and keep it."""
    if engine.gate.locked:
        app.console_screen.notice(f"Not named: the console is {engine.gate.locked}")
        return
    if engine.view(pdu).info.role == "viewer":
        app.console_screen.notice("Not named: viewers only look", "warning")
        return
    from pdutui.screens.rename import RenameScreen
    from pdutui.widgets.outlet_grid import place_of

    def answered(name: str | None) -> None:
        if name is not None:
            engine.rename_outlet(pdu, outlet.number, name or None)

    app.push_screen(
        RenameScreen(place_of(outlet), outlet.name, pdu, app.inks, app.glyphs), answered
    )


def open_history(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    """Show the past; on the way back, the PDU that was looked at last."""
    from pdutui.config_env import config_path
    from pdutui.domain.zone import local_zone
    from pdutui.screens.history import HistoryScreen

    if isinstance(app.screen, HistoryScreen):
        return
    file = app.settings.config_path or config_path(None, app.env)[0]
    screen = HistoryScreen(
        engine,
        pdu,
        subject,
        clock=app.clock,
        zone=local_zone(app.env),
        how_to_enable=f"Switch it on with `enabled = true` under [history] in {file}.",
        glyphs=app.glyphs,
        inks=app.inks,
    )
    app.push_screen(screen, lambda _: app.console_screen.go(screen.pdu))


def go_to(app: PduApp, engine: EnginePort, name: str) -> None:
    """Open a whole screen by its name; the stack of screens never grows by it.

    One that is open already is gone back to, and closed where it is on top; any other takes the
    place of all that lie on the PDU screen.

    Args:
        app: The console.
        engine: What is shown.
        name: `LiveScreen.DOOR` of the screen.
    """
    top = app.live_screens()[-1]
    if top.BANNER_ROWS or app.console_screen.is_past:
        return  # a replay has doors of its own
    if name == top.DOOR:
        top.dismiss(None)
        return
    pdu, subject = top.looked_at or (app.console_screen.pdu, "")
    kept = next((s for s in app.live_screens() if name == s.DOOR), app.console_screen)
    while (over := app.live_screens()[-1]) is not kept:
        over.dismiss(None)
        if app.live_screens()[-1] is over:
            return  # it stays: nothing is laid on it
    if kept is app.console_screen:
        DOORS[name](app, engine, pdu, subject)


def _fleet(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    from pdutui.screens.fleet_door import open_fleet

    open_fleet(app, engine)


def _pairs(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    from pdutui.screens.pairs import PairsScreen

    screen = PairsScreen(
        engine, partial(show_pdu, app), clock=app.clock, glyphs=app.glyphs, inks=app.inks
    )
    app.push_screen(screen)


def _alarms(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    from pdutui.screens.alarms_door import open_alarms

    open_alarms(app, engine, pdu)


def _events(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    from pdutui.screens.events_door import open_events

    open_events(app, engine, pdu)


def _audit(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    from pdutui.screens.audit_door import open_audit

    open_audit(app, engine, pdu)


def _plans(app: PduApp, engine: EnginePort, pdu: str, subject: str) -> None:
    app.plans(engine).open()


DOORS: dict[str, Door] = {
    "fleet": _fleet,
    "pairs": _pairs,
    "alarms": _alarms,
    "events": _events,
    "history": open_history,
    "audit": _audit,
    "plans": _plans,
}
"""What lays each whole screen on the console's, by its `LiveScreen.DOOR`: of a PDU, and of a part
of it as the beginning of a series."""


def open_help(app: PduApp) -> None:
    """Show the keys of the screen or dialog that is on top."""
    from pdutui.screens.help import HelpScreen, standing_rows
    from pdutui.screens.help_text import key_help
    from pdutui.screens.keyed import Keyed

    screen = app.screen
    if not isinstance(screen, Keyed) or isinstance(screen, HelpScreen):
        return
    rows = key_help(screen.TABLE, app.keymap, screen.why_not())
    if isinstance(screen, LiveScreen) and not screen.BANNER_ROWS:
        rows = [*standing_rows(app.console_screen.scene, app.keymap), *rows]
    app.push_screen(HelpScreen([*rows, *screen.help_rows()], app.inks, app.glyphs))


def open_palette(app: PduApp, screen: LiveScreen, *, in_dialog: bool) -> None:
    """Show all commands of the whole screen that is on top.

    Over a dialog there are none: most would do nothing there, and a sequence would lay a second
    question over the first.
    """
    from pdutui.screens.palette import Palette

    if not isinstance(app.screen, Palette) and not in_dialog:
        app.push_screen(Palette(screen.commands(), plain=app.glyphs.name != "unicode"))


def leave(app: PduApp) -> None:
    """Leave; ask first while a command is under way, or a plan that would be paused."""

    def running() -> list[PlanView]:
        return app.plan_desk.running() if app.plan_desk is not None else []

    if not app.in_flight() and not running():
        app.exit(0)
        return
    from pdutui.screens.quit import QuitScreen

    if not isinstance(app.screen, QuitScreen):
        app.push_screen(
            QuitScreen(app.in_flight, running, app.inks, app.glyphs),
            lambda sure: app.exit(0) if sure else None,
        )


def open_connect(app: PduApp) -> None:
    """Try a device out that is not configured."""
    from pdutui.config_env import config_path
    from pdutui.screens.connect import ConnectScreen

    if isinstance(app.screen, ConnectScreen):
        return
    if app.settings.ui.served:
        app.console_screen.notice("No connection is tried from a browser", "warning")
        return
    path = app.settings.config_path or config_path(None, app.env)[0]
    screen = ConnectScreen(
        clock=app.clock,
        config_path=path,
        profile_dir=app.settings.profile_dir,
        said=app.console_screen.notice,
        added=app.reread,
        inks=app.inks,
        glyphs=app.glyphs,
    )
    app.push_screen(screen)
