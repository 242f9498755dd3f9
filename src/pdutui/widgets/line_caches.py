"""Keeps Textual's caches of lines from outliving what they are of.

A strip that is divided remembers the parts. Where there is one part alone, as in every line that
goes from one side to the other, the part is the strip: it holds itself, with all its own caches,
and only a full collection of garbage finds it. Those are rare here (see `engine.garbage`), and a
dialog that is left open draws each line of what is below it anew with every reading: some 40 MB
came together in ten minutes.

And the lines of a widget are kept by an `lru_cache` on a method: by that of the last thousand
widgets there were, long after their screens have closed.

Rich remembers the two parts of a text that was cut, unless each of its characters is a common one;
those with a dash, a tick or an arrow are not. A line with the time of day in it is cut for one
second, and sixteen thousand of them are remembered, some 10 MB that come together over months.

A strip also comes with seven caches of its own, fourteen objects for a line that is shown for one
second and asked for once. The lines of panels come without (`finished`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.cache import FIFOCache
from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]
_COLORS = 256
"""Pairs of grounds whose styles are remembered."""
_CUTS = 512
"""Texts that were cut in two and are remembered: those of a screen."""


class _Forgetful(FIFOCache[Any, Any]):
    """A cache that keeps nothing."""

    __slots__ = ()

    def set(self, key: Any, value: Any) -> None:
        """Keep nothing."""

    __setitem__ = set  # noqa: A003


_NOTHING = _Forgetful(1)
_KNOWN = {
    "_segments", "_cell_length", "_render_cache", "_link_ids", "_cell_count",
    "_crop_cache", "_crop_extend_cache", "_divide_cache", "_filter_cache", "_line_length_cache",
    "_offsets_cache", "_style_cache",
}  # fmt: skip


class Bare(Strip):
    """A strip without caches."""

    __slots__ = ()

    def __init__(self, segments: Iterable[Segment], cell_length: int | None = None) -> None:
        self._segments = list(segments)
        self._cell_length = cell_length
        self._crop_cache = self._crop_extend_cache = self._divide_cache = _NOTHING
        self._filter_cache = self._line_length_cache = self._offsets_cache = _NOTHING
        self._style_cache = _NOTHING
        self._render_cache = None
        self._link_ids = None
        self._cell_count = None


finished: type[Strip] = Bare if set(Strip.__slots__) == _KNOWN else Strip
"""What a finished line is made with: a bare strip, where this Textual's are those known here."""


def let_lines_go() -> None:
    """Mend all three, for the whole program; a Textual or Rich that has none is left alone.

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
    cuts = getattr(vars(Segment).get("_split_cells"), "__func__", None)
    limits: Callable[[], dict[str, Any]] = getattr(cuts, "cache_parameters", dict)
    if cuts is not None and (limits().get("maxsize") or 0) > _CUTS:
        few: Any = lru_cache(_CUTS)(cuts.__wrapped__)
        Segment._split_cells = classmethod(few)  # type: ignore[assignment]


def _letting_go(divide: Divide) -> Divide:
    def divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        width = strip.cell_length
        within = [cut for cut in cuts if cut <= width]
        return [strip] if within == [width] else divide(strip, within)

    divided.lets_go = True  # type: ignore[attr-defined]
    return divided
