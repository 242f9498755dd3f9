"""The room of `--demo --fleet N`: as many PDUs as asked for, the same ones, with their troubles."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pdutui.backends.base import Unreachable
from pdutui.backends.mock.demo_fleet import (
    FEWEST,
    MOST,
    SILENT_AFTER_S,
    SOURCE_AFTER_S,
    TRIP_AFTER_S,
    fleet_backends,
    fleet_cords,
    fleet_pdus,
)
from pdutui.cli.build import Demo, build_backends, demo_settings
from pdutui.domain.fleet_rows import Facts, facts_of
from pdutui.settings import Settings
from tests.support.clock import ManualClock


@pytest.mark.parametrize("count", [FEWEST, 3, 11, 50, MOST])
def test_settings_and_backends_are_of_the_same_pdus(count: int) -> None:
    pdus = fleet_pdus(count)
    names = [pdu.name for pdu in pdus]
    assert len(set(names)) == count
    assert list(fleet_backends(ManualClock(), count)) == names
    assert {pdu.feed for pdu in pdus} <= {"A", "B", None}
    assert all(pdu.location and pdu.location.startswith("Row ") for pdu in pdus)


async def facts(clock: ManualClock, count: int, seconds: float, seed: int = 1) -> dict[str, Facts]:
    backends = fleet_backends(clock, count, seed)
    clock.advance(seconds)
    found = {}
    for name, backend in backends.items():
        task = asyncio.ensure_future(backend.poll())
        await clock.run(0)
        if not task.done():
            await clock.run(2.5)
        try:
            found[name] = facts_of(await task)
        except Unreachable:
            found[name] = Facts()
    return found


async def test_the_same_seed_gives_the_same_room() -> None:
    one, same, other = [await facts(ManualClock(), 9, 5.0, seed) for seed in (1, 1, 2)]
    assert one == same
    assert one != other


async def test_troubles_come_when_they_are_said_to() -> None:
    before = await facts(ManualClock(), 24, SILENT_AFTER_S - 3)
    assert all(each.worst is not None and each.worst.state != "tripped" for each in before.values())
    assert {each.redundancy for each in before.values() if each.has_ats} == {"full"}
    after = await facts(ManualClock(), 24, max(SOURCE_AFTER_S, TRIP_AFTER_S) + 1)
    assert after["r11-b"] == Facts(), "it is silent"
    assert after["r04-ats"].redundancy == "lost"
    tripped = [name for name, f in after.items() if f.worst and f.worst.state == "tripped"]
    assert tripped == ["r05-a"]
    full = {name for name, f in after.items() if (f.percent or 0.0) > 80}
    assert full == {"r02-a", "r02-b"}


def test_the_map_knows_some_racks_and_both_cords_of_their_devices() -> None:
    cords = fleet_cords(fleet_pdus(50))
    racks = {cord.pdu for cord in cords}
    assert racks == {"r01-a", "r01-b", "r09-a", "r09-b", "r17-a", "r17-b"}
    of_one = [c for c in cords if c.device == "db01-r09"]
    assert {(c.pdu, c.cord) for c in of_one} == {("r09-a", "A"), ("r09-b", "B")}


def test_a_demo_of_a_room_keeps_its_history_apart(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    room, usual = demo_settings(settings, Demo(fleet=6)), demo_settings(settings)
    assert len(room.pdus) == 6
    assert room.history.path == tmp_path / "demo-fleet.db"
    assert usual.history.path == tmp_path / "demo.db"
    clock = ManualClock()
    assert list(build_backends(room, clock, demo=Demo(fleet=6))) == [p.name for p in room.pdus]
    assert list(build_backends(usual, clock, demo=Demo())) == [p.name for p in usual.pdus]
