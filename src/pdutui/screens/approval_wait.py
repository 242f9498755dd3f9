"""What was agreed to waits for a second person: how they agree, and how long they have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from textual import on
from textual.app import ComposeResult

from pdutui.domain.plan import PlanView
from pdutui.engine.plans.port import PlanTrouble
from pdutui.keys.dialogs import WAIT
from pdutui.screens.dialog import Choice, Dialog, Row, fact, paragraph, trimmed
from pdutui.screens.keyed import bindings
from pdutui.widgets.figures import age
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean


class WaitScreen(Dialog[bool]):
    """Dismissed with True once somebody has agreed; with False when left, or when nobody will.

    The plan is there either way. Whoever waits here has it carried out at once when it is approved.

    Args:
        sentence: What will be done.
        view: The plan as it stands now.
        look: Sees what other people have done to it.
        now: The time.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#cancel"
    TABLE = WAIT
    BINDINGS = bindings(WAIT)

    def __init__(
        self,
        sentence: str,
        *,
        view: Callable[[], PlanView],
        look: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs, "warning")
        self._sentence, self._ask, self._look, self._now = sentence, view, look, now
        self._view = view()
        self._trouble = ""
        """Why it could not be looked at just now."""

    def controls(self) -> ComposeResult:
        """Leaving it."""
        yield Choice("Leave it waiting", self.inks, id="cancel")

    def on_mount(self) -> None:
        """The second person is at another program: look once a second."""
        self.set_interval(1.0, self.refresh_view)
        super().on_mount()

    async def refresh_view(self) -> None:
        """See how it stands; go when somebody has agreed."""
        try:
            await self._look()
            self._view, self._trouble = self._ask(), ""
        except PlanTrouble as trouble:
            self._trouble = str(trouble)
        if self._view.state == "ready":
            self.dismiss(True)
            return
        if not self._waits:
            self.query_one("#cancel", Choice).say("Close")
        self.update()

    @property
    def _waits(self) -> bool:
        """Whether somebody can still agree."""
        return self._view.state == "needs_approval"

    @property
    def heading(self) -> str:
        """`Plan K7Q2MX waits for a second person`; `Plan K7Q2MX is expired`."""
        state = self._view.state.replace("_", " ")
        return f"Plan {self._view.plan.id} " + (
            "waits for a second person" if self._waits else f"is {state}"
        )

    def rows(self, width: int, height: int) -> list[Row]:
        """What will be done, how somebody agrees, and until when."""
        plan, shows = self._view.plan, self.keymap.said("plans")
        head = paragraph(clean(self._told(), self.glyphs.ascii_only), width, "strong")
        if self._trouble:
            trouble = clean(f"Not seen just now: {self._trouble}", self.glyphs.ascii_only)
            head += paragraph(trouble, width, "warning")
        if not self._waits:
            close = self.keys_row(("dialog.close", f"close; {shows} shows it"))
            over: Row = [("[ Close ]   ", "text"), *close]
            return trimmed(head, [], [over], height)
        facts = [fact("Plan", plan.id, "strong"), fact("Elsewhere", f"pdutui approve {plan.id}")]
        facts += [fact("", "as another user, or in the plans of their console")]
        if plan.expires is not None:
            left_s = max(0.0, (plan.expires - self._now()) / timedelta(seconds=1))
            until = f"{plan.expires.astimezone():%H:%M:%S}, {age(left_s)} left"
            facts.append(fact("Until", until, "warning" if left_s < 60 else "text"))
        if plan.reason or plan.ticket:
            why = ", ".join(part for part in (plan.reason, plan.ticket) if part)
            facts.append(fact("Reason", clean(why, self.glyphs.ascii_only)))
        facts.append(fact("Then", "it is carried out from here, if this stays open"))
        leave = self.keys_row(("dialog.close", f"the plan stays; {shows} shows it"))
        return trimmed(head, facts, [[("[ Leave it waiting ]   ", "text"), *leave]], height)

    def _told(self) -> str:
        """What will be done; what has become of it, where nobody can agree any more."""
        view = self._view
        if self._waits:
            return self._sentence
        state = view.state.replace("_", " ")
        why = f": {view.detail}" if view.detail else ""
        if view.approval is None and not view.done:
            return f"Nobody has agreed, and nothing was switched. The plan is {state}{why}."
        return f"It has gone on elsewhere. The plan is {state}{why}."

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        self.dismiss(False)

    def action_leave(self) -> None:
        """The plan stays."""
        self.dismiss(False)
