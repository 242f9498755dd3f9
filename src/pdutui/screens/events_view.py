"""What stands on the events screen as pure functions: places, top line, the time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.history import Level
from pdutui.engine.events import Logged
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.events_rows import KIND_NAMES, EventKind, Happening, Wanted
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.frame import arrows, frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut, pad, width_of, wrap

DETAIL = 4
"""Rows of the chosen event below the list."""
_INKS: dict[Level, str] = {"info": "text", "warning": "warning", "critical": "critical"}
_TEXTS: dict[Level, str] = {"info": "text", "warning": "text-warning", "critical": "text-critical"}
"""The text beside the word: coloured as that is, and no line of it underlined or reversed."""
_WORDS: dict[Level, str] = {"info": "", "warning": "warn", "critical": "CRIT"}
_MARKS: dict[EventKind, int] = {
    "command": 0, "transfer": 1, "alarm": 2, "health": 3, "identity": 4, "event": 5,
}  # fmt: skip
"""Which of `GlyphSet.marks`."""
KIND_CELLS = max(len(kind) for kind in KIND_NAMES)


class EventsScene(Struct, frozen=True, kw_only=True):
    """All that the panels of the events screen may look at."""

    rows: Sequence[Happening]
    """Newest first."""
    chosen: int = 0
    now: datetime
    """In the zone of the screen."""
    inks: Inks
    glyphs: GlyphSet
    keymap: Keymap = DEFAULT
    """The keys as the user has them."""
    wanted: Wanted = Wanted()
    loaded: bool = True
    complete: bool = False
    """There are no older ones."""
    searching: bool = False
    """Older ones that fit are being looked for."""
    from_ms: int = 0
    """All that happened from here on has been looked at."""
    kept: bool = True
    """There is a history."""
    trouble: str = ""
    standing: Standing = NOTHING
    rights: Rights = Rights()
    notice: Notice | None = None
    log: Logged | None = None

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    @property
    def row(self) -> Happening | None:
        """The chosen one."""
        return self.rows[self.chosen] if self.rows else None

    def time(self, ts_ms: int) -> datetime:
        """A moment in the zone of the screen."""
        return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(self.now.tzinfo)


def kind_glyph(kind: EventKind, glyphs: GlyphSet) -> str:
    """The sign of a kind, as in the charts."""
    return glyphs.down if kind == "trap" else glyphs.marks[_MARKS[kind]]


def places(width: int, height: int) -> dict[str, Rect]:
    """Where the panels are: bar, list, detail, said, hints."""
    out, room = frame(width, height)
    if room < 1:
        return out
    below = DETAIL if room >= 14 else 0
    out["list"] = Rect(0, 1, width, room - below)
    if below:
        out["detail"] = Rect(0, 1 + room - below, width, below)
    return out


def top_line(scene: EventsScene, width: int) -> Strip:
    """What is shown, and what is not."""
    glyphs, wanted = scene.glyphs, scene.wanted
    left = [Item(100, [(" Events ", "badge-text")])]
    left += badge(scene.standing, glyphs, width)
    left += badges(scene.rights)
    if wanted.least != "info":
        word = "critical" if wanted.least == "critical" else "warnings and worse"
        left.append(Item(84, [("only ", "muted"), (word, "strong")]))
    if wanted.kind is not None:
        left.append(Item(85, [("only ", "muted"), (KIND_NAMES[wanted.kind], "strong")]))
    if wanted.pdu is not None:
        pdu = cut(scene.clean(wanted.pdu), 24, glyphs.ellipsis)
        left.append(Item(83, [("only ", "muted"), (pdu, "strong")]))
    if wanted.text.strip():
        text = cut(scene.clean(wanted.text), 24, glyphs.ellipsis)
        left.append(Item(86, [("with ", "muted"), (text, "strong")]))
    right: list[Item] = []
    if scene.trouble:
        right.append(Item(97, [(f" {glyphs.alert} NOT ALL OF IT ", "badge-critical")]))
    elif not scene.kept:
        right.append(Item(96, [("no history: since the start only", "warning")]))
    right.append(Item(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


# the list


def event_rows(scene: EventsScene, width: int, height: int) -> list[tuple[Strip, int | None]]:
    """The time line, a row an event, with their places; a head where another day begins."""
    room, count = max(0, height - 1), len(scene.rows)
    if not count or not scene.loaded:
        head: list[tuple[Strip, int | None]] = [(_head(scene, width, 0, 0), None)]
        words, ink = _instead(scene)
        line = Line(scene.inks, width).add(f"  {cut(words, width - 3, scene.glyphs.ellipsis)}", ink)
        return [*head, (line.strip(), None)][:height]
    names = max(width_of(scene.clean(row.pdu)) for row in _near(scene, room))
    cells = min(names, max(6, width // 7))
    first = max(0, min(scene.chosen - room // 2, count - room))
    while True:
        body = _body(scene, first, room, width, cells)
        if first >= scene.chosen or any(place == scene.chosen for _, place in body):
            last = max((place for _, place in body if place is not None), default=0)
            return [(_head(scene, width, first, last), None), *body][:height]
        first += 1


def _near(scene: EventsScene, room: int) -> Sequence[Happening]:
    """Those that can be on the screen."""
    return scene.rows[max(0, scene.chosen - room) : scene.chosen + room + 1]


def _body(
    scene: EventsScene, first: int, room: int, width: int, cells: int
) -> list[tuple[Strip, int | None]]:
    out: list[tuple[Strip, int | None]] = []
    day: date = scene.now.date()
    for place in range(first, min(len(scene.rows), first + room)):
        row = scene.rows[place]
        when = scene.time(row.ts_ms)
        if when.date() != day:
            day = when.date()
            out.append((_day(scene, when, width), None))
        out.append((_row(scene, place, row, when, width, cells), place))
        if len(out) >= room:
            break
    return out[:room]


def _head(scene: EventsScene, width: int, first: int, last: int) -> Strip:
    glyphs, count = scene.glyphs, len(scene.rows)
    line = Line(scene.inks, width).add(glyphs.rule, "rule").add(" Newest first ", "title")
    tail: Row = []
    if count and scene.loaded:
        signs = arrows(glyphs, above=first > 0, below=last < count - 1 or not scene.complete)
        more = "" if scene.complete else "+"
        tail = [(f" {scene.chosen + 1} of {count}{more}{signs} ", "muted")]
        tail.append((glyphs.rule, "rule"))
    if scene.searching and line.used + 46 < width:
        looked = f" looked back to {scene.time(scene.from_ms):%d %b %Y %H:%M} "
        tail = [(looked, "warning"), *tail]
    fits = line.used + sum(len(text) for text, _ in tail) < width
    return line.right(tail if fits else [], glyphs.rule, "rule").strip()


def _instead(scene: EventsScene) -> tuple[str, str]:
    if scene.trouble and not scene.rows and scene.complete:
        return scene.clean(scene.trouble[:1].upper() + scene.trouble[1:]), "warning"
    if not scene.loaded:
        return "Reading what happened", "muted"
    if not scene.complete:
        looked = f"{scene.time(scene.from_ms):%d %b %Y %H:%M}"
        how = "" if scene.searching else ": down looks further back"
        return f"Nothing that fits since {looked}{how}", "muted"
    if scene.wanted.some:
        return f"Nothing fits: {scene.keymap.said('back')} shows all", "muted"
    return "Nothing has happened yet", "muted"


def _day(scene: EventsScene, when: datetime, width: int) -> Strip:
    words = f"{when:%a %d %b}" if when.year == scene.now.year else f"{when:%a %Y-%m-%d}"
    line = Line(scene.inks, width).add(f"{scene.glyphs.rule} ", "rule").add(words, "title")
    return line.add(" ").right([], scene.glyphs.rule, "rule").strip()


def _row(
    scene: EventsScene, place: int, row: Happening, when: datetime, width: int, cells: int
) -> Strip:
    here, glyphs = place == scene.chosen, scene.glyphs
    ink, text = _INKS[row.level], _TEXTS[row.level]
    line = Line(scene.inks, width, "cursor" if here else "base")
    line.add(glyphs.cursor if here else " ", "key")
    line.add(f"{when:%H:%M:%S} ", "strong" if here else "muted")
    line.add(pad(_WORDS[row.level], 4), ink).add(" ")
    line.add(kind_glyph(row.kind, glyphs), text).add(" ")
    if width >= 60:
        line.add(pad(row.kind, KIND_CELLS), "muted").add(" ")
    name = pad(cut(scene.clean(row.pdu), cells, glyphs.ellipsis), cells)
    line.add(f"{name} " if cells else "", "strong" if here else "text")
    return line.add(cut(scene.clean(row.text), line.room - 1, glyphs.ellipsis), text).strip()


# below


def detail(scene: EventsScene, width: int, height: int) -> list[Strip]:
    """The chosen event whole: when to the millisecond, what kind, all of its text."""
    row, glyphs = scene.row, scene.glyphs
    if row is None or height < 1 or not scene.loaded:
        return []
    when = scene.time(row.ts_ms)
    stamp = f"{when:%a %Y-%m-%d %H:%M:%S}.{row.ts_ms % 1000:03d}"
    title = f" {row.kind[:1].upper()}{row.kind[1:]}, {stamp} {when.tzname() or ''}".rstrip()
    head = Line(scene.inks, width).add(glyphs.rule, "rule").add(f"{title} ", "title")
    out = [head.right([], glyphs.rule, "rule").strip()]
    said = " ".join(filter(None, [_WORDS[row.level] and row.level, row.pdu]))
    text = scene.clean(f"{said}: {row.text}" if said else row.text)
    parts = wrap(text, max(8, width - 2))
    if len(parts) > height - 1:
        kept = max(0, height - 2)
        rest = cut(" ".join(parts[kept:]), width - 2, glyphs.ellipsis)
        parts = [*parts[:kept], rest]
    return out + [
        Line(scene.inks, width).add(" ").add(part, _TEXTS[row.level]).strip() for part in parts
    ]


def said_line(scene: EventsScene, width: int) -> Strip:
    """What the console has to say, else what is wrong."""
    line, glyphs = Line(scene.inks, width), scene.glyphs
    if scene.notice is not None:
        severity, text = scene.notice.severity, scene.notice.text
    elif scene.trouble:
        severity, text = "critical", scene.trouble[:1].upper() + scene.trouble[1:]
    elif not scene.kept:
        severity = "warning"
        text = "No history is kept here: this is what the console has seen since it started"
    else:
        return blank(scene.inks, width)
    mark = glyphs.dot if severity == "info" else glyphs.alert
    line.add(f" {mark} ", _INKS[severity])
    return line.add(cut(scene.clean(text), line.room - 1, glyphs.ellipsis), _INKS[severity]).strip()
