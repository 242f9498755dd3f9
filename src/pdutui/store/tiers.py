"""Where the points of a line come from, hour by hour.

Each hour comes from one of three places, and all of them say the same:

- from its polls, where it has rows that are not sealed, and for steps that are finer than what
  rollups have;
- from `minutes`, for steps that are whole minutes;
- from `quarters`, for steps that are whole quarters of an hour, and where nothing else is kept
  any more: then the step is raised to what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pdutui.domain.history import HOUR_MS, MINUTE_MS, QUARTER_MS
from pdutui.store.fold import NONE, Cutter, Line, Rollup, merged
from pdutui.store.rollups import (
    STEP_MS,
    UNIT_MS,
    Tier,
    between,
    folded_hour,
    folded_loose,
    read_rollups,
)
from pdutui.store.samples import Past, Samples


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
    lines = new_lines(past, span.step_ms)
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
        if hour in loose and (pieces := folded_loose(past, hour, span.step_ms)) is not None:
            for blocks in pieces:
                _add_rollups(lines, blocks, span, hour * HOUR_MS, (hour + 1) * HOUR_MS)
            continue
        if hour in loose or HOUR_MS % span.step_ms:
            for samples in hour_samples(past, hour, loose=hour in loose):
                add_samples(lines, samples.between(span.from_ms, span.to_ms))
            continue
        whole = folded_hour(past, hour, span.step_ms)
        if whole is None:
            _refuse_if_coarser(past, hour)
        else:
            _add_rollups(lines, whole, span, hour * HOUR_MS, (hour + 1) * HOUR_MS)


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


def new_lines(past: Past, step_ms: int) -> list[Line]:
    """An empty line for every wanted series."""
    cutter = Cutter(step_ms)
    return [Line(series, cutter) for series in past.series]


def add_samples(lines: Iterable[Line], samples: Samples) -> None:
    """Add polls, none earlier than what was added before."""
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
    if loose and not any(between(block, begin, end).at for block in blocks.values()):
        pieces = folded_loose(past, hour, span.step_ms)
        for piece in pieces or ():
            _add_rollups(lines, piece, span, begin, end)
        if pieces is not None:
            return
    samples = past.hour(hour, loose=loose).between(span.from_ms, span.to_ms)
    if loose and past.times(hour) is None:
        for line in lines:
            block = between(blocks.get(line.series.key, NONE), begin, end)
            block = between(block, span.from_ms, span.to_ms)
            late = Line(line.series, Cutter(step_ms))
            add_samples([late], samples)
            line.add_rollup(merged(block, late.rollup) if block.at else late.rollup)
        return
    add_samples(lines, samples)
