"""The profile of APC's rack ATS: ok is 2, and nothing counts without the link to the switch."""

from __future__ import annotations

import pytest

from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import PduAction
from tests.support.apc_devices import APC, ats
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import Rig


async def test_sources_and_load() -> None:
    reading = await Rig(ats()).backend.poll()
    assert (reading.profile, reading.model, reading.name) == ("apc-ats", "AP7724", "ats-04")
    switch = reading.ats
    assert switch is not None
    assert (switch.active, switch.preferred, switch.redundancy) == ("A", "A", "full")
    assert (switch.phase_sync, switch.sensitivity) == ("in_sync", "high")
    assert [(s.id, s.name, s.voltage_v, s.frequency_hz, s.state) for s in switch.sources] == [
        ("A", "Source A", 216, 50, "normal"),
        ("B", "Source B", 215, 50, "normal"),
    ]
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.voltage_v, inlet.apparent_power_va) == (8.8, 215, 1848)
    assert (inlet.power_w, inlet.frequency_hz, inlet.rating_a) == (None, 50, 32)
    assert [(b.number, b.current_a, b.warning_a, b.critical_a) for b in reading.banks] == [
        (1, 4.5, 12, 16),
        (2, 4.3, 12, 16),
    ]
    assert (reading.outlets, reading.phases) == ((), ())


@pytest.mark.parametrize(
    ("raw", "word"), [(1, "lost"), (2, "normal"), (0, "unknown"), (3, "unknown")]
)
async def test_source_status_fails_with_1(raw: int, word: str) -> None:
    rig = Rig(ats())
    rig.set(APC, {".8.5.1.13.0": raw, ".8.5.1.3.0": 1, ".8.5.1.14.0": 2})
    switch = (await rig.backend.poll()).ats
    assert switch is not None
    assert [s.state for s in switch.sources] == ["normal", word]
    assert (switch.redundancy, switch.phase_sync) == ("lost", "out_of_sync")


@pytest.mark.parametrize("link", [1, 3])
async def test_without_the_link_nothing_is_known(link: int) -> None:
    rig = Rig(ats())
    await rig.backend.poll()
    rig.set(APC, {".8.5.1.1.0": link})
    reading = await rig.backend.poll()
    switch = reading.ats
    assert switch is not None
    assert (switch.active, switch.redundancy, switch.phase_sync) == (None, None, None)
    assert [(s.voltage_v, s.frequency_hz, s.state) for s in switch.sources] == [
        (None, None, "unknown")
    ] * 2
    load = (*reading.inlets, *reading.banks)
    assert {(x.current_a, x.voltage_v, x.apparent_power_va, x.state) for x in load} == {
        (None, None, None, "unknown")
    }
    states = {s.name: s.state for s in reading.sensors}
    assert states.pop("Link to the switch") == "fault"
    assert set(states.values()) == {"unknown"}


async def test_what_can_fail_in_the_switch() -> None:
    rig = Rig(ats())
    names = [s.name for s in (await rig.backend.poll()).sensors]
    assert names == [
        "Link to the switch",
        "Overcurrent",
        "Transfer switch",
        "Output voltage",
        "5 V supply",
        "24 V supply A",
        "24 V supply B",
        "Other supplies",
    ]
    assert {s.state for s in (await rig.backend.poll()).sensors} == {"normal"}
    rig.set(APC, {".8.5.1.4.0": 1, ".8.5.1.6.0": 1, ".8.5.1.8.0": 1})
    bad = [s.name for s in (await rig.backend.poll()).sensors if s.state == "alarm"]
    assert bad == ["Overcurrent", "24 V supply A", "Other supplies"]


async def test_minus_one_is_not_a_figure() -> None:
    rig = Rig(ats())
    rig.set(APC, {".8.5.3.3.1.3.1.1.1": -1, ".8.5.3.2.1.4.2": -1, ".8.5.4.5.1.6.1": -1})
    reading = await rig.backend.poll()
    assert reading.ats is not None
    assert [s.voltage_v for s in reading.ats.sources] == [None, 215]
    assert [s.frequency_hz for s in reading.ats.sources] == [50, None]
    assert reading.inlets[0].voltage_v is None


async def test_a_unit_without_banks_shows_its_output_phase() -> None:
    values = {k: v for k, v in ats().items() if not k.startswith(f"{APC}.8.5.4.5.")}
    values |= {
        f"{APC}.8.5.4.3.1.2.1.1": 1,
        f"{APC}.8.5.4.3.1.3.1.1": 229,
        f"{APC}.8.5.4.3.1.4.1.1": 31,
        f"{APC}.8.5.4.3.1.7.1.1": 712,
        f"{APC}.8.5.4.3.1.19.1.1": 3,
    }
    reading = await Rig(values).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.voltage_v, inlet.apparent_power_va) == (3.1, 229, 712)
    assert (inlet.state, reading.banks) == ("warning", ())


PREFER: list[tuple[PduAction, int]] = [("prefer_a", 1), ("prefer_b", 2), ("prefer_none", 3)]


@pytest.mark.parametrize(("action", "integer"), PREFER)
async def test_the_preferred_source_is_written(action: PduAction, integer: int) -> None:
    rig = Rig(ats())
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {a for a, _ in PREFER}
    assert rig.backend.actions == frozenset()
    assert not rig.backend.prefer_transfers
    await rig.backend.command_pdu(action, lambda: None)
    oid = "1.3.6.1.4.1.318.1.1.8.4.2.0"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_over_the_wire() -> None:
    async with served(mib := DictMib(ats())) as backend:
        await backend.poll()
        await backend.command_pdu("prefer_b", lambda: None)
        assert mib.written == [("1.3.6.1.4.1.318.1.1.8.4.2.0", 2)]
        status = await backend.read_pdu(outlets=False)
        assert (status.preferred, status.active) == ("B", "A")
