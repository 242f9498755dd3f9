"""The events screen: alarms, traps, health, commands and transfers in one time line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import partial

from msgspec import structs
from textual import on
from textual.app import ComposeResult
from textual.command import Provider

from pdutui.domain.clock import Clock
from pdutui.domain.history import Level
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.keys.events import KEYS
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.events_desk import EventsDesk
from pdutui.screens.events_keys import help_rows, hints
from pdutui.screens.events_rows import KINDS, EventKind, Happening, Wanted
from pdutui.screens.events_view import (
    EventsScene,
    detail,
    event_rows,
    places,
    said_line,
    top_line,
)
from pdutui.screens.filter_line import FilterScreen, ToHistory, ToPdu
from pdutui.screens.keyed import bindings
from pdutui.screens.pdu_finder import PduFinder
from pdutui.screens.pick_list import PickList
from pdutui.screens.port import EnginePort
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.rights import rights_of
from pdutui.widgets.sheet import Sheet

ToReplay = Callable[[str, int], None]
"""PDU and unix ms to the replay from there."""
_ALL: tuple[EventKind | None, ...] = (None, *KINDS)


class EventsScreen(PduFinder, FilterScreen):
    """Dismissed when the person goes back.

    Args:
        engine: Has what happened.
        pdu: The PDU that `P` shows alone, where no event is chosen.
        clock: For the time of day and for how long a notice stands.
        zone: Of all times.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "events"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)

    def __init__(
        self,
        engine: EnginePort,
        pdu: str,
        *,
        clock: Clock,
        zone: tzinfo,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self._pdu = engine, pdu
        self.to_pdu: ToPdu | None = None
        self.to_history: ToHistory | None = None
        self.to_replay: ToReplay | None = None
        self._chosen: Happening | None = None
        """Which event; None: the newest, whichever that becomes."""
        self.desk = EventsDesk(engine, clock=clock, zone=zone, changed=self.update)

    # life

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return self.with_line(places(width, height), width, height)

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield PickList(id="list")
        yield Sheet(id="detail")
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Read the newest, and look again every second."""
        self.set_interval(1.0, self.tick)
        self.desk.look()
        self.update()

    async def on_unmount(self) -> None:
        """End what is under way, and let go of what was drawn."""
        await self.desk.close()
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Something happened. Readings are no events."""
        if not isinstance(event, ReadingArrived):
            self.desk.heard()

    def _passed(self) -> None:
        self.desk.tick()

    # drawing

    @property
    def place(self) -> int:
        """Which row is chosen: the same event, however many have come."""
        return 0 if self._chosen is None else self.desk.place_of(self._chosen)

    def scene(self) -> EventsScene:
        """What the panels look at."""
        desk, engine = self.desk, self._engine
        return EventsScene(
            rows=desk.rows,
            chosen=self.place,
            now=desk.now,
            inks=self.inks,
            glyphs=self.glyphs,
            keymap=self.keymap,
            wanted=desk.wanted,
            loaded=desk.loaded,
            complete=desk.complete,
            searching=desk.searching,
            from_ms=desk.from_ms,
            kept=desk.kept,
            trouble=desk.trouble,
            standing=self.standing,
            rights=rights_of(engine.gate.locked, [engine.view(name).info for name in engine.pdus]),
            notice=self._notices.notice,
        )

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        scene = self.scene()
        self.query_one("#list", PickList).tell(partial(event_rows, scene), self.inks)
        self._sheet("bar").paint(lambda width, _: [top_line(scene, width)], self.inks)
        self._sheet("detail").paint(partial(detail, scene), self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(scene, width)], self.inks)
        offered = []
        if self.app.screen is self:
            row = scene.row
            offered = hints(
                rows=len(scene.rows),
                filtered=scene.wanted.some,
                typing=self.typing,
                one_pdu=scene.wanted.pdu is not None,
                pdus=len(self._engine.pdus),
                on_pdu=row is not None and row.pdu in self._engine.pdus,
                kept=scene.kept,
                keymap=self.keymap,
            )
        before = self.before_hints
        self._sheet("hints").paint(
            lambda width, _: [self.bottom_line(self.inks, offered, width, before)], self.inks
        )

    def why_not(self) -> dict[str, str]:
        """What does not work here and now, and why not."""
        row, out = self.scene().row, dict[str, str]()
        if row is None or row.pdu not in self._engine.pdus:
            why = "the chosen event is of no PDU that there is" if row else "nothing is shown"
            out |= dict.fromkeys(("list.pick", "history", "history.replay"), why)
        elif not self.desk.kept:
            out |= dict.fromkeys(("history", "history.replay"), "no history is kept here")
        if row is None:
            out["export"] = "nothing is shown"
        if len(self._engine.pdus) < 2:
            out["only.pdu"] = "there is one PDU alone"
        return out

    def help_rows(self) -> list[Row]:
        """The help of this screen."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.events_palette import EventCommands

        return EventCommands

    @property
    def looked_at(self) -> tuple[str, str] | None:
        """What the chosen event is about."""
        row = self.scene().row
        return (row.pdu, row.part) if row is not None and row.pdu in self._engine.pdus else None

    # moving

    def _choose(self, place: int) -> None:
        rows = self.desk.rows
        if rows:
            place = max(0, min(len(rows) - 1, place))
            self._chosen = rows[place] if place else None
        self.desk.reach(place)
        self.update()

    @on(PickList.Picked)
    def _picked(self, message: PickList.Picked) -> None:
        self._choose(message.place)

    @on(PickList.Wheeled)
    def _wheeled(self, message: PickList.Wheeled) -> None:
        self._choose(self.place + message.by)

    def action_move(self, by: int) -> None:
        """Another event."""
        self._choose(self.place + by)

    def action_page(self, way: int) -> None:
        """A page on."""
        self._choose(self.place + way * max(1, self.query_one("#list").size.height - 2))

    # what is shown

    def want(self, wanted: Wanted) -> None:
        """Show others; the chosen one stays, or what is next to it in time."""
        self.desk.want(wanted)
        self.update()

    def filter_text(self) -> str:
        """What is looked for now."""
        return self.desk.wanted.text

    def filter_by(self, text: str) -> None:
        """Look for something else."""
        self.want(structs.replace(self.desk.wanted, text=text))

    def action_level(self, least: Level) -> None:
        """This level and worse."""
        self.want(structs.replace(self.desk.wanted, least=least))

    def action_kind(self, by: int) -> None:
        """Another kind alone; all of them again after the last."""
        place = _ALL.index(self.desk.wanted.kind) + by
        self.of_kind(_ALL[place % len(_ALL)])

    def of_kind(self, kind: EventKind | None) -> None:
        """Show the events of one kind, or of all."""
        self.want(structs.replace(self.desk.wanted, kind=kind))

    def action_pdu(self) -> None:
        """One PDU alone, or all."""
        row = self.scene().row
        one = (row.pdu if row is not None else "") or self._pdu
        self.only(None if self.desk.wanted.pdu is not None else one or None)

    @property
    def one_pdu(self) -> str | None:
        """The PDU that is shown alone."""
        return self.desk.wanted.pdu

    def only(self, pdu: str | None) -> None:
        """Show the events of one PDU, or of all."""
        self.want(structs.replace(self.desk.wanted, pdu=pdu))

    def action_back(self) -> None:
        """Drop the filters; without any back to the PDU."""
        if self.typing or self.desk.wanted.some:
            self.close_line()
            self.want(Wanted())
        else:
            self.dismiss(None)

    # away

    def _on_pdu(self) -> Happening | None:
        """The chosen event, if it is of a PDU that there is; says so where it is not."""
        row = self.scene().row
        if row is None or row.pdu not in self._engine.pdus:
            self.notice("This event is of no PDU that there is" if row else "There is no event")
            return None
        return row

    def action_go(self) -> None:
        """The PDU, and the outlet."""
        row = self._on_pdu()
        if row is not None and self.to_pdu is not None:
            kind, _, number = row.part.partition(".")
            outlet = int(number) if kind == "outlet" and number.isdecimal() else None
            self.to_pdu(row.pdu, outlet)

    def action_history(self) -> None:
        """The chart at that moment."""
        row = self._on_pdu()
        if row is not None and self.to_history is not None:
            self.to_history(row.pdu, row.part, row.ts_ms)

    def action_replay(self) -> None:
        """The console as it was at that moment."""
        row = self._on_pdu()
        if row is None or self.to_replay is None:
            return
        if self.desk.kept:
            self.to_replay(row.pdu, row.ts_ms)
        else:
            self.notice("No history is kept here, so there is nothing to replay", "warning")

    def action_export(self) -> None:
        """What is shown, as a file."""
        from pdutui.screens.events_export import EventExport
        from pdutui.screens.file_dialog import working_folder

        if not self.desk.rows:
            self.notice("Nothing is shown that could be written")
            return
        dialog = EventExport(self.desk, working_folder(), self.inks, self.glyphs)
        self.app.push_screen(
            dialog, lambda path: self.notice(f"Written: {path}") if path is not None else None
        )
