"""Series of words in the big chart: a line as long as each word lasted."""

from __future__ import annotations

from pdutui.widgets.chart_canvas import Canvas
from pdutui.widgets.chart_layout import Band, Layout
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_rows import Pen, ink_of
from pdutui.widgets.chart_scale import Trace, columns, edges, runs
from pdutui.widgets.text import cut, width_of

_ALARMING = frozenset({"critical", "tripped", "lost", "alarm", "fault"})
_NOTABLE = frozenset(
    {"warning", "low", "open", "under_voltage", "over_voltage", "under_frequency", "over_frequency"}
)
_IDLE = frozenset({"off", "none", "closed"})


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


def spells(trace: Trace, from_ms: int, to_ms: int) -> list[tuple[int, int, float | None]]:
    """From when until when each word lasted, and its code; None for a step it changed in."""
    points, shift = trace.points, trace.line.shift_ms
    out: list[tuple[int, int, float | None]] = []
    for place, ts in enumerate(points.ts_ms):
        begin = ts + shift
        after = points.ts_ms[place + 1] + shift if place + 1 < len(points.ts_ms) else None
        end = begin + trace.reach_ms
        if after is not None and after - begin <= max(points.hold_ms, trace.reach_ms):
            end = after
        if end <= from_ms or begin >= to_ms:
            continue
        begin, end = max(begin, from_ms), min(end, to_ms)
        code = points.last[place] if points.minimum[place] == points.maximum[place] else None
        if out and out[-1][2] == code and out[-1][1] == begin:
            out[-1] = (out[-1][0], end, code)
        else:
            out.append((begin, end, code))
    return out


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
