"""Whole screens and small dialogs that the console opens: how each is made, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.plan import PlanView
from pdutui.domain.reading import Outlet
from pdutui.screens.live import LiveScreen
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


def ask_name(app: PduApp, engine: EnginePort, pdu: str, outlet: Outlet) -> None:
    """Ask for a name of an outlet and keep it."""
    if engine.gate.locked:
        app.console_screen.notice(f"Not named: the console is {engine.gate.locked}")
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


def open_help(app: PduApp) -> None:
    """Show the keys of the screen that is on top."""
    from pdutui.screens.help import HelpScreen, help_rows, standing_rows

    screen = app.screen
    rows = screen.help_rows() if isinstance(screen, LiveScreen) else []
    if not rows:
        rows = [*standing_rows(app.console_screen.scene), *help_rows(app.glyphs)]
    app.push_screen(HelpScreen(rows, app.inks, app.glyphs))


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
        inks=app.inks,
        glyphs=app.glyphs,
    )
    app.push_screen(screen)
