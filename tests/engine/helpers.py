"""A device that does what a test says, a store that remembers, and an engine around them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

import msgspec

from pdutui.backends.base import Backend, BackendError, OutletStatus, PduStatus
from pdutui.domain.audit import StoredAudit
from pdutui.domain.commands import (
    Action,
    Actor,
    AuditRecord,
    CommandResult,
    OutletAction,
    PduAction,
)
from pdutui.domain.health import Link
from pdutui.domain.reading import Bank, Inlet, Outlet, Reading
from pdutui.engine.engine import Engine
from pdutui.engine.events import EngineEvent
from pdutui.settings import (
    AlarmSettings,
    ControlSettings,
    HistorySettings,
    PduSettings,
    PollSettings,
    Settings,
)
from pdutui.store.history import StoreStatus
from tests.support.clock import ManualClock

ALICE = Actor(user="alice", ssh_origin="192.0.2.7")


def outlets() -> tuple[Outlet, ...]:
    return (
        Outlet(number=1, name="san", state="on", switchable=True, current_a=0.5, power_w=60.0),
        Outlet(number=2, name="", state="off", switchable=True, current_a=0.0, power_w=0.0),
        Outlet(number=3, name="db01", state="on", switchable=True, current_a=0.9, power_w=104.0),
        Outlet(number=4, name="fixed", state="on", switchable=False, power_w=5.0),
        Outlet(number=5, name="odd", state="unknown", switchable=True),
        Outlet(number=6, name="slow", state="on", switchable=True, pending="off"),
    )


class FakePdu(Backend):
    """A scripted device: relay time, lies and outages are attributes that tests set."""

    actions: frozenset[OutletAction] = frozenset({"on", "off", "reboot"})

    def __init__(self, name: str, clock: ManualClock) -> None:
        self.name = name
        self.clock = clock
        self.reading = Reading(
            pdu=name,
            time=clock.now(),
            serial="S1",
            uptime_s=1000,
            inlets=(Inlet(number=1, name="I1", voltage_v=230.0, current_a=1.5, power_w=300.0),),
            banks=(Bank(number=1, name="Bank 1", current_a=1.5, state="normal"),),
            outlets=outlets(),
        )
        self.opened_s = clock.monotonic()
        self.heard_s: float | None = None
        self.unanswered = 0
        self.poll_takes: list[float] = []
        """Seconds for the next polls; then none."""
        self.poll_error: BackendError | Exception | None = None
        self.polled_at: list[float] = []
        self.polls_now = 0
        self.most_polls = 0
        self.commands: list[tuple[int, str]] = []
        self.delays: list[int | None] = []
        self.deaf: set[int] = set()
        """Outlets that do not follow a command on all of them."""
        self.on_command: Callable[[int, OutletAction], Awaitable[None]] | None = None
        self.before_sent: BackendError | Exception | None = None
        self.after_sent: BackendError | Exception | None = None
        self.read_error: BackendError | Exception | None = None
        self.lost_after: BackendError | Exception | None = None
        """Why nothing can be read any more once a command has come."""
        self.reads: list[tuple[int, float]] = []
        self.reboot_off_s: float | None = 5.0
        self.acts = True
        self.relay_s = 0.0
        self.closed = 0
        self.command_takes = 0.0

    def heard(self) -> None:
        self.heard_s = self.clock.monotonic()
        self.unanswered = 0

    async def poll(self) -> Reading:
        self.polled_at.append(self.clock.monotonic())
        self.polls_now += 1
        self.most_polls = max(self.most_polls, self.polls_now)
        try:
            takes = self.poll_takes.pop(0) if self.poll_takes else 0.0
            if takes:
                await self.clock.sleep(takes)
            if self.poll_error is not None:
                raise self.poll_error
        finally:
            self.polls_now -= 1
        self.heard()
        return msgspec.structs.replace(self.reading, time=self.clock.now())

    def set_outlet(self, number: int, **values: object) -> None:
        self.reading = msgspec.structs.replace(
            self.reading,
            outlets=tuple(
                msgspec.structs.replace(o, **values) if o.number == number else o
                for o in self.reading.outlets
            ),
        )

    def later(self, seconds: float, number: int, **values: object) -> None:
        async def change() -> None:
            await self.clock.sleep(seconds)
            self.set_outlet(number, **values)

        task = asyncio.get_running_loop().create_task(change())
        self._tasks = [*getattr(self, "_tasks", []), task]

    async def read_outlet(self, number: int) -> OutletStatus:
        self.reads.append((number, self.clock.monotonic()))
        self._may_be_read()
        outlet = self.reading.outlet(number)
        assert outlet is not None
        self.heard()
        return OutletStatus(
            state=outlet.state, pending=outlet.pending, reboot_off_s=self.reboot_off_s
        )

    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        if self.before_sent is not None:
            raise self.before_sent
        self.commands.append((number, action))
        self.delays.append(delay_s)
        on_sent()
        if self.command_takes:
            await self.clock.sleep(self.command_takes)
        if self.on_command is not None:
            await self.on_command(number, action)
        elif self.acts and action == "reboot":
            self.later(self.relay_s + 0.3, number, state="off")
            self.later(self.relay_s + 0.3 + (self.reboot_off_s or 0), number, state="on")
        elif self.acts and action in ("on", "off"):
            self.later(self.relay_s, number, state=action)
        elif self.acts and action.startswith("delayed_"):
            self.set_outlet(number, pending="unspecified")
            state = {"delayed_on": "on", "delayed_off": "off"}.get(action, "on")
            if action == "delayed_reboot":
                self.later(30.0, number, state="off", pending="unspecified")
                self.later(36.0, number, state="on", pending=None)
            else:
                self.later(30.0, number, state=state, pending=None)
        elif self.acts and action == "cancel":
            self.drop_later()
            self.set_outlet(number, pending=None)
        if self.after_sent is not None:
            raise self.after_sent

    def drop_later(self) -> None:
        for task in getattr(self, "_tasks", []):
            task.cancel()

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        self.commands.append((0, action))
        self.delays.append(delay_s)
        on_sent()
        if not self.acts:
            return
        if action in ("all_on", "all_off"):
            for outlet in self.reading.outlets:
                if outlet.number not in self.deaf:
                    self.later(self.relay_s, outlet.number, state=action.removeprefix("all_"))
        elif action.startswith("prefer_") and self.reading.ats is not None:
            preferred = {"prefer_a": "A", "prefer_b": "B"}.get(action, "none")
            ats = msgspec.structs.replace(self.reading.ats, preferred=preferred)
            self.reading = msgspec.structs.replace(self.reading, ats=ats)

    def _may_be_read(self) -> None:
        if self.read_error is not None:
            raise self.read_error
        if self.lost_after is not None and self.commands:
            raise self.lost_after

    async def read_pdu(self, *, outlets: bool) -> PduStatus:
        self._may_be_read()
        ats = self.reading.ats
        return PduStatus(
            outlets={
                o.number: OutletStatus(state=o.state, pending=o.pending)
                for o in (self.reading.outlets if outlets else ())
            },
            preferred=ats.preferred if ats else None,
            active=ats.active if ats else None,
        )

    @property
    def link(self) -> Link:
        return Link(opened_s=self.opened_s, last_heard_s=self.heard_s, unanswered=self.unanswered)

    async def aclose(self) -> None:
        self.closed += 1


class FakeStore:
    """The store's face; keeps all in lists."""

    def __init__(self) -> None:
        self.status = StoreStatus(True, "")
        self.on_status: Callable[[StoreStatus], None] | None = None
        self.on_chained: Callable[[Sequence[StoredAudit]], None] | None = None
        self.readings: list[Reading] = []
        self.records: list[AuditRecord] = []
        self.events: list[tuple[str, str, str]] = []
        self.health: list[tuple[str, str, str]] = []
        self.durable = True
        self.hangs = False
        self.hangs_on = ""
        """An outcome whose record never gets to the disk."""
        self.breaks = False
        self.flushed = 0
        self.rows: dict[str, list[float | None]] = {}
        self.order: list[str] = []

    def append(self, reading: Reading) -> None:
        if self.breaks:
            raise RuntimeError("store defect")
        self.readings.append(reading)

    def append_event(self, time: object, pdu: str, severity: str, text: str) -> None:
        self.events.append((pdu, severity, text))

    def append_health(self, time: object, pdu: str, health: str, detail: str) -> None:
        if self.breaks:
            raise RuntimeError("store defect")
        self.health.append((pdu, health, detail))

    def audit(self, record: AuditRecord) -> None:
        self.records.append(record)

    async def audit_durable(self, record: AuditRecord) -> bool:
        self.order.append(record.outcome)
        self.records.append(record)
        if self.hangs or record.outcome == self.hangs_on:
            await asyncio.Event().wait()
        if self.breaks:
            raise RuntimeError("store defect")
        return self.durable

    async def recent(
        self, pdu: str, keys: tuple[str, ...], seconds: float, *, hold_s: float
    ) -> dict[str, list[float | None]]:
        return {key: self.rows.get(key, [None] * int(seconds)) for key in keys}

    async def reader(self) -> None:
        return None

    async def flush(self) -> None:
        self.flushed += 1

    @property
    def outcomes(self) -> list[str]:
        return [record.outcome for record in self.records]


class Rig:
    """An engine over fake devices."""

    def __init__(
        self,
        state_dir: Path,
        names: tuple[str, ...] = ("rack1-a",),
        *,
        interval_s: float = 1.0,
        control: ControlSettings | None = None,
        store: FakeStore | None = None,
        history: bool = True,
        actor: Actor | None = None,
        zone: tzinfo = UTC,
        more: dict[str, object] | None = None,
        **pdu: object,
    ) -> None:
        """`more` goes into the settings, `pdu` into those of every PDU."""
        self.clock = ManualClock()
        self.store = store or FakeStore()
        self.devices = {name: FakePdu(name, self.clock) for name in names}
        self.pdu = self.devices[names[0]]
        self.settings = Settings(
            poll=PollSettings(interval_s=interval_s),
            control=control or ControlSettings(),
            history=HistorySettings(enabled=history),
            pdus=tuple(
                PduSettings(name=name, **{"backend": "mock", **pdu})  # type: ignore[arg-type]
                for name in names
            ),
            state_dir=state_dir,
            **{"alarms": AlarmSettings(enabled=False), **(more or {})},  # type: ignore[arg-type]
        )
        self.engine = Engine(
            self.settings,
            self.devices,
            clock=self.clock,
            store=self.store,  # type: ignore[arg-type]
            actor=actor,
            zone=zone,
        )
        self.gate = self.engine.gate
        self.events: list[EngineEvent] = []
        self.engine.subscribe(self.events.append)

    async def live(self) -> Rig:
        await self.engine.start()
        await self.clock.run(0.3)
        assert self.engine.view(self.pdu.name).health == "live"
        return self

    def of(self, kind: type) -> list[EngineEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.engine.recent_log(500)]

    def switching(
        self, outlet: int, action: Action, *, delay_s: int | None = None, **how: object
    ) -> asyncio.Task[CommandResult]:
        how.setdefault("confirmed", True)
        intent = self.gate.new_intent(self.pdu.name, outlet, action, ALICE, "because", delay_s)
        return asyncio.create_task(self.gate.switch(intent, **how))  # type: ignore[arg-type]

    async def switch(
        self, outlet: int, action: Action, *, wait: float = 40.0, **how: object
    ) -> CommandResult:
        task = self.switching(outlet, action, **how)
        passed = 0.0
        while not task.done() and passed < wait:
            await self.clock.run(0.25)
            passed += 0.25
        assert task.done(), f"still under way after {wait} s"
        return task.result()
