"""The transfer switch PDUs of CyberPower whose card speaks the ats branch."""

from __future__ import annotations

import pytest

from tests.support.cyberpower_devices import rmcard
from tests.support.snmp_devices import CPS, Rig


async def test_everything_it_says() -> None:
    reading = await Rig(rmcard()).backend.poll()
    assert (reading.profile, reading.vendor, reading.model) == (
        "cyberpower-ats",
        "CyberPower",
        "PDU15SW10ATNET",
    )
    assert (reading.serial, reading.firmware, reading.name) == ("TAQ0001", "1.1.5", "ATS-R7")
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.power_w, inlet.energy_kwh) == (4.2, 488, 488.0)
    assert (inlet.rating_a, inlet.state, inlet.voltage_v) == (15, "normal", None)
    assert [(b.number, b.name, b.current_a, b.power_w) for b in reading.banks] == [
        (1, "Bank 1", 3.0, 350),
        (2, "Bank 2", 1.2, 138),
    ]
    assert [(b.warning_a, b.critical_a, b.energy_kwh) for b in reading.banks] == [
        (9, 12, 350.0),
        (9, 12, 138.0),
    ]
    assert [(o.number, o.name, o.state, o.bank) for o in reading.outlets] == [
        (1, "Outlet1", "on", 1),
        (2, "Outlet2", "on", 1),
        (3, "Outlet3", "on", 2),
        (4, "Outlet4", "on", 2),
    ]
    assert all(o.switchable and o.pending is None for o in reading.outlets)
    ats = reading.ats
    assert ats is not None
    assert (ats.active, ats.preferred, ats.redundancy) == ("A", "A", "full")
    assert (ats.phase_sync, ats.sensitivity) == ("in_sync", "medium")
    assert [(s.id, s.name, s.voltage_v, s.frequency_hz, s.state) for s in ats.sources] == [
        ("A", "Feed A", 121.3, 60.0, "normal"),
        ("B", "Feed B", 119.8, 59.9, "normal"),
    ]
    assert [(s.kind, s.name, s.state) for s in reading.sensors] == [
        ("link", "Link to the switch", "normal"),
        ("relay", "Source relay", "normal"),
        ("power_supply", "Power supply 1", "normal"),
        ("power_supply", "Power supply 2", "fault"),
    ]


@pytest.mark.parametrize("comm", [1, 3])
async def test_a_card_without_its_switch_knows_nothing(comm: int) -> None:
    """It goes on answering what it knew last."""
    rig = Rig(rmcard())
    await rig.backend.poll()
    rig.set(CPS, {".5.2.1.1.0": comm})
    reading = await rig.backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.power_w, inlet.energy_kwh, inlet.state) == (
        None,
        None,
        None,
        "unknown",
    )
    assert {(b.current_a, b.state) for b in reading.banks} == {(None, "unknown")}
    assert {(o.state, o.pending) for o in reading.outlets} == {("unknown", None)}
    ats = reading.ats
    assert ats is not None
    assert (ats.active, ats.preferred, ats.redundancy, ats.phase_sync) == (None,) * 4
    assert {(s.voltage_v, s.state) for s in ats.sources} == {(None, "unknown")}
    link, *parts = reading.sensors
    assert link.state == ("fault" if comm == 3 else "unknown")
    assert {part.state for part in parts} == {"unknown"}
    # what it is stays what it is
    assert (reading.model, inlet.rating_a) == ("PDU15SW10ATNET", 15)
    assert (await rig.backend.read_outlet(1)).state == "unknown"
    assert (await rig.backend.read_pdu(outlets=True)).active is None


async def test_whole_volts_are_seen_to_be_whole() -> None:
    rig = Rig(rmcard())
    rig.set(CPS, {".5.2.2.2.1.5.1": 121, ".5.2.2.2.1.5.2": 120})
    ats = (await rig.backend.poll()).ats
    assert ats is not None
    assert [s.voltage_v for s in ats.sources] == [121, 120]


async def test_a_source_that_is_gone() -> None:
    rig = Rig(rmcard())
    rig.set(CPS, {".5.2.2.2.1.5.1": 3, ".5.2.2.2.1.7.1": 3, ".5.2.1.2.0": 2, ".5.2.1.3.0": 1})
    ats = (await rig.backend.poll()).ats
    assert ats is not None
    assert (ats.active, ats.redundancy) == ("B", "lost")
    assert [s.state for s in ats.sources] == ["lost", "normal"]


async def test_the_switch_is_read_back_by_itself() -> None:
    rig = Rig(rmcard())
    await rig.backend.poll()
    rig.set(CPS, {".5.3.1.0": 2, ".5.2.1.2.0": 2})
    rig.device.asked.clear()
    status = await rig.backend.read_pdu(outlets=False)
    assert (status.preferred, status.active, status.outlets) == ("B", "B", {})
    assert rig.device.asked_flat() == {
        f"{CPS}.5.3.1.0",
        f"{CPS}.5.2.1.2.0",
        f"{CPS}.5.2.1.1.0",
    }


async def test_what_is_told_of_delays() -> None:
    status = await Rig(rmcard()).backend.read_outlet(2)
    assert (status.on_delay_s, status.off_delay_s, status.reboot_off_s) == (4.0, 6.0, 5.0)


async def test_the_reset_of_the_switch_is_never_asked_for() -> None:
    """`.5.4.1.0` reboots it; some take it for a way to transfer."""
    rig = Rig(rmcard())
    await rig.backend.poll()
    assert f"{CPS}.5.4.1.0" not in rig.device.asked_flat()
