"""Commands at the console: the question to a person, and what follows from the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.commands import WHOLE_PDU, Action, Intent
from pdutui.domain.plan import PlanWish
from pdutui.engine.labels import outlet_label
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.subject import is_outlet_action, subject_of

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.engine.events import Severity
    from pdutui.screens.confirm import Confirmed
    from pdutui.screens.menu import Chosen
    from pdutui.screens.port import EnginePort, VerdictPort

GOOD = ("observed", "accepted")
"""Outcomes that need no word of the console's own."""


class CommandDesk:
    """Takes wishes, asks the gate, then the person, then the gate again."""

    def __init__(self, app: PduApp) -> None:
        self._app = app

    @property
    def _unlock(self) -> str:
        return f"{self._app.keymap.said('lock')} unlocks it"

    def want(
        self,
        engine: EnginePort,
        pdu: str,
        outlet: int,
        action: Action,
        delay_s: int | None = None,
    ) -> None:
        """Somebody wants something switched: open the dialog, or say why not."""
        app = self._app
        intent = engine.gate.new_intent(pdu, outlet, action, app.actor, None, delay_s)
        verdict = engine.gate.check(pdu, outlet, action, delay_s)
        if not verdict.allowed:
            how = f": {self._unlock}" if engine.gate.locked else ""
            app.console_screen.notice(f"Not switched: {verdict.reason}{how}", "warning")
            app.spawn(self._refuse(engine, intent, verdict.reason), "refusal")
            return
        from pdutui.engine.policy_reason import explained
        from pdutui.engine.reload import policy_differs
        from pdutui.screens.confirm import ConfirmScreen
        from pdutui.screens.reload import outdated

        asked_by = app.settings

        def check() -> VerdictPort:
            verdict = engine.gate.check(pdu, outlet, action, delay_s)
            same = not policy_differs(asked_by, app.settings)
            return verdict if same else outdated(verdict)

        def answered(answer: Confirmed | None) -> None:
            if answer is None:
                app.spawn(self._refuse(engine, intent, "cancelled"), "refusal")
                return
            told = engine.gate.explain(intent, answer.reason, answer.ticket)
            if answer.as_plan:
                app.spawn(self._freeze(engine, told, answer.typed_name), "plan")
            else:
                app.spawn(self._switch(engine, told, answer.typed_name), "command")

        dialog = ConfirmScreen(
            outlet,
            action,
            check=check,
            view=lambda: engine.view(pdu),
            wrong_ticket=lambda ticket: (
                explained(app.settings.control, "identify", None, ticket).reason
            ),
            clock=app.clock,
            inks=app.inks,
            glyphs=app.glyphs,
        )
        app.push_screen(dialog, answered)

    def menu(self, engine: EnginePort, pdu: str, outlet: int | None) -> None:
        """Show all that this device can do to the outlet under the cursor, and to the whole."""
        from pdutui.screens.menu import CommandMenu

        app, view = self._app, engine.view(pdu)
        if engine.gate.locked:
            app.console_screen.notice(
                f"No commands: the console is {engine.gate.locked}: {self._unlock}"
            )
            return

        def chosen(answer: Chosen | None) -> None:
            if answer is None:
                return
            if "delayed_" in answer.action and view.info.takes_delay:
                self._ask_delay(engine, pdu, answer)
            else:
                self.want(engine, pdu, answer.outlet, answer.action)

        menu = CommandMenu(view, outlet, app.inks, app.glyphs)
        if menu.empty:
            why = view.info.read_only_reason or view.detail or "nothing can be switched here"
            app.console_screen.notice(f"No commands: {why}", "warning")
            return
        app.push_screen(menu, chosen)

    def _ask_delay(self, engine: EnginePort, pdu: str, wish: Chosen) -> None:
        from pdutui.screens.delay import DelayScreen

        def given(delay_s: int | None) -> None:
            if delay_s is not None:
                self.want(engine, pdu, wish.outlet, wish.action, delay_s)

        app, about = self._app, subject_of(engine.view(pdu).reading, pdu, wish.outlet, wish.action)
        screen = DelayScreen(wish.text, f"{about.label} on {pdu}", app.inks, app.glyphs)
        app.push_screen(screen, given)

    async def _refuse(self, engine: EnginePort, intent: Intent, reason: str) -> None:
        await engine.gate.refuse(intent, reason)

    async def _freeze(self, engine: EnginePort, intent: Intent, typed_name: str | None) -> None:
        """Keep a command as a plan for a second person, and wait for them where that is wanted."""
        app = self._app
        wish = PlanWish(
            pdu=intent.pdu, outlet=intent.outlet, action=intent.action, delay_s=intent.delay_s
        )
        try:
            draft = engine.plans.draft(
                [wish], intent.actor, reason=intent.reason, ticket=intent.ticket
            )
            kept = await engine.plans.keep(
                draft, confirmed=True, typed=[typed_name] if typed_name is not None else []
            )
        except PlanTrouble as trouble:
            app.console_screen.notice(f"Not switched: {trouble}", "warning")
            await engine.gate.refuse(intent, str(trouble))
            return
        plan = kept.plan.id
        await engine.gate.refuse(intent, f"waits for a second person as plan {plan}")
        if kept.state == "ready":
            await self._start(engine, plan)
            return
        from pdutui.screens.approval_wait import WaitScreen

        def ended(approved: bool | None) -> None:
            if approved:
                app.spawn(self._start(engine, plan), "plan")

        screen = WaitScreen(
            draft.sentence,
            view=lambda: engine.plans.get(plan),
            look=engine.plans.look,
            now=app.clock.now,
            inks=app.inks,
            glyphs=app.glyphs,
        )
        app.push_screen(screen, ended)

    async def _start(self, engine: EnginePort, plan: str) -> None:
        try:
            view = await engine.plans.start(plan, self._app.actor)
        except PlanTrouble as trouble:
            self._app.console_screen.notice(f"Plan {plan} is not started: {trouble}", "warning")
            return
        self._app.console_screen.notice(f"Plan {plan} is {view.state.replace('_', ' ')}")

    async def _switch(self, engine: EnginePort, intent: Intent, typed_name: str | None) -> None:
        result = await engine.gate.switch(intent, confirmed=True, typed_name=typed_name)
        what = result.outlet_name
        if is_outlet_action(intent.action):
            reading = engine.view(intent.pdu).reading
            part = reading.outlet(intent.outlet) if reading is not None else None
            what = outlet_label(intent.outlet, what, part.label if part else None)
        if result.outcome in GOOD:
            if intent.outlet == WHOLE_PDU or intent.action not in ("on", "off", "reboot"):
                self._say(intent.pdu, f"{what}: {result.detail}", "info")
            return
        mild = result.outcome in ("refused", "unconfirmed")
        severity: Severity = "warning" if mild else "critical"
        action = intent.action.removeprefix("all_").replace("_", " ")
        self._say(intent.pdu, f"{what}: {action} {result.outcome}: {result.detail}", severity)

    def _say(self, pdu: str, text: str, severity: Severity) -> None:
        """Say how something ended; on which PDU, where another one is on the screen by now."""
        screen = self._app.console_screen
        where = "" if screen.pdu == pdu else f"{pdu} "
        said = f"{where}{text}"
        screen.notice(said if where else said[:1].upper() + said[1:], severity)
