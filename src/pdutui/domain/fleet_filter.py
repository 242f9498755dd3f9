"""Which PDUs fit what was typed behind `/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_sort import DOWN_HEALTHS, USUAL, WELL, Limits, fullness, standing
from pdutui.domain.health import is_stale

LONGEST = 64
"""Characters of a filter."""
_AMOUNT = re.compile(r"([<>])(\d{1,9}(?:\.\d{0,3})?)(%|kw|w|a)?")
_HEALTHS = ("live", "late", "lost", "connecting", "refused", "unsupported")
_WORDS: dict[str, Callable[[FleetRow, Limits], bool]] = {
    "stale": lambda row, _: is_stale(row.health),
    "down": lambda row, _: row.health in DOWN_HEALTHS,
    "alarm": lambda row, _: bool(row.critical or row.warning),
    "critical": lambda row, _: row.critical > 0,
    "warning": lambda row, _: row.warning > 0,
    "quiet": lambda row, _: row.quiet > 0,
    "trouble": lambda row, limits: standing(row, limits) < WELL,
    "ats": lambda row, _: row.has_ats,
    "dark": lambda row, _: row.dark,
}
STATES = (*_HEALTHS, *_WORDS)
"""Words that stand for how a PDU is, and not for a part of its name."""


def fitting(rows: Iterable[FleetRow], text: str, limits: Limits = USUAL) -> list[FleetRow]:
    """The rows that fit, in their order; all of them where nothing is typed.

    Every word has to fit: those of `STATES` by how the PDU is; `>80%` by its fullest inlet, line
    or bank, `<500w`, `>2kw` and `>10a` by its total (per cent where no unit is given); `feed:a` by
    the feed as a whole; any other by a part of its name, location or feed. Capitals do not count.
    What is not known fits no amount: unknown is neither more nor less.

    Args:
        rows: What there is.
        text: What was typed.
        limits: From how full a PDU is in trouble.
    """
    words = text.casefold().split()
    return [row for row in rows if all(_fits(row, word, limits) for word in words)]


def _fits(row: FleetRow, word: str, limits: Limits) -> bool:
    if word in _HEALTHS:
        return row.health == word
    if word in _WORDS:
        return _WORDS[word](row, limits)
    if word.startswith("feed:"):
        return row.feed.casefold() == word[5:]
    amount = _AMOUNT.fullmatch(word)
    if amount is None:
        return any(word in text.casefold() for text in (row.pdu, row.location, row.feed))
    way, figure, unit = amount.groups()
    limit = float(figure) * (1000.0 if unit == "kw" else 1.0)
    value = fullness(row)
    if unit in ("kw", "w"):
        value = row.power_w
    elif unit == "a":
        value = row.current_a
    if value is None:
        return False
    return value > limit if way == ">" else value < limit
