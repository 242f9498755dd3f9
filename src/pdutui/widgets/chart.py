"""The big history chart as lines of the screen: a pure function of model, size, inks and glyphs."""

from __future__ import annotations

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.chart_axes import draw_cursor, draw_time
from pdutui.widgets.chart_body import draw_panels
from pdutui.widgets.chart_canvas import Canvas
from pdutui.widgets.chart_curves import Curves, curves_of
from pdutui.widgets.chart_lanes import draw_lanes
from pdutui.widgets.chart_layout import (
    Layout,
    Rect,
    column_at,
    column_in,
    lay_out,
    plot_area,
    time_at,
    time_in,
)
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_rows import Pen, caption, legend, notes
from pdutui.widgets.chart_words import draw_bands
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import blank

__all__ = [
    "Picture", "column_at", "column_in", "draw", "lay_out", "picture", "plot_area", "time_at",
    "time_in",
]  # fmt: skip


class Picture(Struct, frozen=True):
    """A finished drawing, and what it is of."""

    model: ChartModel
    width: int
    height: int
    strips: list[Strip]
    layout: Layout | None
    """None where there was no room for a chart."""
    curves: Curves | None = None

    @property
    def plot(self) -> Rect | None:
        """The cells of the plot."""
        return self.layout.plot if self.layout is not None else None

    def time_at(self, column: int) -> int | None:
        """The moment a column stands for; None outside the plot."""
        return time_in(self.model, self.layout, column) if self.layout is not None else None

    def column_at(self, ms: int) -> int | None:
        """The column a moment stands in; None outside the window."""
        return column_in(self.model, self.layout, ms) if self.layout is not None else None


def draw(
    model: ChartModel, width: int, height: int, inks: Inks, glyphs: GlyphSet
) -> list[Strip]:  # fmt: skip
    """The chart in `height` lines, each exactly `width` cells; blank where there is no room.

    Not quick the first time, since plotext is imported then, and some tens of milliseconds after
    that: to be called in a thread.
    """
    return picture(model, width, height, inks, glyphs).strips


def picture(
    model: ChartModel,
    width: int,
    height: int,
    inks: Inks,
    glyphs: GlyphSet,
    before: Picture | None = None,
) -> Picture:
    """As `draw`, with the places of everything.

    Args:
        model: What to show.
        width: In cells.
        height: In lines.
        inks: The styles.
        glyphs: The glyphs.
        before: The picture before this one, of the same glyphs; where it differs in the cursor
            alone, its curves are used again.
    """
    layout = lay_out(model, width, height)
    if layout is None:
        return Picture(model, width, height, [blank(inks, width)] * height, None)
    pen = Pen(inks, glyphs)
    if before is not None and before.curves is not None and _same_curves(before, model, layout):
        curves = before.curves
        layout = before.layout or layout  # the very panels that the curves name
    else:
        curves = curves_of(model, layout, pen)
    canvas = Canvas(width, layout.notes.top)
    draw_panels(canvas, model, layout, pen, curves)
    draw_bands(canvas, model, layout, pen)
    draw_time(canvas, model, layout, pen)
    draw_lanes(canvas, model, layout, pen)
    draw_cursor(canvas, model, layout, pen)
    strips = [caption(model, width, pen)] if layout.caption else []
    strips += legend(model, layout, pen)
    strips = strips[: layout.top] + [blank(inks, width)] * (layout.top - len(strips))
    strips += canvas.strips(inks)[layout.top :]
    strips += notes(model, layout, pen)
    return Picture(model, width, height, strips[:height], layout, curves)


def _same_curves(before: Picture, model: ChartModel, layout: Layout) -> bool:
    """Whether nothing that a curve is made of has changed."""
    old = before.model
    return (old.from_ms, old.to_ms, old.step_ms) == (
        model.from_ms,
        model.to_ms,
        model.step_ms,
    ) and before.layout == layout
