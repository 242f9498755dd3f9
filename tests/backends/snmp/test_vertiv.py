"""The Vertiv IMD profile: totals, phases, breakers, outlets; commands."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import Rig
from tests.support.standard_devices import IMD, imd


async def test_the_total_of_one_phase_is_the_inlet() -> None:
    reading = await Rig(imd()).backend.poll()
    assert (reading.profile, reading.vendor) == ("vertiv-imd", "Vertiv")
    assert (reading.model, reading.serial) == ("MN03EDR1-15P3B8-6PS15D0H10-S", "ZY18120520")
    assert (reading.name, reading.firmware, reading.phases) == ("rack 7", "5.6.1", ())
    (inlet,) = reading.inlets
    assert (inlet.name, inlet.voltage_v, inlet.current_a) == ("IMD PDU", 235.1, 1.87)
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (1017, 1067, 0.95)
    assert (inlet.energy_kwh, inlet.frequency_hz, inlet.state) == (8483.906, None, "unknown")


async def test_three_phases() -> None:
    reading = await Rig(imd(phases=3)).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.voltage_v, inlet.current_a, inlet.power_w) == (None, None, 1017)
    assert [(p.number, p.name, p.voltage_v) for p in reading.phases] == [
        (1, "Phase A", 235.1),
        (2, "Phase B", 235.2),
        (3, "Phase C", 235.3),
    ]
    phase = reading.phases[0]
    assert (phase.current_a, phase.power_w, phase.apparent_power_va) == (1.87, 436, 439)
    assert (phase.power_factor, phase.energy_kwh) == (0.99, 2262.146)


async def test_without_a_total_the_inlet_is_the_sum_of_its_phases() -> None:
    values = {o: v for o, v in imd(phases=3).items() if not o.startswith(f"{IMD}.3.1.")}
    reading = await Rig(values).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.power_w, inlet.apparent_power_va) == (1308, 1317)
    assert (inlet.voltage_v, inlet.current_a, inlet.energy_kwh) == (None, None, None)


async def test_without_a_total_the_inlet_is_its_only_phase() -> None:
    values = {o: v for o, v in imd().items() if not o.startswith(f"{IMD}.3.1.")}
    (inlet,) = (await Rig(values).backend.poll()).inlets
    assert (inlet.voltage_v, inlet.current_a, inlet.power_w) == (235.1, 1.87, 436)


async def test_a_meter_that_is_not_available_says_nothing() -> None:
    rig = Rig(imd(phases=3))
    rig.set(IMD, {".3.1.1.5.1": 1})
    assert [i.power_w for i in (await rig.backend.poll()).inlets] == [1017]
    rig.set(IMD, {".3.1.1.5.1": 2})  # partly: what it answers counts
    assert [i.power_w for i in (await rig.backend.poll()).inlets] == [1017]
    rig.set(IMD, {".3.1.1.5.1": 0})
    reading = await rig.backend.poll()
    assert [(i.power_w, i.energy_kwh) for i in reading.inlets] == [(None, None)]
    assert {p.current_a for p in reading.phases} == {None}
    assert {b.current_a for b in reading.banks} == {None}
    assert {(o.state, o.power_w) for o in reading.outlets} == {("unknown", None)}
    assert (reading.name, reading.serial) == ("rack 7", "ZY18120520")


async def test_of_aggregated_units_the_one_that_is_not_available_says_nothing() -> None:
    second = {
        ".3.1.1.5.1": 1, ".3.1.1.5.2": 0, ".3.1.1.9.2": 800, ".3.1.1.10.2": 820,
        ".3.1.1.11.2": 97, ".3.1.1.12.2": 1000,
    }  # fmt: skip
    rig = Rig(imd() | {f"{IMD}{oid}": value for oid, value in second.items()})
    reading = await rig.backend.poll()
    assert [i.power_w for i in reading.inlets] == [1017, None]


async def test_line_currents_of_delta_units_only() -> None:
    wye = await Rig(imd(phases=3)).backend.poll()
    delta = await Rig(imd(phases=3, delta=True)).backend.poll()
    assert [s.name for s in wye.sensors if s.kind == "current"] == []
    assert [(s.name, s.value, s.unit) for s in delta.sensors if s.kind == "current"] == [
        ("Line A", 3.24, "A"),
        ("Line B", 3.24, "A"),
        ("Line C", 3.24, "A"),
    ]


async def test_breakers_are_banks() -> None:
    reading = await Rig(imd()).backend.poll()
    assert [(b.number, b.name, b.current_a, b.state) for b in reading.banks] == [
        (1, "Circuit 1", 1.81, "unknown"),
        (2, "Circuit 2", 1.81, "unknown"),
    ]


async def test_outlets() -> None:
    reading = await Rig(imd()).backend.poll()
    assert [o.name for o in reading.outlets] == ["Outlet 1", "Outlet 2", "db01"]
    outlet = reading.outlets[2]
    assert (outlet.state, outlet.pending, outlet.switchable) == ("on", None, True)
    assert (outlet.voltage_v, outlet.current_a, outlet.power_w) == (235.1, 0.62, 145)
    assert (outlet.power_factor, outlet.energy_kwh) == (0.99, 52.811)


@pytest.mark.parametrize(
    ("raw", "state", "pending"),
    [
        (1, "on", None),
        (2, "off", None),
        (3, "on", "off"),
        (4, "off", "on"),
        (5, "on", "reboot"),
        (6, "off", "reboot"),
        (7, "unknown", None),
        (0, "unknown", None),
    ],
)
async def test_outlet_states(raw: int, state: str, pending: str | None) -> None:
    rig = Rig(imd())
    rig.set(IMD, {".3.5.1.4.2": raw})
    outlet = (await rig.backend.poll()).outlets[1]
    assert (outlet.state, outlet.pending) == (state, pending)


async def test_outlets_that_are_only_metered() -> None:
    values = {o: v for o, v in imd().items() if not o.startswith(f"{IMD}.3.5.")}
    rig = Rig(values)
    reading = await rig.backend.poll()
    assert [(o.number, o.state, o.switchable) for o in reading.outlets] == [
        (1, "unknown", False),
        (2, "unknown", False),
        (3, "unknown", False),
    ]
    assert reading.outlets[0].power_w == 145
    with pytest.raises(CommandRejected):
        await rig.backend.command(1, "off", lambda: None)
    assert rig.device.written == []


async def test_probes_in_either_unit() -> None:
    rig = Rig(imd())
    heat, damp = (await rig.backend.poll()).sensors
    assert (heat.name, heat.value, heat.unit, damp.value) == ("Front", 24.0, "degC", 41)
    rig = Rig(imd())
    rig.set(IMD, {".1.7.0": 1, ".9.1.5.1": -52})
    assert (await rig.backend.poll()).sensors[0].value == -5.2
    rig = Rig(imd())
    rig.set(IMD, {".9.1.4.1": 0})
    assert [s.value for s in (await rig.backend.poll()).sensors] == [None, None]


COMMANDS: list[tuple[OutletAction, int]] = [
    ("cancel", 1),
    ("on", 2),
    ("delayed_on", 3),
    ("off", 4),
    ("delayed_off", 5),
    ("reboot", 6),
    ("delayed_reboot", 7),
]


@pytest.mark.parametrize(("action", "integer"), COMMANDS)
async def test_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(imd())
    await rig.backend.poll()
    assert rig.backend.actions == {a for a, _ in COMMANDS}
    assert not rig.backend.takes_delay
    await rig.backend.command(2, action, lambda: None)
    oid = "1.3.6.1.4.1.21239.5.2.3.5.1.6.2"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_over_the_wire() -> None:
    async with served(mib := DictMib(imd())) as backend:
        reading = await backend.poll()
        assert (reading.profile, len(reading.outlets)) == ("vertiv-imd", 3)
        await backend.command(3, "off", lambda: None)
        assert mib.written == [(f"{IMD}.3.5.1.6.3", 4)]
        status = await backend.read_outlet(3)
        assert (status.on_delay_s, status.off_delay_s, status.reboot_off_s) == (5, 7, 12)
        assert status.reboot_delay_s == 9, "it does not wait as long as a delayed off"
