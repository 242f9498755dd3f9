"""The history screen's questions to the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from pdutui.domain.history import HOUR_MS, Mark
from pdutui.screens.history_desk import HistoryDesk
from pdutui.screens.history_load import Loader
from pdutui.store.history import HistoryStore
from tests.support.clock import START, ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import ats_reading, demo_engine

BEGIN = START - timedelta(minutes=10)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(start=BEGIN)


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[HistoryStore]:
    made = await HistoryStore.open(tmp_path / "history.db", clock=clock, retention_days=60)
    yield made
    await made.close()


def polled(store: HistoryStore, clock: ManualClock, seconds: int) -> None:
    """A reading every second; the load of outlet 3 is the second of the minute."""
    for _ in range(seconds):
        clock.advance(1)
        reading = ats_reading(time=clock.now())
        outlet = replace(reading.outlets[2], power_w=float(clock.now().second))
        outlets = (*reading.outlets[:2], outlet, *reading.outlets[3:])
        store.append(replace(reading, outlets=outlets))


async def answered(desk: HistoryDesk) -> None:
    for _ in range(500):
        if not desk._asker.busy:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("no answer comes")


async def test_a_picture_of_the_store_grows_and_stays_right(
    store: HistoryStore, clock: ManualClock, tmp_path: Path
) -> None:
    engine: FakeEngine = demo_engine(clock)
    polled(store, clock, 300)
    clock.advance(60)
    polled(store, clock, 60)
    await store.flush()
    store.append_event(clock.now(), "ats-1", "warning", "bank 2 warning")
    polled(store, clock, 5)
    engine.reader = await store.reader()
    zone = ZoneInfo("Europe/Berlin")
    desk = HistoryDesk(
        engine, "ats-1", "outlet.3", clock=clock, zone=zone, how_to_enable="",
        changed=lambda: None,
    )  # fmt: skip
    desk.begin()
    await answered(desk)
    assert desk.trouble == ""
    model = desk.model(notes=True)
    assert model is not None
    assert len(model.gaps) == 1
    assert [line.info.name for line in model.lines] == ["Outlet 3 db01"]
    for _ in range(4):
        polled(store, clock, 3)
        desk.tick()
        await answered(desk)
    picture = desk.picture
    assert picture is not None
    fresh = await Loader(engine.history, lambda: "", zone).load(desk.state.question, desk.now_ms)
    assert picture.window.points == fresh.window.points
    assert picture.window.gaps == fresh.window.gaps
    points = picture.window.points["outlet.3.power_w"]
    assert points.last[-1] == clock.now().second
    assert len(points.ts_ms) == 300 + 60 + 5 + 12
    found = await desk.find_mark(-1)
    assert isinstance(found, Mark)
    assert found.text == "bank 2 warning"

    desk.change(desk.state.range(6 * HOUR_MS, desk.now_ms))
    await answered(desk)
    polled(store, clock, 10)
    desk.tick()
    await answered(desk)
    assert desk.picture is not None
    fresh = await Loader(engine.history, lambda: "", zone).load(desk.state.question, desk.now_ms)
    assert desk.picture.window.points == fresh.window.points

    desk.change(desk.state.with_slots(("", "", "", "")))
    await answered(desk)
    assert desk.trouble == ""
    assert desk.instead()[0] == "No series is chosen"
    desk.change(desk.state.with_slots(("outlet.99.power_w", "", "", "")))
    await answered(desk)
    assert desk.trouble == "", "what never was has no points, and is no trouble"
    await desk.close()
