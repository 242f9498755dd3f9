"""What stands on the welcome screen: a name made of outlets, the ways to begin, what to say."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.strip import Strip

from pdutui.engine.events import Severity
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line, Piece, blank
from pdutui.widgets.text import clean, cut, width_of, wrap

TAGLINE = "the terminal console for rack power"
_LETTERS = {
    "p": "### #.# ### #.. #..",
    "d": "##. #.# #.# #.# ##.",
    "u": "#.# #.# #.# #.# ###",
    "t": "### .#. .#. .#. .#.",
    "i": "# # # # #",
}
_NAME = "pdutui"
_MARGIN = 3
_LABEL = 23
_ENTRY = 2 + 4 + _LABEL
"""Cells of an entry before what it does."""
_WIDEST = 100
_NAME_CELLS = 44
_INKS: dict[Severity, str] = {"info": "text", "warning": "warning", "critical": "critical"}


class Entry(Struct, frozen=True):
    """One way to begin."""

    id: str
    key: str
    """As people call it; empty where it has none."""
    label: str
    says: str
    off: bool = False
    """It cannot be chosen now; `says` is why."""


class WelcomeScene(Struct, frozen=True, kw_only=True):
    """All that is drawn."""

    inks: Inks
    glyphs: GlyphSet
    entries: Sequence[Entry]
    cursor: int
    state: str
    """Why it is here: there is no configuration, or one without PDUs."""
    notice: str = ""
    severity: Severity = "info"


class WelcomePage(Struct, frozen=True):
    """The lines, and which entry stands in which row."""

    lines: list[Strip]
    rows: dict[int, int]


def name_rows(glyphs: GlyphSet) -> list[list[Piece]]:
    """The name as a field of outlets: those that are on write it."""
    letters = [_LETTERS[char].split() for char in _NAME]
    out = []
    for row in range(len(letters[0])):
        dots = ".".join(letter[row] for letter in letters)
        out.append(
            [(f"{glyphs.on} ", "on") if d == "#" else (f"{glyphs.dot} ", "rule") for d in dots]
        )
    return out


def welcome_page(scene: WelcomeScene, width: int, height: int) -> WelcomePage:
    """Everything in the middle. Where it is low the entries stay, and the rest gives way."""
    wide = min(width, _WIDEST)
    inner = max(1, wide - 2 * _MARGIN)
    widest = max((_ENTRY + width_of(entry.says) for entry in scene.entries), default=0)
    margin = min(_MARGIN, max(0, (wide - 40) // 8))
    left = max(margin, min((width - widest) // 2, width - inner))
    head = _head(scene, inner, max(0, height - len(scene.entries)))
    spare = height - len(head) - len(scene.entries)
    airy = spare >= len(scene.entries) + 4
    first = max(0, min(scene.cursor - height // 2, len(scene.entries) - height))
    rows: list[tuple[Sequence[Piece], int | None]] = [(pieces, None) for pieces in head]
    for place, entry in list(enumerate(scene.entries))[first : first + height]:
        if airy and place:
            rows.append(([], None))
        rows.append((_entry(entry, place == scene.cursor, inner, scene.glyphs), place))
    above = max(0, (height - len(rows) - 1) // 2)
    lines = [blank(scene.inks, width)] * above
    for pieces, place_of in rows:
        here = place_of is not None and place_of == scene.cursor
        line = Line(scene.inks, width, "cursor" if here else "base")
        lines.append(line.to(left).extend(list(pieces)).strip())
    where = {above + at: place for at, (_, place) in enumerate(rows) if place is not None}
    return WelcomePage(lines[:height], where)


def _head(scene: WelcomeScene, width: int, room: int) -> list[list[Piece]]:
    """What stands above the entries, in so many rows at most: the name goes first, then gaps."""
    glyphs = scene.glyphs
    name: list[list[Piece]] = [*name_rows(glyphs), []] if width >= _NAME_CELLS else []
    title: list[list[Piece]] = [[(cut(TAGLINE, width, glyphs.ellipsis), "muted")], []]
    words: list[list[Piece]] = [[(text, ink)] for text, ink in _wrapped(scene, width)]
    for tried in ([*name, *title, *words, []], [*title, *words, []], [*words, []], words):
        # The name wants air around it.
        if len(tried) + (2 if name and tried[: len(name)] == name else 0) <= room:
            return tried
    # What was said last counts more than why this screen is here.
    first = len(words) - room if scene.notice else 0
    return words[first : first + room]


def _wrapped(scene: WelcomeScene, width: int) -> list[Piece]:
    """Why it is here, and what is to be said."""
    plain = scene.glyphs.ascii_only
    out = [(line, "text") for line in wrap(clean(scene.state, plain), width)]
    said = wrap(clean(scene.notice, plain), width) if scene.notice else []
    return out + [(line, _INKS[scene.severity]) for line in ([""] if said else []) + said]


def _entry(entry: Entry, here: bool, width: int, glyphs: GlyphSet) -> list[Piece]:
    """Cursor, key, label, what it does; the last gives way where it is narrow."""
    label = entry.label.ljust(_LABEL)
    head = f"{glyphs.cursor if here else ' '} "
    room = width - 6 - width_of(label)
    says = entry.says if width_of(entry.says) <= room else cut(entry.says, room, glyphs.ellipsis)
    if room < 16:
        label, says = cut(entry.label, max(1, width - 6), glyphs.ellipsis), ""
    return [
        (head, "key" if here else "text"),
        (entry.key.ljust(3)[:3], "muted" if entry.off else "key"),
        (" ", "text"),
        (label, "muted" if entry.off else "strong"),
        (says, "muted"),
    ]
