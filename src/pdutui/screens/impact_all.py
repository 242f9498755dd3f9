"""All that a question had no room for, to be scrolled through. Nothing is answered here."""

from __future__ import annotations

from collections.abc import Callable

from pdutui.keys.dialogs import IMPACT
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

WIDE = 96


class AllScreen(Dialog[None]):
    """Lies on the question; closing it is no answer.

    Args:
        title: What the question is.
        text: The rows for a width, asked anew each second.
        inks: The colours.
        glyphs: What is drawn with.
        frame: The ink of the frame.
    """

    WIDTH = WIDE
    TABLE = IMPACT
    BINDINGS = bindings(IMPACT)

    def __init__(
        self,
        title: str,
        text: Callable[[int], list[Row]],
        inks: Inks,
        glyphs: GlyphSet,
        frame: str = "title",
    ) -> None:
        super().__init__(inks, glyphs, frame)
        self._title, self._text = title, text
        self._first = self._last = 0

    def on_mount(self) -> None:
        """What it tells of goes on."""
        self.set_interval(1.0, self.update)
        super().on_mount()

    @property
    def heading(self) -> str:
        """What it is about."""
        return self._title

    def rows(self, width: int, height: int) -> list[Row]:
        """The part that is scrolled to, and how to go on."""
        text = self._text(width)
        room = max(1, height - 2)
        self._last = max(0, len(text) - room)
        self._first = max(0, min(self._first, self._last))
        shown = text[self._first : self._first + room]
        foot = self.keys_row(("dialog.close", "back to the question"))
        if len(text) > room:
            last = self._first + len(shown)
            moving = self.keymap.pair("move.down", "move.up")
            foot += [(f"   {moving}", "key"), (f" scroll ({last} of {len(text)})", "muted")]
        return [*shown, [], foot][:height]

    def action_scroll(self, by: int) -> None:
        """Scroll by so many rows."""
        self._first = max(0, min(self._first + by, self._last))
        self.update()

    def action_close(self) -> None:
        """Back to the question."""
        self.dismiss(None)
