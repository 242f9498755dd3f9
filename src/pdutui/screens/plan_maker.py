"""New plans at the console: from marks, a group or a sequence to a plan that is kept, and runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from pdutui.domain.commands import Action, Actor
from pdutui.domain.plan import PlanDraft, PlanView, PlanWish
from pdutui.domain.reading import Reading
from pdutui.engine.events import Severity
from pdutui.engine.groups import group_of, resolve, sequence_of, sequence_wishes
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.selector import SelectorError
from pdutui.engine.view import PduView
from pdutui.screens.plan_words import progress_words
from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.plan_question import Agreed, Wishes

Unmark = Callable[[Sequence[tuple[str, int]]], None]


class PlanMaker:
    """Asks for plans, and keeps what is agreed to.

    Args:
        app: The console.
        engine: Whose plans they are.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        self._app, self._engine = app, engine

    @property
    def actor(self) -> Actor:
        """Who sits here."""
        return self._app.actor

    def view_of(self, pdu: str) -> PduView | None:
        """A PDU as it stands now; None for one that is not configured."""
        return self._engine.view(pdu) if pdu in self._engine.pdus else None

    def want(self, action: Action) -> None:
        """Somebody wants everything that is marked switched."""
        from pdutui.screens.plan_question import Wishes

        marks = self._app.console_screen.marks.all
        wishes = tuple(wish(mark.pdu, mark.outlet, action) for mark in marks)
        self.ask(Wishes(wishes=wishes), self._app.console_screen.unmark)

    def mark_group(self, name: str) -> None:
        """Mark the outlets of a group, on all its PDUs."""
        try:
            group = group_of(self._app.settings, name)
            members = resolve(group.members, self._readings())
        except SelectorError as error:
            self._say(f"Group {name}: {error}")
            return
        self._app.console_screen.mark_others(name, members, self.view_of)

    def ask_sequence(self, name: str) -> None:
        """Open the question of a sequence of the configuration."""
        from pdutui.screens.plan_question import Wishes

        settings = self._app.settings
        try:
            sequence = sequence_of(settings, name)
            wishes = sequence_wishes(sequence, settings, self._readings())
        except SelectorError as error:
            self._say(f"Sequence {name}: {error}")
            return
        self.ask(
            Wishes(
                wishes=wishes,
                title=sequence.name,
                source=f"sequence {sequence.name}",
                pace=sequence.pace,
                pause_s=sequence.pause_s,
                on_failure=sequence.on_failure,
                orders=(),
            )
        )

    def _readings(self) -> dict[str, Reading | None]:
        return {pdu: self._engine.view(pdu).reading for pdu in self._engine.pdus}

    def ask(self, wanted: Wishes, unmark: Unmark | None = None) -> None:
        """Open the question, or say why there is none.

        Args:
            wanted: What is to be done.
            unmark: Takes the marks of outlets away that were taken out, or are in a plan by now.
        """
        from pdutui.screens.plan_question import PlanQuestion

        app, plans = self._app, self._engine.plans
        if app.in_dialog():  # one question at a time
            return
        unmark = unmark or (lambda _: None)

        def draft(wishes: Wishes) -> PlanDraft:
            return plans.draft(
                wishes.wishes,
                self.actor,
                title=wishes.title,
                source=wishes.source,
                pace=wishes.pace,
                pause_s=wishes.pause_s,
                on_failure=wishes.on_failure,
                reason=wishes.reason,
                ticket=wishes.ticket,
                put_back_of=wishes.put_back_of,
            )

        control = app.settings.control
        needed = (("reason", control.reason), ("ticket", control.ticket))
        if self._engine.gate.locked:
            unlock = f"{app.keymap.said('lock')} unlocks it"
            self._say(f"Not switched: the console is {self._engine.gate.locked}: {unlock}")
            return
        try:
            dialog = PlanQuestion(
                wanted,
                draft=draft,
                ordered=self._ordered,
                required=[name for name, how in needed if how == "required"],
                unmarked=unmark,
                views=self.view_of,
                clock=app.clock,
                inks=app.inks,
                glyphs=app.glyphs,
            )
        except PlanTrouble as trouble:
            self._say(f"Not possible: {trouble}")
            return

        def answered(answer: Agreed | None) -> None:
            if answer is None:
                app.spawn(self._engine.plans.refuse(dialog.draft, "cancelled"), "refusal")
            else:
                app.spawn(self._keep(answer, unmark), "plan")

        app.push_screen(dialog, answered)

    def _ordered(self, wishes: Sequence[PlanWish]) -> tuple[PlanWish, ...]:
        """By PDU as they are configured, and by outlet as they stand on it."""
        pdus = {pdu: place for place, pdu in enumerate(self._engine.pdus)}

        def place(wish: PlanWish) -> tuple[int, int]:
            view = self.view_of(wish.pdu)
            outlets = view.reading.outlets if view is not None and view.reading else ()
            row = next((i for i, o in enumerate(outlets) if o.number == wish.outlet), wish.outlet)
            return pdus.get(wish.pdu, len(pdus)), row

        return tuple(sorted(wishes, key=place))

    async def _keep(self, answer: Agreed, unmark: Unmark) -> None:
        """Freeze what was agreed to, and run it, or wait for the second person."""
        app, plans = self._app, self._engine.plans
        try:
            kept = await plans.keep(answer.draft, confirmed=True, typed=answer.typed)
            unmark([(step.pdu, step.outlet) for step in kept.plan.steps])
            if kept.state == "ready":
                await plans.start(kept.plan.id, self.actor)
                shows, pauses = app.keymap.said("plans"), app.keymap.said("plans.pause")
                said = f"Plan {kept.plan.id} runs: {shows} shows it, {pauses} there pauses it"
                self._say(said, "info")
                return
        except PlanTrouble as trouble:
            self._say(f"Not switched: {trouble}")
            return
        from pdutui.screens.approval_wait import WaitScreen

        def ended(approved: bool | None) -> None:
            if approved:
                app.spawn(self._do(plans.start, kept.plan.id), "plan")

        screen = WaitScreen(
            answer.draft.sentence,
            view=lambda: plans.get(kept.plan.id),
            look=plans.look,
            now=app.clock.now,
            inks=app.inks,
            glyphs=app.glyphs,
        )
        app.push_screen(screen, ended)

    async def _do(self, do: Callable[[str, Actor], Awaitable[PlanView]], plan: str) -> None:
        try:
            view = await do(plan, self.actor)
        except PlanTrouble as trouble:
            self._say(f"Plan {plan}: {trouble}")
            return
        words = view.state.replace("_", " ")
        self._say(f"Plan {plan} is {words}, {progress_words(view)} done", "info")

    def _say(self, text: str, severity: Severity = "warning") -> None:
        """Say it where it is seen: on the whole screen that is on top."""
        from pdutui.screens.plans import PlansScreen

        shown = [s for s in self._app.screen_stack if isinstance(s, PlansScreen)]
        said = f"{text[:1].upper()}{text[1:]}"
        if shown:
            shown[-1].notice(said, severity)
        else:
            self._app.console_screen.notice(said, severity)


def wish(pdu: str, outlet: int, action: Action, delay_s: int | None = None) -> PlanWish:
    """A wish for one outlet."""
    return PlanWish(pdu=pdu, outlet=outlet, action=action, delay_s=delay_s)
