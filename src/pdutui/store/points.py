"""Points of some lines over a span: which tier they come from, and how they are made of it.

A point is a whole step; the points of a span are the steps that begin in it, after its begin was
moved back to a whole step. So the first one may hold polls from before the span, and the last one
polls from after it. Where that would make one point too many, the first step is left out. At 1 s
points are polls, and those of the span alone; where these are too many (a poll or two, as they are
never quite even) the first ones are left out, and where they are far too many (polls more often
than once a second) points are whole seconds.

Each hour comes from one of three places, and all of them say the same:

- from its polls, where it has rows that are not sealed, and for steps that are finer than what
  rollups have;
- from `minutes`, for steps that are whole minutes;
- from `quarters`, for steps that are whole quarters of an hour, and where nothing else is kept
  any more: then the step is raised to what there is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from pdutui.domain.history import (
    GAP_POLLS,
    HOUR_MS,
    MINUTE_MS,
    MOST_POINTS,
    QUARTER_MS,
    SECOND_MS,
    HistoryQuery,
    HistoryWindow,
    Points,
    step_for,
)
from pdutui.store.fold import NONE, Cutter, Line, Rollup, merged, polls_as_points
from pdutui.store.lapses import Lapses, find_lapses
from pdutui.store.rollups import STEP_MS, UNIT_MS, Tier, between, edges, folded_hour, read_rollups
from pdutui.store.samples import Past, Samples
from pdutui.store.stream import POLLS, Batch

_SPARE = 4
"""Polls once a second are so many more than seconds at most."""


class Coarser(Exception):
    """Of some hour there is nothing as fine as was asked for."""

    def __init__(self, at_least_ms: int) -> None:
        self.at_least_ms = at_least_ms
        super().__init__(at_least_ms)


class Span(msgspec.Struct, frozen=True):
    """A stretch of time and the step of its points."""

    from_ms: int
    to_ms: int
    step_ms: int

    def clipped(self, oldest_ms: int, newest_ms: int) -> Span:
        """Without the whole steps before the first poll and after the last one."""
        step = self.step_ms
        return Span(
            max(self.from_ms, oldest_ms // step * step),
            min(self.to_ms, newest_ms // step * step + step),
            step,
        )


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
        return _points_of(_lines(past, span.step_ms), 0), span.step_ms
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
        lines = _lines(past, SECOND_MS)
        whole = whole_steps(span, most=most).clipped(*known)
        for samples in hours:
            _add_samples(lines, samples.between(whole.from_ms, whole.to_ms))
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


def samples_of(
    past: Past, from_ms: int, to_ms: int, *, or_nothing: bool = False
) -> Iterator[Samples]:
    """The polls of a span, hour by hour.

    Args:
        past: The PDU.
        from_ms: The span.
        to_ms: Its end, which is not part of it.
        or_nothing: Pass over hours of which there are only rollups.

    Raises:
        Coarser: Of some hour there are only rollups.
    """
    loose = set(past.loose_hours(from_ms // HOUR_MS * HOUR_MS, to_ms))
    for hour in range(from_ms // HOUR_MS, -(-to_ms // HOUR_MS)):
        for samples in hour_samples(past, hour, loose=hour in loose, or_nothing=or_nothing):
            inside = samples.between(from_ms, to_ms)
            if inside.ts:
                yield inside


def _refuse_if_coarser(
    past: Past, hour: int, tiers: tuple[Tier, ...] = ("minutes", "quarters")
) -> None:
    """Raise Coarser if one of these has something of an hour of which nothing finer is kept."""
    begin, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
    for tier in tiers:
        unit = hour if tier == "minutes" else hour // 24
        blocks = read_rollups(past, tier, unit).values()
        if any(between(block, begin, end).at for block in blocks):
            raise Coarser(MINUTE_MS if tier == "minutes" else QUARTER_MS)


def folded(past: Past, span: Span) -> list[Line]:
    """The points of every wanted series over whole steps.

    Raises:
        Coarser: Of some hour there are only rollups that are too coarse for these steps.
    """
    lines = _lines(past, span.step_ms)
    if span.step_ms % QUARTER_MS == 0:
        _fold_rollups(past, span, lines, "quarters")
    elif span.step_ms % MINUTE_MS == 0:
        _fold_rollups(past, span, lines, "minutes")
    else:
        _fold_polls(past, span, lines)
    return lines


def _fold_polls(past: Past, span: Span, lines: list[Line]) -> None:
    loose = set(past.loose_hours(span.from_ms // HOUR_MS * HOUR_MS, span.to_ms))
    for hour in range(span.from_ms // HOUR_MS, -(-span.to_ms // HOUR_MS)):
        if hour in loose or HOUR_MS % span.step_ms:
            for samples in hour_samples(past, hour, loose=hour in loose):
                _add_samples(lines, samples.between(span.from_ms, span.to_ms))
            continue
        blocks = folded_hour(past, hour, span.step_ms)
        if blocks is None:
            _refuse_if_coarser(past, hour)
        else:
            _add_rollups(lines, blocks, span, hour * HOUR_MS, (hour + 1) * HOUR_MS)


def hour_samples(past: Past, hour: int, *, loose: bool, or_nothing: bool = False) -> list[Samples]:
    """The polls of an hour; none if there were none.

    Args:
        past: The PDU.
        hour: Since 1970.
        loose: It has polls that are not sealed.
        or_nothing: Do not mind if of this hour there are only rollups.

    Raises:
        Coarser: Of this hour there are only rollups.
    """
    samples = past.hour(hour, loose=loose)
    if samples.ts:
        return [samples]
    if not or_nothing:
        _refuse_if_coarser(past, hour)
    return []


def _lines(past: Past, step_ms: int) -> list[Line]:
    cutter = Cutter(step_ms)
    return [Line(series, cutter) for series in past.series]


def _add_samples(lines: Iterable[Line], samples: Samples) -> None:
    for line in lines:
        values = samples.columns.get(line.series.key)
        if values is not None:
            line.add_values(samples.ts, values)


def _fold_rollups(past: Past, span: Span, lines: list[Line], tier: Tier) -> None:
    length = UNIT_MS[tier]
    loose = set(past.loose_hours(span.from_ms // length * length, span.to_ms))
    for unit in range(span.from_ms // length, -(-span.to_ms // length)):
        hours = range(unit * length // HOUR_MS, (unit + 1) * length // HOUR_MS)
        whole = length % span.step_ms == 0 and loose.isdisjoint(hours)
        blocks = read_rollups(past, tier, unit, span.step_ms if whole else None)
        broken = past.broken(tier, unit)
        if broken and whole:
            blocks = read_rollups(past, tier, unit)
        apart = [hour for hour in hours if hour in loose or broken]
        if tier == "minutes" and not blocks and not apart:
            _refuse_if_coarser(past, unit, ("quarters",))
        begin = unit * length
        for hour in apart:
            _add_rollups(lines, blocks, span, begin, hour * HOUR_MS)
            begin = (hour + 1) * HOUR_MS
            good = [line for line in lines if hour not in loose and line.part not in broken]
            _add_rollups(good, blocks, span, hour * HOUR_MS, begin)
            rest = [line for line in lines if hour in loose or line.part in broken]
            _add_hour(past, rest, blocks, span, hour, STEP_MS[tier], loose=hour in loose)
        _add_rollups(lines, blocks, span, begin, (unit + 1) * length)


def _add_rollups(
    lines: Iterable[Line], blocks: Mapping[str, Rollup], span: Span, from_ms: int, to_ms: int
) -> None:
    """Add what begins in the span and between two moments."""
    a, b = max(from_ms, span.from_ms), min(to_ms, span.to_ms)
    if a >= b:
        return
    for line in lines:
        if (block := blocks.get(line.series.key)) is not None:
            line.add_rollup(between(block, a, b))


def _add_hour(
    past: Past, lines: list[Line], blocks: Mapping[str, Rollup], span: Span, hour: int,
    step_ms: int, *, loose: bool,
) -> None:  # fmt: skip
    """Add an hour from its polls; they have all that its rollups have, and late rows too.

    Except for an hour whose polls are not kept any more: there, late rows come on top.
    """
    begin, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
    samples = past.hour(hour, loose=loose).between(span.from_ms, span.to_ms)
    if loose and past.times(hour) is None:
        for line in lines:
            block = between(blocks.get(line.series.key, NONE), begin, end)
            block = between(block, span.from_ms, span.to_ms)
            late = Line(line.series, Cutter(step_ms))
            _add_samples([late], samples)
            line.add_rollup(merged(block, late.rollup) if block.at else late.rollup)
        return
    _add_samples(lines, samples)


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
