"""What is asked when: absent columns, slow ones, new probes, other devices, lost answers."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from pdutui.backends.base import Unreachable
from pdutui.backends.snmp.device import GIVEN_UP_AFTER
from tests.support.apc_devices import APC, rpdu, rpdu2
from tests.support.snmp_devices import CPS, PX, SYSTEM, Rig, pdu44001, px3

MODEL = f"{CPS}.3.1.5.0"
NAME_3 = f"{CPS}.3.3.5.1.1.2.3"
STATE_3 = f"{CPS}.3.3.5.1.1.4.3"
BANK_VA = f"{CPS}.3.2.3.1.1.8.2"
ABSENT_STATE = f"{PX}.4.1.2.1.3.1.1"


async def polls(rig: Rig, seconds: int) -> list[set[str]]:
    """Poll at 1 Hz; what each poll asked."""
    out = []
    for _ in range(seconds):
        rig.clock.advance(1)
        rig.device.asked.clear()
        await rig.backend.poll()
        out.append(rig.device.asked_flat())
    return out


async def test_measurements_every_poll_names_once_a_minute() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    asked = await polls(rig, 120)
    assert all(STATE_3 in batch for batch in asked)
    for slow in (NAME_3, MODEL, f"{CPS}.3.2.4.1.1.3.1", f"{CPS}.3.3.3.1.1.4.3"):
        turns = [n for n, batch in enumerate(asked) if slow in batch]
        assert 2 <= len(turns) <= 3
        assert turns[0] <= 60
        assert all(b - a <= 60 for a, b in itertools.pairwise(turns))


async def test_slow_columns_are_spread_over_the_minute() -> None:
    rig = Rig(px3(outlets=24))
    await rig.backend.poll()
    sizes = [len(batch) for batch in await polls(rig, 120)]
    assert max(sizes) - min(sizes) <= 8


async def test_absent_columns_are_not_asked_every_poll() -> None:
    values = px3()
    for n in range(1, 5):
        del values[f"{PX}.4.1.2.1.3.1.{n}"]
    rig = Rig(values)
    await rig.backend.poll()
    asked = await polls(rig, 120)
    assert 1 <= sum(ABSENT_STATE in batch for batch in asked) <= 3
    assert all(f"{PX}.5.4.3.1.3.1.1.14" in batch for batch in asked)


async def test_columns_behind_a_condition_that_does_not_hold_are_never_asked() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.asked.clear()
    await polls(rig, 70)
    assert f"{CPS}.3.3.5.1.1.7.3" not in rig.device.asked_flat()


async def test_a_null_probe_is_found_when_it_is_plugged_in() -> None:
    rig = Rig(pdu44001() | {f"{CPS}.8.2.3.1.3.1": None})
    reading = await rig.backend.poll()
    assert [s.value for s in reading.sensors[:2]] == [None, 45.36]
    rig.set(CPS, {".8.2.3.1.3.1": 1950})
    seen = []
    for _ in range(60):
        rig.clock.advance(1)
        seen.append((await rig.backend.poll()).sensors[0].value)
    assert set(seen) == {None, 19.5}
    assert seen[-1] == 19.5
    rig.set(CPS, {".8.2.3.1.3.1": 1951})
    rig.clock.advance(1)
    assert (await rig.backend.poll()).sensors[0].value == 19.51


async def test_a_probe_that_is_pulled_has_no_value_in_that_very_poll() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.set(CPS, {".8.2.3.1.3.1": None})
    for _ in range(GIVEN_UP_AFTER + 2):
        rig.clock.advance(1)
        assert (await rig.backend.poll()).sensors[0].value is None
    assert not any(f"{CPS}.8.2.3.1.3.1" in batch for batch in await polls(rig, 5))


async def test_the_next_column_takes_over_in_the_poll_that_gives_the_first_up() -> None:
    rig = Rig(px3())
    await rig.backend.poll()
    rig.drop(*(f"{PX}.4.1.2.1.3.1.{n}" for n in range(1, 5)))
    states = []
    for _ in range(GIVEN_UP_AFTER + 1):
        rig.clock.advance(1)
        states.append((await rig.backend.poll()).outlets[0].state)
    assert states == ["unknown"] * (GIVEN_UP_AFTER - 1) + ["on", "on"]


async def test_a_column_that_comes_back_is_read_in_full_at_once() -> None:
    rig = Rig(px3())
    gone = {
        oid: rig.device.values.pop(oid) for oid in list(rig.device.values) if ".4.1.2.1.3.1." in oid
    }
    await rig.backend.poll()
    rig.device.values |= gone
    for _ in range(60):
        rig.clock.advance(1)
        reading = await rig.backend.poll()
        assert [o.state for o in reading.outlets] == ["on"] * 4
    rig.device.asked.clear()
    rig.clock.advance(1)
    await rig.backend.poll()
    assert gone.keys() <= rig.device.asked_flat()
    assert f"{PX}.5.4.3.1.3.1.1.14" not in rig.device.asked_flat()


async def test_a_fallback_that_counts_again_is_read_in_the_same_poll() -> None:
    rig = Rig(px3())
    gone = {o: rig.device.values.pop(o) for o in list(rig.device.values) if ".4.1.2.1.3.1." in o}
    await rig.backend.poll()
    rig.device.values |= gone
    await polls(rig, 60)
    rig.drop(*gone)
    states = []
    for _ in range(GIVEN_UP_AFTER):
        rig.clock.advance(1)
        states.append((await rig.backend.poll()).outlets[0].state)
    assert states == ["unknown"] * (GIVEN_UP_AFTER - 1) + ["on"]


@pytest.mark.parametrize("state", [-1, None])
async def test_a_value_is_judged_by_the_state_of_the_same_poll(state: int | None) -> None:
    rig = Rig(px3())
    assert (await rig.backend.poll()).inlets[0].voltage_v == 229
    rig.set(PX, {".5.2.3.1.3.1.1.4": state, ".5.2.3.1.4.1.1.4": 0})
    rig.clock.advance(1)
    assert (await rig.backend.poll()).inlets[0].voltage_v is None


async def test_v1_looks_for_absent_columns_one_at_a_time() -> None:
    values = px3()
    for n in range(1, 5):
        del values[f"{PX}.4.1.2.1.3.1.{n}"]
    rig = Rig(values, version="1")
    await rig.backend.poll()
    rig.device.asked.clear()
    for _ in range(60):
        rig.clock.advance(1)
        await rig.backend.poll()
    with_absent = [batch for batch in rig.device.asked if ABSENT_STATE in batch]
    assert with_absent
    assert all(batch == (ABSENT_STATE,) for batch in with_absent)


async def test_new_rows_are_found_within_minutes_and_gone_ones_forgotten() -> None:
    rig = Rig(pdu44001())
    assert len((await rig.backend.poll()).outlets) == 10
    extra = {oid[: -len(".10")] + ".11": v for oid, v in pdu44001().items() if oid.endswith(".10")}
    rig.device.values |= extra
    rig.device.values = {
        oid: v for oid, v in rig.device.values.items() if not oid.startswith(f"{CPS}.8.4.")
    }
    for _ in range(310):
        rig.clock.advance(1)
        reading = await rig.backend.poll()
    assert len(reading.outlets) == 11
    assert reading.outlets[10].state == "on"
    assert [s.kind for s in reading.sensors] == ["temperature", "humidity"]


async def test_a_young_device_is_walked_more_often() -> None:
    rig = Rig(pdu44001())
    rig.device.values[f"{SYSTEM}.3.0"] = 3000
    await rig.backend.poll()
    for uptime in range(3100, 6200, 100):
        rig.clock.advance(1)
        rig.device.values[f"{SYSTEM}.3.0"] = uptime
        await rig.backend.poll()
    assert rig.device.walked.count(f"{CPS}.3.3.5.1.1.4") == 2


async def test_a_walk_that_fails_later_on_harms_no_reading() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()

    async def fails(
        root: str, *, max_rows: int = 4096
    ) -> list[tuple[str, int | str | bytes | None]]:
        raise Unreachable("no answer")

    rig.device.walk = fails  # type: ignore[method-assign]
    rig.clock.advance(60)
    reading = await rig.backend.poll()
    assert len(reading.outlets) == 10
    assert reading.poll.errors == ("looking for new rows: no answer",)


async def test_nothing_is_asked_between_the_measurements_and_the_reading() -> None:
    """A walk that is given up takes seconds: what was measured before it would pass for fresh."""
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.asked.clear()
    walked_when: list[int] = []
    walk = rig.device.walk

    async def noted(
        root: str, *, max_rows: int = 4096
    ) -> list[tuple[str, int | str | bytes | None]]:
        walked_when.append(len(rig.device.asked))
        return await walk(root, max_rows=max_rows)

    rig.device.walk = noted  # type: ignore[method-assign]
    rig.clock.advance(60)
    await rig.backend.poll()
    assert walked_when
    assert set(walked_when) == {0}


async def test_a_device_that_is_learned_anew_takes_no_command_meanwhile() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.values[f"{SYSTEM}.3.0"] = 500
    walk = rig.device.walk
    at_it, go_on = asyncio.Event(), asyncio.Event()

    async def slow(
        root: str, *, max_rows: int = 4096
    ) -> list[tuple[str, int | str | bytes | None]]:
        at_it.set()
        await go_on.wait()
        return await walk(root, max_rows=max_rows)

    rig.device.walk = slow  # type: ignore[method-assign]
    polling = asyncio.create_task(rig.backend.poll())
    await at_it.wait()
    sent: list[str] = []
    with pytest.raises(Unreachable, match="looked at anew"):
        await rig.backend.command(3, "off", lambda: sent.append("sent"))
    reading_back = asyncio.create_task(rig.backend.read_outlet(3))
    await asyncio.sleep(0)
    go_on.set()
    await polling
    walks = len(rig.device.walked)
    assert (await reading_back).state == "on"
    assert len(rig.device.walked) == walks, "it was learned twice"
    assert not sent
    assert rig.device.written == []
    await rig.backend.command(3, "off", lambda: sent.append("sent"))
    assert rig.device.written


@pytest.mark.parametrize("what", ["restart", "serial"])
async def test_another_device_behind_the_address_is_learned_anew(what: str) -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.clock.advance(1)
    rig.device.values = pdu44001(outlets=8, banks=1)
    rig.device.values[NAME_3] = b"other"
    if what == "restart":
        rig.device.values[f"{SYSTEM}.3.0"] = 500
    else:
        rig.device.values[f"{CPS}.3.1.6.0"] = b"NKX0002"
    reading = await rig.backend.poll()
    assert len(reading.outlets) == 8
    assert len(reading.banks) == 1
    assert reading.outlets[2].name == "other"


async def test_a_device_of_another_family_is_noticed_by_what_it_lacks() -> None:
    """It has been up for longer, so neither its uptime nor a serial number gives it away."""
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.values = px3() | {f"{SYSTEM}.3.0": 200_000_000}
    for _ in range(2):
        rig.clock.advance(1)
        reading = await rig.backend.poll()
        assert {outlet.state for outlet in reading.outlets} == {"unknown"}
    rig.clock.advance(1)
    assert (await rig.backend.poll()).profile == "raritan-pdu2"


async def test_a_replaced_device_is_recognised_anew() -> None:
    """The newer one speaks the older one's branch as well."""
    rig = Rig(rpdu())
    assert (await rig.backend.poll()).profile == "apc-rpdu"
    rig.clock.advance(1)
    rig.device.values = {**rpdu(), **rpdu2(), f"{APC}.12.1.6.0": b"NEW"}
    reading = await rig.backend.poll()
    assert (reading.profile, reading.model) == ("apc-rpdu2", "AP8641")
    assert rig.device.limits.max_varbinds == 48


async def test_who_is_recognised_while_it_starts_is_looked_at_again() -> None:
    rig = Rig(rpdu() | {f"{SYSTEM}.3.0": 3_000})
    assert (await rig.backend.poll()).profile == "apc-rpdu"
    both = {**rpdu(), **rpdu2(), f"{APC}.12.1.6.0": b"ZA0001"}
    rig.device.values = both | {f"{SYSTEM}.3.0": 4_000}
    rig.clock.advance(10)
    assert (await rig.backend.poll()).profile == "apc-rpdu"  # it may not be all there yet
    rig.device.values[f"{SYSTEM}.3.0"] = 60_100
    rig.clock.advance(600)
    rig.device.silent_oids = {f"{APC}.26.2.1.8.1"}
    assert (await rig.backend.poll()).profile == "apc-rpdu"
    assert rig.device.limits.max_varbinds == 20
    rig.device.silent_oids = set()
    assert (await rig.backend.poll()).profile == "apc-rpdu2"
    rig.device.asked.clear()
    await rig.backend.poll()
    assert f"{SYSTEM}.2.0" not in rig.device.asked_flat()


async def test_a_profile_that_was_given_stays_whoever_answers() -> None:
    rig = Rig(rpdu(), profile="apc-rpdu")
    await rig.backend.poll()
    rig.device.values = {**rpdu(), **rpdu2(), f"{APC}.12.1.6.0": b"NEW"}
    reading = await rig.backend.poll()
    assert (reading.profile, reading.serial) == ("apc-rpdu", "NEW")


async def test_a_scale_is_found_again_on_another_device() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.set(CPS, {".6.9.4.1.5.1": 120, ".6.9.4.1.6.1": 121, ".3.1.6.0": b"NKX0002"})
    ats = (await rig.backend.poll()).ats
    assert ats is not None
    assert [s.voltage_v for s in ats.sources] == [120.0, 121.0]


async def test_a_value_that_was_not_answered_for_is_no_reading() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.silent_oids = {STATE_3}
    with pytest.raises(Unreachable, match="1 of"):
        await rig.backend.poll()
    rig.device.silent_oids = set()
    assert len((await rig.backend.poll()).outlets) == 10


async def test_slow_values_are_all_asked_anew_after_a_long_silence() -> None:
    rig = Rig(pdu44001())
    await rig.backend.poll()
    rig.device.silent = True
    for _ in range(5):
        rig.clock.advance(60)
        with pytest.raises(Unreachable):
            await rig.backend.poll()
    rig.device.silent = False
    rig.device.values[NAME_3] = b"renamed"
    reading = await rig.backend.poll()
    assert reading.outlets[2].name == "renamed"


async def test_learning_that_is_cut_short_starts_again() -> None:
    rig = Rig(pdu44001())
    rig.device.silent_oids = {NAME_3}
    with pytest.raises(Unreachable):
        await rig.backend.poll()
    rig.device.silent_oids = set()
    reading = await rig.backend.poll()
    assert reading.outlets[2].name == "Outlet3"
