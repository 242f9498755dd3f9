"""What the screens of a PDU share: they hear the engine, and may lie under one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen, Screen

from pdutui.engine.events import EngineEvent
from pdutui.screens.once import ClosingOnce
from pdutui.widgets.inks import Inks

if TYPE_CHECKING:
    from textual.command import Provider

    from pdutui.screens.dialog import Row


class LiveScreen(ClosingOnce[None], Screen[None]):
    """A whole screen, no dialog."""

    BANNER_ROWS: ClassVar[int] = 0
    """So many rows at its top no dialog may cover."""

    def news(self, event: EngineEvent) -> None:
        """Something happened."""
        raise NotImplementedError

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        raise NotImplementedError

    def help_rows(self) -> list[Row]:
        """Its own help; nothing where the console's is its own."""
        return []

    def commands(self) -> type[Provider] | None:
        """What the palette offers on it; None for the console's own commands."""
        return None

    @property
    def buried(self) -> bool:
        """Whether another whole screen lies on this one, so that nobody sees it.

        A dialog lets it be seen.
        """
        if not self.is_attached or self not in self.app.screen_stack:
            return False
        stack = self.app.screen_stack
        return any(not isinstance(s, ModalScreen) for s in stack[stack.index(self) + 1 :])
