"""The field in which a filter is typed. It is loaded when one is: not before the first frame."""

from __future__ import annotations

from textual.widgets import Input

LONGEST = 64
"""Characters that it takes."""


class FilterInput(Input):
    """One row, without a frame.

    What it looks like is said here and not by its screen: Textual reads the style sheets along the
    first base of each class alone, and most screens have others before the one with the field.

    Args:
        text: What is filtered by.
        id: Its id, by which the screen gives it its place.
    """

    DEFAULT_CSS = """
    FilterInput {
        border: none; padding: 0; height: 1; background: $panel; color: $foreground;
        &:focus { border: none; background: $panel; }
        &:ansi { border: none; background: ansi_default; text-style: underline; }
        &:ansi:focus { border: none; }
        &:ansi > .input--cursor {
            background: ansi_default; color: ansi_default; text-style: reverse;
        }
    }
    """

    def __init__(self, text: str = "", *, id: str) -> None:  # noqa: A002
        super().__init__(text, id=id, max_length=LONGEST, select_on_focus=False)
        self.cursor_blink = False

    def have(self, text: str) -> None:
        """Have a text in it, with the cursor behind it."""
        self.value = text[:LONGEST]
        self.cursor_position = len(self.value)
