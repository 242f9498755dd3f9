"""Reading the rollups of sealed hours: minutes, and quarters of an hour."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, SECOND_MS
from pdutui.domain.series import parse_series
from pdutui.store.codec import DamagedChunk, unpack
from pdutui.store.fold import NONE, Cutter, Line, Rollup, cut, rolled_up
from pdutui.store.hour import TIMES
from pdutui.store.rollup import PARTS
from pdutui.store.samples import FOREVER, Past

Tier = Literal["minutes", "quarters"]

_PIECE_MS = 10 * MINUTE_MS
"""About so much of rows that are not sealed is folded at a time."""

STEP_MS: dict[Tier, int] = {"minutes": MINUTE_MS, "quarters": QUARTER_MS}
UNIT_MS: dict[Tier, int] = {"minutes": HOUR_MS, "quarters": DAY_MS}
"""What one row holds."""


def read_rollups(
    past: Past, tier: Tier, unit: int, step_ms: int | None = None
) -> dict[str, Rollup]:
    """The rollups of one hour (minutes) or day (quarters), by key; those that have any value.

    Args:
        past: The PDU.
        tier: Which ones.
        unit: The hour, or the day.
        step_ms: Put together to steps of this length, of which an hour or day is a whole number;
            None: as they are.
    """
    out: dict[str, Rollup] = {}
    for part, fields in past.wanted.items():
        past.asked.step()
        z = past.blob(tier, part, unit)
        if z is None:
            continue
        key = (past.known and past.known.parts[part], tier, unit, step_ms, tuple(fields))
        blocks = past.cache.get(key, z)
        if blocks is None:
            blocks = _unpacked(past, tier, part, unit, step_ms)
            past.cache.put(key, z, blocks)
        out |= blocks
    return out


def _unpacked(
    past: Past, tier: Tier, part: str, unit: int, step_ms: int | None
) -> dict[str, Rollup]:
    fields = past.wanted[part]
    names = ("at", *(f"{field}.{name}" for field, _ in fields for name in PARTS))
    columns = past.unpacked(tier, part, unit, names)
    if not columns:
        return {}
    out = {}
    begin, step = unit * UNIT_MS[tier], STEP_MS[tier]
    at = [begin + step * (place or 0) for place in columns["at"]]
    cuts = None if step_ms is None or step_ms == step else cut(at, step_ms)
    for field, key in fields:
        if f"{field}.n" in columns:
            block = _rollup(at, [columns[f"{field}.{name}"] for name in PARTS])
            if cuts is not None and step_ms is not None:
                block = rolled_up(block, cuts if block.at is at else cut(block.at, step_ms))
            out[key] = block
    return out


def folded_hour(past: Past, hour: int, step_ms: int) -> dict[str, Rollup] | None:
    """The polls of a sealed hour put together to steps, of which an hour is a whole number, by key.

    None for an hour whose polls are not sealed, or not kept, or damaged.
    """
    times = past.blob("chunk", TIMES, hour)
    if times is None or past.known is None:
        return None
    out: dict[str, Rollup] = {}
    moments: list[int] | None = None
    cutter = Cutter(step_ms)
    for part, fields in past.wanted.items():
        past.asked.step()
        z = past.blob("chunk", part, hour)
        if z is None:
            continue
        key = (past.known.parts[part], "chunk", hour, step_ms, tuple(fields))
        blocks = past.cache.get(key, z + times)
        if blocks is None:
            moments = moments or past.times(hour)
            if moments is None:
                return None
            blocks = {}
            for name, values in past.columns(part, hour, moments).items():
                line = Line(parse_series(name), cutter)
                line.add_values(moments, values)
                blocks[name] = line.rollup
            past.cache.put(key, z + times, blocks)
        out |= blocks
    return out


def folded_loose(past: Past, hour: int, step_ms: int) -> Iterator[dict[str, Rollup]] | None:
    """The polls of an hour none of which is sealed, put together to parts of steps, in order.

    Pieces of some minutes are kept as long as no row of them comes or goes, so that of the hours
    that are not sealed yet only the newest minutes are read every time.

    None for an hour some of which is sealed, or steps that are too short for that to be worth it.
    """
    fold_ms = math.gcd(step_ms, HOUR_MS)
    if fold_ms < 2 * SECOND_MS or past.times(hour) is not None:
        return None
    return _loose_pieces(past, hour, fold_ms)


def _loose_pieces(past: Past, hour: int, fold_ms: int) -> Iterator[dict[str, Rollup]]:
    block_ms = next(
        length
        for length in range(-(-_PIECE_MS // fold_ms) * fold_ms, HOUR_MS + 1, fold_ms)
        if HOUR_MS % length == 0
    )
    begin, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
    cutter = Cutter(fold_ms)
    for block, stamp in sorted(past.stamps(begin, end, block_ms).items()):
        past.asked.step()
        ident = None if past.known is None else past.known.id
        key = (ident, "loose", block, block_ms, fold_ms, past.series)
        pieces = None if stamp is None else past.cache.get(key, stamp)
        if pieces is None:
            pieces = {}
            samples = past.loose(block * block_ms, (block + 1) * block_ms)
            for name, values in samples.columns.items():
                line = Line(parse_series(name), cutter)
                line.add_values(samples.ts, values)
                pieces[name] = line.rollup
            if stamp is not None:
                past.cache.put(key, stamp, pieces)
        yield pieces


def _rollup(at: list[int], lists: list[list[int | None]]) -> Rollup:
    if 0 in lists[0]:  # then the others have nothing there
        rows = [row for row in zip(at, *lists, strict=True) if row[1]]
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


def _quarter_edge(past: Past, which: Literal["min", "max"]) -> int | None:
    """The first or the last quarter of an hour with a rollup, of any part; None without any."""
    if past.known is None:
        return None
    (day,) = past.conn.execute(
        f"SELECT {which}(day) FROM (SELECT (SELECT {which}(day) FROM quarters WHERE part = part.id)"
        " AS day FROM part WHERE pdu = ?)",
        (past.known.id,),
    ).fetchone()
    if day is None:
        return None
    blobs = past.conn.execute(
        "SELECT z FROM part JOIN quarters ON quarters.part = part.id AND day = ? WHERE pdu = ?",
        (day, past.known.id),
    )
    for (z,) in blobs:
        try:
            at = [place or 0 for place in unpack(z, ("at",))["at"]]
        except (DamagedChunk, KeyError):
            continue
        if at:
            return int(day * DAY_MS + (at[0] if which == "min" else at[-1]) * QUARTER_MS)
    return int(day * DAY_MS)


def edges(past: Past) -> tuple[int | None, int | None]:
    """The first and the last poll that are known of.

    Of times that only rollups are kept of, it is the quarter of an hour.
    """
    oldest, newest = past.after(-FOREVER), past.before(FOREVER)
    first = _quarter_edge(past, "min")
    if first is not None and (oldest is None or first < oldest // QUARTER_MS * QUARTER_MS):
        oldest = first
    last = _quarter_edge(past, "max")
    if last is not None and (newest is None or last > newest):
        newest = last + QUARTER_MS - 1
    return oldest, newest
