"""Figures in large characters above the panels: as large as there is room, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.big import ROWS, big, big_width
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import FILLED, Inks
from pdutui.widgets.line import Line, blank
from pdutui.widgets.text import cut
from pdutui.widgets.wall_figures import Figure


class Letters(Struct, frozen=True):
    """How large: cells of a dot across and down."""

    across: int
    down: int

    @property
    def rows(self) -> int:
        """Rows of the screen that a text takes."""
        return ROWS * self.down

    def width(self, text: str) -> int:
        """Columns that a text takes."""
        return big_width(text, self.across)

    def lines(self, text: str, glyphs: GlyphSet) -> list[str]:
        """The text in so many rows."""
        return big(text, glyphs, across=self.across, down=self.down)


LETTERS = (*(Letters(2 * down, down) for down in (5, 4, 3, 2, 1)), Letters(1, 1))
"""The largest first; dots are about square but for the last ones, for narrow screens."""
LEAST_REST = 20
"""So many rows stay for the panels at least."""
SHARE = 3 / 8
"""So much of the height the figures may have."""
_MARGIN = 2
_BELOW = 2
"""A row for the label, and one free."""


class Fit(Struct, frozen=True):
    """Where figures stand."""

    letters: Letters
    places: tuple[tuple[int, int, int], ...]
    """Which figure, its column, its line of figures from 0 on."""
    rows: int
    """Rows of the screen that they take."""


Need = tuple[str, bool]
"""The widest text of a figure, and whether it is vital."""


def room_for(height: int) -> int:
    """Rows that figures may have on a screen of so many rows."""
    return max(0, min(int(height * SHARE), height - LEAST_REST))


@lru_cache(maxsize=64)
def fit(needs: tuple[Need, ...], width: int, rows: int) -> Fit | None:
    """The largest characters in which all vital figures have room; None where none are.

    Args:
        needs: The figures, the most important first.
        width: Columns.
        rows: That there are at most.
    """
    for letters in LETTERS:
        each = letters.rows + _BELOW
        found = _place(needs, width, rows // each, letters)
        if found and all(any(i == place for place, _, _ in found) for i in _vital(needs)):
            lines = 1 + max(line for _, _, line in found)
            return Fit(letters, found, lines * each)
    return None


def _vital(needs: Sequence[Need]) -> list[int]:
    return [place for place, (_, vital) in enumerate(needs) if vital]


def _place(
    needs: Sequence[Need], width: int, lines: int, letters: Letters
) -> tuple[tuple[int, int, int], ...]:
    used = [_MARGIN] * lines
    out: list[tuple[int, int, int]] = []
    for index, (widest, vital) in enumerate(needs):
        cells = max(letters.width(widest), 10)
        for line, column in enumerate(used):
            # What is not vital has no line of its own, unless it fills a good part of it.
            alone = line > 0 and column == _MARGIN and not vital and cells * 3 < width
            if column + cells <= width - 1 and not alone:
                out.append((index, column, line))
                used[line] = column + cells + max(3, 3 * letters.across)
                break
    return tuple(out)


def needs_of(figures: Sequence[Figure]) -> tuple[Need, ...]:
    """What figures need of room."""
    return tuple((figure.widest, figure.vital) for figure in figures)


def wall_band(
    figures: Sequence[Figure], inks: Inks, glyphs: GlyphSet, width: int, height: int
) -> list[Strip]:
    """The figures in lines of exactly `width` cells, `height` of them at most."""
    found = fit(needs_of(figures), width, height)
    if found is None:
        return []
    lines: list[Strip] = []
    letters = found.letters
    each = letters.rows + _BELOW
    for number in range(found.rows // each):
        here = [(figures[i], column) for i, column, line in found.places if line == number]
        drawn = [letters.lines(figure.text, glyphs) for figure, _ in here]
        for row in range(letters.rows):
            line = Line(inks, width)
            for (figure, column), dots in zip(here, drawn, strict=True):
                line.to(column).add(dots[row].rstrip(), FILLED.get(figure.ink, figure.ink))
            lines.append(line.strip())
        line = Line(inks, width)
        for place, (figure, column) in enumerate(here):
            end = here[place + 1][1] - 2 if place + 1 < len(here) else width - 1
            text = f" {figure.label} " if figure.label_ink.startswith("badge") else figure.label
            line.to(column).add(cut(text, max(0, end - column), glyphs.ellipsis), figure.label_ink)
        lines += [line.strip(), blank(inks, width)]
    return lines
