"""A command goes to the outlet that was looked at, on the device that was looked at, or nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pdutui.backends.base import CommandRejected, Unreachable
from pdutui.backends.snmp.types import SnmpValue
from tests.support.eaton_devices import EATON, epdu
from tests.support.recorded import Got
from tests.support.snmp_devices import CPS, SYSTEM, Rig, Values, pdu44001


def sent_nothing(rig: Rig) -> bool:
    return rig.device.written == []


async def test_no_command_before_the_first_reading() -> None:
    rig = Rig(pdu44001())
    with pytest.raises(Unreachable, match="has not been read yet"):
        await rig.backend.command(3, "off", lambda: None)
    with pytest.raises(Unreachable, match="has not been read yet"):
        await rig.backend.command_pdu("all_off", lambda: None)
    assert rig.device.requests == 0


async def test_a_device_that_was_swapped_since_the_poll_gets_no_command() -> None:
    """Its serial number is asked for once a minute only; before a command it is asked again."""
    rig = Rig(pdu44001() | {f"{CPS}.3.3.1.1.0": 1})
    await rig.backend.poll()
    rig.clock.advance(1)
    rig.set(CPS, {".3.1.6.0": b"NKX0002"})
    for action in ("off", "on"):
        with pytest.raises(CommandRejected, match=r"not sent: another device .*'NKX0002'"):
            await rig.backend.command(3, action, lambda: None)  # type: ignore[arg-type]
    for whole in ("all_off", "prefer_b"):
        with pytest.raises(CommandRejected, match="not sent: another device"):
            await rig.backend.command_pdu(whole, lambda: None)  # type: ignore[arg-type]
    assert sent_nothing(rig)
    rig.clock.advance(1)
    assert (await rig.backend.poll()).serial == "NKX0002", "and the next poll shows it"
    await rig.backend.command(3, "off", lambda: None)
    assert rig.device.written == [(f"{CPS}.3.3.3.1.1.4.3", SnmpValue("integer", 2))]


async def test_an_outlet_that_is_called_otherwise_by_now_gets_no_command() -> None:
    """Units of a chain that have changed places: the index is the same, the outlet is not."""
    rig = Rig(epdu(units=3))
    reading = await rig.backend.poll()
    was = reading.outlet(2003)
    assert was is not None
    rig.clock.advance(1)
    rig.set(EATON, {".6.1.1.3.1.3": b"core switch"})
    with pytest.raises(CommandRejected, match=r"not sent: outlet 2003 .*'core switch'"):
        await rig.backend.command(2003, "off", lambda: None)
    assert sent_nothing(rig)
    rig.clock.advance(1)
    now = (await rig.backend.poll()).outlet(2003)
    assert now is not None
    assert now.name == "core switch"
    await rig.backend.command(2003, "off", lambda: None)
    assert rig.device.written == [(f"{EATON}.6.6.1.3.1.3", SnmpValue("integer", 0))]


async def test_a_name_that_is_not_answered_is_not_taken_for_the_same() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.drop(f"{CPS}.3.3.5.1.1.2.3")
    with pytest.raises(CommandRejected, match="'Outlet3' and gives no name now"):
        await rig.backend.command(3, "off", lambda: None)
    assert sent_nothing(rig)


async def _stopped_after_learning(rig: Rig, values: Values) -> tuple[asyncio.Task[None], object]:
    """A poll that has learned other values anew and waits in the middle of measuring them."""
    rig.device.values = values
    get, go_on = rig.device.get, asyncio.Event()
    at_it = asyncio.Event()

    async def slow(oids: Sequence[str]) -> Got:
        device = rig.backend._device
        if device is not None and device.decoder is not old and device.decoder is not None:
            at_it.set()
            await go_on.wait()
        return await get(oids)

    assert rig.backend._device is not None
    old = rig.backend._device.decoder

    async def poll() -> None:
        await rig.backend.poll()

    rig.device.get = slow  # type: ignore[method-assign]
    polling = asyncio.create_task(poll())
    await asyncio.wait_for(at_it.wait(), 5)
    rig.device.get = get  # type: ignore[method-assign]
    return polling, go_on


async def test_no_command_until_a_reading_of_the_new_device_has_been_shown() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.clock.advance(1)
    other = pdu44001(outlets=8) | {f"{SYSTEM}.3.0": 500, f"{CPS}.3.1.6.0": b"NKX0002"}
    polling, go_on = await _stopped_after_learning(rig, other)
    with pytest.raises(Unreachable, match="looked at anew"):
        await rig.backend.command(3, "off", lambda: None)
    with pytest.raises(Unreachable, match="looked at anew"):
        await rig.backend.command_pdu("all_off", lambda: None)
    go_on.set()  # type: ignore[attr-defined]
    await polling
    assert sent_nothing(rig)
    await rig.backend.command(3, "off", lambda: None)
    assert len(rig.device.written) == 1


async def test_reading_back_does_not_make_a_device_known_that_nobody_was_shown() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.values = pdu44001() | {f"{SYSTEM}.3.0": 500}
    walk = rig.device.walk

    async def broken(root: str, *, max_rows: int = 4096) -> list[tuple[str, object]]:
        raise Unreachable("no answer")

    rig.device.walk = broken  # type: ignore[method-assign,assignment]
    with pytest.raises(Unreachable):
        await rig.backend.poll()
    rig.device.walk = walk  # type: ignore[method-assign]
    assert (await rig.backend.read_outlet(3)).state == "on"
    with pytest.raises(Unreachable, match="looked at anew"):
        await rig.backend.command(3, "off", lambda: None)
    assert sent_nothing(rig)


async def test_all_outlets_are_not_switched_while_rows_have_moved() -> None:
    from tests.support.apc_devices import rpdu2

    rig = Rig(rpdu2())
    await rig.backend.poll()
    assert "all_off" in rig.backend.pdu_actions
    proofs = rig.backend._device.plan.proofs  # type: ignore[union-attr]
    assert proofs
    rig.device.values[proofs[-1][0]] = proofs[-1][1] + 1
    with pytest.raises(CommandRejected, match="not sent: its outlets are in other rows"):
        await rig.backend.command_pdu("all_off", lambda: None)
    assert sent_nothing(rig)
