"""Where everything of the big chart stands: rows, columns, and what time a column is.

From top to bottom: caption, legend, one panel a unit (or two units on one panel's two sides where
rows are scarce), series of words as bands, the time axis, the lane of marks and gaps, what the
marks say. What is least needed goes first where rows are few.
"""

from __future__ import annotations

from msgspec import Struct

from pdutui.domain.history import MarkKind
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_scale import Axis, Trace, axis, traces
from pdutui.widgets.text import width_of

LEAST_WIDTH, LEAST_HEIGHT = 24, 5
"""Below that there is no chart."""
_PLOT_ROWS = 4
"""Rows that panels keep before anything else gets more than its least."""
_STACKED_ROWS = 7
"""Rows a unit needs to have a panel of its own."""
KINDS: tuple[MarkKind, ...] = ("command", "transfer", "alarm", "health", "identity", "event")


class Rect(Struct, frozen=True):
    """Cells of the picture, counted from its top left corner."""

    left: int
    top: int
    width: int
    height: int


class Panel(Struct, frozen=True):
    """Rows of the plot that share one scale, or two: the first at the left, the second right."""

    top: int
    height: int
    axes: tuple[Axis, ...]

    def row(self, axis: Axis, value: float) -> int:
        """The row of the picture that a value of an axis stands in."""
        return self.top + self.height - 1 - min(
            self.height - 1, int(axis.part(value) * self.height)
        )  # fmt: skip


class Band(Struct, frozen=True):
    """Rows of a series of words."""

    top: int
    height: int
    trace: Trace


class Lane(Struct, frozen=True):
    """A row of marks of some kinds, or of gaps, or of both."""

    row: int
    name: str
    kinds: tuple[MarkKind, ...] = ()
    gaps: bool = False


class Layout(Struct, frozen=True):
    """The places of everything."""

    width: int
    height: int
    left: int
    """Cells left of the plot: labels and axis."""
    cells: int
    """Columns of the plot."""
    caption: bool
    legend: Rect
    headed: bool
    """Whether the first row of the legend names its columns."""
    panels: tuple[Panel, ...]
    bands: tuple[Band, ...]
    axis_row: int
    dated: bool
    """Whether dates stand in a row of their own below the times."""
    lanes: tuple[Lane, ...]
    notes: Rect
    """What the marks say."""

    @property
    def top(self) -> int:
        """The first row of the plot."""
        return self.legend.top + self.legend.height

    @property
    def plot(self) -> Rect:
        """The cells of panels and bands: what the mouse may point at."""
        return Rect(self.left, self.top, self.cells, self.axis_row - self.top)


def lay_out(model: ChartModel, width: int, height: int) -> Layout | None:
    """The layout for a size; None where there is no room for a chart at all."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or model.to_ms <= model.from_ms:
        return None
    lines = traces(model)
    curves = [t for t in lines if not t.words]
    worded = [t for t in lines if t.words]
    rest = height - 2 - min(len(worded), max(0, height - 2 - _PLOT_ROWS))
    least = _PLOT_ROWS if curves else max(0, 1 - len(worded))
    spare = max(0, rest - least)

    caption = spare >= 1
    spare -= caption
    plain = [t for t in lines if not t.muted]
    legend = min(spare, len(plain))
    spare -= legend
    happened = bool(model.marks or model.gaps)
    lane_rows = int(spare >= 2 and (happened or height >= 14))
    spare -= lane_rows
    if legend == len(plain) and legend and len(lines) > len(plain) and height >= 18:
        more = min(spare // 2, len(lines) - len(plain))
        legend += more
        spare -= more
    headed = bool(legend) and spare >= 5 and width >= 60
    spare -= headed
    notes = int(spare >= 6 and model.notes and bool(model.marks))
    spare -= notes
    dated = spare >= 14
    spare -= dated
    if lane_rows and spare >= 12 and model.marks and model.gaps:
        lane_rows, spare = 2, spare - 1
    kinds = tuple(kind for kind in KINDS if any(m.kind == kind for m in model.marks))
    if lane_rows == 2 and spare >= 24 and len(kinds) > 1:
        spare -= len(kinds) - 1
        lane_rows += len(kinds) - 1
    if notes and spare >= 24:
        more = min(6, len(model.marks)) - 1
        notes, spare = notes + more, spare - more

    top = int(caption) + legend + headed
    below = 2 + int(dated) + lane_rows + notes
    rows = height - top - below
    band_rows = 1 if curves else max(1, min(3, rows // max(1, len(worded))))
    shown = worded[: rows // band_rows]
    band_top = top + (rows - band_rows * len(shown) if curves else 0)
    panels, left, right = _panels(model, curves, worded, top, band_top - top, width)
    bands = tuple(Band(band_top + i * band_rows, band_rows, t) for i, t in enumerate(shown))
    axis_row = band_top + band_rows * len(shown) if not curves else top + rows
    below_axis = axis_row + 2 + int(dated)
    return Layout(
        width=width,
        height=height,
        left=left,
        cells=width - left - right,
        caption=caption,
        legend=Rect(0, int(caption), width, legend + headed),
        headed=headed,
        panels=panels,
        bands=bands,
        axis_row=axis_row,
        dated=dated,
        lanes=_lanes(below_axis, lane_rows, kinds),
        notes=Rect(0, below_axis + lane_rows, width, height - below_axis - lane_rows),
    )


def _panels(
    model: ChartModel,
    curves: list[Trace],
    worded: list[Trace],
    top: int,
    rows: int,
    width: int,
) -> tuple[tuple[Panel, ...], int, int]:
    """The panels, and how many cells stand left and right of them."""
    units: dict[tuple[str, str], list[Trace]] = {}
    for trace in curves:
        units.setdefault((trace.unit, trace.field if not trace.unit else ""), []).append(trace)
    groups = list(units.items())
    count = len(groups)
    if count and rows < _STACKED_ROWS * count:
        count = min(count, max(1, -(-count // 2), rows // (2 * _STACKED_ROWS)))
        count = min(count, max(1, rows // 3))
    made: list[Panel] = []
    begin = top
    for place in range(count):
        # Between two panels a row is left for the line that parts them.
        end = top + (rows + 1) * (place + 1) // count - 1
        part = groups[len(groups) * place // count : len(groups) * (place + 1) // count]
        axes = tuple(axis(model, unit, members, end - begin) for (unit, _), members in part)
        made.append(Panel(begin, end - begin, axes))
        begin = end + 1
    lefts = [_labels_width(panel.axes[0]) for panel in made]
    rights = [_labels_width(panel.axes[1]) for panel in made if len(panel.axes) > 1]
    letters = 2 if any(t.muted for t in curves) else 1
    briefs = [len(f"{t.letter} {t.brief}") - 1 for t in worded]
    left = max([8 if width >= 100 else 6, *lefts, *briefs]) + 2
    right = letters + (max(rights) + 2 if rights else 1)
    return tuple(made), min(left, width // 3), min(right, width // 3)


def _labels_width(one: Axis) -> int:
    widths = [width_of(one.label(value)) for value in one.marks()]
    unit = width_of(one.unit)
    return max([*widths, widths[-1] + (unit + 1 if unit else 0)])


def _lanes(row: int, count: int, kinds: tuple[MarkKind, ...]) -> tuple[Lane, ...]:
    if count == 0:
        return ()
    if count == 1:
        return (Lane(row, "events", KINDS, True),)
    if count == 2:
        return (Lane(row, "events", KINDS), Lane(row + 1, "gaps", (), True))
    lanes = [Lane(row + i, kind, (kind,)) for i, kind in enumerate(kinds)]
    return (*lanes, Lane(row + len(kinds), "gaps", (), True))


def plot_area(model: ChartModel, width: int, height: int) -> Rect | None:
    """The cells of the plot in a picture of that size; None where there is no room for one."""
    made = lay_out(model, width, height)
    return made.plot if made is not None else None


def time_at(model: ChartModel, column: int, width: int, height: int) -> int | None:
    """The moment that a column of the picture stands for; None outside the plot."""
    made = lay_out(model, width, height)
    return time_in(model, made, column) if made is not None else None


def column_at(model: ChartModel, ms: int, width: int, height: int) -> int | None:
    """The column of the picture that a moment stands in; None outside the window."""
    made = lay_out(model, width, height)
    return column_in(model, made, ms) if made is not None else None


def time_in(model: ChartModel, layout: Layout, column: int) -> int | None:
    """As `time_at`, with a layout that is there.

    It is the begin of the first step that begins in the column, or where the column itself begins
    where steps are longer. `column_in` of it is the same column.
    """
    place = column - layout.left
    if not 0 <= place < layout.cells:
        return None
    span = model.to_ms - model.from_ms
    # Rounded up: the first whole millisecond that lies in this column.
    begin = model.from_ms + -(-span * place // layout.cells)
    end = model.from_ms + -(-span * (place + 1) // layout.cells)
    step = -(-begin // model.step_ms) * model.step_ms
    return step if step < end else begin


def column_in(model: ChartModel, layout: Layout, ms: int) -> int | None:
    """As `column_at`, with a layout that is there."""
    if not model.from_ms <= ms < model.to_ms:
        return None
    return layout.left + (ms - model.from_ms) * layout.cells // (model.to_ms - model.from_ms)
