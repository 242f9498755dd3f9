"""The chosen alarm with all that is known of it, as a pure function."""

from __future__ import annotations

from datetime import datetime

from textual.strip import Strip

from pdutui.domain.alarm import KIND_WORDS, Alarm
from pdutui.domain.alarm_measure import UNITS
from pdutui.screens.alarms_state import part_words
from pdutui.screens.alarms_view import AlarmsScene, change_sign, level_sign, state_sign
from pdutui.widgets.alarm_banner import clock_of
from pdutui.widgets.figures import age
from pdutui.widgets.line import Line
from pdutui.widgets.plot import buckets, spark
from pdutui.widgets.text import cut, pad, wrap

_LABEL = 10
SPAN_S = 900
"""What its line shows."""
FRESH_S = 10
"""A figure that is older is not that of now."""


def detail(scene: AlarmsScene, width: int, height: int) -> list[Strip]:
    """The lines; what matters less is below, and left out first."""
    alarm, glyphs = scene.alarm, scene.glyphs
    if alarm is None or height < 1 or not scene.loaded:
        return []
    title = KIND_WORDS[alarm.kind]
    head = Line(scene.inks, width).add(glyphs.rule, "rule")
    head.add(f" {title[:1].upper()}{title[1:]} ", "title")
    out = [head.right([], glyphs.rule, "rule").strip()]
    word, ink = level_sign(alarm)
    state = state_sign(alarm, glyphs)
    line = Line(scene.inks, width).add(f" {state.glyph} {word} ", ink)
    line.add(f"{state.word}  ", state.ink)
    text = scene.clean(f"{alarm.pdu}: {alarm.text}" if alarm.pdu else alarm.text)
    room = line.room - 1
    parts = wrap(text, max(8, room)) or [""]
    out.append(line.add(parts[0], "strong").strip())
    column = line.used - len(parts[0])
    for part in wrap(" ".join(parts[1:]), max(8, width - 4)):
        out.append(Line(scene.inks, width).to(min(3, column)).add(part, "strong").strip())
    out += _line_of(scene, alarm, width)
    for label, said in _facts(scene, alarm):
        for place, part in enumerate(wrap(scene.clean(said), max(8, width - _LABEL - 2))):
            line = Line(scene.inks, width).add(" ")
            line.add(pad("" if place else label, _LABEL), "muted")
            out.append(line.add(part, "text").strip())
    room = height - len(out)
    if room >= 2 and scene.of_this:
        out += _past(scene, width, room)
    return out[:height]


def _facts(scene: AlarmsScene, alarm: Alarm) -> list[tuple[str, str]]:
    """What is to be said of it, in the order of what matters."""
    now = scene.now
    since = _moment(alarm.since, now)
    if alarm.over is None:
        since += f", {age((now - alarm.since).total_seconds())} ago"
    doubt = ""
    if alarm.over is None and not alarm.known:
        doubt = f"whether it still holds: {alarm.pdu or 'the PDU'} does not say just now"
    limit = _figure(alarm.limit, alarm.unit)
    value = _figure(alarm.value, alarm.unit) + (f", limit {limit}" if limit else "")
    ack = alarm.ack
    seen = ""
    if ack is not None:
        seen = f"by {ack.by}, {_moment(ack.time, now)}" + (f": {ack.comment}" * bool(ack.comment))
    until = _moment(alarm.silenced_until, now) if alarm.silenced_until is not None else ""
    over = ""
    if alarm.over is not None:
        lasted = (alarm.over - alarm.since).total_seconds()
        over = _moment(alarm.over, now) + (f", after {age(lasted)}" if lasted >= 1 else "")
    found = (
        ("unknown", doubt),
        ("raised at", value),
        ("since", since),
        ("over", over),
        ("seen", seen),
        ("silent", f"until {until}" if until else ""),
        ("where", ", ".join(filter(None, [part_words(alarm.part), scene.where]))),
        ("came", f"{alarm.times} times since then" if alarm.times > 1 else ""),
        ("rule", alarm.rule),
    )
    return [(label, text) for label, text in found if text]


def _line_of(scene: AlarmsScene, alarm: Alarm, width: int) -> list[Strip]:
    """`15 min` and a line of its figure, with lowest and highest."""
    known = [v for v in scene.samples if v is not None]
    room = width - _LABEL - 2
    if not known or room < 16:
        return []
    unit = alarm.unit or UNITS.get(alarm.series.rpartition(".")[2], "")
    last = _figure(known[-1], unit)
    ago_s = next(at for at, value in enumerate(reversed(scene.samples)) if value is not None)
    when = "now" if ago_s <= FRESH_S and alarm.known else f"{age(ago_s)} ago"
    tail = f" {_figure(min(known), '')} to {_figure(max(known), '')}, {when} {last}"
    cells = max(8, min(45, room - len(tail)))
    per = max(1, -(-SPAN_S // (2 * cells)))
    data = buckets(scene.samples, per, 2 * cells, scene.second)
    shown = spark([None if b is None else b[1] for b in data], cells, 1, scene.glyphs)
    line = Line(scene.inks, width).add(" ").add(pad("15 min", _LABEL), "muted")
    line.add(shown, "spark")
    return [line.add(tail if line.room >= len(tail) else "", "value").strip()]


def _past(scene: AlarmsScene, width: int, room: int) -> list[Strip]:
    """What has become of it so far, newest first."""
    glyphs = scene.glyphs
    head = Line(scene.inks, width).add(glyphs.rule, "rule").add(" So far, newest first ", "title")
    out = [head.right([], glyphs.rule, "rule").strip()]
    shown = scene.of_this[: room - 1]
    cells = max(len(clock_of(entry.time, scene.now)) for entry in shown)
    for entry in shown:
        sign = change_sign(entry, glyphs)
        when = pad(clock_of(entry.time, scene.now), cells)
        line = Line(scene.inks, width).add(f" {when}  ", "muted")
        line.add(f"{sign.glyph} {sign.word}", sign.ink)
        by = f" by {entry.by}" if entry.by else ""
        said = scene.clean(f"{by}{f': {entry.comment}' if entry.comment else ''}")
        out.append(line.add(cut(said and f" {said}", line.room, glyphs.ellipsis), "text").strip())
    return out


def _moment(when: datetime, now: datetime) -> str:
    return clock_of(when, now)


def _figure(value: float | None, unit: str) -> str:
    """`13.28 A`; empty for none."""
    if value is None:
        return ""
    shown = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{shown} {unit}".rstrip()
