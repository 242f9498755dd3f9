"""Every family of the simulator through net-snmp's tools, with literal OIDs and integers.

The literals are the MIBs'; nothing here is looked up in a profile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.transfer import RETRANSFER_S
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib

from ...support.agent import ServedMib
from ...support.clock import ManualClock
from ...support.netsnmp import needs_netsnmp, netsnmp, value, walk

pytestmark = needs_netsnmp

CPS = "1.3.6.1.4.1.3808.1.1"
PX = "1.3.6.1.4.1.13742.6"
APC = "1.3.6.1.4.1.318.1.1"
EATON = "1.3.6.1.4.1.534.6.6.7"
SENTRY3 = "1.3.6.1.4.1.1718.3"
SENTRY4 = "1.3.6.1.4.1.1718.4.1"
VERTIV = "1.3.6.1.4.1.21239.5.2"
DELAY_S = 20.0


class Told(msgspec.Struct, frozen=True):
    """Where an action is written, what, and what the state column then says."""

    model: str
    action: str
    oid: str
    number: int
    state: str
    on: frozenset[str]
    off: frozenset[str]


def told(
    model: str, oid: str, numbers: dict[str, int], state: str, on: str, off: str
) -> list[Told]:
    """One for each action; `on` and `off` are what the state column may say, by commas."""
    return [
        Told(model, action, oid, number, state, frozenset(on.split(",")), frozenset(off.split(",")))
        for action, number in numbers.items()
    ]


FROM_1 = {"on": 1, "off": 2, "reboot": 3, "delayed_on": 4, "delayed_off": 5, "delayed_reboot": 6,
          "cancel": 7}  # fmt: skip
FROM_2 = {action: number + 1 for action, number in FROM_1.items()}
BARE = {"on": 1, "off": 2, "reboot": 3}
RPDU2 = {"on": 1, "off": 2, "reboot": 3, "delayed_on": 5, "delayed_off": 6, "delayed_reboot": 7,
         "cancel": 8}  # fmt: skip
RPDU2_ALL = {"on": 1, "off": 3, "reboot": 4, "delayed_on": 2, "delayed_off": 7,
             "delayed_reboot": 5, "cancel": 8}  # fmt: skip
SPDU = {action: number for action, number in RPDU2.items() if action != "cancel"}
SPDU_ALL = {"on": 1, "delayed_on": 2, "off": 3, "reboot": 4, "delayed_reboot": 5,
            "delayed_off": 7}  # fmt: skip
GEIST = {"cancel": 1, "on": 2, "delayed_on": 3, "off": 4, "delayed_off": 5, "reboot": 6,
         "delayed_reboot": 7}  # fmt: skip

OUTLET = [
    *told("pdu44001", f"{CPS}.3.3.3.1.1.4.3", FROM_1, f"{CPS}.3.3.5.1.1.4.3", "1", "2"),
    *told("pdu44001", f"{CPS}.6.6.1.5.1.5.3", FROM_1, f"{CPS}.6.6.1.4.1.5.3", "1", "2"),
    *told("pdu81001-chain", f"{CPS}.6.6.1.5.1.5.11", FROM_1, f"{CPS}.6.6.1.4.1.5.11", "1", "2"),
    *told("pdu15sw10atnet", f"{CPS}.5.6.5.1.3.3", FROM_2, f"{CPS}.5.6.3.1.3.3", "1", "2"),
    *told("px3", f"{PX}.4.1.2.1.2.1.3", {"off": 0, "on": 1, "reboot": 2}, f"{PX}.4.1.2.1.3.1.3",
          "7", "8"),
    *told("px3-link", f"{PX}.4.1.2.1.2.2.3", {"off": 0, "on": 1, "reboot": 2},
          f"{PX}.5.4.3.1.3.2.3.14", "7", "8"),
    *told("ap8641", f"{APC}.26.9.2.4.1.5.3", RPDU2, f"{APC}.26.9.2.3.1.5.3", "2", "1"),
    *told("ap7921", f"{APC}.12.3.3.1.1.4.3", FROM_1, f"{APC}.12.3.5.1.1.4.3", "1", "2"),
    *told("ap7921", f"{APC}.4.4.2.1.3.3", SPDU, f"{APC}.4.4.2.1.3.3", "1", "2"),
    *told("emat08", f"{EATON}.6.6.1.4.0.3", {"on": 0, "delayed_on": 20},
          f"{EATON}.6.6.1.2.0.3", "1,2", "0,3"),
    *told("emat08", f"{EATON}.6.6.1.3.0.3", {"off": 0, "delayed_off": 20, "cancel": -1},
          f"{EATON}.6.6.1.2.0.3", "1,2", "0,3"),
    *told("emat08", f"{EATON}.6.6.1.5.0.3", {"reboot": 0, "delayed_reboot": 20},
          f"{EATON}.6.6.1.2.0.3", "1,2", "0,3"),
    *told("cw24v", f"{SENTRY3}.2.3.1.11.1.1.3", BARE, f"{SENTRY3}.2.3.1.5.1.1.3", "1,3", "0,2"),
    *told("c2wg24", f"{SENTRY4}.8.5.1.2.1.1.3", BARE, f"{SENTRY4}.8.3.1.1.1.1.3", "1", "2"),
    *told("vp4556", f"{VERTIV}.3.5.1.6.3", GEIST, f"{VERTIV}.3.5.1.4.3", "1,3,5", "2,4,6"),
]  # fmt: skip
ALL = [
    *told("pdu44001", f"{CPS}.3.3.1.1.0", FROM_2, f"{CPS}.3.3.5.1.1.4.7", "1", "2"),
    *told("pdu44001", f"{CPS}.6.3.5.1.4.1", FROM_1, f"{CPS}.6.6.1.4.1.5.7", "1", "2"),
    *told("pdu15sw10atnet", f"{CPS}.5.6.1.6.0", FROM_2, f"{CPS}.5.6.3.1.3.7", "1", "2"),
    *told("ap8641", f"{APC}.26.4.4.1.4.1", RPDU2_ALL, f"{APC}.26.9.2.3.1.5.24", "2", "1"),
    *told("ap7921", f"{APC}.12.3.1.1.0", FROM_2, f"{APC}.12.3.5.1.1.4.7", "1", "2"),
    *told("ap7921", f"{APC}.4.2.1.0", SPDU_ALL, f"{APC}.4.4.2.1.3.7", "1", "2"),
]
STEPS = {
    "on": ("off", "off", "on", "on"),
    "off": ("on", "on", "off", "off"),
    "reboot": ("on", "on", "off", "on"),
    "delayed_on": ("off", "off", "on", "on"),
    "delayed_off": ("on", "on", "off", "off"),
    "delayed_reboot": ("on", "on", "off", "on"),
    "cancel": ("on", "on", "on", "on"),
}
"""Action -> the state before, just before its time, as soon as it has come, and in the end."""


class Rig:
    def __init__(self, port: int, clock: ManualClock, model: MockPdu, mib: ModelMib) -> None:
        self.port, self.clock, self.model, self.mib = port, clock, model, mib

    async def set(self, oid: str, number: int) -> str:
        """The reason of a refusal, or nothing."""
        code, out = await netsnmp("snmpset", self.port, oid, "i", str(number), community="private")
        return "" if code == 0 else out.partition("Reason: ")[2].partition(" ")[0].strip() or out

    def peek(self, oid: str) -> str:
        """What an INTEGER is now, without asking for it over the wire."""
        return str(self.mib.snapshot()[oid].value)


@asynccontextmanager
async def rig(kind: str) -> AsyncIterator[Rig]:
    clock = ManualClock()
    model = mock_pdu(kind, start_s=clock.monotonic(), incidents=False)
    model.relays.on_delay_s = model.relays.off_delay_s = DELAY_S
    mib = ModelMib(load_builtin(CATALOG[kind].profile), model, clock)
    async with ServedMib(mib) as served:
        yield Rig(served.port, clock, model, mib)


def arcs(oid: str) -> tuple[int, ...]:
    return tuple(int(arc) for arc in oid.split("."))


@pytest.mark.parametrize("kind", MODELS)
async def test_walks_are_ordered_complete_and_the_same_both_ways(kind: str) -> None:
    async with rig(kind) as at:
        one_by_one = await walk(at.port, "snmpwalk")
        in_bulk = await walk(at.port, "snmpbulkwalk")
        names = [oid for oid, _ in in_bulk]
        assert names == sorted(set(names), key=arcs)
        assert one_by_one == in_bulk
        assert len(names) == len(at.mib) > 50


async def carry_out(at: Rig, what: Told) -> None:
    """Write it, and see the state before its time, at its time, and in the end."""
    state, early, moved, end = STEPS[what.action]
    seen = {"on": what.on, "off": what.off}
    for number in at.model.outlets:
        at.model.throw(number, state == "on", at.clock.monotonic())
    at.clock.advance(1)
    if what.action == "cancel":
        first = next(w for w in (*OUTLET, *ALL) if w.oid == what.oid and w.action == "delayed_off")
        assert await at.set(first.oid, first.number) == ""
        at.clock.advance(5)
    assert at.peek(what.state) in seen[state]
    assert await at.set(what.oid, what.number) == ""
    delayed = what.action.startswith("delayed")
    at.clock.advance(DELAY_S - 0.5 if delayed else 0.1)
    assert at.peek(what.state) in seen[early]
    at.clock.advance(1.5 if delayed else 1.0)
    assert await value(at.port, what.state) in seen[moved]
    at.clock.advance(90.0)
    assert await value(at.port, what.state) in seen[end]


@pytest.mark.parametrize("what", OUTLET, ids=lambda w: f"{w.model}-{w.action}-{w.oid}")
async def test_snmpset_switches_an_outlet_and_no_other(what: Told) -> None:
    async with rig(what.model) as at:
        await carry_out(at, what)
        before, _, _, end = STEPS[what.action]
        moved = sum(socket.on != (before == "on") for socket in at.model.sockets.values())
        assert moved == (before != end)


@pytest.mark.parametrize("what", ALL, ids=lambda w: f"{w.model}-{w.action}-{w.oid}")
async def test_snmpset_switches_all_outlets(what: Told) -> None:
    async with rig(what.model) as at:
        await carry_out(at, what)
        end = STEPS[what.action][3]
        assert {socket.on for socket in at.model.sockets.values()} == {end == "on"}


@pytest.mark.parametrize(
    ("oid", "number", "state", "on", "off"),
    [
        (f"{EATON}.1.3.1.2.0", 0, f"{EATON}.6.6.1.2.0.24", None, "0"),
        (f"{EATON}.1.3.1.3.0", 0, f"{EATON}.6.6.1.2.0.24", "1", None),
    ],
)
async def test_snmpset_switches_a_whole_eaton_unit(
    oid: str, number: int, state: str, on: str | None, off: str | None
) -> None:
    async with rig("emat08") as at:
        for outlet in at.model.outlets:
            at.model.throw(outlet, on is None, at.clock.monotonic())
        assert await at.set(oid, number) == ""
        at.clock.advance(1)
        assert await value(at.port, state) == (on or off)
        assert {s.on for s in at.model.sockets.values()} == {on is not None}


async def test_eaton_columns_count_down() -> None:
    async with rig("emat08") as at:
        off, on, state = (f"{EATON}.6.6.1.{column}.0.3" for column in (3, 4, 2))
        assert [await value(at.port, oid) for oid in (off, on, state)] == ["-1", "-1", "1"]
        assert await at.set(off, 20) == ""
        at.clock.advance(5)
        assert [await value(at.port, oid) for oid in (off, on, state)] == ["15", "-1", "2"]
        assert await at.set(on, -1) == ""
        assert await value(at.port, off) == "15"
        assert await at.set(off, -1) == ""
        assert [await value(at.port, oid) for oid in (off, on, state)] == ["-1", "-1", "1"]


async def test_pending_is_seen() -> None:
    for kind, oid, number, pending, waiting, none in (
        ("pdu44001", f"{CPS}.3.3.3.1.1.4.3", 5, f"{CPS}.3.3.5.1.1.5.3", "1", "2"),
        ("pdu15sw10atnet", f"{CPS}.5.6.5.1.3.3", 6, f"{CPS}.5.6.3.1.4.3", "1", "2"),
        ("ap8641", f"{APC}.26.9.2.4.1.5.3", 6, f"{APC}.26.9.2.3.1.6.3", "1", "2"),
        ("ap7921", f"{APC}.12.3.3.1.1.4.3", 5, f"{APC}.12.3.5.1.1.5.3", "1", "2"),
        ("emat08", f"{EATON}.6.6.1.3.0.3", 20, f"{EATON}.6.6.1.2.0.3", "2", "0"),
        ("vp4556", f"{VERTIV}.3.5.1.6.3", 5, f"{VERTIV}.3.5.1.4.3", "3", "2"),
        ("vp4556", f"{VERTIV}.3.5.1.6.3", 7, f"{VERTIV}.3.5.1.4.3", "5", "1"),
    ):
        async with rig(kind) as at:
            assert await at.set(oid, number) == ""
            at.clock.advance(1)
            assert await value(at.port, pending) == waiting
            at.clock.advance(DELAY_S + 30)
            assert await value(at.port, pending) == none


@pytest.mark.parametrize(
    ("kind", "preferred", "active", "numbers"),
    [
        ("pdu44001", f"{CPS}.6.9.2.1.3.1", f"{CPS}.6.9.4.1.3.1", (2, 1, 3)),
        ("pdu15sw10atnet", f"{CPS}.5.3.1.0", f"{CPS}.5.2.1.2.0", (2, 1, 3)),
        ("ap7724", f"{APC}.8.4.2.0", f"{APC}.8.5.1.2.0", (2, 1, 3)),
    ],
)
async def test_snmpset_of_the_preferred_source(
    kind: str, preferred: str, active: str, numbers: tuple[int, int, int]
) -> None:
    async with rig(kind) as at:
        b, a, none = numbers
        for number, carries in ((b, b), (a, a), (none, a), (b, b)):
            assert await at.set(preferred, number) == ""
            at.clock.advance(RETRANSFER_S + 0.3)
            assert await value(at.port, preferred) == str(number)
            assert await value(at.port, active) == str(carries)
        assert await at.set(preferred, 4) == "wrongValue"


async def test_a_raritan_transfer_switch_transfers_at_once() -> None:
    async with rig("px3ts") as at:
        active, preferred = f"{PX}.4.3.1.1.1.1.1", f"{PX}.3.9.3.1.4.1.1"
        assert (await value(at.port, active), await value(at.port, preferred)) == ("1", "1")
        assert await at.set(f"{PX}.4.3.1.1.2.1.1", 2) == ""
        assert (await value(at.port, active), await value(at.port, preferred)) == ("2", "2")
        at.model.fail_source("A", at.clock.monotonic())
        assert await at.set(f"{PX}.4.3.1.1.2.1.1", 1) == "inconsistentValue"
        assert await at.set(preferred, 1) == "notWritable"


@pytest.mark.parametrize(
    ("kind", "oid", "state", "wrong"),
    [
        ("pdu44001", f"{CPS}.3.3.3.1.1.4.3", f"{CPS}.3.3.5.1.1.4.3", 9),
        ("pdu15sw10atnet", f"{CPS}.5.6.5.1.3.3", f"{CPS}.5.6.3.1.3.3", 9),
        ("px3", f"{PX}.4.1.2.1.2.1.3", f"{PX}.4.1.2.1.3.1.3", 3),
        ("ap8641", f"{APC}.26.9.2.4.1.5.3", f"{APC}.26.9.2.3.1.5.3", 4),
        ("ap7921", f"{APC}.12.3.3.1.1.4.3", f"{APC}.12.3.5.1.1.4.3", 8),
        ("emat08", f"{EATON}.6.6.1.3.0.3", f"{EATON}.6.6.1.2.0.3", -2),
        ("cw24v", f"{SENTRY3}.2.3.1.11.1.1.3", f"{SENTRY3}.2.3.1.5.1.1.3", 4),
        ("c2wg24", f"{SENTRY4}.8.5.1.2.1.1.3", f"{SENTRY4}.8.3.1.1.1.1.3", 7),
        ("vp4556", f"{VERTIV}.3.5.1.6.3", f"{VERTIV}.3.5.1.4.3", 9),
    ],
)
async def test_refusals(kind: str, oid: str, state: str, wrong: int) -> None:
    async with rig(kind) as at:
        before = await value(at.port, state)
        assert await at.set(oid, wrong) == "wrongValue"
        assert await at.set(state, 1) == "notWritable"
        _, out = await netsnmp("snmpset", at.port, oid, "s", "off", community="private")
        assert "wrongType" in out
        _, out = await netsnmp("snmpset", at.port, oid, "i", "1", community="public")
        assert "noAccess" in out
        assert await at.set("1.3.6.1.2.1.1.5.0", 1) == "notWritable"
        at.clock.advance(30)
        assert await value(at.port, state) == before
