"""A stand-in for the engine: what the screens need of it, moved by the test itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import (
    STAGES,
    Action,
    Actor,
    CommandResult,
    Intent,
    Outcome,
    Stage,
)
from pdutui.domain.health import Health
from pdutui.domain.impact import Impact
from pdutui.domain.reading import Reading
from pdutui.engine.alarms.port import AlarmsPort
from pdutui.engine.events import (
    CommandEnded,
    CommandProgressed,
    EngineEvent,
    HealthChanged,
    LockChanged,
    Logged,
    ReadingArrived,
)
from pdutui.engine.reload import Reread
from pdutui.engine.view import InFlight, PduInfo, PduView
from pdutui.store.port import AuditTrail, HistoryReader
from tests.support.fake_alarms import FakeAlarms
from tests.support.fake_plans import FakePlans


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reason: str
    outlet_name: str
    sentence: str
    load_w: float | None
    needs_name: bool
    impact: Impact | None = None
    needs_approval: bool = False
    needs_reason: bool = False
    needs_ticket: bool = False


@dataclass
class StoreStatus:
    ok: bool = True
    detail: str = ""


@dataclass
class TrapTally:
    untrusted: int = 0


@dataclass
class TrapState:
    problem: str = ""
    counts: TrapTally = field(default_factory=TrapTally)


@dataclass
class FakeGate:
    engine: FakeEngine
    switched: list[tuple[Intent, bool, str | None]] = field(default_factory=list)
    refused: list[tuple[Intent, str]] = field(default_factory=list)
    outcome: Outcome | None = "observed"
    """How the next command ends; None: not yet."""
    said: dict[str, Any] = field(default_factory=dict)
    """What every verdict says instead of what it would: `impact`, `needs_reason`, `reason`."""
    locked: str = ""
    code: str = "unlock"
    """What opens the lock."""
    unlock_wait_s: float = 0.0

    def check(self, pdu: str, outlet: int, action: Action, delay_s: int | None = None) -> Verdict:
        view = self.engine.view(pdu)
        found = view.reading.outlet(outlet) if view.reading else None
        name = found.name if found else ""
        reason = ""
        if view.info.read_only:
            reason = view.info.read_only_reason or "read-only"
        elif view.health != "live":
            reason = f"{pdu} is {view.health}"
        elif found is None or not found.switchable:
            reason = f"outlet {outlet} cannot be switched"
        load = found.power_w if found else None
        drops = f": drops {load:.0f} W" if action != "on" and load else ""
        word = {"on": "Turn ON", "off": "Turn OFF", "reboot": "Reboot"}.get(action, action)
        if self.locked:
            reason = f"the console is {self.locked}"
        verdict = Verdict(
            allowed=not reason,
            reason=reason,
            outlet_name=name,
            sentence=f"{word} outlet {outlet} {name} on {pdu}{drops}",
            load_w=load,
            needs_name=outlet in view.info.protected,
        )
        return dataclasses.replace(verdict, **self.said)

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
        ident = f"i{len(self.switched) + len(self.refused)}"
        return Intent(
            id=ident, pdu=pdu, outlet=outlet, action=action, actor=actor, reason=reason,
            delay_s=delay_s, ticket=ticket,
        )  # fmt: skip

    def explain(self, intent: Intent, reason: str | None, ticket: str | None) -> Intent:
        return msgspec.structs.replace(intent, reason=reason, ticket=ticket)

    async def lock(self, actor: Actor) -> None:
        self.locked = f"locked by {actor.user} at 14:02"
        self.engine.tell(LockChanged(locked=True, by=actor.user))

    async def unlock(self, actor: Actor, typed: str) -> bool:
        if typed != self.code:
            return False
        self.locked = ""
        self.engine.tell(LockChanged(locked=False, by=actor.user))
        return True

    async def switch(
        self, intent: Intent, *, confirmed: bool, typed_name: str | None = None
    ) -> CommandResult:
        self.switched.append((intent, confirmed, typed_name))
        for stage in STAGES:
            self.engine.progress(intent, stage)
        return self.end(intent, self.outcome or "observed")

    async def refuse(self, intent: Intent, reason: str) -> CommandResult:
        self.refused.append((intent, reason))
        return self.engine.result(intent, "refused", reason)

    def end(self, intent: Intent, outcome: Outcome) -> CommandResult:
        return self.engine.end(intent, outcome)


class FakeEngine:
    """Holds one view per PDU; `read`, `become`, `progress` and `end` change them and tell it."""

    def __init__(self, clock: Clock, infos: Sequence[PduInfo]) -> None:
        self.clock = clock
        self.pdus = tuple(info.name for info in infos)
        self.store_status = StoreStatus()
        self.trap_status: TrapState | None = None
        self.gate = FakeGate(self)
        self.plans = FakePlans(self)
        self.alarms: AlarmsPort = FakeAlarms(self)
        self.reread: Reread | None = None
        self.trail: AuditTrail | None = None
        self.views = {info.name: PduView(info=info) for info in infos}
        self.trends: dict[tuple[str, str], list[float | None]] = {}
        self.log: list[Logged] = []
        self.reader: HistoryReader | None = None
        self.names: list[tuple[str, int, str | None]] = []
        self.started = self.stopped = False
        self.stuck_s: float | None = None
        """When it came to a stand, monotonic; None while it goes on."""
        self._listeners: list[Callable[[EngineEvent], None]] = []

    async def start(self) -> None:
        self.started = True

    async def stop(self) -> None:
        self.stopped = True

    @property
    def locked(self) -> str:
        return self.gate.locked

    @property
    def beat_s(self) -> float:
        return self.clock.monotonic() if self.stuck_s is None else self.stuck_s

    def view(self, pdu: str) -> PduView:
        view = self.views[pdu]
        if view.reading is None:
            return view
        age = (self.clock.now() - view.reading.time) / timedelta(seconds=1)
        return msgspec.structs.replace(view, age_s=max(0.0, age))

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def trend(self, pdu: str, key: str, seconds: int) -> Sequence[float | None]:
        known = self.trends.get((pdu, key), [])[-seconds:]
        return [None] * (seconds - len(known)) + known

    async def history(self) -> HistoryReader | None:
        return self.reader

    async def audit_trail(self) -> AuditTrail | None:
        return self.trail

    def rename_outlet(self, pdu: str, outlet: int, name: str | None) -> None:
        self.names.append((pdu, outlet, name))

    def acknowledge(self, pdu: str, outlet: int) -> None:
        view = self.views[pdu]
        results = {k: v for k, v in view.results.items() if k != outlet}
        doubts = {k: v for k, v in view.doubts.items() if k != outlet}
        self.views[pdu] = msgspec.structs.replace(view, results=results, doubts=doubts)

    def recent_log(self, limit: int) -> list[Logged]:
        return self.log[-limit:]

    # what a test does

    def tell(self, event: EngineEvent) -> None:
        for listener in list(self._listeners):
            listener(event)

    def read(self, reading: Reading) -> None:
        view = self.views[reading.pdu]
        self.views[reading.pdu] = msgspec.structs.replace(
            view, reading=reading, health="live", detail=""
        )
        self.tell(ReadingArrived(pdu=reading.pdu, reading=reading))

    def become(self, pdu: str, health: Health, detail: str = "") -> None:
        self.views[pdu] = msgspec.structs.replace(self.views[pdu], health=health, detail=detail)
        self.tell(HealthChanged(pdu=pdu, health=health, detail=detail))

    def say(self, entry: Logged) -> None:
        self.log.append(entry)
        self.tell(entry)

    def progress(self, intent: Intent, stage: Stage) -> None:
        view = self.views[intent.pdu]
        flights = {**view.in_flight, intent.outlet: InFlight(intent=intent, stage=stage)}
        self.views[intent.pdu] = msgspec.structs.replace(view, in_flight=flights)
        self.tell(CommandProgressed(intent=intent, stage=stage))

    def end(self, intent: Intent, outcome: Outcome) -> CommandResult:
        view = self.views[intent.pdu]
        flights = {k: v for k, v in view.in_flight.items() if k != intent.outlet}
        result = self.result(intent, outcome, f"the device said {outcome}")
        results = dict(view.results)
        if outcome in ("unconfirmed", "contradicted", "failed"):
            results[intent.outlet] = result
        self.views[intent.pdu] = msgspec.structs.replace(view, in_flight=flights, results=results)
        self.tell(CommandEnded(result=result))
        return result

    def result(self, intent: Intent, outcome: Outcome, detail: str) -> CommandResult:
        reading = self.views[intent.pdu].reading
        outlet = reading.outlet(intent.outlet) if reading else None
        return CommandResult(
            intent=intent,
            outcome=outcome,
            detail=detail,
            outlet_name=outlet.name if outlet else "",
            before=outlet.state if outlet else "unknown",
            after=outlet.state if outlet else "unknown",
            load_w=outlet.power_w if outlet else None,
            ended=self.clock.now(),
        )
