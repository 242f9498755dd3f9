"""The tables of keys, all of them: what can be pressed at one moment means one thing."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import pdutui.screens
from pdutui.keys.dialogs import NO, YES
from pdutui.keys.keymap import DEFAULT
from pdutui.keys.model import Context
from pdutui.keys.names import RESERVED, UnknownKey, canonical, shown
from pdutui.keys.rebind import NEEDED, NEVER_YES
from pdutui.keys.registry import by_id, contexts
from pdutui.screens.keyed import Keyed

EVERY = pytest.mark.parametrize("context", contexts(), ids=lambda context: context.id)


@EVERY
def test_no_two_actions_are_on_one_key(context: Context) -> None:
    taken: dict[str, str] = {}
    for key in context.keys:
        for name in key.names:
            assert taken.setdefault(name, key.action) == key.action, (context.id, name, key.id)
    ids = [key.id for key in context.keys]
    assert len(ids) == len(set(ids)), "an id twice in a table has one binding"


@EVERY
def test_an_id_has_the_same_keys_wherever_it_is(context: Context) -> None:
    for key in context.keys:
        assert key.keys == by_id()[key.id].keys, (context.id, key.id)
        assert key.fixed == by_id()[key.id].fixed


@EVERY
def test_a_question_is_not_answered_by_what_put_it(context: Context) -> None:
    for opener in context.opened_by:
        assert not set(by_id()[opener].names) & set(YES.names)
    assert all(opener in by_id() for opener in context.opened_by)


@EVERY
def test_keys_have_names_that_people_can_write_and_what_is_shown_is_among_them(
    context: Context,
) -> None:
    for key in context.keys:
        assert key.id == key.id.strip().lower()
        assert key.helps, f"{key.id} says nothing in the help"
        words = []
        for name in key.names:
            assert canonical(name) == name
            assert canonical(shown(name)) == name
            words.append(shown(name))
            assert name not in RESERVED or key.id == "quit"
        if not key.fixed:
            left = key.shown
            for word in sorted(words, key=len, reverse=True):
                left = f" {left} ".replace(f" {word} ", " ")
            assert not left.strip(), f"{key.id} shows {key.shown}, and is on {words}"
        assert DEFAULT.shown(key)


def test_what_must_have_a_key_has_one_and_it_works_where_one_types() -> None:
    for ident in NEEDED:
        assert by_id()[ident].names
    assert DEFAULT.typing(NO) == "esc"
    assert not set(NEVER_YES) & set(YES.names)


def tables() -> list[tuple[str, type[Keyed]]]:
    """Every screen and dialog there is."""
    for module in pkgutil.iter_modules(pdutui.screens.__path__):
        importlib.import_module(f"pdutui.screens.{module.name}")
    out, left = [], [Keyed]
    while left:
        one = left.pop()
        left += one.__subclasses__()
        if one.TABLE:
            out.append((one.__name__, one))
    return sorted(set(out), key=lambda each: each[0])


def test_every_screen_is_in_the_registry_and_binds_its_table() -> None:
    known = [set(context.keys) for context in contexts()]
    found = tables()
    assert len(found) > 20
    for name, screen in found:
        seen = any(set(screen.TABLE) <= keys for keys in known)
        assert seen, f"nobody sees to clashes of {name}"
        bound = {b.id: b for b in screen.BINDINGS}  # type: ignore[attr-defined]
        for key in screen.TABLE:
            if key.action:
                assert bound[key.id].action == key.action, (name, key.id)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("F", "F"), ("/", "slash"), ("esc", "escape"), ("Escape", "escape"), ("+", "plus"),
        ("ctrl+n", "ctrl+n"), ("Ctrl+N", None), ("shift+a", "A"), ("shift+tab", "shift+tab"),
        ("backtab", "shift+tab"), ("page up", "pageup"), ("pgdn", "pagedown"), ("F12", "f12"),
        ("ctrl+shift+a", "ctrl+shift+a"), ("alt+shift+left", "alt+shift+left"),
        ("shift+alt+left", "alt+shift+left"), ("ctrl++", "ctrl+plus"), ("'", "apostrophe"),
        ("é", "é"), ("space", "space"), (" ", "space"), ("slash", "slash"), ("return", "enter"),
        ("foo", None), ("f25", None), ("shift+1", None), ("ctrl+i", None), ("ctrl+m", None),
        ("ctrl+[", None), ("super+a", None), ("ctrl+ctrl+a", None), ("\x01", None), ("", None),
        ("ab", None), ("ctrl+", None), ("page_upp", None), ("🙂", None), ("€", "euro_sign"),
    ],
)  # fmt: skip
def test_names_of_keys(written: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(UnknownKey):
            canonical(written)
    else:
        assert canonical(written) == name
        assert canonical(name) == name
        assert canonical(shown(name)) == name


def test_keys_that_terminals_send_are_named_as_textual_names_them() -> None:
    from textual._xterm_parser import XTermParser

    for sent_text, written in (
        ("F", "F"), ("/", "/"), ("\x0e", "ctrl+n"), ("\x1b[5~", "page up"), ("'", "'"),
        ("\x1b[Z", "shift+tab"), ("\x1bOP", "f1"), ("\x7f", "backspace"),
        ("\x1b[1;5D", "ctrl+left"), ("€", "€"), ("§", "§"), ("°", "°"), ("£", "£"), ("é", "é"),
        ("_", "_"), ("`", "`"), ("|", "|"), ("~", "~"), ('"', '"'), ("&", "&"), ("*", "*"),
        (";", ";"), ("#", "#"), ("%", "%"), ("^", "^"), ("\\", "\\"), ("-", "-"), ("@", "@"),
    ):  # fmt: skip
        events = list(XTermParser().feed(sent_text))
        assert [event.key for event in events] == [canonical(written)], sent_text  # type: ignore[attr-defined]
