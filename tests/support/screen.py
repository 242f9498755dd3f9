"""A small terminal: what a stream of bytes leaves on the screen, cell by cell."""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size

_TOKEN = re.compile(r"\x1b\[([?>0-9;]*)([A-Za-z])|(\r|\n)|([^\x1b\r\n])")
Cell = tuple[str, tuple[str, ...], str, str]
"""Text, attributes, foreground, background."""
BLANK: Cell = (" ", (), "", "")


class ModelTerminal:
    """Understands what the console sends: moves, SGR, clear, text; anything else fails."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.cells: list[list[Cell | None]] = [[BLANK] * width for _ in range(height)]
        """None: half of a wide character that lost its other half; terminals differ there."""
        self.x = self.y = 0
        self._attributes: tuple[str, ...] = ()
        self._fore = self._back = ""

    @property
    def pen(self) -> tuple[tuple[str, ...], str, str]:
        """What the next character would be drawn with: attributes, foreground, background."""
        return self._attributes, self._fore, self._back

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found is not None, f"not understood: {text[at : at + 20]!r}"
            at = found.end()
            arguments, final, control, char = found.groups()
            if final == "H":
                row, _, column = arguments.partition(";")
                self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
                assert 0 <= self.y < self.height
                assert 0 <= self.x < self.width
            elif final == "C":
                self.x += int(arguments or 1)
                assert self.x < self.width
            elif final == "m":
                self._sgr(arguments.split(";"))
            elif final == "J":
                self.cells = [[BLANK] * self.width for _ in range(self.height)]
            elif control == "\r":
                self.x = 0
            elif control == "\n":
                assert self.y < self.height - 1, "that would scroll"
                self.y += 1
            elif char is not None:
                self._put(char)
            else:
                raise AssertionError(f"not understood: {found.group()!r}")

    def _put(self, char: str) -> None:
        assert char >= " ", "a control character drives the terminal"
        assert not "\x7f" <= char < "\xa0", "a control character drives the terminal"
        size = get_character_cell_size(char)
        row = self.cells[self.y]
        if size == 0:
            before = row[self.x - 1]
            if before is not None and before[0] == "":
                before = row[self.x - 2]
                assert before is not None
                row[self.x - 2] = (before[0] + char, *before[1:])
            elif before is not None:
                row[self.x - 1] = (before[0] + char, *before[1:])
            return
        assert self.x + size <= self.width, "beyond the right edge"
        for x in range(self.x, self.x + size):
            self._break(row, x)
        row[self.x] = (char, self._attributes, self._fore, self._back)
        if size == 2:
            row[self.x + 1] = ("", self._attributes, self._fore, self._back)
        self.x += size

    def _break(self, row: list[Cell | None], x: int) -> None:
        """A wide character that is overwritten by half is gone whole."""
        cell = row[x]
        if cell is not None and cell[0] == "" and x and row[x - 1] is not None:
            row[x - 1] = None
        if x + 1 < self.width and cell is not None and cell[0] != "":
            after = row[x + 1]
            if after is not None and after[0] == "":
                row[x + 1] = None

    def _sgr(self, codes: list[str]) -> None:
        rest = list(codes)
        while rest:
            code = rest.pop(0)
            number = int(code or 0)
            if number == 0:
                self._attributes, self._fore, self._back = (), "", ""
            elif number in (38, 48):
                kind = rest.pop(0)
                taken = [rest.pop(0) for _ in range(3 if kind == "2" else 1)]
                value = ";".join([code, kind, *taken])
                self._fore, self._back = (
                    (value, self._back) if number == 38 else (self._fore, value)
                )
            elif number in (39, 49):
                self._fore, self._back = ("", self._back) if number == 39 else (self._fore, "")
            elif 30 <= number < 38 or 90 <= number < 98:
                self._fore = code
            elif 40 <= number < 48 or 100 <= number < 108:
                self._back = code
            else:
                assert 1 <= number <= 9
                self._attributes = tuple(sorted({*self._attributes, code}))

    def text(self) -> list[str]:
        return ["".join(c[0] if c else "?" for c in row) for row in self.cells]
