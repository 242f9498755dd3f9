"""Raritan units with three phases, linked ones, and those with a transfer switch."""

from __future__ import annotations

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction, PduAction
from tests.support.dict_agent import DictMib, served
from tests.support.raritan_devices import linked, poles, px3ts
from tests.support.snmp_devices import PX, Rig, px3


async def test_poles_are_phases_without_the_neutral() -> None:
    reading = await Rig(px3() | poles()).backend.poll()
    assert [(p.number, p.name, p.current_a, p.voltage_v, p.power_w) for p in reading.phases] == [
        (1, "L1", 1.001, 230, 231),
        (2, "L2", 2.001, 231, 232),
        (3, "L3", 3.001, 232, 233),
    ]
    first = reading.phases[0]
    assert (first.apparent_power_va, first.power_factor, first.energy_kwh) == (241, 0.96, 1.0)
    assert (first.warning_a, first.critical_a, first.rating_a) == (26, 32, 32)
    assert first.state == "normal"
    assert reading.inlets[0].power_w == 1665  # the inlet's own, no sum of poles


async def test_poles_of_a_unit_that_does_not_name_their_lines() -> None:
    values = {k: v for k, v in poles(neutral=False).items() if not k.startswith(f"{PX}.3.3.5.")}
    reading = await Rig(px3() | values).backend.poll()
    assert [(p.number, p.current_a) for p in reading.phases] == [(1, 1.001), (2, 2.001), (3, 3.001)]


async def test_two_three_phase_inlets() -> None:
    reading = await Rig(px3ts() | poles(inlet=1) | poles(inlet=2)).backend.poll()
    assert [(p.number, p.name, p.current_a) for p in reading.phases] == [
        (1, "I1 L1", 1.001),
        (2, "I1 L2", 2.001),
        (3, "I1 L3", 3.001),
        (4, "I2 L1", 1.001),
        (5, "I2 L2", 2.001),
        (6, "I2 L3", 3.001),
    ]


async def test_volts_to_the_neutral_are_those_of_a_phase() -> None:
    rig = Rig(px3() | poles())
    rig.set(
        PX,
        {
            ".3.3.6.1.7.1.1.2.25": 1,
            ".5.2.4.1.3.1.1.2.25": 4,
            ".5.2.4.1.4.1.1.2.25": 2304,
            ".5.2.4.1.4.1.1.2.4": 399,
        },
    )
    assert [p.voltage_v for p in (await rig.backend.poll()).phases] == [230, 230.4, 232]


@pytest.mark.parametrize(("lines", "neutral"), [(1, True), (2, False)])
async def test_the_two_poles_of_a_single_phase_inlet_are_no_phases(
    lines: int, neutral: bool
) -> None:
    values = px3() | poles(lines=lines, neutral=neutral)
    assert (await Rig(values).backend.poll()).phases == ()


async def test_a_pole_without_a_value_and_one_over_its_threshold() -> None:
    rig = Rig(px3() | poles())
    rig.set(PX, {".5.2.4.1.3.1.1.2.1": -1, ".5.2.4.1.3.1.1.3.1": 6, ".3.3.6.1.25.1.1.3.1": b"\x00"})
    phases = (await rig.backend.poll()).phases
    assert [p.current_a for p in phases] == [1.001, None, 3.001]
    assert [p.state for p in phases] == ["normal", "unknown", "critical"]
    assert [p.warning_a for p in phases] == [26, 26, None]


async def test_linked_units() -> None:
    reading = await Rig(linked()).backend.poll()
    assert [(i.number, i.module, i.current_a) for i in reading.inlets] == [
        (1, 1, 7.467),
        (2001, 2, 2.5),
    ]
    assert [(b.number, b.module, b.current_a) for b in reading.banks] == [
        (1, 1, 0.485), (2, 1, 0.485), (2001, 2, 0.485), (2002, 2, 0.485),
    ]  # fmt: skip
    assert [o.number for o in reading.outlets] == [1, 2, 3, 4, 2001, 2002, 2003, 2004]
    assert [o.state for o in reading.outlets] == ["on"] * 6 + ["off", "on"]
    fifth = reading.outlets[4]
    assert (fifth.name, fifth.label, fifth.module, fifth.bank) == ("web07", "2.1", 2, 2001)
    assert [o.bank for o in reading.outlets[4:]] == [2001, 2001, 2002, 2002]
    assert len(reading.sensors) == 4
    assert (reading.model, reading.serial) == ("PX3-5493U", "1JX0001")


async def test_two_single_phase_units_are_no_three_phase_unit() -> None:
    values = linked() | poles(1, lines=2, neutral=False) | poles(2, lines=2, neutral=False)
    assert (await Rig(values).backend.poll()).phases == ()


async def test_poles_of_linked_units() -> None:
    reading = await Rig(linked() | poles(1) | poles(2)).backend.poll()
    assert [(p.number, p.module) for p in reading.phases] == [
        (1, 1), (2, 1), (3, 1), (2001, 2), (2002, 2), (2003, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("action", "integer"), [("on", 1), ("off", 0), ("reboot", 2)])
async def test_commands_to_a_linked_unit(action: OutletAction, integer: int) -> None:
    rig = Rig(linked())
    await rig.backend.poll()
    await rig.backend.command(2003, action, lambda: None)
    oid = "1.3.6.1.4.1.13742.6.4.1.2.1.2.2.3"
    assert rig.device.written == [(oid, SnmpValue("integer", integer))]
    await rig.backend.command(3, action, lambda: None)
    assert rig.device.written[1][0] == "1.3.6.1.4.1.13742.6.4.1.2.1.2.1.3"


async def test_nothing_but_on_off_and_reboot() -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    assert rig.backend.actions == {"on", "off", "reboot"}
    assert rig.backend.pdu_actions == frozenset()


@pytest.mark.parametrize(
    ("own", "uses_global", "seconds"), [(4, 2, 4), (4, 1, 10), (None, 2, 10), (4, None, 10)]
)
async def test_reboot_time_is_the_outlets_own_only_where_it_says_so(
    own: int | None, uses_global: int | None, seconds: int
) -> None:
    rig = Rig(px3() | {f"{PX}.3.5.3.1.12.1.3": own, f"{PX}.3.5.3.1.14.1.3": uses_global})
    await rig.backend.poll()
    assert (await rig.backend.read_outlet(3)).reboot_off_s == seconds


async def test_a_transfer_switch() -> None:
    reading = await Rig(px3ts()).backend.poll()
    switch = reading.ats
    assert switch is not None
    assert (switch.active, switch.preferred, switch.redundancy) == ("A", "A", "full")
    assert (switch.phase_sync, switch.sensitivity) == ("in_sync", None)
    assert [(s.id, s.name, s.voltage_v, s.frequency_hz, s.state) for s in switch.sources] == [
        ("A", "Utility", 230, 50.0, "normal"),
        ("B", "Source B", 229, 50.0, "normal"),
    ]
    assert [(i.number, i.name, i.power_w) for i in reading.inlets] == [
        (1, "I1", 1665),
        (2, "I2", 0),
    ]
    kinds = [(s.kind, s.state) for s in reading.sensors if s.kind not in ("temperature", "contact")]
    assert kinds == [
        ("overload", "normal"),
        ("overheating", "normal"),
        ("transfer_switch", "normal"),
    ]


@pytest.mark.parametrize(("raw", "word"), [(1, "A"), (2, "B"), (0, "none"), (3, None)])
async def test_active_inlet(raw: int, word: str | None) -> None:
    switch = (await Rig(px3ts(active=raw)).backend.poll()).ats
    assert switch is not None
    assert switch.active == word


@pytest.mark.parametrize(
    ("state", "volts", "word"),
    [
        (4, 230, "normal"),
        (2, 150, "under_voltage"),
        (3, 205, "under_voltage"),
        (5, 255, "over_voltage"),
        (6, 270, "over_voltage"),
        (2, 0, "lost"),
        (4, 0, "lost"),  # no thresholds in force
        (-1, 0, "unknown"),
        (-1, 230, "unknown"),
    ],
)
async def test_source_state(state: int, volts: int, word: str) -> None:
    rig = Rig(px3ts(volts=(230, volts)))
    rig.set(PX, {".5.2.3.1.3.1.2.4": state})
    switch = (await rig.backend.poll()).ats
    assert switch is not None
    assert [s.state for s in switch.sources] == ["normal", word]
    assert switch.sources[1].voltage_v == (None if state == -1 else volts)


@pytest.mark.parametrize(
    ("sync", "operating", "expected"),
    [
        (21, 30, ("out_of_sync", "lost")),
        (20, 17, ("in_sync", None)),
        (-1, -1, (None, None)),
        (20, 8, ("in_sync", None)),
    ],
)
async def test_synchrony_and_redundancy(
    sync: int, operating: int, expected: tuple[str | None, str | None]
) -> None:
    rig = Rig(px3ts())
    rig.set(PX, {".5.7.3.1.3.1.1.39": sync, ".5.7.3.1.3.1.1.40": operating})
    switch = (await rig.backend.poll()).ats
    assert switch is not None
    assert (switch.phase_sync, switch.redundancy) == expected


@pytest.mark.parametrize("raw", [22, 23, 24, 25, 26])
async def test_a_broken_switch(raw: int) -> None:
    rig = Rig(px3ts())
    rig.set(PX, {".5.7.3.1.3.1.1.48": raw})
    sensors = (await rig.backend.poll()).sensors
    assert [s.state for s in sensors if s.kind == "transfer_switch"] == ["fault"]


@pytest.mark.parametrize(("action", "integer"), [("prefer_a", 1), ("prefer_b", 2)])
async def test_a_transfer_is_asked_for_without_the_override(
    action: PduAction, integer: int
) -> None:
    async with served(mib := DictMib(px3ts(active=3 - integer))) as backend:
        await backend.poll()
        assert backend.pdu_actions == {"prefer_a", "prefer_b"}
        assert backend.prefer_transfers
        await backend.command_pdu(action, lambda: None)
        assert mib.written == [("1.3.6.1.4.1.13742.6.4.3.1.1.2.1.1", integer)]
        status = await backend.read_pdu(outlets=False)
        assert (status.preferred, status.active) == ("A", "B" if integer == 1 else "A")
        with pytest.raises(CommandRejected):
            await backend.command_pdu("prefer_none", lambda: None)


async def test_a_pdu_without_a_switch_offers_no_source() -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    with pytest.raises(CommandRejected):
        await rig.backend.command_pdu("prefer_a", lambda: None)
    assert rig.device.written == []
