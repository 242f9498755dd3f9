"""The command palette of the rack pairs: their keys by name, PDUs, themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.keys.pairs import KEYS
from pdutui.screens.commands import Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.pairs import PairsScreen


class PairsCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then PDUs, then themes."""
        app, screen = cast("PduApp", self.app), cast("PairsScreen", self.screen)
        for key in KEYS:
            if key.id != "palette" and not key.id.startswith(("move.", "page.")):
                text = f"{key.helps[:1].upper()}{key.helps[1:]}"
                shown = screen.keymap.shown(key)
                run = partial(app.call_later, screen.run_action, key.action)
                yield Command(f"{text} ({shown})" if shown else text, run)
        for pdu in app.pdus:
            text = f"Go to PDU {clean(pdu, app.glyphs.ascii_only)}"
            yield Command(text, partial(app.call_later, screen.open_pdu, pdu))
        for theme in app.theme_names:
            if theme != app.theme:
                yield Command(f"Theme {theme}", partial(app.wear, theme))
        yield Command("Quit (ctrl+q)", app.action_quit)
