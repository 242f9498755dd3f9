"""The profile of APC's first generation and of MasterSwitches: two branches, two enums."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction, PduAction
from tests.support.apc_devices import APC, masterswitch, rpdu
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import Rig, Values


async def test_the_row_of_the_phase_is_the_inlet() -> None:
    reading = await Rig(rpdu()).backend.poll()
    assert (reading.profile, reading.model, reading.serial) == ("apc-rpdu", "AP7932", "ZA0001")
    assert (reading.name, reading.firmware, reading.phases) == ("RackPDU", "v3.7.3", ())
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.state, inlet.rating_a) == (2.8, "normal", 24)
    assert (inlet.power_w, inlet.apparent_power_va) == (312, 336)
    # settings, not measurements
    assert (inlet.voltage_v, inlet.power_factor) == (None, None)
    assert [(b.number, b.current_a, b.rating_a) for b in reading.banks] == [
        (1, 1.4, 20),
        (2, 1.4, 20),
    ]
    assert [(b.warning_a, b.critical_a) for b in reading.banks] == [(16, 20)] * 2


@pytest.mark.parametrize(
    ("raw", "word"), [(1, "normal"), (2, "low"), (3, "warning"), (4, "critical"), (5, "unknown")]
)
async def test_load_states_count_from_normal(raw: int, word: str) -> None:
    rig = Rig(rpdu())
    rig.set(APC, {".12.2.3.1.1.3.1": raw, ".12.2.3.1.1.3.3": raw})
    reading = await rig.backend.poll()
    assert (reading.inlets[0].state, reading.banks[1].state) == (word, word)


async def test_three_phases_without_banks() -> None:
    rig = Rig(rpdu(phases=3, banks=0))
    rig.set(APC, {".12.2.3.1.1.2.3": 31, ".12.2.3.1.1.3.3": 3})
    reading = await rig.backend.poll()
    assert [(p.number, p.name, p.current_a, p.state) for p in reading.phases] == [
        (1, "L1", 2.8, "normal"),
        (2, "L2", 2.8, "normal"),
        (3, "L3", 3.1, "warning"),
    ]
    assert (reading.phases[2].warning_a, reading.phases[2].critical_a) == (19, 24)
    assert reading.phases[2].rating_a == 30
    (inlet,) = reading.inlets
    assert (inlet.current_a, inlet.power_w, reading.banks) == (None, 312, ())


async def test_three_phases_with_banks_are_not_mixed_up() -> None:
    rig = Rig(rpdu(phases=3, banks=3))
    rig.set(APC, {f".12.2.3.1.1.4.{row}": row - 3 for row in (4, 5, 6)})  # banks that name a phase
    reading = await rig.backend.poll()
    assert [p.current_a for p in reading.phases] == [2.8] * 3
    assert [b.current_a for b in reading.banks] == [1.4] * 3
    assert len(reading.inlets) == 1


async def test_minus_one_is_not_a_figure() -> None:
    rig = Rig(rpdu())
    rig.set(APC, {".12.1.16.0": -1, ".12.1.18.0": -1, ".12.3.4.1.1.6.1": -1})
    inlet = (await rig.backend.poll()).inlets[0]
    assert (inlet.power_w, inlet.apparent_power_va) == (None, None)
    assert (await rig.backend.read_outlet(1)).reboot_off_s is None


async def test_outlets_are_on_with_1_and_off_with_2() -> None:
    rig = Rig(rpdu())
    rig.set(APC, {".12.3.5.1.1.4.2": 2, ".12.3.5.1.1.5.3": 1, ".12.3.5.1.1.4.4": 3})
    outlets = (await rig.backend.poll()).outlets
    assert [o.state for o in outlets] == ["on", "off", "on", "unknown"]
    assert [o.pending for o in outlets] == [None, None, "unspecified", None]
    assert {o.current_a for o in outlets} == {None}  # nothing monitored
    assert all(o.switchable and o.bank == 1 for o in outlets)
    rig.set(APC, {".12.3.1.5.0": 4, ".12.3.5.1.1.7.2": 9})
    rig = Rig(rig.device.values)
    assert [o.current_a for o in (await rig.backend.poll()).outlets] == [0.0, 0.9, 0.0, 0.0]


async def test_a_masterswitch_has_outlets_only() -> None:
    rig = Rig(masterswitch())
    rig.set(APC, {".4.4.2.1.3.2": 2, ".4.4.2.1.3.3": 4, ".4.4.2.1.2.5": 1})
    reading = await rig.backend.poll()
    assert (reading.profile, reading.model, reading.name) == ("apc-rpdu", "AP9606", "MasterSwitch")
    assert (reading.inlets, reading.banks, len(reading.outlets)) == ((), (), 8)
    assert [o.state for o in reading.outlets[:4]] == ["on", "off", "unknown", "on"]
    assert [o.pending for o in reading.outlets[3:5]] == [None, "unspecified"]
    assert all(o.switchable for o in reading.outlets)
    status = await rig.backend.read_outlet(2)
    assert (status.on_delay_s, status.off_delay_s, status.reboot_off_s) == (15, 0, 10)


RPDU: list[tuple[OutletAction, int]] = [
    ("on", 1),
    ("off", 2),
    ("reboot", 3),
    ("delayed_on", 4),
    ("delayed_off", 5),
    ("delayed_reboot", 6),
    ("cancel", 7),
]
SPDU: list[tuple[OutletAction, int]] = [
    ("on", 1),
    ("off", 2),
    ("reboot", 3),
    ("delayed_on", 5),
    ("delayed_off", 6),
    ("delayed_reboot", 7),
]


async def written(values: Values, action: OutletAction) -> list[tuple[str, SnmpValue]]:
    rig = Rig(values)
    await rig.backend.poll()
    await rig.backend.command(3, action, lambda: None)
    return rig.device.written


@pytest.mark.parametrize(("action", "integer"), RPDU)
async def test_outlet_commands_of_rpdu(action: OutletAction, integer: int) -> None:
    oid = "1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.3"
    assert await written(rpdu(), action) == [(oid, SnmpValue("integer", integer))]


@pytest.mark.parametrize(("action", "integer"), SPDU)
async def test_outlet_commands_of_spdu(action: OutletAction, integer: int) -> None:
    oid = "1.3.6.1.4.1.318.1.1.4.4.2.1.3.3"
    assert await written(masterswitch(), action) == [(oid, SnmpValue("integer", integer))]


async def test_a_masterswitch_cannot_cancel() -> None:
    rig = Rig(masterswitch())
    await rig.backend.poll()
    assert rig.backend.actions == {a for a, _ in SPDU}
    with pytest.raises(CommandRejected):
        await rig.backend.command(3, "cancel", lambda: None)
    assert rig.device.written == []


RPDU_ALL: list[tuple[PduAction, int]] = [
    ("all_on", 2),
    ("all_off", 3),
    ("all_reboot", 4),
    ("all_delayed_on", 5),
    ("all_delayed_off", 6),
    ("all_delayed_reboot", 7),
    ("all_cancel", 8),
]
SPDU_ALL: list[tuple[PduAction, int]] = [
    ("all_on", 1),
    ("all_delayed_on", 2),
    ("all_off", 3),
    ("all_reboot", 4),
    ("all_delayed_reboot", 5),
    ("all_delayed_off", 7),
]


@pytest.mark.parametrize(("action", "integer"), RPDU_ALL)
async def test_all_outlets_commands_of_rpdu(action: PduAction, integer: int) -> None:
    rig = Rig(rpdu())
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {a for a, _ in RPDU_ALL}
    await rig.backend.command_pdu(action, lambda: None)
    oid = "1.3.6.1.4.1.318.1.1.12.3.1.1.0"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


@pytest.mark.parametrize(("action", "integer"), SPDU_ALL)
async def test_all_outlets_commands_of_spdu(action: PduAction, integer: int) -> None:
    rig = Rig(masterswitch())
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {a for a, _ in SPDU_ALL}
    await rig.backend.command_pdu(action, lambda: None)
    oid = "1.3.6.1.4.1.318.1.1.4.2.1.0"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]


async def test_supplies() -> None:
    rig = Rig(rpdu())
    rig.set(APC, {".12.4.1.1.0": 2})
    sensors = (await rig.backend.poll()).sensors
    assert [(s.name, s.state) for s in sensors] == [("Power supply 1", "alarm")]


async def test_over_the_wire_in_v1() -> None:
    async with served(mib := DictMib(masterswitch()), version="1") as backend:
        reading = await backend.poll()
        assert (reading.profile, len(reading.outlets)) == ("apc-rpdu", 8)
        await backend.command(8, "off", lambda: None)
        assert mib.written == [("1.3.6.1.4.1.318.1.1.4.4.2.1.3.8", 2)]
        assert (await backend.read_outlet(8)).state == "off"
