"""The simulated PDUs as net-snmp's tools see them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp.faults import Faults
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import REFRESH_S, ModelMib
from pdutui.domain.clock import SystemClock

from ...support.agent import ServedMib
from ...support.clock import ManualClock
from ...support.netsnmp import needs_netsnmp, netsnmp, value, walk

FAMILIES = [("cyberpower-epdu", "pdu44001"), ("raritan-pdu2", "px3")]
CYBERPOWER_COMMAND = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4"
CYBERPOWER_STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4"
CYBERPOWER_PENDING = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.5"
CYBERPOWER_STATE_2 = "1.3.6.1.4.1.3808.1.1.6.6.1.4.1.5"
RARITAN_COMMAND = "1.3.6.1.4.1.13742.6.4.1.2.1.2.1"
RARITAN_STATE = "1.3.6.1.4.1.13742.6.4.1.2.1.3.1"

pytestmark = needs_netsnmp


def mib(profile: str, kind: str, clock: Any, told: list[str] | None = None) -> ModelMib:
    model = mock_pdu(kind, start_s=clock.monotonic(), incidents=False)

    def on_command(outlet: int, action: str) -> None:
        if told is not None:
            told.append(f"{outlet} {action}")

    return ModelMib(load_builtin(profile), model, clock, on_command)


def arcs(oid: str) -> tuple[int, ...]:
    return tuple(int(arc) for arc in oid.split("."))


@pytest.mark.parametrize(("profile", "kind"), FAMILIES)
@pytest.mark.parametrize(
    ("tool", "version"), [("snmpwalk", "1"), ("snmpwalk", "2c"), ("snmpbulkwalk", "2c")]
)
async def test_walk(profile: str, kind: str, tool: str, version: str) -> None:
    served = mib(profile, kind, ManualClock())
    async with ServedMib(served) as agent:
        rows = await walk(agent.port, tool, version=version)
    names = [oid for oid, _ in rows]
    assert names == list(served.snapshot())
    assert names == sorted(names, key=arcs)
    for (_, shown), (oid, said) in zip(rows, served.snapshot().items(), strict=True):
        kind_shown, _, text = shown.partition(": ")
        if said.syntax == "null":
            assert shown == "NULL"
        elif said.syntax in ("integer", "gauge"):
            assert (kind_shown, text) == (
                "INTEGER" if said.syntax == "integer" else "Gauge32", str(said.value),
            ), oid  # fmt: skip
        elif said.syntax == "oid":
            assert text == f".{said.value}"


@pytest.mark.parametrize(
    ("profile", "kind", "object_id", "descr"),
    [
        ("cyberpower-epdu", "pdu44001", "1.3.6.1.4.1.3808.1.1.6", "CPS Power Distributed Unit"),
        ("raritan-pdu2", "px3", "1.3.6.1.4.1.13742.6", "MD:PX3-5493V HW:0x10 FW:4.2.0.5-50274"),
    ],
)
async def test_the_system_group(profile: str, kind: str, object_id: str, descr: str) -> None:
    async with ServedMib(mib(profile, kind, ManualClock())) as agent:
        rows = dict(await walk(agent.port, root=".1.3.6.1.2.1.1"))
    assert rows["1.3.6.1.2.1.1.2.0"] == f"OID: .{object_id}"
    assert descr in rows["1.3.6.1.2.1.1.1.0"]
    assert [arcs(oid)[7] for oid in rows] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize(
    ("profile", "kind", "command", "state", "off", "on", "reads_off", "reads_on"),
    [
        ("cyberpower-epdu", "pdu44001", CYBERPOWER_COMMAND, CYBERPOWER_STATE, 2, 1, "2", "1"),
        ("raritan-pdu2", "px3", RARITAN_COMMAND, RARITAN_STATE, 0, 1, "8", "7"),
    ],
)
async def test_switching(
    version: str, profile: str, kind: str, command: str, state: str, off: int, on: int,
    reads_off: str, reads_on: str,
) -> None:  # fmt: skip
    told: list[str] = []
    async with ServedMib(mib(profile, kind, SystemClock(), told)) as agent:

        async def becomes(wanted: str) -> bool:
            end = asyncio.get_running_loop().time() + 3.0
            while asyncio.get_running_loop().time() < end:
                if await value(agent.port, f"{state}.3", version=version) == wanted:
                    return True
                await asyncio.sleep(0.05)
            return False

        for number, wanted in ((off, reads_off), (on, reads_on)):
            code, out = await netsnmp(
                "snmpset", agent.port, f"{command}.3", "i", str(number),
                version=version, community="private",
            )  # fmt: skip
            assert code == 0, out
            assert out.strip().endswith(f"INTEGER: {number}")
            assert await becomes(wanted)
        assert await value(agent.port, f"{state}.2") == reads_on
    assert told == ["3 off", "3 on"]


async def test_cyberpower_pending_echo_and_both_branches() -> None:
    clock = ManualClock()
    async with ServedMib(mib("cyberpower-epdu", "pdu44001", clock)) as agent:

        async def seen() -> list[str]:
            columns = (CYBERPOWER_STATE, CYBERPOWER_STATE_2, CYBERPOWER_PENDING, CYBERPOWER_COMMAND)
            return [await value(agent.port, f"{column}.3") for column in columns]

        assert await seen() == ["1", "1", "2", "1"]
        await netsnmp(
            "snmpset", agent.port, f"{CYBERPOWER_COMMAND}.3", "i", "3", community="private"
        )
        assert await seen() == ["1", "1", "1", "1"]
        clock.advance(1)
        assert await seen() == ["2", "2", "1", "2"]
        clock.advance(5)
        assert await seen() == ["1", "1", "2", "1"]


@pytest.mark.parametrize(
    ("args", "community", "reason"),
    [
        ((f"{CYBERPOWER_COMMAND}.3", "i", "2"), "public", "noAccess"),
        ((f"{CYBERPOWER_COMMAND}.3", "i", "9"), "private", "wrongValue"),
        ((f"{CYBERPOWER_COMMAND}.3", "s", "off"), "private", "wrongType"),
        ((f"{CYBERPOWER_COMMAND}.11", "i", "2"), "private", "noCreation"),
        ((f"{CYBERPOWER_STATE}.3", "i", "2"), "private", "notWritable"),
    ],
)
async def test_refusals(args: tuple[str, ...], community: str, reason: str) -> None:
    told: list[str] = []
    async with ServedMib(mib("cyberpower-epdu", "pdu44001", ManualClock(), told)) as agent:
        code, out = await netsnmp("snmpset", agent.port, *args, community=community)
    assert code == 2
    assert reason in out
    assert told == []


async def test_one_bad_variable_spoils_the_whole_set() -> None:
    told: list[str] = []
    async with ServedMib(mib("cyberpower-epdu", "pdu44001", ManualClock(), told)) as agent:
        both = (f"{CYBERPOWER_COMMAND}.3", "i", "2", f"{CYBERPOWER_COMMAND}.4", "i", "99")
        code, _ = await netsnmp("snmpset", agent.port, *both, community="private")
    assert (code, told) == (2, [])


async def test_a_wrong_community_gets_no_answer_but_v3_says_somebody_is_there() -> None:
    async with ServedMib(mib("raritan-pdu2", "px3", ManualClock())) as agent:
        code, out = await netsnmp(
            "snmpget", agent.port, "1.3.6.1.2.1.1.1.0", community="guess", timeout_s=0.3
        )
        assert code == 1
        assert "Timeout" in out
        process = await asyncio.create_subprocess_exec(
            "snmpget", "-v3", "-u", "nobody", "-l", "noAuthNoPriv", "-t", "2", "-r", "0",
            f"127.0.0.1:{agent.port}", "1.3.6.1.2.1.1.1.0",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out_v3, _ = await process.communicate()
    assert b"Unknown user name" in out_v3


async def test_values_are_fresh_but_not_between_two_packets() -> None:
    clock = ManualClock()
    served = mib("cyberpower-epdu", "pdu44001", clock)
    volts = "1.3.6.1.4.1.3808.1.1.3.2.3.1.1.6.1"
    async with ServedMib(served) as agent:
        seen = set()
        for _ in range(40):
            seen.add(await value(agent.port, volts))
            clock.advance(max(30.0, REFRESH_S))
    assert len(seen) > 3


async def test_max_varbinds_and_no_bulk() -> None:
    faults = Faults(max_varbinds=12, no_bulk=True)
    served = mib("cyberpower-epdu", "pdu44001", ManualClock())
    rows = [f"{CYBERPOWER_STATE}.{n}" for n in range(1, 11)] + ["1.3.6.1.2.1.1.1.0"] * 2
    async with ServedMib(served, faults=faults) as agent:
        code, _ = await netsnmp("snmpget", agent.port, *rows)
        assert code == 0
        code, out = await netsnmp("snmpget", agent.port, *rows, rows[0], timeout_s=0.3)
        assert code == 1
        assert "Timeout" in out
        code, out = await netsnmp("snmpbulkget", agent.port, "1.3.6", timeout_s=0.3)
        assert "Timeout" in out
        assert len(await walk(agent.port, "snmpwalk")) == len(served)
