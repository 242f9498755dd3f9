"""The profile of APC's second generation: what its flat tables mean, and what is written."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected, Unreachable
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction, PduAction
from tests.support.apc_devices import APC, masterswitch, rpdu, rpdu2
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import SYSTEM, Rig


async def test_it_is_not_taken_for_the_first_generation() -> None:
    values = rpdu2()
    assert f"{APC}.12.1.5.0" in values
    assert f"{APC}.4.1.4.0" in values
    for object_id in (
        "1.3.6.1.4.1.318.1.3.4.5",
        "1.3.6.1.4.1.318.1.3.4.6",
        "1.3.6.1.4.1.8072",
        None,
    ):
        reading = await Rig(values | {f"{SYSTEM}.2.0": object_id}).backend.poll()
        assert reading.profile == "apc-rpdu2"
    for other in (rpdu(), masterswitch()):
        assert (await Rig(other).backend.poll()).profile == "apc-rpdu"


async def test_device_and_phase_make_the_inlet() -> None:
    reading = await Rig(rpdu2()).backend.poll()
    assert (reading.vendor, reading.model, reading.serial) == ("APC", "AP8641", "5A0001")
    assert (reading.name, reading.firmware, reading.phases) == ("unit1", "6.7.2", ())
    (inlet,) = reading.inlets
    assert (inlet.number, inlet.module, inlet.state) == (1, None, "normal")
    assert (inlet.voltage_v, inlet.current_a) == (201, 7.1)
    assert (inlet.power_w, inlet.apparent_power_va) == (1210, 1310)
    assert (inlet.power_factor, inlet.energy_kwh, inlet.rating_a) == (0.94, 1951.6, 24)


async def test_minus_one_is_not_a_figure() -> None:
    rig = Rig(rpdu2())
    rig.set(
        APC,
        {
            ".26.4.3.1.4.1": 5,  # as an AP7900B answers
            **{f".26.4.3.1.{column}.1": -1 for column in (5, 9, 16, 17)},
            ".26.6.3.1.6.1": -1,
            ".26.8.3.1.5.1": -1,
            ".26.9.4.3.1.6.2": -1,
            ".26.9.4.3.1.7.2": -1,
            ".26.9.4.3.1.11.2": -1,
            ".26.9.2.1.1.7.2": -1,
        },
    )
    reading = await rig.backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (None, None, None)
    assert (inlet.energy_kwh, inlet.voltage_v, inlet.current_a) == (None, None, 7.1)
    assert inlet.state == "normal"  # of its current; it does not measure power
    assert reading.banks[0].current_a is None
    second = reading.outlets[1]
    assert (second.current_a, second.power_w, second.energy_kwh) == (None, None, None)
    assert (await rig.backend.read_outlet(2)).reboot_off_s is None


@pytest.mark.parametrize(
    ("phase", "power", "word"),
    [
        (2, 2, "normal"),
        (1, 2, "low"),
        (3, 2, "warning"),
        (4, 2, "critical"),
        (2, 4, "critical"),
        (2, 3, "warning"),
        (9, 2, "unknown"),
    ],
)
async def test_load_states_count_from_low(phase: int, power: int, word: str) -> None:
    rig = Rig(rpdu2())
    rig.set(APC, {".26.6.3.1.4.1": phase, ".26.4.3.1.4.1": power, ".26.8.3.1.4.2": phase})
    reading = await rig.backend.poll()
    assert reading.inlets[0].state == word
    if power == 2:
        assert reading.banks[1].state == word


async def test_banks_have_ratings_and_thresholds() -> None:
    banks = (await Rig(rpdu2()).backend.poll()).banks
    assert [(b.number, b.name, b.current_a) for b in banks] == [
        (1, "Bank 1", 3.1),
        (2, "Bank 2", 3.2),
    ]
    assert [(b.rating_a, b.warning_a, b.critical_a) for b in banks] == [(20, 16, 20)] * 2


async def test_outlets_are_off_with_1_and_on_with_2() -> None:
    rig = Rig(rpdu2())
    rig.set(APC, {".26.9.2.3.1.5.1": 1, ".26.9.2.3.1.5.3": 7, ".26.9.2.3.1.6.4": 1})
    outlets = (await rig.backend.poll()).outlets
    assert [o.state for o in outlets] == ["off", "on", "unknown", "on"]
    assert [o.pending for o in outlets] == [None, None, None, "unspecified"]
    assert [(o.number, o.name, o.bank) for o in outlets] == [
        (1, "u1o1", 1),
        (2, "u1o2", 1),
        (3, "u1o3", 2),
        (4, "u1o4", 2),
    ]
    assert all(o.switchable for o in outlets)
    assert [o.current_a for o in outlets] == [1.1, 1.2, 1.3, 1.4]
    assert [o.power_w for o in outlets] == [101, 102, 103, 104]  # whole watts
    assert outlets[0].energy_kwh == 304.6


async def test_a_metered_table_that_is_empty_means_nothing() -> None:
    rig = Rig(rpdu2())
    rig.set(APC, {".26.9.3.0": 0, **{f".26.9.4.3.1.6.{k}": 0 for k in range(1, 5)}})
    assert {o.current_a for o in (await rig.backend.poll()).outlets} == {None}


async def test_a_unit_that_meters_and_does_not_switch() -> None:
    outlets = (await Rig(rpdu2(switched=False)).backend.poll()).outlets
    assert [(o.number, o.name, o.state, o.switchable) for o in outlets][:2] == [
        (1, "u1o1", "unknown", False),
        (2, "u1o2", "unknown", False),
    ]
    assert [o.power_w for o in outlets] == [101, 102, 103, 104]


async def test_a_chain_numbers_by_module() -> None:
    reading = await Rig(rpdu2(units=3)).backend.poll()
    assert [(i.number, i.module, i.power_w, i.current_a) for i in reading.inlets] == [
        (1, 1, 1210, 7.1),
        (2001, 2, 2210, 8.1),
        (3001, 3, 3210, 9.1),
    ]
    assert reading.phases == ()
    assert [(b.number, b.module) for b in reading.banks] == [
        (1, 1), (2, 1), (2001, 2), (2002, 2), (3001, 3), (3002, 3),
    ]  # fmt: skip
    sixth = reading.outlets[5]
    assert (sixth.number, sixth.module, sixth.label) == (2002, 2, "2.2")
    assert (sixth.name, sixth.power_w, sixth.bank) == ("u2o2", 202, 2001)
    assert [o.number for o in reading.outlets] == [
        1, 2, 3, 4, 2001, 2002, 2003, 2004, 3001, 3002, 3003, 3004,
    ]  # fmt: skip


async def test_the_figures_of_a_metered_row_go_to_no_other_outlet() -> None:
    """Unit 2 alone is metered by outlet: row 1 of the metered table is its outlet 1."""
    values = rpdu2(units=2)
    for k in range(5, 9):
        for column in (2, 3, 4, 6, 7, 11):
            values[f"{APC}.26.9.4.3.1.{column}.{k - 4}"] = values.pop(
                f"{APC}.26.9.4.3.1.{column}.{k}"
            )
    values[f"{APC}.26.9.3.0"] = 4
    outlets = (await Rig(values).backend.poll()).outlets
    assert [o.power_w for o in outlets[:4]] == [None] * 4
    assert all(o.power_w in (None, 200 + place + 1) for place, o in enumerate(outlets[4:]))


async def test_a_metered_row_of_another_number_is_not_shown() -> None:
    rig = Rig(rpdu2())
    rig.set(APC, {".26.9.4.3.1.4.1": 3})
    outlets = (await rig.backend.poll()).outlets
    assert [o.power_w for o in outlets] == [None, 102, 103, 104]


async def test_three_phases() -> None:
    reading = await Rig(rpdu2(phases=3)).backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.power_w, inlet.voltage_v, inlet.current_a) == (1210, None, None)
    assert [(p.number, p.name, p.current_a) for p in reading.phases] == [
        (1, "L1", 7.1),
        (2, "L2", 7.2),
        (3, "L3", 7.3),
    ]
    third = reading.phases[2]
    assert (third.voltage_v, third.power_w, third.apparent_power_va) == (201, 430, 450)
    assert (third.power_factor, third.warning_a, third.critical_a) == (0.95, 19, 24)
    assert (third.rating_a, third.state) == (24, "normal")


async def test_a_chain_of_three_phase_units() -> None:
    reading = await Rig(rpdu2(units=2, phases=3)).backend.poll()
    assert [(p.number, p.module, p.current_a) for p in reading.phases] == [
        (1, 1, 7.1), (2, 1, 7.2), (3, 1, 7.3), (2001, 2, 8.1), (2002, 2, 8.2), (2003, 2, 8.3),
    ]  # fmt: skip
    assert [(i.number, i.power_w) for i in reading.inlets] == [(1, 1210), (2001, 2210)]


async def test_probes_and_power_supplies() -> None:
    rig = Rig(rpdu2())
    assert [
        (s.name, s.kind, s.value, s.unit, s.state) for s in (await rig.backend.poll()).sensors
    ] == [
        ("Temperature 1", "temperature", 23.1, "degC", "normal"),
        ("Humidity 1", "humidity", 41, "percent", "normal"),
        ("Power supply 1", "power_supply", None, None, "normal"),
    ]
    rig.set(
        APC,
        {
            ".26.4.3.1.13.1": 2,
            ".26.10.2.2.1.5.1": 3,
            ".26.10.2.2.1.6.1": 3,
            ".26.10.2.2.1.9.1": 1,
            ".26.10.2.2.1.11.1": 5,
        },
    )
    temperature, humidity, supply = (await rig.backend.poll()).sensors
    assert (temperature.value, temperature.state) == (None, "fault")
    assert (humidity.value, humidity.state) == (None, "fault")
    assert supply.state == "alarm"


@pytest.mark.parametrize(
    ("raw", "word"),
    [(2, "critical"), (3, "warning"), (5, "warning"), (6, "critical"), (1, "unknown")],
)
async def test_thresholds_of_a_probe(raw: int, word: str) -> None:
    rig = Rig(rpdu2())
    rig.set(APC, {".26.10.2.2.1.9.1": raw})
    assert (await rig.backend.poll()).sensors[0].state == word


COMMANDS: list[tuple[OutletAction, int]] = [
    ("on", 1),
    ("off", 2),
    ("reboot", 3),
    ("delayed_on", 5),
    ("delayed_off", 6),
    ("delayed_reboot", 7),
    ("cancel", 8),
]


@pytest.mark.parametrize(("action", "integer"), COMMANDS)
async def test_outlet_commands(action: OutletAction, integer: int) -> None:
    rig = Rig(rpdu2(units=2))
    await rig.backend.poll()
    await rig.backend.command(2003, action, lambda: None)
    oid = "1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.7"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]
    assert rig.backend.actions == {a for a, _ in COMMANDS}
    assert not rig.backend.takes_delay


ALL: list[tuple[PduAction, int]] = [
    ("all_on", 1),
    ("all_delayed_on", 2),
    ("all_off", 3),
    ("all_reboot", 4),
    ("all_delayed_reboot", 5),
    ("all_delayed_off", 7),
    ("all_cancel", 8),
]


@pytest.mark.parametrize(("action", "integer"), ALL)
async def test_all_outlets_commands(action: PduAction, integer: int) -> None:
    rig = Rig(rpdu2())
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {a for a, _ in ALL}
    await rig.backend.command_pdu(action, lambda: None)
    oid = "1.3.6.1.4.1.318.1.1.26.4.4.1.4.1"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_of_a_chain_all_outlets_are_not_switched_at_once() -> None:
    rig = Rig(rpdu2(units=2))
    await rig.backend.poll()
    assert rig.backend.pdu_actions == frozenset()
    with pytest.raises(CommandRejected):
        await rig.backend.command_pdu("all_off", lambda: None)
    assert rig.device.written == []


async def test_delays_of_an_outlet() -> None:
    rig = Rig(rpdu2())
    await rig.backend.poll()
    status = await rig.backend.read_outlet(3)
    assert (status.on_delay_s, status.off_delay_s, status.reboot_off_s) == (13, -1, 5)


async def test_over_the_wire() -> None:
    mib = DictMib(
        rpdu2(units=2), lambda values, oid, value: values.update({f"{APC}.26.9.2.3.1.5.6": 1})
    )
    async with served(mib) as backend:
        reading = await backend.poll()
        assert (reading.profile, reading.poll.errors) == ("apc-rpdu2", ())
        await backend.command(2002, "off", lambda: None)
        assert mib.written == [("1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.6", 2)]
        assert (await backend.read_outlet(2002)).state == "off"
        assert (await backend.read_outlet(2)).state == "on"


async def test_a_lost_answer_does_not_make_it_first_generation() -> None:
    """The older branches number states and commands the other way round."""
    rig = Rig(rpdu2() | {f"{SYSTEM}.2.0": "1.3.6.1.4.1.318.1.3.4.5"})
    rig.device.silent_oids = {f"{APC}.26.2.1.8.1", f"{APC}.26.4.3.1.2.1"}
    with pytest.raises(Unreachable):
        await rig.backend.poll()
    rig.device.silent_oids = set()
    assert (await rig.backend.poll()).profile == "apc-rpdu2"
