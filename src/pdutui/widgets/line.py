"""Building one line of a panel: pieces in ink, exactly as wide as it should be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pdutui.widgets.inks import LOUD
from pdutui.widgets.line_caches import finished
from pdutui.widgets.text import cut, width_of

if TYPE_CHECKING:
    from pdutui.widgets.inks import Ground, Inks

CUT = "~"
"""Stands where a line was cut: ASCII, so that every terminal has it."""
Piece = tuple[str, str]
"""Text and the ink it is written in."""
_NONE: frozenset[str] = frozenset()
_NO_CONTROL = repeat(None)
_SEGMENT: Callable[[tuple[str, Style, None]], Segment] = partial(tuple.__new__, Segment)
"""What `Segment` does, without its way through Python."""


class Line:
    """A line under construction. What goes beyond its width is cut, and the cut is marked.

    A figure that lost its last digits would be another figure: so a cut is never silent.

    Args:
        inks: The styles.
        width: The line's width in cells.
        ground: What the line lies on.
    """

    def __init__(self, inks: Inks, width: int, ground: Ground = "base") -> None:
        self._width = width
        self._pens = inks.pens(ground)
        self._loud = LOUD if inks.hueless else _NONE
        self._texts: list[str] = []
        self._styles: list[Style] = []
        """One a text, and never the same one twice in a row."""
        self.used = 0

    def copy(self) -> Line:
        """The same so far, to be gone on with."""
        line = object.__new__(Line)
        line._width, line._pens, line._loud = self._width, self._pens, self._loud
        line._texts, line._styles = self._texts.copy(), self._styles.copy()
        line.used = self.used
        return line

    @property
    def room(self) -> int:
        """Cells left."""
        return self._width - self.used

    def add(self, text: str, ink: str = "text") -> Line:
        """Append text; what does not fit is cut off, with a mark at the cut unless it is blank."""
        if ink in self._loud and text != text.strip(" "):
            return self._bare(text, ink)
        size = len(text) if text.isascii() else width_of(text)
        room = self._width - self.used
        if size > room:
            text = cut(text, room, CUT if text.strip() else "")
            size = width_of(text)
        if text:
            style, styles = self._pens[ink], self._styles
            if styles and styles[-1] is style:
                self._texts[-1] += text
            else:
                self._texts.append(text)
                styles.append(style)
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
        if self._styles and other._styles and self._styles[-1] is other._styles[0]:
            self._texts[-1] += other._texts[0]
            self._texts += other._texts[1:]
            self._styles += other._styles[1:]
        else:
            self._texts += other._texts
            self._styles += other._styles
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
        parts = zip(self._texts, self._styles, _NO_CONTROL)  # noqa: B905  the last one is endless
        return finished(map(_SEGMENT, parts), self.used)


def pieces_width(pieces: list[Piece]) -> int:
    """Cells that pieces take."""
    return sum(width_of(text) for text, _ in pieces)


def blank(inks: Inks, width: int, ground: Ground = "base") -> Strip:
    """An empty line."""
    return Line(inks, width, ground).strip()
