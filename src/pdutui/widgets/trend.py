"""Trends of voltage, current and power of the inlet or bank that is looked at, one chart each."""

from __future__ import annotations

from math import ceil

from textual.strip import Strip

from pdutui.widgets.bank_meter import meters
from pdutui.widgets.figures import amps, volts, watts
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.plot import Scale, buckets, chart, columns, extent, nice_scale
from pdutui.widgets.scene import Scene
from pdutui.widgets.text import cut, lead

WINDOWS = (120, 300, 900)
"""How far back a chart can be asked to go, in seconds."""
_FIELDS = (
    ("voltage_v", "Voltage", "V", 4.0, volts),
    ("current_a", "Current", "A", 0.2, amps),
    ("power_w", "Power", "W", 10.0, watts),
)
"""Field, title, unit, least span of the y axis, how a figure is written."""
_LABEL = 6
"""Cells of the y axis labels."""


class TrendPanel(Panel, can_focus=True):
    """Charts of the last minutes."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """Head and charts side by side, or below each other where it is narrow and high."""
        return trend_panel(scene, width, height, focused)


def trend_panel(scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
    """The lines of the trend panel."""
    rows = meters(scene.reading) if scene.reading else []
    subject = rows[min(scene.meter, len(rows) - 1)] if rows else None
    window: list[Piece] = [(f"last {scene.window_s // 60} min", "muted")]
    title = f"Trends {scene.glyphs.dot} {scene.clean(subject.name)}" if subject else "Trends"
    lines = [head(scene, width, title, window, focused=focused)]
    if subject is None:
        return lines
    room = height - 1
    fields = _FIELDS
    if width < 60 and room >= 12:
        each = room // 3
        for place, field in enumerate(fields):
            high = each + (room - 3 * each if place == 2 else 0)
            lines += _chart(scene, subject.key, field, width - 1, high)
        return lines
    if width < 60:
        fields = _FIELDS[2:] if subject.power_w is not None else _FIELDS[1:2]
    gap = 2
    each = (width - 1 - gap * (len(fields) - 1)) // len(fields)
    charts = [_chart(scene, subject.key, field, each, room) for field in fields]
    space = blank(scene.inks, gap)
    end = blank(scene.inks, width - each * len(fields) - gap * (len(fields) - 1))
    for row in zip(*charts, strict=True):
        joined = [part for strip in row for part in (strip, space)][:-1]
        lines.append(Strip.join([*joined, end]))
    return lines


def _chart(
    scene: Scene, key: str, field: tuple[str, str, str, float, object], width: int, height: int
) -> list[Strip]:
    """One chart: a title with the figure now, then the plot with its y axis."""
    name, title, unit, least, write = field
    assert callable(write)
    inks, glyphs = scene.inks, scene.glyphs
    cells = width - _LABEL - 2
    if cells < 4 or height < 1:
        return [blank(inks, width) for _ in range(height)]
    samples = scene.trend(f"{key}.{name}", scene.window_s)
    count = columns(cells, glyphs)
    per = max(1, ceil(scene.window_s / count))
    data = buckets(samples, per, count, int(scene.now.timestamp()))
    span = extent(data)
    now = next((s for s in reversed(samples) if s is not None), None)
    lines: list[Strip] = []
    if height >= 4:
        known = _now(scene, key, name)
        figure: list[Piece] = [
            (write(known, scene.na), scene.ink("strong" if known is not None else "muted")),
            (f" {unit}", scene.ink("muted")),
        ]
        line = Line(inks, width).add(lead("", _LABEL + 2)).add(title, "muted").add("  ")
        line.extend(figure)
        if span is not None and now is not None:
            reach: list[Piece] = [
                (f"{write(span[0])}{glyphs.dash}{write(span[1])}", scene.ink("muted"))
            ]
            if line.room > pieces_width(reach) + 2:
                line.right(reach)
        lines.append(line.strip())
    plot_height = height - len(lines)
    if span is None:
        return [*lines, *_empty(scene, width, plot_height, name)]
    scale = nice_scale(span[0], span[1], max(least, abs(span[1]) * 0.02))
    labels = _labels(scale, plot_height, write, unit if height < 4 else "")
    for y, row in enumerate(chart(data, scale, cells, plot_height, glyphs)):
        label = labels.get(y)
        line = Line(inks, width).add(lead(cut(label or "", _LABEL, ""), _LABEL), "muted")
        line.add(f" {glyphs.axis if label is not None else glyphs.stem}", "rule")
        lines.append(line.add(row, scene.ink("spark")).strip())
    return lines


def _now(scene: Scene, key: str, name: str) -> float | None:
    """The figure of the last reading, the same one as in the load panel."""
    rows = meters(scene.reading) if scene.reading else []
    meter = next((m for m in rows if m.key == key), None)
    value = getattr(meter, name, None)
    return value if isinstance(value, float | int) else None


def _empty(scene: Scene, width: int, height: int, name: str) -> list[Strip]:
    """No sample at all: say so, draw no axis that would look like a zero."""
    text = {"voltage_v": "voltage", "current_a": "current", "power_w": "power"}[name]
    lines = [blank(scene.inks, width) for _ in range(height)]
    if height:
        line = Line(scene.inks, width).add(lead("", _LABEL + 2)).add(f"no {text} recorded", "muted")
        lines[height // 2] = line.strip()
    return lines


def _labels(scale: Scale, height: int, write: object, unit: str) -> dict[int, str]:
    """Row of the chart to label: the ends always, the round figures between where there is room."""
    assert callable(write)
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
