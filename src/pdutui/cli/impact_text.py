"""What a switch will do, as lines of text: the level of each in a word before it."""

from __future__ import annotations

from collections.abc import Iterable

from pdutui.cli.text import clean
from pdutui.domain.impact import Impact, ImpactLine, Level

LEVEL_WORDS: dict[Level, str] = {
    "danger": "DANGER: ", "caution": "caution: ", "unknown": "unknown: ", "clear": "",
}  # fmt: skip


def line_text(line: ImpactLine) -> str:
    """`DANGER: db01 loses its last feed`."""
    return LEVEL_WORDS[line.level] + clean(line.text)


def impact_lines(impact: Impact | None, *, besides: Iterable[Level] = ()) -> list[str]:
    """Its lines, the worst first, without those of some levels; none where there is no impact."""
    left_out = frozenset(besides)
    lines = impact.lines if impact is not None else ()
    return [line_text(line) for line in lines if line.level not in left_out]
