"""Many values into few: the points of one line, as scaled integers until the end.

What comes in is in order of time, in blocks: values of polls, or rollups that were made of them.
Both are folded by the same steps, so a point is the same whichever way it came about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

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
    while at < end:
        start = moments[at] // step_ms * step_ms
        starts.append(start)
        at = bisect_left(moments, start + step_ms, at + 1)
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


def merged(one: Rollup, other: Rollup) -> Rollup:
    """Both of them, for the same steps; `other` is what came later."""
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


class Line:
    """Collects the points of one series."""

    def __init__(self, series: Series, step_ms: int) -> None:
        self.series = series
        self.part = f"{series.entity}.{series.id}"
        self.step_ms = step_ms
        self._at: list[int] = []
        self._n: list[int] = []
        self._sum: list[int] = []
        self._min: list[int] = []
        self._max: list[int] = []
        self._last: list[int] = []

    def __len__(self) -> int:
        return len(self._at)

    def add_values(self, moments: Sequence[int], values: Sequence[int | None], cuts: Cuts) -> None:
        """Add values of polls.

        Args:
            moments: When they were, sorted, none earlier than what was added before.
            values: One for each; None is no value.
            cuts: `cut` of the moments.
        """
        if None in values:
            places = [k for k, value in enumerate(values) if value is not None]
            there = [value for value in values if value is not None]
            cuts = cut([moments[k] for k in places], self.step_ms)
        else:
            there = list(values)  # type: ignore[arg-type]  # there is no None in it
        if not there:
            return
        slices = [there[a:b] for a, b in pairwise(cuts.places)]
        self._add(
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
        if not block.at:
            return
        starts, places = (cuts := cut(block.at, self.step_ms)).starts, cuts.places
        if len(starts) == len(block.at):
            self._add(msgspec.structs.replace(block, at=starts))
            return
        bounds = list(pairwise(places))
        n, total, low, high, last = block.n, block.sum, block.min, block.max, block.last
        self._add(
            Rollup(
                starts,
                [sum(n[a:b]) for a, b in bounds],
                [sum(total[a:b]) for a, b in bounds],
                [min(low[a:b]) for a, b in bounds],
                [max(high[a:b]) for a, b in bounds],
                [last[b - 1] for _, b in bounds],
            )
        )

    def _add(self, block: Rollup) -> None:
        """Append steps; the first one may go on where the last block ended."""
        skip = 0
        if self._at and self._at[-1] == block.at[0]:
            skip = 1
            self._n[-1] += block.n[0]
            self._sum[-1] += block.sum[0]
            self._min[-1] = min(self._min[-1], block.min[0])
            self._max[-1] = max(self._max[-1], block.max[0])
            self._last[-1] = block.last[0]
        self._at += block.at[skip:]
        self._n += block.n[skip:]
        self._sum += block.sum[skip:]
        self._min += block.min[skip:]
        self._max += block.max[skip:]
        self._last += block.last[skip:]

    @property
    def rollup(self) -> Rollup:
        """What was collected, as scaled integers."""
        return Rollup(self._at, self._n, self._sum, self._min, self._max, self._last)

    def points(self, hold_ms: int) -> Points:
        """What was collected, in units."""
        scale = self.series.units_per
        return Points(
            key=self.series.key,
            ts_ms=self._at,
            n=self._n,
            minimum=[value / scale for value in self._min],
            mean=[total / (n * scale) for total, n in zip(self._sum, self._n, strict=True)],
            maximum=[value / scale for value in self._max],
            last=[value / scale for value in self._last],
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
