"""The transfer switch: both feeds, and which one carries the load, to be seen from across a room.

Three sizes. Full: each source a block, the carrying one filled, a thick line from it to the load,
and its letter big. Middle: the switch drawn in three rows. Small: a line for each source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.domain.load import Load, total_load
from pdutui.widgets.figures import amps, hertz, volts, watts
from pdutui.widgets.line import Line, Piece, blank
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.text import cut, lead

if TYPE_CHECKING:
    from pdutui.domain.reading import Ats, Source
    from pdutui.widgets.scene import Scene

_LETTERS = {
    "A": (" ███ ", "█   █", "█████", "█   █", "█   █"),
    "B": ("████ ", "█   █", "████ ", "█   █", "████ "),
    "?": (" ███ ", "█   █", "  ██ ", "     ", "  █  "),
    "!": ("  █  ", "  █  ", "  █  ", "     ", "  █  "),
}
"""Five rows of five cells; `█` is replaced by the set's own block."""


class SourcePanel(Panel):
    """The two sources of a PDU with a transfer switch."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """Head and switch, in the size that fits."""
        return source_panel(scene, width, height)


def source_panel(scene: Scene, width: int, height: int) -> list[Strip]:
    """The lines of the source panel."""
    ats = scene.reading.ats if scene.reading else None
    lines = [head(scene, width, "Sources", _redundancy(scene, ats), focused=False)]
    if ats is None:
        return lines
    room = height - 1
    if room >= 7 and width >= 44:
        body = _full(scene, ats, width, room)
    elif room >= 4 and width >= 34:
        body = _switch(scene, ats, width)
    else:
        body = [_source_line(scene, ats, ident, width) for ident in ("A", "B")]
    lines += body[:room]
    if len(body) + 1 < room and len(body) == 7:
        lines.append(blank(scene.inks, width))
    if len(body) < room:
        lines.append(_facts(scene, ats, width, preferred=len(body) == 3))
    return lines


def _redundancy(scene: Scene, ats: Ats | None) -> list[Piece]:
    if ats is None or ats.redundancy is None:
        return []
    if ats.redundancy == "full":
        return [("redundancy ", "muted"), ("full", scene.ink("fine"))]
    return [(" REDUNDANCY LOST ", "badge-critical" if not scene.stale else "stale")]


def _source(ats: Ats, ident: str) -> Source | None:
    return next((s for s in ats.sources if s.id == ident), None)


def _figures(scene: Scene, ats: Ats, ident: str) -> list[Piece]:
    """`120.9 V  60.0 Hz  normal`."""
    source = _source(ats, ident)
    if source is None:
        return [("not reported", "muted")]
    na = scene.na
    bad = source.state not in ("normal", "unknown")
    figure = scene.ink("critical" if bad else "strong")
    pieces: list[Piece] = [
        (lead(volts(source.voltage_v, na), 5), figure),
        (" V" if source.voltage_v is not None else "  ", scene.ink("muted")),
        (lead(hertz(source.frequency_hz, na), 6), scene.ink("value")),
        (" Hz  " if source.frequency_hz is not None else "     ", scene.ink("muted")),
    ]
    word = source.state.replace("_", " ")
    ink = "critical" if bad else "fine" if source.state == "normal" else "unknown"
    return [*pieces, (word.upper() if bad else word, scene.ink(ink))]


def _role(scene: Scene, ats: Ats, ident: str) -> tuple[str, str]:
    """What a source does: carries the load, stands by; and whether it is the preferred one."""
    source = _source(ats, ident)
    if ats.active is None:
        word, ink = "not known", "unknown"
    elif ats.active == ident:
        word, ink = "carries load", "source"
    elif source is not None and source.state not in ("normal", "unknown"):
        word, ink = "no standby", "critical"
    else:
        word, ink = "standby", "muted"
    if ats.preferred == ident:
        word += f" {scene.glyphs.dot} preferred"
    return word, scene.ink(ink)


def _tag(scene: Scene, ats: Ats, ident: str) -> Piece:
    """The letter of a source in its block: filled where it carries the load."""
    if ats.active == ident:
        return f"  {ident}  ", "stale" if scene.stale else "badge-source"
    return f"  {ident}  ", scene.ink("muted")


def _source_line(scene: Scene, ats: Ats, ident: str, width: int) -> Strip:
    line = Line(scene.inks, width).add(" ").extend([_tag(scene, ats, ident)])
    mark = scene.glyphs.head if ats.active == ident else " "
    line.add(f"{mark} ", scene.ink("source")).extend(_figures(scene, ats, ident))
    word, ink = _role(scene, ats, ident)
    if line.room > len(word) + 3:
        line.add("  ").add(word, ink)
    return line.strip()


def _facts(scene: Scene, ats: Ats, width: int, *, preferred: bool) -> Strip:
    """Preferred, phase, sensitivity: what changes seldom."""
    dot = f" {scene.glyphs.dot} "
    facts: list[Piece] = []
    if preferred and ats.preferred is not None:
        facts.append((f"preferred {ats.preferred}", scene.ink("text")))
    if ats.phase_sync is not None:
        facts.append((f"phase {ats.phase_sync.replace('_', ' ')}", scene.ink("text")))
    if ats.sensitivity:
        facts.append((f"sensitivity {scene.clean(ats.sensitivity)}", scene.ink("text")))
    line = Line(scene.inks, width).add(" ")
    for place, (text, ink) in enumerate(facts):
        size = len(text) + (len(dot) if place else 0)
        if size > line.room:
            break
        line.add(dot if place else "", "muted").add(text, ink)
    return line.strip()


def _switch(scene: Scene, ats: Ats, width: int) -> list[Strip]:
    """Three rows: A with its line, the way out, B with its line."""
    glyphs = scene.glyphs
    tail = 26 if width >= 44 else 24
    run = max(3, min(14, width - tail - 12))
    out: list[Strip] = []
    for ident in ("A", "load", "B"):
        line = Line(scene.inks, width).add(" ")
        if ident == "load":
            line.to(6 + run).extend(_joint(scene, ats, f"{glyphs.head} "))
            line.extend(_load(scene, ats, line.room))
        else:
            live = ats.active == ident
            corner = glyphs.path_down if ident == "A" else glyphs.path_up
            line.extend([_tag(scene, ats, ident)])
            path = glyphs.path * run + corner if live else glyphs.idle * (run - 1) + "  "
            line.add(path, scene.ink("source" if live else "rule")).add(" ")
            line.extend(_figures(scene, ats, ident))
        out.append(line.strip())
    return out


def _joint(scene: Scene, ats: Ats, ending: str) -> list[Piece]:
    """Where the line of the carrying source goes out to the load."""
    glyphs = scene.glyphs
    corner = {"A": glyphs.path_out_up, "B": glyphs.path_out_down}.get(ats.active or "", " ")
    if corner == " ":
        return [("  " + " " * len(ending), "text")]
    return [(corner + glyphs.path + ending, scene.ink("source"))]


def _load(scene: Scene, ats: Ats, room: int) -> list[Piece]:
    """`A carries 361 W`, in amperes where that is what is metered; or what is wrong instead."""
    if ats.active is None:
        return [("not known which carries", scene.ink("unknown"))]
    if ats.active == "none":
        return [(" NO SOURCE CARRIES THE LOAD ", scene.ink("badge-critical"))]
    load = total_load(scene.reading) if scene.reading else Load()
    figure = ""
    if load.power_w is not None:
        figure = f"{watts(load.power_w)} W"
    elif load.current_a is not None:
        figure = f"{amps(load.current_a)} A"
    for words in (f"{ats.active} carries {figure}", figure, "load"):
        if words.strip() and len(words) <= room:
            return [(words, scene.ink("source"))]
    return []


def _full(scene: Scene, ats: Ats, width: int, room: int) -> list[Strip]:
    """Blocks of three rows, a line that runs to the load, and the letter big where it fits."""
    glyphs, inks = scene.glyphs, scene.inks
    letter = width >= 60 and room >= 7
    edge = width - (8 if letter else 1)
    bend = max(20, min(edge - 12, 46))
    corners = glyphs.box
    rows: list[Line] = []
    for ident in ("A", "B"):
        live = ats.active == ident
        block = "badge-source" if live and not scene.stale else scene.ink("muted")
        if live:
            face = [" " * 9, f"    {ident}    ", " " * 9]
            if scene.stale or inks.mode == "none":
                face = [glyphs.block * 9, f"{glyphs.block * 2}  {ident}  {glyphs.block * 2}"] * 2
                face[2] = face[0]
                block = scene.ink("source")
        else:
            top = corners[0] + corners[1] * 7 + corners[2]
            base = corners[4] + corners[1] * 7 + corners[5]
            face = [top, f"{corners[3]}   {ident}   {corners[3]}", base]
        three = [Line(inks, width).add(" ").add(part, block).add("  ") for part in face[:3]]
        three[0].extend(_figures(scene, ats, ident))
        path_ink = scene.ink("source" if live else "rule")
        three[1] = Line(inks, width).add(" ").add(face[1], block)
        corner = glyphs.path_down if ident == "A" else glyphs.path_up
        path = glyphs.path if live else glyphs.idle
        three[1].add(path * (bend - 10 - (0 if live else 2)) + (corner if live else ""), path_ink)
        word, ink = _role(scene, ats, ident)
        source = _source(ats, ident)
        name = scene.clean(source.name) if source else ""
        parts = word.split(f" {glyphs.dot} ")
        three[2].add(word if len(word) <= bend - 14 else parts[0], ink)
        if name and name.lower() not in (f"source {ident.lower()}", ident.lower()):
            three[0].add(f"  {cut(name, 16, glyphs.ellipsis)}", "muted")
        for place, line in enumerate(three):
            below = (ident, place) in (("A", 2), ("B", 0))
            if live and below and line.used <= bend:
                line.to(bend).add(glyphs.path_side, path_ink)
        rows += three
        if ident == "A":
            middle = Line(inks, width).to(bend).extend(_joint(scene, ats, f"{glyphs.head} "))
            rows.append(middle.extend(_load(scene, ats, edge - middle.used)))
    if letter:
        _big(scene, ats, rows, edge)
    return [line.strip() for line in rows]


def _big(scene: Scene, ats: Ats, rows: list[Line], column: int) -> None:
    """The letter of the carrying source, five rows high, at the right."""
    sign = {"A": "A", "B": "B", "none": "!"}.get(ats.active or "", "?")
    ink = {"A": "source", "B": "source", "!": "fill-critical"}.get(sign, "unknown")
    for place, cells in enumerate(_LETTERS[sign]):
        line = rows[place + 1]
        if line.used <= column:
            text = cells.replace("█", scene.glyphs.block)
            line.to(column + 1).add(text, scene.ink(ink))


__all__ = ["SourcePanel", "source_panel"]
