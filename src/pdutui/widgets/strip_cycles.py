"""Keeps Textual's lines from holding themselves: what was drawn over is gone at once.

A strip that is divided remembers the parts. Where there is one part alone, as in every line that
goes from one side to the other, the part is the strip: it holds itself, with all its own caches,
and only a full collection of garbage finds it. Those are rare here (see `engine.garbage`), and a
dialog that is left open draws each line of what is below it anew with every reading: some 40 MB
came together in ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]


def let_lines_go() -> None:
    """Have strips divided without being remembered as their own part. May be called often."""
    if not getattr(Strip.divide, "lets_go", False):
        Strip.divide = _letting_go(Strip.divide)  # type: ignore[assignment]


def _letting_go(divide: Divide) -> Divide:
    def divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        width = strip.cell_length
        within = [cut for cut in cuts if cut <= width]
        return [strip] if within == [width] else divide(strip, within)

    divided.lets_go = True  # type: ignore[attr-defined]
    return divided
