"""The engine over the product's own models, faults included."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.demo import demo_backends, demo_pdus
from pdutui.domain.commands import CommandResult, OutletAction
from pdutui.engine.engine import Engine
from pdutui.settings import Settings
from tests.engine.helpers import ALICE, FakeStore
from tests.support.clock import ManualClock


class Demo:
    def __init__(self, state_dir: Path) -> None:
        self.clock = ManualClock()
        self.backends = demo_backends(self.clock, incidents=False)
        self.store = FakeStore()
        self.engine = Engine(
            Settings(pdus=demo_pdus(), state_dir=state_dir),
            self.backends,
            clock=self.clock,
            store=self.store,  # type: ignore[arg-type]
        )

    def mock(self, name: str) -> MockBackend:
        backend = self.backends[name]
        assert isinstance(backend, MockBackend)
        return backend

    async def switch(self, pdu: str, outlet: int, action: OutletAction) -> CommandResult:
        gate = self.engine.gate
        intent = gate.new_intent(pdu, outlet, action, ALICE)
        task = asyncio.create_task(gate.switch(intent, confirmed=True))
        for _ in range(200):
            if task.done():
                break
            await self.clock.run(0.25)
        return await task

    async def end(self) -> None:
        task = asyncio.create_task(self.engine.stop())
        while not task.done():
            await self.clock.run(0.25)


async def test_the_demo_lives_and_switches(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.engine.start()
    await demo.clock.run(3)
    assert [demo.engine.view(pdu).health for pdu in demo.engine.pdus] == ["live"] * 3
    for pdu in demo.engine.pdus:
        off = await demo.switch(pdu, 3, "off")
        assert (off.outcome, off.before, off.after) == ("observed", "on", "off")
        await demo.clock.run(2)
        assert (await demo.switch(pdu, 3, "on")).outcome == "observed"
        await demo.clock.run(2)
        assert (await demo.switch(pdu, 3, "reboot")).outcome == "observed"
    trend = demo.engine.trend("ats-1", "bank.1.current_a", 10)
    assert None not in trend
    assert not any("not by this console" in line.text for line in demo.engine.recent_log(99))
    await demo.end()


@pytest.mark.parametrize(
    ("fault", "action", "outcome"),
    [
        ("deaf", "off", "unconfirmed"),
        ("reversed", "on", "contradicted"),
        ("sluggish", "off", "observed"),
        ("rejects", "off", "failed"),
        ("silent", "off", "refused"),  # it is looked at before anything is sent
        ("error", "off", "refused"),
    ],
)
async def test_faults_of_the_model_end_as_what_they_are(
    tmp_path: Path, fault: str, action: OutletAction, outcome: str
) -> None:
    demo = Demo(tmp_path)
    await demo.engine.start()
    await demo.clock.run(3)
    demo.mock("rack1-a").fault = fault  # type: ignore[assignment]
    assert (await demo.switch("rack1-a", 3, action)).outcome == outcome
    demo.mock("rack1-a").fault = None
    await demo.end()
    assert demo.store.outcomes == ["requested", outcome]


async def test_a_silent_model_is_lost_and_comes_back(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.engine.start()
    await demo.clock.run(3)
    demo.mock("ats-1").fault = "silent"
    await demo.clock.run(4)
    assert demo.engine.view("ats-1").health == "lost"
    assert demo.engine.view("rack1-a").health == "live"
    assert not demo.engine.gate.check("ats-1", 3, "off").allowed
    demo.mock("ats-1").fault = None
    await demo.clock.run(6)
    assert demo.engine.view("ats-1").health == "live"
    await demo.end()
