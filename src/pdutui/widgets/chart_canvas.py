"""Cells to draw on: characters in ink, made into strips at the end."""

from __future__ import annotations

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pdutui.widgets.inks import Inks

BRAILLE = 0x2800


class Canvas:
    """A rectangle of cells, all blank at first.

    Args:
        width: In cells.
        height: In cells.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._chars = [[" "] * width for _ in range(height)]
        self._inks = [["text"] * width for _ in range(height)]
        self._lit: set[int] = set()

    def put(self, x: int, y: int, char: str, ink: str) -> None:
        """One cell; outside the canvas nothing happens."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._chars[y][x] = char
            self._inks[y][x] = ink

    def dots(self, x: int, y: int, char: str, ink: str) -> None:
        """Braille dots beside those that are there already; anything else is replaced."""
        there = ord(self._chars[y][x]) - BRAILLE if self._chars[y][x] else 0
        new = ord(char) - BRAILLE
        if 0 < there < 256 and 0 < new < 256:
            char = chr(BRAILLE + (there | new))
        self.put(x, y, char, ink)

    def at(self, x: int, y: int) -> str:
        """The character of a cell; empty in the second half of a wide one."""
        return self._chars[y][x]

    def blank(self, x: int, y: int, width: int) -> bool:
        """Whether cells hold nothing, or nothing but rules and grid."""
        if x < 0 or x + width > self.width or not 0 <= y < self.height:
            return False
        return all(
            self._chars[y][c] == " " or self._inks[y][c] == "rule" for c in range(x, x + width)
        )

    def write(self, x: int, y: int, text: str, ink: str) -> None:
        """Text from a cell on; what does not fit is left out."""
        for char in text:
            size = get_character_cell_size(char)
            if not 0 <= x <= self.width - size:
                return
            self.put(x, y, char, ink)
            if size == 2:
                self.put(x + 1, y, "", ink)
            x += size

    def light(self, x: int) -> None:
        """Lay the ground of the cursor under a whole column."""
        self._lit.add(x)

    def strips(self, inks: Inks) -> list[Strip]:
        """The rows, neighbours of one style in one piece."""
        out = []
        for chars, names in zip(self._chars, self._inks, strict=True):
            parts: list[Segment] = []
            begin = 0
            style: Style | None = None
            for x in range(self.width + 1):
                if x < self.width:
                    here = inks(names[x], "cursor" if x in self._lit else "base")
                    if here is style or chars[x] == "":
                        continue
                else:
                    here = None
                if style is not None:
                    parts.append(Segment("".join(chars[begin:x]), style))
                begin, style = x, here
            out.append(Strip(parts, self.width))
        return out
