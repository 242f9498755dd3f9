"""One rack, two consoles: a modelled PDU, what really reached it, and who was at which keyboard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from pdutui.backends.base import CommandRejected, Unreachable
from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import build
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.spec import ALL_SWITCHED, DELAYED, Meters, OutletSpec, PduSpec
from pdutui.domain.commands import (
    WHOLE_PDU,
    Action,
    Actor,
    AuditRecord,
    CommandResult,
    OutletAction,
    PduAction,
)
from pdutui.domain.reading import Reading
from pdutui.engine.engine import Engine
from pdutui.engine.events import CommandEnded, EngineEvent
from pdutui.engine.plans.book import Book
from pdutui.engine.plans.desk import PlanDesk
from pdutui.engine.plans.files import Held
from pdutui.engine.plans.house import House
from pdutui.settings import Settings
from pdutui.store.history import HistoryStore
from tests.engine.helpers import FakeStore
from tests.engine.property.pace import Pace
from tests.support.clock import ManualClock

PDU = "rack1-a"
OUTLETS = (1, 2, 3, 4, 5)
UIDS = {"alice": 1001, "bob": 1002, "carol": 1003}
GROUPS = {"alice": ("ops",), "bob": ("ops",), "carol": ("guests",)}
SPEC = PduSpec(
    vendor="Modell", model="M5", serial="S1", firmware="1", name="rack", profile="modell",
    nominal_v=230.0, nominal_hz=50.0, rating_a=None, inlet_meters=Meters(voltage_v=0),
    outlets=(
        OutletSpec(1, "db-a", None), OutletSpec(2, "db-b", None), OutletSpec(3, "fw", None),
        OutletSpec(4, "", None), OutletSpec(5, "kvm", None, on=False),
    ),
    pending=frozenset({"off", "on", "reboot"}), actions=DELAYED | {"identify"},
    pdu_actions=ALL_SWITCHED, reboot_off_s=2.0, off_delay_s=6.0, on_delay_s=6.0,
)  # fmt: skip


def person(name: str, origin: Any = "console", *behind: str) -> Actor:
    """Somebody with an account, by whatever way they come."""
    return Actor(
        user=name, login=name, uid=UIDS[name], groups=GROUPS[name], origin=origin, behind=behind
    )


@dataclass
class Wish:
    """What a test asked a gate for; `None` as an intent stands for the steps of a plan."""

    console: int
    actor: Actor
    intent: str | None = None
    plan: str | None = None
    action: str = ""
    outlet: int = 0
    reason: str | None = None
    ticket: str | None = None
    shown: Shown | None = None
    """What the console showed when the question was put."""
    seen_commands: int = 0
    """How many commands the device had taken by then."""
    confirmed: bool = True
    typed: str | None = None


@dataclass(frozen=True)
class Shown:
    """What a console shows of the device."""

    serial: str
    names: dict[int, str]
    states: dict[int, str]
    pending: dict[int, str | None]


PROGRAM: ContextVar[int] = ContextVar("PROGRAM", default=-1)
NOW: ContextVar[Wish | None] = ContextVar("NOW", default=None)
"""The wish that the running task belongs to. Tasks inherit it; the product knows nothing of it."""


@dataclass
class Arrival:
    """A command that left for the device."""

    at_s: float
    console: int
    outlet: int
    action: str
    wish: Wish | None
    taken: bool = True
    """The device did not refuse it."""
    faulty: bool = False
    """The line or the device was not in order then."""
    result: CommandResult | None = None
    states: dict[int, str] = field(default_factory=dict)
    """Of all outlets, right before it."""


class Device:
    """The modelled PDU, with a hand at its buttons and a will of its own."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        (self.model,) = build(
            [SPEC], start_s=clock.monotonic(), seed=1, shared=False, incidents=False
        )
        self.serial = "S1"
        self.names = {o.number: o.name for o in SPEC.outlets}
        self.lie = ""
        """deaf, reversed, bounce, slow: what it makes of commands that it has taken."""
        self.rejects = False
        self.arrivals: list[Arrival] = []
        self.moves: dict[int, list[tuple[float, bool]]] = {
            n: [(clock.monotonic(), socket.on)] for n, socket in self.model.sockets.items()
        }
        self._watch(self.model)

    def _watch(self, model: MockPdu) -> None:
        """Note every movement of a relay at its time."""
        settle = model.settle

        def noting(at_s: float) -> None:
            settle(at_s)
            for number, socket in model.sockets.items():
                if self.moves[number][-1][1] != socket.on:
                    self.moves[number].append((1000.0 + at_s, socket.on))

        model.settle = noting  # type: ignore[method-assign]

    # -- the truth ---------------------------------------------------------------------------

    def state(self, outlet: int) -> str:
        self.model.advance(self.clock.monotonic())
        return "on" if self.model.sockets[outlet].on else "off"

    def pending(self, outlet: int) -> str | None:
        self.model.advance(self.clock.monotonic())
        return self.model.relays.pending(self.model.sockets[outlet])

    def since_s(self, outlet: int) -> float:
        """How long it has been as it is."""
        return self.clock.monotonic() - self.moves[outlet][-1][0]

    def dressed(self, reading: Reading) -> Reading:
        """A reading with its name plate of now."""
        outlets = tuple(
            msgspec.structs.replace(o, name=self.names[o.number]) for o in reading.outlets
        )
        return msgspec.structs.replace(reading, serial=self.serial, outlets=outlets)

    # -- what befalls it ---------------------------------------------------------------------

    def take(self, outlet: int, action: Any) -> None:
        """A command has arrived. Raises CommandRejected."""
        now_s = self.clock.monotonic()
        self.model.advance(now_s)
        if self.rejects:
            raise CommandRejected("the device rejected the command: notWritable")
        relays, usual = self.model.relays, self.model.relays.relay_s
        doing = action
        if self.lie == "deaf":
            return
        if self.lie == "reversed":
            doing = {"on": "off", "off": "on", "reboot": "on"}.get(action, action)
        if self.lie == "slow":
            relays.relay_s = (8.0, 8.0)
        try:
            if outlet == WHOLE_PDU:
                self.model.switch_pdu(doing, now_s)
            else:
                self.model.switch(outlet, doing, now_s)
        finally:
            relays.relay_s = usual
        if self.lie == "bounce" and action in ("on", "off") and outlet != WHOLE_PDU:
            was = self.model.sockets[outlet].on

            def back(_: float) -> None:
                self.model.sockets[outlet].on = was

            self.model.world.after(0.9, back)

    def throw(self, outlet: int, on: bool) -> None:
        """Somebody presses its button."""
        self.model.throw(outlet, on, self.clock.monotonic())


class Watcher(Protocol):
    """Judges commands as they leave for the device."""

    def forbids(self, arrival: Arrival, wire: Wire) -> list[str]:
        """Every reason why this one must not."""
        ...

    def sent(self, arrival: Arrival, forbidden: list[str]) -> None:
        """It did."""
        ...


class Wire(MockBackend):
    """The way from one console to the device."""

    def __init__(self, console: int, device: Device, oracle: Watcher) -> None:
        super().__init__(PDU, device.model, clock=device.clock)
        self.console = console
        self.device = device
        self.loses = ""
        """`request`: commands get lost on the way; `answer`: what is said to them does."""
        self.polled_s: float | None = None
        self.shown: Reading | None = None
        self._oracle = oracle

    async def poll(self) -> Reading:
        reading = self.device.dressed(await super().poll())
        self.polled_s, self.shown = self.device.clock.monotonic(), reading
        return reading

    async def command(
        self, number: int, action: OutletAction, on_sent: Callable[[], None], *,
        delay_s: int | None = None,
    ) -> None:  # fmt: skip
        await self._put(number, action, on_sent)

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        await self._put(WHOLE_PDU, action, on_sent)

    async def _put(self, number: int, action: Action, on_sent: Callable[[], None]) -> None:
        # This is the moment of sending, as far as a gate can know: the backend was told.
        arrival = Arrival(self.device.clock.monotonic(), self.console, number, action, NOW.get())
        found = self._oracle.forbids(arrival, self)
        await self._exchange()  # a backend asks once more who is there before it writes
        assert self.shown is not None
        names = {o.number: o.name for o in self.shown.outlets}
        if self.shown.serial != self.device.serial or names != self.device.names:
            raise CommandRejected("not sent: another device, or another outlet, is there now")
        arrival.faulty = bool(self.device.lie or self.device.rejects or self.loses or self.fault)
        arrival.states = {n: self.device.state(n) for n in OUTLETS}
        self._oracle.sent(arrival, found)
        self.device.arrivals.append(arrival)
        on_sent()
        if self.loses == "request":
            arrival.taken = False
            await self._lost()
        try:
            self.device.take(number, action)
        except CommandRejected:
            arrival.taken = False
            raise
        if self.loses == "answer":
            await self._lost()
        await self._exchange()

    async def _lost(self) -> None:
        await self.device.clock.sleep(self.timeout_s)
        raise Unreachable("the device did not acknowledge the command; it may have arrived")


class Owners:
    """Whose files are: made by whom, as there is only one user in a test."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}
        self.writing = 0

    def __call__(self, name: str, status: Any) -> int:
        if name not in self.of and ".approval-" in name:
            return int(name.partition(".approval-")[2].partition(".")[0])
        plan = name.partition(".")[0]
        return self.of.setdefault(plan, self.writing)


@dataclass
class Console:
    """One program: an engine, a line of its own, a connection of its own to the database."""

    number: int
    actor: Actor
    engine: Engine
    wire: Wire
    store: Any
    desk: PlanDesk = None  # type: ignore[assignment]
    dead: bool = False
    dies: tuple[str, int] = ("", 0)
    """Before or after which call that reads or writes plans."""
    file_calls: int = 0
    turns: list[Any] = field(default_factory=list)
    results: list[tuple[float, CommandResult]] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    """Names given in this console."""
    locked: bool = False
    rated: list[tuple[float, int, str]] = field(default_factory=list)
    plans_begun: set[str] = field(default_factory=set)
    """Plans of which a command went out while it was open."""


class Rack(Pace):
    """All of it. Time passes only in `wait`, and not before everything that can run has run."""

    def __init__(self, settings: Settings, oracle: Watcher, *, lean: bool = False) -> None:
        """`lean`: without a database."""
        self.settings = settings
        super().__init__()
        self.device = Device(self.clock)
        self.consoles: list[Console] = []
        self.owners = Owners()
        self.tasks: dict[int, list[asyncio.Task[Any]]] = {}
        self.on_ended: Callable[[Console, CommandResult], None] | None = None
        self._oracle = oracle
        self._lean = lean

    async def open(self, *who: str) -> None:
        """Start the consoles, one for each of them."""
        for name in who:
            await self.start(name)
        await self.wait(1.1)

    async def start(self, name: str) -> Console:
        """Start one more program."""
        number, actor = len(self.consoles), person(name)
        token = PROGRAM.set(number)
        try:
            wire = Wire(number, self.device, self._oracle)
            store: Any = FakeStore() if self._lean else await self._store()
            engine = Engine(
                self.settings, {PDU: wire}, clock=self.clock, store=store, actor=actor, quiet=True
            )
            console = Console(number, actor, engine, wire, store)
            console.desk = self._desk(engine, console)
            console.locked = self.settings.control.lock.at_start
            self._hold_turns(engine, console)
            engine.subscribe(self._listener(console))
            self.consoles.append(console)
            await engine.start()
        finally:
            PROGRAM.reset(token)
        return console

    @staticmethod
    def _hold_turns(engine: Engine, console: Console) -> None:
        """Know what it holds, so that it can be taken from it."""
        take = engine.gate._turns.take

        async def taken(pdu: Any, limit_s: float) -> Any:
            held = await take(pdu, limit_s)
            console.turns = [held]
            return held

        engine.gate._turns.take = taken  # type: ignore[method-assign]

    async def _store(self) -> HistoryStore:
        path = self.settings.state_dir / "history.db"
        store = await HistoryStore.open(path, clock=self.clock, retention_days=60)
        self._count(store)
        return store

    def _listener(self, console: Console) -> Callable[[EngineEvent], None]:
        def hear(event: EngineEvent) -> None:
            if isinstance(event, CommandEnded):
                console.results.append((self.clock.monotonic(), event.result))
                if self.on_ended is not None:
                    self.on_ended(console, event.result)

        return hear

    def _count(self, store: HistoryStore) -> None:
        """Know whether the disk is at work: the clock does not move meanwhile."""
        durable = store.audit_durable

        async def counted(record: AuditRecord) -> bool:
            with self.at_work():
                return await durable(record)

        flush = store.flush

        async def flushed() -> None:
            with self.at_work():
                await flush()

        store.audit_durable, store.flush = counted, flushed  # type: ignore[method-assign]

    def _desk(self, engine: Engine, console: Console) -> PlanDesk:
        house = House(
            settings_now=lambda: self.settings, gate=engine.gate, clock=self.clock,
            view=engine.view, preview=engine.preview, audit=engine._recorder.audit,
            emit=engine._emit, note=engine._note,
        )  # fmt: skip
        uid = UIDS[console.actor.user]

        async def at_once(call: Callable[..., Any], *args: Any) -> Any:
            if console.dead:
                await asyncio.Event().wait()
            console.file_calls += 1
            self.owners.writing = uid
            if console.dies == ("before", console.file_calls):
                await self._dying(console)
            result = call(*args)
            if console.dies == ("after", console.file_calls):
                if isinstance(result, Held):
                    result.let_go()
                await self._dying(console)
            return result

        names = {uid: name for name, uid in UIDS.items()}
        assert self.settings.control.plans_dir is not None
        book = Book(
            self.settings.control.plans_dir, uid=uid, owner=self.owners,
            name_of=lambda n: names[n],
        )  # fmt: skip
        desk = PlanDesk(house, book, in_thread=at_once, groups_of=lambda uid: GROUPS[names[uid]])
        engine.gate.informed_by(approvals=desk)
        engine._plans = desk
        return desk

    @staticmethod
    async def _dying(console: Console) -> None:
        console.dead = True
        await asyncio.Event().wait()

    def kill(self, console: Console) -> None:
        """What SIGKILL does: nothing of it runs on, it writes nothing more, its locks are gone."""
        console.dead = True
        for lock in console.desk._runs._locks.values():
            lock.let_go()
        for held in console.turns:
            held.release()
        for task in self.tasks.pop(console.number, []):
            if not task.done():
                task.cancel()

    def notice_tasks(self) -> None:
        """Know from now on which program a task is of."""
        loop = asyncio.get_running_loop()

        def make(loop: Any, work: Any, **more: Any) -> asyncio.Task[Any]:
            task = asyncio.Task(work, loop=loop, **more)
            self.tasks.setdefault(PROGRAM.get(), []).append(task)
            return task

        loop.set_task_factory(make)

    @contextlib.contextmanager
    def as_program(self, console: Console) -> Iterator[None]:
        """Tasks that begin in it are of that program."""
        token = PROGRAM.set(console.number)
        try:
            yield
        finally:
            PROGRAM.reset(token)

    # -- the end ------------------------------------------------------------------------------

    async def close(self) -> None:
        """End the programs."""
        for console in self.consoles:
            await self.drive(console.engine.stop())
        for console in self.consoles:
            await self._closing(console.store)

    async def _closing(self, store: HistoryStore) -> None:
        task = asyncio.create_task(store.close())
        while not task.done():
            await asyncio.sleep(0.0005)
            self.clock.advance(0.05)
        task.result()

    # -- what a console shows ----------------------------------------------------------------

    def shown(self, console: Console) -> Shown | None:
        """What a person at it sees: the last reading, with the names given there."""
        reading = console.wire.shown
        if reading is None:
            return None
        return Shown(
            serial=reading.serial or "",
            names={o.number: console.labels.get(o.number) or o.name for o in reading.outlets},
            states={o.number: o.state for o in reading.outlets},
            pending={o.number: o.pending for o in reading.outlets},
        )


def state_dir(path: Path) -> Path:
    """A state directory whose plans two persons can share."""
    plans = path / "plans"
    plans.mkdir(parents=True)
    plans.chmod(0o3770)
    return path
