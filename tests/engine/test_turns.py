"""Two programs of one state directory at one device."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pdutui.domain.commands import Action, Actor, Intent
from pdutui.engine.turns import HeldTurn, TurnNotFree, Turns, device_file
from pdutui.settings import ControlSettings, PduSettings
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, Rig
from tests.support.clock import ManualClock

PDU = PduSettings(name="rack1-a", host="192.0.2.10")
BOB = Actor(user="bob")


class Two:
    """Two programs, and what they were told."""

    def __init__(self, state_dir: Path) -> None:
        self.clock = ManualClock()
        self.told: list[str] = []
        self.one = Turns(state_dir, clock=self.clock, note=self.told.append)
        self.other = Turns(state_dir, clock=self.clock, note=self.told.append)
        self.file = state_dir / "turns" / device_file(PDU)

    async def done(self, turns: Turns, outlet: int, action: Action = "off") -> None:
        """A command of that program, which takes a second."""
        intent, held = wish(outlet, action), await turns.take(PDU, 1.0)
        held.begin(intent, self.clock.now())
        self.clock.advance(1.0)
        held.end(intent, self.clock.now())
        held.release()

    async def heard(self, outlet: int, action: Action, asked_s_ago: float) -> str | None:
        """What the other program did to the same, as the first one hears it."""
        held = await self.one.take(PDU, 1.0)
        asked = self.clock.now() - timedelta(seconds=asked_s_ago)
        found = held.since(asked, self.clock.monotonic() - asked_s_ago, wish(outlet, action))
        held.release()
        return None if found is None else f"{found.action} by {found.user}"


def wish(outlet: int, action: Action) -> Intent:
    return Intent(id=os.urandom(4).hex(), pdu="rack1-a", outlet=outlet, action=action, actor=BOB)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def test_one_waits_for_the_other_and_no_longer_than_it_may(two: Two) -> None:
    held = await two.other.take(PDU, 1.0)
    waiting = asyncio.create_task(two.one.take(PDU, 5.0))
    await two.clock.run(2.0)
    assert not waiting.done()
    held.release()
    await two.clock.run(0.2)
    mine = await waiting
    too_long = asyncio.create_task(two.other.take(PDU, 3.0))
    await two.clock.run(3.3)
    with pytest.raises(TurnNotFree):
        await too_long
    mine.release()
    assert two.told == []


async def test_two_names_for_one_address_are_one_device_and_models_are_none(two: Two) -> None:
    held = await two.other.take(PDU, 1.0)
    elsewhere = PduSettings(name="rack1-a", host="192.0.2.10", port=1161)
    (await two.one.take(elsewhere, 0.0)).release()
    (await two.one.take(PduSettings(name="rack1-a", backend="mock"), 0.0)).release()
    taking = asyncio.create_task(two.one.take(PduSettings(name="x", host="192.0.2.10"), 0.0))
    with pytest.raises(TurnNotFree):
        await taking
    held.release()


async def test_one_hears_what_the_other_did_after_the_question(two: Two) -> None:
    await two.done(two.other, 3, "reboot")
    two.clock.advance(10)
    assert await two.heard(3, "off", 10.5) == "reboot by bob"
    assert await two.heard(3, "off", 9.5) is None, "the question is younger than its end"
    assert await two.heard(4, "off", 60) is None
    assert await two.heard(0, "all_off", 60) == "reboot by bob"
    assert await two.heard(0, "prefer_b", 60) is None


async def test_all_outlets_and_the_transfer_switch(two: Two) -> None:
    await two.done(two.other, 0, "all_off")
    assert await two.heard(3, "on", 5) == "all_off by bob"
    assert await two.heard(0, "prefer_a", 5) is None
    await two.done(two.other, 0, "prefer_b")
    assert await two.heard(0, "prefer_a", 5) == "prefer_b by bob"
    assert await two.heard(3, "on", 0.9) is None


async def test_ones_own_commands_and_lights_are_no_news(two: Two) -> None:
    await two.done(two.one, 3)
    await two.done(two.other, 3, "identify")
    assert await two.heard(3, "on", 60) is None


async def test_a_program_that_was_killed_in_the_middle_is_known_to_have_begun(two: Two) -> None:
    held = await two.other.take(PDU, 1.0)
    held.begin(wish(3, "off"), two.clock.now())
    held.release()  # as the kernel does it
    two.clock.advance(1.0)
    assert await two.heard(3, "on", 2.0) == "off by bob"


async def test_the_file_stays_small_and_private(two: Two) -> None:
    for _ in range(205):
        await two.done(two.other, 3)
    assert len(json.loads(two.file.read_text())) == 200
    assert two.file.stat().st_mode & 0o777 == 0o600
    assert two.file.parent.stat().st_mode & 0o777 == 0o700
    two.clock.advance(3700)
    await two.done(two.other, 4)
    assert [turn["outlet"] for turn in json.loads(two.file.read_text())] == [4]


async def test_a_name_that_is_no_text_is_written_all_the_same(two: Two) -> None:
    held = await two.other.take(PDU, 1.0)
    strange = Intent(id="x", pdu="rack1-a", outlet=3, action="off", actor=Actor(user="b\udcffb"))
    held.begin(strange, two.clock.now())
    held.release()
    assert await two.heard(3, "on", 5) == "off by b\\udcffb"


def broken(two: Two) -> None:
    two.file.parent.mkdir()
    two.file.write_bytes(b'[{"program": 1')


def blocked(two: Two) -> None:
    two.file.parent.write_text("a file where the directory should be")


def linked(two: Two) -> None:
    two.file.parent.mkdir()
    two.file.symlink_to("/dev/null")


def piped(two: Two) -> None:
    two.file.parent.mkdir()
    os.mkfifo(two.file)


@pytest.mark.parametrize("trouble", [broken, blocked, linked, piped])
async def test_a_file_that_is_no_use_stops_nobody_and_is_told_once(
    two: Two, trouble: object
) -> None:
    trouble(two)  # type: ignore[operator]
    for _ in range(2):
        held: HeldTurn = await two.one.take(PDU, 1.0)
        assert held.since(two.clock.now() - timedelta(hours=1), 0.0, wish(3, "off")) is None
        held.release()
    assert len(two.told) == 1
    assert two.told[0].startswith("consoles of this state directory cannot take turns: a file in")


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_wall_clock_that_is_set_changes_nothing(two: Two, hours: int) -> None:
    """Set back, all that was done seemed to come after every question for as long; set forward,
    nothing did."""
    await two.done(two.other, 3)
    two.clock.advance(10)
    two.clock._start += timedelta(hours=hours)
    assert await two.heard(3, "on", 5) is None
    held = await two.one.take(PDU, 1.0)
    before_it_was_set = two.clock.now() - timedelta(hours=hours, seconds=12)
    asked_s = two.clock.monotonic() - 12
    assert held.since(before_it_was_set, asked_s, wish(3, "on")) is not None
    held.release()


async def test_after_a_restart_of_the_machine_the_wall_clock_tells(tmp_path: Path) -> None:
    two = Two(tmp_path)
    await two.done(two.other, 3)
    boot = tmp_path / "boot"
    boot.write_text("another\n")
    two.one = Turns(tmp_path, clock=two.clock, note=two.told.append, boot_id=boot)
    two.clock._now = two.clock._zero = 5.0  # monotonic time begins anew
    two.clock._start += timedelta(minutes=5)
    assert await two.heard(3, "on", 400) == "off by bob"
    assert await two.heard(3, "on", 60) is None
    two.clock._start -= timedelta(minutes=30)  # it was wrong before
    assert await two.heard(3, "on", 60) is None


async def test_what_other_programs_send_counts_for_the_rates(rig: MakeRig) -> None:
    """A script that starts a command line for every command is as fast as one that does not."""
    control = ControlSettings(outlet_per_minute=2, commands_per_minute=3)
    how: dict[str, object] = {"backend": "snmp", "host": "192.0.2.10", "control": control}
    said = []
    for number, action in ((3, "off"), (3, "on"), (3, "off"), (1, "off"), (1, "on")):
        r = await rig(**how)
        await r.clock.run(len(said) * 3.0)  # one after the other, on the machine's clock
        r.pdu.set_outlet(3, state="off" if action == "on" else "on")
        r.pdu.set_outlet(1, state="off" if action == "on" else "on")
        await r.clock.run(1.0)
        said.append(await run(r, r.gate.new_intent("rack1-a", number, action, ALICE)))
    assert said[2].startswith("rack1-a: the outlet was commanded twice within a minute: free in ")
    assert said[3].startswith("off after")
    assert said[4].startswith("rack1-a: 3 commands were sent to the PDU within a minute: free in ")
    assert r.gate.free_in_s("rack1-a", 1, "on") > 0
    await r.clock.run(60.0)
    assert r.gate.check("rack1-a", 1, "on").allowed


async def test_a_full_disk_stops_nobody(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    await two.done(two.one, 3)
    assert two.told[0].endswith("cannot be written: No space left on device")


# -- through the gate ------------------------------------------------------------------------


async def run(r: Rig, intent: Intent) -> str:
    task = asyncio.create_task(r.gate.switch(intent, confirmed=True))
    while not task.done():
        await r.clock.run(0.25)
    return task.result().detail


async def test_a_console_is_told_what_another_did_to_its_outlet(rig: MakeRig) -> None:
    how: dict[str, object] = {"backend": "snmp", "host": "192.0.2.10"}
    one, other = await rig(**how), await rig(**how)
    mine = one.gate.new_intent("rack1-a", 3, "off", ALICE)
    theirs = other.gate.new_intent("rack1-a", 3, "reboot", BOB)
    await run(other, theirs)
    assert other.pdu.commands == [(3, "reboot")]
    await one.clock.run(8)
    assert await run(one, mine) == (
        "bob has commanded outlet 3 db01 since this was asked for (reboot), from another program"
    )
    assert one.pdu.commands == []
    await run(one, one.gate.new_intent("rack1-a", 3, "off", ALICE))
    assert one.pdu.commands == [(3, "off")]


async def test_a_command_waits_for_another_program_and_gives_up_in_bounded_time(
    rig: MakeRig, tmp_path: Path
) -> None:
    r = await rig(backend="snmp", host="192.0.2.10")
    settings = r.settings.pdus[0]
    held = await Turns(tmp_path, clock=r.clock, note=print).take(settings, 1.0)
    task = r.switching(3, "off")
    await r.clock.run(30)
    assert r.pdu.commands == []
    await r.clock.run(31)
    assert (task.result().outcome, r.pdu.commands) == ("refused", [])
    assert "another program has been carrying out commands on rack1-a" in task.result().detail
    held.release()
    assert (await r.switch(3, "off")).outcome == "observed"
