"""The curves of the big chart and what belongs to each: band, letter. plotext draws the lines."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from pdutui.widgets.chart_canvas import BRAILLE, Canvas
from pdutui.widgets.chart_layout import Layout, Panel
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_plot import Curve, Run, plot
from pdutui.widgets.chart_rows import Pen, ink_of
from pdutui.widgets.chart_scale import Axis, Column, Trace, columns, edges, runs

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_THIN = 4
"""Rows of dots: a band that is thinner would be crumbs beside the line."""


class Drawn(Struct, frozen=True):
    """A line by columns of the picture: what its curve and its band are made of."""

    trace: Trace
    axis: Axis
    panel: Panel
    data: list[Column | None]
    """`fine` columns a cell."""


class Curves(Struct, frozen=True):
    """All curves of a chart, drawn: what does not change when only the cursor moves."""

    lines: list[Drawn]
    rows: list[list[str]]
    """By line of `lines`: the rows of its panel."""


def fineness(pen: Pen) -> int:
    """Columns of data in a cell."""
    return 2 if pen.glyphs.plot == "braille" else 1


def curves_of(model: ChartModel, layout: Layout, pen: Pen) -> Curves:
    """Let plotext draw every curve, each on a layer of its own where several share a panel."""
    fine = fineness(pen)
    borders = edges(model, layout.cells * fine)
    found = [
        Drawn(trace, axis, panel, columns(trace, borders))
        for panel in layout.panels
        for axis in panel.axes
        for trace in axis.traces
    ]
    height = sum(panel.height for panel in layout.panels)
    layers: list[list[Curve]] = []
    places: list[tuple[int, int]] = []
    top = 0
    for panel in layout.panels:
        inside = [one for one in found if one.panel is panel]
        for depth, one in enumerate(inside):
            if depth == len(layers):
                layers.append([])
            marker = "braille" if fine == 2 else _marker(one, len(inside), pen)
            layers[depth].append(Curve(_runs(one, top, fine, model), marker))
            places.append((depth, top))
        top += panel.height
    drawn = plot(layers, layout.cells, height)
    rows = [
        drawn[depth][top : top + one.panel.height]
        for one, (depth, top) in zip(found, places, strict=True)
    ]
    return Curves(found, rows)


def _marker(one: Drawn, many: int, pen: Pen) -> str:
    """The mark of a curve where there are no dots: its letter where there are several."""
    if one.trace.muted:
        return pen.glyphs.dot
    return one.trace.letter if many > 1 else pen.glyphs.point


def _runs(one: Drawn, top: int, fine: int, model: ChartModel) -> list[Run]:
    height = one.panel.height
    rows = height * (4 if fine == 2 else 1)
    out: list[Run] = []
    for run in runs(one.data, one.trace.points.hold_ms):
        made: Run = []
        for place in run:
            column = one.data[place]
            assert column is not None
            up = min(rows - 1, int(one.axis.part(column.mean) * rows))
            made.append(((place + 0.5) / fine, top + height - (up + 0.5) * height / rows))
        if len(made) == 1:
            # A point on its own is as long as its step, so that it is seen.
            x, y = made[0]
            width = len(one.data) / fine
            half = one.trace.step_ms / (model.to_ms - model.from_ms) * width / 2
            if half > 1 / fine:
                made = [(max(0.01, x - half), y), (min(width - 0.01, x + half), y)]
        out.append(made)
    return out


def draw_curve(canvas: Canvas, layout: Layout, pen: Pen, one: Drawn, rows: list[str]) -> None:
    """Lay a curve over what is there; dots join those of a band."""
    ink = ink_of(one.trace)
    for y, row in enumerate(rows, one.panel.top):
        for x, char in enumerate(row, layout.left):
            if char == " ":
                continue
            if pen.glyphs.plot == "braille":
                canvas.dots(x, y, char, ink)
            else:
                canvas.put(x, y, char, ink)


def draw_band(canvas: Canvas, layout: Layout, pen: Pen, one: Drawn) -> None:
    """What lies between minimum and maximum, column by column."""
    fine, panel, ink = fineness(pen), one.panel, ink_of(one.trace, "faint")
    if fine == 1:
        for x, column in enumerate(one.data, layout.left):
            if column is None:
                continue
            if panel.row(one.axis, column.low) - panel.row(one.axis, column.high) >= 2:
                for y in range(
                    panel.row(one.axis, column.high), panel.row(one.axis, column.low) + 1
                ):
                    canvas.put(x, y, pen.glyphs.band, ink)
        return
    rows = panel.height * 4
    reach = [_reach(one.axis, column, rows) for column in one.data]
    cells = [[0] * layout.cells for _ in range(panel.height)]
    for place, (low, high) in enumerate(reach):
        before = reach[place - 1] if place else (0, -1)
        after = reach[place + 1] if place + 1 < len(reach) else (0, -1)
        for up in range(low, high + 1):
            # What stands out on its own, as a spike does, is drawn in full.
            alone = not (before[0] <= up <= before[1] or after[0] <= up <= after[1])
            if alone or (up + place) % 2:
                down = rows - 1 - up
                cells[down // 4][place // 2] |= _DOTS[place % 2][down % 4]
    for y, row in enumerate(cells, panel.top):
        for x, bits in enumerate(row, layout.left):
            if bits:
                canvas.dots(x, y, chr(BRAILLE + bits), ink)


def _reach(axis: Axis, column: Column | None, rows: int) -> tuple[int, int]:
    """The rows of dots from minimum to maximum, counted from below; none where they are few."""
    if column is None:
        return 0, -1
    low = min(rows - 1, int(axis.part(column.low) * rows))
    high = min(rows - 1, int(axis.part(column.high) * rows))
    return (low, high) if high - low >= _THIN else (0, -1)


def draw_letters(
    canvas: Canvas, layout: Layout, panel: Panel, pen: Pen, lines: Sequence[Drawn]
) -> None:
    """The letter of each line behind its last point, and along it where colours are few."""
    fine = fineness(pen)
    ends: list[tuple[float, int, Drawn]] = []
    for one in lines:
        last = max((i for i, c in enumerate(one.data) if c is not None), default=None)
        column = one.data[last] if last is not None else None
        if last is not None and column is not None:
            ends.append(((1 - one.axis.part(column.mean)) * panel.height, last // fine, one))
    taken: set[int] = set()
    for down, cell, one in sorted(ends, key=lambda end: (end[2].trace.muted, end[0])):
        y = panel.top + min(panel.height - 1, int(down))
        inside = cell < layout.cells - 3
        x = layout.left + (cell + 1 if inside else layout.cells)
        if not inside:
            free = [r for r in range(panel.top, panel.top + panel.height) if r not in taken]
            if not free:
                continue
            y = min(free, key=lambda r: abs(r + 0.5 - panel.top - down))
            taken.add(y)
        canvas.write(x, y, one.trace.letter, ink_of(one.trace, "letter"))
    if len(lines) < 2 or pen.inks.mode == "rgb" or fine == 1:
        return
    pace = max(12, layout.cells // 4)
    for order, one in enumerate(lines):
        for cell in range(pace * (order + 1) // (len(lines) + 1), layout.cells - 3, pace):
            column = one.data[cell * fine]
            if column is not None:
                y = panel.row(one.axis, column.mean)
                canvas.write(layout.left + cell, y, one.trace.letter, ink_of(one.trace, "letter"))
