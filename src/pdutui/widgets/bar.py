"""The line at the top of a screen: parts at its left and right that give way by rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.line import Line, Piece, pieces_width

if TYPE_CHECKING:
    from pdutui.widgets.inks import Inks


class Item(Struct, frozen=True):
    """A part of the line; parts of low rank leave first when it gets narrow."""

    rank: int
    pieces: list[Piece]


def bar(inks: Inks, left: Sequence[Item], right: Sequence[Item], width: int) -> Strip:
    """The line in exactly `width` cells."""
    first, last = list(left), list(right)
    gap = 3 if width >= 100 else 2
    while True:
        items = first + last
        used = sum(pieces_width(i.pieces) + gap for i in items) - gap + (1 if last else 0)
        if used <= width or len(items) <= 1:
            break
        worst = min(items, key=lambda item: item.rank)
        (first if worst in first else last).remove(worst)
    line = Line(inks, width, "bar")
    for place, item in enumerate(first):
        line.add(" " * gap if place else "").extend(item.pieces)
    tail: list[Piece] = []
    for place, item in enumerate(last):
        tail += [(" " * gap if place else "", "text"), *item.pieces]
    return line.right([*tail, (" " if last else "", "text")]).strip()
