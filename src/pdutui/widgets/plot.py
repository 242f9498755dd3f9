"""Series as dots and marks: sparklines and min/max charts. Arithmetic only, no styles.

Samples are put into buckets that stand still on the time axis: a bucket begins at a multiple of its
length, so that a chart moves by a whole cell now and then, and not by a fraction at every sample.
That keeps it calm to look at and cheap to send.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pdutui.widgets.glyphs import GlyphSet

Bucket = tuple[float, float] | None
"""Lowest and highest sample of a bucket; None: no sample, a gap."""

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Braille dots by column and by row from the top."""
_BRAILLE = 0x2800
_BARS = ((0x40, 0x80), (0x44, 0xA0), (0x46, 0xB0), (0x47, 0xB8))
"""Braille bars of one to four dots, in the left and in the right column of a cell."""
_CELLS = {
    (left, right): chr(bits + _BRAILLE) if bits else " "
    for left in (None, 0, 1, 2, 3)
    for right in (None, 0, 1, 2, 3)
    for bits in (
        (0 if left is None else _BARS[left][0]) | (0 if right is None else _BARS[right][1]),
    )
}
"""The cell of two marks; None is a gap."""


class Scale(Struct, frozen=True):
    """The y axis: its ends and how far apart its marks are."""

    low: float
    high: float
    step: float

    def place(self, value: float, rows: int) -> int:
        """The row of a value, 0 at the bottom, of `rows`; values outside stick to the ends."""
        if self.high <= self.low:
            return 0
        at = (value - self.low) / (self.high - self.low) * (rows - 1)
        return min(rows - 1, max(0, round(at)))


def buckets(samples: Sequence[float | None], per: int, count: int, end: int) -> list[Bucket]:
    """The last `count` buckets of `per` samples.

    Args:
        samples: One a second, oldest first; the last one is that of second `end`.
        per: Seconds in a bucket.
        count: How many buckets; what lies before the first sample is a gap.
        end: The second of the last sample, counted from any fixed moment.
    """
    total = len(samples)
    if per == 1:
        tail = [None if v is None else (v, v) for v in samples[max(0, total - count) :]]
        return [None] * (count - len(tail)) + tail
    out: list[Bucket] = [None] * count
    last = end // per
    for place in range(count):
        begin = (last - (count - 1 - place)) * per - end + total - 1
        values = [v for v in samples[max(0, begin) : max(0, begin + per)] if v is not None]
        if len(values) == 1:
            out[place] = (values[0], values[0])
        elif values:
            out[place] = (min(values), max(values))
    return out


def extent(data: Sequence[Bucket]) -> tuple[float, float] | None:
    """Lowest and highest of all buckets; None when there is nothing but gaps."""
    known = [b for b in data if b is not None]
    if not known:
        return None
    return min(b[0] for b in known), max(b[1] for b in known)


def nice_scale(low: float, high: float, least: float, floor: float | None = 0.0) -> Scale:
    """A scale with round ends.

    Args:
        low: The lowest value to show.
        high: The highest value to show.
        least: The scale spans at least this much, so that noise looks like noise.
        floor: The scale never begins below this, where no value does.
    """
    if high - low < least:
        begin = (low + high - least) / 2
        if floor is not None and begin < floor <= low:
            begin = floor
        low, high = min(low, begin), max(high, begin + least)
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


def spark(
    samples: Sequence[float | None], width: int, end: int, glyphs: GlyphSet, per: int = 1
) -> str:
    """A sparkline of one row: `2 * per` samples a cell, newest at the right, gaps blank.

    Its scale runs from the lowest to the highest sample and spans a tenth of the highest at least:
    a load that only trembles is a flat line.
    """
    if width < 1:
        return ""
    if glyphs.plot == "braille":
        # Pairs stay together as they move left: the newest cell is half empty every other time.
        half = end // per % 2 == 0
        count = width * 2 - half
        if per == 1:
            marks = _levels(samples[-count:], len(_BARS))
        else:
            marks = _middle_levels(buckets(samples, per, count, end), len(_BARS))
        marks = [None] * (count - len(marks)) + marks + [None] * half
        return "".join(map(_CELLS.__getitem__, zip(marks[::2], marks[1::2], strict=True)))
    marks = _middle_levels(buckets(samples, 2 * per, width, end), len(glyphs.spark))
    return "".join(" " if m is None else glyphs.spark[m] for m in marks)


def _middle_levels(data: Sequence[Bucket], levels: int) -> list[int | None]:
    """The levels of the middles of buckets, on a scale that has room for all of each."""
    return _levels([None if b is None else (b[0] + b[1]) / 2 for b in data], levels, extent(data))


def _levels(
    values: Sequence[float | None], levels: int, span: tuple[float, float] | None = None
) -> list[int | None]:
    """The level of each value, 0 is the lowest; None for a gap.

    Args:
        values: What is drawn.
        levels: How many there are.
        span: From where to where the scale has to reach; None: as far as the values do.
    """
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    low, high = span or (min(known), max(known))
    flat = low == high
    least = max(abs(high) * 0.1, 0.05)
    if high - low < least:
        low, high = max(0.0, (low + high - least) / 2), max(least, (low + high + least) / 2)
    top, reach = levels - 1, high - low
    if flat:
        level = min(top, max(0, round((known[0] - low) / reach * top)))
        return [None if value is None else level for value in values]
    return [
        None if value is None else min(top, max(0, round((value - low) / reach * top)))
        for value in values
    ]


def chart(
    data: Sequence[Bucket], scale: Scale, width: int, height: int, glyphs: GlyphSet
) -> list[str]:
    """A min/max line chart of `height` rows of `width` cells, top row first.

    Args:
        data: `columns(width, glyphs)` buckets.
        scale: The y axis.
        width: In cells.
        height: In cells.
        glyphs: Decides between braille dots and one mark a cell.
    """
    fine = glyphs.plot == "braille"
    rows = height * 4 if fine else height
    spans = _spans(data, scale, rows)
    if not fine:
        return _marks(spans, width, height, glyphs)
    cells = [[0] * width for _ in range(height)]
    for x, span in enumerate(spans):
        if span is not None:
            for y in range(span[0], span[1] + 1):
                up = rows - 1 - y
                cells[up // 4][x // 2] |= _DOTS[x % 2][up % 4]
    return ["".join(chr(_BRAILLE + c) if c else " " for c in row) for row in cells]


def columns(width: int, glyphs: GlyphSet) -> int:
    """How many buckets a chart of so many cells shows."""
    return width * 2 if glyphs.plot == "braille" else width


def _spans(data: Sequence[Bucket], scale: Scale, rows: int) -> list[tuple[int, int] | None]:
    """The rows each column fills, neighbours joined so that a step is a line and not two dots."""
    out: list[tuple[int, int] | None] = []
    before: tuple[int, int] | None = None
    for bucket in data:
        span = None
        if bucket is not None:
            low = high = scale.place(bucket[0], rows)
            if bucket[1] != bucket[0]:
                high = scale.place(bucket[1], rows)
            span = (low, high)
            if before is not None:
                if before[1] < low:
                    low = before[1] + 1
                elif before[0] > high:
                    high = before[0] - 1
            out.append((low, high))
        else:
            out.append(None)
        before = span
    return out


def _marks(
    spans: Sequence[tuple[int, int] | None], width: int, height: int, glyphs: GlyphSet
) -> list[str]:
    rows = [[" "] * width for _ in range(height)]
    for x, span in enumerate(spans[:width]):
        if span is not None:
            mark = glyphs.point if span[0] == span[1] else glyphs.stem
            for y in range(span[0], span[1] + 1):
                rows[height - 1 - y][x] = mark
    return ["".join(row) for row in rows]
