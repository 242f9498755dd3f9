"""Asking for the moment that a replay is to go to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.when import Note, parse_when
from pdutui.keys.dialogs import FIELD
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

_TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}(:.*)?")


def moment_meant(
    text: str, moment: datetime, now: datetime, zone: tzinfo, note: Note | None = None
) -> datetime:
    """The moment that is meant by what was typed, in UTC.

    Steps (`-10m`, `+30s`) are from the moment that is shown, and a time of day is one of its day.

    Args:
        text: What was typed.
        moment: What is shown.
        now: The present.
        zone: Where times without a zone are.
        note: Told of times that come twice or not at all.

    Raises:
        ValueError: It is no time; the message says what is one.
    """
    said = text.strip()
    if said.startswith("-"):
        return parse_when(said, moment, zone, note=note)
    if said.startswith("+"):
        return moment.astimezone(UTC) + (moment - parse_when(f"-{said[1:]}", moment, zone))
    if _TIME_OF_DAY.fullmatch(said):
        said = f"{moment.astimezone(zone):%Y-%m-%d} {said}"
    return parse_when(said, now, zone, note=note)


class GotoScreen(Dialog[datetime | None]):
    """Dismissed with a moment, or None for no.

    Args:
        meant: What a text means. Raises ValueError with words for people.
        kept: Between which moments there is something to be shown.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#moment"
    TABLE = FIELD
    BINDINGS = bindings(FIELD)

    def __init__(
        self, meant: Callable[[str], datetime], kept: str, inks: Inks, glyphs: GlyphSet
    ) -> None:
        super().__init__(inks, glyphs, "replay")
        self._meant, self._kept = meant, kept
        self._wrong = ""

    def controls(self) -> ComposeResult:
        """The field."""
        field = Input(id="moment", max_length=40)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is about."""
        return "Go to"

    def rows(self, width: int, height: int) -> list[Row]:
        """The field's row, what may be typed, what there is, and what Enter does."""
        text = paragraph(f"Kept: {self._kept}", width, "strong")
        text += paragraph("Such as 03:12, 2026-11-20 03:12, -10m, +30s, yesterday 14:00", width)
        if self._wrong:
            text = paragraph(self._wrong, width, "warning")
        foot = self.keys_row(("Enter", "go"), ("dialog.close", "leave"))
        if height < len(text) + 4:
            return [[("time: ", "muted")], *text[: max(0, height - 2)], foot]
        return [[("time: ", "muted")], [], *text, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in the first row."""
        return Region(card.x + 9, card.y + self.first_row, max(1, card.width - 12), 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self._meant(event.value))
        except ValueError as error:
            self._wrong = str(error)
            self.update()

    def action_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)
