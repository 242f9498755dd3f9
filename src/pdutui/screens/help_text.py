"""What the help says of keys: what works here, what works anywhere, what does not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pdutui.keys.common import BACK, CONNECT, DOORS, EVERYWHERE, FIND, QUIT
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.model import Key
from pdutui.screens.dialog import Row
from pdutui.widgets.text import width_of, wrap

KEY_CELLS = 14
"""Cells of the keys in front of what they do."""
_FEW = 3
"""Fewer keys that work anywhere, as in a dialog, have no section of their own."""
_ANYWHERE = frozenset(key.id for key in (*EVERYWHERE, *DOORS, FIND, QUIT, BACK, CONNECT))


def key_help(
    keys: Sequence[Key], keymap: Keymap = DEFAULT, why: Mapping[str, str] | None = None
) -> list[Row]:
    """The keys of a screen: what works here first, then anywhere, then what does not.

    Args:
        keys: The table of the screen.
        keymap: The keys as the user has them.
        why: Ids of what does not work here and now, and why not.
    """
    reasons = why or {}
    works: list[_Line] = []
    refused: dict[str, list[_Line]] = {}
    for one in _lines(keys, keymap):
        reason = reasons.get(one.id, "")
        (refused.setdefault(reason, []) if reason else works).append(one)
    here = [_row(one) for one in works if one.id not in _ANYWHERE]
    anywhere = [_row(one) for one in works if one.id in _ANYWHERE]
    if len(anywhere) < _FEW:
        here, anywhere = [*here, *anywhere], []
    rows = _section("Works here", here) + _section("On every screen", anywhere)
    said: list[Row] = []
    for reason, stopped in refused.items():
        said += [_row(one, "muted") for one in stopped]
        said.append([(" " * (2 + KEY_CELLS), "text"), (reason, "text")])
    return rows + _section("Not here, or not now, and why", said)


class _Line(NamedTuple):
    """What can be done, by one action or by several that do the same."""

    id: str
    words: list[str]
    helps: str


def _lines(keys: Iterable[Key], keymap: Keymap) -> list[_Line]:
    out: dict[str, _Line] = {}
    for key in keys:
        line = out.setdefault(key.action or key.id, _Line(key.id, [], key.helps))
        line.words.extend(keymap.words(key))
    return list(out.values())


def _section(title: str, rows: list[Row]) -> list[Row]:
    return [[(title, "title")], *rows, []] if rows else []


def _row(one: _Line, ink: str = "text") -> Row:
    """A key and what it does; keys for which there is no room are named behind it."""
    shown = one.words[:1]
    rest = one.words[1:]
    while rest and len(" ".join([*shown, rest[0]])) < KEY_CELLS:
        shown.append(rest.pop(0))
    text = f"{one.helps}; also {', '.join(rest)}" if rest else one.helps
    lead = f"  {' '.join(shown) or 'no key':<{KEY_CELLS}}"
    return [(lead, "key" if ink == "text" else ink), (text, ink)]


def fitted(rows: Iterable[Row], width: int) -> list[Row]:
    """Rows of at most so many cells: what is longer goes on below, behind what leads its row."""
    out: list[Row] = []
    for row in rows:
        *lead, (text, ink) = row or [("", "text")]
        before = sum(len(word) for word, _ in lead)
        room = max(8, width - before)
        lines = [text] if width_of(text) <= room else wrap(text, room)
        out.append([*lead, (lines[0], ink)] if row else [])
        out += [[(" " * before, "text"), (line, ink)] for line in lines[1:]]
    return out


def sought(rows: Sequence[Row], text: str) -> list[Row]:
    """The rows in which all words of a text are, under their titles.

    Args:
        rows: The help, as `key_help` and the screens make it: sections with a blank row between.
        text: What is looked for; case does not matter.
    """
    wanted = text.lower().split()
    if not wanted:
        return list(rows)
    out: list[Row] = []
    title: Row = []
    for row in rows:
        if len(row) == 1 and row[0][1] == "title":
            title = row
            continue
        said = " ".join(word for word, _ in row).lower()
        if row and all(word in said for word in wanted):
            if title:
                out += [*([[]] if out else []), title]
                title = []
            out.append(row)
    return out
