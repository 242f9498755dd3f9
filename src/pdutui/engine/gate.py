"""The one way to switch an outlet: policy, confirmation, audit, command, read-back, audit.

Nothing else in the program calls `Backend.command`. A command goes out at most once, whatever
happens to its answer, and every attempt leaves two lines in the audit: that it was asked for,
and how it ended.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import (
    WHOLE_PDU,
    Action,
    Actor,
    CommandResult,
    Intent,
    Stage,
)
from pdutui.domain.roles import role_of
from pdutui.engine.attempt import Asked, Attempt, Ending, describe_end
from pdutui.engine.boundary import Contained, contain, describe
from pdutui.engine.changed import changed, moved
from pdutui.engine.delays import learn_delays
from pdutui.engine.events import CommandEnded, CommandProgressed, EngineEvent, LockChanged, Severity
from pdutui.engine.fleet import Pdu
from pdutui.engine.following import followed, one_look
from pdutui.engine.lock import ConsoleLock, lock_record
from pdutui.engine.policy import (
    ALLOWED,
    Ruling,
    forbidden,
    judge,
    typed_right,
    unknown_pdu,
    wants_name,
)
from pdutui.engine.recorder import Recorder
from pdutui.engine.sending import Sent, send
from pdutui.engine.subject import subject_of
from pdutui.engine.verdict import Verdict as Verdict
from pdutui.engine.verdict import make_verdict
from pdutui.engine.view import InFlight
from pdutui.engine.waiting import cancel, finished, within
from pdutui.settings import Settings

QUEUE_LIMIT_S = 60.0
"""The longest wait behind other commands on the same device."""
STOP_WAIT_S = 5.0
"""How long the end of the program waits for commands under way."""
_REMEMBERED = 4096

Admit = Callable[[Attempt, bool], Ruling]
"""Judges an attempt; told whether its intent is used for the first time."""


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
        self._pdus = pdus
        self._settings = settings
        self._control = control = settings.control
        self._actor = actor
        self._clock = clock
        self._recorder = recorder
        self._emit = emit
        self._note = note
        self._poke = poke
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        """Intent id to what whoever made it was looking at."""
        self._used: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[CommandResult]] = set()
        self._asking: set[asyncio.Task[Contained[None]]] = set()
        self._stopping = False
        self._lock = ConsoleLock(control.lock, clock=clock, zone=zone)

    # -- asking ------------------------------------------------------------------------------

    def check(self, pdu: str, outlet: int, action: Action, delay_s: int | None = None) -> Verdict:
        """Whether a command would be let through now, and the sentence to confirm it by.

        It changes nothing and asks nobody. A protected outlet is allowed with `needs_name`, and so
        is a command on all outlets.
        """
        ruling = self._judge(pdu, outlet, action, delay_s)
        return make_verdict(self._pdus.get(pdu), pdu, outlet, action, ruling, delay_s)

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
        """
        intent = Intent(
            id=uuid.uuid4().hex, pdu=pdu, outlet=outlet, action=action, actor=actor, reason=reason,
            delay_s=delay_s, ticket=ticket, plan=plan,
        )  # fmt: skip
        self._asked[intent.id] = self._seen(intent)
        while len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        has_delay = outlet != WHOLE_PDU and ("reboot" in action or "delayed" in action)
        if has_delay and self._judge(pdu, outlet, action, delay_s).allowed:
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
        if self._lock.lock(actor.user):
            self._emit(LockChanged(locked=True, by=actor.user))
            role = role_of(actor, self._control.roles)
            await self._recorder.audit(
                lock_record(self._clock.now(), actor, role, "lock", True, "locked")
            )

    async def unlock(self, actor: Actor, typed: str) -> bool:
        """Open it again, if what was typed is right; audited either way.

        Nothing is looked at while `unlock_wait_s` is above 0, and that is not audited: keys that
        are held down at a locked wall must not fill the audit.
        """
        if not self._lock.locked:
            return True
        answer = self._lock.try_code(typed)
        if answer == "too_soon":
            return False
        done = answer == "right"
        if done:
            self._emit(LockChanged(locked=False, by=actor.user))
        why = "unlocked" if done else "what was typed is not right"
        role = role_of(actor, self._control.roles)
        await self._recorder.audit(lock_record(self._clock.now(), actor, role, "unlock", done, why))
        return done

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
            typed_name: what was typed for a protected outlet.
        """
        return await self._run(
            intent, lambda attempt, fresh: self._admit(attempt, fresh, confirmed, typed_name)
        )

    async def refuse(self, intent: Intent, reason: str) -> CommandResult:
        """End an intent without carrying it out, such as one cancelled in its dialog. Audited."""
        ruling = Ruling(rule="cancelled", reason=reason)
        return await self._run(intent, lambda attempt, fresh: ruling)

    async def stop(self) -> None:
        """Let nothing new through; wait, bounded, for what is under way."""
        self._stopping = True
        await cancel(*self._asking)
        tasks = tuple(self._tasks)
        if tasks and not await finished(self._clock, STOP_WAIT_S, *tasks):
            await cancel(*tasks)

    # -- inside ------------------------------------------------------------------------------

    async def _run(self, intent: Intent, admit: Admit) -> CommandResult:
        """Carry an intent to its end in a task of its own, which outlives its caller."""
        task = asyncio.create_task(self._carry_out(intent, admit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    def _judge(
        self,
        pdu: str,
        outlet: int,
        action: Action,
        delay_s: int | None = None,
        own: Intent | None = None,
    ) -> Ruling:
        """Every rule that needs no person. `own` is the intent that may be in flight itself."""
        ruling = forbidden(self._control)
        if not ruling.allowed:
            return ruling
        known = self._pdus.get(pdu)
        if known is None:
            return unknown_pdu(pdu, tuple(self._pdus))
        if self._stopping:
            return Ruling(rule="ending", reason="the program is ending")
        situation = known.situation(self._clock.monotonic())
        if own is not None:
            others = {n: f for n, f in known.in_flight.items() if f.intent.id != own.id}
            situation = msgspec.structs.replace(situation, in_flight=others)
        return judge(situation, outlet, action, delay_s)

    def _seen(self, intent: Intent) -> Asked:
        known = self._pdus.get(intent.pdu)
        reading = known.reading if known else None
        return Asked.of(reading, intent.pdu, intent.outlet, intent.action)

    def _use_up(self, intent: Intent) -> bool:
        """Note that an intent is spent. False when it was already."""
        if intent.id in self._used:
            return False
        self._used[intent.id] = None
        while len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)
        return True

    def _begin(self, intent: Intent) -> Attempt:
        known = self._pdus.get(intent.pdu)
        reading = known.reading if known else None
        outlets = reading.outlets if reading else ()
        now = self._seen(intent)
        asked = self._asked.pop(intent.id, now)
        if not asked.device:  # there was nothing to look at yet
            asked = now
        attempt = Attempt(
            intent=intent,
            pdu=known,
            subject=subject_of(reading, intent.pdu, intent.outlet, intent.action),
            asked=asked,
            before=now.state if asked.state == "unknown" else asked.state,
            outlets={outlet.number: outlet.state for outlet in outlets if outlet.switchable},
            pending=frozenset(o.number for o in outlets if o.pending is not None),
            began=self._clock.now(),
        )
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

    def _admit(self, attempt: Attempt, fresh: bool, confirmed: bool, typed: str | None) -> Ruling:
        """The whole policy, the person's part included."""
        intent = attempt.intent
        if not fresh:
            return Ruling(rule="repeated", reason="this command was carried out or ended before")
        ruling = self._recheck(attempt)
        if not ruling.allowed:
            return ruling
        known = attempt.pdu
        why = ""
        if known is not None:
            why = wants_name(known.settings, known.reading, intent.outlet, intent.action)
        if why and not self._typed_right(attempt, typed):
            given = "not typed" if typed is None else "typed wrong"
            about = why.partition(": type ")[0]
            whose = "the PDU's" if intent.outlet == WHOLE_PDU else "its"
            return Ruling(rule="protected", reason=f"{about} and {whose} name was {given}")
        if not confirmed:
            return Ruling(rule="not_confirmed", reason="not confirmed")
        return ALLOWED

    @staticmethod
    def _typed_right(attempt: Attempt, typed: str | None) -> bool:
        if attempt.intent.outlet == WHOLE_PDU:
            return typed is not None and typed.strip() == attempt.intent.pdu
        return typed_right(attempt.intent.outlet, attempt.subject.name, typed)

    def _recheck(self, attempt: Attempt) -> Ruling:
        """Policy now, and whether the outlet still is what it was when it was asked for."""
        intent = attempt.intent
        ruling = self._judge(intent.pdu, intent.outlet, intent.action, intent.delay_s, own=intent)
        return changed(attempt, self._seen(intent)) if ruling.allowed else ruling

    async def _carry_out(self, intent: Intent, admit: Admit) -> CommandResult:
        fresh = self._use_up(intent)
        attempt = self._begin(intent)
        ruling = admit(attempt, fresh)
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
            return await self._end(attempt, attempt.ending, note)
        except asyncio.CancelledError:
            # The program ends. What is known is written down; nobody waits any longer.
            return self._end_now(attempt, attempt.ending or attempt.cut_off())

    async def _attempt(self, attempt: Attempt) -> Ending:
        """From confirmed to the outcome."""
        pdu = attempt.pdu
        assert pdu is not None
        self._pass(attempt, "confirmed")
        try:
            await within(self._clock, QUEUE_LIMIT_S, pdu.lock.acquire())
        except TimeoutError:
            text = f"waited {QUEUE_LIMIT_S:.0f} s behind other commands on {pdu.name}"
            return attempt.refused(Ruling(rule="in_flight", reason=text))
        try:
            return await self._command(attempt, pdu)
        finally:
            pdu.lock.release()

    async def _command(self, attempt: Attempt, pdu: Pdu) -> Ending:
        intent = attempt.intent

        def on_sent() -> None:
            if not attempt.sent:
                self._pass(attempt, "sent")

        sent = await send(
            pdu,
            intent,
            clock=self._clock,
            last_look=lambda: self._recheck(attempt),
            on_sent=on_sent,
        )
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

    async def _end(self, attempt: Attempt, ending: Ending, note: str) -> CommandResult:
        """Audit the end; what is wrong with the audit itself is said in the detail."""
        ended = self._clock.now()
        closing = attempt.closing(ending, ended)
        attempt.closed = True
        if note:
            self._recorder.audit_soon(closing)
        else:
            note = await self._recorder.audit(closing)
        if note:
            ending = msgspec.structs.replace(ending, detail=f"{ending.detail} ({note})")
        return self._tell(attempt, ending, ended)

    def _end_now(self, attempt: Attempt, ending: Ending) -> CommandResult:
        ended = self._clock.now()
        if not attempt.closed:
            self._recorder.audit_soon(attempt.closing(ending, ended))
        return self._tell(attempt, ending, ended)

    def _tell(self, attempt: Attempt, ending: Ending, ended: datetime) -> CommandResult:
        """Update what screens see, have the device polled, and say how it ended."""
        result = attempt.result(ending, ended)
        if attempt.pdu is not None and attempt.holds_place:
            attempt.pdu.ended(result, attempt.sent, self._clock.monotonic())
        self._emit(CommandEnded(result=result))
        severity, text = describe_end(result, attempt.subject.label, ending.rule)
        self._note(attempt.intent.pdu, severity, text)
        if attempt.sent:
            self._poke(attempt.intent.pdu)
        return result
