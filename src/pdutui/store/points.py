"""Points of some lines over a span: which tier they come from, and how they are made of it.

A point is a whole step; the points of a span are the steps that begin in it, after its begin was
moved back to a whole step. So the first one may hold polls from before the span, and the last one
polls from after it. Where that would make one point too many, the first step is left out. At 1 s
points are polls, and those of the span alone; where these are too many (a poll or two, as they are
never quite even) the first ones are left out, and where they are far too many (polls more often
than once a second) points are whole seconds.

Where they come from is in `tiers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from pdutui.domain.history import (
    GAP_POLLS,
    MOST_POINTS,
    SECOND_MS,
    HistoryQuery,
    HistoryWindow,
    Points,
    step_for,
)
from pdutui.store.fold import Line, polls_as_points
from pdutui.store.lapses import Lapses, find_lapses
from pdutui.store.rollups import edges
from pdutui.store.samples import Past, Samples
from pdutui.store.stream import POLLS, Batch
from pdutui.store.tiers import Coarser, Span, add_samples, folded, new_lines, samples_of

_SPARE = 4
"""Polls once a second are so many more than seconds at most."""


def check(query: HistoryQuery) -> int:
    """The step that was asked for.

    Raises:
        ValueError: The span is none, or the step is no whole number of seconds, or too fine.
    """
    asked = step_for(query.to_ms - query.from_ms)
    if query.step_ms is None:
        return asked
    if query.step_ms <= 0 or query.step_ms % SECOND_MS:
        raise ValueError(f"a step is a whole number of seconds, not {query.step_ms} ms")
    if query.to_ms - query.from_ms > query.step_ms * MOST_POINTS:
        raise ValueError(f"that would be more than {MOST_POINTS} points; take a longer step")
    return query.step_ms


def whole_steps(span: Span, *, most: int | None = MOST_POINTS) -> Span:
    """The steps that begin in a span whose begin was moved back to a whole step."""
    step = span.step_ms
    begin = span.from_ms // step * step
    end = -(-span.to_ms // step) * step
    if most is not None and (end - begin) // step > most:
        begin += step
    return Span(begin, end, step)


def read_window(past: Past, query: HistoryQuery, now_ms: int) -> HistoryWindow:
    """The answer to a query. In the reader's thread.

    Raises:
        ValueError: As `check`.
    """
    step = check(query)
    oldest, newest = edges(past)
    lapses = Lapses((), 0)

    def interval_ms() -> int:
        # After the points: the times of the polls have been read then.
        nonlocal lapses
        if oldest is not None and oldest < query.to_ms:
            begin = max(query.from_ms, oldest)
            lapses = find_lapses(past, begin, query.to_ms, newest_ms=newest, now_ms=now_ms)
        return lapses.interval_ms

    span = Span(query.from_ms, query.to_ms, step)
    points, step = span_points(past, span, (oldest, newest), interval_ms)
    return HistoryWindow(
        query=query,
        step_ms=step,
        points=points,
        gaps=lapses.gaps,
        oldest_ms=oldest,
        newest_ms=newest,
    )


def span_points(
    past: Past,
    span: Span,
    known: tuple[int | None, int | None],
    interval_ms: Callable[[], int],
    *,
    most: int | None = MOST_POINTS,
) -> tuple[dict[str, Points], int]:
    """Points of every wanted series, and the step that was used.

    Args:
        past: The PDU.
        span: What is wanted; it need not lie on whole steps.
        known: The first and the last poll that are known of.
        interval_ms: Asked once for how far apart polls usually are.
        most: How many points a line may have; None for any number.
    """
    oldest, newest = known
    if oldest is None or newest is None:
        return _points_of(new_lines(past, span.step_ms), 0), span.step_ms
    while True:
        try:
            if span.step_ms == SECOND_MS and most is not None:
                return _by_poll(past, span, (oldest, newest), interval_ms, most), SECOND_MS
            whole = whole_steps(span, most=most).clipped(oldest, newest)
            lines = folded(past, whole)
        except Coarser as coarser:
            step = math.ceil(span.step_ms / coarser.at_least_ms) * coarser.at_least_ms
            span = Span(span.from_ms, span.to_ms, step)
        else:
            return _points_of(lines, hold_of(span.step_ms, interval_ms())), span.step_ms


def _points_of(lines: Iterable[Line], hold_ms: int) -> dict[str, Points]:
    return {line.series.key: line.points(hold_ms) for line in lines}


def hold_of(step_ms: int, interval_ms: int) -> int:
    """How far two steps with a value may be apart without any time lost between their polls."""
    return max(1, math.ceil(GAP_POLLS * interval_ms / step_ms)) * step_ms


def _by_poll(
    past: Past, span: Span, known: tuple[int, int], interval_ms: Callable[[], int], most: int
) -> dict[str, Points]:
    begin, end = max(span.from_ms, known[0]), min(span.to_ms, known[1] + 1)
    hours = list(samples_of(past, begin // SECOND_MS * SECOND_MS, -(-end // SECOND_MS) * SECOND_MS))
    blocks = [samples.between(begin, end) for samples in hours]
    count = sum(len(block.ts) for block in blocks)
    if count > most + _SPARE:
        lines = new_lines(past, SECOND_MS)
        whole = whole_steps(span, most=most).clipped(*known)
        for samples in hours:
            add_samples(lines, samples.between(whole.from_ms, whole.to_ms))
        return _points_of(lines, hold_of(SECOND_MS, interval_ms()))
    if count > most:
        blocks = _newest(blocks, most)
    hold = math.floor(GAP_POLLS * interval_ms()) or SECOND_MS
    return _polls(past, blocks, [ts for block in blocks for ts in block.ts], hold)


def _newest(blocks: list[Samples], most: int) -> list[Samples]:
    """The newest polls of some."""
    moments = [ts for block in blocks for ts in block.ts]
    return [block.between(moments[-most], moments[-1] + 1) for block in blocks]


def _polls(
    past: Past, blocks: list[Samples], moments: list[int], hold_ms: int
) -> dict[str, Points]:
    out = {}
    for series in past.series:
        values: list[int | None] = []
        for block in blocks:
            values += block.columns.get(series.key) or [None] * len(block.ts)
        out[series.key] = polls_as_points(series, moments, values, hold_ms)
    return out


def read_batch(past: Past, from_ms: int, to_ms: int, step_ms: int, known: tuple[int, int]) -> Batch:
    """A piece of a long answer. In the reader's thread.

    Args:
        past: The PDU.
        from_ms: Where the piece begins: on a whole step, unless it is the first one.
        to_ms: Its end, which is not part of it.
        step_ms: `POLLS`, or a whole number of seconds.
        known: The first and the last poll that are known of.
    """
    if step_ms == POLLS:
        begin, end = max(from_ms, known[0]), min(to_ms, known[1] + 1)
        blocks = list(samples_of(past, begin, end, or_nothing=True))
        moments = [ts for block in blocks for ts in block.ts]
        points = _polls(past, blocks, moments, 0)
    else:
        span = Span(from_ms, to_ms, step_ms)
        points, step_ms = span_points(past, span, known, lambda: 0, most=None)
        moments = sorted({ts for each in points.values() for ts in each.ts_ms})
    return Batch(from_ms=from_ms, to_ms=to_ms, step_ms=step_ms, ts_ms=moments, points=points)
