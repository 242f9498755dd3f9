"""The PDU screen: the panels, their places, the cursor, and the keys that act on an outlet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus
from textual.layout import Layout

from pdutui.engine.events import AlarmChanged, EngineEvent, ReadingArrived, Severity
from pdutui.engine.view import PduInfo, PduView
from pdutui.keys.pdu import KEYS
from pdutui.screens.cursors import beside
from pdutui.screens.fresh import Fresh
from pdutui.screens.jumper import Jumper
from pdutui.screens.keyed import bindings
from pdutui.screens.keys import hints_of
from pdutui.screens.notices import Notices
from pdutui.screens.panel_layout import PanelLayout
from pdutui.screens.together import Together
from pdutui.screens.trend_span import TrendSpan
from pdutui.widgets.bank_meter import BankMeter
from pdutui.widgets.event_line import EventLine
from pdutui.widgets.key_hints import Hint, KeyHints
from pdutui.widgets.layout import Contents, Rect, arrange, contents_of, panels
from pdutui.widgets.outlet_grid import OutletGrid
from pdutui.widgets.panel import Panel
from pdutui.widgets.scene import Pane, Scene, moment_of, no_trend
from pdutui.widgets.sensors import SensorPanel
from pdutui.widgets.source_panel import SourcePanel
from pdutui.widgets.status_line import StatusLine
from pdutui.widgets.trend import TrendPanel

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.screens.port import EnginePort
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.inks import Inks
    from pdutui.widgets.line import Piece

_LOG_LINES = 16
PANES: tuple[Pane, ...] = ("outlets", "meters", "trends")
"""What can have the keys: the panels of that name, in the order of `tab`."""


class PduScreen(Jumper):
    """One PDU at a time; `[` and `]` go to the others.

    Args:
        info: The first PDU as the config names it, to be shown before the engine is up.
        clock: For the time of day and for how long a notice stands.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = "#outlets"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    PduScreen { background: $background; overflow: hidden; }
    """

    def __init__(self, info: PduInfo, *, clock: Clock, glyphs: GlyphSet, inks: Inks) -> None:
        super().__init__()
        self._clock = clock
        self.glyphs = glyphs
        self._inks = inks
        self._engine: EnginePort | None = None
        self._view = PduView(info=info)
        self._notices = Notices(clock)
        self._together = Together(self, self.update)
        self._span = TrendSpan(clock)
        self._fresh = Fresh(clock)
        self._covered = False
        """A dialog has the keys: those of this screen do nothing."""
        self._contents = Contents()
        self._panels = PanelLayout(self.walled(self._placed), self.alarm_rows)
        self._wanted: Pane = "outlets"
        """Where the person wants the keys to go; elsewhere only while there is no such pane."""
        self._settled: Pane | None = None
        """The pane that was given the keys in its place."""

    @property
    def layout(self) -> Layout:
        """Places by rectangles, not by CSS."""
        return self._panels

    def _placed(self, width: int, height: int) -> dict[str, Rect]:
        return self.with_field(self.places(width, height), width, height)

    def places(self, width: int, height: int) -> dict[str, Rect]:
        """Where the panels go."""
        return arrange(width, height, self._contents)

    def compose(self) -> ComposeResult:
        """The panels, with what there is to show; where they go is the layout's business."""
        self.update()
        scene = self._scene()
        panels: tuple[Panel, ...] = (
            StatusLine(id="status"),
            OutletGrid(id="outlets"),
            BankMeter(id="meters"),
            SourcePanel(id="sources"),
            SensorPanel(id="sensors"),
            TrendPanel(id="trends"),
            EventLine(id="events"),
        )
        keys = KeyHints(id="hints")
        keys.offer(self._hints(scene))
        for panel in (*panels, keys):
            panel.show(scene)
            yield panel

    def on_mount(self) -> None:
        """Ages tick once a second, whatever the device does."""
        self.set_interval(1.0, self.tick)
        self.update()

    def on_resize(self) -> None:
        """Another size may have other panes."""
        self._settle_focus()

    def other_room(self) -> None:
        """So may a row less."""
        self._settle_focus()
        self.update()

    def on_screen_suspend(self) -> None:
        """A dialog opens: no key is offered that would do nothing."""
        self._covered = True
        self.update()

    def on_screen_resume(self) -> None:
        """The keys are this screen's again."""
        if self._covered:
            self._covered = False
            self.update()

    # what is shown

    @property
    def scene(self) -> Scene:
        """What the panels were last shown."""
        scene = self.query_one("#status", StatusLine).scene
        assert scene is not None
        return scene

    def attach(self, engine: EnginePort) -> None:
        """The engine is there: from now on what it says is shown."""
        self._engine = engine
        if self.pdu not in engine.pdus and engine.pdus:
            self._view = engine.view(engine.pdus[0])
        self.update()

    def news(self, event: EngineEvent) -> None:
        """Something happened; what is not of this PDU may still be in the log."""
        super().news(event)
        self._fresh.hear(event)
        own = getattr(event, "pdu", self.pdu) == self.pdu
        if isinstance(event, ReadingArrived) and not own:
            return
        if own and not isinstance(event, AlarmChanged):
            self.update()
        else:
            self._together.soon()  # a whole room may fail at once

    def tick(self) -> None:
        """A second passed: clock and age, and the whole screen when anything else changed."""
        if self.buried or not self.is_mounted:
            return
        if self._notices.passed():
            self.update()
            return
        if self._engine is None:
            self.query_one("#status", StatusLine).show(self._scene())
            return
        before = self._view
        after = self._engine.view(self.pdu)
        counting = bool(after.due) or self._fresh.any
        same = after.health == before.health == "live" and after.reading is before.reading
        if same and not counting:
            self._view = after
            status = self.query_one("#status", StatusLine)
            # Where a reading has come in this very second, clock and age are right already.
            if status.scene is None or status.scene.moment != moment_of(self._clock.now(), after):
                status.show(self._scene())
        else:
            self.update()

    def update(self) -> None:
        """Draw everything anew; panels whose lines are the same send nothing."""
        if self._engine is not None and self._engine.pdus:
            self._view = self._engine.view(self.pdu)
        if self.buried:
            return
        contents = contents_of(self._view.reading)
        anew, self._contents = contents != self._contents, contents
        if not self.is_mounted:
            return
        if anew:
            # Through a child: that is what makes Textual forget the places it has kept.
            self.query_one("#status", StatusLine).refresh(layout=True)
            self._settle_focus()
        scene = self._scene()
        self.query_one("#hints", KeyHints).offer(
            self._hints(scene), self.kept_for_field, self.found()
        )
        for panel in self.query(Panel):
            panel.show(scene)

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        self._inks = inks
        self.update()

    def notice(self, text: str, severity: Severity = "info") -> None:
        """Say something in the event line for a while."""
        self._notices.say(text, severity)
        self.update()

    def _scene(self) -> Scene:
        engine, pdu = self._engine, self.pdu
        pdus = engine.pdus if engine else (pdu,)
        status = engine.store_status if engine else None
        traps = engine.trap_status if engine else None
        return Scene(
            view=self._view,
            now=self._clock.now().astimezone(),
            inks=self._inks,
            glyphs=self.glyphs,
            second=self._span.second(self._view),
            place=(pdus.index(pdu) + 1 if pdu in pdus else 1, len(pdus)),
            cursor=self._cursors.outlet(self._view),
            meter=self._cursors.meter(self._view),
            window_s=self._span.window(self._view, engine),
            trend=(lambda key, s: engine.trend(pdu, key, s)) if engine else no_trend,
            log=engine.recent_log(_LOG_LINES) if engine else (),
            notice=self._notices.notice,
            store_ok=status.ok if status else True,
            store_detail=status.detail if status else "",
            traps_problem=traps.problem if traps else "",
            strange_traps=traps.counts.untrusted if traps else 0,
            observed=self._fresh.of(pdu, self._view.reading),
            locked=engine.locked if engine else "",
            filter=self.filter.strip(),
            shown=self.shown(self._view) if self.filter else None,
            marked=self.marked(),
            plan=self.plan_news(),
            alarms=self.standing,
        )

    def why_not(self) -> dict[str, str]:
        """What does not work on the outlet under the cursor, or at all."""
        from pdutui.screens.why_not import pdu_reasons

        return pdu_reasons(self, self._engine)

    def help_rows(self) -> list[list[Piece]]:
        """What the marks mean."""
        from pdutui.screens.help import sign_rows

        return sign_rows(self.glyphs, self.keymap)

    def _hints(self, scene: Scene) -> list[Hint]:
        if self._covered:
            return []
        panes, many = len(self.shown_panes()), self.many()
        out = hints_of(scene, self.pane, panes, self._contents, many, self.keymap)
        return [*self.jump_hints(), *out]

    # the cursor

    @property
    def pane(self) -> Pane:
        """Where the keys go."""
        focused = self.focused.id if self.focused is not None else None
        return next((pane for pane in PANES if pane == focused), self._wanted)

    def shown_panes(self) -> list[Pane]:
        """The panes that can have the keys at this size, in the order of `tab`."""
        shown = panels(*self.room, self._contents)
        return [pane for pane in PANES if pane in shown]

    def _settle_focus(self) -> None:
        """Put the keys where they are wanted, or where there is something to go to."""
        if self._typed_in is not None or not self.is_mounted:
            return
        panes = self.shown_panes()
        pane = self._wanted if self._wanted in panes else next(iter(panes), self._wanted)
        widget = self.query_one(f"#{pane}", Panel)
        if self.focused is not widget:
            self._settled = pane
            self.set_focus(widget, scroll_visible=False)

    def action_pane(self, by: int) -> None:
        """The next pane, or the one before."""
        self._close_field()
        panes = self.shown_panes()
        if panes:
            place = panes.index(self.pane) + by if self.pane in panes else 0
            self._wanted = panes[place % len(panes)]
            self._settle_focus()

    def want_pane(self, pane: Pane) -> None:
        """Give the keys to a pane, or to another while there is no such one."""
        self._wanted = pane
        self._settle_focus()

    def give_keys(self) -> None:
        """Give the keys to the outlets."""
        self.set_focus(self.query_one("#outlets", OutletGrid), scroll_visible=False)

    def select(self, outlet: int) -> None:
        """Put the cursor on an outlet."""
        self._cursors.put(self.pdu, outlet)
        self.give_keys()
        self.update()

    def select_meter(self, row: int) -> None:
        """Put the cursor on a row of the load panel."""
        self._cursors.put_meter(self.pdu, row)
        self.want_pane("meters")
        self.update()

    def go(self, pdu: str) -> None:
        """Show another PDU."""
        if self._engine is not None and pdu in self._engine.pdus and pdu != self.pdu:
            self._notices.forget()
            self._view = self._engine.view(pdu)
            self.update()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Another pane, other keys."""
        if self.pane != self._settled:
            self._wanted, self._settled = self.pane, None
        self.update()

    @on(OutletGrid.Picked)
    def _picked(self, message: OutletGrid.Picked) -> None:
        self.select(message.number)

    @on(OutletGrid.Stepped)
    def _stepped(self, message: OutletGrid.Stepped) -> None:
        self._step(message.rows)

    @on(BankMeter.Picked)
    def _picked_meter(self, message: BankMeter.Picked) -> None:
        self._cursors.put_meter(self.pdu, message.row)
        self.update()

    def _step(self, by: int) -> None:
        """Move the outlet cursor by so many outlets, stopping at the ends."""
        self._cursors.step(self._view, by)
        self.update()

    # actions

    def action_move(self, x: int, y: int) -> None:
        """An arrow key, in the pane that has the focus."""
        if self.pane == "outlets":
            shown = self.query_one("#outlets", OutletGrid).page()
            if y:
                self._step(y)
            elif shown is not None and shown.columns > 1:
                self._cursors.side(self._view, x * shown.total_rows)
                self.update()
            return
        if y:
            self._cursors.put_meter(self.pdu, self._cursors.meter(self._view) + y)
        elif self.pane == "trends":
            self._span.step(x, self._view, self._engine)
        self.update()

    def action_edge(self, way: int) -> None:
        """The first or the last outlet."""
        if self.pane == "outlets":
            self._step(way * 10_000)

    def action_page(self, way: int) -> None:
        """A page of outlets on, or back."""
        if self.pane == "outlets":
            shown = self.query_one("#outlets", OutletGrid).page()
            self._step(way * max(1, (shown.rows if shown is not None else 10) - 1))

    def action_pdu(self, by: int) -> None:
        """The PDU before or after this one, round and round."""
        if self._engine is not None and self._engine.pdus:
            self.go(beside(self._engine.pdus, self.pdu, by))
