"""The rows of words of the big chart: caption, legend, and what the marks say."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.history import DAY_MS, Mark
from pdutui.widgets import chart_time
from pdutui.widgets.chart_layout import KINDS, Layout, column_in
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_scale import Stats, Trace, figure, stats, traces
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.text import clean, cut, lead, width_of

LEVEL_INK = {"info": "text", "warning": "warning", "critical": "critical"}
_LATE_MS = 30_000
"""A live chart whose newest reading is older says so."""
_NAME = 16
"""Cells that the names in the legend keep before it gets another column."""


class Pen(Struct, frozen=True):
    """What rows are written with."""

    inks: Inks
    glyphs: GlyphSet

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text.replace("°", self.glyphs.degree), self.glyphs.ascii_only)

    def dashed(self, text: str) -> str:
        """A span of time with the dash of this set."""
        return text.replace(" - ", f" {self.glyphs.dash} ")


def ink_of(trace: Trace, kind: str = "line") -> str:
    """The ink of a line; of a comparison always the faint one."""
    kind = "faint" if trace.muted and kind == "line" else kind
    return f"{kind}{trace.line.slot % 4 + 1}"


def mark_glyph(mark: Mark, glyphs: GlyphSet) -> str:
    """The glyph of a kind of mark."""
    return glyphs.marks[KINDS.index(mark.kind)]


def caption(model: ChartModel, width: int, pen: Pen) -> Strip:
    """What span is shown in what steps; at the right the cursor's moment, or that it is live."""
    line = Line(pen.inks, width)
    right: list[Piece] = []
    newest = model.newest_ms
    if model.cursor_ms is not None:
        text = chart_time.moment(model.cursor_ms, model.zone, model.step_ms)
        right = [(f"{pen.glyphs.cursor} ", "key"), (text, "strong")]
    elif (
        model.live and newest is not None and (model.stale or model.present_ms - newest > _LATE_MS)
    ):
        since = chart_time.clock(newest, model.zone, 1000)
        if model.present_ms - newest > DAY_MS // 2:
            since = f"{chart_time.day_name(newest, model.zone)} {since}"
        right = [(f"{pen.glyphs.alert} no reading since {since}", "warning")]
    elif model.live and not model.stale:
        right = [(f"{pen.glyphs.live} ", "on"), ("live", "text")]
    room = width - pieces_width(right) - 2
    steps = f" {pen.glyphs.dot} {chart_time.length(model.step_ms)} steps"
    long = chart_time.window(model.from_ms, model.to_ms, model.zone)
    short = chart_time.window(model.from_ms, model.to_ms, model.zone, short=True)
    if width_of(long) + width_of(steps) <= room:
        line.add(pen.dashed(long)).add(steps, "muted")
    elif width_of(long) <= room:
        line.add(pen.dashed(long))
    elif width_of(short) <= room:
        line.add(pen.dashed(short))
    elif not right:
        line.add(cut(pen.dashed(short), width, pen.glyphs.ellipsis))
    if pieces_width(right) > width:
        text = "".join(text for text, _ in right)
        return line.add(cut(text, width, pen.glyphs.ellipsis), right[-1][1]).strip()
    return line.right(right).strip()


class _Row(Struct):
    trace: Trace
    name: str
    value: str
    ink: str
    here: str = ""
    low: str = ""
    mean: str = ""
    high: str = ""


def legend(model: ChartModel, layout: Layout, pen: Pen) -> list[Strip]:
    """A row a line: letter, name, value, and over the window lowest, mean and highest."""
    rows, height = traces(model), layout.legend.height - layout.headed
    if len(rows) > height:
        rows = [trace for trace in rows if not trace.muted]
    made = [_row(model, layout, trace, pen) for trace in rows]
    if len(made) > height:
        return _packed(made, layout, height, pen)
    return _table(model, made, layout, pen)


def _row(model: ChartModel, layout: Layout, trace: Trace, pen: Pen) -> _Row:
    found = stats(trace, model.from_ms, model.to_ms)
    name = pen.clean(trace.line.info.name)
    if trace.field:
        name = f"{name} {trace.field}"
    if trace.muted:
        name += f", {chart_time.before(trace.line.shift_ms)}"
    row = _Row(trace, name, pen.glyphs.dash, "muted")
    if found is not None and not trace.words:
        row.low, row.mean, row.high = (
            figure(v, trace.unit) for v in (found.low, found.mean, found.high)
        )
    if model.cursor_ms is not None:
        _at_cursor(model, layout, row, pen, model.cursor_ms)
    elif found is not None:
        row.value, row.ink = _value(trace, found.last, pen), _age_ink(model, trace, found)
    return row


def _age_ink(model: ChartModel, trace: Trace, found: Stats) -> str:
    """A last value that is not of now is not written as if it were."""
    fresh = not model.stale and model.present_ms - found.last_ms <= max(trace.reach_ms, _LATE_MS)
    return "muted" if trace.muted else "strong" if fresh else "stale"


def _value(trace: Trace, value: float, pen: Pen) -> str:
    if trace.words:
        return pen.clean(trace.word(value))
    return f"{figure(value, trace.unit)} {pen.clean(trace.unit)}".rstrip()


def _at_cursor(model: ChartModel, layout: Layout, row: _Row, pen: Pen, cursor: int) -> None:
    trace, points = row.trace, row.trace.points
    place = trace.at(cursor)
    if place is None:
        return
    value = points.last[place] if trace.words else points.mean[place]
    row.value, row.ink = _value(trace, value, pen), "muted" if trace.muted else "strong"
    column = column_in(model, layout, cursor)
    if column is None:
        return
    # All steps of the column: what the band shows there is what is said.
    span, shift = model.to_ms - model.from_ms, trace.line.shift_ms
    begin = model.from_ms + -(-span * (column - layout.left) // layout.cells) - shift
    end = model.from_ms + -(-span * (column - layout.left + 1) // layout.cells) - shift
    first = min(place, bisect_left(points.ts_ms, begin))
    last = max(place + 1, bisect_left(points.ts_ms, end))
    low, high = min(points.minimum[first:last]), max(points.maximum[first:last])
    if trace.words:
        words = sorted({low, high, value})
        row.here = pen.clean("/".join(trace.word(code) for code in words)) * (low != high)
    elif low != high:
        row.here = f"{figure(low, trace.unit)}{pen.glyphs.dash}{figure(high, trace.unit)}"


def _table(model: ChartModel, rows: list[_Row], layout: Layout, pen: Pen) -> list[Strip]:
    cursor = model.cursor_ms is not None
    if cursor:
        assert model.cursor_ms is not None
        title = "at " + chart_time.clock(model.cursor_ms, model.zone, model.step_ms)
    else:
        title = "now" if model.live and not model.stale else "last"
    columns: list[tuple[str, list[str], int]] = [(title, [row.value for row in rows], 9)]
    if cursor:
        columns.append((f"low{pen.glyphs.dash}high", [row.here for row in rows], 9))
    columns += [
        ("min", [row.low for row in rows], 7),
        ("mean", [row.mean for row in rows], 7),
        ("max", [row.high for row in rows], 7),
    ]
    widths = [
        max(least, width_of(name), *map(width_of, texts)) if rows else 0
        for name, texts, least in columns
    ]
    # What goes first where it is narrow; the value itself never.
    order = [0, 1, 4, 2, 3] if cursor else [0, 3, 1, 2]
    room = layout.width - 4 - _NAME
    shown: set[int] = set()
    for place in order:
        # Figures without a heading say nothing.
        if place and not (layout.headed and any(columns[place][1])):
            continue
        if place and widths[place] + 2 > room:
            break
        shown.add(place)
        room -= widths[place] + 2
    names = layout.width - 4 - sum(widths[i] + 2 for i in shown)
    names = min(names, max([_NAME, *(width_of(row.name) + 1 for row in rows)]))
    lines = []
    if layout.headed:
        line = Line(pen.inks, layout.width).to(4 + names)
        for place, (name, _, _) in enumerate(columns):
            if place in shown:
                line.add("  " + lead(name, widths[place]), "muted")
        lines.append(line.strip())
    for index, row in enumerate(rows):
        line = Line(pen.inks, layout.width).add(" ").add(
            f"{row.trace.letter:<2} ", ink_of(row.trace, "letter")
        )  # fmt: skip
        line.add(cut(row.name, names, pen.glyphs.ellipsis), "muted" if row.trace.muted else "text")
        line.to(4 + names)
        for place, (_, texts, _) in enumerate(columns):
            if place in shown:
                ink = row.ink if place == 0 else "muted" if row.trace.muted else "text"
                line.add("  " + lead(texts[index], widths[place]), ink)
        lines.append(line.strip())
    return lines


def _packed(rows: list[_Row], layout: Layout, height: int, pen: Pen) -> list[Strip]:
    """Letters and values on fewer rows than there are lines."""
    lines: list[Strip] = []
    per = -(-len(rows) // max(1, height))
    each = layout.width // per
    for begin in range(0, len(rows), per):
        if len(lines) == height:
            break
        line = Line(pen.inks, layout.width)
        for place, row in enumerate(rows[begin : begin + per]):
            line.to(each * place)
            room = each - 5 - width_of(row.value)
            line.add(f" {row.trace.letter} ", ink_of(row.trace, "letter"))
            if room >= 3:
                line.add(cut(row.name, room, pen.glyphs.ellipsis) + " ", "muted")
            line.add(row.value, row.ink)
        lines.append(line.strip())
    return lines


def notes(model: ChartModel, layout: Layout, pen: Pen) -> list[Strip]:
    """The marks nearest to the cursor, or the newest ones: when, and what happened."""
    height = layout.notes.height
    marks = [mark for mark in model.marks if model.from_ms <= mark.ts_ms < model.to_ms]
    column = None
    if model.cursor_ms is not None:
        cursor = model.cursor_ms
        column = column_in(model, layout, cursor)
        worst = {"critical": 0, "warning": 1, "info": 2}

        def rank(mark: Mark) -> tuple[bool, int, int]:
            inside = column is not None and column_in(model, layout, mark.ts_ms) == column
            return not inside, worst[mark.level] if inside else 0, abs(mark.ts_ms - cursor)

        marks = sorted(marks, key=rank)[:height]
    chosen = sorted(marks, key=lambda mark: -mark.ts_ms)[:height]
    days = model.to_ms - model.from_ms > DAY_MS // 2
    lines = []
    for mark in chosen:
        here = column is not None and column_in(model, layout, mark.ts_ms) == column
        when = chart_time.clock(mark.ts_ms, model.zone, 1000)
        if days:
            when = f"{chart_time.day_name(mark.ts_ms, model.zone)} {when}"
        line = Line(pen.inks, layout.width)
        line.add(f" {mark_glyph(mark, pen.glyphs)} ", LEVEL_INK[mark.level])
        line.add(f"{when}  ", "strong" if here else "muted")
        text = cut(pen.clean(mark.text), max(0, line.room), pen.glyphs.ellipsis)
        lines.append(line.add(text, "text" if here or column is None else "muted").strip())
    return lines + [blank(pen.inks, layout.width)] * (height - len(lines))
