"""What a user wants of keys: what can be is as they said, what cannot be is named."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pdutui.keys.keymap import DEFAULT, NOWHERE, Keymap
from pdutui.keys.names import RESERVED, sent
from pdutui.keys.rebind import NEEDED, checked
from pdutui.keys.registry import by_id, contexts
from pdutui.screens.keyed import bindings


def faults_of(**wanted: list[str]) -> str:
    """All that is said of some entries; `__` stands for the dot of an id."""
    _, faults = checked({ident.replace("__", "."): keys for ident, keys in wanted.items()})
    return "\n".join(f"{fault.id} {fault.text}" for fault in faults)


def test_what_can_be_is_taken() -> None:
    changed, faults = checked({"outlet.off": ["F"], "move.down": ["down", "ctrl+n"], "find": []})
    assert not faults
    assert changed == {"outlet.off": ("F",), "move.down": ("down", "ctrl+n"), "find": ()}
    keymap = Keymap(changed)
    assert keymap.shown("outlet.off") == "F"
    assert keymap.every("move.down") == "down ctrl+n"
    assert keymap.shown("find") == ""
    assert keymap.said("find") == NOWHERE
    assert keymap.pair("move.down", "move.up") == "down k"
    assert keymap.shown("outlet.on") == DEFAULT.shown("outlet.on") == "o"


def test_two_that_change_places_are_no_clash() -> None:
    assert faults_of(outlet__on=["f"], outlet__off=["o"]) == ""


def test_what_is_wrong_is_said_by_name() -> None:
    assert "outlet.of is no action: did you mean 'outlet.off'?" in faults_of(outlet__of=["z"])
    said = faults_of(outlet__off=["/"])
    assert "outlet.off is on /, and so is 'filter'" in said
    assert "on the PDU screen" in said
    assert "outlet.off has a key that cannot be: 'ctlr+x'" in faults_of(outlet__off=["ctlr+x"])
    assert "must not be on ctrl+q, which always quits pdutui" in faults_of(lock=["ctrl+q"])
    assert "must not be on ctrl+c" in faults_of(outlet__off=["ctrl+c"])
    assert "jump stands on 1 to 9 alone" in faults_of(jump=["x"])
    assert faults_of(jump=[]) == ""
    assert "and so is 'jump'" in faults_of(outlet__off=["1"])
    assert faults_of(outlet__off=["1"], jump=[]) == ""
    assert "'filter'" in faults_of(outlet__off=["/"], outlet__on=["/"])
    assert "is on Z, and so is 'outlet.o" in faults_of(outlet__off=["Z"], outlet__on=["Z"])


def test_a_yes_is_never_what_hands_rest_on_or_what_put_the_question() -> None:
    assert "must not be on Enter" in faults_of(dialog__yes=["enter"])
    assert "must not be on space" in faults_of(dialog__yes=["space", "Y"])
    assert "as 'outlet.off' is: a double tap would confirm" in faults_of(dialog__yes=["f"])
    assert "as 'outlet.off' is" in faults_of(dialog__yes=["F"], outlet__off=["F"])
    assert "outlet.on must not be on y, as 'dialog.yes' is" in faults_of(outlet__on=["y"])
    assert "plans.run must not be on y" in faults_of(plans__run=["y"])
    assert "double tap" in faults_of(quit=["y"])
    assert "double tap" in faults_of(menu=["y"])
    assert faults_of(dialog__yes=["Y"]) == ""


def test_what_nobody_can_do_without_keeps_a_key() -> None:
    for ident in NEEDED:
        assert f"{ident} must have a key" in faults_of(**{ident: []})
    assert "dialog.no is on m alone, which a field takes" in faults_of(dialog__no=["m"])
    assert "dialog.close is on w alone" in faults_of(dialog__close=["w"])
    assert faults_of(dialog__no=["m", "f9"]) == ""
    assert "back is on B alone" in faults_of(back=["B"])


def test_the_button_that_has_the_focus_is_pressed_by_nothing_else() -> None:
    assert "must not be on space, which presses the button" in faults_of(dialog__explain=["space"])


def test_many_keys_and_the_same_twice() -> None:
    assert "8 are the most" in faults_of(find=[f"f{n}" for n in range(3, 15)])
    changed, faults = checked({"find": ["f9", "F9", "f10"]})
    assert not faults
    assert changed["find"] == ("f9", "f10")


KEYS = st.sampled_from(
    ["a", "b", "e", "f", "j", "o", "q", "w", "y", "z", "A", "F", "N", "Y", "Z", "1", "0", "/", ":",
     "'", "[", "esc", "enter", "space", "tab", "up", "home", "f1", "f2", "f9", "ctrl+a", "ctrl+n",
     "ctrl+d", "ctrl+space", "alt+x", "shift+left", "ctrl+q", "ctrl+c", "nonsense"]
)  # fmt: skip
WANTED = st.dictionaries(
    st.sampled_from(sorted(by_id())), st.lists(KEYS, max_size=3), min_size=1, max_size=6
)


@given(WANTED)
@example({"outlet.on": ["f"], "outlet.off": ["o"]})
@example({"find": ["ctrl+space"]})
@settings(max_examples=150, deadline=None)
def test_without_a_fault_every_action_has_exactly_its_keys(wanted: dict[str, list[str]]) -> None:
    changed, faults = checked(wanted)
    assert {fault.id for fault in faults} <= set(wanted), "only what was said can be wrong"
    if faults:
        return
    keymap = Keymap(changed)
    for context in contexts():
        pressed: dict[str, str] = {}
        for bound in bindings(keymap.worn(context.keys)):
            for name in bound.key.split(","):  # type: ignore[union-attr]
                assert pressed.setdefault(name, bound.action) == bound.action  # type: ignore[union-attr]
        for key in context.keys:
            names = {each for name in keymap.names(key) for each in sent(name)}
            if key.action:
                mine = {name for name, action in pressed.items() if action == key.action}
                assert names <= mine
            assert not names & set(RESERVED) or key.id == "quit"
            assert keymap.shown(key) == "" or keymap.names(key)
            assert bool(names) or key.id not in NEEDED
        if "dialog.yes" in {key.id for key in context.keys}:
            yes = set(keymap.names("dialog.yes"))
            assert not yes & {"enter", "space"}
            for opener in context.opened_by:
                assert not yes & set(keymap.names(opener))
