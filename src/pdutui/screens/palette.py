"""The command palette: PDUs, outlets, what can be done with them, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.command import Command as Listed
from textual.command import (
    CommandInput,
    CommandList,
    CommandPalette,
    DiscoveryHit,
    Hit,
    Provider,
)
from textual.scrollbar import ScrollBarRender
from textual.widgets import Input, OptionList

from pdutui.domain.commands import OutletAction
from pdutui.screens import wishes
from pdutui.screens.commands import Command, Commands
from pdutui.screens.dialog import forget_drawn
from pdutui.screens.once import ClosingOnce
from pdutui.screens.palette_many import many_commands
from pdutui.screens.theme_trial import ThemeTrial
from pdutui.widgets.outlet_grid import place_of
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp


_WORDS: dict[OutletAction, str] = {"on": "Turn on", "off": "Turn off", "reboot": "Reboot"}
_IN_OTHER_WORDS = ("outlet.", "menu", "mark.", "clear", "filter", "lock", "pane.", "pdu.")


class PduCommands(Commands):
    """Finds commands; names of devices are plain text here as everywhere."""

    def listed(self) -> Iterator[Command]:
        """For the outlet under the cursor, then everything else."""
        app = self.console
        screen = app.console_screen
        scene, why = screen.scene, screen.why_not()
        plain = app.glyphs.ascii_only
        outlet = scene.outlet()
        if outlet is not None:
            what = f"outlet {place_of(outlet)} {clean(outlet.name, plain)}".rstrip()
            for action, word in _WORDS.items():
                run = _switch(app, screen.pdu, outlet.number, action)
                text = self.with_key(f"{word} {what} ...", f"outlet.{action}")
                yield Command(text, run, why.get(f"outlet.{action}", ""))
            if outlet.number in scene.view.results or outlet.number in scene.view.doubts:
                text = self.with_key(f"Acknowledge {what}", "outlet.acknowledge")
                seen = screen.action_acknowledge
                yield Command(text, seen, why.get("outlet.acknowledge", ""))
            text = self.with_key(f"Name {what} ...", "outlet.rename")
            yield Command(text, screen.action_rename, why.get("outlet.rename", ""))
        more = self.with_key("More commands: delays, cancel, all outlets, source ...", "menu")
        yield Command(more, _menu(app), why.get("menu", ""))
        yield from many_commands(app)
        lock = "Unlock the console ..." if scene.locked else "Lock the console"
        turn = partial(app.call_later, app.action_lock)
        yield Command(self.with_key(lock, "lock"), turn)
        yield from self.keys(*_IN_OTHER_WORDS)
        for other in scene.reading.outlets if scene.reading else ():
            if outlet is None or other.number != outlet.number:
                text = f"Select outlet {place_of(other)} {clean(other.name, plain)} ({other.state})"
                yield Command(text, _select(app, other.number))


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


def _select(app: PduApp, outlet: int) -> Callable[[], object]:
    return lambda: app.console_screen.select(outlet)


class WholeCells(ScrollBarRender):
    """A scrollbar without the eighths of blocks that few fonts have."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


def _run_by(entry: Hit | DiscoveryHit | None) -> Callable[[], object] | None:
    """What choosing an entry of the palette runs."""
    match entry:
        case Hit(command=run) | DiscoveryHit(command=run):
            return run
    return None


class Palette(ClosingOnce[None], CommandPalette):
    """Textual's palette, without the magnifying glass and borders that few fonts have.

    Where there are no colours its cursor row is underlined: Textual makes colours of a reverse in a
    list, and takes them away then.
    """

    DEFAULT_CSS = """
    Palette {
        background: transparent;
        & > Vertical { width: 72; max-width: 100%; margin-top: 2; }
        SearchIcon { display: none; }
        CommandInput, CommandInput:focus { margin-left: 1; }
        CommandList > .option-list--option { text-style: none; }
        CommandList > .option-list--option-highlighted { text-style: bold; }
        CommandList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
        CommandInput:ansi > .input--cursor {
            background: ansi_default; color: ansi_default; text-style: reverse;
        }
    }
    Palette.-plain {
        #--input, #--input.--list-visible { border: none; }
        CommandInput, CommandInput:focus { border: none; }
        CommandList, CommandList:focus { border: none; }
    }
    """

    def __init__(self, provider: type[Provider] | None = None, *, plain: bool) -> None:
        super().__init__(
            providers=[provider or PduCommands],
            placeholder="Command, PDU, outlet, device, alarm, theme",
        )
        self.set_class(plain, "-plain")

    _moved = False
    """Somebody has gone to an entry, instead of only searching."""

    def on_mount(self) -> None:
        """A cursor that blinks would be sent twice a second."""
        self.query_one(CommandInput).cursor_blink = False
        if self.has_class("-plain"):
            bar = self.query_one(CommandList).vertical_scrollbar
            bar.renderer = WholeCells  # type: ignore[misc]
        self._trial = ThemeTrial(cast("PduApp", self.app), self.set_timer)

    @on(OptionList.OptionHighlighted)
    def _pointed_at(self) -> None:
        """A theme is shown at once, if it is meant: the first of what a letter finds is not."""
        found = self.query_one(CommandList)
        option = None
        if self._moved or self.query_one(CommandInput).value.lower().startswith("th"):
            option = found.highlighted_option
        self._trial.pointed_at(_run_by(option.hit) if isinstance(option, Listed) else None)

    @on(Input.Changed)
    def _searched(self) -> None:
        self._moved = False

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        chosen = self._selected_command
        self._trial.ended(_run_by(chosen))
        forget_drawn(self)

    def _action_command_list(self, action: str) -> None:
        """Move in the list, once it is on the screen: Textual's fails on one without a place."""
        self._moved = True
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
            if action != "select":
                self._pointed_at()
