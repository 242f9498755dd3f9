"""The command palette of a replay: its keys by name, PDUs, themes. Nothing that switches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.keys.replay import KEYS
from pdutui.screens.commands import Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.replay import ReplayScreen

_LISTED = ("replay.", "help", "repaint")


class ReplayCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then PDUs, then themes."""
        app, screen = cast("PduApp", self.app), cast("ReplayScreen", self.screen)
        for key in KEYS:
            if key.id.startswith(_LISTED) and key.id != "replay.palette":
                text = f"{key.helps[:1].upper()}{key.helps[1:]} ({key.shown})"
                yield Command(text, partial(app.call_later, screen.run_action, key.action))
        for pdu in screen.pdus:
            if pdu != screen.pdu:
                text = f"Replay of PDU {clean(pdu, app.glyphs.ascii_only)}"
                yield Command(text, partial(app.call_later, screen.go, pdu))
        for theme in app.theme_names:
            if theme != app.theme:
                yield Command(f"Theme {theme}", partial(app.wear, theme))
