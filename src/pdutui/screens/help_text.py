"""What the help says of keys: what works here, what works anywhere, what does not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pdutui.keys.common import BACK, CONNECT, DOORS, EVERYWHERE, FIND, QUIT
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.model import Key
from pdutui.screens.dialog import Row
from pdutui.widgets.text import wrap

KEY_CELLS = 13
"""Cells of the keys in front of what they do."""
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
    works = [key for key in keys if key.id not in reasons]
    here = [key for key in works if key.id not in _ANYWHERE]
    anywhere = [key for key in works if key.id in _ANYWHERE]
    rows = _section("Works here", [_row(key, keymap, key.helps) for key in here])
    rows += _section("On every screen" if here else "Works here", [
        _row(key, keymap, key.helps) for key in anywhere
    ])  # fmt: skip
    return rows + _section("Not here, or not now", _refused(keys, keymap, reasons))


def _refused(keys: Iterable[Key], keymap: Keymap, why: Mapping[str, str]) -> list[Row]:
    """What does not work, by its reason: one reason is said once for all that it stops."""
    by_reason: dict[str, list[Key]] = {}
    for key in keys:
        if key.id in why:
            by_reason.setdefault(why[key.id], []).append(key)
    rows: list[Row] = []
    for reason, stopped in by_reason.items():
        rows += [_row(key, keymap, key.helps, "muted") for key in stopped]
        rows.append([(" " * (2 + KEY_CELLS), "text"), (reason, "warning")])
    return rows


def _section(title: str, rows: list[Row]) -> list[Row]:
    return [[(title, "title")], *rows, []] if rows else []


def _row(key: Key, keymap: Keymap, helps: str, ink: str = "text") -> Row:
    """A key and what it does; keys for which there is no room are named behind it."""
    words = keymap.every(key)
    shown, rest = (words, "") if len(words) < KEY_CELLS else _cut(key, keymap)
    text = f"{helps}; also {rest}" if rest else helps
    return [(f"  {shown or 'no key':<{KEY_CELLS}}", "key" if ink == "text" else ink), (text, ink)]


def _cut(key: Key, keymap: Keymap) -> tuple[str, str]:
    words = keymap.words(key)
    shown = words[:1]
    while len(shown) < len(words) and len(" ".join([*shown, words[len(shown)]])) < KEY_CELLS:
        shown.append(words[len(shown)])
    return " ".join(shown), ", ".join(words[len(shown) :])


def fitted(rows: Iterable[Row], width: int) -> list[Row]:
    """Rows of at most so many cells: what is longer goes on below, behind what leads its row."""
    out: list[Row] = []
    for row in rows:
        *lead, (text, ink) = row or [("", "text")]
        before = sum(len(word) for word, _ in lead)
        lines = wrap(text, max(8, width - before)) if text.strip() else [text]
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
