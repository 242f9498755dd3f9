"""Plans whose program is killed anywhere: no step twice, no reboot again, never on by itself.

A program dies before or after any access to the files of its plans, or between any two turns of its
loop; what it had under way dies with it. Another program comes and looks, waits, and resumes.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pdutui.domain.plan import OVER, PlanView, PlanWish
from pdutui.engine.plans.port import PlanTrouble
from tests.engine.property.oracle import Rules
from tests.engine.property.rack import PDU, Arrival, Console, Rack, Wire, state_dir
from tests.engine.property.seeds import CHOSEN, seeds

WALKS = 36
DEATHS = 3


class Quiet:
    """Lets everything pass: what counts here is how often it came."""

    def forbids(self, arrival: Arrival, wire: Wire) -> list[str]:
        return []

    def sent(self, arrival: Arrival, forbidden: list[str]) -> None:
        pass


class Lives:
    """One plan, and the programs that carry it out one after the other."""

    def __init__(self, rack: Rack, dice: Random, seen: Counter[str]) -> None:
        self.rack = rack
        self.dice = dice
        self.seen = seen
        self.plan = ""

    @property
    def arrived(self) -> list[tuple[int, str]]:
        return [(a.outlet, a.action) for a in self.rack.device.arrivals]

    async def act(self, console: Console, work: Any, limit_s: float = 120.0) -> Any:
        """Have something done by a program, which may die of it."""
        with self.rack.as_program(console):
            task = asyncio.ensure_future(work)
        await self.rack.quiet()
        passed_s = 0.0
        while not task.done() and not console.dead and passed_s < limit_s:
            await self.rack.wait(0.25)
            passed_s += 0.25
        if console.dead:
            self.rack.kill(console)
            await self.rack.quiet()
            return None
        assert task.done(), "it hangs"
        try:
            return task.result()
        except PlanTrouble as trouble:
            self.seen[trouble.rule] += 1
            return None

    async def run_until_it_ends_or_dies(self, console: Console) -> None:
        dice = self.dice
        how = dice.choice(["file", "file", "file", "turn", "time"])
        if how == "file":
            call = console.file_calls + dice.randint(1, 26)
            console.dies = (dice.choice(["before", "after"]), call)
        await self.act(console, console.desk.start(self.plan, console.actor))
        if how == "turn":
            await self.rack.wait(dice.uniform(0.0, 6.0))
            self.rack.clock._wake()
            for _ in range(dice.randint(0, 30)):
                await asyncio.sleep(0)
            console.dead = True
        if how == "time":
            await self.rack.wait(dice.choice([0.0, 0.3, 0.6, 1.0, 2.5, 5.0]))
            console.dead = True
        for _ in range(400):
            if console.dead or self.view(console).state not in ("running", "pausing"):
                break
            await self.rack.wait(0.25)
        console.dies = ("", 0)
        if console.dead:
            self.seen[f"killed by {how}"] += 1
            self.rack.kill(console)
            await self.rack.quiet()

    def view(self, console: Console) -> PlanView:
        return console.desk.get(self.plan)

    async def successor(self) -> Console:
        """Another program of the same person. It looks, and begins nothing."""
        console = await self.rack.start("alice")
        before = len(self.arrived)
        await self.rack.wait(1.1)
        await self.act(console, console.desk.look())
        await self.rack.wait(self.dice.choice([5.0, 12.0]))
        assert len(self.arrived) == before, "it went on by itself"
        assert self.view(console).state in ("ready", "paused", "stopped", *OVER)
        assert all(step.status != "running" for step in self.view(console).steps)
        return console

    async def rival(self, console: Console) -> None:
        """A second console of the same person has its finger on the same key."""
        other = await self.rack.start("alice")
        await self.rack.wait(1.1)
        await self.act(other, other.desk.look())
        await self.act(other, other.desk.start(self.plan, other.actor))
        self.seen["rivals"] += 1
        while self.view(other).state in ("running", "pausing"):
            await self.rack.wait(1.0)
            await self.act(other, other.desk.look())

    def nothing_twice(self) -> None:
        twice = {key: n for key, n in Counter(self.arrived).items() if n > 1}
        assert not twice, (twice, self.rack.device.arrivals)


async def lives(seed: int, folder: Path, seen: Counter[str]) -> None:
    dice = Random(seed)
    rack = Rack(Rules().settings(state_dir(folder)), Quiet(), lean=True)
    rack.notice_tasks()
    one = Lives(rack, dice, seen)
    console = await rack.start("alice")
    await rack.wait(1.1)
    outlets = dice.sample([1, 2, 3, 4, 5], dice.randint(2, 4))
    states = {n: rack.device.state(n) for n in outlets}
    actions = {n: dice.choice(["on", "off", "off", "reboot"]) for n in outlets}
    wishes = [PlanWish(pdu=PDU, outlet=n, action=actions[n]) for n in outlets]  # type: ignore[arg-type]
    draft = console.desk.draft(wishes, console.actor, pause_s=dice.choice([0.0, 2.0]))
    kept = await one.act(console, console.desk.keep(draft, confirmed=True, typed=draft.words))
    one.plan = kept.plan.id
    for _ in range(dice.randint(0, DEATHS)):
        await one.run_until_it_ends_or_dies(console)
        if not console.dead:
            break
        console = await one.successor()
        one.nothing_twice()
    if dice.random() < 0.4 and not console.dead:
        await one.rival(console)
    for _ in range(6):
        await one.act(console, console.desk.look())
        view = one.view(console)
        if view.state in OVER:
            break
        await one.act(console, console.desk.start(one.plan, console.actor))
        await one.act(console, console.desk.wait(one.plan), 300.0)
    view = one.view(console)
    assert view.state == "done", (view.state, view.detail)
    one.nothing_twice()
    seen["commands"] += len(one.arrived)
    for step, how in zip(view.plan.steps, view.steps, strict=True):
        seen[how.status] += 1
        sent = (step.outlet, step.action) in one.arrived
        assert how.status != "observed" or sent, "observed, and nothing was sent"
        assert how.status not in ("refused", "waiting") or not sent
        if step.action != "reboot":
            assert rack.device.state(step.outlet) == step.action, how
    await put_back(one, console, states)
    for other in rack.consoles:
        if not other.dead:
            await rack.drive(other.engine.stop())


async def put_back(one: Lives, console: Console, states: dict[int, str]) -> None:
    """It restores what the plan has changed, and touches nothing else."""
    changed = {n for n, was in states.items() if one.rack.device.state(n) != was}
    before = len(one.arrived)
    if not changed:
        with pytest.raises(PlanTrouble, match="nothing on or off"):
            console.desk.put_back(one.plan, console.actor)
        return
    draft = console.desk.put_back(one.plan, console.actor)
    assert {step.outlet for step in draft.plan.steps} == changed
    await one.rack.wait(61.0)
    kept = await one.act(console, console.desk.keep(draft, confirmed=True, typed=draft.words))
    await one.act(console, console.desk.start(kept.plan.id, console.actor))
    view = await one.act(console, console.desk.wait(kept.plan.id), 300.0)
    assert view.state == "done", view
    assert {n: one.rack.device.state(n) for n in changed} == {n: states[n] for n in changed}
    assert {outlet for outlet, _ in one.arrived[before:]} == changed
    one.seen["put back"] += 1


def test_a_plan_survives_any_death_of_its_program() -> None:
    seen: Counter[str] = Counter()
    for seed in seeds(WALKS):
        with tempfile.TemporaryDirectory() as folder:
            try:
                asyncio.run(lives(seed, Path(folder), seen))
            except AssertionError as error:
                raise AssertionError(f"life {seed}: {error}") from error
    print(dict(sorted(seen.items())))
    if CHOSEN:
        return
    for what, least in {"killed by file": 10, "killed by turn": 2, "unknown": 2, "put back": 5,
                        "observed": 40, "rivals": 3}.items():  # fmt: skip
        assert seen[what] >= least, seen
