"""The SNMP backend against the backend contract."""

from __future__ import annotations

from typing import get_args

import pytest

from pdutui.backends.base import CommandRejected, Unreachable
from pdutui.backends.snmp.profile import ProfileError
from pdutui.domain.commands import OutletAction
from tests.support.snmp_devices import CPS, Rig, pdu44001, px3


async def test_nothing_is_sent_before_the_first_poll() -> None:
    rig = Rig(pdu44001())
    assert rig.device.requests == 0
    await rig.backend.poll()
    assert rig.device.requests > 0


async def test_the_client_learns_the_limits_of_the_family() -> None:
    rig = Rig(pdu44001())
    assert rig.device.limits.max_varbinds == 48
    await rig.backend.poll()
    assert rig.device.limits.max_varbinds == 10
    assert rig.device.limits.bulk is False


async def test_what_it_can_do_depends_on_a_write_community() -> None:
    every = set(get_args(OutletAction))
    for write, able in [(True, every), (False, set())]:
        rig = Rig(pdu44001(), write=write)
        reading = await rig.backend.poll()
        assert rig.backend.actions == able
        assert all(o.switchable for o in reading.outlets)


async def test_no_command_without_a_write_community() -> None:
    rig = Rig(pdu44001(), write=False)
    await rig.backend.poll()
    with pytest.raises(CommandRejected, match="no write community"):
        await rig.backend.command(3, "off", lambda: None)
    assert rig.device.written == []


async def test_an_outlet_that_does_not_exist() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    for number in (0, 11, -1):
        with pytest.raises(CommandRejected, match=f"no outlet {number}"):
            await rig.backend.command(number, "off", lambda: None)
        with pytest.raises(CommandRejected, match=f"no outlet {number}"):
            await rig.backend.read_outlet(number)
    assert rig.device.written == []


async def test_a_read_back_that_is_not_answered() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.silent_oids = {f"{CPS}.3.3.5.1.1.4.3"}
    with pytest.raises(Unreachable):
        await rig.backend.read_outlet(3)
    rig.device.silent_oids = set()
    rig.drop(f"{CPS}.3.3.5.1.1.4.3")
    assert (await rig.backend.read_outlet(3)).state == "unknown"


async def test_read_back_and_command_work_before_the_first_poll() -> None:
    assert (await Rig(px3()).backend.read_outlet(2)).state == "on"


async def test_poll_statistics() -> None:
    rig = Rig(pdu44001())
    first = (await rig.backend.poll()).poll
    second = (await rig.backend.poll()).poll
    assert first.requests > second.requests == 1
    assert first.varbinds > second.varbinds > 40
    assert second.errors == ()
    reading = await rig.backend.poll()
    assert reading.time == rig.clock.now()
    assert reading.pdu == "pdu"


async def test_the_profile_is_known_after_the_first_poll() -> None:
    rig = Rig(px3())
    assert rig.backend.profile is None
    await rig.backend.poll()
    assert rig.backend.profile == "raritan-pdu2"


async def test_closing_twice() -> None:
    rig = Rig(px3())
    await rig.backend.aclose()
    await rig.backend.aclose()
    assert rig.device.closed


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r"no profile 'nope' \(known: auto, .*cyberpower-epdu"):
        Rig(pdu44001(), profile="nope")
