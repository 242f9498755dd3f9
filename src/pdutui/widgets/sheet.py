"""A widget of finished lines: only those that changed are sent on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from pdutui.widgets.line import blank

if TYPE_CHECKING:
    from pdutui.widgets.inks import Inks

Make = Callable[[int, int], list[Strip]]
"""Width and height to lines: `height` of them at most, each `width` cells."""


class Sheet(Widget):
    """Lines that come with their final styles, past Textual's style cache and colour filters."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._make: Make | None = None
        self._inks: Inks | None = None
        self._drawn: list[Strip] = []
        self._drawn_size = Size(0, 0)

    def paint(self, make: Make, inks: Inks) -> None:
        """Draw; only lines that differ from what is on the screen are repainted."""
        self._make, self._inks = make, inks
        if not self.size:
            return
        before = self._drawn
        self._draw()
        if len(before) != len(self._drawn):
            self.refresh()
            return
        width = self.size.width
        changed = [y for y, line in enumerate(self._drawn) if line != before[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _draw(self) -> None:
        """Make the lines for the size of now."""
        assert self._make is not None
        assert self._inks is not None
        width, height = self._drawn_size = self.size
        lines = self._make(width, height)[:height]
        self._drawn = lines + [blank(self._inks, width)] * (height - len(lines))

    def redraw(self) -> None:
        """Draw the same again: after a resize, a change of focus."""
        if self._make is not None and self._inks is not None:
            self.paint(self._make, self._inks)

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size, where painting has not already done it."""
        if self.size != self._drawn_size:
            self.redraw()

    def on_focus(self) -> None:
        """The head shows where the keys go."""
        self.redraw()

    def on_blur(self) -> None:
        """The head shows where the keys go."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """One line as it was drawn; drawn now where the size is new, so that the first is right."""
        if self._make is not None and self.size != self._drawn_size:
            self._draw()
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of it, without a second styling."""
        lines = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.right >= self.size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]
