"""What the screens need of the engine, as protocols; `pdutui.engine.engine.Engine` fits them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pdutui.domain.commands import Action, Actor, CommandResult, Intent
    from pdutui.domain.impact import Impact
    from pdutui.engine.alarms.port import AlarmsPort
    from pdutui.engine.events import EngineEvent, Logged
    from pdutui.engine.plans.port import PlansPort
    from pdutui.engine.reload import Reread
    from pdutui.engine.view import PduView
    from pdutui.store.port import AuditTrail, HistoryReader


class VerdictPort(Protocol):
    """Whether a command may be given, and the sentence that says what it would do."""

    @property
    def allowed(self) -> bool:
        """Whether it may be given at all."""
        ...

    @property
    def reason(self) -> str:
        """Why not; empty when allowed."""
        ...

    @property
    def outlet_name(self) -> str:
        """The outlet's name as it must be typed where it must."""
        ...

    @property
    def sentence(self) -> str:
        """`Turn OFF outlet 3 db01 on rack1-a: drops 104 W`."""
        ...

    @property
    def load_w(self) -> float | None:
        """What the outlet carries now."""
        ...

    @property
    def needs_name(self) -> bool:
        """Whether the outlet's name must be typed."""
        ...

    @property
    def impact(self) -> Impact | None:
        """What it will do to loads and devices."""
        ...

    @property
    def needs_approval(self) -> bool:
        """Whether a second person has to agree."""
        ...

    @property
    def needs_reason(self) -> bool:
        """Whether a reason must be given."""
        ...

    @property
    def needs_ticket(self) -> bool:
        """Whether a ticket must be given."""
        ...


class GatePort(Protocol):
    """The one gate that every command passes."""

    def check(
        self, pdu: str, outlet: int, action: Action, delay_s: int | None = None
    ) -> VerdictPort:
        """What the policy says now; nothing is sent or written."""
        ...

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
        """A wish, with an id."""
        ...

    def explain(self, intent: Intent, reason: str | None, ticket: str | None) -> Intent:
        """The same wish, with what was typed for it while it was asked."""
        ...

    @property
    def locked(self) -> str:
        """`locked by alice at 14:02`; empty when the console is not locked."""
        ...

    @property
    def unlock_wait_s(self) -> float:
        """Seconds until `unlock` looks at what was typed again, after wrong ones; 0: now."""
        ...

    async def lock(self, actor: Actor) -> None:
        """Let nothing through until it is unlocked. Audited."""
        ...

    async def unlock(self, actor: Actor, typed: str) -> bool:
        """Open it again, if what was typed is right; audited either way."""
        ...

    async def switch(
        self, intent: Intent, *, confirmed: bool, typed_name: str | None = None
    ) -> CommandResult:
        """Carry it out; checked again, audited, read back."""
        ...

    async def refuse(self, intent: Intent, reason: str) -> CommandResult:
        """Write down that it was not carried out."""
        ...


class StorePort(Protocol):
    """Whether history is being written."""

    @property
    def ok(self) -> bool:
        """All is well."""
        ...

    @property
    def detail(self) -> str:
        """What is not."""
        ...


class TrapCountsPort(Protocol):
    """What has come in."""

    @property
    def untrusted(self) -> int:
        """From unknown senders, or with wrong credentials."""
        ...


class TrapPort(Protocol):
    """How listening for traps is going."""

    @property
    def problem(self) -> str:
        """Why it is not; empty when all is well."""
        ...

    @property
    def counts(self) -> TrapCountsPort:
        """What has come in."""
        ...


class EnginePort(Protocol):
    """The running system as the console sees it."""

    @property
    def pdus(self) -> tuple[str, ...]:
        """Names, in configured order."""
        ...

    @property
    def beat_s(self) -> float:
        """When all PDUs were judged last, monotonic; it stands still when the engine does."""
        ...

    @property
    def gate(self) -> GatePort:
        """The gate."""
        ...

    @property
    def locked(self) -> str:
        """As the gate says, and cheap before there is one."""
        ...

    @property
    def store_status(self) -> StorePort:
        """History."""
        ...

    @property
    def trap_status(self) -> TrapPort | None:
        """Traps; None where nobody listens for them."""
        ...

    async def start(self) -> None:
        """Begin polling."""
        ...

    async def stop(self) -> None:
        """Stop polling, finish what is in flight, flush."""
        ...

    def view(self, pdu: str) -> PduView:
        """A PDU as it stands now."""
        ...

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Be told of everything; call the result to be told no more."""
        ...

    def trend(self, pdu: str, key: str, seconds: int) -> Sequence[float | None]:
        """The last seconds of a series, one value each, oldest first, None for gaps."""
        ...

    @property
    def plans(self) -> PlansPort:
        """Plans for many outlets."""
        ...

    @property
    def reread(self) -> Reread | None:
        """Reads the configuration again; None where there is none to read."""
        ...

    @property
    def alarms(self) -> AlarmsPort:
        """What is wrong."""
        ...

    async def audit_trail(self) -> AuditTrail | None:
        """The audit; None where there is no store."""
        ...

    async def history(self) -> HistoryReader | None:
        """The past; None where no history is kept or its database cannot be read."""
        ...

    def rename_outlet(self, pdu: str, outlet: int, name: str | None) -> None:
        """Give an outlet a name of our own; None gives the device's name back."""
        ...

    def acknowledge(self, pdu: str, outlet: int) -> None:
        """A result has been seen."""
        ...

    def recent_log(self, limit: int) -> list[Logged]:
        """The newest log lines, oldest first."""
        ...
