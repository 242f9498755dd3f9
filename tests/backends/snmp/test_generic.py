"""The profile of last resort: what standard MIBs say, for devices that measure mains power."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.backends.base import CommandRejected, Unsupported
from pdutui.backends.snmp.recording import load_recording, recognise_recording
from pdutui.backends.snmp.types import RawValue
from tests.support.dict_agent import DictMib, served
from tests.support.eaton_devices import epdu
from tests.support.snmp_devices import Rig, Values
from tests.support.standard_devices import ENTITY, SENSOR, UPS, sensors, switch, ups


async def test_sensors_by_type_prefix_and_digits() -> None:
    reading = await Rig(sensors()).backend.poll()
    assert (reading.profile, reading.model, reading.serial) == ("generic", "RM-3000", "RM0001")
    assert reading.vendor is None
    assert [(s.name, s.kind, s.value, s.unit) for s in reading.sensors] == [
        ("Input voltage", "voltage", 230.4, "V"),
        ("Input current", "current", 4.12, "A"),
        ("Input power", "power", 946, "W"),
        ("Frequency", "frequency", 50.012, "Hz"),
        ("Inlet air", "temperature", 23.5, "degC"),
        ("Humidity", "humidity", 41, "percent"),
        ("Fan", "speed", 4200, "rpm"),
    ]
    assert (reading.inlets, reading.banks, reading.outlets) == ((), (), ())


@pytest.mark.parametrize(
    ("column", "raw", "value", "state"),
    [
        (5, 2, None, "unknown"),
        (5, 3, None, "fault"),
        (4, 1_000_000_000, None, "unknown"),
        (4, -1_000_000_000, None, "unknown"),
        (3, -3, 2304, "unknown"),
        (3, 10, None, "unknown"),
        (2, 99, None, "unknown"),
    ],
)
async def test_when_a_sensor_says_nothing(
    column: int, raw: int, value: float | None, state: str
) -> None:
    values = sensors()
    values[f"{SENSOR}.{column}.1001"] = raw
    sensor = (await Rig(values, profile="generic").backend.poll()).sensors[0]
    assert (sensor.value, sensor.state) == (value, state)


async def test_a_sensor_without_a_name_in_the_entity_table() -> None:
    values = sensors()
    del values[f"{ENTITY}.7.1001"]
    values[f"{ENTITY}.7.1002"] = b""
    values[f"{ENTITY}.2.1002"] = b"Current probe"
    first, second, *_ = (await Rig(values).backend.poll()).sensors
    assert (first.name, second.name) == ("Voltage 1", "Current probe")


async def test_a_switch_with_optics_is_no_pdu() -> None:
    with pytest.raises(Unsupported, match="Catalyst"):
        await Rig(switch()).backend.poll()


async def test_by_hand_it_shows_whatever_is_there() -> None:
    reading = await Rig(switch(), profile="generic").backend.poll()
    assert reading.profile == "generic"
    assert [(s.kind, s.value) for s in reading.sensors] == [
        ("temperature", 31.2),
        ("dc_voltage", 3.29),
        ("current", 0.0062),
        ("power", 0.0005),
        ("speed", 5400),
    ]


async def test_a_device_with_nothing_of_it_is_named_even_by_hand() -> None:
    values: Values = {o: v for o, v in switch().items() if o.startswith("1.3.6.1.2.1.1.")}
    with pytest.raises(Unsupported, match="Catalyst"):
        await Rig(values, profile="generic").backend.poll()


async def test_a_known_family_goes_first_whatever_its_sensors() -> None:
    values = sensors() | epdu()
    values["1.3.6.1.2.1.1.2.0"] = "1.3.6.1.4.1.99999.1"
    assert (await Rig(values).backend.poll()).profile == "eaton-epdu"


async def test_lines_of_a_ups() -> None:
    reading = await Rig(ups()).backend.poll()
    assert (reading.profile, reading.model, reading.name) == ("generic", "Power 3000", "room 2")
    assert (reading.firmware, reading.phases) == ("3.4", ())
    (inlet,) = reading.inlets
    assert (inlet.name, inlet.voltage_v, inlet.current_a) == ("Input", 230, 4.1)
    assert (inlet.power_w, inlet.frequency_hz) == (940, 50)
    (output,) = reading.banks
    assert (output.name, output.voltage_v, output.current_a) == ("Output 1", 230, 3.8)
    assert output.power_w == 870
    assert [(s.kind, s.state, s.value, s.unit) for s in reading.sensors] == [
        ("output_source", "normal", None, None),
        ("battery", "normal", 100, "percent"),
    ]


async def test_three_input_lines_are_phases_of_one_inlet() -> None:
    reading = await Rig(ups(lines=3)).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.voltage_v, inlet.current_a, inlet.power_w) == (None, None, 2820)
    assert [(p.name, p.voltage_v) for p in reading.phases] == [
        ("L1", 230),
        ("L2", 231),
        ("L3", 232),
    ]
    assert [b.name for b in reading.banks] == ["Output 1", "Output 2", "Output 3"]


@pytest.mark.parametrize(
    ("source", "word"),
    [(1, "unknown"), (2, "off"), (3, "normal"), (4, "warning"), (5, "alarm"), (6, "warning")],
)
async def test_what_a_ups_runs_on(source: RawValue, word: str) -> None:
    rig = Rig(ups())
    rig.set(UPS, {".4.1.0": source})
    assert (await rig.backend.poll()).sensors[0].state == word


async def test_nothing_is_switched() -> None:
    rig = Rig(ups())
    await rig.backend.poll()
    assert (rig.backend.actions, rig.backend.pdu_actions) == (frozenset(), frozenset())
    with pytest.raises(CommandRejected):
        await rig.backend.command(1, "off", lambda: None)


@pytest.mark.parametrize(("device", "family"), [(sensors(), "generic"), (switch(), None)])
def test_recordings_are_recognised_alike(
    device: Values, family: str | None, tmp_path: Path
) -> None:
    lines = [
        f"{oid}|{'6' if isinstance(v, str) else '2'}|{v}"
        if not isinstance(v, bytes)
        else f"{oid}|4x|{v.hex()}"
        for oid, v in device.items()
    ]
    file = tmp_path / "device.snmprec"
    file.write_text("\n".join(lines) + "\n")
    profile = recognise_recording(load_recording(file))
    assert (profile.name if profile is not None else None) == family


async def test_over_the_wire() -> None:
    async with served(DictMib(sensors())) as backend:
        reading = await backend.poll()
        assert (reading.profile, reading.sensors[0].value) == ("generic", 230.4)
