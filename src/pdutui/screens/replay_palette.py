"""The command palette of a replay: nothing that switches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.screens.commands import Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.screens.replay import ReplayScreen


class ReplayCommands(Commands):
    """Finds commands."""

    FLEET = False

    def listed(self) -> Iterator[Command]:
        """Keys by name, then PDUs."""
        app, screen = self.console, cast("ReplayScreen", self.screen)
        yield from self.keys()
        for pdu in screen.pdus:
            if pdu != screen.pdu:
                text = f"Replay of PDU {clean(pdu, app.glyphs.ascii_only)}"
                yield Command(text, partial(app.call_later, screen.go, pdu))
