"""Where the panels of the PDU screen go: a pure function of the terminal's size and the contents.

There is no size that is refused. Panels have a least, a good and a full height; room is given out
by priority, and a panel for which there is none is left out whole instead of being clipped.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading

OUTLET_COLUMN = 39
"""The narrowest outlet column that still shows state, name, A and W; one cell between columns."""
WIDE = 150
"""From here on outlets stand at the left and everything else at the right."""
ONE_LINE = 80
"""From here on a row of the load panel has all its figures in one line."""
SIDE_BY_SIDE = 76
"""From here on load and sources share a band."""
SENSOR_COLUMN = 40
"""The narrowest sensor column that shows name, kind and value."""
_CHART = 26
"""Rows of a chart beyond which it says no more."""
FEW_SENSORS = 3
"""So many are told in one line; more are worth a row each."""


class Rect(Struct, frozen=True):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.height


class Contents(Struct, frozen=True):
    """What there is to show."""

    outlets: int = 0
    meters: int = 0
    """Rows of the load panel: inlets, phases and banks."""
    sources: bool = False
    sensors: int = 0
    figures: int = 0
    """Sensors with a figure, which has a trend; the others have a state only."""

    @property
    def load(self) -> bool:
        """Whether there is a load panel: also to say that outlets are not metered."""
        return bool(self.meters or self.outlets or not self.sensors)

    @property
    def trends(self) -> bool:
        """Whether anything makes a line over time."""
        return bool(self.meters or self.figures)


def contents_of(reading: Reading | None) -> Contents:
    """What a reading brings to be shown; nothing without one."""
    if reading is None:
        return Contents()
    return Contents(
        outlets=len(reading.outlets),
        meters=len(reading.inlets) + len(reading.phases) + len(reading.banks),
        sources=reading.ats is not None,
        sensors=len(reading.sensors),
        figures=sum(s.unit is not None or s.value is not None for s in reading.sensors),
    )


class _Band(Struct):
    """A horizontal band of panels under construction: its height and the steps it may grow by."""

    name: str
    levels: tuple[int, ...]
    height: int = 0


def outlet_columns(width: int, rows: int, outlets: int) -> int:
    """How many columns of outlets: as few as show them all, as many as fit if none does."""
    most = most_columns(width)
    if rows < 1 or outlets < 1:
        return 1
    return max(1, min(most, ceil(outlets / rows)))


def most_columns(width: int) -> int:
    """How many columns of outlets fit beside each other."""
    return max(1, (width + 1) // (OUTLET_COLUMN + 1))


def arrange(width: int, height: int, contents: Contents) -> dict[str, Rect]:
    """Rectangles by panel name: status, outlets, meters, sources, sensors, trends, events, hints.

    They do not overlap and lie inside; a panel that is not in the answer is not shown.
    """
    if width < 1 or height < 1:
        return {}
    out: dict[str, Rect] = {"status": Rect(0, 0, width, 1)}
    top, bottom = 1, height
    if height >= 5:
        bottom -= 1
        out["hints"] = Rect(0, bottom, width, 1)
    room = bottom - top
    if room < 1:
        return out
    if contents == Contents():
        events = min(4, room // 3) if room >= 16 else min(1, room // 3)
        out["outlets"] = Rect(0, top, width, room - events)
        if events:
            out["events"] = Rect(0, bottom - events, width, events)
    elif width >= WIDE and room >= 26:
        out.update(_wide(width, top, room, contents))
    else:
        out.update(_stacked(width, top, room, contents))
    return out


@lru_cache(maxsize=64)
def panels(width: int, height: int, contents: Contents) -> frozenset[str]:
    """The names of the panels that are shown; asked for with every frame."""
    return frozenset(arrange(width, height, contents))


def _stacked(width: int, top: int, room: int, contents: Contents) -> dict[str, Rect]:
    """Bands one below the other, the whole width each."""
    most = most_columns(width)
    count = contents.outlets
    rows = count if count <= 12 else ceil(count / most)
    roomy = max(rows, ceil(count / max(1, width // 55)))
    outlets = _Band("outlets", (min(1 + rows, 4), 1 + rows, 1 + roomy) if count else ())
    events = _Band("events", (1, 3, 6))
    sensors = _Band("sensors", _sensor_levels(width, contents.sensors))
    trends = _Band("trends", (3, 4, 7, 11, 16) if width >= 30 and contents.trends else ())
    line = 1 + max(1, contents.meters)
    if width >= SIDE_BY_SIDE and contents.sources and contents.load:
        shared = _Band("shared", (3, max(5, min(line, 7)), max(8, line), max(9, line)))
        order = [
            (outlets, 0), (events, 0), (shared, 0), (outlets, 1), (shared, 1), (sensors, 0),
            (trends, 0), (trends, 1), (shared, 2), (trends, 2), (sensors, 1), (outlets, 2),
            (events, 1), (trends, 3), (shared, 3), (events, 2), (trends, 4),
        ]  # fmt: skip
        main, bands = shared, [outlets, shared, sensors, trends, events]
    else:
        # A third of the room is kept for the load where outlets can be scrolled through anyway.
        least = min(line, max(2, room // 3))
        levels = (2, least, line, line if width >= ONE_LINE else 2 * line - 1)
        meters = _Band("meters", levels if contents.load else ())
        sources = _Band("sources", (3, 5, 8) if contents.sources else ())
        order = [
            (outlets, 0), (events, 0), (sources, 0), (meters, 0), (meters, 1), (outlets, 1),
            (meters, 2), (sources, 1), (sensors, 0), (trends, 0), (trends, 1), (meters, 3),
            (sources, 2), (trends, 2), (sensors, 1), (outlets, 2), (events, 1), (trends, 3),
            (events, 2), (trends, 4),
        ]  # fmt: skip
        main, bands = meters, [outlets, sources, meters, sensors, trends, events]
    if not count:
        # Then the load is what the screen is for, and comes before the events.
        order.remove((events, 0))
        main = main if contents.load else sensors
        order.insert(1 + next(i for i, (b, _) in enumerate(order) if b is main), (events, 0))
    _grow(order, room)
    spare = room - sum(band.height for band in bands)
    if spare > 0:
        next(band for band in (trends, outlets, events) if band.height).height += spare
    out: dict[str, Rect] = {}
    y = top
    for band in bands:
        if band.height:
            _place(out, band.name, Rect(0, y, width, band.height))
            y += band.height
    return out


def sensor_rows(width: int, sensors: int) -> int:
    """How many rows sensors take, in as many columns as fit."""
    return ceil(sensors / max(1, width // SENSOR_COLUMN))


def _sensor_levels(width: int, sensors: int) -> tuple[int, ...]:
    """One line; or a head and rows, where there are more than a line tells."""
    if not sensors:
        return ()
    return (1, 1 + sensor_rows(width, sensors)) if sensors > FEW_SENSORS else (1,)


def _wide(width: int, top: int, room: int, contents: Contents) -> dict[str, Rect]:
    """Two columns above, trends below over the whole width.

    Outlets at the left, with the load below them where they are few; sources, else the load,
    sensors and events at the right. Without outlets, load and sensors have the left.
    """
    left = max(2 * OUTLET_COLUMN + 1, min(112, width * 55 // 100))
    side = width - left - 1
    if not contents.outlets:
        return _wide_without_outlets(width, left, top, room, contents)
    count = max(1, contents.outlets)
    few = contents.outlets <= 16 and contents.sources
    each = 1 if (left if few else side) >= ONE_LINE else 2
    meters = 1 + max(1, contents.meters) * each + (1 if few else 0)
    sources = 10 if contents.sources else 0
    sensors = 1 + min(contents.sensors, max(6, sensor_rows(side, contents.sensors)))
    sensors = sensors if contents.sensors else 0
    tall = 1 + _CHART * max(1, contents.meters)
    rows = 1 + count
    if rows + (meters if few else 0) > room - 12:
        rows = 1 + ceil(count / most_columns(left))
    beside = sources + sensors + 4 + (0 if few else meters)
    upper = max(rows + (meters if few else 0), beside, room - tall)
    upper = max(min(upper, room - 12), min(rows, room - 4), 8)
    out: dict[str, Rect] = {}
    load = min(meters, upper // 2) if few else 0
    out["outlets"] = Rect(0, top, left, upper - load)
    if load:
        out["meters"] = Rect(0, top + upper - load, left, load)
    y, free = top, upper
    parts = (("sources", sources, 5), ("meters", 0 if few else meters, 2), ("sensors", sensors, 2))
    for name, wanted, least in parts:
        height = min(wanted, free - (0 if free < least + 3 else 3))
        if wanted and height >= least:
            out[name] = Rect(left + 1, y, side, height)
            y, free = y + height, free - height
    if free:
        out["events"] = Rect(left + 1, y, side, free)
    out["trends"] = Rect(0, top + upper, width, room - upper)
    return out


def _wide_without_outlets(
    width: int, left: int, top: int, room: int, contents: Contents
) -> dict[str, Rect]:
    """Load and sensors at the left, sources and events at the right, trends below."""
    side = width - left - 1
    each = 1 if left >= ONE_LINE else 2
    meters = 2 + max(1, contents.meters) * each if contents.load else 0
    sensors = 1 + contents.sensors if contents.sensors else 0
    sources = 10 if contents.sources else 0
    most = room - 12 if contents.trends else room - 1
    upper = max(8, min(most, max(meters + sensors, sources + 6)))
    load = min(meters, upper - min(sensors, upper // 2)) if sensors else upper
    out = {"meters": Rect(0, top, left, load)} if load else {}
    if sensors:
        out["sensors"] = Rect(0, top + load, left, upper - load)
    if sources:
        out["sources"] = Rect(left + 1, top, side, sources)
    rest = room - upper
    below = 0 if contents.trends else rest
    out["events"] = Rect(left + 1, top + sources, side, upper - sources + below)
    if contents.trends:
        out["trends"] = Rect(0, top + upper, width, rest)
    return out


def _grow(order: list[tuple[_Band, int]], room: int) -> None:
    """Raise bands level by level, in this order, while there is room."""
    left = room
    for band, level in order:
        if level >= len(band.levels) or (level > 0 and not band.height):
            continue
        target = band.levels[level]
        if target <= band.height:
            continue
        # A first level is whole or not at all; a later one may be reached in part. Outlets scroll,
        # so even their first may; but fewer columns of them is a matter of all the rows it takes.
        gain = target - band.height
        if gain > left:
            partial = level < 2 if band.name == "outlets" else level > 0
            gain = left if partial else 0
        band.height += gain
        left -= gain


def _place(out: dict[str, Rect], name: str, rect: Rect) -> None:
    if name != "shared":
        out[name] = rect
        return
    half = (rect.width - 1) // 2
    out["meters"] = Rect(rect.x, rect.y, half, rect.height)
    out["sources"] = Rect(rect.x + half + 1, rect.y, rect.width - half - 1, rect.height)
