"""The command palette of the events screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.keys.events import KEYS
from pdutui.screens.commands import Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.events import EventsScreen

_NOT_LISTED = ("palette", "move.up", "move.down")


class EventCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then PDUs, then themes."""
        app, screen = cast("PduApp", self.app), cast("EventsScreen", self.screen)
        for key in KEYS:
            if key.id not in _NOT_LISTED:
                text = f"{key.helps[:1].upper()}{key.helps[1:]} ({key.shown})"
                yield Command(text, partial(app.call_later, screen.run_action, key.action))
        for pdu in app.pdus:
            text = f"Events of PDU {clean(pdu, app.glyphs.ascii_only)}"
            yield Command(text, partial(screen.only, pdu))
        for theme in app.theme_names:
            if theme != app.theme:
                yield Command(f"Theme {theme}", partial(app.wear, theme))
        yield Command("Quit (ctrl+q)", app.action_quit)
