"""The panels of the big chart as cells: grid, bands, thresholds, curves, and what is not there."""

from __future__ import annotations

from pdutui.widgets import chart_time
from pdutui.widgets.chart_axes import draw_grid, draw_scales, rule
from pdutui.widgets.chart_canvas import Canvas
from pdutui.widgets.chart_curves import Curves, draw_band, draw_curve, draw_letters
from pdutui.widgets.chart_layout import Layout, Panel, column_in
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_rows import Pen
from pdutui.widgets.text import cut, width_of

_THRESHOLD_INK = {"warning": "limit-warning", "critical": "limit-critical", "rating": "muted"}


def draw_panels(
    canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen, made: Curves
) -> None:  # fmt: skip
    """Everything of the panels but the cursor."""
    times = chart_time.ticks(model.from_ms, model.to_ms, model.zone, layout.cells)
    marks = [
        (column, tick.midnight)
        for tick in times
        if (column := column_in(model, layout, tick.ms)) is not None
    ]
    for place, panel in enumerate(layout.panels):
        draw_scales(canvas, layout, panel, pen)
        draw_grid(canvas, layout, panel, pen, marks)
        if place:
            rule(canvas, layout, panel.top - 1, pen, {x for x, _ in marks}, pen.glyphs.edge)
    if model.band:
        for one in made.lines:
            if not one.trace.muted:
                draw_band(canvas, layout, pen, one)
    for panel in layout.panels:
        _levels(canvas, layout, panel, pen)
    # The first line lies on top, comparisons below all others.
    order = sorted(
        range(len(made.lines)),
        key=lambda i: (not made.lines[i].trace.muted, -made.lines[i].trace.line.slot),
    )
    for place in order:
        draw_curve(canvas, layout, pen, made.lines[place], made.rows[place])
    for panel in layout.panels:
        inside = [one for one in made.lines if one.panel is panel]
        draw_letters(canvas, layout, panel, pen, inside)
        _level_names(canvas, layout, panel, pen)
    _past(canvas, model, layout, pen)


def _levels(canvas: Canvas, layout: Layout, panel: Panel, pen: Pen) -> None:
    for axis in panel.axes:
        for level in axis.thresholds:
            y = panel.row(axis, level.value)
            for x in range(layout.left, layout.left + layout.cells):
                canvas.put(x, y, pen.glyphs.level, _THRESHOLD_INK[level.level])


def _level_names(canvas: Canvas, layout: Layout, panel: Panel, pen: Pen) -> None:
    """What each threshold is, where no curve runs; of those out of sight, where they are."""
    for axis in panel.axes:
        for level in axis.thresholds:
            y = panel.row(axis, level.value)
            text = f" {pen.clean(level.text)} {axis_value(level.value)} {pen.clean(axis.unit)} "
            size = width_of(text)
            for x in (layout.left + 1, layout.left + layout.cells - size - 1):
                if x < layout.left or size > layout.cells - 2:
                    continue
                if all(canvas.at(c, y) == pen.glyphs.level for c in range(x, x + size)):
                    canvas.write(x, y, text, _THRESHOLD_INK[level.level])
                    break
        for up in (True, False):
            out = [t for t in axis.beyond if (t.value > axis.scale.high) == up]
            if not out:
                continue
            near = min(out, key=lambda t: abs(t.value - axis.scale.high))
            arrow = pen.glyphs.up if up else pen.glyphs.down
            text = f"{arrow} {pen.clean(near.text)} {axis_value(near.value)} {pen.clean(axis.unit)}"
            y = panel.top if up else panel.top + panel.height - 1
            x = layout.left + 1
            if panel.height >= 4 and canvas.blank(x, y, width_of(text) + 1):
                canvas.write(x, y, text, _THRESHOLD_INK[near.level])


def axis_value(value: float) -> str:
    """A threshold without needless decimals."""
    return f"{value:g}"


def _past(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """Time before the first reading of all: said in words, since it is no gap."""
    oldest = model.oldest_ms
    if not layout.panels:
        return
    panel = layout.panels[0]
    y = panel.top + panel.height // 2
    if oldest is None or not any(line.points.ts_ms for line in model.lines):
        text = "no reading in this window" if oldest is not None else "no history yet"
        x = layout.left + max(0, (layout.cells - len(text)) // 2)
        _say(canvas, layout, x, y, text, layout.cells)
        return
    if oldest <= model.from_ms:
        return
    cells = (
        (min(oldest, model.to_ms) - model.from_ms) * layout.cells // (model.to_ms - model.from_ms)
    )
    text = "no history yet"
    if cells >= len(text) + 2:
        _say(canvas, layout, layout.left + (cells - len(text)) // 2, y, text, cells)


def _say(canvas: Canvas, layout: Layout, x: int, y: int, text: str, cells: int) -> None:
    canvas.write(x, y, cut(text, cells, "~"), "muted")
