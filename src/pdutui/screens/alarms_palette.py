"""The command palette of the alarms screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.screens.commands import FEW_PDUS, Command, Commands
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.screens.alarms import AlarmsScreen


class AlarmCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then those of each PDU."""
        app, screen = self.console, cast("AlarmsScreen", self.screen)
        yield from self.keys()
        for pdu in app.pdus if len(app.pdus) <= FEW_PDUS else ():
            text = f"Alarms of PDU {clean(pdu, app.glyphs.ascii_only)}"
            yield Command(text, partial(screen.only, pdu))
