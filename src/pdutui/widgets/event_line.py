"""What happened last: one line where there is one, the last several where there is room."""

from __future__ import annotations

from textual.strip import Strip

from pdutui.engine.events import Logged, Severity
from pdutui.widgets.line import Line
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.scene import Scene
from pdutui.widgets.text import cut, wrap

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
    newest = list(scene.log)[-room:] if room > 0 else []
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
