"""One attempt to switch, as it goes along, and what the audit says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.commands import (
    STAGES,
    WHOLE_PDU,
    Action,
    AuditRecord,
    CommandResult,
    Intent,
    Outcome,
    Stage,
)
from pdutui.domain.reading import OutletState, Reading
from pdutui.domain.roles import Role
from pdutui.engine.events import Severity
from pdutui.engine.labels import outlet_name
from pdutui.engine.policy import Rule, Ruling
from pdutui.engine.subject import Subject, is_preference, subject_of

if TYPE_CHECKING:
    from pdutui.engine.fleet import Pdu


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever makes an intent is looking at."""

    state: str = "unknown"
    name: str = ""
    """The outlet's name as shown; may be empty."""
    label: str = ""
    """How it was called."""
    context: tuple[str, ...] = ()
    """What else counts: the sources' states, for a transfer switch."""
    device: tuple[str | None, ...] = ()
    """Profile, model and serial number, as far as the device says them."""
    mark: int = 0
    """How many commands this program had sent to the PDU (`Given.mark`)."""
    turns: int = 0
    """How often its state had been seen to change (`Pdu.turned`)."""
    dangers: frozenset[str] | None = None
    """What was in danger by the preview; None: whatever is has been agreed to."""
    at: datetime | None = None
    """When it was looked at (UTC); None where that does not matter."""
    at_s: float = 0.0
    """The same, monotonic."""

    @classmethod
    def of(
        cls,
        reading: Reading | None,
        pdu: str,
        outlet: int,
        action: Action,
        *,
        at: datetime | None = None,
        at_s: float = 0.0,
        mark: int = 0,
        turns: int = 0,
        dangers: frozenset[str] | None = None,
    ) -> Asked:
        """What a reading shows of the subject of a command and its device."""
        if reading is None:
            return cls(at=at, at_s=at_s, mark=mark, turns=turns, dangers=dangers)
        subject = subject_of(reading, pdu, outlet, action)
        return cls(
            state=subject.state,
            name=subject.name,
            label=subject.label,
            context=subject.context,
            device=(reading.profile, reading.model, reading.serial),
            at=at,
            at_s=at_s,
            mark=mark,
            turns=turns,
            dangers=dangers,
        )

    def same_device(self, other: Asked) -> bool:
        """Whether nothing that both are known to say of the device tells them apart."""
        pairs = zip(self.device, other.device, strict=False)
        return all(a == b for a, b in pairs if a is not None and b is not None)


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended."""

    outcome: Outcome
    detail: str
    after: str
    read: bool = False
    """Whether `after` was read back from the device."""
    pending: bool = False
    """The device will carry it out later."""
    rule: Rule = "allowed"


class Attempt(msgspec.Struct, kw_only=True):
    """One attempt under way."""

    intent: Intent
    pdu: Pdu | None
    subject: Subject
    """What it is about, as shown when it began."""
    asked: Asked
    """What was looked at when it was asked for."""
    before: str
    outlets: Mapping[int, OutletState] = {}
    """What there was to be switched when it began: every outlet that can be, and its state."""
    pending: frozenset[int] = frozenset()
    """The outlets that had a command pending then."""
    began: datetime
    role: Role
    """Of who asks."""
    name_typed: bool = False
    """The right name was typed, whether it had to be or not."""
    approved_by: str | None = None
    """Who else agreed to the plan that it is a step of."""
    stages: list[tuple[Stage, datetime]] = []
    holds_place: bool = False
    """It is the command in flight on its outlet."""
    ending: Ending | None = None
    """Known, and perhaps not yet audited."""
    closed: bool = False
    """Its last line has been handed to the audit."""

    @property
    def named(self) -> str:
        """The outlet's name, `outlet 3` without one; `all outlets`, `transfer switch`."""
        if self.intent.outlet != WHOLE_PDU:
            return outlet_name(self.intent.outlet, self.subject.name)
        return "transfer switch" if is_preference(self.intent.action) else "all outlets"

    @property
    def sent(self) -> bool:
        """Whether the command is, or was, on its way."""
        return any(stage == "sent" for stage, _ in self.stages)

    def reach(self, stage: Stage, now: datetime) -> None:
        """Note a stage."""
        self.stages.append((stage, now))

    def opening(self) -> AuditRecord:
        """The line that says that it was asked for, before anything is sent."""
        detail, delay_s, reason = "asked for", self.intent.delay_s, self.intent.reason
        detail += "" if delay_s is None else f", in {delay_s} s"
        detail += "" if reason is None else f": {reason}"
        return self._record(self.began, None, "requested", detail)

    def closing(self, ending: Ending, ended: datetime) -> AuditRecord:
        """The line that says how it ended."""
        return self._record(
            ended, ending.after if ending.read else None, ending.outcome, ending.detail
        )

    def result(self, ending: Ending, ended: datetime) -> CommandResult:
        """The end, for whoever asked."""
        return CommandResult(
            intent=self.intent,
            outcome=ending.outcome,
            detail=ending.detail,
            outlet_name=self.named,
            label=self.subject.label,
            before=self.before,
            after=ending.after,
            pending=ending.pending,
            load_w=self.subject.load_w,
            rule="" if ending.rule == "allowed" else ending.rule,
            stages=tuple(sorted(self.stages, key=lambda passed: STAGES.index(passed[0]))),
            ended=ended,
        )

    def refused(self, ruling: Ruling) -> Ending:
        """The end when policy, or a person, said no. Nothing was sent, nothing was read."""
        return Ending(outcome="refused", detail=ruling.reason, after=self.before, rule=ruling.rule)

    def broken(self, what: str) -> Ending:
        """The end when the program itself failed: nothing is claimed that was not seen."""
        return self._unclear(f"an error in the program: {what}; see the log file")

    def cut_off(self) -> Ending:
        """The end when the program ends first."""
        return self._unclear("program ended")

    def _unclear(self, why: str) -> Ending:
        if self.sent:
            return Ending(outcome="unconfirmed", detail=why, after="unknown")
        return Ending(outcome="failed", detail=f"{why}; nothing was sent", after=self.before)

    def _record(
        self, time: datetime, state_to: str | None, outcome: str, detail: str
    ) -> AuditRecord:
        actor = self.intent.actor
        return AuditRecord(
            time=time,
            intent_id=self.intent.id,
            user=actor.user,
            ssh_origin=actor.ssh_origin,
            origin=actor.origin,
            pdu=self.intent.pdu,
            outlet=self.intent.outlet,
            outlet_name=self.named,
            action=self.intent.action,
            state_from=self.before,
            state_to=state_to,
            outcome=outcome,
            detail=detail,
            reason=self.intent.reason,
            ticket=self.intent.ticket,
            role=self.role,
            plan=self.intent.plan,
            approved_by=self.approved_by,
        )


def begin(
    intent: Intent, pdu: Pdu | None, *, asked: Asked, now: Asked, role: Role, at: datetime
) -> Attempt:
    """An attempt that begins.

    Args:
        intent: what is wanted.
        pdu: the PDU it is about, if there is one.
        asked: what was looked at when it was asked for.
        now: what is there now.
        role: of who asks.
        at: the time (UTC).
    """
    reading = pdu.reading if pdu is not None else None
    outlets = reading.outlets if reading is not None else ()
    return Attempt(
        intent=intent,
        pdu=pdu,
        subject=subject_of(reading, intent.pdu, intent.outlet, intent.action),
        asked=asked,
        before=now.state if asked.state == "unknown" else asked.state,
        outlets={outlet.number: outlet.state for outlet in outlets if outlet.switchable},
        pending=frozenset(o.number for o in outlets if o.pending is not None),
        began=at,
        role=role,
    )


def describe_end(result: CommandResult, label: str, rule: Rule) -> tuple[Severity, str]:
    """The line for the event log; `label` names what was switched."""
    action = result.intent.action.removeprefix("all_").replace("_", " ")
    if result.intent.delay_s is not None:
        action += f" ({result.intent.delay_s} s)"
    if result.outcome in ("observed", "accepted"):
        return "info", f"{label}: {_done(result, action)}, by {result.intent.actor.user}"
    if result.outcome == "refused":
        severity: Severity = "info" if rule == "cancelled" else "warning"
        return severity, f"{label}: {action} refused: {result.detail}"
    return "critical", f"{label}: {action} {result.outcome.upper()}: {result.detail}"


def _done(result: CommandResult, action: str) -> str:
    """What was done, where the detail alone does not say it."""
    if result.intent.action in ("on", "off", "reboot"):
        return result.detail
    return f"{action}: {result.detail}"
