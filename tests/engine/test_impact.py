"""The preview over a running engine: facts, last loads, the demo's rack."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.demo import (
    demo_backends,
    demo_cords,
    demo_groups,
    demo_pdus,
    demo_sequences,
)
from pdutui.domain.commands import Action
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.history import HistoryQuery, HistoryWindow, Points
from pdutui.domain.impact import Change, Impact
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.engine import Engine
from pdutui.engine.last_loads import LastLoads
from pdutui.engine.selector import select
from pdutui.settings import Settings
from pdutui.store.errors import StoreTrouble
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakeStore
from tests.support.clock import ManualClock


def db01(*pdus: str) -> dict[str, object]:
    """The settings by which it hangs on outlet 3 of each of these."""
    return {"cords": tuple(MappedCord(device="db01", pdu=pdu, outlet=3) for pdu in pdus)}


def look(engine: Engine, pdu: str, outlet: int, action: Action) -> Impact:
    return engine.preview([Change(pdu=pdu, outlet=outlet, action=action)])


def first(impact: Impact) -> str:
    return impact.lines[0].text


class Demo:
    def __init__(self, state_dir: Path) -> None:
        self.clock = ManualClock()
        self.backends = demo_backends(self.clock, incidents=False)
        self.settings = Settings(
            pdus=demo_pdus(),
            cords=demo_cords(),
            groups=demo_groups(),
            sequences=demo_sequences(),
            state_dir=state_dir,
        )
        self.engine = Engine(self.settings, self.backends, clock=self.clock, store=None)

    async def __aenter__(self) -> Demo:
        await self.engine.start()
        await self.clock.run(2.3)
        return self

    async def __aexit__(self, *error: object) -> None:
        task = asyncio.create_task(self.engine.stop())
        while not task.done():
            await self.clock.run(0.25)

    def mock(self, name: str) -> MockBackend:
        backend = self.backends[name]
        assert isinstance(backend, MockBackend)
        return backend


async def test_the_cord_whose_twin_is_dead_is_called_out_and_does_go_dark(tmp_path: Path) -> None:
    async with Demo(tmp_path) as demo:
        impact = look(demo.engine, "rack1-a", 20, "off")
        assert impact.danger
        assert first(impact) == (
            "backup01 LOSES ITS LAST FEED: cord B (rack1-b outlet 20) is on, but draws 0 W"
        )
        # The model agrees: with A gone nothing draws, though the outlet on B is on.
        demo.mock("rack1-a").model.throw(20, False, demo.clock.monotonic())
        await demo.clock.run(3)
        reading = demo.engine.view("rack1-b").reading
        assert reading is not None
        assert (dead := reading.outlet(20)) is not None
        assert (dead.name, dead.state, dead.power_w) == ("backup01", "on", 0.0)


async def test_the_gate_says_so_and_lets_it_through_only_with_the_name(tmp_path: Path) -> None:
    async with Demo(tmp_path) as demo:
        gate = demo.engine.gate
        verdict = gate.check("rack1-a", 20, "off")
        assert verdict.needs_name
        assert verdict.impact is not None
        assert first(verdict.impact).startswith("backup01 LOSES ITS LAST FEED: cord B (rack1-b")
        intent = gate.new_intent("rack1-a", 20, "off", ALICE)
        result = await gate.switch(intent, confirmed=True)
        assert result.outcome == "refused"
        assert "backup01 LOSES ITS LAST FEED" in result.detail
        socket = demo.mock("rack1-a").model.sockets[20]
        assert socket.on


async def test_the_rest_of_the_demo_rack(tmp_path: Path) -> None:
    async with Demo(tmp_path) as demo:
        keeps = look(demo.engine, "rack1-a", 3, "off")
        assert (keeps.level, keeps.devices[0].fate) == ("clear", "keeps_feed")
        lone = look(demo.engine, "rack1-a", 19, "off")
        assert first(lone) == "gpu01 has one cord in the map and goes dark"
        both = demo.engine.preview(
            Change(pdu=name, outlet=17, action="off") for name in ("rack1-a", "rack1-b")
        )
        assert (
            first(both) == "san01 (critical) LOSES ITS LAST FEED: both its cords are switched off"
        )
        unmapped = look(demo.engine, "ats-1", 5, "off")
        assert unmapped.level == "unknown"
        assert "What outlet 5 feeds is not known" in [line.text for line in unmapped.lines]
        source = look(demo.engine, "ats-1", 0, "prefer_b")
        assert first(source).startswith("Source B of ats-1 is normal (")


async def test_what_the_preview_says_of_the_other_feed_is_what_it_carries_then(
    tmp_path: Path,
) -> None:
    async with Demo(tmp_path) as demo:
        said = look(demo.engine, "rack1-a", 13, "off")
        after = next(one for one in said.loads if one.pdu == "rack1-b" and one.kind == "bank")
        demo.mock("rack1-a").model.throw(13, False, demo.clock.monotonic())
        await demo.clock.run(1.0)
        reading = demo.engine.view("rack1-b").reading
        assert reading is not None
        bank = reading.bank(after.number)
        assert bank is not None
        assert bank.current_a == pytest.approx(after.after_a, rel=0.03)


async def test_groups_and_sequences_of_the_demo_mean_outlets_that_are_there(
    tmp_path: Path,
) -> None:
    async with Demo(tmp_path) as demo:
        steps = [step for one in demo.settings.sequences for step in one.steps]
        for ref in [*demo.settings.groups[0].members, *(m for s in steps for m in s.members)]:
            reading = demo.engine.view(ref.pdu).reading
            assert reading is not None
            assert select(ref.selector, reading) in ((17,), (18,))


async def test_a_feed_that_is_lost_vouches_for_nothing(tmp_path: Path) -> None:
    async with Demo(tmp_path) as demo:
        demo.mock("rack1-b").fault = "silent"
        await demo.clock.run(10)
        impact = look(demo.engine, "rack1-a", 3, "off")
        assert impact.danger
        assert first(impact) == (
            "db01 MAY LOSE ITS LAST FEED: cord B (rack1-b outlet 3) is not known: rack1-b is lost"
        )


async def test_a_cord_that_was_switched_since_the_last_poll_vouches_for_nothing(
    rig: MakeRig,
) -> None:
    r = await rig(names=("rack1-a", "rack1-b"), more=db01("rack1-a", "rack1-b"))
    assert look(r.engine, "rack1-b", 3, "off").devices[0].fate == "keeps_feed"
    r.pdu.relay_s = 3.0
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    under_way = look(r.engine, "rack1-b", 3, "off")
    assert under_way.devices[0].fate == "may_lose_last_feed"
    while not task.done():
        await r.clock.run(0.25)
    await r.clock.run(2)
    assert first(look(r.engine, "rack1-b", 3, "off")) == (
        "db01 LOSES ITS LAST FEED: rack1-a outlet 3 is off"
    )


async def test_what_is_asked_about_counts_as_it_is_shown(rig: MakeRig) -> None:
    r = await rig(more=db01("rack1-a"))
    seen: list[Impact] = []
    r.engine.subscribe(lambda _: seen.append(look(r.engine, "rack1-a", 3, "off")))
    await r.switch(3, "off")
    assert {one.outlets[0].basis for one in seen if one.outlets} == {"now"}


async def test_the_last_load_is_what_it_drew_before_it_went_off(rig: MakeRig) -> None:
    r = await rig(more=db01("rack1-a"))
    r.pdu.set_outlet(3, power_w=40.0, current_a=0.3)  # caught on its way down
    await r.clock.run(1.0)
    r.pdu.set_outlet(3, state="off", power_w=0.0, current_a=0.0)
    await r.clock.run(10.0)
    impact = look(r.engine, "rack1-a", 3, "on")
    assert (impact.outlets[0].power_w, impact.outlets[0].current_a) == (104.0, 0.9)
    assert impact.outlets[0].age_s == pytest.approx(11.0, abs=1.1)


async def test_another_device_at_that_address_has_no_past(rig: MakeRig) -> None:
    r = await rig(more=db01("rack1-a"))
    r.pdu.set_outlet(3, state="off", power_w=0.0, current_a=0.0)
    await r.clock.run(3.0)
    assert look(r.engine, "rack1-a", 3, "on").outlets[0].basis == "last_known"
    r.pdu.reading = Reading(
        pdu="rack1-a", time=r.clock.now(), serial="S2", outlets=r.pdu.reading.outlets
    )
    await r.clock.run(3.0)
    assert look(r.engine, "rack1-a", 3, "on").outlets[0].basis == "unknown"


def test_a_load_is_remembered_when_it_stops_and_not_before() -> None:
    loads = LastLoads()
    time = ManualClock().now()

    def saw(at_s: float, state: str, power_w: float | None) -> None:
        outlet = Outlet(number=1, name="x", state=state, power_w=power_w)  # type: ignore[arg-type]
        loads.saw(Reading(pdu="a", time=time, outlets=(outlet,)), at_s)

    saw(1, "on", 100.0)
    saw(2, "on", 90.0)
    assert loads.known(2) == {}
    assert loads.missing() == []
    saw(3, "on", 0.0)
    assert loads.known(5)[1].power_w == 100.0
    assert loads.known(5)[1].age_s == 3.0
    saw(4, "off", 0.0)
    saw(5, "on", 30.0)
    saw(6, "off", 0.0)
    assert loads.known(6)[1].power_w == 30.0
    loads.recall(1, 555.0, None, 0.0)
    assert loads.known(6)[1].power_w == 30.0


class Past:
    """A history in which outlet 2 drew 50 W until two hours ago."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.asked: list[HistoryQuery] = []
        self.trouble = False

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        self.asked.append(query)
        if self.trouble:
            raise StoreTrouble("damaged", "history.db is damaged")
        end = int((self.clock.now() - timedelta(hours=2)).timestamp() * 1000)
        points = {}
        for key in query.keys:
            mean = [50.0, 48.0, 12.0, 0.0] if key == "outlet.2.power_w" else []
            ts = [end + 60_000 * (n - 2) for n in range(len(mean))]
            points[key] = Points(
                key=key, ts_ms=ts, n=[60] * len(ts), minimum=mean, mean=mean, maximum=mean,
                last=mean, hold_ms=120_000,
            )  # fmt: skip
        return HistoryWindow(
            query=query, step_ms=60_000, points=points, gaps=(), oldest_ms=0, newest_ms=end
        )


class PastStore(FakeStore):
    past: Past | None = None

    async def reader(self) -> Past | None:  # type: ignore[override]
        return self.past


async def test_outlets_that_are_off_at_the_start_are_looked_up_in_the_history(
    rig: MakeRig,
) -> None:
    store = PastStore()
    r = await rig(store=store)
    store.past = Past(r.clock)
    assert look(r.engine, "rack1-a", 2, "on").outlets[0].basis == "unknown"
    await r.clock.run(4)
    assert store.past.asked == []  # not while it starts
    await r.clock.run(3)
    impact = look(r.engine, "rack1-a", 2, "on").outlets[0]
    assert (impact.power_w, impact.basis) == (48.0, "last_known")
    assert impact.age_s == pytest.approx(7200, abs=10)
    # Outlets that draw are not asked for.
    assert not any("outlet.3." in key for query in store.past.asked for key in query.keys)


async def test_a_history_that_cannot_be_read_leaves_it_unknown(rig: MakeRig) -> None:
    store = PastStore()
    r = await rig(store=store)
    store.past = Past(r.clock)
    store.past.trouble = True
    await r.clock.run(8)
    assert look(r.engine, "rack1-a", 2, "on").outlets[0].basis == "unknown"
    assert len(store.past.asked) == 1
    assert not any("failed" in text for text in r.texts)
