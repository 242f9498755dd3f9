"""The body of the big chart as cells: curves, bands, thresholds, axes, words, lanes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from pdutui.domain.history import DAY_MS, Mark
from pdutui.widgets import chart_time
from pdutui.widgets.chart_canvas import BRAILLE, Canvas
from pdutui.widgets.chart_layout import Band, Lane, Layout, Panel, column_in
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_plot import Curve, Run, plot
from pdutui.widgets.chart_rows import LEVEL_INK, Pen, ink_of, mark_glyph
from pdutui.widgets.chart_scale import Axis, Column, Trace, columns, edges, runs
from pdutui.widgets.text import cut, width_of

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_THIN = 4
"""Rows of dots: a band that is thinner would be crumbs beside the line."""
_THRESHOLD_INK = {"warning": "limit-warning", "critical": "limit-critical", "rating": "muted"}
_ALARMING = frozenset({"critical", "tripped", "lost", "alarm", "fault"})
_NOTABLE = frozenset(
    {"warning", "low", "open", "under_voltage", "over_voltage", "under_frequency", "over_frequency"}
)
_IDLE = frozenset({"off", "none", "closed"})


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


def curves(model: ChartModel, layout: Layout, pen: Pen) -> Curves:
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
        _axes(canvas, layout, panel, pen)
        _grid(canvas, layout, panel, pen, marks)
        if place:
            _rule(canvas, layout, panel.top - 1, pen, {x for x, _ in marks}, pen.glyphs.edge)
    if model.band:
        for one in made.lines:
            if not one.trace.muted:
                _band(canvas, layout, pen, one)
    for panel in layout.panels:
        _levels(canvas, layout, panel, pen)
    # The first line lies on top, comparisons below all others.
    order = sorted(
        range(len(made.lines)),
        key=lambda i: (not made.lines[i].trace.muted, -made.lines[i].trace.line.slot),
    )
    for place in order:
        one = made.lines[place]
        ink = ink_of(one.trace)
        for y, row in enumerate(made.rows[place], one.panel.top):
            for x, char in enumerate(row, layout.left):
                if char == " ":
                    continue
                if pen.glyphs.plot == "braille":
                    canvas.dots(x, y, char, ink)
                else:
                    canvas.put(x, y, char, ink)
    for panel in layout.panels:
        inside = [one for one in made.lines if one.panel is panel]
        _letters(canvas, layout, panel, pen, inside)
        _level_names(canvas, layout, panel, pen)
    _past(canvas, model, layout, pen)


def _axes(canvas: Canvas, layout: Layout, panel: Panel, pen: Pen) -> None:
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


def _grid(
    canvas: Canvas, layout: Layout, panel: Panel, pen: Pen, marks: list[tuple[int, bool]]
) -> None:
    axis = panel.axes[0]
    rows = {panel.row(axis, value) for value in axis.marks()}
    for x, midnight in marks:
        for y in range(panel.top, panel.top + panel.height):
            if midnight and layout.cells >= 40:
                canvas.put(x, y, pen.glyphs.day_line, "rule")
            elif y in rows:
                canvas.put(x, y, pen.glyphs.grid, "rule")


def _rule(canvas: Canvas, layout: Layout, y: int, pen: Pen, marks: set[int], corner: str) -> None:
    canvas.put(layout.left - 1, y, corner, "rule")
    for x in range(layout.left, layout.left + layout.cells):
        canvas.put(x, y, pen.glyphs.tick if x in marks else pen.glyphs.rule, "rule")


def _band(canvas: Canvas, layout: Layout, pen: Pen, one: Drawn) -> None:
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


def _letters(
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
            y = min(free, key=lambda r: abs(r + 0.5 - panel.top - down), default=y)
            taken.add(y)
        canvas.write(x, y, one.trace.letter, ink_of(one.trace, "letter"))
    if len(lines) < 2 or pen.inks.mode == "rgb":
        return
    pace = max(12, layout.cells // 4)
    for order, one in enumerate(lines):
        for cell in range(pace * (order + 1) // (len(lines) + 1), layout.cells - 3, pace):
            column = one.data[cell * fine]
            if column is not None:
                y = panel.row(one.axis, column.mean)
                canvas.write(layout.left + cell, y, one.trace.letter, ink_of(one.trace, "letter"))


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


def draw_bands(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """Series of words: a line as long as each word lasted, the word where it begins."""
    for band in layout.bands:
        _band_of_words(canvas, model, layout, pen, band)


def word_ink(word: str) -> tuple[str, str]:
    """The ink of a word, and whether its line is `full`, `thin` or `idle`."""
    if word in _ALARMING:
        return "critical", "full"
    if word in _NOTABLE:
        return "warning", "full"
    if word in _IDLE:
        return "off", "thin"
    if word in ("A", "B", "on", "full"):
        return "source" if word in "AB" else "fine", "full"
    return "fine", "thin"


def _band_of_words(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen, band: Band) -> None:
    trace, y = band.trace, band.top + band.height // 2
    data = columns(trace, edges(model, layout.cells))
    label = cut(f"{trace.letter} {trace.brief}", layout.left - 1, pen.glyphs.ellipsis)
    canvas.write(layout.left - 1 - width_of(label), y, label, ink_of(trace, "letter"))
    canvas.put(layout.left - 1, y, pen.glyphs.stem, "rule")
    begin = 0
    joined = runs(data, max(trace.points.hold_ms, trace.step_ms * 2))
    for run in joined:
        codes: list[tuple[int, float | None]] = []
        for place, after in zip(run, [*run[1:], run[-1] + 1], strict=True):
            column = data[place]
            assert column is not None
            code = column.low if column.low == column.high else None
            # Between two points of one run the state held on.
            codes += [(place, code)]
            hold = column.high if code is None else code
            codes += [(x, hold) for x in range(place + 1, after)]
        begin = 0
        while begin < len(codes):
            end = begin
            while end < len(codes) and codes[end][1] == codes[begin][1]:
                end += 1
            code = codes[begin][1]
            x = layout.left + codes[begin][0]
            if code is None:
                # A change within the column; of one that went and came back nothing else tells.
                back = begin > 0 and end < len(codes) and codes[begin - 1][1] == codes[end][1]
                glyph, ink = (pen.glyphs.path_side, "warning") if back else (
                    pen.glyphs.stem, "strong",
                )  # fmt: skip
                for cell in range(x, x + end - begin):
                    canvas.put(cell, y, glyph, ink)
            else:
                changed = begin > 0 and codes[begin - 1][1] is not None
                _word(canvas, pen, trace, code, x, y, end - begin, changed)
            begin = end


def _word(
    canvas: Canvas,
    pen: Pen,
    trace: Trace,
    code: float,
    x: int,
    y: int,
    width: int,
    changed: bool,
) -> None:
    """One word for as long as it lasted: a cut in front of it where another word ended."""
    raw = trace.word(code)
    ink, weight = word_ink(raw)
    text = pen.clean(raw)
    fill = pen.glyphs.bar_full if weight == "full" else pen.glyphs.rule
    if pen.glyphs.name == "console" and weight == "full":
        fill = "="
    ink = "muted" if trace.muted else ink
    for cell in range(x, x + width):
        canvas.put(cell, y, fill, ink if weight == "full" else "muted")
    at = x
    if changed:
        canvas.put(x, y, pen.glyphs.stem, "strong")
        at, width = x + 1, width - 1
    if width >= width_of(text) + 2:
        canvas.write(at, y, f" {text} " if not changed else f"{text} ", ink)
    elif width >= 1 and text and text[0].isascii():
        canvas.write(at, y, text[0], ink)


def draw_time(canvas: Canvas, model: ChartModel, layout: Layout, pen: Pen) -> None:
    """The time axis below the plot and its labels; dates below them where there is the row."""
    ticks = chart_time.ticks(model.from_ms, model.to_ms, model.zone, layout.cells)
    at = {tick.ms: column_in(model, layout, tick.ms) for tick in ticks}
    _rule(
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
