"""Give an outlet a name of one's own; the device keeps its own name."""

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

LONGEST = 64


class RenameScreen(Dialog[str | None]):
    """Dismissed with the new name, with an empty one for the device's, or None for no change.

    Args:
        outlet: What the outlet is numbered by: `3`, `2.5`.
        name: Its name now.
        pdu: The PDU's name.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#name"
    TABLE = FIELD
    BINDINGS = bindings(FIELD)

    def __init__(self, outlet: str, name: str, pdu: str, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._outlet, self._name_now, self._pdu = outlet, name, pdu

    def controls(self) -> ComposeResult:
        """The field."""
        field = Input(clean(self._name_now), id="name", max_length=LONGEST)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is about."""
        return f"Name of outlet {self._outlet} on {clean(self._pdu, self.glyphs.ascii_only)}"

    def rows(self, width: int, height: int) -> list[Row]:
        """The field's row and what Enter does."""
        words = "Enter keeps it here; the device is not changed. Empty: the device's own name."
        foot = [self.keys_row(("Enter", "keep"), ("dialog.close", "leave"))]
        text = paragraph(words, width, "muted")
        if height < len(text) + 4:
            return [[("name: ", "muted")], *foot]
        return [[("name: ", "muted")], [], *text, [], *foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in the first row."""
        return Region(card.x + 9, card.y + self.first_row, max(1, card.width - 12), 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(clean(event.value))

    def action_cancel(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)
