"""The big chart as an SVG picture: for a report, a ticket, a wall. Vectors all through.

Colours are those of the theme where it has colours of its own; under the sixteen colours of a
terminal, or none, a picture on white.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from pdutui.domain.history import DAY_MS
from pdutui.widgets import chart_time
from pdutui.widgets.chart_layout import KINDS
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_scale import (
    Axis,
    Column,
    Trace,
    axis,
    columns,
    edges,
    figure,
    runs,
    stats,
    traces,
)
from pdutui.widgets.chart_words import spells, word_ink
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

_PAPER = {
    "ground": "#ffffff", "text": "#1f2328", "strong": "#000000", "muted": "#5c6670",
    "rule": "#d0d5da", "line1": "#1f5f9f", "line2": "#3f7a1e", "line3": "#7a3b9a",
    "line4": "#3b4046", "warning": "#9a6200", "critical": "#b3261e", "source": "#006d7d",
    "fine": "#1b6e3c", "off": "#5b646d", "stale": "#80868c", "replay": "#a1136b",
}  # fmt: skip
_DASHES = ("", "9 3", "3 3", "9 3 3 3")
"""How lines are told apart without colour, by slot."""
_SHAPES = {
    "command": "M-5-4H5L0 5Z", "transfer": "M-6-1H4V-4L7 0L4 4V1H-6Z", "alarm": "M-5 4H5L0-5Z",
    "health": "M-4-4H4V4H-4Z", "identity": "M0-5L5 0L0 5L-5 0Z",
    "event": "M-2.5 0A2.5 2.5 0 1 0 2.5 0A2.5 2.5 0 1 0-2.5 0Z",
}  # fmt: skip
_LEFT, _RIGHT, _LINE, _BAND = 76.0, 40.0, 19.0, 26.0
_PANEL = {1: 380.0, 2: 230.0, 3: 180.0, 4: 150.0}
_LANE, _GAP = 22.0, 20.0


class _Pen(Struct):
    """Collects the elements of the picture."""

    colors: dict[str, str]
    out: list[str]

    def add(self, element: str) -> None:
        self.out.append(element)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        ink: str = "text",
        anchor: str = "start",
        bold: bool = False,
        size: int = 13,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{self.colors[ink]}" text-anchor="{anchor}"'
            f' font-size="{size}"{weight}>{escape(clean(text))}</text>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, ink: str = "rule", dash: str = ""
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{self.colors[ink]}"{dashed}'
            ' fill="none"/>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, ink: str, opacity: float, tip: str
    ) -> None:
        self.add(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.8, width):.1f}" height="{height:.1f}"'
            f' fill="{self.colors[ink]}" fill-opacity="{opacity}">{_tip(tip)}</rect>'
        )


def svg_text(model: ChartModel, inks: Inks, width: int = 1200) -> str:
    """The picture as XML, `width` pixels wide and as high as what it shows.

    Names are escaped, and cleaned of what XML cannot hold. Its time axis, scales and words are
    those of the screen.
    """
    lines = traces(model)
    curves = [trace for trace in lines if not trace.words]
    worded = [trace for trace in lines if trace.words]
    units: dict[tuple[str, str], list[Trace]] = {}
    for trace in curves:
        units.setdefault((trace.unit, "" if trace.unit else trace.field), []).append(trace)
    each = _PANEL.get(len(units), 150.0)
    plot_top = 86.0 + _LINE * (len(lines) + 1)
    plot_end = plot_top + len(units) * (each + _GAP) + len(worded) * _BAND
    height = plot_end + 50 + 2 * _LANE + 16
    pen = _Pen(_colors(inks.plain), [])
    pen.add(f'<rect width="{width}" height="{height:.0f}" fill="{pen.colors["ground"]}"/>')
    right = width - _RIGHT
    _head(pen, model, right)
    _legend(pen, model, lines)
    top = plot_top
    for (unit, _), members in units.items():
        one = axis(model, unit, members, int(each / 15))
        _panel(pen, model, one, (_LEFT, top, right - _LEFT, each))
        top += each + _GAP
    for trace in worded:
        _words(pen, model, trace, top, right)
        top += _BAND
    _time(pen, model, (plot_top, plot_end), right)
    _lanes(pen, model, plot_end + 52, right)
    _cursor(pen, model, plot_top, plot_end, right)
    title = escape(clean(f"{model.pdu}: {_window(model)}"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}"'
        f' width="{width}" height="{height:.0f}" font-family="ui-sans-serif, system-ui,'
        ' &quot;Segoe UI&quot;, &quot;DejaVu Sans&quot;, sans-serif">\n'
        f"<title>{title}</title>\n" + "\n".join(pen.out) + "\n</svg>\n"
    )


def _colors(inks: Inks) -> dict[str, str]:
    if inks.mode != "rgb":
        return _PAPER
    return {name: inks.ground() if name == "ground" else inks.color(name) for name in _PAPER}


def _tip(text: str) -> str:
    return f"<title>{escape(clean(text))}</title>" if text else ""


def _window(model: ChartModel) -> str:
    return chart_time.window(model.from_ms, model.to_ms, model.zone).replace(" - ", " – ")


def _x(model: ChartModel, ms: float, left: float, width: float) -> float:
    part = (ms - model.from_ms) / (model.to_ms - model.from_ms)
    return left + width * min(1.0, max(0.0, part))


def _head(pen: _Pen, model: ChartModel, right: float) -> None:
    pen.text(24, 30, model.pdu, "strong", bold=True, size=18)
    pen.text(24, 50, _window(model), "text")
    pen.text(
        right, 50, f"{chart_time.length(model.step_ms)} steps", "muted", "end"
    )  # fmt: skip
    if model.as_of_ms is not None:
        known = chart_time.moment(model.as_of_ms, model.zone, 1000)
        pen.text(right, 30, f"REPLAY: as known at {known}", "replay", "end", bold=True)


def _legend(pen: _Pen, model: ChartModel, lines: Sequence[Trace]) -> None:
    places = (480.0, 580.0, 680.0, 780.0)
    y = 60.0 + _LINE
    for x, name in zip(places, ("min", "mean", "max", "last"), strict=True):
        pen.text(x, y, name, "muted", "end", size=12)
    for trace in lines:
        y += _LINE
        ink = f"line{trace.line.slot % 4 + 1}"
        if not trace.words:
            pen.add(
                f'<path d="M24 {y - 4:.1f}H52" stroke="{pen.colors[ink]}" stroke-width="2"'
                f"{_dash(trace)}/>"
            )
        pen.text(60, y, trace.letter, ink, bold=True)
        name = f"{trace.line.info.name} {trace.field}".strip()
        if trace.muted:
            name += f", {chart_time.before(trace.line.shift_ms)}"
        pen.text(80, y, name, "muted" if trace.muted else "text")
        found = stats(trace, model.from_ms, model.to_ms)
        if found is None:
            pen.text(places[3], y, "–", "muted", "end")
            continue
        if trace.words:
            pen.text(places[3], y, trace.word(found.last), "strong", "end")
            continue
        for x, value in zip(places, (found.low, found.mean, found.high, found.last), strict=True):
            pen.text(x, y, f"{figure(value, trace.unit)} {trace.unit}".strip(), "text", "end")


def _dash(trace: Trace) -> str:
    dash = "2 4" if trace.muted else _DASHES[trace.line.slot % 4]
    return (f' stroke-dasharray="{dash}"' if dash else "") + (
        ' stroke-opacity="0.7"' if trace.muted else ""
    )


def _panel(
    pen: _Pen, model: ChartModel, one: Axis, place: tuple[float, float, float, float]
) -> None:
    left, top, width, height = place

    def y_of(value: float) -> float:
        return top + height * (1 - one.part(value))

    known = any(trace.points.ts_ms for trace in one.traces)
    marks = one.marks() if known else []
    for value in marks:
        y = y_of(value)
        pen.line(left, y, left + width, y)
        unit = f" {one.unit}" if value == marks[-1] and one.unit else ""
        pen.text(left - 8, y + 4, one.label(value) + unit, "muted", "end", size=12)
    pen.line(left, top, left, top + height)
    if not known:
        words = "no reading in this window" if model.oldest_ms is not None else "no history yet"
        pen.text(left + width / 2, top + height / 2, words, "muted", "middle")
    ends = [
        (end, trace)
        for trace in sorted(one.traces, key=lambda t: (not t.muted, -t.line.slot))
        if (end := _curve(pen, model, one, trace, place)) is not None
    ]
    used: list[float] = []
    for (x, y), trace in sorted(ends, key=lambda end: (end[0][1], end[1].letter)):
        # Letters of lines that end at one height stand below each other.
        y = max([y + 4, *(other + 13 for other in used)])
        used.append(y)
        pen.text(x + 5, y, trace.letter, f"line{trace.line.slot % 4 + 1}", bold=True)
    for level in one.thresholds:
        y = y_of(level.value)
        ink = "muted" if level.level == "rating" else level.level
        pen.line(left, y, left + width, y, ink, "6 4")
        words = f"{level.text} {level.value:g} {level.unit}".rstrip()
        pen.text(left + 6, y - 4, words, ink, size=11)
    for level in one.beyond:
        up = level.value > one.scale.high
        words = f"{'↑' if up else '↓'} {level.text} {level.value:g} {level.unit}".rstrip()
        ink = "muted" if level.level == "rating" else level.level
        pen.text(left + width / 2, top + 12 if up else top + height - 5, words, ink, size=11)
        break


def _curve(
    pen: _Pen,
    model: ChartModel,
    one: Axis,
    trace: Trace,
    place: tuple[float, float, float, float],
) -> tuple[float, float] | None:
    """Draw a line and its band; where it ends."""
    left, top, width, height = place
    borders = edges(model, int(width))
    data = columns(trace, borders)
    ink = pen.colors[f"line{trace.line.slot % 4 + 1}"]

    def y_of(value: float) -> float:
        return top + height * (1 - one.part(value))

    last: tuple[float, float] | None = None
    for run in runs(data, trace.points.hold_ms):
        found = [(i, column) for i in run if (column := data[i]) is not None]
        at = [_middle(model, trace, i, column, left, width) for i, column in found]
        if model.band and not trace.muted and any(c.low != c.high for _, c in found):
            upper = [(x, y_of(c.high)) for x, (_, c) in zip(at, found, strict=True)]
            lower = [(x, y_of(c.low)) for x, (_, c) in zip(at, found, strict=True)]
            pen.add(
                f'<path d="{_path([*upper, *reversed(lower)])}Z" fill="{ink}" fill-opacity="0.28"'
                f' stroke="{ink}" stroke-opacity="0.6" stroke-width="0.8"/>'
            )
        means = [(x, y_of(c.mean)) for x, (_, c) in zip(at, found, strict=True)]
        if len(means) == 1:
            (x, y), half = means[0], trace.step_ms / (model.to_ms - model.from_ms) * width / 2
            half = max(1.0, half)
            means = [(max(left, x - half), y), (min(left + width, x + half), y)]
        last = means[-1]
        pen.add(
            f'<path d="{_path(means)}" fill="none" stroke="{ink}" stroke-width="1.6"'
            f' stroke-linejoin="round"{_dash(trace)}/>'
        )
    return last


def _middle(
    model: ChartModel, trace: Trace, place: int, column: Column, left: float, width: float
) -> float:
    """Where a column's point stands: exactly where its only step is, else in its middle."""
    if column.first_ms != column.last_ms:
        return left + place + 0.5
    half = trace.step_ms // 2 if trace.step_ms > 1000 else 0
    return _x(model, column.first_ms + trace.line.shift_ms + half, left, width)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _words(pen: _Pen, model: ChartModel, trace: Trace, top: float, right: float) -> None:
    width = right - _LEFT
    pen.text(
        _LEFT - 8, top + 16, f"{trace.letter} {trace.brief}",
        f"line{trace.line.slot % 4 + 1}", "end", bold=True, size=12,
    )  # fmt: skip
    for begin, end, code in spells(trace, model.from_ms, model.to_ms):
        x, x_end = _x(model, begin, _LEFT, width), _x(model, end, _LEFT, width)
        word = "changed" if code is None else trace.word(code)
        ink = "warning" if code is None else word_ink(word)[0]
        opacity = 0.9 if code is None else 0.25 if word_ink(word)[1] == "thin" else 0.55
        if trace.muted:
            opacity /= 2
        when = chart_time.moment(begin, model.zone, model.step_ms)
        # A hair's breadth between two words of one colour.
        pen.rect(x + 0.5, top + 4, x_end - x - 1, 16, ink, opacity, f"{word} from {when}")
        if code is not None and x_end - x > 8 * len(word) + 8:
            pen.text(x + 5, top + 16, word, "strong", size=11)


def _time(pen: _Pen, model: ChartModel, place: tuple[float, float], right: float) -> None:
    top, end = place
    width = right - _LEFT
    pen.line(_LEFT, end, right, end, "muted")
    days = False
    ticks = chart_time.ticks(model.from_ms, model.to_ms, model.zone, int(width / 7), 4)
    hourly = any(not tick.midnight for tick in ticks)
    for tick in ticks:
        x = _x(model, tick.ms, _LEFT, width)
        pen.line(x, top, x, end, "rule", "2 4" if tick.midnight else "1 7")
        pen.line(x, end, x, end + 5, "muted")
        label = "00:00" if tick.midnight and hourly else tick.label
        pen.text(x, end + 18, label, "text", "middle", size=12)
        if tick.midnight and hourly and x < right - 60:
            pen.text(x, end + 34, tick.day, "muted", "middle", size=12)
            days = days or x < _LEFT + 110
    if not days:
        year = chart_time.local(model.from_ms, model.zone).year
        first = chart_time.day_name(model.from_ms, model.zone)
        pen.text(_LEFT, end + 34, first if hourly else str(year), "muted", size=12)


def _lanes(pen: _Pen, model: ChartModel, top: float, right: float) -> None:
    width = right - _LEFT
    pen.text(_LEFT - 8, top + 4, "events", "muted", "end", size=12)
    pen.text(_LEFT - 8, top + 4 + _LANE, "gaps", "muted", "end", size=12)
    for gap in model.gaps:
        if gap.to_ms <= model.from_ms or gap.from_ms >= model.to_ms:
            continue
        x, end = _x(model, gap.from_ms, _LEFT, width), _x(model, gap.to_ms, _LEFT, width)
        since = chart_time.moment(gap.from_ms, model.zone, 1000)
        tip = f"no reading for {chart_time.length(gap.to_ms - gap.from_ms)} from {since}"
        pen.rect(x, top + _LANE - 6, end - x, 12, "stale", 0.8, tip)
    oldest = model.oldest_ms
    if oldest is not None and oldest > model.from_ms:
        end = _x(model, oldest, _LEFT, width)
        pen.rect(_LEFT, top + _LANE - 1, end - _LEFT, 2, "rule", 1.0, "no history yet")
        if end - _LEFT > 110:
            pen.text(
                (_LEFT + end) / 2, top + _LANE + 14, "no history yet", "muted", "middle", size=11
            )
    for mark in model.marks:
        if not model.from_ms <= mark.ts_ms < model.to_ms:
            continue
        x = _x(model, mark.ts_ms, _LEFT, width)
        kind = mark.kind if mark.kind in KINDS else "event"
        ink = "text" if mark.level == "info" else mark.level
        tip = f"{chart_time.moment(mark.ts_ms, model.zone, 1000)}  {mark.text}"
        pen.add(
            f'<path d="{_SHAPES[kind]}" transform="translate({x:.1f} {top:.1f})"'
            f" fill={quoteattr(pen.colors[ink])}>{_tip(tip)}</path>"
        )


def _cursor(pen: _Pen, model: ChartModel, top: float, end: float, right: float) -> None:
    cursor = model.cursor_ms
    if cursor is None or not model.from_ms <= cursor < model.to_ms:
        return
    x = _x(model, cursor, _LEFT, right - _LEFT)
    pen.line(x, top - 4, x, end, "strong")
    text = chart_time.clock(cursor, model.zone, model.step_ms)
    if model.to_ms - model.from_ms > DAY_MS:
        text = f"{chart_time.day_name(cursor, model.zone)} {text}"
    anchor = "end" if x > right - 100 else "start"
    pen.text(x + (-5 if anchor == "end" else 5), top + 4, text, "strong", anchor, size=11)
