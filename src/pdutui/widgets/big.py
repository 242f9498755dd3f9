"""Figures to be read from across the room: large characters made of blocks, in any glyph set."""

from __future__ import annotations

from pdutui.widgets.glyphs import GlyphSet

ROWS = 5
"""Dots from top to bottom of every character."""
_DOTS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# .## ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# .#. .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    ".": ". . . . #",
    ":": ". # . # .",
    "-": "... ... ### ... ...",
    "?": "### ..# .## ... .#.",
    "<": "..# .#. #.. .#. ..#",
    "%": "#..# ...# .##. #... #..#",
    "W": "#...# #...# #.#.# #.#.# .#.#.",
    "V": "#.# #.# #.# #.# .#.",
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "k": "#.. #.# ##. ##. #.#",
    "M": "#...# ##.## #.#.# #...# #...#",
    " ": ". . . . .",
}
_FONT = {char: tuple(dots.split()) for char, dots in _DOTS.items()}
CHARACTERS = frozenset(_FONT)
"""All that can be written large; anything else is drawn as a question mark, never left out."""


def big_width(text: str, across: int = 1) -> int:
    """Cells that a text takes.

    Args:
        text: What is written.
        across: Cells of a dot, from left to right.
    """
    dots = sum(len(_FONT.get(char, _FONT["?"])[0]) + 1 for char in text) - 1
    return max(0, dots) * across


def big(text: str, glyphs: GlyphSet, *, across: int = 1, down: int = 1) -> list[str]:
    """A text in large characters: `ROWS * down` lines, all as wide as `big_width` says.

    Args:
        text: What is written.
        glyphs: What it is made of.
        across: Cells of a dot, from left to right; two of them and one down are about a square.
        down: Rows of a dot.
    """
    shapes = [_FONT.get(char, _FONT["?"]) for char in text]
    lines = []
    for row in range(ROWS):
        dots = ".".join(shape[row] for shape in shapes)
        cells = "".join((glyphs.block if dot == "#" else " ") * across for dot in dots)
        lines += [cells] * down
    return lines
