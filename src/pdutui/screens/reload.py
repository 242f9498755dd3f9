"""Reading the configuration again at the console: what of it is the screens' business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.devicemap import DeviceMap
from pdutui.engine.events import SettingsChanged
from pdutui.engine.reload import Reread
from pdutui.engine.verdict import Verdict
from pdutui.screens.port import EnginePort, VerdictPort
from pdutui.settings import Settings

if TYPE_CHECKING:
    from pdutui.app import PduApp

NOTHING_TO_READ = "Nothing to read again: there is no configuration file"


def reload(app: PduApp, engine: EnginePort) -> bool:
    """Begin to read the configuration again. Returns whether there is one.

    What comes of it is told by the engine, as `SettingsChanged`.
    """
    if engine.reread is None:
        return False
    app.spawn(_reread(app, engine, engine.reread), "reload")
    return True


async def _reread(app: PduApp, engine: EnginePort, reread: Reread) -> None:
    settings = await reread()
    if settings is not None:
        put_on(app, engine, settings)


def put_on(app: PduApp, engine: EnginePort, settings: Settings) -> None:
    """Show what the engine has taken: other PDUs, cords, theme."""
    before, app.settings = app.settings, settings
    app.pdus = engine.pdus
    console = app.console_screen
    console.device_map = DeviceMap(settings.cords)
    console.attach(engine)
    if settings.control.lock.after_s > 0:
        app.watch_the_time(engine)
    if settings.keys != before.keys:
        app.wear_keys(settings.keys)
    if settings.ui.theme != before.ui.theme:
        put_on_theme(app, settings.ui.theme)


def put_on_theme(app: PduApp, theme: str) -> None:
    """Wear a theme that the configuration names, where this terminal can."""
    if theme in app.theme_names:
        app.wear(theme)
    elif theme in app.available_themes:
        app.notice(f"Theme {theme} needs more colours than this terminal has", "warning")
    else:
        palette = app.keymap.shown("palette")
        app.notice(f"Theme {theme} is not known: {palette} lists those that are", "warning")


def outdated(verdict: VerdictPort) -> VerdictPort:
    """What a question says that was put by settings which are not in force any more."""
    return Verdict(
        allowed=False,
        reason="the configuration was read again: close this, and ask again",
        outlet_name=verdict.outlet_name,
        sentence=verdict.sentence,
        load_w=verdict.load_w,
        impact=verdict.impact,
        needs_name=verdict.needs_name,
        rule="changed",
    )


def told(app: PduApp, event: SettingsChanged) -> None:
    """Say what came of it on a screen that has no line for the newest event."""
    if app.live_screens()[-1] is app.console_screen:
        return
    app.notice(event.text[:1].upper() + event.text[1:], "info" if event.taken else "warning")
