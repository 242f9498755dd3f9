"""Many devices are found out about at once without holding up the event loop."""

from __future__ import annotations

import asyncio
import itertools
import threading
from pathlib import Path

import pytest

from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import Profile, ProfileError
from pdutui.backends.snmp.turns import Turns


async def test_between_two_long_steps_the_loop_goes_round() -> None:
    turns, done, others = Turns(), [], 0

    async def step(number: int) -> None:
        async with turns:
            done.append((number, others))

    async def other() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await asyncio.gather(*(step(number) for number in range(10)))
    beside.cancel()
    assert [number for number, _ in done] == list(range(10)), "first come, first served"
    rounds = [seen for _, seen in done]
    assert all(a < b for a, b in itertools.pairwise(rounds)), rounds


async def test_a_step_that_fails_or_is_cancelled_gives_its_turn_on() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="no"):
        async with turns:
            raise ValueError("no")

    async def wait() -> None:
        async with turns:
            pass

    async with turns:
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.wait_for(wait(), 1)


async def test_profiles_are_read_once_and_not_in_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('extends = "apc-rpdu"\ntitle = "mine"\n')
    (tmp_path / "bad.toml").write_text("format = 7\n")
    library = ProfileLibrary(tmp_path)
    threads: list[threading.Thread] = []
    whole = library.all

    def spied() -> tuple[list[Profile], list[ProfileError]]:
        threads.append(threading.current_thread())
        return whole()

    monkeypatch.setattr(library, "all", spied)
    found = await asyncio.gather(*(library.usable() for _ in range(20)))
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert all(profiles is found[0] for profiles in found)
    names = [profile.name for profile in found[0]]
    assert names[0] == "mine"
    assert "bad" not in names
