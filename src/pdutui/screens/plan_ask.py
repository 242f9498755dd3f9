"""Questions about a plan that there is: to go on with it, to end it, to approve it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Literal

from pdutui.domain.clock import Clock
from pdutui.domain.plan import PlanDraft, PlanView
from pdutui.screens.dialog import Row, paragraph
from pdutui.screens.plan_card import PlanCard
from pdutui.screens.plan_rows import Steps, Views, detail_rows
from pdutui.screens.plan_words import failure_words, heading, left_of, pace_words, plan_sign
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

Ask = Literal["run", "abort", "approve"]
_DETAIL_ROWS = 5
"""At most so many rows tell what went wrong with steps."""
_DOES: dict[Ask, str] = {"run": "Go on", "abort": "Abort", "approve": "Approve"}


class PlanAsk(PlanCard[bool]):
    """Dismissed with True for yes, None for no.

    Args:
        ask: What is asked.
        view: The plan as it stands. Raises PlanTrouble.
        make: What is left of it as a plan of its own, judged anew. Raises PlanTrouble.
        zone: Of all times.
        views: The PDUs as they stand.
        clock: For the guard.
        inks: The colours.
        glyphs: What is drawn with.
    """

    def __init__(
        self,
        ask: Ask,
        view: Callable[[], PlanView],
        make: Callable[[], PlanDraft],
        *,
        zone: tzinfo | None,
        views: Views,
        clock: Clock,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        self._ask, self._view, self._zone = ask, view, zone
        self.plan = view()
        self._was = self.plan.state

        def made() -> PlanDraft:
            self.plan = view()
            return make()

        super().__init__(made, views=views, clock=clock, inks=inks, glyphs=glyphs)

    @property
    def ready(self) -> bool:
        """It is still what was asked about; nothing is in the way of what one vouches for."""
        if self.plan.state != self._was:
            return False
        return self._ask != "approve" or not self.draft.obstacles

    def agreed(self) -> bool:
        """Yes."""
        return True

    @property
    def heading(self) -> str:
        """`Go on with plan K7Q2MX?`."""
        plan = self.plan.plan
        danger = "DANGER: " if self._ask != "abort" and self.draft.impact.danger else ""
        if self._ask == "approve":
            return f"{danger}Approve plan {plan.id} of {self.clean(plan.author.user)}?"
        if self._ask == "abort":
            return f"Abort plan {plan.id}?"
        return f"{danger}{'Run' if self._was == 'ready' else 'Go on with'} plan {plan.id}?"

    def obstacle_head(self, count: int) -> str:
        """What stands in the way of steps."""
        if self._ask == "approve":
            return "It cannot be approved now, for these would not be switched:"
        them = "A step" if count == 1 else f"{count} steps"
        return f"{them} would be refused now:"

    def head(self, width: int) -> list[Row]:
        """What it is, what was done of it, what is left."""
        view, plan = self.plan, self.plan.plan
        if self.trouble:
            return paragraph(f"Not possible: {self.clean(self.trouble)}", width, "critical")
        rows = paragraph(f"{self.clean(heading(plan))}.", width, "strong")
        if view.state != self._was:
            sign = plan_sign(view, self.glyphs)
            text = f"It is {sign.word.lower()} by now: close this and look again."
            return [*rows, *paragraph(text, width, "critical")]
        if self._ask == "approve":
            return [*rows, *self._of_author(width)]
        count, left = len(plan.steps), len(left_of(view))
        ends = " What is left is never done; what was done stays as it is, and "
        ends += f"{self.keymap.said('plans.put_back')} puts it back."
        text = f"{count - left} of {count} steps done, {left or 'none'} left."
        rows += paragraph(text + (ends if self._ask == "abort" else ""), width)
        if view.detail:
            why = self.clean(view.detail)
            rows += paragraph(f"{why[:1].upper()}{why[1:]}.", width, "warning")
        table = Steps(steps=plan.steps, views=self._views, glyphs=self.glyphs, progress=view.steps)
        return rows + detail_rows(
            table, width, _DETAIL_ROWS, view=view if self._ask == "run" else None
        )

    def _of_author(self, width: int) -> list[Row]:
        plan = self.plan.plan
        how = ""
        if len(plan.steps) > 1:
            how = f" {pace_words(plan.pace, plan.pause_s)}; {failure_words(plan.on_failure)}."
        made = f"Made {plan.created.astimezone(self._zone):%H:%M:%S} by {plan.author.user}"
        if plan.author.ssh_origin:
            made += f" from {plan.author.ssh_origin}"
        if plan.expires is not None:
            made += f", to be approved until {plan.expires.astimezone(self._zone):%H:%M:%S}"
        rows = paragraph(self.clean(f"{made}.{how[:2].upper()}{how[2:]}"), width)
        why = f"Reason: {plan.reason or 'none given'}"
        why += f"; ticket: {plan.ticket}" if plan.ticket else ""
        return rows + paragraph(self.clean(why), width)

    def foot(self, width: int, tight: bool) -> list[Row]:
        """The choices."""
        row: Row = [("[ Cancel ]   ", "text")]
        if self.ready and not self.trouble:
            does = "Run" if self._ask == "run" and self._was == "ready" else _DOES[self._ask]
            row += [
                (self.keymap.shown("dialog.yes"), "key"),
                (f" {does}", "strong"),
                ("   ", "text"),
            ]
        return [
            *self.hasty(width),
            [*row, (self.keymap.shown("dialog.no"), "key"), (" no", "muted")],
        ]
