"""The command palette of the history screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.screens.commands import FEW_PDUS, Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.screens.history import HistoryScreen


class HistoryCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then the past of other PDUs."""
        app, screen = self.console, cast("HistoryScreen", self.screen)
        yield from self.keys()
        for pdu in app.pdus if len(app.pdus) <= FEW_PDUS else ():
            if pdu != screen.pdu:
                text = f"History of PDU {clean(pdu, app.glyphs.ascii_only)}"
                yield Command(text, partial(app.call_later, screen.go, pdu))
