"""How long a delayed command is to wait, for devices that are told."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.keys.dialogs import FIELD
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

USUAL_S = "30"
LONGEST_S = 99_999


class DelayScreen(Dialog[int | None]):
    """Dismissed with whole seconds, or None for no.

    Args:
        what: What is to be delayed.
        about: The outlet or the PDU it is done to.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#seconds"
    TABLE = FIELD
    BINDINGS = bindings(FIELD)

    def __init__(self, what: str, about: str, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._what, self._about = what, about
        self._wrong = ""

    def controls(self) -> ComposeResult:
        """The field."""
        field = Input(USUAL_S, id="seconds", max_length=5, restrict=r"[0-9]*")
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is about."""
        return self._what

    def rows(self, width: int, height: int) -> list[Row]:
        """The field's row, what it is about and what Enter does."""
        text = paragraph(clean(self._about, self.glyphs.ascii_only), width, "strong")
        if self._wrong:
            text = paragraph(self._wrong, width, "warning")
        foot = self.keys_row(("Enter", "ask"), ("dialog.close", "leave"))
        if height < len(text) + 4:
            return [[("seconds: ", "muted")], *text[: max(0, height - 2)], foot]
        return [[("seconds: ", "muted")], [], *text, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in the first row."""
        return Region(card.x + 12, card.y + self.first_row, max(1, card.width - 15), 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text.isdecimal() and int(text) <= LONGEST_S:
            self.dismiss(int(text))
        else:
            self._wrong = f"Whole seconds, from 0 to {LONGEST_S}."
            self.update()

    def action_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)
