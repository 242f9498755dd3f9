"""Asking a database for points without threads, and what they have to be, worked out plainly."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from pdutui.domain.history import MOST_POINTS, Gap, HistoryQuery, HistoryWindow, Points, step_for
from pdutui.domain.series import parse_series
from pdutui.store.layout import MISSING, Layout
from pdutui.store.points import read_window
from pdutui.store.query import Asked
from pdutui.store.rollup_cache import RollupCache
from pdutui.store.samples import Past, find_pdu
from pdutui.store.waiting import Rows as WaitingRows

from .sealed import PDU, Rows

LAYOUT = Layout(((1,), (), (1,), (1, 2, 3), (), ("humidity_rh",), True))
"""Of the rows that wait in memory."""

Line = list[tuple[int, int, float, float, float, float]]
"""ts, n, minimum, mean, maximum, last."""


def waiting(rows: Rows) -> WaitingRows:
    """Rows as the buffer has them, in the order in which they came."""
    out: WaitingRows = []
    for ts, row in rows.items():
        values = array("q", [MISSING]) * len(LAYOUT.series)
        for key, value in row.items():
            if value is not None:
                values[LAYOUT.index[key]] = value
        out.append((LAYOUT, (ts, values)))
    return out


def past(
    conn: sqlite3.Connection,
    keys: Sequence[str],
    rows: Rows | None = None,
    *,
    follower: bool = False,
    damaged: list[tuple[str, int]] | None = None,
    cache: RollupCache | None = None,
) -> Past:
    def note(part: str, hour: int) -> None:
        assert damaged is not None, f"{part} of hour {hour} is damaged"
        damaged.append((part, hour))

    return Past(
        conn, Asked(), find_pdu(conn, PDU), [parse_series(k) for k in keys], waiting(rows or {}),
        follower=follower, on_damage=note, cache=cache,
    )  # fmt: skip


def ask(
    conn: sqlite3.Connection,
    query: HistoryQuery,
    rows: Rows | None = None,
    *,
    now_ms: int = 0,
    follower: bool = False,
    damaged: list[tuple[str, int]] | None = None,
    cache: RollupCache | None = None,
) -> HistoryWindow:
    """A window, in one transaction as the reader has it."""
    conn.execute("BEGIN")
    try:
        there = past(conn, query.keys, rows, follower=follower, damaged=damaged, cache=cache)
        return read_window(there, query, now_ms)
    finally:
        conn.execute("ROLLBACK")


def flat(points: Points) -> Line:
    return list(
        zip(
            points.ts_ms, points.n, points.minimum, points.mean, points.maximum, points.last,
            strict=True,
        )
    )  # fmt: skip


def plain_lines(rows: Rows, query: HistoryQuery) -> tuple[dict[str, Line], int]:
    """The points of a query from the rows themselves, and their step."""
    step = query.step_ms or step_for(query.to_ms - query.from_ms)
    inside = [ts for ts in sorted(rows) if query.from_ms <= ts < query.to_ms]
    by_poll = step == 1000 and len(inside) <= MOST_POINTS + 4
    inside = inside[-MOST_POINTS:]
    begin = query.from_ms - query.from_ms % step
    if by_poll:
        begin = inside[0] if inside else query.from_ms
    elif len(range(begin, query.to_ms, step)) > MOST_POINTS:
        begin += step
    out: dict[str, Line] = {}
    for key in query.keys:
        scale = parse_series(key).units_per
        steps: dict[int, list[int]] = {}
        for ts, row in sorted(rows.items()):
            start = ts if by_poll else ts - ts % step
            if begin <= start < query.to_ms and (value := row.get(key)) is not None:
                steps.setdefault(start, []).append(value)
        out[key] = [
            (
                start, len(v), v_min / scale, float(Fraction(sum(v), len(v) * scale)),
                v_max / scale, v[-1] / scale,
            )
            for start, v in steps.items()
            for v_min, v_max in [(min(v), max(v))]
        ]  # fmt: skip
    return out, step


def same(window: HistoryWindow, rows: Rows) -> None:
    """The window says what the rows say, and no line has too many points."""
    lines, step = plain_lines(rows, window.query)
    assert window.step_ms == step
    assert list(window.points) == list(window.query.keys)
    for key, line in lines.items():
        assert flat(window.points[key]) == line, key
        assert len(line) <= MOST_POINTS


def plain_gaps(times: Sequence[int], longest_ms: float, query: HistoryQuery) -> tuple[Gap, ...]:
    """Lost time between polls of one and the same interval."""
    ordered = sorted(times)
    gaps = [Gap(a, b) for a, b in pairwise(ordered) if b - a > longest_ms]
    inside = [Gap(max(g.from_ms, query.from_ms), min(g.to_ms, query.to_ms)) for g in gaps]
    return tuple(g for g in inside if g.from_ms < g.to_ms)


def merged(*parts: Rows) -> dict[int, Mapping[str, int | None]]:
    """Rows of which the first one of a moment counts."""
    out: dict[int, Mapping[str, int | None]] = {}
    for rows in parts:
        for ts, row in rows.items():
            out.setdefault(ts, row)
    return dict(sorted(out.items()))
