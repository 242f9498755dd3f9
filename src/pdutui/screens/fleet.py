"""The fleet screen: every PDU a line or a card, the worst first, in groups, filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.command import Provider
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.domain.fleet import FleetRow
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.keys.fleet import KEYS
from pdutui.keys.model import Key
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.filter_line import FilterScreen
from pdutui.screens.finder import Finder
from pdutui.screens.fleet_desk import FleetDesk, FleetMemory
from pdutui.screens.fleet_keys import help_rows, hints
from pdutui.screens.fleet_source import RowsSource
from pdutui.screens.fleet_view import FleetFrame, places, said_line, top_line
from pdutui.screens.keyed import bindings
from pdutui.screens.port import EnginePort
from pdutui.screens.whatif_host import WhatIfHost
from pdutui.settings import Settings
from pdutui.widgets.fleet_cards import LOW
from pdutui.widgets.fleet_pane import WHEEL_ROWS, FleetPane, View, auto_view
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from textual.binding import BindingType

    from pdutui.screens.finding import Find

OverLine = Callable[[int], Strip]
"""Width to the line above the list."""
OpenPdu = Callable[[str], None]


class FleetScreen(Finder, WhatIfHost, FilterScreen):
    """Dismissed when the person goes back.

    Args:
        engine: The PDUs.
        open_pdu: Leaves for the screen of a PDU.
        clock: For ages, the time of day, and when rows may be sorted anew.
        settings: The configuration, as it is in force by then.
        memory: What was chosen last time; it is written to.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    FINDS_PDUS = True
    DOOR = "fleet"
    TABLE: ClassVar[tuple[Key, ...]] = KEYS
    BINDINGS: ClassVar[list[BindingType]] = bindings(KEYS)

    def __init__(
        self,
        engine: EnginePort,
        open_pdu: OpenPdu,
        *,
        clock: Clock,
        settings: Callable[[], Settings],
        memory: FleetMemory,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self._clock = engine, clock
        self.open_pdu = open_pdu
        self.desk = FleetDesk(engine, clock=clock, settings=settings, memory=memory)
        self.totals = self.desk.all
        """Of all PDUs, as drawn last."""
        self._over: OverLine | None = None

    # life

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        found = places(width, height, over=self._over is not None)
        return self.with_line(found, width, height)

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield Sheet(id="over")
        yield FleetPane(id="list", clock=self._clock)
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Look at all PDUs, and again every second."""
        self.set_interval(1.0, self.tick)
        self._look()
        self.update()

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Readings are looked at now and drawn with the next second; anything else soon."""
        if self.buried:
            return
        self.desk.hear(event)
        if not isinstance(event, ReadingArrived):
            self.soon()

    def _passed(self) -> None:
        self._look()

    def _look(self, *, asked: bool = False) -> None:
        """Take the rows as they are now; the cursor stays where it is on the screen.

        Args:
            asked: Somebody wants them otherwise, and knows that they change.
        """
        cursor = self.desk.cursor
        before = self.desk.look(asked=asked)
        if self.is_mounted and before != self.desk.names:
            self._pane.changed(asked=asked)
            if self.desk.chosen is None:
                self._pane.top()
            else:
                self._pane.keep(before, self.desk.names, cursor)

    @property
    def _pane(self) -> FleetPane:
        return self.query_one("#list", FleetPane)

    # another source of rows

    def wear_source(self, source: RowsSource, over: OverLine) -> None:
        """Show the rows of something else, a what-if, with a line above them that says so.

        Args:
            source: Has a row for each PDU.
            over: Draws the line.
        """
        self._wear(source, over)

    def wear_live(self) -> None:
        """Show the live PDUs again."""
        self._wear(self.desk.live, None)

    @property
    def is_live(self) -> bool:
        """Whether the rows are the live ones."""
        return self.desk.source is self.desk.live

    def _wear(self, source: RowsSource, over: OverLine | None) -> None:
        self._over = over
        self.desk.wear(source)
        # Through a child: that is what makes Textual forget the places it has kept.
        self._sheet("bar").refresh(layout=True)
        self.update()

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
        """Rows as they would be, or as they are."""
        if not self.in_what_if:
            if not self.is_live:
                self.wear_live()
            return
        from pdutui.screens.whatif_desk import WhatIfRows

        rows = WhatIfRows(self.desk.live, self.what_if, self.go_on_soon)
        self.wear_source(rows, self.what_if_line)

    def what_if_moved(self) -> None:
        """All of it is worked out."""
        self._look()
        self.update()

    def open_from_what_if(self, pdu: str) -> None:
        """Show it on its own screen."""
        self.open_pdu(pdu)

    def action_pairs(self) -> None:
        """The racks of the fleet, feeds side by side."""
        from pdutui.screens.pairs import open_pairs

        open_pairs(self, self._engine, self._clock, self.open_pdu)

    # drawing

    @property
    def row(self) -> FleetRow | None:
        """The row under the cursor."""
        cursor = self.desk.cursor
        return self.desk.rows[cursor] if cursor is not None else None

    @property
    def looked_at(self) -> tuple[str, str] | None:
        """The PDU under the cursor."""
        meant = self.desk.meant
        return None if meant is None else (meant, "")

    @property
    def view(self) -> View:
        """As what the fleet is drawn: as it was asked for, else as there is room."""
        width, height = self._pane.size
        wanted = self.desk.memory.view
        if wanted is not None and height > LOW:
            return wanted
        return auto_view(self.desk.arrangement.sections, width, height)

    def frame(self) -> FleetFrame:
        """What top line and event line look at."""
        engine, log = self._engine, self._engine.recent_log(1)
        pane, shown = self._pane, self.desk.arrangement
        up, down = self.glyphs.up, self.glyphs.down
        return FleetFrame(
            totals=self.desk.all,
            shown=len(self.desk.names),
            now=self._clock.now().astimezone(),
            inks=self.inks,
            glyphs=self.glyphs,
            order=shown.order,
            held=shown.held,
            filter=shown.text.strip(),
            more=f"{up if pane.above else ' '}{down if pane.below else ' '}",
            alarms=self.standing,
            rights=self.desk.rights,
            history_off="" if engine.store_status.ok else engine.store_status.detail or "off",
            notice=self._notices.notice,
            log=log[-1] if log else None,
        )

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        view = self.view
        self._pane.show(self.desk.scene(self.inks, self.glyphs), view, self._empty())
        frame = self.frame()
        self.totals = frame.totals
        self._sheet("bar").paint(lambda width, _: [top_line(frame, width)], self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(frame, width)], self.inks)
        self.redraw_band()
        over = self._over
        if over is not None:
            self._sheet("over").paint(lambda width, _: [over(width)], self.inks)
        offered = []
        if self.app.screen is self:
            offered = hints(
                rows=len(self.desk.names),
                filtered=bool(self.desk.arrangement.text),
                typing=self.typing,
                view=view,
                what_if=self.in_what_if,
                keymap=self.keymap,
            )
        self._sheet("hints").paint(
            lambda width, _: [self.bottom_line(self.inks, offered, width, self.before_hints)],
            self.inks,
        )

    def _empty(self) -> str:
        if self.desk.rows and self.desk.arrangement.text.strip():
            return f"No PDU fits {self.desk.arrangement.text.strip()}"
        return "No PDU is configured"

    def help_rows(self) -> list[Row]:
        """What is seen here, for the help."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.fleet_palette import FleetCommands

        return FleetCommands

    # moving

    def choose(self, pdu: str | None) -> None:
        """Put the cursor on a PDU; None: on the first one, whichever that becomes."""
        self.desk.choose(pdu)
        if pdu is None:
            self._pane.top()
        self.update()

    def before_find(self) -> Callable[[], None]:
        """The cursor and the filter are what bring one back."""
        pdu, text = self.desk.cursor, self.filter_text()

        def back() -> None:
            if self.filter_text() != text:
                self.filter_by(text)
            self.choose(pdu)

        return back

    def show_find(self, find: Find) -> None:
        """Put the cursor on the PDU; a filter that hides it is dropped."""
        if find.pdu not in self.desk.names and self.filter_text():
            self.filter_by("")
        self.choose(find.pdu)

    def _step(self, by: int) -> None:
        pdu = self.desk.beside(by)
        if pdu is not None:
            self.choose(pdu)

    def action_move(self, by: int) -> None:
        """The card beside."""
        if self.view == "cards":
            self._step(by)

    def action_row(self, by: int) -> None:
        """The PDU above or below."""
        self._step(by * self._pane.step)

    def action_page(self, way: int) -> None:
        """A page on."""
        self._step(way * self._pane.page)

    def action_edge(self, way: int) -> None:
        """The first PDU, or the last."""
        self.choose(None if way < 0 or not self.desk.names else self.desk.names[-1])

    @on(FleetPane.Picked)
    def _picked(self, message: FleetPane.Picked) -> None:
        self.choose(message.pdu)
        if message.twice:
            self.open_pdu(message.pdu)

    @on(FleetPane.Wheeled)
    def _wheeled(self, message: FleetPane.Wheeled) -> None:
        self._step(message.way * (WHEEL_ROWS if self.view == "list" else 1))

    def action_open(self) -> None:
        """Show the PDU under the cursor on its own screen; in a what-if what becomes of it."""
        meant = self.desk.meant
        if meant is not None:
            (self.show_after if self.in_what_if else self.open_pdu)(meant)

    # what is shown

    def filter_text(self) -> str:
        """What is filtered by."""
        return self.desk.arrangement.text

    def filter_by(self, text: str) -> None:
        """Show what fits."""
        self.desk.arrangement.filter(text)
        self._anew()

    def _anew(self) -> None:
        self.desk.keep()
        self._look(asked=True)
        self.update()

    def action_sort(self) -> None:
        """The next order."""
        self.desk.arrangement.next_order()
        self._anew()

    def action_group(self) -> None:
        """Other groups."""
        self.desk.arrangement.next_grouping()
        self._anew()

    def action_view(self) -> None:
        """Cards, or a list."""
        self.desk.memory.view = "list" if self.view == "cards" else "cards"
        self.update()

    def action_back(self) -> None:
        """End a what-if; without one drop the filter; without one go back."""
        if not self.typing and self.end_what_if():
            return
        if self.typing or self.desk.arrangement.text:
            self.close_line()
            self.filter_by("")
        else:
            self.dismiss(None)
