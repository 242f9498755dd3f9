"""Leaving while a command is under way, or a plan: what that means, and whether it is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult

from pdutui.domain.plan import PlanView
from pdutui.engine.view import InFlight
from pdutui.keys.dialogs import QUIT
from pdutui.screens.dialog import Choice, Dialog, Row, paragraph, trimmed
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean


class QuitScreen(Dialog[bool]):
    """Dismissed with True to leave.

    Args:
        flights: The commands that have not ended, asked anew each second.
        plans: The plans that run here, likewise.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#cancel"
    TABLE = QUIT
    BINDINGS = bindings(QUIT)

    def __init__(
        self,
        flights: Callable[[], Sequence[InFlight]],
        plans: Callable[[], Sequence[PlanView]],
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs)
        self._flights, self._plans = flights, plans

    def controls(self) -> ComposeResult:
        """Staying has the focus."""
        yield Choice("Stay", self.inks, id="cancel")

    def on_mount(self) -> None:
        """Commands end while one thinks."""
        self.set_interval(1.0, self.update)
        super().on_mount()

    @property
    def heading(self) -> str:
        """The question."""
        return "Quit?"

    def rows(self, width: int, height: int) -> list[Row]:
        """The commands, and what becomes of them."""
        flights, plans = self._flights(), self._plans()
        told: list[str] = []
        if flights:
            told.append(
                "A command is under way. It is on its way to the device and is not called back; "
                "quitting waits a little for its result, which is written to the audit."
            )
        if plans:
            told.append(
                "A plan runs. Quitting pauses it after the step under way; the rest is done when "
                "somebody resumes it. It never goes on by itself."
            )
        text = " ".join(told) or "Every command has ended, and no plan runs."
        facts: list[Row] = [
            [
                (f"plan {view.plan.id}", "strong"),
                (f" {clean(view.plan.title, self.glyphs.ascii_only)}: ", "muted"),
                (f"{view.done} of {len(view.plan.steps)} done", "warning"),
            ]
            for view in plans
        ]
        facts += [
            [
                (f"outlet {f.intent.outlet}" if f.intent.outlet else "the whole", "strong"),
                (f" on {clean(f.intent.pdu, self.glyphs.ascii_only)}: ", "muted"),
                (f"{f.intent.action.replace('_', ' ')}, {f.stage}", "warning"),
            ]
            for f in flights
        ]
        foot: Row = [
            ("[ Stay ]   ", "text"),
            (self.keymap.shown("dialog.yes"), "key"),
            (" quit", "strong"),
        ]
        return trimmed(paragraph(text, width), facts, [foot], height)

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        self.dismiss(False)

    def action_stay(self) -> None:
        """Stay."""
        self.dismiss(False)

    def action_leave(self) -> None:
        """Leave."""
        self.dismiss(True)
