"""Recorded devices behind a foreign agent must be read exactly as people have read them by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdutui.backends.base import Unsupported
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.types import SnmpTarget, SnmpVersion
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import Reading, to_json
from pdutui.domain.secret import Secret
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import system
from tests.support.snmpsim import SnmpsimAgent

RECORDINGS = {
    "cyberpower_pdu44005": "cyberpower-epdu",
    "raritan_px3": "raritan-pdu2",
    "raritan_px_12out": "raritan-pdu2",
    "raritan_px2_sensors": "raritan-pdu2",
    "apc_ap8641": "apc-rpdu2",
    "apc_ap8932": "apc-rpdu2",
    "apc_ats_ap7724": "apc-ats",
}


@pytest.fixture(scope="module")
def agent(shared_snmp: Path) -> Iterator[SnmpsimAgent]:
    with SnmpsimAgent(shared_snmp / "recordings") as running:
        yield running


def backend(
    agent: SnmpsimAgent, name: str, version: SnmpVersion = "2c", profile: str = "auto"
) -> SnmpBackend:
    target = SnmpTarget(
        host="127.0.0.1",
        port=agent.port,
        version=version,
        community=Secret(name),
        timeout_s=10.0,
        retries=2,
    )
    return SnmpBackend(name, target, profile, clock=SystemClock())


def judge(shared_snmp: Path, name: str, reading: Reading) -> None:
    done = subprocess.run(
        [sys.executable, shared_snmp / "compare.py", shared_snmp / "expected" / f"{name}.json"],
        input=to_json(reading),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("name", RECORDINGS)
async def test_reads_what_is_expected(agent: SnmpsimAgent, shared_snmp: Path, name: str) -> None:
    pdu = backend(agent, name)
    try:
        first = await pdu.poll()
        second = await pdu.poll()
    finally:
        await pdu.aclose()
    assert first.profile == RECORDINGS[name]
    assert first.poll.errors == ()
    judge(shared_snmp, name, first)
    judge(shared_snmp, name, second)
    assert second.poll.requests < first.poll.requests / 3
    assert second.poll.varbinds > 10


@pytest.mark.parametrize("name", ["cyberpower_pdu44005", "raritan_px2_sensors"])
async def test_reads_the_same_in_v1(agent: SnmpsimAgent, shared_snmp: Path, name: str) -> None:
    pdu = backend(agent, name, version="1")
    try:
        judge(shared_snmp, name, await pdu.poll())
        judge(shared_snmp, name, await pdu.poll())
    finally:
        await pdu.aclose()


async def test_a_pdu_of_another_family_is_unsupported() -> None:
    rows = system("1.3.6.1.4.1.2606.7", b"Rittal CMC III PU")
    async with served(DictMib(rows)) as pdu:
        with pytest.raises(Unsupported) as caught:
            await pdu.poll()
    text = str(caught.value)
    assert "Rittal CMC III PU" in text
    assert "1.3.6.1.4.1.2606.7" in text
    assert "--profile" in text


async def test_a_profile_by_hand_that_does_not_fit_is_said_so(agent: SnmpsimAgent) -> None:
    pdu = backend(agent, "raritan_px3", profile="cyberpower-epdu")
    try:
        with pytest.raises(Unsupported, match=r"cyberpower-epdu.*PX3-5493U"):
            await pdu.poll()
    finally:
        await pdu.aclose()
