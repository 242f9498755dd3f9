"""What stands on the alarms screen as pure functions: places, top line, the two lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.alarm import Alarm, AlarmChange, AlarmEntry, Silence
from pdutui.engine.events import Logged
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.alarms_state import Condition, Wanted, condition
from pdutui.screens.dialog import Row
from pdutui.widgets.alarm_banner import clock_of
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.figures import age
from pdutui.widgets.frame import arrows, frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut, pad, width_of

BESIDE_FROM = 132
"""From here on the chosen alarm stands beside the list, else below it."""
NARROW = 60
"""Below this, words are short, and only what is not active says so."""
_SHORT = {"critical": "CRIT", "warning": "warn"}
_SEVERITY = {"info": "text", "warning": "warning", "critical": "critical"}
_LEVELS = {"critical": ("CRITICAL", "critical"), "warning": ("warning", "warning")}
_CONDITIONS: dict[Condition, tuple[str, str]] = {
    "active": ("active", "strong"), "over": ("over", "muted"), "unknown": ("unknown", "unknown"),
}  # fmt: skip
_CHANGES: dict[AlarmChange, tuple[str, str]] = {
    "raised": ("alert", ""),
    "escalated": ("alert", ""),
    "eased": ("down", "text"),
    "over": ("dot", "fine"),
    "acknowledged": ("done", "text"),
    "silenced": ("closed", "text"),
    "unsilenced": ("alert", "text"),
    "expired": ("dash", "muted"),
}
"""Which glyph, which ink; empty: that of the level."""
CHANGE_CELLS = max(map(len, _CHANGES))


class Sign(Struct, frozen=True):
    """A state as it is drawn: never by colour alone."""

    glyph: str
    word: str
    ink: str


class AlarmsScene(Struct, frozen=True, kw_only=True):
    """All that the panels of the alarms screen may look at."""

    alarms: Sequence[Alarm]
    """Those that stand and are wanted, the worst first."""
    standing: Standing = NOTHING
    """All that stand."""
    total: int = 0
    """How many stand, wanted or not."""
    entries: Sequence[AlarmEntry] = ()
    """The history, newest first."""
    past: bool = False
    """The history is shown."""
    chosen: int = 0
    """Which row."""
    now: datetime
    """In the zone of the screen."""
    inks: Inks
    glyphs: GlyphSet
    keymap: Keymap = DEFAULT
    """The keys as the user has them."""
    wanted: Wanted = Wanted()
    loaded: bool = True
    """The history that is wanted was read."""
    complete: bool = False
    """There is no older one."""
    trouble: str = ""
    """Why the history cannot be read."""
    problem: str = ""
    """Why alarms are not kept, not told, not judged."""
    silences: Sequence[Silence] = ()
    of_this: Sequence[AlarmEntry] = ()
    """What is known of the chosen alarm's past, newest first."""
    where: str = ""
    """The PDU's place and the outlet's name, for the chosen one."""
    samples: Sequence[float | None] = ()
    """The last quarter of an hour of the chosen alarm's figure, one a second."""
    second: int = 0
    """The second of the last of them."""
    rights: Rights = Rights()
    notice: Notice | None = None
    log: Logged | None = None

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.entries if self.past else self.alarms)

    @property
    def entry(self) -> AlarmEntry | None:
        """The line of the history that is chosen."""
        return self.entries[self.chosen] if self.past and self.entries else None

    @property
    def alarm(self) -> Alarm | None:
        """The alarm that is chosen."""
        entry = self.entry
        if entry is not None:
            return entry.alarm
        return self.alarms[self.chosen] if self.alarms and not self.past else None


def level_sign(alarm: Alarm) -> tuple[str, str]:
    """The word of a level and its ink."""
    return _LEVELS[alarm.level]


def state_sign(alarm: Alarm, glyphs: GlyphSet) -> Sign:
    """How the state of an alarm is drawn: the glyph says whether it asks for attention."""
    state = condition(alarm)
    word, ink = _CONDITIONS[state]
    if alarm.ack is not None:
        return Sign(glyphs.done, word, "muted")
    if alarm.silenced_until is not None:
        return Sign(glyphs.closed, word, "muted")
    glyph = {"active": glyphs.alert, "over": glyphs.dot, "unknown": glyphs.unknown}[state]
    return Sign(glyph, word, ink)


def change_sign(entry: AlarmEntry, glyphs: GlyphSet) -> Sign:
    """How a line of the history is drawn."""
    name, ink = _CHANGES[entry.change]
    return Sign(getattr(glyphs, name), entry.change, ink or _LEVELS[entry.alarm.level][1])


def handling(alarm: Alarm, now: datetime, glyphs: GlyphSet) -> tuple[str, str]:
    """`✓ ada`: acknowledged by ada; `⊘ 45m`: silenced for so long; empty: it asks for attention.

    Fewer glyphs have several meanings each: with them words come first, `ack ada`, `quiet 45m`,
    and the glyphs where there is no room for words.
    """
    if alarm.ack is not None:
        sign, word, what = glyphs.done, "ack", alarm.ack.by
    elif alarm.silenced_until is not None:
        left = (alarm.silenced_until - now).total_seconds()
        sign, word, what = glyphs.closed, "quiet", coarse_age(left, "soon over")
    else:
        return "", ""
    return f"{sign if glyphs.name == 'unicode' else word} {what}", f"{sign} {what}"


def places(width: int, height: int) -> dict[str, Rect]:
    """Where the panels are: bar, list, detail, said, hints."""
    out, room = frame(width, height)
    if room < 1:
        return out
    if width >= BESIDE_FROM:
        side = min(72, max(46, width * 2 // 5))
        out["list"] = Rect(0, 1, width - side - 1, room)
        out["detail"] = Rect(width - side, 1, side, room)
    elif room >= 12:
        below = min(12, room // 2)
        out["list"] = Rect(0, 1, width, room - below)
        out["detail"] = Rect(0, 1 + room - below, width, below)
    else:
        out["list"] = Rect(0, 1, width, room)
    return out


def top_line(scene: AlarmsScene, width: int) -> Strip:
    """How many there are, what is left out, what is wrong with alarms themselves."""
    glyphs = scene.glyphs
    left = [Item(100, [(" Alarms ", "badge-text")])]
    left += badge(scene.standing, glyphs, max(width, 100))
    if scene.standing.unjudged:
        left += (
            [] if scene.standing.off else [Item(91, [(f"{glyphs.unknown} not known", "unknown")])]
        )
    elif not scene.total:
        left.append(Item(91, [(f"{glyphs.done} none", "on")]))
    elif scene.standing.quiet and (scene.standing.critical or scene.standing.warning):
        left.append(Item(40, [(f"{scene.standing.quiet} quiet", "muted")]))
    left += badges(scene.rights)
    if scene.past:
        left.append(Item(95, [("history", "title")]))
    if scene.wanted.only:
        word = "critical" if scene.wanted.only == "critical" else (
            "" if scene.past else "asking for attention"
        )  # fmt: skip
        left += [Item(80, [("only ", "muted"), (word, "strong")])] if word else []
    if scene.wanted.pdu is not None:
        name = cut(scene.clean(scene.wanted.pdu), 24, glyphs.ellipsis)
        left.append(Item(81, [("only ", "muted"), (name, "strong")]))
    if scene.wanted.text.strip():
        text = cut(scene.clean(scene.wanted.text), 24, glyphs.ellipsis)
        left.append(Item(82, [("with ", "muted"), (text, "strong")]))
    right: list[Item] = []
    if scene.problem:
        right.append(Item(96, [(f" {glyphs.alert} NOT KEPT ", "badge-warning")]))
    if scene.silences:
        many = len(scene.silences)
        words = f"{many} silence{'s' * (many > 1)}"
        right.append(Item(50, [(words, "warning")]))
    right.append(Item(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


# the list


def alarm_rows(scene: AlarmsScene, width: int, height: int) -> list[tuple[Strip, int | None]]:
    """Alarms or the history, one a row, with their places; the chosen one is among them."""
    room, count = max(0, height - 1), scene.count
    first = max(0, min(scene.chosen - room // 2, count - room))
    last = min(count, first + room)
    out: list[tuple[Strip, int | None]] = [(_head(scene, width, first, last), None)]
    if not count or not scene.loaded:
        words, ink = _instead(scene)
        text = cut(words, width - 3, scene.glyphs.ellipsis)
        return [*out, (Line(scene.inks, width).add(f"  {text}", ink).strip(), None)][:height]
    if scene.past:
        shown = scene.entries[first:last]
        whens = max(len(clock_of(entry.time, scene.now)) for entry in shown)
        names = max(width_of(scene.clean(entry.alarm.pdu)) for entry in shown)
        wide = (whens, min(names, max(6, width // 7)))
        made = [_entry(scene, first + at, e, width, wide) for at, e in enumerate(shown)]
    else:
        listed = scene.alarms[first:last]
        cells = _Cells.of(scene, listed, width)
        made = [_alarm(scene, first + at, a, width, cells) for at, a in enumerate(listed)]
    return [*out, *((strip, first + at) for at, strip in enumerate(made))][:height]


def _head(scene: AlarmsScene, width: int, first: int, last: int) -> Strip:
    glyphs, count = scene.glyphs, scene.count
    title = "History, newest first" if scene.past else "Alarms, the worst first"
    line = Line(scene.inks, width).add(glyphs.rule, "rule").add(f" {title} ", "title")
    more = scene.past and not scene.complete
    signs = arrows(glyphs, above=first > 0, below=last < count or more)
    place = f" {scene.chosen + 1} of {count}{'+' * more}{signs} " if count else ""
    if not scene.past and scene.total > count:
        place = f" {count} of {scene.total} shown{signs} "
    tail: Row = [(place, "muted"), (glyphs.rule, "rule")] if place else []
    return line.right(tail if line.used + len(place) < width else [], glyphs.rule, "rule").strip()


def _instead(scene: AlarmsScene) -> tuple[str, str]:
    """What stands where there is no row."""
    if scene.past and scene.trouble:
        return scene.clean(scene.trouble[:1].upper() + scene.trouble[1:]), "warning"
    if scene.past and not scene.loaded:
        return "Reading the history", "muted"
    if scene.wanted.some:
        return f"Nothing fits: {scene.keymap.said('back')} shows all", "muted"
    if scene.past:
        return "Nothing has been raised yet", "muted"
    if scene.standing.unjudged:
        return f"{scene.glyphs.unknown} Nothing is judged: {scene.standing.unjudged}", "warning"
    return f"{scene.glyphs.done} Nothing is wrong that pdutui knows of", "on"


class _Cells(Struct, frozen=True):
    """How wide the columns of the list are; what only some have stands beside them."""

    pdu: int
    since: int
    age: bool
    handled: int
    """At most."""

    @staticmethod
    def of(scene: AlarmsScene, shown: Sequence[Alarm], width: int) -> _Cells:
        """As wide as what is shown needs, within what there is."""
        names = max((width_of(scene.clean(a.pdu)) for a in shown), default=0)
        since = max((len(clock_of(a.since, scene.now)) for a in shown), default=_SECONDS)
        if since == _SECONDS and width < _SECONDS_FROM:
            since = _MINUTES  # the chosen one's seconds stand below
        return _Cells(
            pdu=min(names, max(6, width // 7)),
            since=since if width >= 60 else 0,
            age=width >= 90,
            handled=max(6, width // 7) if width >= 70 else 0,
        )


_AGE = 6
_MINUTES, _SECONDS = len("14:02"), len("14:02:11")
_SECONDS_FROM = 90
"""Columns from which on the list gives seconds too."""


def _alarm(scene: AlarmsScene, at: int, alarm: Alarm, width: int, cells: _Cells) -> Strip:
    here, glyphs, quiet = at == scene.chosen, scene.glyphs, not alarm.loud
    line = Line(scene.inks, width, "cursor" if here else "base")
    word, ink = level_sign(alarm)
    state = state_sign(alarm, glyphs)
    line.add(f"{glyphs.cursor} " if here else "  ", "key")
    narrow = width < NARROW
    named = pad(_SHORT[alarm.level] if narrow else word, 5 if narrow else 9)
    sign_ink, word_ink = "muted" if quiet else ink, "muted" if quiet or alarm.over else ink
    if sign_ink == word_ink:
        line.add(f"{state.glyph} {named}", ink=word_ink)
    else:
        line.add(f"{state.glyph} ", sign_ink).add(named, word_ink)
    line.add("" if narrow else pad(state.word, 8), state.ink)
    line.add(pad(cut(scene.clean(alarm.pdu), cells.pdu, glyphs.ellipsis), cells.pdu), "strong"
             if here else "text").add(" ")  # fmt: skip
    since = clock_of(alarm.since, scene.now)
    times: list[Piece] = []
    if cells.since:
        times.append((f" {pad(since[: cells.since], cells.since)}", "muted"))
    if cells.age:
        times.append((f" {coarse_age((scene.now - alarm.since).total_seconds()):>{_AGE}}", "muted"))
    times.append((" ", "text"))
    came = f" x{alarm.times}" if alarm.times > 1 else ""
    said = f"{state.word}: {alarm.text}" if narrow and state.word != "active" else alarm.text
    said, free = scene.clean(said), line.room - pieces_width(times) - len(came)
    tail: list[Piece] = []
    for who in handling(alarm, scene.now, glyphs) if cells.handled else ():
        who = cut(scene.clean(who), cells.handled, glyphs.ellipsis)
        tail = [(f" {who}", "text")] if who else []
        if width_of(said) + pieces_width(tail) <= free:
            break
    tail += times
    room = line.room - pieces_width(tail) - len(came)
    line.add(cut(said, max(8, room), glyphs.ellipsis), "muted" if quiet or alarm.over else "text")
    line.add(came, "muted" if quiet else "warning")
    return line.right(tail if line.room >= pieces_width(tail) else []).strip()


def _entry(
    scene: AlarmsScene, at: int, entry: AlarmEntry, width: int, wide: tuple[int, int]
) -> Strip:
    here, glyphs, alarm = at == scene.chosen, scene.glyphs, entry.alarm
    line = Line(scene.inks, width, "cursor" if here else "base")
    sign = change_sign(entry, glyphs)
    when = clock_of(entry.time, scene.now)
    line.add(glyphs.cursor if here else " ", "key")
    line.add(f"{pad(when, wide[0])} ", "strong" if here else "muted")
    line.add(f"{sign.glyph} {pad(sign.word, CHANGE_CELLS)} ", sign.ink)
    if width >= 70:
        word, ink = level_sign(alarm)
        line.add(pad(word, 9), ink if entry.change in ("raised", "escalated") else "muted")
    name = cut(scene.clean(alarm.pdu), wide[1], glyphs.ellipsis)
    line.add(f"{pad(name, wide[1])} " if wide[1] else "", "text")
    tail: list[Piece] = []
    if entry.by:
        tail = [(f" {cut(scene.clean(entry.by), 14, glyphs.ellipsis)} ", "muted")]
    said = scene.clean(f"{alarm.text}: {entry.comment}" if entry.comment else alarm.text)
    room = line.room - pieces_width(tail)
    line.add(cut(said, max(8, room), glyphs.ellipsis), "text")
    return line.right(tail if line.room >= pieces_width(tail) else []).strip()


def coarse_age(seconds: float, least: str = "new") -> str:
    """`new`, `5m`, `3h12m`, `2d04h`: a row of a list is not to change with every second."""
    if seconds < 60:
        return least
    return f"{int(seconds) // 60}m" if seconds < 3600 else age(seconds)


# below


def said_line(scene: AlarmsScene, width: int) -> Strip:
    """What the console has to say, else what is wrong, else the newest event."""
    line, glyphs = Line(scene.inks, width), scene.glyphs
    if scene.notice is not None:
        severity, text = scene.notice.severity, scene.notice.text
    elif scene.problem:
        severity, text = "warning", scene.problem
    elif scene.log is not None:
        severity = scene.log.severity
        time = scene.log.time.astimezone(scene.now.tzinfo)
        text = " ".join(filter(None, [f"{time:%H:%M:%S}", scene.log.pdu, scene.log.text]))
    else:
        return blank(scene.inks, width)
    mark = glyphs.dot if severity == "info" else glyphs.alert
    line.add(f" {mark} ", _SEVERITY[severity])
    return line.add(cut(scene.clean(text), line.room - 1, glyphs.ellipsis),
                    _SEVERITY[severity]).strip()  # fmt: skip
