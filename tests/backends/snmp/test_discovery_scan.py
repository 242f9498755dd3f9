"""Scanning: which addresses, how fast, and what is made of what answers."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from pdutui.backends.base import Backend
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.discovery_scan import (
    MOST_ADDRESSES,
    Found,
    Place,
    Scan,
    ScanError,
    parse_ranges,
)
from pdutui.backends.snmp.recorded import RecordingMib
from pdutui.backends.snmp.recording import load_recording
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from tests.support.agent import ServedMib
from tests.support.clock import ManualClock
from tests.support.little_mib import LittleMib

# -- ranges ----------------------------------------------------------------------------------------


def hosts(*texts: str, force: bool = False) -> list[str]:
    return [place.address for place in parse_ranges(texts, port=161, force=force)]


def test_network_and_broadcast_addresses_are_left_out() -> None:
    assert hosts("10.0.0.0/30") == ["10.0.0.1", "10.0.0.2"]
    assert hosts("10.0.0.6/29")[0] == "10.0.0.1", "any address names its network"
    assert hosts("10.0.0.4/31") == ["10.0.0.4", "10.0.0.5"]
    assert hosts("10.0.0.4/32") == ["10.0.0.4"]
    assert len(hosts("192.168.0.0/24")) == 254
    assert hosts("fd00::/126") == ["fd00::1", "fd00::2", "fd00::3"]


def test_hosts_ports_and_doubles() -> None:
    assert hosts("10.0.0.5", "10.0.0.5:1161", "[::1]:99", "10.0.0.4/31") == [
        "10.0.0.5", "10.0.0.5:1161", "[::1]:99", "10.0.0.4",
    ]  # fmt: skip
    ranges = parse_ranges(("10.0.0.4/31", "10.0.0.9:99"), port=1161, force=False)
    assert [place.port for place in ranges] == [1161, 1161, 99]
    assert ranges.count == 3


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "8.8.8.0/24", "2001:4860::1", "10.0.0.0/7", "8.8.8.8:1161", "1.1.1.1/32"],
)
def test_the_internet_is_left_alone(text: str) -> None:
    with pytest.raises(ScanError, match="public"):
        hosts(text)


def test_unless_it_is_forced() -> None:
    assert hosts("8.8.8.8", force=True) == ["8.8.8.8"]


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3", "172.31.0.1", "192.168.1.1", "127.0.0.1", "169.254.3.4", "100.64.0.1",
     "192.0.2.7", "fd12::1", "fe80::1", "::1", "::1/128", "localhost"],
)  # fmt: skip
def test_what_is_ones_own(text: str) -> None:
    assert hosts(text)


def test_a_range_is_no_more_than_a_room() -> None:
    assert len(hosts("10.0.0.0/20")) == MOST_ADDRESSES - 2
    for texts in (("10.0.0.0/19",), ("10.0.0.0/20", "10.9.0.0/28"), ("fd00::/64",)):
        with pytest.raises(ScanError, match="--force"):
            hosts(*texts)
    assert parse_ranges(("10.0.0.0/19",), port=161, force=True).count == 8190
    with pytest.raises(ScanError, match="smaller"):
        hosts("10.0.0.0/8", force=True)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0/24", "a b", "224.0.0.0/24", "0.0.0.0"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ScanError):
        hosts(text)


# -- scanning --------------------------------------------------------------------------------------


async def scanned(places: list[Place], *, community: str = "public", rate: float = 500) -> Scan:
    clock = SystemClock()

    def target(place: Place) -> SnmpTarget:
        return SnmpTarget(
            host=place.host, port=place.port, community=Secret(community), timeout_s=0.3
        )

    def backend(place: Place) -> Backend:
        return SnmpBackend(place.address, target(place), clock=clock)

    scan = Scan(target=target, backend=backend, clock=clock, rate=rate, concurrency=4)
    await scan.run(places)
    return scan


async def test_a_pdu_another_device_and_nothing(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "eaton_ema114.snmprec")
    async with AsyncExitStack() as stack:
        pdu = await stack.enter_async_context(
            ServedMib(RecordingMib(recording, SystemClock(), None))
        )
        other = await stack.enter_async_context(ServedMib(LittleMib()))
        places = [Place("127.0.0.1", port) for port in (1, other.port, pdu.port)]
        scan = await scanned(places)
        refused = await scanned(places[1:2], community="wrong")
    assert scan.silent == 1
    assert [found.place for found in scan.found] == places[1:], "in the order of the addresses"
    little, eaton = scan.found
    assert (little.status, little.descr, little.name) == ("other", "a little agent", "little")
    assert (eaton.status, eaton.profile, eaton.model, eaton.serial, eaton.outlets) == (
        "pdu", "eaton-epdu", "EMA114-10", "H619P44058", 24,
    )  # fmt: skip
    assert [found.status for found in refused.found] == ["refused"]


async def test_a_name_that_leads_nowhere_is_told_apart() -> None:
    scan = await scanned([Place("no-such-host.invalid", 161), Place("127.0.0.1", 1)])
    assert scan.silent == 2
    assert [lost.place.host for lost in scan.unreachable] == ["no-such-host.invalid"]
    assert "resolve" in scan.unreachable[0].detail


class Asked(Scan):
    """A scan that only notes when it asked."""

    async def ask(self, place: Place) -> Found:
        self.times.append(self._clock.monotonic())
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await self._clock.sleep(2.0)
        self.busy -= 1
        return Found(place=place, status="silent")

    times: list[float]
    busy = most_busy = 0


async def test_it_is_gentle() -> None:
    clock = ManualClock()

    def never(place: Place) -> SnmpTarget:
        raise AssertionError("not asked")

    scan = Asked(target=never, backend=never, clock=clock, rate=10, concurrency=8)  # type: ignore[arg-type]
    scan.times = []
    task = asyncio.ensure_future(scan.run([Place(f"10.0.0.{n}", 161) for n in range(1, 41)]))
    await clock.run(30)
    await task
    assert len(scan.times) == 40
    gaps = [b - a for a, b in zip(scan.times, scan.times[1:], strict=False)]
    assert min(gaps) >= 0.0999, "ten a second"
    assert scan.most_busy <= 8
    assert scan.silent == 40
