"""Keeps Textual's caches of lines from outliving what they are of.

A strip that is divided remembers the parts. Where there is one part alone, as in every line that
goes from one side to the other, the part is the strip: it holds itself, with all its own caches,
and only a full collection of garbage finds it. Those are rare here (see `engine.garbage`), and a
dialog that is left open draws each line of what is below it anew with every reading: some 40 MB
came together in ten minutes.

And the lines of a widget are kept by an `lru_cache` on a method: by that of the last thousand
widgets there were, long after their screens have closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial

from textual._styles_cache import StylesCache
from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]
_COLORS = 256
"""Pairs of grounds whose styles are remembered."""


def let_lines_go() -> None:
    """Mend both, for the whole program; a Textual that has neither is left alone.

    May be called often.
    """
    if not getattr(Strip.divide, "lets_go", False):
        Strip.divide = _letting_go(Strip.divide)  # type: ignore[assignment]
    styles = getattr(StylesCache, "get_inner_outer", None)
    plain = getattr(styles, "__wrapped__", None)
    if plain is not None and not isinstance(plain, partial):
        # What it works out depends on the colours alone.
        of_colors = lru_cache(_COLORS)(partial(plain, StylesCache))
        StylesCache.get_inner_outer = staticmethod(of_colors)  # type: ignore[assignment]


def _letting_go(divide: Divide) -> Divide:
    def divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        width = strip.cell_length
        within = [cut for cut in cuts if cut <= width]
        return [strip] if within == [width] else divide(strip, within)

    divided.lets_go = True  # type: ignore[attr-defined]
    return divided
