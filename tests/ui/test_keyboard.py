"""Keys from a line with noise on it: none of it ends the keyboard, and none is a size."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from pdutui.widgets.keyboard import Keyboard

NOISE = (
    "\x1b[1114112u",  # a character that there is not
    "\x1b[999999999999999999999;5u",
    "\x1b[27;5;99999999~",
    "\x1b[1:2A",  # numbers that are none
    "\x1b[;:H",
    "\x1b[<99999999;99999;999999M",
)


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


@pytest.mark.parametrize("noise", NOISE)
def test_keys_behind_noise_are_heard(noise: str) -> None:
    keyboard = Keyboard(False)
    list(keyboard.typed(noise))
    assert keys(list(keyboard.typed("f"))) == ["f"]


@settings(max_examples=30)
@given(st.lists(st.text("\x1b[<>?;:0123456789uMmRntcyAHP~$ -", max_size=20), max_size=6))
def test_nothing_that_is_read_ends_it(pieces: list[str]) -> None:
    keyboard = Keyboard(False)
    for piece in pieces:
        list(keyboard.typed(piece))
    keyboard.end()


def test_a_size_among_keys_is_none_and_does_not_move_the_mouse() -> None:
    keyboard = Keyboard(False)
    sizes = "\x1b[48;99999;99999;1;1t\x1b[?2048;2$y"
    [click] = keyboard.typed(sizes + "\x1b[<0;40;20M")
    assert isinstance(click, events.MouseDown)
    assert (click.x, click.y) == (39, 19)


@pytest.mark.parametrize("interrupt", ["\x03", "\x1b[99;5u"])
def test_a_paste_without_an_end_is_ended_by_ctrl_c(interrupt: str) -> None:
    keyboard = Keyboard(False)
    assert not list(keyboard.typed("\x1b[200~reboot"))
    assert not list(keyboard.typed("off")), "what is pasted is not typed"
    pasted, *typed = keyboard.typed(interrupt)
    assert isinstance(pasted, events.Paste)
    assert pasted.text == "rebootoff"
    assert keys(typed) == ["ctrl+c"]
    assert keys(list(keyboard.typed("\x03"))) == ["ctrl+c"]
