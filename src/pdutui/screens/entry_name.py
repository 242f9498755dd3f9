"""What a new PDU is to be called in the configuration."""

from __future__ import annotations

from pathlib import Path

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


class EntryNameScreen(Dialog[str | None]):
    """Dismissed with the name, or None for no.

    Args:
        name: What it might be called.
        file: The configuration file that will be written.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#name"
    TABLE = FIELD
    BINDINGS = bindings(FIELD)

    def __init__(self, name: str, file: Path, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._suggested, self._file = name, file

    def controls(self) -> ComposeResult:
        """The field."""
        field = Input(self._suggested, id="name", max_length=LONGEST)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """The question."""
        return "Add to the configuration"

    def rows(self, width: int, height: int) -> list[Row]:
        """The field's row, which file is written, and what Enter does."""
        shown = clean(str(self._file), self.glyphs.ascii_only)
        words = f"Enter appends the PDU to {shown}; what is in it stays as it is. Communities and "
        words += "keys go into files of their own beside it, for your eyes only."
        foot = self.keys_row(("Enter", "write"), ("dialog.close", "leave"))
        return [[("name: ", "muted")], [], *paragraph(words, width, "muted"), [], foot][:height]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in the first row."""
        return Region(card.x + 9, card.y + self.first_row, max(1, card.width - 12), 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(clean(event.value).strip() or None)

    def action_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)
