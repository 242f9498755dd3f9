"""What screens share that can be redrawn as if something were lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.strip import Strip

from pdutui.domain.fleet import Loss
from pdutui.domain.whatif_text import headline
from pdutui.screens.piecemeal import AGAIN_S
from pdutui.screens.port import EnginePort
from pdutui.screens.sheet_screen import SheetScreen
from pdutui.screens.whatif_desk import WhatIfDesk
from pdutui.widgets.whatif_bar import whatif_bar

if TYPE_CHECKING:
    from pdutui.app import PduApp

BAR_ROWS = 2
"""The bar, and the top line above it."""
NOTHING = "Nothing can be lost here: no feed is set, and no PDU is shown"


class WhatIfHost(SheetScreen):
    """A screen with a what-if. Who has it draws the bar, and asks the desk what becomes of PDUs."""

    _what_if: WhatIfDesk | None = None
    _again = False

    @property
    def what_if_engine(self) -> EnginePort:
        """The PDUs."""
        raise NotImplementedError

    @property
    def what_if_pdu(self) -> str | None:
        """The PDU under the cursor."""
        raise NotImplementedError

    def what_if_turned(self) -> None:
        """A what-if has begun, or ended: draw all of it anew."""
        raise NotImplementedError

    def what_if_moved(self) -> None:
        """All is worked out: draw it."""
        raise NotImplementedError

    def open_from_what_if(self, pdu: str) -> None:
        """Show a PDU on its own screen."""
        raise NotImplementedError

    @property
    def what_if(self) -> WhatIfDesk:
        """Knows what is lost, and what comes of it."""
        if self._what_if is None:
            app = cast("PduApp", self.app)
            self._what_if = WhatIfDesk(
                self.what_if_engine, clock=app.clock, settings=lambda: app.settings
            )
        return self._what_if

    @property
    def in_what_if(self) -> bool:
        """Whether it is redrawn."""
        return self._what_if is not None and self._what_if.loss is not None

    @property
    def kept_rows(self) -> int:
        """No dialog covers the bar."""
        return super().kept_rows + (BAR_ROWS if self.in_what_if else 0)

    def what_if_line(self, width: int) -> Strip:
        """The bar that says so."""
        desk = self.what_if
        assert desk.loss is not None
        told = headline(desk.found) if desk.found is not None else []
        back = self.keymap.shown("back")
        return whatif_bar(desk.loss.words, told, back, self.inks, self.glyphs, width)

    def go_on_soon(self) -> None:
        """There is more to be worked out: not now, and not all at once."""
        if not self._again and self.is_mounted:
            self._again = True
            self.set_timer(AGAIN_S, self._go_on)

    def _go_on(self) -> None:
        self._again = False
        if not self.is_mounted or self.buried:
            return
        if self.work_on():
            self.what_if_moved()
        else:
            self.go_on_soon()

    def work_on(self) -> bool:
        """Work for a moment; returns whether it is done."""
        self.what_if.look()
        return not self.what_if.busy

    def action_what_if(self) -> None:
        """Ask what is lost."""
        choices = self.what_if.choices(self.what_if_pdu)
        if not choices:
            self.notice(NOTHING, "warning")
            return
        from pdutui.screens.whatif_pick import WhatIfPick

        self.app.push_screen(WhatIfPick(choices, self.inks, self.glyphs), self._picked_loss)

    def action_what_if_here(self) -> None:
        """The PDU under the cursor."""
        pdu = self.what_if_pdu
        if pdu is not None:
            self._picked_loss(Loss(kind="pdu", name=pdu))

    def _picked_loss(self, loss: Loss | None) -> None:
        if loss is not None:
            self.what_if.begin(loss)
            self.what_if_turned()

    def end_what_if(self) -> bool:
        """Have it all back; returns whether there was a what-if."""
        if not self.in_what_if:
            return False
        self.what_if.end()
        self.what_if_turned()
        return True

    def show_after(self, pdu: str) -> None:
        """What becomes of a PDU."""
        from pdutui.screens.whatif_card import AfterScreen, pdu_rows

        desk = self.what_if

        def text(width: int) -> list[list[tuple[str, str]]]:
            return pdu_rows(desk.found, pdu, self.glyphs, width)

        words = desk.loss.words if desk.loss is not None else ""
        card = AfterScreen(
            f"{pdu} if {words} is lost", text, can_open=True, inks=self.inks, glyphs=self.glyphs
        )
        self.app.push_screen(card, partial(self._after_closed, pdu))

    def _after_closed(self, pdu: str, wanted: bool | None) -> None:
        if wanted:
            self.open_from_what_if(pdu)
