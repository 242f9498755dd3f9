"""The command palette of the fleet screen."""

from __future__ import annotations

from collections.abc import Iterator

from pdutui.screens.commands import Command, Commands


class FleetCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name."""
        yield from self.keys()
