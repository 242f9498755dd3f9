"""What is pending, and the countdown to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from pdutui.backends.base import OutletStatus
from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.demo import demo_backends, demo_pdus
from pdutui.domain.commands import CommandResult, Intent, OutletAction
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.due import DueBook
from pdutui.engine.engine import Engine
from pdutui.engine.view import Due
from pdutui.settings import Settings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, Rig
from tests.support.clock import ManualClock

ALL: frozenset[OutletAction] = frozenset(
    {"on", "off", "reboot", "delayed_on", "delayed_off", "delayed_reboot", "cancel"}
)


async def delayed(rig: MakeRig, delay_s: int | None = 30) -> Rig:
    """A device whose outlet 3 will go off, 30 s after it was told."""
    r = await rig(live=False)
    r.pdu.actions = ALL
    r.pdu.takes_delay = delay_s is not None
    r.pdu.set_outlet(6, pending=None)
    await r.live()
    result = await r.switch(3, "delayed_off", delay_s=delay_s)
    assert (result.outcome, result.pending) == ("observed", True)
    return r


async def test_our_own_counts_down_and_is_gone_when_it_is_done(rig: MakeRig) -> None:
    r = await delayed(rig)
    due = r.engine.view("rack1-a").due[3]
    sent = r.clock.monotonic()
    assert due.action == "delayed_off"
    assert due.left_s is not None
    assert 27.5 < due.left_s <= 30.0
    await r.clock.run(10)
    later = r.engine.view("rack1-a").due[3].left_s
    assert later == pytest.approx(due.left_s - (r.clock.monotonic() - sent))
    await r.clock.run(22)
    assert r.engine.view("rack1-a").due == {}


async def test_a_device_that_is_late_shows_that_it_is_due(rig: MakeRig) -> None:
    r = await delayed(rig)
    r.pdu.drop_later()  # it forgets
    await r.clock.run(35)
    left_s = r.engine.view("rack1-a").due[3].left_s
    assert left_s is not None
    assert left_s < 0


async def test_the_devices_own_delay_counts_where_it_says_it(rig: MakeRig) -> None:
    r = await rig(live=False)
    r.pdu.actions = ALL
    await r.live()
    read = r.pdu.read_outlet

    async def with_delay(number: int) -> OutletStatus:
        return msgspec.structs.replace(await read(number), off_delay_s=45.0)

    r.pdu.read_outlet = with_delay  # type: ignore[method-assign]
    await r.gate.prepare("rack1-a", 3)
    await r.switch(3, "delayed_off")
    left_s = r.engine.view("rack1-a").due[3].left_s
    assert left_s is not None
    assert 42.0 < left_s <= 45.0


async def test_without_a_known_delay_it_is_only_pending(rig: MakeRig) -> None:
    r = await delayed(rig, delay_s=None)
    assert r.engine.view("rack1-a").due[3] == Due(action="delayed_off")


async def test_what_was_taken_back_is_gone_at_once(rig: MakeRig) -> None:
    r = await delayed(rig)
    r.pdu.set_outlet(3, pending="off")
    await r.clock.run(2)
    assert (await r.switch(3, "cancel")).outcome == "observed"
    assert r.engine.view("rack1-a").due == {}
    await r.clock.run(3)
    assert r.engine.view("rack1-a").due == {}


async def test_somebody_elses_is_pending_without_a_countdown(rig: MakeRig) -> None:
    r = await rig()
    assert r.engine.view("rack1-a").due == {6: Due(action="delayed_off")}
    # Of a command that the device does not name there is nothing to say but that it is pending.
    r.pdu.set_outlet(6, pending="unspecified")
    await r.clock.run(2)
    assert r.engine.view("rack1-a").due == {}


async def test_a_command_under_way_is_not_also_due(rig: MakeRig) -> None:
    r = await rig()

    async def slowly(number: int, action: OutletAction) -> None:
        r.pdu.set_outlet(number, pending="reboot")
        r.pdu.later(4.0, number, state="off", pending="reboot")
        r.pdu.later(7.0, number, state="on", pending=None)

    r.pdu.on_command = slowly
    task = r.switching(3, "reboot")
    seen = []
    while not task.done():
        await r.clock.run(0.5)
        if not task.done():
            seen.append(3 in r.engine.view("rack1-a").due)
    assert seen
    assert not any(seen)


def test_another_word_is_another_command() -> None:
    book = DueBook()
    clock = ManualClock()

    def reading(pending: str | None) -> Reading:
        outlet = Outlet(number=1, name="x", state="on", pending=pending)  # type: ignore[arg-type]
        return Reading(pdu="a", time=clock.now(), outlets=(outlet,))

    result = CommandResult(
        intent=Intent(
            id="1", pdu="a", outlet=1, action="delayed_off", actor=ALICE, delay_s=60
        ),
        outcome="observed", detail="", outlet_name="x", before="on", after="on", pending=True,
        ended=clock.now(),
    )  # fmt: skip
    book.ended(result, [1], {}, 100.0)
    assert book.view(reading("off"), (), 110.0)[1].left_s == 50.0
    assert book.view(reading("unspecified"), (), 110.0)[1].left_s == 50.0
    assert book.view(reading("on"), (), 110.0) == {1: Due(action="delayed_on")}
    # A poll from before the command does not speak against it, a later one does.
    book.saw(reading(None), 99.0)
    assert book.view(reading(None), (), 110.0)[1].left_s == 50.0
    book.saw(reading(None), 101.0)
    assert book.view(reading(None), (), 110.0) == {}
    # What was taken back is over at once, also while the last reading still shows it.
    book.ended(result, [1], {}, 100.0)
    cancel = msgspec.structs.replace(result.intent, action="cancel")
    taken_back = msgspec.structs.replace(result, intent=cancel, pending=False)
    book.ended(taken_back, [1], {}, 120.0)
    assert book.view(reading("off"), (), 121.0) == {}
    book.saw(reading("off"), 122.0)
    assert book.view(reading("off"), (), 123.0) == {1: Due(action="delayed_off")}


async def test_the_demos_transfer_switch_counts_its_own_delay(tmp_path: Path) -> None:
    clock = ManualClock()
    backends = demo_backends(clock, incidents=False)
    mock = backends["ats-1"]
    assert isinstance(mock, MockBackend)
    mock.model.relays.off_delay_s = 20.0
    engine = Engine(
        Settings(pdus=demo_pdus(), state_dir=tmp_path), backends, clock=clock, store=None
    )
    await engine.start()
    await clock.run(2.3)
    await engine.gate.prepare("ats-1", 3)
    intent = engine.gate.new_intent("ats-1", 3, "delayed_off", ALICE)
    task = asyncio.create_task(engine.gate.switch(intent, confirmed=True))
    while not task.done():
        await clock.run(0.25)
    assert task.result().outcome == "observed"
    left_s = engine.view("ats-1").due[3].left_s
    assert left_s is not None
    assert 16.0 < left_s <= 20.0
    await clock.run(22)
    assert engine.view("ats-1").due == {}
    stopping = asyncio.create_task(engine.stop())
    while not stopping.done():
        await clock.run(0.25)
