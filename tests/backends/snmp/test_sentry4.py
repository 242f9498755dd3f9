"""The Sentry4 profile: units, cords, lines, branches, outlets; commands."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction
from tests.support.dict_agent import DictMib, served
from tests.support.sentry_devices import SENTRY4, sentry4
from tests.support.snmp_devices import Rig


async def test_cords_of_one_line_are_inlets() -> None:
    reading = await Rig(sentry4()).backend.poll()
    assert (reading.profile, reading.vendor) == ("sentry4", "Server Technology")
    assert (reading.model, reading.serial) == ("C2S42CE-YCMFAM00", "AEEV0000001")
    assert (reading.firmware, reading.phases) == ("8.0n", ())
    assert [(i.number, i.module, i.name) for i in reading.inlets] == [
        (1, 1, "Cord_AA"),
        (2001, 2, "Cord_BA"),
    ]
    inlet = reading.inlets[0]
    assert (inlet.voltage_v, inlet.current_a, inlet.rating_a) == (211.7, 4.03, 30)
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (806, 856, 0.95)
    assert (inlet.energy_kwh, inlet.frequency_hz, inlet.state) == (3472, 60, "normal")


async def test_lines_of_a_three_phase_cord() -> None:
    rig = Rig(sentry4(lines=3))
    rig.set(SENTRY4, {".1.4.3.1.3.2.1.3": 2250, ".1.4.3.1.4.2.1.3": 16})
    reading = await rig.backend.poll()
    assert [p.number for p in reading.phases] == [1, 2, 3, 2001, 2002, 2003]
    line = reading.phases[5]
    assert (line.name, line.module, line.state) == ("BA:L3", 2, "warning")
    assert (line.current_a, line.voltage_v, line.power_w) == (22.5, 211.7, 806)
    assert (line.rating_a, line.warning_a, line.critical_a) == (30, 21, 24)
    assert line.power_factor is None
    first, second = reading.inlets
    assert (first.current_a, first.voltage_v, first.power_w) == (None, None, 806)
    assert (first.state, second.state) == ("normal", "warning")


async def test_cords_side_by_side_are_not_phases_of_each_other() -> None:
    reading = await Rig(sentry4(units=1, cords=2)).backend.poll()
    assert [(i.number, i.current_a) for i in reading.inlets] == [(1, 4.03), (2, 4.03)]
    assert reading.phases == ()
    assert [o.number for o in reading.outlets] == [1, 2, 3, 201, 202, 203]
    assert [b.number for b in reading.banks] == [1, 2, 101, 102]


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (0, "normal"),
        (12, "tripped"),
        (13, "tripped"),
        (14, "low"),
        (15, "low"),
        (16, "warning"),
        (17, "critical"),
        (20, "critical"),
        (9, "unknown"),
        (10, "unknown"),
    ],
)
async def test_device_status(raw: int, word: str) -> None:
    rig = Rig(sentry4())
    rig.set(SENTRY4, {".1.7.3.1.2.1.1.1": raw, ".1.3.3.1.4.1.1": raw})
    reading = await rig.backend.poll()
    assert (reading.banks[0].state, reading.inlets[0].state) == (word, word)


async def test_branches_are_banks_and_protectors_are_sensors() -> None:
    rig = Rig(sentry4(units=1))
    rig.set(SENTRY4, {".1.6.3.1.1.1.1.2": 13})
    reading = await rig.backend.poll()
    bank = reading.banks[1]
    assert (bank.name, bank.current_a, bank.rating_a) == ("AA:BR2", 2.01, 20)
    assert (bank.warning_a, bank.critical_a) == (14, 16)
    protectors = [(s.name, s.state) for s in reading.sensors if s.kind == "breaker"]
    assert protectors == [("AA:BR1", "normal"), ("AA:BR2", "alarm")]


async def test_outlets() -> None:
    reading = await Rig(sentry4(outlets=2)).backend.poll()
    assert [(o.number, o.module, o.label) for o in reading.outlets] == [
        (1, 1, "AA1"),
        (2, 1, "AA2"),
        (2001, 2, "BA1"),
        (2002, 2, "BA2"),
    ]
    outlet = reading.outlets[3]
    assert (outlet.name, outlet.state, outlet.switchable) == ("srv-BA2", "on", True)
    assert (outlet.current_a, outlet.voltage_v, outlet.power_w) == (0.81, 211.7, 160)
    assert (outlet.power_factor, outlet.energy_kwh) == (0.97, 52.811)


@pytest.mark.parametrize(
    ("raw", "word"), [(0, "unknown"), (1, "on"), (2, "off"), (3, "unknown"), (-1, "unknown")]
)
async def test_outlet_states(raw: int, word: str) -> None:
    rig = Rig(sentry4())
    rig.set(SENTRY4, {".1.8.3.1.1.1.1.2": raw})
    assert (await rig.backend.poll()).outlets[1].state == word


@pytest.mark.parametrize(
    ("raw", "pending", "switchable"),
    [
        (0, None, True),
        (1, None, False),
        (8, "on", True),
        (9, "off", True),
        (12, "reboot", True),
        (14, None, False),
        (15, None, False),
        (18, "reboot", True),
    ],
)
async def test_control_state(raw: int, pending: str | None, switchable: bool) -> None:
    rig = Rig(sentry4())
    rig.set(SENTRY4, {".1.8.5.1.1.1.1.2": raw})
    outlet = (await rig.backend.poll()).outlets[1]
    assert (outlet.pending, outlet.switchable) == (pending, switchable)


async def test_outlets_that_are_not_switched() -> None:
    rig = Rig(sentry4())
    rig.set(SENTRY4, {".1.8.2.1.5.1.1.1": b"\x40"})
    rig.drop(f"{SENTRY4}.1.8.2.1.5.1.1.2")
    reading = await rig.backend.poll()
    assert [o.switchable for o in reading.outlets[:3]] == [False, True, True]
    with pytest.raises(CommandRejected):
        await rig.backend.command(1, "on", lambda: None)
    assert rig.device.written == []


async def test_probes() -> None:
    reading = await Rig(sentry4(units=1)).backend.poll()
    probes = [s for s in reading.sensors if s.kind != "breaker"]
    assert [(s.kind, s.name, s.value, s.state) for s in probes] == [
        ("temperature", "Temp_Sensor_A1", 24.0, "warning"),
        ("humidity", "Humid_Sensor_A1", 37, "normal"),
    ]


async def test_a_probe_without_a_reading() -> None:
    rig = Rig(sentry4(units=1))
    rig.set(SENTRY4, {".1.9.3.1.1.1.1": -410, ".1.9.3.1.2.1.1": 8, ".1.10.3.1.1.1.1": -1})
    heat, damp, *_ = (await rig.backend.poll()).sensors
    assert (heat.value, heat.state, damp.value) == (None, "fault", None)
    rig = Rig(sentry4(units=1))
    rig.set(SENTRY4, {".1.9.3.1.1.1.1": -410, ".1.9.3.1.2.1.1": 0})
    assert (await rig.backend.poll()).sensors[0].state == "unknown"


@pytest.mark.parametrize(("action", "integer"), [("on", 1), ("off", 2), ("reboot", 3)])
async def test_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(sentry4(cords=2))
    await rig.backend.poll()
    assert rig.backend.actions == {"on", "off", "reboot"}
    assert rig.backend.pdu_actions == frozenset()
    await rig.backend.command(2203, action, lambda: None)
    oid = "1.3.6.1.4.1.1718.4.1.8.5.1.2.2.2.3"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_over_the_wire() -> None:
    async with served(mib := DictMib(sentry4())) as backend:
        reading = await backend.poll()
        assert (reading.profile, len(reading.outlets)) == ("sentry4", 6)
        await backend.command(2, "off", lambda: None)
        assert mib.written == [(f"{SENTRY4}.1.8.5.1.2.1.1.2", 2)]
        assert (await backend.read_outlet(2)).reboot_off_s == 20
