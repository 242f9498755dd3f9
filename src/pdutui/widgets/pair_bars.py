"""A load before and after, as a bar and as figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby

from pdutui.domain.impact import Level
from pdutui.domain.whatif import PartAfter
from pdutui.domain.whatif_text import whole
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.line import Piece
from pdutui.widgets.text import fit, lead

STRONG: dict[Level, str] = {
    "danger": "critical", "caution": "warning", "unknown": "unknown", "clear": "value",
}  # fmt: skip
_FILL: dict[Level, str] = {
    "danger": "fill-critical", "caution": "fill-warning", "unknown": "spark", "clear": "spark",
}  # fmt: skip
_MOVED: dict[Level, str] = {**_FILL, "unknown": "unknown", "clear": "key"}


def part_bar(part: PartAfter, cells: int, glyphs: GlyphSet) -> list[Piece]:
    """What it carries now solid, what comes for certain dashed, what may come as shade.

    What goes from it is dashed as well, in the ink of what matters less. A mark stands where it is
    too much.
    """
    if cells < 4:
        return []
    if not part.rating_a:
        return [(fit("no rating", cells, glyphs.ellipsis), "muted")]
    before, least = part.before_a, part.least_a
    if before is None or least is None:
        return [(fit(glyphs.unknown * cells, cells), "unknown")]
    scale = part.rating_a

    def at(amperes: float) -> int:
        return max(0, min(cells, round(cells * amperes / scale)))

    solid, sure = at(min(before, least)), at(max(before, least))
    if solid == sure and abs(before - least) > 0.005 and sure < cells:
        sure += 1
    most = cells if part.most_a is None else max(sure, at(part.most_a))
    moved = "muted" if least < before else _MOVED[part.level]
    bar = [(glyphs.bar_full, _FILL[part.level])] * solid
    bar += [(glyphs.bar_change, moved)] * (sure - solid)
    bar += [(glyphs.gap_part, "unknown")] * (most - sure)
    bar += [(glyphs.bar_track, "rule")] * (cells - len(bar))
    mark = min(cells - 1, int(cells * part.limit_percent / 100.0))
    if mark >= most:
        bar[mark] = (glyphs.bar_warning, "limit-warning")
    runs = groupby(bar, key=lambda cell: cell[1])
    return [("".join(char for char, _ in run), ink) for ink, run in runs]


def part_figures(part: PartAfter, glyphs: GlyphSet, *, wide: bool) -> list[Piece]:
    """`4.86 → 9.28 A / 16   30 → 58 %`; `30 → 58 %` where it has to be brief.

    A span stands as `45..93`; what is not known as `?`.
    """
    strong = STRONG[part.level]
    share = partial(_share, limit_percent=part.limit_percent)
    if part.after_a is not None and part.before_a is not None and _same(part):
        return _now(part, strong, wide=wide)
    out: list[Piece] = []
    if wide:
        out += [
            (lead(_amps(part.before_a), 5), "muted"),
            (f" {glyphs.arrow} ", "muted"),
            (lead(_span(part.least_a, part.most_a, _amps), 5), strong),
            (" A", "muted"),
            (f" / {part.rating_a:g}".ljust(6) if part.rating_a else "      ", "muted"),
        ]
    if part.rating_a:
        out += [
            (lead(share(part.before_percent), 3), "muted"),
            (f" {glyphs.arrow} ", "muted"),
            (lead(_span(part.least_percent, part.most_percent, share), 4), strong),
            (" %", "muted"),
        ]
    return out


def _same(part: PartAfter) -> bool:
    return abs((part.after_a or 0.0) - (part.before_a or 0.0)) < 0.005


def _now(part: PartAfter, strong: str, *, wide: bool) -> list[Piece]:
    """`4.86 A / 16   30 %`, each figure where it stands of one that changes."""
    out: list[Piece] = []
    share = partial(_share, limit_percent=part.limit_percent)
    if wide:
        out += [
            (lead(_amps(part.after_a), 13), strong),
            (" A", "muted"),
            (f" / {part.rating_a:g}".ljust(6) if part.rating_a else "      ", "muted"),
        ]
    if part.rating_a:
        out += [(lead(share(part.after_percent), 10), strong), (" %", "muted")]
    return out


def _amps(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:.2f}" if abs(value) < 99.995 else f"{value:.0f}"


def _share(value: float | None, *, limit_percent: float) -> str:
    return "?" if value is None else whole(value, limit_percent)


def _span(least: float | None, most: float | None, say: Callable[[float | None], str]) -> str:
    """One figure where it is one; two with dots between them; `?` where nothing is known."""
    if least is None:
        return "?"
    low, high = say(least), "?" if most is None else say(most)
    return low if low == high else f"{low}..{high}"
