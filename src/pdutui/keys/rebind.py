"""`[keys]` of the configuration: whether what a user wants of keys can be, and what it comes to.

Textual takes whatever it is given: a name that no key has, the same key twice, a question that is
answered by the key that put it. Here all of that is refused, by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from pdutui.keys.keymap import Keymap
from pdutui.keys.model import Context, Key
from pdutui.keys.names import RESERVED, UnknownKey, canonical, is_typed, shown
from pdutui.keys.registry import by_id, contexts

NEVER_YES = ("enter", "space")
"""They press the button that has the focus, which is Cancel; and hands rest on them."""
MOST_KEYS = 8
"""Keys of one action."""
NEEDED = {
    "dialog.yes": "nothing could be confirmed",
    "dialog.no": "no question could be declined",
    "dialog.close": "no dialog could be left",
    "back": "no screen could be left",
    "help": "nobody could look the keys up",
    "quit": "pdutui could not be left by a key; in a kiosk nothing quits it anyway",
}
"""Actions that must have a key, and why."""
_PRESS = ("enter", "space")
_EDITS = frozenset(
    ("left", "right", "home", "end", "backspace", "delete", "enter", "ctrl+a", "ctrl+d", "ctrl+e",
     "ctrl+f", "ctrl+k", "ctrl+u", "ctrl+v", "ctrl+w", "ctrl+x", "ctrl+left", "ctrl+right",
     "shift+left", "shift+right", "shift+home", "shift+end")
)  # fmt: skip
"""Keys that a field has for itself, besides characters."""


class Fault(NamedTuple):
    """What is wrong with one entry."""

    id: str
    """The action; as it was written where there is none of that name."""
    text: str
    """For people, to stand behind the id: `has "foo", which is no key ...`."""


def checked(wanted: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple[str, ...]], list[Fault]]:
    """What a user wants, in canonical names, and all that is wrong with it.

    Args:
        wanted: Action id to keys as people write them; an empty list takes its keys away.

    Returns:
        What `Keymap` takes, without entries that are wrong by themselves; and the faults. Where
        there is any, none of it should be used.
    """
    changed: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for ident, keys in wanted.items():
        found = by_id().get(ident)
        if found is None:
            faults.append(Fault(ident, _unknown(ident)))
            continue
        wrong = list(_wrong_alone(found, keys))
        if wrong:
            faults += wrong
        else:
            changed[ident] = tuple(dict.fromkeys(canonical(each) for each in keys))
    return changed, faults + list(_wrong_together(changed))


def _unknown(ident: str) -> str:
    near = get_close_matches(ident.lower(), by_id(), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "pdutui keys lists all there are"
    return f"is no action: {hint}"


def _wrong_alone(key: Key, keys: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with an entry whatever the others say."""
    if not keys and key.id in NEEDED:
        yield Fault(key.id, f"must have a key: {NEEDED[key.id]}")
    if keys and key.fixed:
        yield Fault(key.id, f"stands on {key.shown} alone: [] takes it away, nothing moves it")
        return
    if len(keys) > MOST_KEYS:
        yield Fault(key.id, f"has {len(keys)} keys; {MOST_KEYS} are the most")
        return
    for each in keys:
        try:
            name = canonical(each)
        except UnknownKey as error:
            yield Fault(key.id, f"has a key that cannot be: {error}")
            continue
        if name in RESERVED and name not in key.names:
            yield Fault(key.id, f"must not be on {name}, which {RESERVED[name]}")
        elif name in NEVER_YES and key.id == "dialog.yes":
            why = "it presses the button that has the focus, which is Cancel"
            yield Fault(key.id, f"must not be on {shown(name)}: {why}")


def _wrong_together(changed: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    """What is wrong with entries beside each other and beside the keys that stay."""
    keymap = Keymap(changed)
    told: set[tuple[str, ...]] = set()
    for context in contexts():
        for fault, *about in (
            *_clashes(context, keymap, changed),
            *_same_as_opener(context, keymap, changed),
            *_unreachable(context, keymap, changed),
            *_pressed(context, keymap, changed),
        ):
            if tuple(about) not in told:
                told.add(tuple(about))
                yield fault


_Told = tuple[Fault, str, str, str]
_Changed = Mapping[str, tuple[str, ...]]


def _clashes(context: Context, keymap: Keymap, changed: _Changed) -> Iterator[_Told]:
    """Two actions on one key that can be pressed at the same moment."""
    taken: dict[str, Key] = {}
    for key in context.keys:
        for name in keymap.names(key):
            other = taken.setdefault(name, key)
            if other.id == key.id or (other.action == key.action and key.action):
                continue
            mine, its = (key, other) if key.id in changed else (other, key)
            if mine.id in changed:
                text = (
                    f"is on {shown(name)}, and so is {its.id!r} ({_does(its)}) on "
                    f"{context.title}: give one of them another key, or none"
                )
                first, second = sorted((mine.id, its.id))
                yield Fault(mine.id, text), name, first, second


def _does(key: Key) -> str:
    return key.helps.partition(";")[0].partition(":")[0]


def _same_as_opener(context: Context, keymap: Keymap, changed: _Changed) -> Iterator[_Told]:
    """A question that is answered by the key that puts it: a double tap would confirm."""
    if not any(key.id == "dialog.yes" for key in context.keys):
        return
    yes = keymap.names("dialog.yes")
    for opener in context.opened_by:
        for name in set(keymap.names(opener)) & set(yes):
            mine, its = (
                ("dialog.yes", opener) if "dialog.yes" in changed else (opener, "dialog.yes")
            )
            if mine in changed:
                text = f"must not be on {shown(name)}, as {its!r} is: a double tap would confirm"
                yield Fault(mine, text), "opener", name, opener


def _unreachable(context: Context, keymap: Keymap, changed: _Changed) -> Iterator[_Told]:
    """What has no key left where one types: characters go into the field."""
    for key in context.keys:
        in_fields = context.typed or key.id in ("dialog.no", "back")
        if key.id not in changed or not in_fields or all(map(_is_taken, key.names)):
            continue
        names = changed[key.id]
        if names and all(map(_is_taken, names)):
            what = ", ".join(map(shown, names))
            text = (
                f"is on {what} alone, which a field takes for itself where one types: "
                f"add a key like esc, f1 or ctrl+n"
            )
            yield Fault(key.id, text), "typed", key.id, ""


def _is_taken(name: str) -> bool:
    return is_typed(name) or name in _EDITS


def _pressed(context: Context, keymap: Keymap, changed: _Changed) -> Iterator[_Told]:
    """Enter and space press the button that has the focus, whatever else they are."""
    if not any(key.id == "field.next" for key in context.keys):
        return
    for key in context.keys:
        for name in changed.get(key.id, ()):
            if name in _PRESS and name not in key.names and key.id != "dialog.yes":
                text = f"must not be on {shown(name)}, which presses the button in {context.title}"
                yield Fault(key.id, text), "pressed", name, key.id
