"""What the big chart makes of its lines before drawing: traces, columns, axes. Arithmetic only."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import mul

from msgspec import Struct

from pdutui.domain.history import SECOND_MS, Points
from pdutui.widgets.chart_model import ChartLine, ChartModel, Threshold
from pdutui.widgets.plot import Scale

LETTERS = "abcd"
_FIELDS = {
    "voltage_v": "voltage",
    "current_a": "current",
    "power_w": "power",
    "apparent_power_va": "apparent power",
    "power_factor": "power factor",
    "frequency_hz": "frequency",
    "energy_kwh": "energy",
    "value": "",
    "state": "state",
    "active": "active source",
    "redundancy": "redundancy",
}
_DIGITS = {"V": 1, "A": 2, "Hz": 2, "kWh": 2, "°C": 1, "%": 1, "": 2}
_LEAST = {"V": 4.0, "A": 0.2, "W": 10.0, "VA": 10.0, "Hz": 0.4, "kWh": 0.1, "°C": 2.0, "%": 4.0}
"""An axis spans at least this much, so that noise looks like noise."""
_BELOW_ZERO = frozenset({"°C", "°F"})
_FROM_ZERO = frozenset({"W", "VA", "A"})
"""Units whose axis begins at zero where the values come near enough to it."""


class Column(Struct, frozen=True):
    """What a line was in one column of the picture."""

    low: float
    mean: float
    high: float
    first_ms: int
    last_ms: int
    """Where its first and last step begin: what says whether time was lost between two columns."""


class Trace(Struct, frozen=True):
    """A line of the chart with all that is derived from it."""

    line: ChartLine
    letter: str
    """`a` to `d`; of a comparison with a prime, `a'`."""
    field: str
    """`power`; empty where the name says all."""
    unit: str
    step_ms: int

    @property
    def points(self) -> Points:
        """Its points, at the time they were."""
        return self.line.points

    @property
    def brief(self) -> str:
        """A word for what it is, where there is room for no more."""
        return {"active source": "source", "redundancy": "redund."}.get(self.field, self.field)

    @property
    def muted(self) -> bool:
        """Whether it is a comparison."""
        return self.line.shift_ms != 0

    @property
    def words(self) -> bool:
        """Whether it is a series of words."""
        return bool(self.line.info.words)

    def word(self, code: float) -> str:
        """What a code means; a code without a meaning is shown as it is."""
        return self.line.info.words.get(round(code), f"{code:g}")

    def at(self, ms: int) -> int | None:
        """The place of the step that a moment of the chart lies in; None where nothing is known."""
        times = self.points.ts_ms
        ms -= self.line.shift_ms
        place = bisect_right(times, ms) - 1
        return place if place >= 0 and ms - times[place] < self.reach_ms else None

    @property
    def reach_ms(self) -> int:
        """For how long a point holds from where its step begins."""
        if self.step_ms <= SECOND_MS:
            return self.points.hold_ms
        return max(self.step_ms, round(self.points.hold_ms / 1.75))


def traces(model: ChartModel) -> list[Trace]:
    """The lines of a chart, in their order, each comparison behind what it is compared with."""
    made = [
        Trace(
            line,
            LETTERS[line.slot % len(LETTERS)] + ("'" if line.shift_ms else ""),
            _FIELDS.get(line.info.key.rpartition(".")[2], ""),
            line.info.unit,
            model.step_ms,
        )
        for line in model.lines
    ]
    return sorted(made, key=lambda trace: (trace.line.slot, trace.line.shift_ms))


def edges(model: ChartModel, count: int) -> list[int]:
    """Where `count` columns of equal width begin, and where the last one ends."""
    span = model.to_ms - model.from_ms
    return [model.from_ms + -(-span * i // count) for i in range(count + 1)]


def columns(trace: Trace, borders: Sequence[int]) -> list[Column | None]:
    """A line by columns; None where it has no point.

    Extremes are those of the points' own minimum and maximum: a spike of a second stands in its
    column at any zoom.
    """
    points = trace.points
    # A step is drawn at its middle: at its begin the line would run half a step early.
    shift = trace.line.shift_ms + (trace.step_ms // 2 if trace.step_ms > SECOND_MS else 0)
    times = points.ts_ms
    out: list[Column | None] = []
    begin = bisect_left(times, borders[0] - shift)
    last = len(borders) - 2
    for place in range(last + 1):
        end = bisect_left(times, borders[place + 1] - shift, begin)
        if place == last:  # the newest step may not have come to its middle yet
            end = bisect_left(times, borders[-1] - trace.line.shift_ms, begin)
        if end == begin:
            out.append(None)
            continue
        if end == begin + 1:
            mean = points.mean[begin]
        else:
            n = points.n[begin:end]
            mean = sum(map(mul, points.mean[begin:end], n)) / max(1, sum(n))
        out.append(
            Column(
                min(points.minimum[begin:end]),
                mean,
                max(points.maximum[begin:end]),
                times[begin],
                times[end - 1],
            )
        )
        begin = end
    return out


def runs(data: Sequence[Column | None], hold_ms: int) -> list[list[int]]:
    """The columns that a line may join: broken where time was lost."""
    out: list[list[int]] = []
    before: Column | None = None
    for place, column in enumerate(data):
        if column is None:
            continue
        if before is None or column.first_ms - before.last_ms > hold_ms:
            out.append([])
        out[-1].append(place)
        before = column
    return out


class Stats(Struct, frozen=True):
    """A line over the whole window."""

    low: float
    mean: float
    high: float
    last: float
    last_ms: int
    """Where the last step begins."""


def stats(trace: Trace, from_ms: int, to_ms: int) -> Stats | None:
    """Lowest, mean, highest and last value of a span; None without a point in it."""
    points, shift = trace.points, trace.line.shift_ms
    begin = bisect_left(points.ts_ms, from_ms - shift)
    end = bisect_left(points.ts_ms, to_ms - shift)
    if begin >= end:
        return None
    n = points.n[begin:end]
    return Stats(
        min(points.minimum[begin:end]),
        sum(map(mul, points.mean[begin:end], n)) / max(1, sum(n)),
        max(points.maximum[begin:end]),
        points.last[end - 1],
        points.ts_ms[end - 1] + shift,
    )


class Axis(Struct, frozen=True):
    """One y axis: its scale and the lines that belong to it."""

    unit: str
    traces: tuple[Trace, ...]
    scale: Scale
    thresholds: tuple[Threshold, ...] = ()
    """Those within the scale."""
    beyond: tuple[Threshold, ...] = ()
    """Those too far above or below to be drawn to scale."""

    @property
    def digits(self) -> int:
        """Decimals that its labels need."""
        step = self.scale.step
        return 0 if step >= 1 and step == round(step) else max(0, -math.floor(math.log10(step)))

    def marks(self) -> list[float]:
        """The round figures, lowest first."""
        count = round((self.scale.high - self.scale.low) / self.scale.step)
        return [self.scale.low + self.scale.step * i for i in range(count + 1)]

    def label(self, value: float) -> str:
        """A round figure as it is written."""
        text = f"{value:.{self.digits}f}"
        return text.removeprefix("-") if float(text) == 0 else text

    def part(self, value: float) -> float:
        """Where a value lies, 0 at the bottom of the scale and 1 at its top."""
        reach = self.scale.high - self.scale.low
        return min(1.0, max(0.0, (value - self.scale.low) / reach)) if reach > 0 else 0.0


def axis(model: ChartModel, unit: str, members: Sequence[Trace], rows: int) -> Axis:
    """The axis of all lines of one unit, with as many round figures as `rows` have room for."""
    found = [
        span for trace in members if (span := _span(trace, model, model.band and not trace.muted))
    ]
    levels = [t for t in model.thresholds if t.unit == unit]
    if not found:
        return Axis(unit, tuple(members), Scale(0.0, 1.0, 1.0))
    low, high = min(s[0] for s in found), max(s[1] for s in found)
    if unit in _FROM_ZERO and 0 < low <= 0.5 * high:
        low = 0.0
    reach = max(high - low, _LEAST.get(unit, 0.1))
    inside = [t for t in levels if low - 0.6 * reach <= t.value <= high + 0.6 * reach]
    low = min([low, *(t.value for t in inside)])
    high = max([high, *(t.value for t in inside)])
    least = _LEAST.get(unit, 0.1)
    if unit != "kWh":
        least = max(least, abs(high) * 0.02)
    floor = None if unit in _BELOW_ZERO or low < 0 else 0.0
    scale = nice_axis(low, high, least, floor, max(2, min(10, (rows - 1) // 3)))
    return Axis(
        unit,
        tuple(members),
        scale,
        tuple(t for t in levels if t in inside),
        tuple(t for t in levels if t not in inside),
    )


def _span(trace: Trace, model: ChartModel, band: bool) -> tuple[float, float] | None:
    points, shift = trace.points, trace.line.shift_ms
    begin = bisect_left(points.ts_ms, model.from_ms - shift)
    end = bisect_left(points.ts_ms, model.to_ms - shift)
    if begin >= end:
        return None
    if band:
        return min(points.minimum[begin:end]), max(points.maximum[begin:end])
    return min(points.mean[begin:end]), max(points.mean[begin:end])


def nice_axis(low: float, high: float, least: float, floor: float | None, count: int) -> Scale:
    """A scale with round ends and about `count` round steps.

    Args:
        low: The lowest value to show.
        high: The highest value to show.
        least: The scale spans at least this much.
        floor: It never begins below this where no value does.
        count: How many steps there is room for.
    """
    if high - low < least:
        begin = (low + high - least) / 2
        if floor is not None and begin < floor <= low:
            begin = floor
        low, high = min(low, begin), max(high, begin + least)
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    begin = math.floor(low / step + 1e-9) * step
    end = math.ceil(high / step - 1e-9) * step
    return Scale(begin, end if end > begin else begin + step, step)


def figure(value: float, unit: str) -> str:
    """A value as it is read in the legend: as many decimals as its unit deserves."""
    if unit in ("W", "VA"):
        return f"{value:.1f}" if abs(value) < 10 and round(value, 1) != round(value) else (
            f"{value:.0f}"
        )  # fmt: skip
    digits = _DIGITS.get(unit, 2)
    return f"{value:.{digits}f}"
