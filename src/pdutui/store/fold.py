"""Many values into few: the points of one line, as scaled integers until the end.

What comes in is in order of time, in blocks: values of polls, or rollups that were made of them.
Both are folded by the same steps, so a point is the same whichever way it came about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import cast

import msgspec

from pdutui.domain.history import Points
from pdutui.domain.series import Series


class Cuts(msgspec.Struct, frozen=True):
    """How sorted moments fall into steps. Steps without any are left out."""

    starts: list[int]
    """Where each step begins."""
    places: list[int]
    """Step k has the moments from place `places[k]` up to `places[k + 1]`."""


def cut(moments: Sequence[int], step_ms: int) -> Cuts:
    """Sort moments into steps, which lie on whole multiples of `step_ms` since 1970."""
    starts: list[int] = []
    places = [0]
    at, end = 0, len(moments)
    apart = 0 if end < 2 else (moments[-1] - moments[0]) // (end - 1)
    few = 1 if apart <= 0 else max(1, step_ms // apart)
    while at < end:
        start = moments[at] // step_ms * step_ms
        starts.append(start)
        after = start + step_ms
        guess = at + few  # mostly they are even, and the next step begins where it should
        if guess < end and moments[guess - 1] < after <= moments[guess]:
            at = guess
        else:
            at = bisect_left(moments, after, at + 1)
        places.append(at)
    return Cuts(starts, places)


class Rollup(msgspec.Struct, frozen=True):
    """Sums over steps that have a value, in order; lists of one length."""

    at: list[int]
    """Where a step begins, unix ms."""
    n: list[int]
    sum: list[int]
    min: list[int]
    max: list[int]
    last: list[int]


NONE = Rollup([], [], [], [], [], [])


def _empty() -> Rollup:
    return Rollup([], [], [], [], [], [])


def _joined(blocks: Sequence[Rollup]) -> Rollup:
    lists = ([getattr(block, name) for block in blocks] for name in Rollup.__struct_fields__)
    return Rollup(*(list(chain.from_iterable(each)) for each in lists))


def rolled_up(block: Rollup, cuts: Cuts) -> Rollup:
    """Its steps put together to coarser ones.

    Args:
        block: Some steps.
        cuts: `cut` of where they begin.
    """
    if len(cuts.starts) == len(block.at):
        return msgspec.structs.replace(block, at=cuts.starts)
    steps = [slice(a, b) for a, b in pairwise(cuts.places)]
    return Rollup(
        cuts.starts,
        list(map(sum, map(block.n.__getitem__, steps))),
        list(map(sum, map(block.sum.__getitem__, steps))),
        list(map(min, map(block.min.__getitem__, steps))),
        list(map(max, map(block.max.__getitem__, steps))),
        [block.last[place - 1] for place in cuts.places[1:]],
    )


def merged(one: Rollup, other: Rollup) -> Rollup:
    """Both of them; `other` came later, and says the last value of a step that both have."""
    line: dict[int, tuple[int, int, int, int, int]] = {}
    for block in (one, other):
        rows = zip(block.at, block.n, block.sum, block.min, block.max, block.last, strict=True)
        for at, n, total, low, high, last in rows:
            if at in line:
                was = line[at]
                n, total = n + was[0], total + was[1]
                low, high = min(low, was[2]), max(high, was[3])
            line[at] = (n, total, low, high, last)
    columns = zip(*((at, *line[at]) for at in sorted(line)), strict=True)
    return Rollup(*(list(column) for column in columns)) if line else NONE


_AT_ONCE = 8
"""Rollups are folded so many at a time: fewer calls than one by one, and still in the cache."""


class Cutter:
    """Cuts moments into steps; those of one part are cut once for all its lines."""

    def __init__(self, step_ms: int) -> None:
        self.step_ms = step_ms
        self._last: Sequence[int] = ()
        self._cuts = Cuts([], [0])

    def __call__(self, moments: Sequence[int]) -> Cuts:
        """As `cut`."""
        if moments != self._last:
            self._last, self._cuts = moments, cut(moments, self.step_ms)
        return self._cuts


class Line:
    """Collects the points of one series.

    Args:
        series: Which one.
        cutter: Its step; shared with the other lines that have the same.
    """

    def __init__(self, series: Series, cutter: Cutter) -> None:
        self.series = series
        self.part = f"{series.entity}.{series.id}"
        self._cut = cutter
        self._made = _empty()
        self._waiting: list[Rollup] = []
        """Rollups that are not folded yet: all at once is faster than hour by hour."""

    def add_values(self, moments: Sequence[int], values: Sequence[int | None]) -> None:
        """Add values of polls.

        Args:
            moments: When they were, sorted, none earlier than what was added before.
            values: One for each; None is no value.
        """
        there = cast("Sequence[int]", values)
        if None in values:
            moments = [ts for ts, value in zip(moments, values, strict=True) if value is not None]
            there = [value for value in values if value is not None]
        if not there:
            return
        self._fold()
        cuts = self._cut(moments)
        if len(cuts.starts) == len(there):
            alone = list(there)
            self._append(Rollup(cuts.starts, [1] * len(alone), alone, alone, alone, alone))
            return
        slices = [there[a:b] for a, b in pairwise(cuts.places)]
        self._append(
            Rollup(
                cuts.starts,
                list(map(len, slices)),
                list(map(sum, slices)),
                list(map(min, slices)),
                list(map(max, slices)),
                [each[-1] for each in slices],
            )
        )

    def add_rollup(self, block: Rollup) -> None:
        """Add sums over steps that are whole parts of this line's step."""
        if block.at:
            self._waiting.append(block)
            if len(self._waiting) >= _AT_ONCE:
                self._fold()

    def _fold(self) -> None:
        """Fold the rollups that wait."""
        if not self._waiting:
            return
        block, self._waiting = _joined(self._waiting), []
        self._append(rolled_up(block, self._cut(block.at)))

    def _append(self, block: Rollup) -> None:
        """Append whole steps; the first one may go on where the last block ended."""
        made = self._made
        skip = 0
        if made.at and made.at[-1] == block.at[0]:
            skip = 1
            made.n[-1] += block.n[0]
            made.sum[-1] += block.sum[0]
            made.min[-1] = min(made.min[-1], block.min[0])
            made.max[-1] = max(made.max[-1], block.max[0])
            made.last[-1] = block.last[0]
        made.at.extend(block.at[skip:])
        made.n.extend(block.n[skip:])
        made.sum.extend(block.sum[skip:])
        made.min.extend(block.min[skip:])
        made.max.extend(block.max[skip:])
        made.last.extend(block.last[skip:])

    @property
    def rollup(self) -> Rollup:
        """What was collected, as scaled integers."""
        self._fold()
        return self._made

    def points(self, hold_ms: int) -> Points:
        """What was collected, in units."""
        made, scale = self.rollup, self.series.units_per
        return Points(
            key=self.series.key,
            ts_ms=made.at,
            n=made.n,
            minimum=[value / scale for value in made.min],
            mean=[total / (n * scale) for total, n in zip(made.sum, made.n, strict=True)],
            maximum=[value / scale for value in made.max],
            last=[value / scale for value in made.last],
            hold_ms=hold_ms,
        )


def polls_as_points(
    series: Series, moments: Sequence[int], values: Sequence[int | None], hold_ms: int
) -> Points:
    """Every poll that gave a value is a point of its own."""
    scale = series.units_per
    if None in values:
        pairs = [(t, v) for t, v in zip(moments, values, strict=True) if v is not None]
        moments = [t for t, _ in pairs]
        values = [v for _, v in pairs]
    scaled = [value / scale for value in values if value is not None]
    return Points(
        key=series.key,
        ts_ms=list(moments),
        n=[1] * len(scaled),
        minimum=scaled,
        mean=scaled,
        maximum=scaled,
        last=scaled,
        hold_ms=hold_ms,
    )
