"""A daisy chain of ePDU2 units: flat tables, and numbers that never change hands."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected, DeviceError
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Outlet, Reading
from tests.support.cyberpower_devices import chain
from tests.support.snmp_devices import CPS, Rig, Values


def outlet(reading: Reading, number: int) -> Outlet:
    found = reading.outlet(number)
    assert found is not None, number
    return found


def become(rig: Rig, values: Values) -> None:
    """The device has other units from now on."""
    rig.device.values.clear()
    rig.device.values.update(values)


async def test_every_unit_counts_its_own_parts() -> None:
    reading = await Rig(chain({1: 3, 2: 2, 4: 2})).backend.poll()
    assert [(o.number, o.label, o.module, o.name, o.bank) for o in reading.outlets] == [
        (1, "1.1", 1, "m1o1", 1),
        (2, "1.2", 1, "m1o2", 1),
        (3, "1.3", 1, "m1o3", 1),
        (2001, "2.1", 2, "m2o1", 2001),
        (2002, "2.2", 2, "m2o2", 2001),
        (4001, "4.1", 4, "m4o1", 4001),
        (4002, "4.2", 4, "m4o2", 4001),
    ]
    assert [o.current_a for o in reading.outlets] == [1.1, 1.2, 1.3, 2.1, 2.2, 4.1, 4.2]
    assert all(o.switchable for o in reading.outlets)
    assert [(b.number, b.name, b.module, b.current_a) for b in reading.banks] == [
        (1, "Bank 1", 1, 1.0),
        (2001, "Bank 1", 2, 2.0),
        (4001, "Bank 1", 4, 4.0),
    ]
    assert [(i.number, i.name, i.module, i.current_a) for i in reading.inlets] == [
        (1, "I1", 1, 3.1),
        (2001, "I1", 2, 3.1),
        (4001, "I1", 4, 3.1),
    ]
    assert reading.phases == ()


async def test_a_unit_that_stands_alone_is_read_by_its_own_branch() -> None:
    rig = Rig(chain({1: 3}))
    reading = await rig.backend.poll()
    assert [(o.number, o.label, o.module, o.name) for o in reading.outlets] == [
        (1, None, None, "by ePDU"),
        (2, None, None, "by ePDU"),
        (3, None, None, "by ePDU"),
    ]
    assert reading.inlets[0].module is None
    await rig.backend.command(2, "off", lambda: None)
    assert rig.device.written == [(f"{CPS}.3.3.3.1.1.4.2", SnmpValue("integer", 2))]


async def test_a_command_goes_to_the_row_of_its_outlet() -> None:
    rig = Rig(chain({1: 3, 2: 2, 4: 2}))
    await rig.backend.poll()
    rig.device.asked.clear()
    await rig.backend.command(4002, "off", lambda: None)
    assert rig.device.written == [(f"{CPS}.6.6.1.5.1.5.7", SnmpValue("integer", 2))]
    # whose row 7 is was asked right before, and whether it still has its name
    (asked,) = rig.device.asked
    assert {f"{CPS}.6.6.1.4.1.{column}.7" for column in (2, 3, 4)} <= set(asked)


async def test_a_unit_that_goes_never_gives_its_numbers_to_another() -> None:
    rig = Rig(chain({1: 3, 2: 2, 3: 2}))
    before = await rig.backend.poll()
    assert [o.number for o in before.outlets][-2:] == [3001, 3002]
    become(rig, chain({1: 3, 3: 2}))  # rows 4 and 5 are unit 3's now
    rig.clock.advance(1)
    after = await rig.backend.poll()
    assert [(o.number, o.name) for o in after.outlets] == [
        (1, "m1o1"),
        (2, "m1o2"),
        (3, "m1o3"),
        (3001, "m3o1"),
        (3002, "m3o2"),
    ]
    assert [(b.number, b.current_a) for b in after.banks] == [(1, 1.0), (3001, 3.0)]
    await rig.backend.command(3001, "off", lambda: None)
    assert rig.device.written == [(f"{CPS}.6.6.1.5.1.5.4", SnmpValue("integer", 2))]
    with pytest.raises(CommandRejected, match="no outlet 2001"):
        await rig.backend.command(2001, "off", lambda: None)


@pytest.mark.parametrize("units", [{1: 3, 3: 2}, {1: 3}, {1: 3, 4: 1, 2: 2}, {1: 4, 2: 2}])
async def test_units_that_come_and_go_are_seen_in_the_same_poll(units: dict[int, int]) -> None:
    rig = Rig(chain({1: 3, 2: 2}))
    await rig.backend.poll()
    become(rig, chain(units))
    rig.clock.advance(1)
    reading = await rig.backend.poll()
    assert {o.module or 1: 0 for o in reading.outlets}.keys() == units.keys()
    for found in reading.outlets:
        assert len(units) == 1 or found.name == f"m{found.module}o{found.number % 1000}"


async def test_a_unit_at_the_end_is_found_when_the_tables_are_walked_again() -> None:
    rig = Rig(chain({1: 3, 2: 2}))
    await rig.backend.poll()
    become(rig, chain({1: 3, 2: 2, 3: 2}))
    rig.clock.advance(1)
    assert len((await rig.backend.poll()).outlets) == 5
    for _ in range(8):
        rig.clock.advance(60)
        reading = await rig.backend.poll()
    assert [o.number for o in reading.outlets][-2:] == [3001, 3002]


async def test_nothing_is_switched_or_read_back_where_the_rows_have_moved() -> None:
    rig = Rig(chain({1: 3, 2: 2, 3: 2}))
    await rig.backend.poll()
    become(rig, chain({1: 3, 3: 2}))  # and no poll has seen it yet
    with pytest.raises(CommandRejected, match="a unit has come or gone"):
        await rig.backend.command(2001, "off", lambda: None)
    with pytest.raises(CommandRejected, match="a unit has come or gone"):
        await rig.backend.command(3001, "off", lambda: None)
    assert rig.device.written == []
    with pytest.raises(DeviceError, match="a unit has come or gone"):
        await rig.backend.read_outlet(2001)
    with pytest.raises(DeviceError, match="a unit has come or gone"):
        await rig.backend.read_pdu(outlets=True)
    # what has not moved is what it was
    assert (await rig.backend.read_outlet(3)).state == "on"


async def test_rows_that_change_under_the_reading_make_no_reading() -> None:
    rig = Rig(chain({1: 3, 2: 2}))
    await rig.backend.poll()
    values = chain({1: 3, 3: 2})
    become(rig, values)
    walk = rig.device.walk

    async def and_it_changes_again(root: str, *, max_rows: int = 4096) -> object:
        found = await walk(root, max_rows=max_rows)
        if root.endswith(".6.6.1.4.1.2"):
            become(rig, chain({1: 3, 2: 2}))
        return found

    rig.device.walk = and_it_changes_again  # type: ignore[method-assign, assignment]
    with pytest.raises(DeviceError, match="changing its tables"):
        await rig.backend.poll()


async def test_a_row_that_does_not_say_whose_it_is_is_nobodys() -> None:
    values = chain({1: 3, 2: 2})
    values[f"{CPS}.6.6.1.4.1.2.4"] = None
    reading = await Rig(values).backend.poll()
    assert [o.number for o in reading.outlets] == [1, 2, 3, 2002]
    values = chain({1: 3, 2: 2})
    values[f"{CPS}.6.6.1.4.1.3.1"] = None
    reading = await Rig(values).backend.poll()
    assert [o.number for o in reading.outlets] == [2, 3, 2001, 2002]


async def test_meters_of_another_unit_are_not_taken() -> None:
    """Only the second unit is metered: the metered table's rows 1 and 2 are its outlets."""
    values = chain({1: 2, 2: 2})
    for row, (module, number, amps) in {1: (2, 1, 21), 2: (2, 2, 22)}.items():
        values[f"{CPS}.6.6.2.4.1.2.{row}"] = module
        values[f"{CPS}.6.6.2.4.1.3.{row}"] = number
        values[f"{CPS}.6.6.2.4.1.6.{row}"] = amps
    for row in (3, 4):
        for column in (2, 3, 6, 7):
            del values[f"{CPS}.6.6.2.4.1.{column}.{row}"]
    reading = await Rig(values).backend.poll()
    assert [o.current_a for o in reading.outlets] == [None] * 4


async def test_units_of_three_phases() -> None:
    reading = await Rig(chain({1: 2, 2: 2}, phases=3)).backend.poll()
    assert [(p.number, p.name, p.module, p.current_a) for p in reading.phases] == [
        (1, "L1", 1, 3.1),
        (2, "L2", 1, 3.2),
        (3, "L3", 1, 3.3),
        (2001, "L1", 2, 3.1),
        (2002, "L2", 2, 3.2),
        (2003, "L3", 2, 3.3),
    ]
    assert [(i.number, i.power_w, i.energy_kwh, i.current_a) for i in reading.inlets] == [
        (1, 361, 100.0, None),
        (2001, 362, 200.0, None),
    ]


async def test_what_is_told_of_delays() -> None:
    rig = Rig(chain({1: 2, 2: 2}))
    status = await rig.backend.read_outlet(2001)
    assert (status.on_delay_s, status.off_delay_s, status.reboot_off_s) == (3.0, -1.0, 10.0)


async def test_all_outlets_of_a_chain_are_not_switched_at_once() -> None:
    """The command for all outlets of the host, or of one unit, is none for the whole chain."""
    rig = Rig(chain({1: 2, 2: 2}))
    await rig.backend.poll()
    assert rig.backend.pdu_actions == frozenset()
    with pytest.raises(CommandRejected, match="cannot do all_off"):
        await rig.backend.command_pdu("all_off", lambda: None)
    assert rig.device.written == []


async def test_all_outlets_are_read_back_at_once() -> None:
    rig = Rig(chain({1: 2, 2: 2}))
    await rig.backend.poll()
    rig.set(CPS, {".6.6.1.4.1.5.3": 2, ".6.6.1.4.1.6.4": 1})
    status = await rig.backend.read_pdu(outlets=True)
    assert {n: (s.state, s.pending) for n, s in status.outlets.items()} == {
        1: ("on", None),
        2: ("on", None),
        2001: ("off", None),
        2002: ("on", "unspecified"),
    }
    assert (await rig.backend.read_pdu(outlets=False)).outlets == {}
