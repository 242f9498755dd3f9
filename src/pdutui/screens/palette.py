"""The command palette: PDUs, outlets, what can be done with them, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from textual.command import CommandInput, CommandList, CommandPalette, Provider

from pdutui.domain.commands import OutletAction
from pdutui.screens import wishes
from pdutui.screens.commands import Command, Commands
from pdutui.screens.dialog import forget_drawn
from pdutui.screens.keys import KEYS
from pdutui.screens.menu import offered
from pdutui.screens.once import ClosingOnce
from pdutui.screens.palette_many import many_commands
from pdutui.widgets.outlet_grid import place_of
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp


class PduCommands(Commands):
    """Finds commands; names of devices are plain text here as everywhere."""

    def listed(self) -> Iterator[Command]:
        """For the outlet under the cursor, then everything else."""
        app = cast("PduApp", self.app)
        screen = app.console_screen
        scene = screen.scene
        plain = app.glyphs.ascii_only
        outlet = scene.outlet()
        if outlet is not None:
            what = f"outlet {place_of(outlet)} {clean(outlet.name, plain)}".rstrip()
            words: dict[OutletAction, str] = {
                "on": "Turn on",
                "off": "Turn off",
                "reboot": "Reboot",
            }
            for action, word in words.items():
                run = _switch(app, screen.pdu, outlet.number, action)
                yield Command(f"{word} {what} ...", run)
            yield Command(f"Name {what} ...", screen.action_rename)
        if offered(scene.view, outlet.number if outlet is not None else None):
            yield Command("More commands: delays, cancel, all outlets, source ...", _menu(app))
        yield from many_commands(app)
        view = scene.view
        if outlet is not None and (outlet.number in view.results or outlet.number in view.doubts):
            yield Command(f"Acknowledge {what}", screen.action_acknowledge)
        lock = "Unlock the console ... (L)" if scene.locked else "Lock the console (L)"
        yield Command(lock, lambda: app.call_later(app.action_lock))
        yield Command("History: charts, and what happened when (g)", screen.action_history)
        yield Command("Audit: who switched what, and how it ended (u)", screen.action_audit)
        for pdu in app.pdus:
            if pdu != screen.pdu:
                yield Command(f"Go to PDU {clean(pdu, plain)}", _go(app, pdu))
        for other in scene.reading.outlets if scene.reading else ():
            if outlet is None or other.number != outlet.number:
                text = f"Select outlet {place_of(other)} {clean(other.name, plain)} ({other.state})"
                yield Command(text, _select(app, other.number))
        for theme in app.theme_names:
            if theme != app.theme:
                yield Command(f"Theme {theme}", _theme(app, theme))
        yield Command("Try a connection to a device ... (t)", app.action_connect)
        for key in KEYS:
            if key.id in ("help", "repaint", "quit"):
                yield Command(f"{key.id.capitalize()} ({key.shown})", _action(app, key.id))


def _switch(app: PduApp, pdu: str, outlet: int, action: OutletAction) -> Callable[[], object]:
    """Ask for the outlet that the entry names, wherever the cursor is by then."""
    screen = app.console_screen

    def run() -> None:
        if screen.pdu == pdu:
            screen.select(outlet)
        app.call_later(screen.post_message, wishes.Wanted(pdu, outlet, action))

    return run


def _menu(app: PduApp) -> Callable[[], object]:
    return lambda: app.call_later(app.console_screen.action_menu)


def _go(app: PduApp, pdu: str) -> Callable[[], object]:
    return lambda: app.console_screen.go(pdu)


def _select(app: PduApp, outlet: int) -> Callable[[], object]:
    return lambda: app.console_screen.select(outlet)


def _theme(app: PduApp, name: str) -> Callable[[], object]:
    return lambda: app.wear(name)


def _action(app: PduApp, name: str) -> Callable[[], object]:
    return {"help": app.action_help, "repaint": app.action_repaint, "quit": app.action_quit}[name]


class Palette(ClosingOnce[None], CommandPalette):
    """Textual's palette, without the magnifying glass and borders that few fonts have."""

    DEFAULT_CSS = """
    Palette {
        background: transparent;
        & > Vertical { width: 72; max-width: 100%; margin-top: 2; }
        SearchIcon { display: none; }
        CommandInput, CommandInput:focus { margin-left: 1; }
    }
    Palette.-plain {
        #--input, #--input.--list-visible { border: none; }
        CommandInput, CommandInput:focus { border: none; }
        CommandList, CommandList:focus { border: none; }
    }
    """

    def __init__(self, provider: type[Provider] | None = None, *, plain: bool) -> None:
        super().__init__(
            providers=[provider or PduCommands], placeholder="Command, PDU, outlet or theme"
        )
        self.set_class(plain, "-plain")

    def on_mount(self) -> None:
        """A cursor that blinks would be sent twice a second."""
        self.query_one(CommandInput).cursor_blink = False

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        forget_drawn(self)

    def _action_command_list(self, action: str) -> None:
        """Move in the list, once it is on the screen: Textual's fails on one without a place."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
