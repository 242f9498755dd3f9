"""A field with a few values, for forms: space, left and right go through them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line


class Picker(Widget, can_focus=True):
    """Shows `< value >`.

    Args:
        values: What there is to choose from.
        value: What is chosen to begin with.
        inks: The colours.
        id: For finding it.
    """

    ALLOW_SELECT = False

    class Changed(Message):
        """Another value."""

    def __init__(self, values: Sequence[str], value: str, inks: Inks, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._values, self._inks = tuple(values), inks
        self._at = self._values.index(value)

    @property
    def value(self) -> str:
        """What is chosen."""
        return self._values[self._at]

    def render_line(self, y: int) -> Strip:
        """The value between arrows, in reverse while it has the focus."""
        ink = "badge-text" if self.has_focus else "text"
        return Line(self._inks, self.size.width).add(f"< {self.value} >", ink).strip()

    def on_key(self, event: Key) -> None:
        """Step through the values."""
        step = {"space": 1, "right": 1, "left": -1}.get(event.key)
        if step is not None:
            event.stop()
            self._step(step)

    def on_click(self, event: Click) -> None:
        """The next one."""
        self._step(1)

    def _step(self, by: int) -> None:
        self._at = (self._at + by) % len(self._values)
        self.refresh()
        self.post_message(self.Changed())
