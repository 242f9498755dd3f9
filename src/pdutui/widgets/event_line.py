"""What happened last: one line where there is one, the last several where there is room."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.widgets.line import Line
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.text import cut, wrap

if TYPE_CHECKING:
    from pdutui.engine.events import Logged, Severity
    from pdutui.widgets.scene import Notice, Scene

ALARM_NOTICE = "Alarm: "
"""How a notice of an alarm begins."""
ECHO_S = 15.0
"""An event that is older is not what the notice is about."""
_INKS: dict[Severity, str] = {"info": "text", "warning": "warning", "critical": "critical"}


class EventLine(Panel):
    """The newest events, and what the console itself has to say."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The newest line, or a head and the newest lines, newest last."""
        return events(scene, width, height)


def events(scene: Scene, width: int, height: int) -> list[Strip]:
    """The lines of the event panel; a notice of the console takes the last one."""
    lines = [head(scene, width, "Events", [], focused=False, stale=False)] if height > 1 else []
    room = height - len(lines)
    if scene.notice is not None:
        room -= 1
    log = scene.log
    if scene.notice is not None:
        log = [entry for entry in log if not _is_said(scene.notice, entry, scene.now)]
    newest = list(log)[-room:] if room > 0 else []
    if not newest and scene.notice is None:
        return [*lines, Line(scene.inks, width).add("   nothing yet", "muted").strip()]
    told: list[Strip] = []
    for place, entry in enumerate(reversed(newest)):
        # One that is long has the rows that the older ones leave; the newest first.
        spare = room - len(told) - (len(newest) - place - 1)
        told = _entry(scene, entry, width, max(1, spare)) + told
    lines += told
    if scene.notice is not None:
        severity = scene.notice.severity
        line = Line(scene.inks, width).add(_mark(scene, severity), _INKS[severity])
        text = cut(scene.clean(scene.notice.text), line.room - 1, scene.glyphs.ellipsis)
        lines.append(line.add(text, _INKS[severity] if severity != "info" else "strong").strip())
    return lines


def _is_said(notice: Notice, entry: Logged, now: datetime) -> bool:
    """Whether a notice of an alarm says what an event has just said: one line is enough for it.

    The event stands there when the notice goes. Loads are called otherwise by the two of them.
    """
    head = f"{ALARM_NOTICE}{entry.pdu}: " if entry.pdu else ALARM_NOTICE
    if not notice.text.startswith(head) or entry.severity == "info":
        return False
    if abs((now - entry.time).total_seconds()) > ECHO_S:
        return False
    alarm, said = notice.text.removeprefix(head), entry.text.partition(",")[0]
    part, load, _ = said.partition(" load ")
    return alarm.startswith((f"{part} at ", f"{part}: ") if load else said)


def _entry(scene: Scene, entry: Logged, width: int, rows: int) -> list[Strip]:
    """One event in at most so many rows."""
    ink = _INKS[entry.severity]
    line = Line(scene.inks, width).add(_mark(scene, entry.severity), ink)
    line.add(f"{entry.time.astimezone(scene.now.tzinfo):%H:%M:%S} ", "muted")
    if entry.pdu:
        line.add(f"{cut(scene.clean(entry.pdu), 16, scene.glyphs.ellipsis)} ", "muted")
    text, room, column = scene.clean(entry.text), max(1, line.room - 1), line.used
    parts = wrap(text, room)
    if len(parts) > rows or not parts:
        rest = " ".join(parts[rows - 1 :])
        parts = [*parts[: rows - 1], cut(rest, room, scene.glyphs.ellipsis)]
    strips = [line.add(parts[0], ink).strip()]
    for part in parts[1:]:
        strips.append(Line(scene.inks, width).to(column).add(part, ink).strip())
    return strips


def _mark(scene: Scene, severity: Severity) -> str:
    return f" {scene.glyphs.dot if severity == 'info' else scene.glyphs.alert} "
