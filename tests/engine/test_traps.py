"""Traps in the engine: who sent them, what the event says, and that the poll has the last word."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from pdutui.backends.snmp.usm import UserKeys
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from pdutui.engine.engine import Engine
from pdutui.engine.events import EngineEvent, Logged, ReadingArrived, TrapReceived
from pdutui.engine.trap_own import AFTER_S, OwnCommands
from pdutui.engine.trap_pokes import Pokes
from pdutui.settings import PduSettings, Settings, TrapSettings
from tests.engine.helpers import ALICE, FakePdu, FakeStore
from tests.support.clock import ManualClock
from tests.support.netsnmp import needs_netsnmp
from tests.support.traps import OUTLET, OUTLET_OFF, Binding, netsnmp_trap, send, v2_trap

CPS = "1.3.6.1.4.1.3808"
SERIAL, NAME = f"{CPS}.1.1.3.1.6.0", f"{CPS}.1.1.3.1.1.0"
OUTLET_ON = f"{CPS}.0.102"


class Rig:
    """An engine that listens on a loopback port of its own, over scripted devices."""

    def __init__(self, folder: Path, *pdus: PduSettings, poll: bool = True) -> None:
        self.clock = SystemClock()
        self.store = FakeStore()
        self.devices = {pdu.name: FakePdu(pdu.name, self.clock) for pdu in pdus}  # type: ignore[arg-type]
        for device in self.devices.values():
            device.relay_s = 0.05
            if not poll:
                device.poll_takes = [1000.0]
        self.settings = Settings(
            pdus=pdus,
            state_dir=folder,
            traps=TrapSettings(
                enabled=True, host="127.0.0.1", port=0, communities=(Secret("traps"),)
            ),
        )
        self.engine = Engine(
            self.settings,
            self.devices,
            clock=self.clock,
            store=self.store,  # type: ignore[arg-type]
        )
        self.events: list[tuple[float, EngineEvent]] = []
        self.engine.subscribe(lambda event: self.events.append((time.perf_counter(), event)))
        self.port = 0

    async def up(self) -> Rig:
        await self.engine.start()
        await self.until(lambda: self.engine.trap_status.listening != "")  # type: ignore[union-attr]
        self.port = int(self.engine.trap_status.listening.rpartition(":")[2])  # type: ignore[union-attr]
        return self

    async def until(self, ready: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not ready():
                await asyncio.sleep(0.002)

    @property
    def traps(self) -> list[TrapReceived]:
        return [event for _, event in self.events if isinstance(event, TrapReceived)]

    @property
    def lines(self) -> list[Logged]:
        return [event for _, event in self.events if isinstance(event, Logged)]

    async def trap(self, oid: str = OUTLET_OFF, *bindings: Binding, **how: str) -> TrapReceived:
        count = len(self.traps)
        send(self.port, v2_trap(oid, *bindings, **how))  # type: ignore[arg-type]
        await self.until(lambda: len(self.traps) > count)
        return self.traps[-1]


MakeRig = Callable[..., "asyncio.Future[Rig]"]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[MakeRig]:
    made: list[Rig] = []

    async def up(*pdus: PduSettings, poll: bool = True) -> Rig:
        pdus = pdus or (PduSettings(name="rack1-a", host="127.0.0.1"),)
        made.append(Rig(tmp_path, *pdus, poll=poll))
        return await made[-1].up()

    yield up  # type: ignore[misc]
    for rig in made:
        await rig.engine.stop()


async def test_a_trap_is_an_event_at_once_and_a_poll_and_no_figure(make: MakeRig) -> None:
    rig = await make()
    await rig.until(lambda: rig.engine.view("rack1-a").health == "live")
    polls = len(rig.devices["rack1-a"].polled_at)
    sent = time.perf_counter()
    event = await rig.trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
    line = next(line for line in rig.lines if "turned off on the device" in line.text)
    assert time.perf_counter() - sent < 0.2
    assert (line.pdu, line.severity) == ("rack1-a", "warning")
    assert line.text == "outlet 3 turned off on the device (db01)"
    assert (event.outlet, event.kind, event.name) == (3, "outlet_off", "ePDUOutletOff")
    readings = [e.reading for _, e in rig.events if isinstance(e, ReadingArrived)]
    assert all(r.outlet(3).state == "on" for r in readings)  # type: ignore[union-attr]
    await rig.until(lambda: len(rig.devices["rack1-a"].polled_at) > polls, 0.4)
    after = rig.engine.view("rack1-a").reading
    assert after is not None
    assert after.outlet(3).state == "on", "the poll shows the truth"  # type: ignore[union-attr]
    assert ("rack1-a", "warning trap", line.text) in rig.store.events


async def test_it_is_told_while_no_poll_is_answered(make: MakeRig) -> None:
    rig = await make(poll=False)
    began = time.perf_counter()
    await rig.trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
    at = next(t for t, e in rig.events if isinstance(e, Logged) and "outlet 3" in e.text)
    assert at - began < 0.2
    assert not any(isinstance(e, ReadingArrived) for _, e in rig.events)


@needs_netsnmp
async def test_net_snmp_to_the_event_line_within_200_ms(make: MakeRig) -> None:
    user = V3User(user="ops", auth="SHA1", auth_key=Secret("authpass123"),
                  priv="AES128", priv_key=Secret("privpass123"))  # fmt: skip
    rig = await make(PduSettings(name="v3", host="127.0.0.1", version="3", v3=user),
                     PduSettings(name="v2", host="127.0.0.1"))  # fmt: skip
    at = f"127.0.0.1:{rig.port}"
    login = ("-v3", "-l", "authPriv", "-u", "ops", "-a", "SHA", "-A", "authpass123",
             "-x", "AES", "-X", "privpass123")  # fmt: skip
    trap = ("", OUTLET_OFF, f"{OUTLET}.4", "i", "4")
    for tool, args, pdu in (
        ("snmptrap", ("-v2c", "-c", "public"), "v2"),
        ("snmptrap", (*login, "-e", "0x8000000001020304"), "v3"),
        ("snmpinform", login, "v3"),
    ):
        count = len(rig.traps)
        code, out = await netsnmp_trap(tool, *args, at, *trap)
        ended = time.perf_counter()
        assert code == 0, out
        await rig.until(lambda count=count: len(rig.traps) > count)  # type: ignore[misc]
        assert rig.traps[-1].pdu == pdu
        seen = next(t for t, e in reversed(rig.events) if isinstance(e, Logged))
        assert seen - ended < 0.2


async def test_the_same_outlet_switched_from_here_is_no_strangers_doing(make: MakeRig) -> None:
    rig = await make()
    await rig.until(lambda: rig.engine.view("rack1-a").health == "live")
    intent = rig.engine.gate.new_intent("rack1-a", 3, "off", ALICE, "test")
    result = await rig.engine.gate.switch(intent, confirmed=True)
    assert result.outcome == "observed"
    event = await rig.trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
    assert event.own
    assert event.severity == "info"
    assert event.text == "outlet 3 turned off by our own command (db01)"
    event = await rig.trap(OUTLET_ON, (f"{OUTLET}.3", 3))
    assert not event.own, "on is not what we asked for"
    event = await rig.trap(OUTLET_OFF, (f"{OUTLET}.1", 1))
    assert not event.own, "another outlet"


async def test_a_command_still_under_way_explains_its_trap(make: MakeRig) -> None:
    rig = await make()
    device = rig.devices["rack1-a"]
    device.relay_s = 0.4
    await rig.until(lambda: rig.engine.view("rack1-a").health == "live")
    intent = rig.engine.gate.new_intent("rack1-a", 3, "off", ALICE, "test")
    switching = asyncio.create_task(rig.engine.gate.switch(intent, confirmed=True))
    await rig.until(lambda: bool(device.commands))
    event = await rig.trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
    assert event.own
    assert not (await rig.trap(OUTLET_ON, (f"{OUTLET}.3", 3))).own
    assert (await switching).outcome == "observed"


def replace_reading(rig: Rig, pdu: str, **values: object) -> None:
    device = rig.devices[pdu]
    device.reading = msgspec.structs.replace(device.reading, **values)


async def test_two_pdus_behind_one_address(make: MakeRig) -> None:
    rig = await make(*(PduSettings(name=n, host="127.0.0.1", port=p) for n, p in
                       (("a", 1161), ("b", 2161), ("apc", 3161))))  # fmt: skip
    for name, vendor in (("a", "CyberPower"), ("b", "CyberPower"), ("apc", "APC")):
        replace_reading(rig, name, serial=f"SER-{name}", name=f"dev-{name}", vendor=vendor)
    await rig.until(lambda: all(
        (r := rig.engine.view(n).reading) is not None and r.serial == f"SER-{n}"
        for n in rig.engine.pdus
    ))  # fmt: skip
    event = await rig.trap(OUTLET_OFF, (SERIAL, "SER-b"), (f"{OUTLET}.3", 3))
    assert (event.pdu, event.candidates) == ("b", ("b",))
    event = await rig.trap(OUTLET_OFF, (NAME, "dev-a"), (f"{OUTLET}.3", 3))
    assert event.pdu == "a"
    event = await rig.trap("1.3.6.1.4.1.318.0.267")
    assert event.pdu == "apc", "nobody else there sends that"
    polls = {n: len(d.polled_at) for n, d in rig.devices.items()}
    event = await rig.trap(OUTLET_OFF, (f"{OUTLET}.3", 3), community="traps")
    assert (event.pdu, event.candidates) == ("", ("a", "b"))
    assert rig.lines[-1].pdu == ""
    assert rig.lines[-1].text.startswith("127.0.0.1 (one of a, b): outlet 3 turned off")
    await rig.until(lambda: all(len(rig.devices[n].polled_at) > polls[n] for n in "ab"), 0.7)


async def test_strangers_and_wrong_communities_touch_nothing(make: MakeRig) -> None:
    rig = await make(PduSettings(name="far", host="192.0.2.1"),
                     PduSettings(name="near", host="127.0.0.1"))  # fmt: skip
    for _ in range(5):
        send(rig.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), community="guess"))
    await rig.until(lambda: rig.engine.trap_status.counts.untrusted == 5)  # type: ignore[union-attr]
    assert not rig.traps
    told = [line for line in rig.lines if "not trusted" in line.text]
    assert len(told) == 1, "the rest is told in a sum, a minute later"
    assert (told[0].pdu, told[0].severity) == ("", "warning")
    assert "127.0.0.1" in told[0].text
    assert "wrong community" in told[0].text


async def test_a_port_that_is_taken_is_said_and_the_rest_works(tmp_path: Path) -> None:
    first = Rig(tmp_path, PduSettings(name="a", host="127.0.0.1"))
    await first.up()
    second = Rig(tmp_path, PduSettings(name="a", host="127.0.0.1"))
    traps = msgspec.structs.replace(second.settings.traps, port=first.port)
    settings = msgspec.structs.replace(second.settings, traps=traps)
    engine = Engine(settings, second.devices, clock=second.clock, store=None)
    lines: list[EngineEvent] = []
    engine.subscribe(lines.append)
    try:
        await engine.start()
        await second.until(lambda: bool(engine.trap_status and engine.trap_status.problem))
        await second.until(lambda: engine.view("a").health == "live")
        assert f"cannot listen for traps on 127.0.0.1:{first.port}" in engine.trap_status.problem  # type: ignore[union-attr]
        said = [e for e in lines if isinstance(e, Logged) and "cannot listen" in e.text]
        assert len(said) == 1
    finally:
        await engine.stop()
        await first.engine.stop()


async def test_a_host_by_name_and_nobody_listening_by_default(
    make: MakeRig, tmp_path: Path
) -> None:
    rig = await make(PduSettings(name="named", host="localhost"))
    await asyncio.sleep(0.05)
    await rig.until(lambda: bool(rig.engine._traps.desk._senders.at("127.0.0.1")))  # type: ignore[union-attr]
    assert (await rig.trap()).pdu == "named"
    quiet = Engine(Settings(state_dir=tmp_path, pdus=()), {}, clock=SystemClock(), store=None)
    assert quiet.trap_status is None


async def test_polls_after_traps_are_two_a_second() -> None:
    clock, poked = ManualClock(), []
    pokes = Pokes(lambda pdu: poked.append((pdu, clock.monotonic())), clock)
    for _ in range(50):
        pokes.want("a")
    pokes.want("b")
    assert [pdu for pdu, _ in poked] == ["a", "b"]
    await clock.run(0.6)
    assert len(poked) == 3, "what came too soon was put off, not lost"
    for _ in range(40):
        pokes.want("a")
        await clock.run(0.1)
    times = [at for pdu, at in poked if pdu == "a"]
    assert all(b - a >= 0.5 - 1e-9 for a, b in itertools.pairwise(times))
    pokes.close()


async def test_what_our_commands_explain_and_for_how_long(make: MakeRig) -> None:
    rig = await make()
    await rig.until(lambda: rig.engine.view("rack1-a").health == "live")
    results = []
    rig.engine.subscribe(lambda e: results.append(e.result) if hasattr(e, "result") else None)
    intent = rig.engine.gate.new_intent("rack1-a", 3, "off", ALICE)
    await rig.engine.gate.switch(intent, confirmed=True)
    own = OwnCommands()
    own.ended(results[0], 100.0)
    assert own.explain("rack1-a", 3, "outlet_off", {}, 100.0 + AFTER_S - 0.1) == "ours"
    assert own.explain("rack1-a", 3, "outlet_off", {}, 100.0 + AFTER_S + 0.1) == "not ours"
    assert own.explain("other", 3, "outlet_off", {}, 101.0) == "not ours"
    assert own.explain("rack1-a", None, "outlet_off", {}, 101.0) == "not ours"
    intent = msgspec.structs.replace(results[0].intent, action="delayed_off")
    later = msgspec.structs.replace(results[0], intent=intent, pending=True)
    own.ended(later, 200.0)
    assert own.explain("rack1-a", 3, "outlet_off", {}, 300.0) == "perhaps ours"


def test_keys_of_two_pdus_are_never_shared() -> None:
    """One user name, two pass phrases: a UserKeys belongs to one PDU."""
    user = V3User(user="ops", auth="MD5", auth_key=Secret("aaaaaaaa"))
    other = V3User(user="ops", auth="MD5", auth_key=Secret("bbbbbbbb"))
    assert UserKeys(user).on(b"12345") != UserKeys(other).on(b"12345")
