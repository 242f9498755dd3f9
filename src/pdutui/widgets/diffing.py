"""An app that sends the terminal only the cells that changed; all of them if it must."""

from __future__ import annotations

import logging
from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.timer import Timer

from pdutui.widgets import celldiff

LOG = logging.getLogger("pdutui.console")
RESIZED_S = 0.1
"""So long after the last change of size everything is painted once more."""


class DiffingApp(App[int]):
    """Puts the cell diff between Textual's compositor and the terminal."""

    colorless = False
    """Set by the app: no colours at all."""

    def __init__(self) -> None:
        super().__init__()
        self._shadow: celldiff.Shadow | None = None
        self._diffing = celldiff.supported()
        self._clear_first = False
        self._resized: Timer | None = None

    def on_resize(self) -> None:
        """Paint it all again once the size has settled.

        Frames on their way meet a terminal that may have had other sizes in between, and Textual
        hears of the last one only: what it has cut off by then nobody would paint again.
        """
        if self._resized is not None:
            self._resized.stop()
        self._resized = self.set_timer(RESIZED_S, self.repaint)

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
