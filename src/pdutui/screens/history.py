"""The history screen: the chart of the past, what happened, and the keys that move about in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.command import Provider
from textual.message import Message

from pdutui.domain.clock import Clock
from pdutui.domain.history import Mark
from pdutui.engine.events import EngineEvent, HealthChanged, Logged, StoreChanged
from pdutui.keys.history import KEYS
from pdutui.screens.cursors import beside, place_in
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.finder import Finder
from pdutui.screens.finding import Find
from pdutui.screens.history_desk import LATE_S, HistoryDesk
from pdutui.screens.history_dialogs import choose_file, choose_series, choose_window
from pdutui.screens.history_keys import help_rows, hints
from pdutui.screens.history_panels import HistoryChart, MarkList
from pdutui.screens.history_state import HistoryState
from pdutui.screens.history_view import (
    HistoryScene,
    marks_rows,
    places,
    said_line,
    top_line,
    words,
)
from pdutui.screens.keyed import bindings
from pdutui.screens.port import EnginePort
from pdutui.screens.sheet_screen import SheetScreen
from pdutui.widgets import chart_time
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_widget import ChartWidget
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.layout import Rect
from pdutui.widgets.rights import rights_of
from pdutui.widgets.sheet import Make, Sheet

COLUMNS = 60
"""What a step of the cursor is made of while no chart is drawn yet."""
_COMPARED = {
    "none": "Compared with nothing",
    "day": "Compared with the same time a day before",
    "week": "Compared with the same time a week before",
}


class HistoryScreen(Finder, SheetScreen):
    """Dismissed when the person goes back.

    Args:
        engine: Gives the past, the last reading, and how recording is doing.
        pdu: Whose past.
        subject: What the cursor was on, as the beginning of a series; or nothing.
        clock: For the present.
        zone: Of all times that are shown.
        how_to_enable: Says how history is switched on.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "history"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    HistoryScreen { background: $background; overflow: hidden; }
    """

    class ReplayWanted(Message):
        """Somebody wants to see the console as it was at a moment."""

        def __init__(self, pdu: str, at_ms: int) -> None:
            super().__init__()
            self.pdu, self.at_ms = pdu, at_ms

    def __init__(
        self,
        engine: EnginePort,
        pdu: str,
        subject: str,
        *,
        clock: Clock,
        zone: tzinfo,
        how_to_enable: str,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self.zone = engine, zone
        self._charted = False
        self.desk = HistoryDesk(
            engine, pdu, subject, clock=clock, zone=zone, how_to_enable=how_to_enable,
            changed=self.update,
        )  # fmt: skip

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        """Chart or words, never both."""
        found = places(width, height)
        if not self._charted and "chart" in found:
            found["words"] = found.pop("chart")
        return found

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield HistoryChart(id="chart")
        yield Sheet(id="words")
        yield MarkList(id="marks")
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Ask for the first picture, and look again every second."""
        self.set_interval(1.0, self.tick)
        self.desk.begin()
        self.update()

    async def on_unmount(self) -> None:
        """End what is under way, and let go of what was drawn."""
        await self.desk.close()
        forget_drawn(self)

    # the present

    @property
    def pdu(self) -> str:
        """Whose past is asked for."""
        return self.desk.state.pdu

    def news(self, event: EngineEvent) -> None:
        """Something happened. Readings are gone by every second, not one by one."""
        if isinstance(event, HealthChanged | Logged | StoreChanged):
            self.update()

    def _passed(self) -> None:
        self.desk.tick()

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.history_palette import HistoryCommands

        return HistoryCommands

    def why_not(self) -> dict[str, str]:
        """What does not work on what is shown."""
        model, why = self.model, dict[str, str]()
        if self.desk.state.live:
            why["history.live"] = "the chart follows the present already"
        if model is None:
            why["export"] = "nothing is shown that could be written"
        if model is None or model.cursor_ms is None:
            why["history.replay"] = "put the cursor on a moment first: arrows or mouse"
        if len(self._engine.pdus) < 2:
            why |= dict.fromkeys(("pdu.previous", "pdu.next"), "there is no other PDU")
        return why

    def help_rows(self) -> list[Row]:
        """The help of this screen."""
        return help_rows(self.glyphs)

    @property
    def looked_at(self) -> tuple[str, str]:
        """The PDU whose past this is."""
        return self.pdu, ""

    # drawing

    @on(ChartWidget.Drawn)
    def _drawn(self) -> None:
        """The top line and the marks belong to what the chart shows, which is this now."""
        self._paint()

    @property
    def model(self) -> ChartModel | None:
        """What the chart is to show; None while there is nothing to show."""
        return self.desk.model(notes="marks" not in self._places(*self.room))

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        model = self.model
        if (model is not None) != self._charted:
            self._charted = model is not None
            # Through a child: that is what makes Textual forget the places it has kept.
            self._sheet("bar").refresh(layout=True)
        if model is not None:
            self.query_one(HistoryChart).show(model, self.inks, self.glyphs)
        self._paint()

    def _paint(self) -> None:
        """Draw all but the chart."""
        scene = self._scene()
        offered = self._hints(scene.model)
        sheets: dict[str, Make] = {
            "bar": lambda width, _: [top_line(scene, width)],
            "said": lambda width, _: [said_line(scene, width)],
            "hints": lambda width, _: [self.bottom_line(self.inks, offered, width)],
        }
        if not self._charted:
            title, text = self.desk.instead()
            sheets["words"] = partial(words, self.inks, self.glyphs, title, text)
        for name, make in sheets.items():
            self._sheet(name).paint(make, self.inks)
        self.query_one(MarkList).tell(partial(marks_rows, scene), self.inks)

    def _scene(self) -> HistoryScene:
        """What the panels look at: the picture that is on the screen, not one to come."""
        engine, desk = self._engine, self.desk
        shown = self.query_one(HistoryChart).drawn_model if self._charted else None
        pdu = shown.pdu if shown is not None else self.pdu
        log = engine.recent_log(1)
        as_of = None
        if desk.trouble and desk.picture is not None:
            as_of = datetime.fromtimestamp(desk.picture.asked_ms / 1000, UTC)
        return HistoryScene(
            view=engine.view(pdu),
            now=desk.now,
            inks=self.inks,
            glyphs=self.glyphs,
            place=(place_in(engine.pdus, pdu), len(engine.pdus)),
            model=shown,
            waiting=chart_time.length(desk.state.span_ms) if desk.late else "",
            trouble=desk.trouble,
            as_of=as_of.astimezone(self.zone) if as_of is not None else None,
            store_ok=engine.store_status.ok,
            store_detail=engine.store_status.detail,
            notice=self._notices.notice,
            log=log[0] if log else None,
            rights=rights_of(engine.gate.locked, [engine.view(pdu).info]),
            alarms=self.standing,
        )

    def _hints(self, model: ChartModel | None) -> list[Hint]:
        if self.app.screen is not self:
            return []
        return hints(
            live=self.desk.state.live,
            picture=model is not None,
            marks=model is not None and bool(model.marks),
            cursor=model is not None and model.cursor_ms is not None,
            pdus=len(self._engine.pdus),
            history=self.desk.picture is not None or not self.desk.trouble,
            keymap=self.keymap,
        )

    # moving

    def change(self, state: HistoryState) -> None:
        """Another state, and a word if its picture is slow to come."""
        self.desk.change(state)
        self.set_timer(LATE_S + 0.01, self.update)

    @on(HistoryChart.Pointed)
    def _pointed(self, message: HistoryChart.Pointed) -> None:
        self.change(self.desk.state.put_cursor(message.at_ms, self.desk.now_ms))

    @on(HistoryChart.Wheeled)
    def _wheeled(self, message: HistoryChart.Wheeled) -> None:
        if message.pan:
            self._pan(message.by / 10)
        else:
            self._zoom(message.by, message.at_ms)

    @on(MarkList.Picked)
    def _picked(self, message: MarkList.Picked) -> None:
        self.change(self.desk.state.put_cursor(message.mark.ts_ms, self.desk.now_ms))

    def _columns(self) -> int:
        picture = self.query_one(HistoryChart).picture
        plot = picture.plot if picture is not None else None
        return plot.width if plot is not None else COLUMNS

    def _pan(self, part: float) -> None:
        desk = self.desk
        self.change(desk.state.pan(part, desk.now_ms, desk.oldest_ms))

    def _zoom(self, way: int, at_ms: int | None = None) -> None:
        desk, factor = self.desk, 2.0 if way > 0 else 0.5
        self.change(desk.state.zoom(factor, desk.now_ms, desk.oldest_ms, at_ms))

    def action_cursor(self, by: int) -> None:
        """The cursor a column on."""
        desk = self.desk
        self.change(desk.state.step_cursor(by, self._columns(), desk.now_ms, desk.oldest_ms))

    def action_edge(self, way: int) -> None:
        """The cursor to an end."""
        self.change(self.desk.state.edge(way, self._columns(), self.desk.now_ms))

    def action_pan(self, way: int) -> None:
        """Half a window on."""
        self._pan(way / 2)

    def action_zoom(self, way: int) -> None:
        """A shorter or a longer window."""
        self._zoom(way)

    def action_range(self, span_ms: int) -> None:
        """One of the ranges."""
        self.change(self.desk.state.range(span_ms, self.desk.now_ms))

    def action_everything(self) -> None:
        """All that is kept."""
        self.change(self.desk.state.everything(self.desk.now_ms, self.desk.oldest_ms))

    def action_live(self) -> None:
        """Back to the present."""
        self.change(self.desk.state.follow())

    def action_mark(self, way: int) -> None:
        """The cursor to the next mark, or to the one before."""
        self.run_worker(
            self._go_to_mark(way), name="mark", description="mark", group="mark", exclusive=True
        )

    async def _go_to_mark(self, way: int) -> None:
        pdu = self.pdu
        found = await self.desk.find_mark(way)
        if isinstance(found, str):
            self.notice(found)
        elif pdu == self.pdu and isinstance(found, Mark):
            self.change(self.desk.state.put_cursor(found.ts_ms, self.desk.now_ms))

    def action_pdu(self, by: int) -> None:
        """The PDU before or after this one."""
        self.go(beside(self._engine.pdus, self.pdu, by))

    def go(self, pdu: str) -> None:
        """Another PDU; the series that exist there stay."""
        self.desk.turn(pdu)

    def before_find(self) -> Callable[[], None]:
        """The chart that is shown is what brings one back."""
        state = self.desk.state
        return lambda: self.change(state) if self.desk.state.pdu != state.pdu else None

    def show_find(self, find: Find) -> None:
        """The past of that PDU; of an outlet once somebody stays there."""
        self.desk.turn(find.pdu)

    def keep_find(self, find: Find) -> None:
        """An outlet's series, in place of what was shown."""
        if find.outlet is not None and find.pdu == self.pdu:
            self.desk.look_at(f"outlet.{find.outlet}")

    # what is shown

    def action_limits(self) -> None:
        """Thresholds."""
        self.change(self.desk.state.toggle_limits())
        self.notice("Thresholds are shown" if self.desk.state.limits else "Thresholds are hidden")

    def action_band(self) -> None:
        """Min and max."""
        self.change(self.desk.state.toggle_band())
        word = "shown" if self.desk.state.band else "hidden"
        self.notice(f"The band between min and max is {word}")

    def action_compare(self) -> None:
        """The day before, the week before, nothing."""
        self.change(self.desk.state.next_compare())
        self.notice(_COMPARED[self.desk.state.compare])

    def action_series(self) -> None:
        """Choose what is shown."""
        choose_series(self)

    def action_window(self) -> None:
        """Type a window."""
        choose_window(self)

    # away

    def action_replay(self) -> None:
        """The console as it was at the cursor."""
        cursor = self.desk.state.seen_cursor(self.desk.now_ms)
        if cursor is None:
            self.notice("Put the cursor on a moment first: with the arrows, n, or the mouse")
        else:
            self.post_message(self.ReplayWanted(self.pdu, cursor))

    def action_export(self) -> None:
        """What is shown, as a file."""
        choose_file(self)

    def action_back(self) -> None:
        """Back to the PDU."""
        self.dismiss(None)
