"""What stands on the history screen as pure functions: places, top line, marks, words, chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.health import is_stale
from pdutui.domain.history import DAY_MS, Gap, Mark
from pdutui.domain.reading import Reading
from pdutui.engine.events import Logged
from pdutui.engine.view import PduView
from pdutui.screens.history_load import MOST_MARKS, Picture
from pdutui.screens.history_series import Entry, info_of
from pdutui.screens.history_state import HistoryState
from pdutui.widgets import chart_time
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bank_meter import meters
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.chart_model import ChartLine, ChartModel, Threshold
from pdutui.widgets.figures import age
from pdutui.widgets.frame import frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut, wrap

_EDGED = 40
"""Columns from which on the chart keeps off the edge."""
MARKS_FROM = 120
"""From here on there is a list of marks."""
_MARKS = 38
_SEVERITY = {"info": "text", "warning": "warning", "critical": "critical"}


class HistoryScene(Struct, frozen=True, kw_only=True):
    """All that the panels of the history screen may look at."""

    view: PduView
    now: datetime
    """In the zone of the screen."""
    inks: Inks
    glyphs: GlyphSet
    place: tuple[int, int] = (1, 1)
    model: ChartModel | None = None
    """What the chart shows, which may be older than what was asked for."""
    waiting: str = ""
    """What is being loaded: `7 d`."""
    trouble: str = ""
    """Why the past cannot be read."""
    as_of: datetime | None = None
    """With trouble: when what is shown was true."""
    store_ok: bool = True
    store_detail: str = ""
    notice: Notice | None = None
    log: Logged | None = None
    """The newest event."""
    past: bool = False
    """The present is the moment of a replay."""
    rights: Rights = Rights()
    """What whoever sits here may not do."""
    alarms: Standing = NOTHING
    """What stands of the alarms."""

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def places(width: int, height: int) -> dict[str, Rect]:
    """Where the panels are: bar, chart, marks, said, hints."""
    out, room = frame(width, height)
    if room < 1:
        return out
    side = min(64, max(_MARKS, width // 4)) if width >= MARKS_FROM else 0
    # It begins and ends where all other text does: a column from the edge.
    edge = int(width >= _EDGED)
    out["chart"] = Rect(edge, 1, width - side - edge - (1 if side else edge), room)
    if side:
        out["marks"] = Rect(width - side, 1, side, room)
    return out


def chart_model(
    state: HistoryState,
    picture: Picture,
    listed: Sequence[Entry],
    reading: Reading | None,
    zone: tzinfo,
    now_ms: int,
    *,
    notes: bool,
    stale: bool = False,
) -> ChartModel:
    """The chart of a picture, with the cursor and the switches of now.

    Args:
        state: Cursor and switches; series and window are those of the picture.
        picture: What was found.
        listed: The lines that there are, for their names.
        reading: The last reading of this PDU, for its thresholds.
        zone: Of all times.
        now_ms: Where a picture that follows the present ends.
        notes: Whether marks are told below the chart.
        stale: Whether what is shown cannot be of now, though it follows.
    """
    question, window = picture.question, picture.window
    begin, end = question.window(now_ms) if question.end_ms is None else (
        picture.from_ms, picture.to_ms
    )  # fmt: skip
    lines: list[ChartLine] = []
    for slot, key in enumerate(question.slots):
        if key and key in window.points:
            info = info_of(key, listed)
            lines.append(ChartLine(info=info, points=window.points[key], slot=slot))
            if picture.before is not None and key in picture.before.points:
                lines.append(
                    ChartLine(
                        info=info,
                        points=picture.before.points[key],
                        slot=slot,
                        shift_ms=picture.shift_ms,
                    )
                )
    cursor = state.cursor_ms
    return ChartModel(
        pdu=question.pdu,
        from_ms=begin,
        to_ms=end,
        step_ms=window.step_ms,
        zone=zone,
        lines=tuple(lines),
        thresholds=thresholds(question.keys, reading) if state.limits else (),
        marks=tuple(m for m in picture.marks if begin <= m.ts_ms < end),
        gaps=_clipped(window.gaps, begin, min(end, now_ms)),
        oldest_ms=window.oldest_ms,
        newest_ms=window.newest_ms,
        cursor_ms=cursor if cursor is not None and begin <= cursor < end else None,
        band=state.band,
        live=question.end_ms is None,
        stale=stale and question.end_ms is None,
        notes=notes,
        now_ms=now_ms if question.end_ms is None else None,
    )


def _clipped(gaps: Sequence[Gap], from_ms: int, to_ms: int) -> tuple[Gap, ...]:
    """Gaps as far as they lie in a window; what is still to come is none."""
    cut = [Gap(max(gap.from_ms, from_ms), min(gap.to_ms, to_ms)) for gap in gaps]
    return tuple(gap for gap in cut if gap.from_ms < gap.to_ms)


def thresholds(keys: Sequence[str], reading: Reading | None) -> tuple[Threshold, ...]:
    """The limits of the currents that are shown, as the device gives them now."""
    rows = {meter.key: meter for meter in meters(reading)} if reading is not None else {}
    out: list[Threshold] = []
    for key in keys:
        prefix, _, field = key.rpartition(".")
        meter = rows.get(prefix)
        if meter is None or field != "current_a":
            continue
        if meter.warning_a is not None:
            text = f"{meter.name} warning"
            out.append(Threshold(value=meter.warning_a, unit="A", level="warning", text=text))
        if meter.critical_a is not None:
            text = f"{meter.name} critical"
            out.append(Threshold(value=meter.critical_a, unit="A", level="critical", text=text))
        if meter.limit_a is not None and meter.limit_a != meter.critical_a:
            text = f"{meter.name} rating"
            out.append(Threshold(value=meter.limit_a, unit="A", level="rating", text=text))
    return tuple(out)


def top_line(scene: HistoryScene, width: int) -> Strip:
    """Which PDU, whether it is live, what is wrong, whether it is being written."""
    view, glyphs = scene.view, scene.glyphs
    name = cut(scene.clean(view.info.name), max(3, min(32, width - 15)), glyphs.ellipsis)
    left = [Item(95, [(f" {name} ", "badge-text")])]
    index, count = scene.place
    if count > 1 and index:
        left.append(Item(35, [(f"{index}/{count}", "muted")]))
    left.append(Item(50, [("history", "title")]))
    model = scene.model
    if scene.trouble and scene.as_of is not None:
        left.append(
            Item(100, [(f" {glyphs.alert} AS OF {scene.as_of:%H:%M:%S} ", "badge-critical")])
        )
    elif scene.past:
        left.append(Item(100, [("as known then", "replay")]))
    elif model is not None and model.live and not model.stale:
        left.append(Item(100, [(f"{glyphs.live} LIVE", "on")]))
    elif model is not None and not model.live:
        left.append(Item(100, [(" PANNED ", "badge-warning")]))
    if scene.waiting:
        left.append(Item(97, [(f"loading {scene.waiting}", "warning")]))
    if is_stale(view.health) and view.health != "connecting":
        was = "WAS " if scene.past else ""
        words = f" {glyphs.alert} {was}{view.health.upper()} {age(view.age_s)}".rstrip()
        left.append(Item(90, [(f"{words} ", "badge-critical")]))
    if not scene.past:
        left += badge(scene.alarms, glyphs, width)
        left += badges(scene.rights)
    right: list[Item] = []
    if not scene.store_ok:
        detail = cut(scene.clean(scene.store_detail) or "not written", 48, glyphs.ellipsis)
        right.append(Item(74, [(f" {glyphs.alert} NOT RECORDED HERE ", "badge-warning")]))
        right.append(Item(30, [(detail, "warning")]))
    elif scene.store_detail:
        right.append(Item(30, [(cut(scene.clean(scene.store_detail), 48, glyphs.ellipsis),
                                "muted")]))  # fmt: skip
    elif not scene.past:
        right.append(Item(30, [("being recorded", "muted")]))
    right.append(Item(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


def said_line(scene: HistoryScene, width: int) -> Strip:
    """What the console has to say, else what is wrong, else the newest event."""
    line, glyphs = Line(scene.inks, width), scene.glyphs
    if scene.notice is not None:
        severity = scene.notice.severity
        ink = _SEVERITY[severity] if severity != "info" else "strong"
        mark = glyphs.dot if severity == "info" else glyphs.alert
        text, when, pdu = scene.notice.text, "", ""
    elif scene.trouble and scene.model is not None:
        ink, mark, when, pdu = "critical", glyphs.alert, "", ""
        text = scene.trouble[:1].upper() + scene.trouble[1:]
    elif scene.log is not None:
        log = scene.log
        ink, when = _SEVERITY[log.severity], f"{log.time.astimezone(scene.now.tzinfo):%H:%M:%S} "
        mark = glyphs.dot if log.severity == "info" else glyphs.alert
        text, pdu = log.text, f"{cut(scene.clean(log.pdu), 16, glyphs.ellipsis)} " * bool(log.pdu)
    else:
        return blank(scene.inks, width)
    line.add(f" {mark} ", ink).add(when, "muted").add(pdu, "muted")
    return line.add(cut(scene.clean(text), line.room - 1, glyphs.ellipsis), ink).strip()


def marks_rows(scene: HistoryScene, width: int, height: int) -> list[tuple[Strip, Mark | None]]:
    """The rows of the list, each with the mark that it tells of."""
    inks, glyphs, model = scene.inks, scene.glyphs, scene.model
    marks = list(reversed(model.marks)) if model is not None else []
    title = f"Marks {glyphs.dot} {len(marks)}" if marks else "Marks"
    title += " newest" * (len(marks) >= MOST_MARKS)
    head = Line(inks, width).add(f"{glyphs.rule} ", "rule").add(title, "title").add(" ", "text")
    rows: list[tuple[Strip, Mark | None]] = [(head.right([], glyphs.rule, "rule").strip(), None)]
    if model is None or height < 2:
        return rows[:height]
    if not marks:
        words = Line(inks, width).add("   none in this window", "muted").strip()
        return [*rows, (words, None)][:height]
    told = [_mark_rows(scene, mark, model, width) for mark in marks]
    first = 0
    nearest = nearest_mark(model.marks, model.cursor_ms)
    if nearest is not None:
        at = marks.index(nearest)
        first = _scrolled([len(rows) for rows in told], at, height - 1)
    listed = [
        (strip, mark) for mark, strips in zip(marks[first:], told[first:], strict=True)
        for strip in strips
    ]  # fmt: skip
    rows += listed[: height - 1]
    return rows


def nearest_mark(marks: Sequence[Mark], cursor_ms: int | None) -> Mark | None:
    """The mark nearest to the cursor."""
    if cursor_ms is None or not marks:
        return None
    return min(marks, key=lambda mark: abs(mark.ts_ms - cursor_ms))


def _scrolled(heights: Sequence[int], at: int, room: int) -> int:
    """The first mark that is listed, so that the one `at` stands in the middle or above."""
    if sum(heights) <= room:
        return 0
    first, used = at, heights[at]
    while first > 0 and used + heights[first - 1] <= room // 2:
        first -= 1
        used += heights[first]
    while first > 0 and sum(heights[first:]) < room:
        first -= 1
    return first


def _mark_rows(scene: HistoryScene, mark: Mark, model: ChartModel, width: int) -> list[Strip]:
    """When and what, in at most three rows; the one that the cursor is on stands out."""
    from pdutui.widgets.chart_rows import mark_glyph

    here = model.cursor_ms is not None and abs(mark.ts_ms - model.cursor_ms) < _near_ms(model)
    ink = _SEVERITY[mark.level]
    when = chart_time.clock(mark.ts_ms, model.zone, 1000)
    span = model.to_ms - model.from_ms
    if span > DAY_MS // 2:
        day, _, date = chart_time.day_name(mark.ts_ms, model.zone).partition(" ")
        when = f"{day} {when}" if span <= 6 * DAY_MS else f"{date} {when[:5]}"
    line = Line(scene.inks, width)
    line.add(scene.glyphs.cursor if here else " ", "key").add(mark_glyph(mark, scene.glyphs), ink)
    line.add(f" {when} ", "strong" if here else "muted")
    column, room = line.used, max(1, line.room - 1)
    parts = wrap(scene.clean(mark.text), room) or [""]
    if len(parts) > 3:
        parts = [*parts[:2], cut(" ".join(parts[2:]), room, scene.glyphs.ellipsis)]
    strips = [line.add(parts[0], ink).strip()]
    for part in parts[1:]:
        strips.append(Line(scene.inks, width).to(column).add(part, ink).strip())
    return strips


def _near_ms(model: ChartModel) -> int:
    """How far from the cursor a mark still stands in its column, more or less."""
    return max(model.step_ms, (model.to_ms - model.from_ms) // 150)


def words(
    inks: Inks, glyphs: GlyphSet, title: str, text: Sequence[str], width: int, height: int
) -> list[Strip]:
    """What stands in the chart's place while there is none."""
    room = max(10, width - 4)
    rows = [(part, "strong") for part in wrap(clean(title, glyphs.ascii_only), room)]
    for paragraph in text:
        rows.append(("", "text"))
        rows += [(part, "text") for part in wrap(clean(paragraph, glyphs.ascii_only), room)]
    top = max(0, (height - len(rows)) // 3)
    lines = [blank(inks, width)] * top
    lines += [Line(inks, width).add("  ").add(part, ink).strip() for part, ink in rows]
    return lines[:height]
