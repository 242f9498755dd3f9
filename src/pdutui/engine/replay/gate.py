"""The gate of a replay: nothing passes it, nothing is sent, nothing is audited."""

from __future__ import annotations

import uuid

import msgspec

from pdutui.backends.replay.backend import REFUSAL
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Action, Actor, CommandResult, Intent
from pdutui.engine.policy import Ruling
from pdutui.engine.verdict import Verdict, make_verdict

_RULING = Ruling(rule="read_only", reason=REFUSAL)


class ReplayGate:
    """Refuses everything. What is tried here happens in no rack, so no audit has it.

    Args:
        clock: For when it was refused.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def check(self, pdu: str, outlet: int, action: Action, delay_s: int | None = None) -> Verdict:
        """Not allowed."""
        return make_verdict(None, pdu, outlet, action, _RULING, delay_s)

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
    ) -> Intent:
        """A wish that leads nowhere."""
        return Intent(
            id=uuid.uuid4().hex, pdu=pdu, outlet=outlet, action=action, actor=actor, reason=reason,
            delay_s=delay_s, ticket=ticket,
        )  # fmt: skip

    def explain(self, intent: Intent, reason: str | None, ticket: str | None) -> Intent:
        """The same wish with its reason; it leads nowhere either."""
        return msgspec.structs.replace(intent, reason=reason, ticket=ticket)

    @property
    def locked(self) -> str:
        """Never: nothing passes here, locked or not."""
        return ""

    @property
    def unlock_wait_s(self) -> float:
        """Never any."""
        return 0.0

    async def lock(self, actor: Actor) -> None:
        """Does nothing: there is nothing to lock."""

    async def unlock(self, actor: Actor, typed: str) -> bool:
        """Whatever is typed: there is nothing to unlock."""
        return True

    async def switch(
        self, intent: Intent, *, confirmed: bool, typed_name: str | None = None
    ) -> CommandResult:
        """Refused, whoever has agreed to it."""
        return self._refused(intent, REFUSAL)

    async def refuse(self, intent: Intent, reason: str) -> CommandResult:
        """Refused."""
        return self._refused(intent, reason)

    def _refused(self, intent: Intent, why: str) -> CommandResult:
        return CommandResult(
            intent=intent,
            outcome="refused",
            detail=why,
            outlet_name="",
            before="unknown",
            after="unknown",
            ended=self._clock.now(),
        )
