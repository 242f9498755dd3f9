"""The CyberPower profile: what a PDU44001 and its siblings mean by what they answer."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction
from pdutui.domain.load import total_load
from tests.support.snmp_devices import CPS, Rig, pdu44001


async def test_two_banks_and_a_total_that_is_counted_once() -> None:
    reading = await Rig(pdu44001()).backend.poll()
    assert [(b.number, b.name, b.current_a) for b in reading.banks] == [
        (1, "Bank 1", 1.8),
        (2, "Bank 2", 0.9),
    ]
    assert [(i.number, i.name, i.current_a) for i in reading.inlets] == [(1, "I1", 2.7)]
    assert total_load(reading).current_a == 2.7
    inlet = reading.inlets[0]
    assert (inlet.voltage_v, inlet.power_w, inlet.apparent_power_va) == (120.9, 324, 351)
    assert (inlet.power_factor, inlet.frequency_hz, inlet.energy_kwh) == (0.97, 60.0, 1042.3)
    assert (inlet.rating_a, inlet.state) == (20, "normal")
    bank = reading.banks[0]
    assert (bank.voltage_v, bank.power_w) == (120.9, 216)
    assert (bank.apparent_power_va, bank.power_factor, bank.energy_kwh) == (None, None, None)
    assert (bank.rating_a, bank.warning_a, bank.critical_a) == (16, 12, 16)


async def test_identity_outlets_and_switch() -> None:
    reading = await Rig(pdu44001()).backend.poll()
    assert (reading.vendor, reading.model, reading.serial) == ("CyberPower", "PDU44001", "NKX0001")
    assert (reading.firmware, reading.name, reading.uptime_s) == ("1.3.2", "ATS011", 1_000_000)
    assert [o.number for o in reading.outlets] == list(range(1, 11))
    assert {o.bank for o in reading.outlets[:5]} == {1}
    assert {o.bank for o in reading.outlets[5:]} == {2}
    assert all(o.switchable and o.state == "on" and o.pending is None for o in reading.outlets)
    ats = reading.ats
    assert ats is not None
    assert (ats.active, ats.preferred, ats.redundancy) == ("A", "A", "full")
    assert (ats.phase_sync, ats.sensitivity) == ("in_sync", "medium")
    assert [(s.id, s.name, s.voltage_v, s.frequency_hz, s.state) for s in ats.sources] == [
        ("A", "Source A", 120.9, 60.0, "normal"),
        ("B", "Source B", 121.4, 60.0, "normal"),
    ]
    assert [(s.name, s.kind, s.value, s.unit) for s in reading.sensors] == [
        ("Rack top", "temperature", 20.7, "degC"),
        ("Rack top", "humidity", 45.36, "percent"),
        ("Door", "contact", None, None),
    ]
    assert reading.sensors[2].state == "normal"


async def test_the_phases_of_a_unit_without_epdu2_add_up_to_its_cord() -> None:
    reading = await Rig(pdu44001(phases=3, banks=3)).backend.poll()
    assert [(p.number, p.name, p.current_a, p.power_w) for p in reading.phases] == [
        (1, "L1", 2.7, 324),
        (2, "L2", 2.7, 324),
        (3, "L3", 2.7, 324),
    ]
    assert [b.number for b in reading.banks] == [1, 2, 3]
    (inlet,) = reading.inlets
    assert (inlet.name, inlet.module, inlet.rating_a) == ("I1", None, 20)
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (972, 1053, 0.923)
    # three phases' amperes are no amperes of the cord
    assert (inlet.current_a, inlet.voltage_v) == (None, None)


async def test_an_inlet_is_unknown_where_one_of_its_phases_is() -> None:
    rig = Rig(pdu44001(phases=3))
    await rig.backend.poll()
    rig.set(CPS, {".3.2.3.1.1.7.2": None})
    (inlet,) = (await rig.backend.poll()).inlets
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (None, 1053, None)


async def test_the_cord_of_a_three_phase_unit_with_epdu2() -> None:
    rig = Rig(pdu44001(phases=3))
    rig.set(
        CPS,
        {
            ".6.2.1.0": 1,
            ".6.3.3.1.4.1": 16,
            ".6.3.3.1.8.1": 3,
            ".6.3.4.1.2.1": 1,
            ".6.3.4.1.4.1": 3,
            ".6.3.4.1.5.1": 84,
            ".6.3.4.1.9.1": 10423,
            ".6.3.4.1.15.1": 1060,
            ".6.3.4.1.16.1": 97,
            ".6.3.4.1.18.1": 1028,
        },
    )
    reading = await rig.backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (1028, 1060, 0.97)
    assert (inlet.energy_kwh, inlet.state, inlet.rating_a) == (1042.3, "warning", 16)
    assert (inlet.current_a, inlet.frequency_hz) == (None, 60.0)
    assert len(reading.phases) == 3


async def test_unmetered_outlets_have_no_figures_rather_than_zeros() -> None:
    reading = await Rig(pdu44001()).backend.poll()
    assert {(o.current_a, o.power_w, o.energy_kwh) for o in reading.outlets} == {(None, None, None)}


async def test_metered_outlets_from_either_branch() -> None:
    rig = Rig(pdu44001())
    rig.set(CPS, {".3.3.1.5.0": 10, ".3.3.5.1.1.7.3": 9, ".3.3.5.1.1.8.3": 104})
    outlet = (await rig.backend.poll()).outlet(3)
    assert outlet is not None
    assert (outlet.current_a, outlet.power_w) == (0.9, 104)

    rig.set(CPS, {".6.6.2.1.0": 10, ".6.6.2.4.1.3.3": 3, ".6.6.2.4.1.6.3": 8})
    rig.clock.advance(120)
    await rig.backend.poll()
    rig.clock.advance(1)
    outlet = (await rig.backend.poll()).outlet(3)
    assert outlet is not None
    assert (outlet.current_a, outlet.power_w) == (0.8, 104)


async def test_a_metered_row_of_another_outlet_is_not_taken() -> None:
    rig = Rig(pdu44001())
    rig.set(CPS, {".6.6.2.1.0": 4, ".6.6.2.4.1.3.1": 7, ".6.6.2.4.1.6.1": 55})
    outlet = (await rig.backend.poll()).outlet(1)
    assert outlet is not None
    assert outlet.current_a is None


@pytest.mark.parametrize(
    ("raw", "nominal", "output", "want"),
    [
        ((1209, 1214), 120, 1209, (120.9, 121.4)),
        ((217, 222), 220, 2179, (217.0, 222.0)),
        ((1209, 1214), None, 1209, (120.9, 121.4)),
        ((217, 222), 0, 2179, (217.0, 222.0)),
        ((1209, 1214), 220, 1209, (120.9, 121.4)),  # set up for another mains
        ((0, 1214), 120, 1209, (0.0, 121.4)),
        ((20, 1214), 120, 1209, (2.0, 121.4)),
        ((121, 1214), 120, 1209, (12.1, 121.4)),  # a sag that would pass for sound whole volts
        ((1214, 0), 120, 1209, (121.4, 0.0)),
        ((3, 118), 120, 1180, (3.0, 118.0)),
        ((0, 0), 120, 0, (0.0, 0.0)),
        ((7, 9), 120, 0, (None, None)),  # no scale makes sense of it
    ],
)
async def test_source_volts_in_tenths_or_whole(
    raw: tuple[int, int],
    nominal: int | None,
    output: int,
    want: tuple[float | None, float | None],
) -> None:
    values = pdu44001()
    values |= {f"{CPS}.6.9.4.1.5.1": raw[0], f"{CPS}.6.9.4.1.6.1": raw[1]}
    values |= {f"{CPS}.6.9.2.1.6.1": nominal, f"{CPS}.3.5.7.0": output}
    values |= {f"{CPS}.3.2.3.1.1.6.1": output}
    ats = (await Rig(values).backend.poll()).ats
    assert ats is not None
    assert tuple(s.voltage_v for s in ats.sources) == want


Volts = tuple[int | None, int | None]


@pytest.mark.parametrize(
    ("polls", "want"),
    [
        ([(1209, 1214), (400, None)], [40.0, None]),  # neither scale fits
        ([(1209, 1214), (121, None)], [12.1, None]),  # a sag, not a sound source in whole volts
        ([(1209, None), (121, None)], [12.1, None]),
        ([(121, None), (1209, None)], [120.9, None]),  # first seen in a sag, put right
        ([(121, None), (1209, 1214), (121, 1214)], [12.1, 121.4]),
        ([(120, 121), (12, 121)], [12.0, 121.0]),
        ([(1209, 1214), (121, 121)], [121.0, 121.0]),  # other firmware: one source must be alive
    ],
)
async def test_the_scale_is_remembered_as_far_as_it_can_be_trusted(
    polls: list[Volts], want: list[float | None]
) -> None:
    rig = Rig(pdu44001())
    for a, b in polls:
        rig.set(CPS, {".6.9.4.1.5.1": a, ".6.9.4.1.6.1": b})
        rig.clock.advance(60)  # long enough to look again for a source that was not answered
        ats = (await rig.backend.poll()).ats
    assert ats is not None
    assert [s.voltage_v for s in ats.sources] == want


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 0}, "lost"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 119}, "lost"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 121}, "under_voltage"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 950}, "under_voltage"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 0, ".6.9.4.1.11.1": 3}, "lost"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": None}, "under_voltage"),
        ({".6.9.4.1.9.1": 3, ".6.9.4.1.5.1": 0, ".6.9.2.1.6.1": None}, "lost"),
        ({".6.9.4.1.9.1": 2}, "over_voltage"),
        ({".6.9.4.1.11.1": 2}, "over_frequency"),
        ({".6.9.4.1.11.1": 3}, "under_frequency"),
        ({".6.9.4.1.9.1": 9}, "unknown"),
        ({".6.9.4.1.9.1": 9, ".6.9.4.1.11.1": 3}, "under_frequency"),
        ({".6.9.4.1.9.1": None, ".6.9.4.1.11.1": None}, "unknown"),
        ({".6.9.4.1.5.1": 0}, "normal"),  # the device's word, not our guess
    ],
)
async def test_source_state(changes: dict[str, int | None], state: str) -> None:
    values = pdu44001() | {CPS + oid: value for oid, value in changes.items()}
    ats = (await Rig(values).backend.poll()).ats
    assert ats is not None
    assert ats.sources[0].state == state
    assert ats.sources[1].state == "normal"


async def test_integers_that_the_mib_does_not_list_are_unknown() -> None:
    rig = Rig(pdu44001())
    rig.set(
        CPS,
        {
            ".3.3.5.1.1.4.3": 7,
            ".3.3.5.1.1.5.3": 7,
            ".3.2.3.1.1.3.1": 9,
            ".6.9.4.1.3.1": 8,
            ".6.9.4.1.16.1": 8,
            ".8.4.2.1.5.1": 8,
        },
    )
    reading = await rig.backend.poll()
    outlet = reading.outlet(3)
    assert outlet is not None
    assert (outlet.state, outlet.pending) == ("unknown", None)
    assert reading.inlets[0].state == "unknown"
    assert reading.ats is not None
    assert (reading.ats.active, reading.ats.redundancy) == (None, None)
    assert reading.sensors[2].state == "unknown"


async def test_tenths_are_divided_not_multiplied() -> None:
    """3 * 0.1 is 0.30000000000000004, and would stand so in the JSON."""
    rig = Rig(pdu44001())
    rig.set(CPS, {".3.2.3.1.1.2.1": 3, ".3.2.3.1.1.6.1": 2179})
    inlet = (await rig.backend.poll()).inlets[0]
    assert (inlet.current_a, inlet.voltage_v) == (0.3, 217.9)


@pytest.mark.parametrize("raw", [-1, -(2**31), 2**32 - 1])
async def test_what_no_device_measures_is_unknown(raw: int) -> None:
    """Not there, said as -1 with or without its sign; a Gauge32 that is at its stop."""
    rig = Rig(pdu44001())
    rig.set(CPS, {".3.2.3.1.1.2.1": raw, ".3.2.3.1.1.7.1": raw, ".3.2.3.1.1.10.1": raw})
    inlet = (await rig.backend.poll()).inlets[0]
    assert (inlet.current_a, inlet.power_w, inlet.energy_kwh) == (None, None, None)
    assert inlet.voltage_v is not None


async def test_pending_and_load_states() -> None:
    rig = Rig(pdu44001())
    rig.set(CPS, {".3.3.5.1.1.5.3": 1, ".3.2.3.1.1.3.2": 3, ".3.2.3.1.1.3.3": 4})
    reading = await rig.backend.poll()
    assert [o.pending for o in reading.outlets[:4]] == [None, None, "unspecified", None]
    assert [b.state for b in reading.banks] == ["warning", "critical"]


async def test_fahrenheit_probes_read_in_celsius_and_no_unit_is_no_value() -> None:
    for unit, raw, want in [(2, 6926, 20.7), (1, 2070, 20.7), (None, 2070, None), (3, 2070, None)]:
        rig = Rig(pdu44001())
        rig.set(CPS, {".8.2.2.0": unit, ".8.2.3.1.3.1": raw})
        sensor = (await rig.backend.poll()).sensors[0]
        assert (sensor.value, sensor.unit) == (want, "degC")


async def test_the_old_environment_branch_counts_where_env2_is_not_there() -> None:
    values = {k: v for k, v in pdu44001().items() if not k.startswith(f"{CPS}.8.")}
    old = {".4.1.1.0": b"Probe", ".4.2.6.0": 215, ".4.3.1.0": 40, ".4.4.2.1.2.1": b"Door"}
    values |= {CPS + oid: value for oid, value in old.items()} | {f"{CPS}.4.4.2.1.3.1": 2}
    reading = await Rig(values).backend.poll()
    assert [(s.name, s.kind, s.value, s.state) for s in reading.sensors] == [
        ("Probe", "temperature", 21.5, "unknown"),
        ("Probe", "humidity", 40, "unknown"),
        ("Door", "contact", None, "alarm"),
    ]
    values |= {f"{CPS}.4.2.6.0": None, f"{CPS}.4.3.1.0": None, f"{CPS}.4.4.2.1.3.1": None}
    assert (await Rig(values).backend.poll()).sensors == ()


async def test_a_unit_that_answers_epdu2_only() -> None:
    values = {k: v for k, v in pdu44001().items() if not k.startswith(f"{CPS}.3.")}
    for n in (1, 2):
        values |= {
            f"{CPS}.6.6.1.4.1.4.{n}": f"Out {n}".encode(),
            f"{CPS}.6.6.1.4.1.5.{n}": n,
            f"{CPS}.6.6.1.4.1.6.{n}": 2,
            f"{CPS}.6.6.1.5.1.5.{n}": n,
        }
    values |= {
        f"{CPS}.6.2.2.1.9.1": b"PDU83101",
        f"{CPS}.6.3.3.1.8.1": 1,
        f"{CPS}.6.3.4.1.9.1": 55,
        f"{CPS}.6.4.4.1.3.1": 1,
        f"{CPS}.6.4.4.1.4.1": 1,
        f"{CPS}.6.4.4.1.5.1": 31,
        f"{CPS}.6.5.4.1.3.1": 1,
        f"{CPS}.6.5.4.1.5.1": 31,
        f"{CPS}.6.5.2.1.7.1": 16,
    }
    rig = Rig(values)
    reading = await rig.backend.poll()
    assert reading.model == "PDU83101"
    assert [(i.current_a, i.energy_kwh) for i in reading.inlets] == [(3.1, 5.5)]
    assert [(b.number, b.current_a, b.critical_a) for b in reading.banks] == [(1, 3.1, 16)]
    assert [(o.name, o.state) for o in reading.outlets] == [("Out 1", "on"), ("Out 2", "off")]
    await rig.backend.command(2, "on", lambda: None)
    assert rig.device.written == [(f"{CPS}.6.6.1.5.1.5.2", SnmpValue("integer", 1))]


# --- commands: a wrong OID or integer here switches the wrong way --------------------------------


@pytest.mark.parametrize(("action", "integer"), [("on", 1), ("off", 2), ("reboot", 3)])
async def test_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    sent: list[bool] = []
    await rig.backend.command(3, action, lambda: sent.append(True))
    oid = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4.3"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]
    assert sent == [True]


def test_the_whole_command_map() -> None:
    old, new = load_builtin("cyberpower-epdu").commands
    assert (old.oid, old.branch) == (".3.3.3.1.1.4.{i}", 0)
    assert (new.oid, new.branch) == (".6.6.1.5.1.5.{i}", 1)
    assert old.actions == new.actions
    assert old.actions == {
        "on": 1,
        "off": 2,
        "reboot": 3,
        "delayed_on": 4,
        "delayed_off": 5,
        "delayed_reboot": 6,
        "cancel": 7,
        "identify": 8,
    }


async def test_state_is_read_back_from_its_own_column() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.set(CPS, {".3.3.5.1.1.4.3": 2, ".3.3.5.1.1.5.3": 1})
    rig.device.asked.clear()
    status = await rig.backend.read_outlet(3)
    assert (status.state, status.pending, status.reboot_off_s) == ("off", "unspecified", 5.0)
    assert rig.device.asked == [
        ("1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4.3", "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.5.3")
    ]


async def test_without_a_command_column_nothing_is_switchable() -> None:
    values = pdu44001()
    for n in range(1, 11):
        del values[f"{CPS}.3.3.3.1.1.4.{n}"]
        values[f"{CPS}.6.6.1.5.1.5.{n}"] = 1  # of the other branch: not this row's
    rig = Rig(values)
    reading = await rig.backend.poll()
    assert not any(o.switchable for o in reading.outlets)
    with pytest.raises(CommandRejected, match="outlet 3"):
        await rig.backend.command(3, "off", lambda: None)
    assert rig.device.written == []
