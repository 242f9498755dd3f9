"""The model behind the backend contract, its faults, and the demo fleet."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from pdutui.backends.base import CommandRejected, DeviceError, Unreachable
from pdutui.backends.mock.backend import Fault, MockBackend
from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.demo import demo_backends, demo_pdus
from pdutui.domain.commands import OutletAction
from pdutui.domain.health import LOST_AFTER_UNANSWERED
from pdutui.domain.load import percent_of

from ...support.clock import ManualClock


def backend(clock: ManualClock, kind: str = "pdu44001") -> MockBackend:
    model = mock_pdu(kind, start_s=clock.monotonic(), incidents=False)
    return MockBackend("rack9", model, clock=clock)


def sent() -> None: ...


async def test_a_reading_is_labelled() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    reading = await pdu.poll()
    assert (reading.pdu, reading.time, reading.model) == ("rack9", clock.now(), "PDU44001")
    assert 0 < reading.poll.duration_ms < 50
    assert reading.poll.requests > 0
    assert pdu.link.last_heard_s == clock.monotonic()


async def test_command_and_read_back() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    told: list[str] = []
    await pdu.command(3, "off", lambda: told.append("sent"))
    assert told == ["sent"]
    assert (await pdu.read_outlet(3)).state == "on"
    assert (await pdu.read_outlet(3)).pending == "unspecified"
    clock.advance(1)
    assert (await pdu.read_outlet(3)).state == "off"
    assert (await pdu.read_outlet(3)).reboot_off_s == 5.0


@pytest.mark.parametrize(
    ("fault", "action", "after_1s", "after_4s"),
    [
        ("deaf", "off", "on", "on"),
        ("reversed", "on", "off", "off"),
        ("sluggish", "off", "on", "off"),
        (None, "off", "off", "off"),
    ],
)
async def test_lies(
    fault: Fault | None, action: OutletAction, after_1s: str, after_4s: str
) -> None:
    clock = ManualClock()
    pdu = backend(clock)
    pdu.fault = fault
    await pdu.command(3, action, sent)
    clock.advance(1)
    assert (await pdu.read_outlet(3)).state == after_1s
    clock.advance(3)
    assert (await pdu.read_outlet(3)).state == after_4s


async def test_a_reversed_off_on_an_outlet_that_is_off_turns_it_on() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    pdu.fault = "reversed"
    await pdu.command(9, "off", sent)
    clock.advance(1)
    assert (await pdu.read_outlet(9)).state == "on"


async def test_a_silent_device_counts_what_is_unanswered() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    await pdu.poll()
    heard = pdu.link.last_heard_s
    pdu.fault = "silent"
    task = asyncio.create_task(pdu.poll())
    await clock.run(pdu.timeout_s)
    with pytest.raises(Unreachable, match="rack9: no answer within 2 s"):
        await task
    assert pdu.link.unanswered >= LOST_AFTER_UNANSWERED
    assert pdu.link.last_heard_s == heard
    pdu.fault = None
    await pdu.poll()
    assert pdu.link.unanswered == 0


async def test_a_silent_device_may_still_have_been_told() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    pdu.fault = "silent"
    told: list[str] = []
    task = asyncio.create_task(pdu.command(3, "off", lambda: told.append("sent")))
    await clock.run(pdu.timeout_s)
    with pytest.raises(Unreachable):
        await task
    assert told == ["sent"]


async def test_a_slow_device_answers_in_the_end() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    pdu.fault = "slow"
    task = asyncio.create_task(pdu.poll())
    await clock.run(pdu.slow_s - 0.1)
    assert not task.done()
    await clock.run(0.2)
    assert (await task).pdu == "rack9"


async def test_errors() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    with pytest.raises(CommandRejected, match="no outlet 11"):
        await pdu.command(11, "off", sent)
    with pytest.raises(DeviceError, match="no outlet 11"):
        await pdu.read_outlet(11)
    pdu.fault = "rejects"
    with pytest.raises(CommandRejected, match="notWritable"):
        await pdu.command(3, "off", sent)
    pdu.fault = "error"
    with pytest.raises(DeviceError):
        await pdu.poll()
    await pdu.aclose()
    await pdu.aclose()
    with pytest.raises(Unreachable, match="closed"):
        await pdu.poll()


# -- delays, all outlets, the preferred source -------------------------------------------------


async def test_what_each_can_do() -> None:
    clock = ManualClock()
    px3, eaton = backend(clock, "px3"), backend(clock, "emat08")
    assert px3.actions == {"on", "off", "reboot"}
    assert (px3.pdu_actions, px3.takes_delay) == (frozenset(), False)
    assert eaton.takes_delay
    assert "cancel" in eaton.actions
    assert backend(clock).pdu_actions >= {"all_off", "prefer_none"}
    assert backend(clock, "px3ts").prefer_transfers
    assert not backend(clock).prefer_transfers
    with pytest.raises(CommandRejected, match="cannot be switched delayed_off"):
        await px3.command(3, "delayed_off", sent)
    with pytest.raises(CommandRejected, match="cannot do all_off"):
        await px3.command_pdu("all_off", sent)


async def test_delays_are_the_devices_own_unless_it_takes_a_number() -> None:
    clock = ManualClock()
    for kind, given, waits_s in (("emat08", 30, 30), ("emat08", None, 3), ("pdu44001", 30, 3)):
        pdu = backend(clock, kind)
        await pdu.command(3, "delayed_off", sent, delay_s=given)
        clock.advance(waits_s - 0.1)
        assert (await pdu.read_outlet(3)).state == "on"
        assert (await pdu.read_outlet(3)).pending is not None
        clock.advance(1)
        assert (await pdu.read_outlet(3)).state == "off"


async def test_all_outlets_and_the_preferred_source() -> None:
    clock = ManualClock()
    pdu = backend(clock)
    told: list[str] = []
    await pdu.command_pdu("all_off", lambda: told.append("sent"))
    clock.advance(1)
    status = await pdu.read_pdu(outlets=True)
    assert {o.state for o in status.outlets.values()} == {"off"}
    assert (status.preferred, status.active) == ("A", "A")
    await pdu.command_pdu("prefer_b", sent)
    clock.advance(6)
    status = await pdu.read_pdu(outlets=False)
    assert (status.outlets, status.preferred, status.active) == ({}, "B", "B")
    assert told == ["sent"]


async def test_a_transfer_that_cannot_be_is_rejected() -> None:
    clock = ManualClock()
    pdu = backend(clock, "px3ts")
    pdu.model.fail_source("B", clock.monotonic())
    with pytest.raises(CommandRejected, match="source B cannot be preferred"):
        await pdu.command_pdu("prefer_b", sent)


@pytest.mark.parametrize(
    ("fault", "after_1s", "after_4s"),
    [("deaf", {"on"}, {"on"}), ("reversed", {"on"}, {"on"}), ("sluggish", {"on"}, {"off"})],
)
async def test_faults_hold_for_all_outlets(
    fault: Fault, after_1s: set[str], after_4s: set[str]
) -> None:
    clock = ManualClock()
    pdu = backend(clock)
    await pdu.command_pdu("all_on", sent)
    clock.advance(1)
    pdu.fault = fault
    await pdu.command_pdu("all_off", sent)
    for seconds, states in ((1, after_1s), (3, after_4s)):
        clock.advance(seconds)
        shown = (await pdu.read_pdu(outlets=True)).outlets.values()
        assert {o.state for o in shown} == states
    pdu.fault = "rejects"
    with pytest.raises(CommandRejected, match="notWritable"):
        await pdu.command_pdu("all_off", sent)


# -- the demo ----------------------------------------------------------------------------------


async def test_the_demo_fleet() -> None:
    clock = ManualClock()
    fleet = demo_backends(clock, 1)
    settings = demo_pdus(1)
    assert tuple(fleet) == tuple(p.name for p in settings) == ("rack1-a", "rack1-b", "ats-1")
    clock.advance(30)
    a, b, ats = [await pdu.poll() for pdu in fleet.values()]
    assert (a.outlets[2].name, b.outlets[2].name) == ("db01", "db01")
    assert len(a.outlets) == len(b.outlets) == 24
    assert len(ats.outlets) == 10
    assert a.ats is None
    assert ats.ats is not None
    near = percent_of(a.banks[1].current_a, a.banks[1].rating_a)
    assert near is not None
    assert 65 < near < 80
    assert any(o.state == "off" for o in a.outlets)
    assert any(o.state == "on" and o.power_w == 0 for o in a.outlets)
    for outlet in settings[0].protected:
        assert a.outlet(outlet) is not None


async def test_the_demo_is_the_same_every_time() -> None:
    async def run(seed: int) -> list[object]:
        clock = ManualClock()
        fleet = demo_backends(clock, seed)
        seen: list[object] = []
        for _ in range(5):
            clock.advance(37)
            seen += [await pdu.poll() for pdu in fleet.values()]
        return seen

    assert await run(1) == await run(1)
    assert await run(1) != await run(2)


def test_the_demo_loads_neither_snmp_nor_textual() -> None:
    code = (
        "import sys, pdutui.backends.mock.demo;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('pysnmp', 'pyasn1', 'gufo', 'textual', 'rich', 'plotext', 'aiosqlite')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
