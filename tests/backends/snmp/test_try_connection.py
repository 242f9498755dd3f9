"""A connection tried step by step: what each step says of each kind of trouble."""

from __future__ import annotations

import msgspec

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp import ber
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.connection_test import STEPS, Findings, Step, try_connection
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from tests.support.agent import ServedMib
from tests.support.little_mib import LittleMib
from tests.support.udp_proxy import Faults, UdpProxy

CLOCK = SystemClock()


def pdu() -> ServedMib:
    model = mock_pdu("pdu44001", start_s=CLOCK.monotonic(), seed=1, incidents=False)
    return ServedMib(ModelMib(load_builtin("cyberpower-epdu"), model, CLOCK))


async def steps(port: int, findings: Findings | None = None, **changes: object) -> list[Step]:
    target = msgspec.structs.replace(
        SnmpTarget(host="127.0.0.1", port=port, timeout_s=0.3, retries=0), **changes
    )
    found = [
        step
        async for step in try_connection(
            target,
            clock=CLOCK,
            backend=lambda t: SnmpBackend("pdu", t, clock=CLOCK),
            findings=findings,
        )
    ]
    assert tuple(step.name for step in found) == STEPS, "each step, once, in its order"
    return found


def states(found: list[Step]) -> list[str]:
    return [step.state for step in found]


async def test_all_is_well_and_nothing_is_written() -> None:
    findings = Findings()
    async with pdu() as served, UdpProxy(served.port) as proxy:
        found = await steps(proxy.port, findings, write_community=Secret("private"))
        asked = proxy.requests
    assert states(found) == ["ok"] * 6
    assert "PDU44001" in found[3].words
    assert "10 outlets" in found[4].words
    assert "10 outlets can be switched" in found[5].words
    assert findings.reading is not None
    assert asked
    assert all(_pdu_tag(request) != ber.SET for request in asked), "no SET"


def _pdu_tag(request: bytes) -> int:
    """The tag of the PDU of a v1 or v2c request; 0 for anything else."""
    message = ber.Cursor(ber.Cursor(request).expect(ber.SEQUENCE))
    if message.integer() == 3:
        return 0
    message.element()
    return message.element()[0]


async def test_without_write_credentials_it_is_read_only() -> None:
    async with pdu() as served:
        found = await steps(served.port)
    assert states(found) == ["ok"] * 5 + ["unknown"]
    assert "no write credentials" in found[5].words


async def test_a_write_community_that_is_not_taken() -> None:
    async with pdu() as served:
        found = await steps(served.port, write_community=Secret("wr0ng"))
    assert states(found) == ["ok"] * 5 + ["failed"]
    assert "write community is not taken" in found[5].words
    assert "wr0ng" not in repr(found)


async def test_the_wrong_community() -> None:
    async with pdu() as served:
        found = await steps(served.port, community=Secret("wr0ng"))
    assert states(found) == ["ok", "ok", "failed", "unknown", "unknown", "unknown"]
    assert "community" in found[2].words
    assert "wr0ng" not in repr(found)


async def test_a_host_without_an_agent() -> None:
    found = await steps(1)
    assert states(found) == ["ok", "failed", *["unknown"] * 4]
    assert "no SNMP agent on port 1" in found[1].words


async def test_silence_is_no_proof_of_anything() -> None:
    async with pdu() as served, UdpProxy(served.port, Faults(silent=True)) as proxy:
        found = await steps(proxy.port)
    assert states(found) == ["unknown"] * 6
    assert "nothing came back" in found[0].words


async def test_a_name_that_does_not_resolve() -> None:
    found = await steps(161, host="no-such-host.invalid")
    assert states(found) == ["failed", *["unknown"] * 5]
    assert "cannot resolve" in found[0].words


async def test_a_device_that_is_no_pdu() -> None:
    async with ServedMib(LittleMib()) as served:
        found = await steps(served.port)
    assert states(found) == ["ok", "ok", "ok", "failed", "unknown", "unknown"]
    assert "a little agent" in found[3].words


async def test_a_device_that_stops_answering_in_the_middle() -> None:
    """Recognised, and then too slow to be read: the profile is told, and what went wrong."""

    def late(request: bytes) -> bool:
        return b"\x2b\x06\x01\x04\x01\x9d\x60\x01\x01\x03\x02" in request  # .3808.1.1.3.2

    async with pdu() as served, UdpProxy(served.port, Faults(drop_request=late)) as proxy:
        found = await steps(proxy.port)
    assert states(found)[:4] == ["ok"] * 4
    assert "cyberpower-epdu" in found[3].words
    assert found[4].state == "failed"
