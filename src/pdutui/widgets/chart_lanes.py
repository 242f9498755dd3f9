"""The lanes of the big chart: what happened, and when nothing was heard."""

from __future__ import annotations

from pdutui.domain.history import Mark
from pdutui.widgets import chart_time
from pdutui.widgets.chart_canvas import Canvas
from pdutui.widgets.chart_layout import Lane, Layout, column_in
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_rows import LEVEL_INK, Pen, mark_glyph
from pdutui.widgets.text import cut


def draw_lanes(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """What happened, and when nothing was heard, below the time it concerns."""
    for lane in layout.lanes:
        label = cut(lane.name, layout.left - 2, pen.glyphs.ellipsis)
        canvas.write(layout.left - 2 - len(label), lane.row, label, "muted")
        if lane.gaps:
            _gaps(canvas, model, layout, pen, lane)
        if lane.kinds:
            _marks(canvas, model, layout, pen, lane)


def _gaps(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen, lane: Lane) -> None:
    span = model.to_ms - model.from_ms
    lost = [0] * layout.cells
    for gap in model.gaps:
        begin, end = max(gap.from_ms, model.from_ms), min(gap.to_ms, model.to_ms)
        if begin >= end:
            continue
        first = (begin - model.from_ms) * layout.cells // span
        last = (end - 1 - model.from_ms) * layout.cells // span
        for cell in range(first, last + 1):
            left = model.from_ms + span * cell // layout.cells
            right = model.from_ms + span * (cell + 1) // layout.cells
            lost[cell] += max(1, min(end, right) - max(begin, left))
    for cell, ms in enumerate(lost):
        if ms:
            most = ms * 2 >= span // layout.cells
            canvas.put(
                layout.left + cell, lane.row, pen.glyphs.gap if most else pen.glyphs.gap_part,
                "stale",
            )  # fmt: skip
    for gap in model.gaps:
        begin, end = max(gap.from_ms, model.from_ms), min(gap.to_ms, model.to_ms)
        if begin >= end or lane.kinds:
            continue
        text = f" {chart_time.length(gap.to_ms - gap.from_ms)} "
        cells = (end - begin) * layout.cells // span
        if cells >= len(text) + 4:
            x = layout.left + (begin - model.from_ms) * layout.cells // span
            canvas.write(x + (cells - len(text)) // 2 + 1, lane.row, text, "stale")


def _marks(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen, lane: Lane) -> None:
    """The worst mark of each column, and how many there are where the next cell is free."""
    worst = {"info": 0, "warning": 1, "critical": 2}
    columns_of: dict[int, list[Mark]] = {}
    for mark in model.marks:
        column = column_in(model, layout, mark.ts_ms)
        if column is not None and mark.kind in lane.kinds:
            columns_of.setdefault(column, []).append(mark)
    for column, marks in columns_of.items():
        mark = max(marks, key=lambda one: (worst[one.level], one.ts_ms))
        ink = LEVEL_INK[mark.level]
        canvas.put(column, lane.row, mark_glyph(mark, pen.glyphs), ink)
        after = column + 1
        if len(marks) > 1 and after not in columns_of and after < layout.left + layout.cells:
            canvas.put(after, lane.row, str(len(marks)) if len(marks) < 10 else "+", ink)
