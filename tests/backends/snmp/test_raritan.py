"""The Raritan profile: what a PX2, PX3 or PX4 means by what it answers."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.types import RawValue, SnmpValue
from pdutui.domain.commands import OutletAction
from tests.support.snmp_devices import PX, Rig, px3


async def test_inlet_by_digits_and_label() -> None:
    reading = await Rig(px3()).backend.poll()
    assert (reading.vendor, reading.model, reading.serial) == ("Raritan", "PX3-5493U", "1JX0001")
    assert (reading.name, reading.firmware, reading.ats) == ("rack1-a", "4.2.0", None)
    (inlet,) = reading.inlets
    assert (inlet.name, inlet.rating_a, inlet.state) == ("I1", 32.0, "normal")
    assert (inlet.current_a, inlet.voltage_v, inlet.power_w) == (7.467, 229, 1665)
    assert (inlet.power_factor, inlet.frequency_hz) == (0.98, 50.0)
    assert inlet.energy_kwh == 74057.676


async def test_an_old_px2_with_one_digit() -> None:
    rig = Rig(px3())
    rig.set(PX, {".3.3.4.1.7.1.1.1": 1, ".5.2.3.1.4.1.1.1": 75})
    assert (await rig.backend.poll()).inlets[0].current_a == 7.5


@pytest.mark.parametrize("digits", [None, -1, 10, b"3"])
async def test_without_digits_a_value_means_nothing(digits: RawValue | None) -> None:
    rig = Rig(px3())
    rig.set(PX, {".3.3.4.1.7.1.1.1": digits})
    inlet = (await rig.backend.poll()).inlets[0]
    assert (inlet.current_a, inlet.voltage_v) == (None, 229)


async def test_digits_that_change_are_followed_within_a_minute() -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    rig.set(PX, {".3.3.4.1.7.1.1.1": 2, ".5.2.3.1.4.1.1.1": 747})
    for _ in range(61):
        rig.clock.advance(1)
        reading = await rig.backend.poll()
    assert reading.inlets[0].current_a == 7.47


async def test_outlets() -> None:
    rig = Rig(px3())
    rig.set(PX, {".5.4.3.1.3.1.4.7": -1, ".5.4.3.1.4.1.4.7": 0, ".4.1.2.1.3.1.4": 8})
    reading = await rig.backend.poll()
    assert [o.name for o in reading.outlets] == ["", "", "db01", ""]
    assert [o.bank for o in reading.outlets] == [1, 1, 2, 2]
    assert [o.state for o in reading.outlets] == ["on", "on", "on", "off"]
    assert all(o.switchable and o.pending is None for o in reading.outlets)
    third = reading.outlets[2]
    assert (third.voltage_v, third.current_a, third.power_w) == (228, 0.633, 143)
    assert (third.power_factor, third.energy_kwh) == (0.99, 5812.658)
    assert reading.outlets[3].power_factor is None


async def test_state_of_the_on_off_sensor_where_there_is_no_switching_state() -> None:
    values = px3()
    for n in range(1, 5):
        del values[f"{PX}.4.1.2.1.3.1.{n}"]
    values[f"{PX}.5.4.3.1.3.1.2.14"] = 8
    reading = await Rig(values).backend.poll()
    assert [o.state for o in reading.outlets] == ["on", "off", "on", "on"]


@pytest.mark.parametrize("raw", [-1, 0, 1, 2, 30])
async def test_other_switching_states_are_unknown(raw: int) -> None:
    rig = Rig(px3())
    rig.set(PX, {".4.1.2.1.3.1.1": raw})
    assert (await rig.backend.poll()).outlets[0].state == "unknown"


async def test_unavailable_sensors_have_no_value() -> None:
    rig = Rig(px3())
    for sensor in (1, 4, 5, 6, 7, 8, 23):
        rig.set(PX, {f".5.2.3.1.3.1.1.{sensor}": -1, f".5.2.3.1.4.1.1.{sensor}": 0})
    rig.set(PX, {".5.5.3.1.3.1.1": -1, ".5.5.3.1.4.1.1": 0})
    reading = await rig.backend.poll()
    inlet = reading.inlets[0]
    assert (inlet.current_a, inlet.voltage_v, inlet.power_w, inlet.energy_kwh) == (None,) * 4
    assert (inlet.apparent_power_va, inlet.power_factor, inlet.frequency_hz) == (None,) * 3
    assert inlet.state == "unknown"
    assert (reading.sensors[0].value, reading.sensors[0].state) == (None, "unknown")


async def test_a_value_without_any_state_column_is_valid() -> None:
    values = {k: v for k, v in px3().items() if not k.startswith(f"{PX}.5.2.3.1.3.")}
    inlet = (await Rig(values).backend.poll()).inlets[0]
    assert (inlet.current_a, inlet.state) == (7.467, "unknown")


async def test_protectors_are_banks() -> None:
    rig = Rig(px3())
    rig.set(PX, {".3.4.3.1.3.1.2": b"Upper half"})
    banks = (await rig.backend.poll()).banks
    assert [(b.number, b.name, b.rating_a) for b in banks] == [
        (1, "C1", 16.0),
        (2, "Upper half", 16.0),
    ]
    assert [(b.current_a, b.warning_a, b.critical_a) for b in banks] == [(0.485, 10.4, 12.8)] * 2
    assert [b.state for b in banks] == ["normal", "normal"]


@pytest.mark.parametrize(
    ("trip", "load", "state"),
    [
        (1, 4, "normal"),
        (0, 4, "tripped"),
        (0, 6, "tripped"),
        (1, 5, "warning"),
        (1, 6, "critical"),
        (1, 3, "low"),
        (1, -1, "unknown"),
        (-1, 4, "unknown"),
        (-1, 6, "critical"),
        (None, 4, "normal"),
        (1, None, "normal"),
        (None, None, "unknown"),
    ],
)
async def test_bank_state(trip: int | None, load: int | None, state: str) -> None:
    values = px3() | {f"{PX}.5.3.3.1.3.1.1.15": trip, f"{PX}.5.3.3.1.3.1.1.1": load}
    assert (await Rig(values).backend.poll()).banks[0].state == state


@pytest.mark.parametrize(
    ("bits", "warning", "critical"),
    [
        (b"\x30", 10.4, 12.8),
        (b"\xf0", 10.4, 12.8),
        (b"\x20", 10.4, None),
        (b"\x10", None, 12.8),
        (b"\xc0", None, None),
        (b"\x00", None, None),
        (b"\x30\x00", 10.4, 12.8),
        (b"", None, None),
        (b"30 2 3", None, None),  # BITS that somebody wrote down as text
        (b"00", None, None),
        (48, None, None),
        (None, None, None),
    ],
)
async def test_thresholds_count_only_where_they_are_in_force(
    bits: RawValue | None, warning: float | None, critical: float | None
) -> None:
    values = px3() | {f"{PX}.3.4.4.1.25.1.1.1": bits}
    bank = (await Rig(values).backend.poll()).banks[0]
    assert (bank.warning_a, bank.critical_a) == (warning, critical)


@pytest.mark.parametrize(
    ("pointer", "bank"),
    [
        (f"{PX}.3.4.3.1.2.1.6", 6),
        (f"{PX}.3.3.3.1.2.1.1", None),  # fed by the inlet itself
        ("0.0", None),
        (b"1", None),
        (None, None),
    ],
)
async def test_bank_of_an_outlet(pointer: RawValue | None, bank: int | None) -> None:
    values = px3() | {f"{PX}.3.5.3.1.33.1.1": pointer}
    assert (await Rig(values).backend.poll()).outlets[0].bank == bank


async def test_external_sensors() -> None:
    reading = await Rig(px3()).backend.poll()
    assert [(s.name, s.kind, s.value, s.unit, s.state) for s in reading.sensors] == [
        ("Inlet air", "temperature", -3.1, "degC", "normal"),
        ("Front door", "contact", None, None, "open"),
    ]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (10, "temperature"),
        (11, "humidity"),
        (14, "on_off"),
        (28, "absolute_humidity"),
        (43, "contact"),
        (49, "lock"),
        (50, "handle"),
        (999, "unknown"),
    ],
)
async def test_sensor_kinds(kind: int, word: str) -> None:
    values = px3() | {f"{PX}.3.6.3.1.2.1.1": kind}
    sensor = (await Rig(values).backend.poll()).sensors[0]
    assert sensor.kind == word
    assert (sensor.value is None) == (kind in (14, 43, 49, 50))


@pytest.mark.parametrize(
    ("text", "amperes"),
    [
        (b"16A", 16.0),
        (b" 32 A ", 32.0),
        (b"12.5A", 12.5),
        (b"16", 16.0),
        (b"16-20A", None),
        (b"24A/30A", None),
        (b"", None),
        (b"A", None),
        (b"\xd9\xa1\xd9\xa6A", None),  # digits of another script
    ],
)
async def test_rating_in_text(text: bytes, amperes: float | None) -> None:
    values = px3() | {f"{PX}.3.4.3.1.5.1.1": text}
    assert (await Rig(values).backend.poll()).banks[0].rating_a == amperes


# --- commands: a wrong OID or integer here switches the wrong way --------------------------------


@pytest.mark.parametrize(("action", "integer"), [("on", 1), ("off", 0), ("reboot", 2)])
async def test_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    await rig.backend.command(3, action, lambda: None)
    oid = "1.3.6.1.4.1.13742.6.4.1.2.1.2.1.3"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


def test_the_whole_command_map() -> None:
    (commands,) = load_builtin("raritan-pdu2").commands
    assert commands.actions == {"on": 1, "off": 0, "reboot": 2}
    assert commands.oid == ".4.1.2.1.2.{i}"


async def test_state_is_read_back_from_its_own_column() -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    rig.set(PX, {".4.1.2.1.3.1.3": 8, ".3.5.3.1.12.1.3": 20})
    rig.device.asked.clear()
    status = await rig.backend.read_outlet(3)
    assert (status.state, status.pending, status.reboot_off_s) == ("off", None, 10.0)
    assert rig.device.asked == [("1.3.6.1.4.1.13742.6.4.1.2.1.3.1.3",)]


async def test_an_outlet_that_says_it_cannot_switch() -> None:
    values = px3() | {f"{PX}.3.5.3.1.28.1.3": 2}
    rig = Rig(values)
    reading = await rig.backend.poll()
    assert [o.switchable for o in reading.outlets] == [True, True, False, True]
    with pytest.raises(CommandRejected, match="outlet 3"):
        await rig.backend.command(3, "off", lambda: None)
    assert rig.device.written == []


async def test_switchable_by_the_command_column_where_the_device_does_not_say() -> None:
    values = {k: v for k, v in px3().items() if not k.startswith(f"{PX}.3.5.3.1.28.")}
    assert not any(o.switchable for o in (await Rig(values).backend.poll()).outlets)
    values |= {f"{PX}.4.1.2.1.2.1.{n}": 1 for n in range(1, 5)}
    assert all(o.switchable for o in (await Rig(values).backend.poll()).outlets)
