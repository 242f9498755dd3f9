"""What goes on the wire for every CyberPower command, by branch: object and integer.

The three branches number their commands differently; the OFF of one is the ON of another.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction, PduAction
from tests.support.cyberpower_devices import chain, rmcard
from tests.support.dict_agent import DictMib, served
from tests.support.snmp_devices import CPS, Rig, Values, pdu44001

Device = Callable[[], Values]


def epdu() -> Values:
    return pdu44001() | {f"{CPS}.3.3.1.1.0": 1}


def epdu2_alone() -> Values:
    """A single unit that answers ePDU2 only."""
    return {oid: v for oid, v in chain({1: 3}).items() if not oid.startswith(f"{CPS}.3.")}


# Device, outlet, object. Everything as in CPS-MIB.
EPDU = (epdu, 3, ".3.3.3.1.1.4.3")
EPDU2 = (epdu2_alone, 3, ".6.6.1.5.1.5.3")
CHAIN = (lambda: chain({1: 3, 2: 2}), 2002, ".6.6.1.5.1.5.5")
ATS = (rmcard, 3, ".5.6.5.1.3.3")
OUTLET: list[tuple[tuple[Device, int, str], OutletAction, int]] = [
    (EPDU, "on", 1),
    (EPDU, "off", 2),
    (EPDU, "reboot", 3),
    (EPDU, "delayed_on", 4),
    (EPDU, "delayed_off", 5),
    (EPDU, "delayed_reboot", 6),
    (EPDU, "cancel", 7),
    (EPDU, "identify", 8),
    (EPDU2, "on", 1),
    (EPDU2, "off", 2),
    (EPDU2, "reboot", 3),
    (EPDU2, "delayed_on", 4),
    (EPDU2, "delayed_off", 5),
    (EPDU2, "delayed_reboot", 6),
    (EPDU2, "cancel", 7),
    (EPDU2, "identify", 8),
    (CHAIN, "on", 1),
    (CHAIN, "off", 2),
    (CHAIN, "reboot", 3),
    (CHAIN, "delayed_on", 4),
    (CHAIN, "delayed_off", 5),
    (CHAIN, "delayed_reboot", 6),
    (CHAIN, "cancel", 7),
    (CHAIN, "identify", 8),
    (ATS, "on", 2),
    (ATS, "off", 3),
    (ATS, "reboot", 4),
    (ATS, "delayed_on", 5),
    (ATS, "delayed_off", 6),
    (ATS, "delayed_reboot", 7),
    (ATS, "cancel", 8),
]
WHOLE: list[tuple[Device, str, PduAction, int]] = [
    (epdu, ".3.3.1.1.0", "all_on", 2),
    (epdu, ".3.3.1.1.0", "all_off", 3),
    (epdu, ".3.3.1.1.0", "all_reboot", 4),
    (epdu, ".3.3.1.1.0", "all_delayed_on", 5),
    (epdu, ".3.3.1.1.0", "all_delayed_off", 6),
    (epdu, ".3.3.1.1.0", "all_delayed_reboot", 7),
    (epdu, ".3.3.1.1.0", "all_cancel", 8),
    (epdu2_alone, ".6.3.5.1.4.1", "all_on", 1),
    (epdu2_alone, ".6.3.5.1.4.1", "all_off", 2),
    (epdu2_alone, ".6.3.5.1.4.1", "all_reboot", 3),
    (epdu2_alone, ".6.3.5.1.4.1", "all_delayed_on", 4),
    (epdu2_alone, ".6.3.5.1.4.1", "all_delayed_off", 5),
    (epdu2_alone, ".6.3.5.1.4.1", "all_delayed_reboot", 6),
    (epdu2_alone, ".6.3.5.1.4.1", "all_cancel", 7),
    (rmcard, ".5.6.1.6.0", "all_on", 2),
    (rmcard, ".5.6.1.6.0", "all_off", 3),
    (rmcard, ".5.6.1.6.0", "all_reboot", 4),
    (rmcard, ".5.6.1.6.0", "all_delayed_on", 5),
    (rmcard, ".5.6.1.6.0", "all_delayed_off", 6),
    (rmcard, ".5.6.1.6.0", "all_delayed_reboot", 7),
    (rmcard, ".5.6.1.6.0", "all_cancel", 8),
    (epdu, ".6.9.2.1.3.1", "prefer_a", 1),
    (epdu, ".6.9.2.1.3.1", "prefer_b", 2),
    (epdu, ".6.9.2.1.3.1", "prefer_none", 3),
    (rmcard, ".5.3.1.0", "prefer_a", 1),
    (rmcard, ".5.3.1.0", "prefer_b", 2),
    (rmcard, ".5.3.1.0", "prefer_none", 3),
]


@pytest.mark.parametrize(("device", "action", "integer"), OUTLET)
async def test_one_outlet(
    device: tuple[Device, int, str], action: OutletAction, integer: int
) -> None:
    make, outlet, oid = device
    rig = Rig(make())
    await rig.backend.poll()
    assert action in rig.backend.actions
    sent: list[bool] = []
    await rig.backend.command(outlet, action, lambda: sent.append(True))
    assert rig.device.written == [(CPS + oid, SnmpValue("integer", integer))]
    assert sent == [True]


@pytest.mark.parametrize(("make", "oid", "action", "integer"), WHOLE)
async def test_the_whole_pdu(make: Device, oid: str, action: PduAction, integer: int) -> None:
    rig = Rig(make())
    await rig.backend.poll()
    assert action in rig.backend.pdu_actions
    sent: list[bool] = []
    await rig.backend.command_pdu(action, lambda: sent.append(True))
    assert rig.device.written == [(CPS + oid, SnmpValue("integer", integer))]
    assert sent == [True]


@pytest.mark.parametrize("device", [EPDU, EPDU2, CHAIN, ATS])
async def test_over_the_wire(device: tuple[Device, int, str]) -> None:
    make, outlet, oid = device
    off = {action: n for d, action, n in OUTLET if d is device}["off"]
    async with served(mib := DictMib(make())) as backend:
        await backend.poll()
        await backend.command(outlet, "off", lambda: None)
    assert mib.written == [(CPS + oid, off)]


def test_the_tables_above_are_all_there_is() -> None:
    """A command that is added to a profile needs its line here."""
    for name, of_outlets, of_pdu in [
        ("cyberpower-epdu", [EPDU, EPDU2], [".3.3.1.1.0", ".6.3.5.1.4.1"]),
        ("cyberpower-ats", [ATS], [".5.6.1.6.0"]),
    ]:
        profile = load_builtin(name)
        assert [dict(table.actions) for table in profile.commands] == [
            {action: n for d, action, n in OUTLET if d is device} for device in of_outlets
        ]
        assert [dict(table.actions) for table in profile.all_commands] == [
            {action.removeprefix("all_"): n for _, o, action, n in WHOLE if o == oid}
            for oid in of_pdu
        ]
        assert profile.prefer is not None
        assert (profile.prefer.values, profile.prefer.transfers) == (
            {"A": 1, "B": 2, "none": 3},
            False,
        )


@pytest.mark.parametrize("make", [epdu, epdu2_alone, rmcard])
async def test_the_device_has_its_own_delays(make: Device) -> None:
    rig = Rig(make())
    await rig.backend.poll()
    assert rig.backend.takes_delay is False
    with pytest.raises(CommandRejected, match="takes no number of seconds"):
        await rig.backend.command(1, "delayed_off", lambda: None, delay_s=30)
    with pytest.raises(CommandRejected, match="takes no number of seconds"):
        await rig.backend.command_pdu("all_delayed_off", lambda: None, delay_s=30)
    assert rig.device.written == []


@pytest.mark.parametrize("make", [epdu, epdu2_alone, rmcard])
async def test_nothing_can_be_done_without_leave_to_write(make: Device) -> None:
    rig = Rig(make(), write=False)
    await rig.backend.poll()
    assert (rig.backend.actions, rig.backend.pdu_actions) == (frozenset(), frozenset())
    with pytest.raises(CommandRejected, match="no write community"):
        await rig.backend.command_pdu("all_off", lambda: None)
    assert rig.device.written == []


async def test_what_a_device_does_not_answer_it_is_not_asked_to_do() -> None:
    values = pdu44001()  # without ePDUOutletDevCommand
    values[f"{CPS}.6.9.2.1.3.1"] = None
    rig = Rig(values)
    await rig.backend.poll()
    assert rig.backend.pdu_actions == frozenset()


async def test_all_outlets_are_no_offer_where_none_can_be_switched() -> None:
    values = {o: v for o, v in epdu().items() if ".3.3.3.1.1.4." not in o}
    rig = Rig(values)
    await rig.backend.poll()
    assert rig.backend.pdu_actions == {"prefer_a", "prefer_b", "prefer_none"}
