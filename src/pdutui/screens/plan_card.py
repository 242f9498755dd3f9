"""What all questions about plans share: steps that scroll, impact, obstacles, the guard of `y`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from pdutui.domain.clock import Clock
from pdutui.domain.plan import PlanDraft
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.engine.plans.port import PlanTrouble
from pdutui.keys.dialogs import PLAN_CARD
from pdutui.screens.dialog import Choice, Dialog, Row, paragraph
from pdutui.screens.haste import Haste
from pdutui.screens.impact_rows import (
    DANGER,
    Block,
    fitted,
    impact_blocks,
)
from pdutui.screens.keyed import bindings
from pdutui.screens.plan_rows import Steps, Views, step_table
from pdutui.screens.sparing import Sparing
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

Answer = TypeVar("Answer")
_ENDLESS = 10_000
"""More rows than there ever are."""
_LEAST = 4
"""So many rows of the table are kept whatever else there is to say: a heading and three steps."""


class PlanCard(Dialog[Answer | None]):
    """Dismissed with None for no.

    Args:
        make: What would be done, judged anew. Raises PlanTrouble.
        views: The PDUs as they stand.
        clock: For the guard.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 96
    AUTO_FOCUS = "#cancel"
    TABLE = PLAN_CARD
    BINDINGS = bindings(PLAN_CARD)
    FROZEN: ClassVar[bool] = True
    """Whether it is said where an outlet is not what it was when the plan was made."""

    def __init__(
        self,
        make: Callable[[], PlanDraft],
        *,
        views: Views,
        clock: Clock,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs, "warning")
        self._make, self._views = make, views
        self.haste = Haste(clock)
        self.trouble = ""
        """Why it cannot be judged any more."""
        self._drafting = Sparing(clock)
        self.draft = self._drafting.run(make)
        self._state = self._question()
        self._first = 0
        self.frame = self._frame()

    # what a subclass says

    def head(self, width: int) -> list[Row]:
        """What will be done."""
        raise NotImplementedError

    def foot(self, width: int, tight: bool) -> list[Row]:
        """How it is done, what has to be typed, and the row of the choices, which is the last.

        Args:
            width: Cells of a row.
            tight: There is no room for blank rows.
        """
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether `y` would be taken."""
        raise NotImplementedError

    def agreed(self) -> Answer:
        """What a yes means."""
        raise NotImplementedError

    def obstacle_head(self, count: int) -> str:
        """What obstacles mean here."""
        raise NotImplementedError

    # life

    def controls(self) -> ComposeResult:
        """Cancel."""
        yield Choice("Cancel", self.inks, id="cancel")

    def on_mount(self) -> None:
        """The guard counts from when it is seen."""
        self.haste.again()
        self.set_interval(1.0, self.look_if_due)
        super().on_mount()

    def on_screen_resume(self) -> None:
        """It is on top, for the first time or again."""
        self.haste.again()

    def on_key(self) -> None:
        """A key that is nothing here: what comes right behind it is not meant either."""
        self.haste.key()

    def news(self, event: EngineEvent) -> None:
        """Something happened to one of the PDUs that it is about."""
        pdus = {step.pdu for step in self.draft.plan.steps}
        if isinstance(event, ReadingArrived) and event.pdu not in pdus:
            return
        self.look_if_due()

    def look_if_due(self) -> None:
        """Judge it anew, unless that has taken too much of the time."""
        if self._drafting.due:
            self.look_again()
        else:
            self.update()

    def look_again(self) -> None:
        """Judge it anew, and say what is true now."""
        try:
            self.draft, self.trouble = self._drafting.run(self._make), ""
        except PlanTrouble as trouble:
            self.trouble = str(trouble)
        self.frame = self._frame()
        state = self._question()
        if state != self._state:
            self._state = state
            self.haste.again()
        self.update()

    def _question(self) -> object:
        """What a yes is given to: with another one, keys that were on their way do not count."""
        draft = self.draft
        steps = tuple((s.pdu, s.outlet, s.action, s.name, s.before) for s in draft.plan.steps)
        stuck = tuple((o.pdu, o.outlet, o.rule) for o in draft.obstacles)
        return steps, stuck, draft.words, draft.impact.level, self.trouble

    def _frame(self) -> str:
        return "critical" if self.draft.impact.danger else "warning"

    # what it says

    def table(self) -> Steps:
        """The steps as they are drawn."""
        return Steps(
            steps=self.draft.plan.steps,
            views=self._views,
            glyphs=self.glyphs,
            impact=self.draft.impact,
            obstacles=self.draft.obstacles,
            frozen=self.FROZEN,
        )

    def rows(self, width: int, height: int) -> list[Row]:
        """Head and impact, the steps, the foot."""
        table, count = self.table(), len(self.draft.plan.steps)
        least = min(count + 1, _LEAST)
        typing = isinstance(self.focused, Input)
        more = self.keymap.typing("dialog.all") if typing else self.keymap.shown("dialog.all")
        for tight in (False, True):
            foot = self.foot(width, tight)
            room = height - len(foot)
            upper = fitted(
                self.head(width),
                self._blocks(width),
                [],
                max(1, room - least - 1),
                more=more,
            )
            if upper and not upper[-1]:
                upper.pop()
            left = room - len(upper)
            if left >= count + 3:
                break
        gaps = 2 if left >= count + 3 else max(0, min(1, left - least))
        shown = max(0, min(count + 1, left - gaps))
        self._first = max(0, min(self._first, count - shown + 1))
        listed = step_table(table, width, self._first, shown)
        above: list[Row] = [[]] * (gaps > 0)
        below: list[Row] = [[]] * (gaps > 1)
        return [*upper, *above, *listed, *below, *foot][-max(1, height) :]

    def _blocks(self, width: int, *, brief: bool = True) -> list[Block]:
        stuck: list[Row] = []
        if self.stuck_by:
            text = f"{self.glyphs.alert} Not possible: {self.clean(self.stuck_by)}"
            stuck += paragraph(text, width, "critical")
        elif self.draft.obstacles:
            text = self.obstacle_head(len(self.draft.obstacles))
            stuck += paragraph(f"{self.glyphs.alert} {text}", width, "critical")
            for one in self.draft.obstacles[: 3 if brief else None]:
                why = f"{one.label} on {one.pdu}: {one.reason}"
                stuck += paragraph(f"{self.glyphs.fixed} {self.clean(why)}", width, "text")
            more = len(self.draft.obstacles) - 3
            if brief and more > 0:
                stuck += paragraph(f"{self.glyphs.fixed} and {more} more", width, "text")
        blocks = [Block(0, DANGER, stuck, counted=False)] if stuck else []
        pdus = {step.pdu for step in self.draft.plan.steps}
        here = pdus.pop() if len(pdus) == 1 else ""
        impact = self.draft.impact
        return [
            *blocks, *impact_blocks(impact, width, self.glyphs, pdu=here, part=1, brief=brief)
        ]  # fmt: skip

    @property
    def stuck_by(self) -> str:
        """What is in the way of every one of several steps, where it is one thing: a lock."""
        obstacles, steps = self.draft.obstacles, self.draft.plan.steps
        places = {(one.pdu, one.outlet) for one in obstacles}
        reasons = {one.reason for one in obstacles}
        if len(steps) < 2 or len(reasons) != 1 or len(places) < len(steps):
            return ""
        return reasons.pop()

    def hasty(self, width: int) -> list[Row]:
        """What is said to a `y` that came too fast."""
        if not self.haste.told:
            return []
        return paragraph(
            f"That {self.keymap.shown('dialog.yes')} came too fast to be meant: press it again.",
            width,
            "warning",
        )

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    # the answer

    def action_scroll(self, by: int) -> None:
        """Other steps."""
        self._first = max(0, self._first + by)
        self.update()

    def action_all(self) -> None:
        """Show what there was no room for."""
        from pdutui.screens.impact_all import AllScreen

        def text(width: int) -> list[Row]:
            blocks = self._blocks(width, brief=False)
            upper = fitted(self.head(width), blocks, [], _ENDLESS)
            return [*upper, [], *step_table(self.table(), width, 0, _ENDLESS)]

        self.app.push_screen(AllScreen(self.heading, text, self.inks, self.glyphs, self.frame))

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        self.dismiss(None)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(None)

    def action_confirm(self) -> None:
        """Yes, if it is still possible and the key can have been meant."""
        self.look_again()
        early = self.haste.key()
        if self.trouble or not self.ready:
            return
        if early:
            self.haste.told = True
            self.update()
            return
        self.dismiss(self.agreed())
