"""The screen of rack pairs: feeds side by side, and what each rack has to spare."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.command import Provider
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.keys.model import Key
from pdutui.keys.pairs import KEYS
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.filter_line import FilterScreen
from pdutui.screens.keyed import bindings
from pdutui.screens.pairs_desk import Item, PairsDesk
from pdutui.screens.pairs_keys import help_rows, hints
from pdutui.screens.pairs_view import (
    PairsFrame,
    block_of,
    counts_of,
    places,
    said_line,
    top_line,
)
from pdutui.screens.port import EnginePort
from pdutui.screens.whatif_desk import WhatIfDesk
from pdutui.screens.whatif_host import WhatIfHost
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import hint_line
from pdutui.widgets.layout import Rect
from pdutui.widgets.pair_block import Look, block_lines
from pdutui.widgets.pair_pane import PairPane
from pdutui.widgets.rights import rights_of
from pdutui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from textual.binding import BindingType

OpenPdu = Callable[[str], None]
FEWEST_PARTS, MOST_PARTS = 2, 8
"""So many parts of each PDU are shown; the more, the fewer racks there are."""


class PairsScreen(WhatIfHost, FilterScreen):
    """Dismissed when the person goes back.

    Args:
        engine: The PDUs.
        open_pdu: Leaves for the screen of a PDU.
        clock: For the time of day, and when racks may be sorted anew.
        what_if: That of the screen below, which goes on here; None for one of its own.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "pairs"
    TABLE: ClassVar[tuple[Key, ...]] = KEYS
    BINDINGS: ClassVar[list[BindingType]] = bindings(KEYS)

    def __init__(
        self,
        engine: EnginePort,
        open_pdu: OpenPdu,
        *,
        clock: Clock,
        what_if: WhatIfDesk | None = None,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self._clock = engine, clock
        self.open_pdu = open_pdu
        self._what_if = what_if
        self._desk: PairsDesk | None = None

    # life

    @property
    def desk(self) -> PairsDesk:
        """What it knows."""
        if self._desk is None:
            self._desk = PairsDesk(self._engine, self.what_if, clock=self._clock)
        return self._desk

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return self.with_line(places(width, height, over=self.in_what_if), width, height)

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield Sheet(id="over")
        yield PairPane(id="list", clock=self._clock)
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Look at all racks, and again every second."""
        self.set_interval(1.0, self.tick)
        self._passed()
        self.update()

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Readings are looked at with the next second; anything else is drawn soon."""
        if self.buried:
            return
        self.desk.live.hear(event)
        if not isinstance(event, ReadingArrived):
            self.soon()

    def _passed(self) -> None:
        seen = [self.desk.items[p] for p in self._pane.seen if p < len(self.desk.items)]
        self.desk.look(seen)
        if self.desk.busy:
            self.go_on_soon()

    @property
    def _pane(self) -> PairPane:
        return self.query_one("#list", PairPane)

    # the what-if

    @property
    def what_if_engine(self) -> EnginePort:
        """The PDUs."""
        return self._engine

    @property
    def what_if_pdu(self) -> str | None:
        """The PDU under the cursor."""
        return self.desk.meant

    def what_if_turned(self) -> None:
        """Another line, and another order."""
        # Through a child: that is what makes Textual forget the places it has kept.
        self._sheet("bar").refresh(layout=True)
        self.desk.look()
        self.desk.anew()
        if self.desk.busy:
            self.go_on_soon()
        self.update()

    def work_on(self) -> bool:
        """Racks, or the what-if."""
        self.desk.go_on()
        return not self.desk.busy

    def what_if_moved(self) -> None:
        """All is worked out."""
        self.desk.sort()
        self.update()

    def open_from_what_if(self, pdu: str) -> None:
        """Show it on its own screen."""
        self.open_pdu(pdu)

    # drawing

    @property
    def looked_at(self) -> tuple[str, str] | None:
        """The PDU under the cursor."""
        pdu = self.desk.meant
        return None if pdu is None else (pdu, "")

    def frame(self) -> PairsFrame:
        """What top line and event line look at."""
        engine, desk, pane = self._engine, self.desk, self._pane
        log = engine.recent_log(1)
        racks = [item for item in desk.items if item.rack is not None]
        up, down = self.glyphs.up, self.glyphs.down
        room = self.what_if.room
        return PairsFrame(
            racks=len(room.racks.racks),
            shown=len(racks),
            unpaired=len(room.racks.unpaired),
            counts=counts_of([desk.level_of(item) for item in racks]),
            totals=desk.totals(racks),
            now=self._clock.now().astimezone(),
            inks=self.inks,
            glyphs=self.glyphs,
            filter=desk.text.strip(),
            more=f"{up if pane.above else ' '}{down if pane.below else ' '}",
            by_row=desk.by_row,
            what_if=self.in_what_if,
            held=desk.held,
            alarms=self.standing,
            rights=rights_of(engine.gate.locked, [engine.view(p).info for p in engine.pdus]),
            history_off="" if engine.store_status.ok else engine.store_status.detail or "off",
            notice=self._notices.notice,
            log=log[-1] if log else None,
        )

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        desk = self.desk
        keys = [item.key for item in desk.items]
        asked, desk.asked = desk.asked, False
        self._pane.show(keys, desk.place, self._draw, self.inks, self._empty(), asked=asked)
        frame = self.frame()
        self._sheet("bar").paint(lambda width, _: [top_line(frame, width)], self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(frame, width)], self.inks)
        if self.in_what_if:
            self._sheet("over").paint(lambda width, _: [self.what_if_line(width)], self.inks)
        offered = []
        if self.app.screen is self:
            offered = hints(
                rows=len(desk.items),
                filtered=bool(desk.text),
                typing=self.typing,
                what_if=self.in_what_if,
                keymap=self.keymap,
            )
        self._sheet("hints").paint(
            lambda width, _: [hint_line(self.inks, offered, width, self.before_hints)], self.inks
        )

    def _draw(self, place: int, width: int) -> list[Strip]:
        desk = self.desk
        item = desk.items[place]
        here = place == desk.place
        look = Look(
            inks=self.inks,
            glyphs=self.glyphs,
            parts=self._parts(),
            here=here,
            pdu=desk.pdu or "" if here else "",
            what_if=self.in_what_if,
        )
        block = block_of(desk, item, all_key=self.keymap.shown("pairs.all"))
        return block_lines(block, look, width)

    def _parts(self) -> int:
        """As many parts of each PDU as have room where all racks are seen."""
        pane, count = self._pane, sum(not item.is_head for item in self.desk.items)
        room = pane.size.height // max(1, -(-count // pane.columns)) - 7
        return max(FEWEST_PARTS, min(MOST_PARTS, room))

    def _empty(self) -> str:
        if self.desk.text.strip():
            return f"No rack fits {self.desk.text.strip()}"
        return "No PDU is configured"

    def help_rows(self) -> list[Row]:
        """What is seen here, for the help."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.pairs_palette import PairsCommands

        return PairsCommands

    # moving

    def _go(self, place: int, side: int = 0) -> None:
        self.desk.choose(place, side)
        self.update()

    def action_rack(self, by: int) -> None:
        """The rack above or below."""
        place = self._pane.beside(self.desk.place, by)
        if place < len(self.desk.items) and self.desk.items[place].is_head:
            beyond = self._pane.beside(place, by)
            place = self.desk.place if beyond == place else beyond
        self._go(place)

    def action_side(self, by: int) -> None:
        """Another PDU of the rack; behind its last one the rack beside it."""
        desk = self.desk
        item, side = desk.item, desk.side + by
        if item is None or 0 <= side < len(item.key) or self._pane.columns == 1:
            self._go(desk.place, side)
        elif 0 <= desk.place + by < len(desk.items) and not desk.items[desk.place + by].is_head:
            self._go(desk.place + by, 0 if by > 0 else len(desk.items[desk.place + by].key) - 1)

    def action_page(self, way: int) -> None:
        """A page on."""
        self._go(self.desk.place + way * max(1, len(self._pane.seen) - self._pane.columns))

    def action_edge(self, way: int) -> None:
        """The first rack, or the last."""
        if way < 0:
            self.desk.follow_first()
            self._pane.top()
            self.update()
        else:
            self._go(len(self.desk.items) - 1)

    @on(PairPane.Picked)
    def _picked(self, message: PairPane.Picked) -> None:
        place = self.desk.place_of(message.key)
        if place is not None and message.key:
            rack = self.desk.items[place].rack
            sides = rack.sides if rack is not None else ()
            side = min(len(sides) - 1, int(message.share * len(sides)))
            self._go(place, sum(len(s.pdus) for s in sides[: max(0, side)]))
            if message.twice:
                self.action_open()

    @on(PairPane.Wheeled)
    def _wheeled(self, message: PairPane.Wheeled) -> None:
        self.action_rack(message.way)

    def action_open(self) -> None:
        """Show the PDU under the cursor on its own screen; in a what-if what becomes of it."""
        pdu = self.desk.meant
        if pdu is None:
            return
        if self.in_what_if:
            self.show_after(pdu)
        else:
            self.open_pdu(pdu)

    def action_all(self) -> None:
        """All that is to be said of the rack under the cursor."""
        item = self.desk.item_meant
        if item is None or item.is_head:
            return
        if self.in_what_if or item.rack is None:
            self.show_after(item.key[0]) if self.in_what_if else self.action_open()
            return
        from pdutui.screens.whatif_card import AfterScreen, rack_rows

        desk = self.desk

        def text(width: int, item: Item = item) -> list[Row]:
            return rack_rows(desk.margins_of(item), self.glyphs, width)

        card = AfterScreen(item.location, text, can_open=False, inks=self.inks, glyphs=self.glyphs)
        self.app.push_screen(card)

    # what is shown

    def filter_text(self) -> str:
        """What is filtered by."""
        return self.desk.text

    def filter_by(self, text: str) -> None:
        """Show what fits."""
        self.desk.text = text
        self.desk.anew()
        self.update()

    def action_group(self) -> None:
        """By row, or not."""
        self.desk.by_row = not self.desk.by_row
        self.desk.anew()
        self.update()

    def action_pairs(self) -> None:
        """It is open."""

    def action_back(self) -> None:
        """End the what-if; without one drop the filter; without one go back."""
        if self.typing:
            self.close_line()
            self.filter_by("")
        elif self.end_what_if():
            return
        elif self.desk.text:
            self.filter_by("")
        else:
            self.dismiss(None)


def open_pairs(screen: WhatIfHost, engine: EnginePort, clock: Clock, open_pdu: OpenPdu) -> None:
    """Lay the rack pairs on a screen, with its what-if; that screen takes it up again after."""

    def back(_: None) -> None:
        if screen.is_mounted:
            screen.what_if_turned()

    screen.app.push_screen(
        PairsScreen(
            engine, open_pdu, clock=clock, what_if=screen.what_if, glyphs=screen.glyphs,
            inks=screen.inks,
        ),
        partial(back),
    )  # fmt: skip
