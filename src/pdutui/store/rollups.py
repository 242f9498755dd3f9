"""Reading the rollups of sealed hours: minutes, and quarters of an hour."""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS
from pdutui.store.fold import NONE, Rollup
from pdutui.store.rollup import PARTS
from pdutui.store.samples import FOREVER, Past

Tier = Literal["minutes", "quarters"]

STEP_MS: dict[Tier, int] = {"minutes": MINUTE_MS, "quarters": QUARTER_MS}
UNIT_MS: dict[Tier, int] = {"minutes": HOUR_MS, "quarters": DAY_MS}
"""What one row holds."""


def read_rollups(past: Past, tier: Tier, unit: int) -> dict[str, Rollup]:
    """The rollups of one hour (minutes) or day (quarters), by key; those that have any value."""
    out: dict[str, Rollup] = {}
    for part, fields in past.wanted.items():
        names = ["at", *(f"{field}.{name}" for field, _ in fields for name in PARTS)]
        columns = past.unpacked(tier, part, unit, names)
        if not columns:
            continue
        begin, step = unit * UNIT_MS[tier], STEP_MS[tier]
        at = [begin + step * (place or 0) for place in columns["at"]]
        for field, key in fields:
            if f"{field}.n" in columns:
                out[key] = _rollup(at, [columns[f"{field}.{name}"] for name in PARTS])
    return out


def _rollup(at: list[int], lists: list[list[int | None]]) -> Rollup:
    if any(None in each for each in lists) or 0 in lists[0]:
        rows = [row for row in zip(at, *lists, strict=True) if row[1] and None not in row]
        return Rollup(*(list(column) for column in zip(*rows, strict=True))) if rows else NONE
    return Rollup(at, *lists)  # type: ignore[arg-type]  # there is no None in them


def between(block: Rollup, from_ms: int, to_ms: int) -> Rollup:
    """Its steps that begin in a span."""
    a, b = bisect_left(block.at, from_ms), bisect_left(block.at, to_ms)
    if a == 0 and b == len(block.at):
        return block
    return Rollup(
        block.at[a:b], block.n[a:b], block.sum[a:b], block.min[a:b], block.max[a:b], block.last[a:b]
    )


def quarters_span(past: Past) -> tuple[int, int] | None:
    """From the first to the end of the last quarter of an hour with a rollup; None without any."""
    if past.known is None:
        return None
    found = []
    for which, pick in (("min", min), ("max", max)):
        days: dict[int, str] = {}
        for part, ident in past.known.parts.items():
            day = past.conn.execute(
                f"SELECT {which}(day) FROM quarters WHERE part = ?", (ident,)
            ).fetchone()[0]
            if day is not None:
                days[day] = part
        if not days:
            return None
        day = pick(days)
        at = past.unpacked("quarters", days[day], day, ["at"]).get("at") or [0]
        found.append(day * DAY_MS + pick(place or 0 for place in at) * QUARTER_MS)
    return found[0], found[1] + QUARTER_MS


def edges(past: Past) -> tuple[int | None, int | None]:
    """The first and the last poll that are known of.

    Of times that only rollups are kept of, it is the quarter of an hour of the first poll.
    """
    oldest, newest = past.after(-FOREVER), past.before(FOREVER)
    span = quarters_span(past)
    if span is not None:
        if oldest is None or span[0] < oldest // QUARTER_MS * QUARTER_MS:
            oldest = span[0]
        if newest is None:
            newest = span[1] - 1
    return oldest, newest
