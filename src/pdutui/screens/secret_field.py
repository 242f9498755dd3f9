"""A field for what nobody should read over a shoulder."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input


class SecretField(Input):
    """Shows a mark for each character. Textual's own mark is one that not every terminal has.

    Args:
        mark: One cell.
        id: For finding it.
        max_length: The longest that may be typed.
        placeholder: Shown while it is empty.
    """

    def __init__(self, mark: str, *, id: str, max_length: int, placeholder: str) -> None:  # noqa: A002
        super().__init__(id=id, max_length=max_length, placeholder=placeholder, password=True)
        self._mark = mark

    @property
    def _value(self) -> Text:
        return Text(self._mark * len(self.value), no_wrap=True, overflow="ignore", end="")
