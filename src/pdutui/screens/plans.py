"""The plan screen: all plans, how the chosen one goes, and the keys that run and end it."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.command import Provider
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.domain.plan import PlanDraft, PlanView
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.engine.plans.port import PlanTrouble
from pdutui.keys.plans import KEYS
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.keyed import bindings
from pdutui.screens.pick_list import PickList
from pdutui.screens.plan_words import RUNNING, is_own, over
from pdutui.screens.plans_keys import help_rows, hints, why_not
from pdutui.screens.plans_view import (
    PlanScene,
    how_to_plan,
    places,
    plan_list,
    said_line,
    step_list,
    step_shown,
    top_line,
)
from pdutui.screens.sheet_screen import SheetScreen
from pdutui.screens.sparing import Sparing
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import hint_line
from pdutui.widgets.layout import Rect
from pdutui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from pdutui.screens.plan_desk import PlanDesk


class PlansScreen(SheetScreen):
    """Dismissed when the person goes back.

    Args:
        desk: Has the plans, and does what the keys ask for.
        chosen: The id of the plan to begin with; empty for the first.
        clock: For the time of day and for how long a notice stands.
        zone: Of all times.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "plans"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    PlansScreen { background: $background; overflow: hidden; }
    """

    def __init__(
        self,
        desk: PlanDesk,
        chosen: str,
        *,
        clock: Clock,
        zone: tzinfo,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._desk, self._clock, self._zone = desk, clock, zone
        self._chosen = chosen
        self._first: int | None = None
        self._rows = 0
        self._drafting = Sparing(clock)
        self._left: tuple[str, PlanDraft | None] = ("", None)
        """What is left of which plan, judged a moment ago."""

    # life

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return places(width, height, len(self._desk.plans()))

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield PickList(id="list")
        yield Sheet(id="steps")
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Look again every second."""
        self.set_interval(1.0, self.tick)
        self._judge()
        self.update()

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Something happened. Readings are gone by every second, not one by one."""
        if not isinstance(event, ReadingArrived):
            self.update()

    def _passed(self) -> None:
        self._judge()

    def _judge(self) -> None:
        """What the rest of the chosen plan would do now."""
        view = self.view
        if view is None or over(view) or view.state in RUNNING:
            self._left = ("", None)
            return
        if self._left[0] == view.plan.id and not self._drafting.due:
            return
        try:
            left = self._drafting.run(partial(self._desk.left_draft, view))
            self._left = (view.plan.id, left)
        except PlanTrouble:
            self._left = (view.plan.id, None)

    # what is shown

    @property
    def place(self) -> int:
        """Which plan is chosen: the same one, however the list has changed."""
        ids = [view.plan.id for view in self._desk.plans()]
        return ids.index(self._chosen) if self._chosen in ids else 0

    @property
    def view(self) -> PlanView | None:
        """The plan that is chosen."""
        plans = self._desk.plans()
        return plans[self.place] if plans else None

    def scene(self) -> PlanScene:
        """What the panels look at."""
        desk, view = self._desk, self.view
        ident, draft = self._left
        left = draft if view is not None and view.plan.id == ident else None
        log = desk.log()
        return PlanScene(
            plans=desk.plans(),
            chosen=self.place,
            actor=desk.actor,
            now=self._clock.now().astimezone(self._zone),
            inks=self.inks,
            glyphs=self.glyphs,
            views=desk.view_of,
            impact=left.impact if left is not None else None,
            obstacles=len(left.obstacles) if left is not None else 0,
            first=self._first,
            notice=self._notices.notice,
            log=log[-1] if log else None,
            problem=desk.problem,
            rights=desk.rights,
            keymap=self.keymap,
            alarms=self.standing,
        )

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        scene = self.scene()
        wanted = places(*self.room, len(scene.plans))
        shown = self.query_one("#list", PickList)
        if shown.size.height and shown.size.height != wanted.get("list", Rect(0, 0, 0, 0)).height:
            # Through a child: that is what makes Textual forget the places it has kept.
            self._sheet("bar").refresh(layout=True)
        shown.tell(partial(plan_list, scene), self.inks)
        self._sheet("bar").paint(lambda width, _: [top_line(scene, width)], self.inks)
        self._sheet("steps").paint(partial(self._steps, scene), self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(scene, width)], self.inks)
        offered = []
        if self.app.screen is self:
            view = scene.view
            offered = hints(
                view,
                plans=len(scene.plans),
                own=view is not None and self._own(view),
                scrolls=view is not None and 0 < self._rows < len(view.plan.steps),
                keymap=self.keymap,
            )
        self._sheet("hints").paint(
            lambda width, _: [hint_line(self.inks, offered, width)], self.inks
        )

    def _steps(self, scene: PlanScene, width: int, height: int) -> list[Strip]:
        lines, self._rows = step_list(scene, width, height)
        return lines

    def why_not(self) -> dict[str, str]:
        """What does not work on the plan that is chosen."""
        view, plans = self.view, len(self._desk.plans())
        return why_not(view, plans=plans, own=view is not None and self._own(view))

    def help_rows(self) -> list[Row]:
        """The help of this screen."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.plans_palette import PlanCommands

        return PlanCommands

    # moving

    def choose(self, plan: str) -> None:
        """Show another plan."""
        if plan != self._chosen:
            self._chosen, self._first = plan, None
            self._judge()
        self.update()

    @on(PickList.Picked)
    def _picked(self, message: PickList.Picked) -> None:
        plans = self._desk.plans()
        if message.place < len(plans):
            self.choose(plans[message.place].plan.id)

    @on(PickList.Wheeled)
    def _wheeled(self, message: PickList.Wheeled) -> None:
        self.action_choose(message.by)

    def action_choose(self, by: int) -> None:
        """Another plan."""
        plans = self._desk.plans()
        if plans:
            self.choose(plans[max(0, min(len(plans) - 1, self.place + by))].plan.id)

    def action_scroll(self, way: int) -> None:
        """Other steps: half of what is shown, up or down."""
        scene = self.scene()
        if scene.view is None:
            return
        last = max(0, len(scene.view.plan.steps) - self._rows)
        first = step_shown(scene, self._rows) + way * max(1, self._rows // 2)
        self._first = max(0, min(first, last))
        self.update()

    # doing

    def _own(self, view: PlanView) -> bool:
        return view.mine or is_own(view.plan, self._desk.actor)

    def _with_plan(self) -> PlanView | None:
        view = self.view
        if view is None:
            self.notice(f"There is no plan yet: {how_to_plan(self.keymap)}")
        return view

    def action_run(self) -> None:
        """Run it, or go on with it."""
        if view := self._with_plan():
            self._desk.run(view)

    def action_pause(self) -> None:
        """Pause it."""
        if view := self._with_plan():
            self._desk.pause(view)

    def action_abort(self) -> None:
        """End it."""
        if view := self._with_plan():
            self._desk.abort(view)

    def action_put_back(self) -> None:
        """Ask to undo it."""
        if view := self._with_plan():
            self._desk.put_back(view)

    def action_approve(self) -> None:
        """Ask to approve it."""
        if view := self._with_plan():
            self._desk.approve(view)

    def action_back(self) -> None:
        """Back to the PDU."""
        self.dismiss(None)
