"""The rows that screens of panels share: the bar on top, what is said and the keys at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.widgets.layout import Rect

if TYPE_CHECKING:
    from pdutui.widgets.glyphs import GlyphSet


def arrows(glyphs: GlyphSet, *, above: bool, below: bool) -> str:
    """Where a list goes on, behind what is said of its place: ` ↑↓`, ` ↓`, nothing."""
    signs = f"{glyphs.up * above}{glyphs.down * below}"
    return f" {signs}" if signs else ""


def frame(width: int, height: int) -> tuple[dict[str, Rect], int]:
    """Places of bar, said and hints, and how many rows are left between them, from row 1 on.

    What is said goes first where there is little room, then the keys; the bar stays.

    Args:
        width: columns of the screen.
        height: its rows.
    """
    if width < 1 or height < 1:
        return {}, 0
    out = {"bar": Rect(0, 0, width, 1)}
    bottom = height
    if height >= 5:
        bottom -= 1
        out["hints"] = Rect(0, bottom, width, 1)
    if height >= 8:
        bottom -= 1
        out["said"] = Rect(0, bottom, width, 1)
    return out, bottom - 1
