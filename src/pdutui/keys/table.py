"""All actions with their keys, for those who print them: the command line, the documentation."""

from __future__ import annotations

from msgspec import Struct

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.model import Context, Key
from pdutui.keys.registry import contexts


class ActionRow(Struct, frozen=True, kw_only=True):
    """One action, wherever it is to be had."""

    id: str
    keys: list[str]
    """As `[keys]` takes them; empty where it has none."""
    default: list[str]
    changed: bool
    """Whether the configuration has given it other keys."""
    fixed: bool
    """It can be taken away, and not be put on another key."""
    does: dict[str, str]
    """What it does, by the screen or dialog: `the PDU screen`."""


def rows(keymap: Keymap = DEFAULT) -> list[ActionRow]:
    """Every action once, in the order of the screens."""
    first: dict[str, Key] = {}
    does: dict[str, dict[str, str]] = {}
    for context in contexts():
        for key in context.keys:
            first.setdefault(key.id, key)
            does.setdefault(key.id, {})[context.title] = key.helps
    return [
        ActionRow(
            id=ident,
            keys=keymap.words(key) if not key.fixed else _fixed(key, keymap),
            default=DEFAULT.words(key) if not key.fixed else list(key.names),
            changed=ident in keymap.changed,
            fixed=key.fixed,
            does=does[ident],
        )
        for ident, key in first.items()
    ]


def _fixed(key: Key, keymap: Keymap) -> list[str]:
    return list(keymap.names(key))


def markdown() -> str:
    """The tables of the documentation: a section for every screen and dialog."""
    return "\n".join(_section(context) for context in contexts())


def _section(context: Context) -> str:
    title = context.title.removeprefix("the ").removeprefix("a ")
    lines = [f"### {title[:1].upper()}{title[1:]}", "", "| Keys | What they do | Action |",
             "|---|---|---|"]  # fmt: skip
    lines += [f"| {_keys(key)} | {_cell(key.helps)} | `{key.id}` |" for key in context.keys]
    return "\n".join([*lines, ""])


def _keys(key: Key) -> str:
    return " ".join(f"`{_cell(word)}`" for word in DEFAULT.words(key))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
