"""Trends of voltage, current and power of the inlet or bank that is looked at, one chart each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.domain.series import sensor_ids
from pdutui.widgets.bank_meter import Meter, meters
from pdutui.widgets.figures import amps, volts, watts
from pdutui.widgets.line import CUT, Line, Piece, blank, pieces_width
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.plot import Scale, buckets, chart, columns, extent, nice_scale
from pdutui.widgets.sensors import unit_of, writer
from pdutui.widgets.text import cut, lead, width_of

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading, Sensor
    from pdutui.widgets.scene import Scene

WINDOWS = (120, 300, 900)
"""How far back a chart can be asked to go, in seconds."""
_Field = tuple[str, str, str, float, Callable[[float | None, str], str]]
_FIELDS: tuple[_Field, ...] = (
    ("voltage_v", "Voltage", "V", 4.0, volts),
    ("current_a", "Current", "A", 0.2, amps),
    ("power_w", "Power", "W", 10.0, watts),
)
"""Field, title, unit, least span of the y axis, how a figure is written."""
_Chart = tuple[str, _Field, str]
"""Series prefix, field, what stands in front of the title."""
_LABEL = 6
"""Cells of the y axis labels."""
_BESIDE = 76
"""From here on charts stand side by side where they could also stand below each other."""
_NARROWEST = 26
"""Columns that a chart needs where there are more than three."""
_SECTION = 9
"""Rows that the charts of one inlet or bank need to be worth having beside those of others."""
_STACKED = 7
"""Rows of a chart, where they stand below each other."""


class TrendPanel(Panel, can_focus=True):
    """Charts of the last minutes."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """Head and charts side by side, or below each other where it is narrow and high."""
        return trend_panel(scene, width, height, focused)


def trend_panel(scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
    """The lines of the trend panel: of one inlet or bank, of several where there is the room."""
    rows = meters(scene.reading) if scene.reading else []
    if not rows:
        return _sensors(scene, width, height, focused)
    room = height - 1
    first, weights = _window(scene, rows, width, room)
    shown, total = len(weights), sum(weights)
    window: list[Piece] = [(f"last {scene.window_s // 60} min", "muted")]
    title = "Trends"
    if shown == 1 and rows:
        title += f" {scene.glyphs.dot} {scene.clean(rows[first].name)}"
    lines = [head(scene, width, title, window, focused=focused)]
    for place in range(shown):
        above = sum(weights[:place])
        high = room * (above + weights[place]) // total - room * above // total
        air = int(shown > 1 and place < shown - 1)
        lines += _section(scene, rows[first + place], width, high - air, named=shown > 1)
        lines += [blank(scene.inks, width)] * air
    return lines


def _window(scene: Scene, rows: Sequence[Meter], width: int, room: int) -> tuple[int, list[int]]:
    """The first inlet or bank that is shown, and how many charts each has below each other.

    As many of them as have room; one at least, the chosen one among them.
    """
    beside = width >= _BESIDE
    weights = [1 if beside else len(_wanted(scene, row, width)) for row in rows]
    each = _SECTION if beside else _STACKED
    for shown in range(len(rows), 0, -1):
        first = max(0, min(scene.meter, len(rows) - shown))
        if shown == 1 or sum(weights[first : first + shown]) * each <= room:
            break
    return first, weights[first : first + shown]


def first_series(reading: Reading) -> str | None:
    """A series that is there if any is: what says how far back there is something to see."""
    for meter in meters(reading):
        for field in ("current_a", "power_w", "voltage_v"):
            if getattr(meter, field) is not None:
                return f"{meter.key}.{field}"
    for ident, sensor in zip(sensor_ids(reading.sensors), reading.sensors, strict=True):
        if sensor.value is not None:
            return f"sensor.{ident}.value"
    return None


def _sensors(scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
    """The charts of a device that has nothing but sensors: as many as fit, in their order."""
    sensors = scene.reading.sensors if scene.reading else ()
    found = [
        (f"sensor.{ident}", sensor)
        for ident, sensor in zip(sensor_ids(sensors), sensors, strict=True)
        if sensor.unit is not None or sensor.value is not None
    ]
    room = height - 1
    names = max((width_of(scene.clean(sensor.name)) for _, sensor in found), default=0)
    columns = max(1, min(3, width // max(_NARROWEST, min(36, _LABEL + names + 12)), len(found)))
    rows = max(1, min(ceil(len(found) / columns), room // _SECTION))
    found = found[: rows * columns]
    window: list[Piece] = [(f"last {scene.window_s // 60} min", "muted")]
    lines = [head(scene, width, "Trends", window, focused=focused)]
    each = (width - 1 - 2 * (columns - 1)) // columns
    for row in range(rows if found else 0):
        high = room * (row + 1) // rows - room * row // rows
        charts = [
            _chart(scene, key, sensor_field(sensor, scene), each, high, "")
            for key, sensor in found[row * columns : (row + 1) * columns]
        ]
        lines += _beside(scene, charts, width)
    return lines


def _beside(scene: Scene, charts: Sequence[Sequence[Line]], width: int) -> list[Strip]:
    """The lines of charts that stand beside each other, two cells apart."""
    out: list[Strip] = []
    for row in zip(*charts, strict=True):
        line = Line(scene.inks, width)
        for place, part in enumerate(row):
            line.add("  " if place else "").join(part)
        out.append(line.strip())
    return out


def sensor_field(sensor: Sensor, scene: Scene) -> _Field:
    """How a sensor's chart is titled and written."""
    write = writer(sensor)
    return ("value", scene.clean(sensor.name), unit_of(scene, sensor), 1.0, write)


def _wanted(scene: Scene, subject: Meter, width: int) -> list[_Chart]:
    """What there is to draw of a row: what the device gives now, or gave a while ago.

    A three-phase cord has no current of its own: those of its lines stand for it.
    """
    found: list[_Chart] = []
    for field in _FIELDS:
        key = f"{subject.key}.{field[0]}"
        if getattr(subject, field[0]) is not None or any(
            sample is not None for sample in scene.trend(key, scene.window_s)
        ):
            found.append((subject.key, field, ""))
    if subject.fullest is not None and scene.reading is not None:
        lines: list[_Chart] = [
            (f"phase.{phase.number}", _FIELDS[1], f"{scene.clean(phase.name)} ")
            for phase in scene.reading.phases
            if phase.module == subject.fullest.module
        ]
        if lines and width < _BESIDE:
            place = f"phase.{subject.fullest.number}"
            lines = [line for line in lines if line[0] == place]
        most = max(1, width // _NARROWEST)
        found = [*lines, *found][: max(most, len(lines))]
    return found or [(subject.key, field, "") for field in _FIELDS]


def _section(scene: Scene, subject: Meter, width: int, height: int, named: bool) -> list[Strip]:
    """The charts of one inlet or bank, side by side, or below each other where it is narrow."""
    name = f"{scene.clean(subject.name)} {scene.glyphs.dot} " if named else ""
    wanted = _wanted(scene, subject, width)
    if width < _BESIDE and height >= 12:
        lines: list[Line] = []
        for place, (key, field, part) in enumerate(wanted):
            high = height * (place + 1) // len(wanted) - height * place // len(wanted)
            lines += _chart(scene, key, field, width - 1, high, name + part)
        return _beside(scene, [lines], width)
    if width < 70:
        power = [chart for chart in wanted if chart[1][0] == "power_w"]
        current = [chart for chart in wanted if chart[1][0] == "current_a"]
        wanted = (power or current or wanted)[:1]
    each = (width - 1 - 2 * (len(wanted) - 1)) // len(wanted)
    charts = [
        _chart(scene, key, field, each, height, part if place else name + part)
        for place, (key, field, part) in enumerate(wanted)
    ]
    return _beside(scene, charts, width)


def _chart(
    scene: Scene, key: str, field: _Field, width: int, height: int, subject: str
) -> list[Line]:
    """One chart, in full lines: a title with the figure now, then the plot with its y axis."""
    name, title, unit, least, write = field
    inks, glyphs = scene.inks, scene.glyphs
    cells = width - _LABEL - 2
    if cells < 4 or height < 1:
        return [Line(inks, width).to(width) for _ in range(height)]
    samples = scene.trend(f"{key}.{name}", scene.window_s)
    count = columns(cells, glyphs)
    per = max(1, ceil(scene.window_s / count))
    data = buckets(samples, per, count, scene.second)
    span = extent(data)
    lines: list[Line] = []
    if height >= 4:
        known = _now(scene, key, name)
        figure: list[Piece] = [
            (write(known, scene.na), scene.ink("strong" if known is not None else "muted")),
            (f" {unit}", scene.ink("muted")),
        ]
        line = Line(inks, width).add(lead("", _LABEL + 2))
        line.extend(_title(scene, subject, title, line.room - pieces_width(figure)))
        # All of it or nothing: half a figure would be another one.
        line.extend(figure if pieces_width(figure) <= line.room else [])
        if span is not None:
            reach: list[Piece] = [
                (f"{write(span[0], scene.na)}{glyphs.dash}{write(span[1], scene.na)}", "muted")
            ]
            if line.room > pieces_width(reach) + 2:
                line.right([(text, scene.ink(ink)) for text, ink in reach])
        lines.append(line.to(width))
    plot_height = height - len(lines)
    if span is None:
        return [*lines, *_empty(scene, width, plot_height, name)]
    scale = nice_scale(span[0], span[1], max(least, abs(span[1]) * 0.02))
    ink = scene.ink("spark")
    labels = _labels(scale, plot_height, unit if height < 4 else "")
    for y, row in enumerate(chart(data, scale, cells, plot_height, glyphs)):
        label = labels.get(y)
        line = Line(inks, width).add(lead(cut(label or "", _LABEL, CUT), _LABEL), "muted")
        line.add(f" {glyphs.axis if label is not None else glyphs.stem}", "rule")
        lines.append(line.add(row, ink).to(width))
    return lines


def _title(scene: Scene, subject: str, title: str, room: int) -> list[Piece]:
    """What a chart shows of what: both, or whose it is, or what it is, as far as there is room."""
    if width_of(subject) + width_of(title) + 2 <= room:
        return [(subject, "text"), (f"{title}  ", "muted")]
    whose = subject.rstrip().removesuffix(scene.glyphs.dot).rstrip()
    if whose and width_of(whose) + 2 <= room:
        return [(f"{whose}  ", "text")]
    if not whose and room >= 6:
        return [(f"{cut(title, room - 2, scene.glyphs.ellipsis)}  ", "muted")]
    return []


def _now(scene: Scene, key: str, name: str) -> float | None:
    """The figure of the last reading, the same one as in the load panel."""
    entity, _, place = key.partition(".")
    part: object = None
    if entity == "sensor" and scene.reading is not None:
        sensors = scene.reading.sensors
        part = dict(zip(sensor_ids(sensors), sensors, strict=True)).get(place)
    elif scene.reading is not None:
        part = next((m for m in meters(scene.reading) if m.key == key), None)
    value = getattr(part, name, None)
    return value if isinstance(value, float | int) else None


def _empty(scene: Scene, width: int, height: int, name: str) -> list[Line]:
    """No sample at all: say so, draw no axis that would look like a zero."""
    text = {"voltage_v": "voltage", "current_a": "current", "power_w": "power"}.get(name, "value")
    lines = [Line(scene.inks, width).to(width) for _ in range(height)]
    if height:
        line = Line(scene.inks, width).add(lead("", _LABEL + 2))
        words = f"no {text} recorded"
        words = words if len(words) <= line.room else f"no {text}"
        lines[height // 2] = line.add(words, "muted").to(width)
    return lines


def _labels(scale: Scale, height: int, unit: str) -> dict[int, str]:
    """Row of the chart to label: the ends always, the round figures between where there is room."""
    values = [scale.high, scale.low]
    steps = round((scale.high - scale.low) / scale.step)
    if height >= 2 * steps + 1:
        values += [scale.low + scale.step * i for i in range(1, steps)]
    if height == 1:
        values = [scale.high]
    digits = 0 if scale.step >= 1 else 1 if scale.step >= 0.1 else 2
    out: dict[int, str] = {}
    for value in values:
        row = height - 1 - scale.place(value, height)
        out.setdefault(row, f"{value:.{digits}f}{unit}")
    return out
