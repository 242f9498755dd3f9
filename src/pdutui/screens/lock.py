"""Unlocking the console: what has to be typed, and whether it was right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import ceil

from textual import on, work
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.keys.dialogs import LOCK
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.screens.secret_field import SecretField
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

LONGEST = 128


class UnlockScreen(Dialog[None]):
    """Closes when the console is unlocked, or when it is to stay locked.

    Args:
        locked: Who locked it and when; empty as soon as it is not locked any more.
        secret: Whether a code is wanted, which nobody is to read; else the word `unlock`.
        unlock: Tries what was typed.
        wait_s: Seconds until it is looked at again, after too many wrong ones.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 56
    AUTO_FOCUS = "#code"
    TABLE = LOCK
    BINDINGS = bindings(LOCK)

    def __init__(
        self,
        *,
        locked: Callable[[], str],
        secret: bool,
        unlock: Callable[[str], Awaitable[bool]],
        wait_s: Callable[[], float],
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs, "warning")
        self._locked, self._secret, self._unlock, self._wait_s = locked, secret, unlock, wait_s
        self._wrong = False

    def controls(self) -> ComposeResult:
        """The field, masked where a code is wanted."""
        if self._secret:
            field: Input = SecretField("*", id="code", max_length=LONGEST, placeholder="")
        else:
            field = Input(id="code", max_length=LONGEST)
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """A pause runs out; somebody else may unlock it."""
        self.set_interval(1.0, self.refresh_lock)
        super().on_mount()

    def refresh_lock(self) -> None:
        """Go when it is open."""
        if self._locked():
            self.update()
        else:
            self.dismiss(None)

    @property
    def heading(self) -> str:
        """What it is about."""
        return "Unlock the console"

    def rows(self, width: int, height: int) -> list[Row]:
        """Who locked it, what to type, the field's row, and what became of the last try."""
        said = clean(self._locked(), self.glyphs.ascii_only) or "unlocked"
        text = paragraph(f"{said[:1].upper()}{said[1:]}.", width, "strong")
        what = "the code" if self._secret else "the word unlock"
        how = paragraph(f"Type {what}, then Enter.", width)
        wait_s = self._wait_s()
        if wait_s > 0:
            again = f"Too many that were not right: look again in {ceil(wait_s)} s."
            how = paragraph(again, width, "critical")
        elif self._wrong:
            how = paragraph(f"Not right. Type {what}, then Enter.", width, "critical")
        field: Row = [(f"{self._label}: ", "muted")]
        foot = self.keys_row(("Enter", "unlock"), ("dialog.close", "stay locked"))
        if height < len(text) + len(how) + 4:
            return [*how[: max(0, height - 2)], field, foot]
        return [*text, *how, field, [], foot]

    @property
    def _label(self) -> str:
        return "code" if self._secret else "word"

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in its row."""
        tall = card.height - 2 * self.first_row > 3
        row = card.bottom - 1 - self.first_row - (2 if tall else 1)
        indent = 5 + len(self._label)
        return Region(card.x + indent, row, max(1, card.width - indent - 3), 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        typed, event.input.value = event.value, ""
        if typed:
            self._try(typed)

    @work(exclusive=True, description="unlock")
    async def _try(self, typed: str) -> None:
        """See whether it was right. Nothing of it goes anywhere else."""
        if await self._unlock(typed):
            self.dismiss(None)
            return
        self._wrong = True
        self.update()

    def action_leave(self) -> None:
        """It stays locked."""
        self.dismiss(None)
