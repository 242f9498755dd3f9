"""The keys as the user has them: what the tables say, with `[keys]` of the configuration on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pdutui.keys.model import Key
from pdutui.keys.names import is_typed, sent, shown
from pdutui.keys.pdu import KEYS

NOWHERE = "the palette"
"""What a sentence names where an action has no key."""


class Keymap:
    """Which keys each action has.

    Args:
        changed: Action id to canonical key names instead of its own, as `rebind.checked` lets pass;
            empty: no key.
    """

    alone = False
    """Nothing is bound beside the tables, not even what Textual binds on every screen."""

    def __init__(self, changed: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.changed: Mapping[str, tuple[str, ...]] = dict(changed or {})

    def names(self, key: Key | str) -> tuple[str, ...]:
        """The canonical names of its keys; an id that is in several tables has the same in all."""
        if isinstance(key, str):
            found = self.changed.get(key)
            return found if found is not None else _default(key).names
        return self.changed.get(key.id, key.names)

    def pressed(self, key: Key | str, name: str) -> bool:
        """Whether a key that was pressed is one of its keys.

        Args:
            key: The action.
            name: Textual's name of what was pressed.
        """
        return any(name in sent(each) for each in self.names(key))

    def shown(self, key: Key | str) -> str:
        """Its key as people call it, for hints and sentences; empty where it has none."""
        found = _default(key) if isinstance(key, str) else key
        if found.id not in self.changed:
            return _first(found)
        names = self.changed[found.id]
        return shown(names[0]) if names else ""

    def every(self, key: Key | str) -> str:
        """All its keys as people call them, the one of the hints first; empty where it has none."""
        return " ".join(self.words(key))

    def words(self, key: Key | str) -> list[str]:
        """The same one by one."""
        found = _default(key) if isinstance(key, str) else key
        if found.fixed and found.id not in self.changed:
            return [found.shown]
        first = self.shown(found)
        return sorted(map(shown, self.names(found)), key=lambda word: word != first)

    def said(self, key: Key | str) -> str:
        """Its key for a sentence: `L`; where it has none, where else the action is to be found."""
        return self.shown(key) or NOWHERE

    def typing(self, key: Key | str) -> str:
        """Its key while one types, when characters go into the field; empty where it has none."""
        return next((shown(name) for name in self.names(key) if not is_typed(name)), "")

    def either(self, *keys: Key | str) -> str:
        """Keys of which one is meant: `o, f or r`; where one has none, the palette."""
        words = [self.shown(key) for key in keys]
        return " or ".join([", ".join(words[:-1]), words[-1]]) if all(words) else NOWHERE

    def pair(self, *keys: Key | str) -> str:
        """Keys that belong together, each by its shortest: `j k`, `[ ]`; empty if one has none."""
        words = [
            min((shown(name) for name in self.names(key)), key=len, default="") for key in keys
        ]
        return " ".join(words) if all(words) else ""

    def worn(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """A table with the user's keys in it, those without a key left out."""
        out = []
        for key in keys:
            names = self.names(key)
            if names:
                out.append(
                    Key(key.id, ",".join(names), key.action, self.shown(key), key.does, key.helps,
                        key.where, key.fixed)
                )  # fmt: skip
        return tuple(out)


def _first(key: Key) -> str:
    """The first of the words that a table shows; `page up` and `1 to 9` are one."""
    for name in key.names:
        word = shown(name)
        if key.shown == word or key.shown.startswith(f"{word} "):
            return word
    return key.shown


def _default(ident: str) -> Key:
    """The key of an id: the first screen asks before everything else is loaded."""
    found = _FIRST.get(ident)
    if found is not None:
        return found
    from pdutui.keys.registry import by_id

    return by_id()[ident]


_FIRST = {key.id: key for key in KEYS}


DEFAULT = Keymap()
"""Nothing changed."""
