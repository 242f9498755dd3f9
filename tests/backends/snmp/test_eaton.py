"""The Eaton ePDU G3 profile: what it means by what it answers, and what switches an outlet."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import RawValue, SnmpValue
from pdutui.domain.commands import OutletAction, PduAction
from pdutui.domain.load import total_load
from tests.support.dict_agent import DictMib, served
from tests.support.eaton_devices import EATON, epdu
from tests.support.snmp_devices import Rig


async def test_one_input_of_one_phase() -> None:
    reading = await Rig(epdu()).backend.poll()
    assert (reading.profile, reading.vendor, reading.model) == ("eaton-epdu", "Eaton", "EMA107-10")
    assert (reading.serial, reading.firmware) == ("H619P00000", "05.01.0002")
    assert (reading.name, reading.phases, reading.ats) == ("rack 4 left", (), None)
    (inlet,) = reading.inlets
    assert (inlet.number, inlet.name, inlet.state) == (1, "Feed B", "normal")
    assert (inlet.voltage_v, inlet.current_a, inlet.rating_a) == (230.101, 2.091, 16)
    assert (inlet.power_w, inlet.apparent_power_va) == (458, 482)
    assert (inlet.power_factor, inlet.frequency_hz) == (0.951, 50)
    assert inlet.energy_kwh == 1234.567


async def test_three_phases_are_rows_and_the_input_is_their_total() -> None:
    rig = Rig(epdu(phases=3))
    rig.set(EATON, {".3.3.1.5.0.1.2": 3})
    reading = await rig.backend.poll()
    (inlet,) = reading.inlets
    assert (inlet.voltage_v, inlet.current_a) == (None, None)
    assert (inlet.power_w, inlet.apparent_power_va, inlet.power_factor) == (1368, 1440, 0.95)
    assert [(p.number, p.name, p.voltage_v, p.current_a) for p in reading.phases] == [
        (1, "L1", 230.101, 2.091),
        (2, "L2", 230.102, 2.092),
        (3, "L3", 230.103, 2.093),
    ]
    second = reading.phases[1]
    assert (second.power_w, second.apparent_power_va, second.power_factor) == (458, 482, 0.951)
    assert (second.rating_a, second.warning_a, second.critical_a) == (16, 12.8, 16)
    assert [p.state for p in reading.phases] == ["normal", "warning", "normal"]
    assert inlet.state == "warning"


async def test_a_measured_neutral_is_not_given_the_total() -> None:
    rig = Rig(epdu(phases=3))
    rig.set(EATON, {".3.3.1.4.0.1.4": 105, ".3.4.1.2.0.1.4": 4, ".3.4.1.4.0.1.4": 1374})
    neutral = (await rig.backend.poll()).phases[3]
    assert (neutral.number, neutral.current_a, neutral.power_w) == (4, 0.105, None)


@pytest.mark.parametrize(
    ("raw", "word"),
    [(0, "normal"), (1, "low"), (2, "low"), (3, "warning"), (4, "critical"), (5, "unknown")],
)
async def test_threshold_states(raw: int, word: str) -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".3.3.1.5.0.1.1": raw, ".5.4.1.4.0.1": raw})
    reading = await rig.backend.poll()
    assert (reading.inlets[0].state, reading.banks[0].state) == (word, word)


async def test_groups_are_banks_but_not_those_a_user_made_up() -> None:
    reading = await Rig(epdu()).backend.poll()
    assert [(b.number, b.name, b.state) for b in reading.banks] == [
        (1, "Section 1", "normal"),
        (2, "Section 2", "normal"),
    ]
    bank = reading.banks[0]
    assert (bank.voltage_v, bank.current_a, bank.power_w) == (230, 1.045, 228)
    assert (bank.apparent_power_va, bank.energy_kwh, bank.power_factor) == (240, 61, None)
    assert (bank.rating_a, bank.warning_a, bank.critical_a) == (16, 12.8, None)


async def test_a_breaker_that_is_off_has_tripped_whatever_its_current() -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".5.1.1.5.0.1": 2})
    assert [b.state for b in (await rig.backend.poll()).banks] == ["tripped", "normal"]


async def test_outlets() -> None:
    reading = await Rig(epdu()).backend.poll()
    assert [o.name for o in reading.outlets] == ["Outlet A1", "Outlet A2", "db01", "Outlet A4"]
    third = reading.outlets[2]
    assert (third.number, third.label, third.module, third.bank) == (3, "A3", None, 1)
    assert (third.state, third.pending, third.switchable) == ("on", None, True)
    assert (third.current_a, third.power_w, third.power_factor) == (0.79, 80, 0.842)
    assert third.energy_kwh == 785.621


@pytest.mark.parametrize(
    ("raw", "state", "pending"),
    [
        (0, "off", None),
        (1, "on", None),
        (2, "on", "off"),
        (3, "off", "on"),
        (4, "unknown", None),
        (-1, "unknown", None),
    ],
)
async def test_outlet_states(raw: int, state: str, pending: str | None) -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".6.6.1.2.0.2": raw})
    outlet = (await rig.backend.poll()).outlets[1]
    assert (outlet.state, outlet.pending) == (state, pending)


async def test_what_an_outlet_does_not_measure() -> None:
    rig = Rig(epdu())
    changes: dict[str, RawValue | None] = {".6.5.1.3.0.1": -1, ".6.5.1.6.0.1": -1}
    rig.set(EATON, changes | {".6.4.1.3.0.1": -1})
    outlet = (await rig.backend.poll()).outlets[0]
    assert (outlet.current_a, outlet.power_w, outlet.power_factor) == (None, None, None)


async def test_a_parent_that_is_a_user_s_group_is_no_bank() -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".6.2.1.2.0.1.1": 3})
    assert [o.bank for o in (await rig.backend.poll()).outlets] == [None, 1, 1, 1]


async def test_probes() -> None:
    reading = await Rig(epdu()).backend.poll()
    assert [(s.kind, s.name, s.value, s.unit, s.state) for s in reading.sensors] == [
        ("temperature", "Inlet air", 23.4, "degC", "warning"),
        ("humidity", "Inlet air", 41.1, "percent", "normal"),
        ("contact", "Door", None, None, "open"),
    ]


async def test_probes_in_fahrenheit_and_out_of_order() -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".1.2.1.9.0": 1, ".7.1.1.4.0.1": 752, ".7.2.1.3.0.1": -1})
    heat, damp, _ = (await rig.backend.poll()).sensors
    assert (heat.value, damp.value, damp.state) == (24.0, None, "unknown")


async def test_a_chain_counts_from_unit_0() -> None:
    reading = await Rig(epdu(units=2, outlets=2)).backend.poll()
    assert [(o.number, o.module) for o in reading.outlets] == [
        (1, 1),
        (2, 1),
        (2001, 2),
        (2002, 2),
    ]
    assert [i.number for i in reading.inlets] == [1, 2001]
    assert [b.number for b in reading.banks] == [1, 2, 2001, 2002]
    assert reading.phases == ()


@pytest.mark.parametrize("column", [30, 32], ids=["communication", "strapping"])
async def test_a_unit_that_the_card_has_lost_says_nothing(column: int) -> None:
    rig = Rig(epdu(units=2))
    rig.set(EATON, {f".1.2.1.{column}.0": 0, f".1.2.1.{column}.1": 0})
    before = await rig.backend.poll()
    assert [i.power_w for i in before.inlets] == [458, 458]
    rig.set(EATON, {f".1.2.1.{column}.1": 1})  # what it knew last is answered all the same
    reading = await rig.backend.poll()
    assert [(i.power_w, i.current_a, i.state) for i in reading.inlets] == [
        (458, 2.091, "normal"),
        (None, None, "unknown"),
    ]
    assert {(b.module, b.current_a is None) for b in reading.banks} == {(1, False), (2, True)}
    assert {(o.module, o.state) for o in reading.outlets} == {(1, "on"), (2, "unknown")}
    assert total_load(reading).power_w is None
    assert reading.serial == before.serial


COMMANDS: list[tuple[OutletAction, int | None, str, int]] = [
    ("on", None, "4", 0),
    ("off", None, "3", 0),
    ("reboot", None, "5", 0),
    ("delayed_on", 30, "4", 30),
    ("delayed_off", 45, "3", 45),
    ("delayed_reboot", 60, "5", 60),
]


@pytest.mark.parametrize(("action", "delay_s", "column", "integer"), COMMANDS)
async def test_commands(
    action: OutletAction, delay_s: int | None, column: str, integer: int
) -> None:
    rig = Rig(epdu())
    await rig.backend.poll()
    assert rig.backend.takes_delay
    await rig.backend.command(3, action, lambda: None, delay_s=delay_s)
    oid = f"1.3.6.1.4.1.534.6.6.7.6.6.1.{column}.0.3"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


@pytest.mark.parametrize("column", ["3", "4", "5"])
async def test_cancel_takes_back_the_command_that_is_counting_down(column: str) -> None:
    rig = Rig(epdu())
    await rig.backend.poll()
    rig.set(EATON, {f".6.6.1.{column}.0.3": 12, ".6.6.1.3.0.2": 5})
    await rig.backend.command(3, "cancel", lambda: None)
    oid = f"1.3.6.1.4.1.534.6.6.7.6.6.1.{column}.0.3"
    assert rig.device.written == [(oid, SnmpValue("integer", -1))]


async def test_of_two_pending_commands_the_next_one_is_cancelled() -> None:
    rig = Rig(epdu())
    await rig.backend.poll()
    rig.set(EATON, {".6.6.1.4.0.3": 90, ".6.6.1.5.0.3": 0})
    await rig.backend.command(3, "cancel", lambda: None)
    assert [oid for oid, _ in rig.device.written] == [f"{EATON}.6.6.1.5.0.3"]


async def test_nothing_is_written_where_nothing_is_pending() -> None:
    rig = Rig(epdu())
    rig.drop(f"{EATON}.6.6.1.5.0.3")
    await rig.backend.poll()
    with pytest.raises(CommandRejected, match="no command pending"):
        await rig.backend.command(3, "cancel", lambda: None)
    assert rig.device.written == []


async def test_commands_reach_the_right_unit() -> None:
    rig = Rig(epdu(units=2))
    await rig.backend.poll()
    await rig.backend.command(2003, "off", lambda: None)
    oid = "1.3.6.1.4.1.534.6.6.7.6.6.1.3.1.3"
    assert rig.device.written == [(oid, SnmpValue("integer", 0))]


ALL: list[tuple[PduAction, int | None, str, int]] = [
    ("all_on", None, "3", 0),
    ("all_off", None, "2", 0),
    ("all_delayed_on", 30, "3", 30),
    ("all_delayed_off", 45, "2", 45),
    ("all_cancel", None, "2", -1),
]


@pytest.mark.parametrize(("action", "delay_s", "column", "integer"), ALL)
async def test_all_outlets_at_once(
    action: PduAction, delay_s: int | None, column: str, integer: int
) -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".1.3.1.2.0": 20})
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {a for a, *_ in ALL}
    await rig.backend.command_pdu(action, lambda: None, delay_s=delay_s)
    oid = f"1.3.6.1.4.1.534.6.6.7.1.3.1.{column}.0"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_nothing_of_all_outlets_to_take_back() -> None:
    rig = Rig(epdu())
    await rig.backend.poll()
    with pytest.raises(CommandRejected, match="no command pending"):
        await rig.backend.command_pdu("all_cancel", lambda: None)
    assert rig.device.written == []


async def test_all_outlets_of_a_chain_are_not_offered() -> None:
    rig = Rig(epdu(units=2))
    await rig.backend.poll()
    assert rig.backend.pdu_actions == frozenset()


async def test_what_is_not_switchable_is_not_switched() -> None:
    rig = Rig(epdu())
    rig.set(EATON, {".6.6.1.9.0.2": 2})
    reading = await rig.backend.poll()
    assert [o.switchable for o in reading.outlets] == [True, False, True, True]
    with pytest.raises(CommandRejected):
        await rig.backend.command(2, "off", lambda: None)
    assert rig.device.written == []


async def test_metered_outlets_without_a_control_table() -> None:
    values = {o: v for o, v in epdu().items() if not o.startswith(f"{EATON}.6.6.")}
    reading = await Rig(values).backend.poll()
    assert [o.number for o in reading.outlets] == [1, 2, 3, 4]
    assert {(o.state, o.switchable, o.current_a) for o in reading.outlets} == {
        ("unknown", False, 0.79)
    }


async def test_over_the_wire() -> None:
    async with served(mib := DictMib(epdu())) as backend:
        reading = await backend.poll()
        assert (reading.profile, len(reading.outlets)) == ("eaton-epdu", 4)
        await backend.command(1, "off", lambda: None)
        assert mib.written == [(f"{EATON}.6.6.1.3.0.1", 0)]
