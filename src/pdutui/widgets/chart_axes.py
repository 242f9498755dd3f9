"""The axes of the big chart: scales at its sides, time below it, the cursor across it."""

from __future__ import annotations

from collections.abc import Sequence

from pdutui.domain.history import DAY_MS
from pdutui.widgets import chart_time
from pdutui.widgets.chart_canvas import Canvas
from pdutui.widgets.chart_layout import Layout, Panel, column_in
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_rows import Pen, ink_of
from pdutui.widgets.text import cut, width_of


def draw_scales(canvas: Canvas, layout: Layout, panel: Panel, pen: Pen) -> None:
    """The scales at the left and at the right: the ends first, what has room between them."""
    right = layout.left + layout.cells + (layout.width - layout.left - layout.cells > 2)
    for side, axis in enumerate(panel.axes[:2]):
        x = layout.left - 1 if side == 0 else right + _letters_width(layout) - 1
        for y in range(panel.top, panel.top + panel.height):
            canvas.put(x, y, pen.glyphs.stem, "rule")
        if not any(trace.points.ts_ms for trace in axis.traces):
            continue
        unit = pen.clean(axis.unit)
        taken: list[int] = []
        values = axis.marks()
        for value in [values[-1], values[0], *values[1:-1]]:
            y = panel.row(axis, value)
            if any(abs(y - other) < 2 for other in taken):
                continue
            taken.append(y)
            text = axis.label(value)
            if value == values[-1] and unit:
                text = f"{text} {unit}"
            ink = ink_of(axis.traces[0], "letter") if len(panel.axes) > 1 else "muted"
            if side == 0:
                text = cut(text, layout.left - 2, pen.glyphs.ellipsis)
                canvas.write(x - 1 - width_of(text), y, text, ink)
                canvas.put(x, y, pen.glyphs.axis, "rule")
            else:
                text = cut(text, canvas.width - x - 2, pen.glyphs.ellipsis)
                canvas.write(x + 2, y, text, ink)
                canvas.put(x, y, pen.glyphs.axis_right, "rule")


def _letters_width(layout: Layout) -> int:
    return 2 if any(
        trace.muted for panel in layout.panels for axis in panel.axes for trace in axis.traces
    ) else 1  # fmt: skip


def draw_grid(
    canvas: Canvas, layout: Layout, panel: Panel, pen: Pen, marks: list[tuple[int, bool]]
) -> None:
    """Points where round times and round figures meet, lines at midnights."""
    axis = panel.axes[0]
    rows = {panel.row(axis, value) for value in axis.marks()}
    for x, midnight in marks:
        for y in range(panel.top, panel.top + panel.height):
            if midnight and layout.cells >= 40:
                canvas.put(x, y, pen.glyphs.day_line, "rule")
            elif y in rows:
                canvas.put(x, y, pen.glyphs.grid, "rule")


def rule(canvas: Canvas, layout: Layout, y: int, pen: Pen, marks: set[int], corner: str) -> None:
    """A line across the plot with its round times marked."""
    canvas.put(layout.left - 1, y, corner, "rule")
    for x in range(layout.left, layout.left + layout.cells):
        canvas.put(x, y, pen.glyphs.tick if x in marks else pen.glyphs.rule, "rule")


def draw_time(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """The time axis below the plot and its labels; dates below them where there is the row."""
    ticks = chart_time.ticks(model.from_ms, model.to_ms, model.zone, layout.cells)
    at = {tick.ms: column_in(model, layout, tick.ms) for tick in ticks}
    rule(
        canvas, layout, layout.axis_row, pen,
        {x for x in at.values() if x is not None}, pen.glyphs.corner,
    )  # fmt: skip
    y = layout.axis_row + 1
    end = layout.left + layout.cells + 1
    used = [_cursor_cells(model, layout)]
    for tick in sorted(ticks, key=lambda tick: not tick.midnight):
        column = at[tick.ms]
        text = tick.label
        if layout.dated and tick.midnight and len(ticks) > 1 and _hourly(ticks):
            text = "00:00"
        if column is None:
            continue
        x = min(max(column - len(text) // 2, 0), min(end, layout.width) - len(text))
        if x < 0 or any(x < b + 1 and a < x + len(text) + 1 for a, b in used):
            continue
        used.append((x, x + len(text)))
        canvas.write(x, y, text, "text" if tick.midnight and text != "00:00" else "muted")
    if layout.dated:
        _days(canvas, model, layout, ticks)


def _hourly(ticks: Sequence[chart_time.Tick]) -> bool:
    return any(not tick.midnight for tick in ticks)


def _days(
    canvas: Canvas, model: ChartModel, layout: Layout, ticks: Sequence[chart_time.Tick]
) -> None:
    y = layout.axis_row + 2
    names = [(layout.left, chart_time.day_name(model.from_ms, model.zone))]
    for tick in ticks:
        if tick.midnight and _hourly(ticks):
            column = column_in(model, layout, tick.ms)
            if column is not None:
                names.append((column, tick.day))
    if not _hourly(ticks) and ticks:
        # Days are on the axis already: here is the year.
        names = [(layout.left, str(chart_time.local(model.from_ms, model.zone).year))]
    for place, (x, text) in enumerate(names):
        room = (names[place + 1][0] if place + 1 < len(names) else layout.width) - x - 1
        if len(text) <= room:
            canvas.write(x, y, text, "text")


def draw_cursor(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """A line down the column of the cursor, its time on the axis."""
    if model.cursor_ms is None:
        return
    x = column_in(model, layout, model.cursor_ms)
    if x is None:
        return
    for y in range(layout.top, layout.axis_row + 1):
        if canvas.at(x, y) in (" ", pen.glyphs.grid, pen.glyphs.day_line, pen.glyphs.level):
            canvas.put(x, y, pen.glyphs.stem, "key")
    canvas.put(x, layout.axis_row, pen.glyphs.up, "key")
    if pen.inks.mode == "rgb":
        canvas.light(x)
    text = f" {_cursor_text(model, model.cursor_ms)} "
    canvas.write(_cursor_cells(model, layout)[0], layout.axis_row + 1, text, "badge-text")


def _cursor_text(model: ChartModel, ms: int) -> str:
    """Its time, with the date where the axis has dates."""
    text = chart_time.clock(ms, model.zone, model.step_ms)
    if model.to_ms - model.from_ms <= 2 * DAY_MS:
        return text
    return f"{chart_time.day_name(ms, model.zone)} {text}"


def _cursor_cells(model: ChartModel, layout: Layout) -> tuple[int, int]:
    """The cells that the cursor's time takes on the axis: first and end."""
    x = column_in(model, layout, model.cursor_ms) if model.cursor_ms is not None else None
    if x is None or model.cursor_ms is None:
        return -2, -2
    size = len(_cursor_text(model, model.cursor_ms)) + 2
    left = min(max(0, x - size // 2), layout.width - size)
    return left, left + size
