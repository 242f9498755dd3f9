"""Plans at the console: what is seen of them, and all that is done to one that there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from pdutui.domain.commands import Actor
from pdutui.domain.plan import PlanDraft, PlanView, PlanWish
from pdutui.domain.zone import local_zone
from pdutui.engine.events import EngineEvent, Logged, PlanChanged
from pdutui.engine.plans.port import PlanTrouble
from pdutui.screens.plan_maker import PlanMaker, wish
from pdutui.screens.plan_words import (
    RESUMABLE,
    RUNNING,
    is_own,
    left_of,
    over,
    plan_news,
)
from pdutui.screens.port import EnginePort
from pdutui.widgets.rights import Rights, rights_of
from pdutui.widgets.scene import PlanNews

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.plan_ask import Ask

LOOK_S = 5.0
"""How often it is looked what other people and programs have done to plans."""


class PlanDesk(PlanMaker):
    """Asks people about plans, and the engine's desk for what they answer.

    Args:
        app: The console.
        engine: Whose plans they are.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        super().__init__(app, engine)
        self._news: tuple[float, PlanNews] = (-1.0, PlanNews())
        app.console_screen.plan_news = self.news
        self.problem = ""
        """Why plans could not be read when it was looked last."""

    # what there is

    def plans(self) -> tuple[PlanView, ...]:
        """All plans."""
        return self._engine.plans.plans()

    @property
    def rights(self) -> Rights:
        """What whoever sits here may not do."""
        engine = self._engine
        return rights_of(engine.gate.locked, [engine.view(name).info for name in engine.pdus])

    def log(self) -> Sequence[Logged]:
        """The newest event."""
        return self._engine.recent_log(1)

    def news(self) -> PlanNews:
        """What is to be seen of plans on every screen; made anew once a second."""
        now = self._app.clock.monotonic()
        if not 0 <= now - self._news[0] < 0.9:
            self._news = (now, plan_news(self.plans(), self.actor))
        return self._news[1]

    def heard(self, event: EngineEvent) -> None:
        """Something happened: what is told of plans is not what it was."""
        if isinstance(event, PlanChanged):
            self._news = (-1.0, PlanNews())

    async def begin(self) -> None:
        """See what there is: a plan that stands is told of, once."""
        await self.look()
        self._app.set_interval(LOOK_S, self.look)
        standing = [v for v in self.plans() if v.state == "paused" and self._own(v)]
        if standing:
            one = standing[0]
            more = f", and {len(standing) - 1} more" if len(standing) > 1 else ""
            done = f"{one.done} of {len(one.plan.steps)} done"
            key = self._app.keymap.said("plans")
            self._app.console_screen.notice(
                f"Plan {one.plan.id} is paused: {done}{more}; {key} shows it", "warning"
            )

    async def look(self) -> None:
        """See what others have done."""
        try:
            await self._engine.plans.look()
        except PlanTrouble as trouble:
            self.problem = str(trouble)
        else:
            self.problem = ""

    def running(self) -> list[PlanView]:
        """The plans that this program runs."""
        return [view for view in self.plans() if view.state in RUNNING and view.mine]

    def left_draft(self, view: PlanView) -> PlanDraft | None:
        """What has not begun of a plan as one of its own, judged now; None for nothing.

        Raises PlanTrouble where it cannot be judged.
        """
        plan, left = view.plan, left_of(view)
        if not left:
            return None
        return self._engine.plans.draft(
            [wish(step.pdu, step.outlet, step.action, step.delay_s) for step in left],
            plan.author,
            title=plan.title,
            source=plan.source,
            pace=plan.pace,
            pause_s=plan.pause_s,
            on_failure=plan.on_failure,
            reason=plan.reason,
            ticket=plan.ticket,
            put_back_of=plan.put_back_of,
        )

    def _own(self, view: PlanView) -> bool:
        return view.mine or is_own(view.plan, self.actor)

    # what becomes of one

    def open(self, chosen: str = "") -> None:
        """Show the plans; the one that runs, or stands, to begin with."""
        from pdutui.screens.plans import PlansScreen

        app = self._app
        if isinstance(app.screen, PlansScreen):
            return
        app.push_screen(
            PlansScreen(
                self,
                chosen,
                clock=app.clock,
                zone=local_zone(app.env),
                glyphs=app.glyphs,
                inks=app.inks,
            )
        )

    def run(self, view: PlanView) -> None:
        """Run one, or go on with it, after asking."""
        if view.state in RUNNING:
            key = self._app.keymap.said("plans.pause")
            self._say(f"Plan {view.plan.id} runs already: {key} pauses it", "info")
        elif view.state not in RESUMABLE:
            self._say(f"Plan {view.plan.id} cannot be run: {_why_not(view)}")
        elif not self._own(view):
            self._say(f"Plan {view.plan.id} is for {view.plan.author.user} to run")
        else:
            self._ask("run", view, self._engine.plans.start)

    def pause(self, view: PlanView) -> None:
        """Pause one, at once."""
        if view.state not in RUNNING:
            self._say(f"Plan {view.plan.id} does not run", "info")
        else:
            self._app.spawn(self._do(self._engine.plans.pause, view.plan.id), "plan")

    def abort(self, view: PlanView) -> None:
        """End one, after asking."""
        if over(view):
            self._say(f"Plan {view.plan.id} is over: {_why_not(view)}", "info")
        else:
            self._ask("abort", view, self._engine.plans.abort)

    def approve(self, view: PlanView) -> None:
        """Approve somebody else's, after showing what it would do now."""
        if view.state != "needs_approval":
            self._say(f"Plan {view.plan.id} does not wait for approval", "info")
        elif is_own(view.plan, self.actor):
            self._say("Nobody approves a plan of their own: somebody else has to")
        else:
            self._ask("approve", view, self._engine.plans.approve)

    def put_back(self, view: PlanView) -> None:
        """Open the question of a plan that undoes one."""
        from pdutui.screens.plan_question import Wishes

        if view.state in RUNNING:
            self._say(f"Plan {view.plan.id} runs: pause or abort it first")
            return
        try:
            plan = self._engine.plans.put_back(view.plan.id, self.actor).plan
        except PlanTrouble as trouble:
            self._say(f"Not put back: {trouble}")
            return
        wishes = tuple(
            PlanWish(
                pdu=step.pdu, outlet=step.outlet, action=step.action, pause_s=step.pause_s,
                pace=step.pace,
            )
            for step in plan.steps
        )  # fmt: skip
        self.ask(
            Wishes(
                wishes=wishes,
                title=plan.title,
                source=plan.source,
                pace=plan.pace,
                pause_s=plan.pause_s,
                on_failure=plan.on_failure,
                put_back_of=plan.put_back_of,
                orders=(),
            )
        )

    def _ask(
        self, ask: Ask, view: PlanView, do: Callable[[str, Actor], Awaitable[PlanView]]
    ) -> None:
        from pdutui.screens.plan_ask import PlanAsk

        app, ident = self._app, view.plan.id

        def now() -> PlanView:
            return self._engine.plans.get(ident)

        def made() -> PlanDraft:
            left = self.left_draft(now())
            if left is None:
                raise PlanTrouble("over", f"nothing is left of plan {ident}")
            return left

        try:
            dialog = PlanAsk(
                ask,
                now,
                made,
                zone=local_zone(app.env),
                views=self.view_of,
                clock=app.clock,
                inks=app.inks,
                glyphs=app.glyphs,
            )
        except PlanTrouble as trouble:
            self._say(f"Not possible: {trouble}")
            return
        app.push_screen(dialog, lambda yes: app.spawn(self._do(do, ident), "plan") if yes else None)


def _why_not(view: PlanView) -> str:
    word = {"needs_approval": "somebody else has to approve it first"}.get(view.state, view.state)
    return f"{word}, {view.detail}" if view.detail else word
