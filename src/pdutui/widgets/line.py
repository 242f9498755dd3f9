"""Building one line of a panel: pieces in ink, exactly as wide as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pdutui.widgets.inks import LOUD
from pdutui.widgets.text import cut, width_of

if TYPE_CHECKING:
    from pdutui.widgets.inks import Ground, Inks

CUT = "~"
"""Stands where a line was cut: ASCII, so that every terminal has it."""
Piece = tuple[str, str]
"""Text and the ink it is written in."""


class Line:
    """A line under construction. What goes beyond its width is cut, and the cut is marked.

    A figure that lost its last digits would be another figure: so a cut is never silent.

    Args:
        inks: The styles.
        width: The line's width in cells.
        ground: What the line lies on.
    """

    def __init__(self, inks: Inks, width: int, ground: Ground = "base") -> None:
        self._inks = inks
        self._width = width
        self._ground: Ground = ground
        self._parts: list[tuple[str, Style]] = []
        self.used = 0

    @property
    def room(self) -> int:
        """Cells left."""
        return self._width - self.used

    def add(self, text: str, ink: str = "text") -> Line:
        """Append text; what does not fit is cut off, with a mark at the cut unless it is blank."""
        if ink in LOUD and self._inks.hueless and text != text.strip(" "):
            return self._bare(text, ink)
        size = len(text) if text.isascii() else width_of(text)
        room = self._width - self.used
        if size > room:
            text = cut(text, room, CUT if text.strip() else "")
            size = width_of(text)
        if text:
            style = self._inks(ink, self._ground)
            parts = self._parts
            if parts and parts[-1][1] is style:
                parts[-1] = (parts[-1][0] + text, style)
            else:
                parts.append((text, style))
            self.used += size
        return self

    def _bare(self, text: str, ink: str) -> Line:
        """Append text without its ink on the blanks around it: a reversed blank is a blot."""
        word = text.strip(" ")
        before = text.index(word) if word else len(text)
        behind = len(text) - before - len(word)
        return self.add(" " * before).add(word, ink).add(" " * behind)

    def extend(self, pieces: list[Piece]) -> Line:
        """Append several pieces."""
        for text, ink in pieces:
            self.add(text, ink)
        return self

    def join(self, other: Line) -> Line:
        """Append what another line holds so far, with its styles. It must fit."""
        self._parts += other._parts
        self.used += other.used
        return self

    def to(self, column: int, fill: str = " ", ink: str = "text") -> Line:
        """Fill up to a column."""
        missing = min(column, self._width) - self.used
        return self.add(fill * missing, ink) if missing > 0 else self

    def right(self, pieces: list[Piece], fill: str = " ", ink: str = "text") -> Line:
        """Fill, then pieces flush with the right edge."""
        size = sum(width_of(text) for text, _ in pieces)
        return self.to(self._width - size, fill, ink).extend(pieces)

    def strip(self) -> Strip:
        """The finished line, filled up with its ground."""
        self.to(self._width)
        return Strip([Segment(text, style) for text, style in self._parts], self.used)


def pieces_width(pieces: list[Piece]) -> int:
    """Cells that pieces take."""
    return sum(width_of(text) for text, _ in pieces)


def blank(inks: Inks, width: int, ground: Ground = "base") -> Strip:
    """An empty line."""
    return Line(inks, width, ground).strip()
