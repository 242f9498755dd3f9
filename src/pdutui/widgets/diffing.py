"""An app that sends the terminal only the cells that changed; all of them if it must."""

from __future__ import annotations

import logging
from typing import Any

from textual.app import App
from textual.screen import Screen

from pdutui.widgets import celldiff

LOG = logging.getLogger("pdutui.console")


class DiffingApp(App[int]):
    """Puts the cell diff between Textual's compositor and the terminal."""

    colorless = False
    """Set by the app: no colours at all."""

    def __init__(self) -> None:
        super().__init__()
        self._shadow: celldiff.Shadow | None = None
        self._diffing = celldiff.supported()
        self._clear_first = False

    def action_repaint(self) -> None:
        """Clear the terminal and paint everything."""
        self._clear_first = True
        self.repaint()

    def repaint(self) -> None:
        """Forget what the terminal is thought to show, and paint it all."""
        self._shadow = None
        if self.is_running and self.screen_stack:
            self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Textual's way to the terminal, with the cell diff in between."""
        if self._diffing and celldiff.understood(renderable) and not self.is_inline:
            prefix = "\x1b[0m\x1b[2J" if self._clear_first else ""
            self._clear_first = False
            renderable = celldiff.DiffUpdate(
                renderable, self._current_shadow, self._diff_failed, prefix
            )
        super()._display(screen, renderable)

    def _current_shadow(self) -> celldiff.Shadow:
        width, height = self.size
        shadow = self._shadow
        if shadow is None or (shadow.width, shadow.height) != (width, height):
            colors = None if self.colorless else self.console._color_system
            shadow = self._shadow = celldiff.Shadow(width, height, colors)
        return shadow

    def _diff_failed(self, error: Exception) -> None:
        if self._diffing:
            self._diffing = False
            LOG.warning("the cell diff does not fit this Textual: doing without", exc_info=error)
