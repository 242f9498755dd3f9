"""Where the panels of the PDU screen go: a pure function of the terminal's size and the contents.

There is no size that is refused. Panels have a least, a good and a full height; room is given out
by priority, and a panel for which there is none is left out whole instead of being clipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

OUTLET_COLUMN = 42
"""The narrowest outlet column that still shows state, name, A and W."""
WIDE = 150
"""From here on outlets stand at the left and everything else at the right."""
SIDE_BY_SIDE = 76
"""From here on load and sources share a band."""


@dataclass(frozen=True)
class Rect:
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


@dataclass(frozen=True)
class Contents:
    """What there is to show."""

    outlets: int = 0
    meters: int = 0
    """Rows of the load panel: inlets and banks."""
    sources: bool = False
    sensors: int = 0


@dataclass
class _Band:
    """A horizontal band of panels under construction: its height and the steps it may grow by."""

    name: str
    levels: tuple[int, ...]
    height: int = 0


def outlet_columns(width: int, rows: int, outlets: int) -> int:
    """How many columns of outlets: as few as show them all, as many as fit if none does."""
    most = max(1, width // OUTLET_COLUMN)
    if rows < 1 or outlets < 1:
        return 1
    return max(1, min(most, ceil(outlets / rows)))


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
    if width >= WIDE and room >= 26:
        out.update(_wide(width, top, room, contents))
    else:
        out.update(_stacked(width, top, room, contents))
    return out


def _stacked(width: int, top: int, room: int, contents: Contents) -> dict[str, Rect]:
    """Bands one below the other, the whole width each."""
    most = max(1, width // OUTLET_COLUMN)
    want = 1 + max(1, ceil(contents.outlets / most))
    if contents.outlets <= 12:
        want = 1 + max(1, contents.outlets)
    paired = width >= SIDE_BY_SIDE and contents.sources
    outlets = _Band("outlets", (min(want, 4), want))
    events = _Band("events", (1, 3, 6))
    sensors = _Band("sensors", (1,) if contents.sensors else ())
    trends = _Band("trends", (4, 7, 11, 16) if width >= 30 else ())
    line = 1 + max(1, contents.meters)
    if paired:
        shared = _Band("shared", (3, max(5, min(line, 7)), max(8, line), max(9, line)))
        order = [
            (outlets, 0), (events, 0), (shared, 0), (outlets, 1), (shared, 1), (sensors, 0),
            (trends, 0), (shared, 2), (trends, 1), (events, 1), (trends, 2), (shared, 3),
            (events, 2), (trends, 3),
        ]  # fmt: skip
        bands = [outlets, shared, sensors, trends, events]
    else:
        meters = _Band("meters", (2, line, line if width >= 60 else 2 * line - 1))
        sources = _Band("sources", (3, 5, 8) if contents.sources else ())
        order = [
            (outlets, 0), (events, 0), (sources, 0), (meters, 0), (outlets, 1), (meters, 1),
            (sources, 1), (sensors, 0), (trends, 0), (meters, 2), (sources, 2), (trends, 1),
            (events, 1), (trends, 2), (events, 2), (trends, 3),
        ]  # fmt: skip
        bands = [outlets, sources, meters, sensors, trends, events]
    _grow(order, room)
    spare = room - sum(band.height for band in bands)
    if spare > 0:
        taker = trends if trends.height else outlets
        taker.height += spare
    out: dict[str, Rect] = {}
    y = top
    for band in bands:
        if band.height:
            _place(out, band.name, Rect(0, y, width, band.height))
            y += band.height
    return out


def _wide(width: int, top: int, room: int, contents: Contents) -> dict[str, Rect]:
    """Outlets at the left, sources, load and sensors at the right, trends and events below."""
    left = max(2 * OUTLET_COLUMN, min(112, width * 55 // 100))
    side = width - left - 1
    rows = 1 + max(1, contents.outlets)
    compact = 1 + ceil(max(1, contents.outlets) / max(1, left // OUTLET_COLUMN))
    meters = 1 + max(1, contents.meters) * 2
    sources = 11 if contents.sources else 0
    sensors = 1 + contents.sensors if contents.sensors else 0
    least = 14
    upper = max(rows, meters + sources + sensors)
    if upper > room - least:
        upper = max(compact, min(rows, room - least), 1 + contents.meters + sources + sensors)
    upper = max(6, min(upper, room - least))
    out = {"outlets": Rect(0, top, left, upper)}
    y, x = top, left + 1
    right = upper
    if sources:
        sources = max(3, min(sources, right - 2))
        out["sources"] = Rect(x, y, side, sources)
        y, right = y + sources, right - sources
    if sensors:
        sensors = min(sensors, max(0, right - 3))
    if right - sensors >= 2:
        out["meters"] = Rect(x, y, side, right - sensors)
        y, right = y + right - sensors, sensors
    if right > 0 and sensors:
        out["sensors"] = Rect(x, y, side, right)
    below = room - upper
    events = max(3, min(9, below - 10))
    y = top + upper
    out["trends"] = Rect(0, y, width, below - events)
    out["events"] = Rect(0, y + below - events, width, events)
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
        # A first level is whole or not at all; a later one may be reached in part.
        gain = target - band.height
        if gain > left:
            gain = left if level > 0 or (band.name == "outlets" and left > 0) else 0
        band.height += gain
        left -= gain


def _place(out: dict[str, Rect], name: str, rect: Rect) -> None:
    if name != "shared":
        out[name] = rect
        return
    half = (rect.width - 1) // 2
    out["meters"] = Rect(rect.x, rect.y, half, rect.height)
    out["sources"] = Rect(rect.x + half + 1, rect.y, rect.width - half - 1, rect.height)
