"""A widget of finished lines: only those that changed are sent on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
        size = self.region.size  # with no padding to take off; worked out each time it is asked
        if not size:
            # Where it comes back with the same size, nobody tells it: what it showed is gone.
            self._drawn, self._drawn_size = [], Size(0, 0)
            return
        before = self._drawn
        self._draw(size)
        if len(before) != len(self._drawn):
            self.refresh()
            return
        changed = [y for y, line in enumerate(self._drawn) if line != before[y]]
        if changed:
            self.refresh(*_bands(changed, size.width))

    def _draw(self, size: Size) -> None:
        """Make the lines for a size, that of now."""
        assert self._make is not None
        assert self._inks is not None
        width, height = self._drawn_size = size
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
        """One line as it was drawn."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of it, without a second styling.

        They are drawn now where the size is new, so that the first are right.
        """
        size = self.region.size
        if self._make is not None and size != self._drawn_size:
            self._draw(size)
        lines = self._drawn[crop.y : crop.bottom]
        if len(lines) < crop.height:
            lines += [Strip.blank(size.width)] * (crop.height - len(lines))
        if crop.x == 0 and crop.right >= size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]


def _bands(rows: Sequence[int], width: int) -> Iterator[Region]:
    """Rows in ascending order, those that follow each other together."""
    first = last = rows[0]
    for y in rows[1:]:
        if y != last + 1:
            yield Region(0, first, width, last + 1 - first)
            first = y
        last = y
    yield Region(0, first, width, last + 1 - first)
