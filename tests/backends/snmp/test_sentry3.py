"""The Sentry3 profile: towers, infeeds, outlets; what the words of a state mean; commands."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import RawValue, SnmpValue
from pdutui.domain.commands import OutletAction
from tests.support.dict_agent import DictMib, served
from tests.support.sentry_devices import METERED_ONLY, SENTRY3, sentry3
from tests.support.snmp_devices import Rig


async def test_infeeds_are_inlets() -> None:
    reading = await Rig(sentry3()).backend.poll()
    assert (reading.profile, reading.vendor) == ("sentry3", "Server Technology")
    assert (reading.model, reading.serial) == ("CW-24V2C458C1", "ADFC0001711")
    assert (reading.name, reading.firmware, reading.phases) == ("TowerA", "7.1f", ())
    assert [(i.number, i.module, i.name) for i in reading.inlets] == [
        (1, 1, "TowerA_InfeedA"),
        (2, 1, "TowerA_InfeedB"),
        (2001, 2, "TowerB_InfeedA"),
        (2002, 2, "TowerB_InfeedB"),
    ]
    inlet = reading.inlets[0]
    assert (inlet.current_a, inlet.voltage_v, inlet.power_w) == (3.09, 207, 612)
    assert (inlet.energy_kwh, inlet.rating_a, inlet.frequency_hz) == (120.4, 30, 50)
    assert (inlet.apparent_power_va, inlet.power_factor, inlet.state) == (None, None, "normal")


async def test_minus_1_is_no_measurement() -> None:
    rig = Rig(sentry3(towers=1))
    minus: dict[str, RawValue | None] = {
        f".2.2.1.{column}.1.1": -1 for column in (7, 10, 11, 12, 16)
    }
    rig.set(SENTRY3, minus | {".2.3.1.7.1.1.1": -1, ".2.3.1.14.1.1.1": -1, ".2.1.1.15.1": -1})
    reading = await rig.backend.poll()
    inlet = reading.inlets[0]
    assert (inlet.current_a, inlet.voltage_v, inlet.power_w) == (None, None, None)
    assert (inlet.energy_kwh, inlet.rating_a, inlet.frequency_hz) == (None, None, None)
    assert (reading.outlets[0].current_a, reading.outlets[0].power_w) == (None, None)
    assert reading.inlets[1].current_a == 3.09


async def test_a_three_phase_tower_is_one_inlet_with_its_infeeds_as_lines() -> None:
    reading = await Rig(sentry3(towers=1, infeeds=4, three_phase=True)).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.number, inlet.name, inlet.power_w) == (1, "TowerA", 279)
    assert (inlet.current_a, inlet.voltage_v, inlet.rating_a) == (None, None, 30)
    assert [(p.number, p.name, p.current_a, p.power_w) for p in reading.phases] == [
        (1, "TowerA_InfeedA", 3.09, 612),
        (2, "TowerA_InfeedB", 3.09, 612),
        (3, "TowerA_InfeedC", 3.09, 612),
        (4, "TowerA_InfeedD", 3.09, None),
    ]
    assert (reading.phases[0].rating_a, reading.phases[0].warning_a) == (30, 24)
    assert [o.number for o in reading.outlets][:4] == [1, 2, 3, 101]


async def test_a_mixed_pair_of_towers_loses_neither() -> None:
    values = sentry3(infeeds=3, three_phase=True)
    for oid in list(values):
        if oid.startswith(f"{SENTRY3}.2.2.1.") and oid.endswith((".2.2", ".2.3")):
            del values[oid]
    rig = Rig(values)
    rig.set(SENTRY3, {".2.1.1.8.2": b"\x40", ".2.1.1.5.2": 1})
    reading = await rig.backend.poll()
    assert [(i.number, i.module, i.current_a, i.power_w) for i in reading.inlets] == [
        (1, 1, None, 1836),
        (2002, 2, 3.09, 612),
    ]
    assert [p.number for p in reading.phases] == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "load", "word"),
    [
        (1, 0, "normal"),
        (1, 3, "low"),
        (1, 4, "warning"),
        (1, 5, "critical"),
        (1, 6, "unknown"),
        (1, 7, "unknown"),
        (0, 1, "critical"),
        (8, 0, "tripped"),
        (6, 7, "unknown"),
    ],
)
async def test_states_of_infeeds_and_branches(status: int, load: int, word: str) -> None:
    rig = Rig(sentry3(towers=1, infeeds=1))
    rig.set(SENTRY3, {".2.2.1.5.1.1": status, ".2.2.1.6.1.1": load})
    rig.set(SENTRY3, {".2.7.1.5.1.1.1": status, ".2.7.1.6.1.1.1": load})
    reading = await rig.backend.poll()
    assert (reading.inlets[0].state, reading.banks[0].state) == (word, word)


async def test_branches_are_banks() -> None:
    reading = await Rig(sentry3()).backend.poll()
    assert [(b.number, b.name) for b in reading.banks] == [
        (1, "AA1"),
        (11, "AB1"),
        (2001, "BA1"),
        (2011, "BB1"),
    ]
    bank = reading.banks[0]
    assert (bank.current_a, bank.rating_a, bank.warning_a) == (2.1, 20, 16)


async def test_outlets_of_all_towers_and_infeeds_have_numbers_of_their_own() -> None:
    reading = await Rig(sentry3(outlets=2)).backend.poll()
    assert [(o.number, o.module, o.label) for o in reading.outlets] == [
        (1, 1, "AA1"),
        (2, 1, "AA2"),
        (101, 1, "AB1"),
        (102, 1, "AB2"),
        (2001, 2, "BA1"),
        (2002, 2, "BA2"),
        (2101, 2, "BB1"),
        (2102, 2, "BB2"),
    ]
    outlet = reading.outlets[2]
    assert (outlet.name, outlet.state, outlet.switchable) == ("srv-AB1", "on", True)
    assert (outlet.current_a, outlet.voltage_v, outlet.power_w) == (0.81, 207.1, 160)
    assert (outlet.power_factor, outlet.energy_kwh) == (0.97, 52.811)


@pytest.mark.parametrize(
    ("raw", "state", "pending"),
    [
        (0, "off", None),
        (1, "on", None),
        (2, "off", "on"),
        (3, "on", "off"),
        (4, "off", None),
        (5, "on", None),
        (6, "unknown", None),
        (7, "unknown", None),
        (8, "off", None),
        (9, "on", None),
        (10, "unknown", None),
    ],
)
async def test_outlet_status(raw: int, state: str, pending: str | None) -> None:
    rig = Rig(sentry3(towers=1))
    rig.set(SENTRY3, {".2.3.1.5.1.1.2": raw})
    outlet = (await rig.backend.poll()).outlets[1]
    assert (outlet.state, outlet.pending) == (state, pending)


@pytest.mark.parametrize(
    ("raw", "pending", "switchable"),
    [
        (4, None, True),
        (8, "reboot", True),
        (10, "on", True),
        (11, "off", True),
        (16, "reboot", True),
        (6, None, False),
        (7, None, False),
    ],
)
async def test_control_state(raw: int, pending: str | None, switchable: bool) -> None:
    rig = Rig(sentry3(towers=1))
    rig.set(SENTRY3, {".2.3.1.10.1.1.2": raw})
    outlet = (await rig.backend.poll()).outlets[1]
    assert (outlet.state, outlet.pending, outlet.switchable) == ("on", pending, switchable)


async def test_outlets_without_power_control_are_not_switchable() -> None:
    rig = Rig(sentry3(towers=1))
    rig.set(SENTRY3, {".2.3.1.4.1.1.1": METERED_ONLY, ".2.3.1.4.1.1.2": b"\xff\x80"})
    rig.drop(f"{SENTRY3}.2.3.1.4.1.1.3")
    reading = await rig.backend.poll()
    assert [o.switchable for o in reading.outlets[:3]] == [False, True, True]
    with pytest.raises(CommandRejected):
        await rig.backend.command(1, "off", lambda: None)
    assert rig.device.written == []


async def test_sensors_that_were_never_there_are_left_out() -> None:
    reading = await Rig(sentry3()).backend.poll()
    assert [(s.kind, s.name, s.value, s.unit, s.state) for s in reading.sensors] == [
        ("temperature", "Temp_Humid_Sensor_A1", 20.0, "degC", "normal"),
        ("humidity", "Temp_Humid_Sensor_A1", 52, "percent", "normal"),
        ("contact", "Door", None, None, "alarm"),
        ("water", "Floor", None, None, "normal"),
    ]


async def test_agents_without_a_scale_speak_celsius() -> None:
    rig = Rig(sentry3())
    rig.drop(f"{SENTRY3}.2.5.1.13.1.1")
    rig.set(SENTRY3, {".2.5.1.6.1.1": 215, ".2.5.1.5.1.1": 4})
    sensor = (await rig.backend.poll()).sensors[0]
    assert (sensor.value, sensor.state) == (21.5, "warning")


@pytest.mark.parametrize(("action", "integer"), [("on", 1), ("off", 2), ("reboot", 3)])
async def test_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(sentry3())
    await rig.backend.poll()
    assert rig.backend.actions == {"on", "off", "reboot"}
    assert rig.backend.pdu_actions == frozenset()
    await rig.backend.command(2101, action, lambda: None)
    oid = "1.3.6.1.4.1.1718.3.2.3.1.11.2.2.1"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_over_the_wire() -> None:
    async with served(mib := DictMib(sentry3())) as backend:
        reading = await backend.poll()
        assert (reading.profile, len(reading.outlets)) == ("sentry3", 12)
        await backend.command(102, "reboot", lambda: None)
        assert mib.written == [(f"{SENTRY3}.2.3.1.11.1.2.2", 3)]
        assert (await backend.read_outlet(102)).reboot_off_s == 15
