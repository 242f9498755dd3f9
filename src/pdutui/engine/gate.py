"""The one way to switch an outlet: policy, confirmation, audit, command, read-back, audit.

Nothing else in the program calls `Backend.command`. A command goes out at most once, whatever
happens to its answer, and every attempt leaves two lines in the audit: that it was asked for,
and how it ended.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action, Actor, CommandResult, Intent, Stage
from pdutui.domain.impact import Preview
from pdutui.engine.attempt import Attempt, Ending, begin
from pdutui.engine.boundary import Contained, contain, describe
from pdutui.engine.changed import commanded, moved
from pdutui.engine.closing import Closing
from pdutui.engine.delays import learn_delays
from pdutui.engine.events import CommandProgressed, EngineEvent, Severity
from pdutui.engine.fleet import Pdu
from pdutui.engine.following import followed, one_look
from pdutui.engine.judge import Judge
from pdutui.engine.ledger import Ledger
from pdutui.engine.lock import ConsoleLock, LockDesk
from pdutui.engine.looking import look
from pdutui.engine.policy import Ruling
from pdutui.engine.policy_approval import Approvals
from pdutui.engine.policy_who import NOBODY
from pdutui.engine.recorder import Recorder
from pdutui.engine.sending import Sent, send
from pdutui.engine.turns import HeldTurn, TurnNotFree, Turns
from pdutui.engine.verdict import Verdict as Verdict
from pdutui.engine.view import InFlight
from pdutui.engine.waiting import cancel, finished, within
from pdutui.settings import Settings

QUEUE_LIMIT_S = 60.0
"""The longest wait behind other commands on the same device."""
STOP_WAIT_S = 5.0
"""How long the end of the program waits for commands under way."""

Admit = Callable[[Attempt, Ruling], Ruling]
"""Judges an attempt; told whether its intent may still be used."""


class Gate:
    """Judges, carries out and records commands for all PDUs of an engine."""

    def __init__(
        self,
        pdus: Mapping[str, Pdu],
        settings: Settings,
        *,
        clock: Clock,
        recorder: Recorder,
        emit: Callable[[EngineEvent], None],
        note: Callable[[str, Severity, str], None],
        poke: Callable[[str], None],
        actor: Actor | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        """Wire it up.

        Args:
            pdus: by name.
            settings: the policy, and whose outlets they are.
            clock: for everything.
            recorder: takes the audit.
            emit: is told what happens.
            note: takes lines for the event log.
            poke: has a PDU polled at once.
            actor: who sits here; None: nobody that is known.
            zone: of the clock on the wall, for maintenance windows.
        """
        self._pdus = pdus
        self._control = control = settings.control
        self._actor = actor or NOBODY
        self._clock = clock
        self._recorder = recorder
        self._emit = emit
        self._closing = Closing(clock=clock, recorder=recorder, emit=emit, note=note, poke=poke)
        self._ledger = Ledger()
        self._tasks: set[asyncio.Task[CommandResult]] = set()
        self._asking: set[asyncio.Task[Contained[None]]] = set()
        self._lock = ConsoleLock(control.lock, clock=clock, zone=zone)
        self._lock_desk = LockDesk(
            self._lock, control.roles, clock=clock, recorder=recorder, emit=emit
        )
        if control.lock.at_start and actor is not None and actor.origin == "console":
            self._lock.lock("")
        self._judge = Judge(pdus, settings, clock=clock, zone=zone, lock=self._lock)
        self._turns = Turns(
            settings.state_dir, clock=clock, note=lambda text: note("", "warning", text)
        )

    def informed_by(
        self, *, preview: Preview | None = None, approvals: Approvals | None = None
    ) -> None:
        """Give the policy what it asks: what a command would do, and what a second person approved.

        Without a preview nothing is known to be dangerous; without approvals nothing is approved.
        """
        self._judge.preview = preview or self._judge.preview
        self._judge.approvals = approvals or self._judge.approvals

    def take(self, settings: Settings) -> None:
        """Judge by other settings from now on; what was asked by the old ones is asked again."""
        self._control = settings.control
        self._lock_desk.take(settings.control)
        self._judge.take(settings)
        self._ledger.void()

    # -- asking ------------------------------------------------------------------------------

    def check(
        self,
        pdu: str,
        outlet: int,
        action: Action,
        delay_s: int | None = None,
        *,
        actor: Actor | None = None,
        plan: str | None = None,
    ) -> Verdict:
        """Whether a command would be let through now, and the sentence to confirm it by.

        It changes nothing and asks nobody. What is still to be done for it is said beside: a name
        or a reason to type, a second person to agree.

        Args:
            pdu: configured name.
            outlet: its number; `WHOLE_PDU` for all of it.
            action: what to do.
            delay_s: for a delayed action, where the device takes a number of seconds.
            actor: who asks; None: who sits here.
            plan: the id of the plan that it would be a step of.
        """
        intent = Intent(
            id="", pdu=pdu, outlet=outlet, action=action, actor=actor or self._actor,
            delay_s=delay_s, plan=plan,
        )  # fmt: skip
        return self._judge.verdict(intent)

    def free_in_s(self, pdu: str, outlet: int, action: Action) -> float:
        """Seconds until the rate limits let such a command through; 0: now."""
        intent = Intent(id="", pdu=pdu, outlet=outlet, action=action, actor=self._actor)
        return self._judge.free_in_s(intent)

    async def prepare(self, pdu: str, outlet: int) -> None:
        """Ask the device for the delays it has set for this outlet, so that `check` can say them.

        One read, at most 1.5 s; without an answer the sentence says that the delay is the
        device's own. Never raises for device trouble.
        """
        known = self._pdus.get(pdu)
        if known is not None:
            await learn_delays(known, outlet, self._clock)

    def new_intent(
        self,
        pdu: str,
        outlet: int,
        action: Action,
        actor: Actor,
        reason: str | None = None,
        delay_s: int | None = None,
        *,
        ticket: str | None = None,
        plan: str | None = None,
        danger_agreed: bool = False,
    ) -> Intent:
        """A wish to switch. Make it when the question is put to a person, in the event loop.

        The gate remembers the state and name of the outlet and which device it is on; a command is
        refused when one of them has changed between the question and the answer. For what has a
        delay it also asks the device for it in the background, so that a later `check` names it.

        Args:
            pdu: configured name.
            outlet: its number; `WHOLE_PDU` for an action on all outlets or the transfer switch.
            action: what to do.
            actor: who asks.
            reason: why, for the audit.
            delay_s: for a delayed action, where the device takes a number of seconds.
            ticket: the change or incident it belongs to.
            plan: the id of the plan that it is a step of.
            danger_agreed: whatever it puts in danger was agreed to with that plan. Without it what
                comes to be in danger after this call is refused, whatever name is typed.
        """
        intent = Intent(
            id=uuid.uuid4().hex, pdu=pdu, outlet=outlet, action=action, actor=actor, reason=reason,
            delay_s=delay_s, ticket=ticket, plan=plan,
        )  # fmt: skip
        look = self._judge.seen if danger_agreed else self._judge.foreseen
        self._ledger.put(intent.id, look(intent))
        has_delay = outlet != WHOLE_PDU and ("reboot" in action or "delayed" in action)
        if has_delay and self._judge.rule(intent, asking=True).allowed:
            asking = asyncio.create_task(contain("asking", self.prepare(pdu, outlet)))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        return intent

    def explain(self, intent: Intent, reason: str | None, ticket: str | None) -> Intent:
        """The same wish, with what was typed for it while it was asked.

        What was looked at when it was made, and that it is good for one attempt, stays.
        """
        return msgspec.structs.replace(intent, reason=reason or None, ticket=ticket or None)

    # -- the lock ----------------------------------------------------------------------------

    @property
    def locked(self) -> str:
        """`locked by alice at 14:02`; empty when the console is not locked."""
        return self._lock.words

    @property
    def unlock_wait_s(self) -> float:
        """Seconds until `unlock` looks at a code again; 0: now."""
        return self._lock.wait_s

    async def lock(self, actor: Actor) -> None:
        """Let nothing through until it is unlocked. Audited."""
        await self._lock_desk.lock(actor)

    async def unlock(self, actor: Actor, typed: str) -> bool:
        """Open it again, if what was typed is right; audited either way.

        Nothing is looked at, nor audited, while `unlock_wait_s` is above 0.
        """
        return await self._lock_desk.unlock(actor, typed)

    @property
    def busy(self) -> bool:
        """Whether a command is under way anywhere."""
        return bool(self._tasks)

    # -- doing -------------------------------------------------------------------------------

    async def switch(
        self, intent: Intent, *, confirmed: bool, typed_name: str | None = None
    ) -> CommandResult:
        """Carry out an intent, if policy lets it.

        Never raises for trouble with the device, and ends in bounded time. Cancelling the caller
        does not stop a command: it is followed to its end, and audited.

        Args:
            intent: from `new_intent`; each is good for one attempt.
            confirmed: whether a person, or `--yes`, has agreed to this very sentence.
            typed_name: what was typed where a name has to be.
        """

        def admit(attempt: Attempt, usable: Ruling) -> Ruling:
            if not usable.allowed:
                return usable
            now = self._judge.seen(attempt.intent)
            return self._judge.admit(attempt, now, typed=typed_name, confirmed=confirmed)

        return await self._run(intent, admit)

    async def refuse(self, intent: Intent, reason: str) -> CommandResult:
        """End an intent without carrying it out, such as one cancelled in its dialog. Audited."""
        ruling = Ruling(rule="cancelled", reason=reason)
        return await self._run(intent, lambda attempt, usable: ruling)

    async def stop(self) -> None:
        """Let nothing new through; wait, bounded, for what is under way."""
        self._judge.stopping = True
        await cancel(*self._asking)
        tasks = tuple(self._tasks)
        if not await finished(self._clock, STOP_WAIT_S, *tasks):
            await cancel(*tasks)

    # -- inside ------------------------------------------------------------------------------

    async def _run(self, intent: Intent, admit: Admit) -> CommandResult:
        """Carry an intent to its end in a task of its own, which outlives its caller."""
        task = asyncio.create_task(self._carry_out(intent, admit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    def _begin(self, intent: Intent) -> Attempt:
        known, now = self._pdus.get(intent.pdu), self._judge.seen(intent)
        asked = self._ledger.take(intent.id)
        if asked is None or not asked.device:  # there was nothing to look at yet
            asked = self._judge.foreseen(intent)
        role = self._judge.role(intent)
        attempt = begin(intent, known, asked=asked, now=now, role=role, at=self._clock.now())
        self._pass(attempt, "requested")
        return attempt

    def _pass(self, attempt: Attempt, stage: Stage) -> None:
        """Note a stage, and tell."""
        attempt.reach(stage, self._clock.now())
        if attempt.pdu is not None and attempt.holds_place:
            attempt.pdu.in_flight[attempt.intent.outlet] = InFlight(
                intent=attempt.intent, stage=stage
            )
        self._emit(CommandProgressed(intent=attempt.intent, stage=stage))

    async def _carry_out(self, intent: Intent, admit: Admit) -> CommandResult:
        usable, attempt = self._ledger.use_up(intent.id), self._begin(intent)
        ruling = admit(attempt, usable)
        if not ruling.allowed:
            attempt.ending = attempt.refused(ruling)
        elif attempt.pdu is not None:
            attempt.holds_place = True
            attempt.pdu.in_flight[intent.outlet] = InFlight(intent=intent, stage="requested")
        try:
            note = await self._recorder.audit(attempt.opening())
            if attempt.ending is None:
                contained = await contain("command", self._attempt(attempt))
                attempt.ending = contained.value or attempt.broken(
                    describe(contained.error) if contained.error else "no outcome"
                )
            return await self._closing.end(attempt, attempt.ending, note)
        except asyncio.CancelledError:
            # The program ends. What is known is written down; nobody waits any longer.
            return self._closing.end_now(attempt, attempt.ending or attempt.cut_off())

    async def _attempt(self, attempt: Attempt) -> Ending:
        """From confirmed to the outcome."""
        pdu = attempt.pdu
        assert pdu is not None
        self._pass(attempt, "confirmed")
        began_s, turn = self._clock.monotonic(), None
        try:
            await within(self._clock, QUEUE_LIMIT_S, pdu.lock.acquire())
        except TimeoutError:
            text = f"waited {QUEUE_LIMIT_S:.0f} s behind other commands on {pdu.name}"
            return attempt.refused(Ruling(rule="in_flight", reason=text))
        try:
            left_s = max(0.0, began_s + QUEUE_LIMIT_S - self._clock.monotonic())
            turn = await self._turns.take(pdu.settings, left_s)
            return await self._command(attempt, pdu, turn)
        except TurnNotFree:
            text = f"another program has been carrying out commands on {pdu.name} all the time"
            return attempt.refused(Ruling(rule="in_flight", reason=text))
        finally:
            if turn is not None:
                turn.end(attempt.intent, self._clock.now())
                turn.release()
            pdu.lock.release()

    async def _command(self, attempt: Attempt, pdu: Pdu, turn: HeldTurn) -> Ending:
        intent = attempt.intent
        asked = attempt.asked
        other = turn.since(asked.at or attempt.began, asked.at_s, intent)
        self._judge.heard(intent.pdu, turn.heard())
        if other is not None:
            why = commanded(attempt.subject.label, other.action, other.user)
            return attempt.refused(Ruling(rule="changed", reason=f"{why}, from another program"))
        looked = await look(attempt, pdu, self._clock)
        if not looked.allowed:
            return attempt.refused(looked)

        def last_look() -> Ruling:
            return self._judge.recheck(attempt, self._judge.seen(intent))

        def on_sent() -> None:
            if not attempt.sent:
                turn.begin(intent, self._clock.now())
                self._judge.sent(intent)
                self._pass(attempt, "sent")

        sent = await send(pdu, intent, clock=self._clock, last_look=last_look, on_sent=on_sent)
        if sent.ruling is not None:
            return attempt.refused(sent.ruling)
        if sent.kind == "rejected" or not (attempt.sent or sent.kind == "accepted"):
            return await self._failed(attempt, pdu, sent)
        if sent.kind == "accepted":
            on_sent()
            self._pass(attempt, "accepted")
        ending = await followed(attempt, pdu, self._clock, self._control.verify_timeout_s)
        if sent.kind == "unacknowledged":
            detail = f"{ending.detail}; {sent.detail}"
            outcome = "unconfirmed" if ending.outcome == "accepted" else ending.outcome
            ending = msgspec.structs.replace(ending, detail=detail, outcome=outcome)
        return ending

    async def _failed(self, attempt: Attempt, pdu: Pdu, sent: Sent) -> Ending:
        """The device said no, or nothing went out; one look at the outlet for the record."""
        said = attempt.sent or "not sent" in sent.detail or "did not arrive" in sent.detail
        detail = sent.detail if said else f"{sent.detail}; nothing was sent"
        after, read = attempt.before, False
        if attempt.sent:
            seen = await one_look(attempt, pdu, self._clock)
            after, read = seen or "unknown", seen is not None
            if read and after != attempt.before:
                detail += f"; yet {moved(attempt, after)}"
        return Ending(outcome="failed", detail=detail, after=after, read=read)
