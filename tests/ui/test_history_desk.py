"""State and picture of the history screen, without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, Gap, Mark
from pdutui.screens.history_desk import AGAIN_S, HistoryDesk
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.fake_history import FakeReader
from tests.support.history import with_history
from tests.support.scenes import demo_engine


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(clock: ManualClock) -> FakeEngine:
    return demo_engine(clock)


@pytest.fixture
def reader(engine: FakeEngine, clock: ManualClock) -> FakeReader:
    return with_history(engine, clock)


@pytest.fixture
def changes() -> list[None]:
    return []


@pytest.fixture
async def desk(
    engine: FakeEngine, clock: ManualClock, changes: list[None]
) -> AsyncIterator[HistoryDesk]:
    made = HistoryDesk(
        engine, "ats-1", "outlet.3", clock=clock, zone=ZoneInfo("Europe/Berlin"),
        how_to_enable="Here is how.", changed=lambda: changes.append(None),
    )  # fmt: skip
    yield made
    await made.close()


async def settle() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


async def begun(desk: HistoryDesk) -> HistoryDesk:
    desk.begin()
    await settle()
    assert desk.picture is not None
    return desk


def now_ms(clock: ManualClock) -> int:
    return round(clock.now().timestamp() * 1000)


async def seconds(desk: HistoryDesk, clock: ManualClock, count: int) -> None:
    for _ in range(count):
        clock.advance(1)
        desk.tick()
        await settle()


async def test_a_live_picture_grows_by_the_second_with_small_questions(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    reader.queries.clear()
    await seconds(desk, clock, 5)
    assert len(reader.queries) == 5
    assert all(q.to_ms - q.from_ms < 5000 for q in reader.queries)
    assert desk.picture is not None
    points = desk.picture.window.points["outlet.3.power_w"]
    assert points.ts_ms[-1] == now_ms(clock) // 1000 * 1000


async def test_a_long_live_picture_grows_every_ten_seconds_at_most(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    desk.change(desk.state.range(60 * DAY_MS, desk.now_ms))
    await settle()
    reader.queries.clear()
    await seconds(desk, clock, 25)
    assert len(reader.queries) == 2
    assert all(q.to_ms - q.from_ms <= HOUR_MS for q in reader.queries)


async def test_what_is_past_is_asked_for_once(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    desk.change(desk.state.pan(-0.5, desk.now_ms, desk.oldest_ms))
    await settle()
    reader.queries.clear()
    await seconds(desk, clock, 20)
    assert reader.queries == []


async def test_marks_are_gone_to_one_after_the_other(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    now, seen = now_ms(clock), []
    while isinstance(found := await desk.find_mark(-1), Mark):
        desk.change(desk.state.put_cursor(found.ts_ms, desk.now_ms))
        await settle()
        seen.append((now - found.ts_ms) // 1000)
    assert seen == [600, 900, 1860, 2040, 2900, 3000, 90_000]
    assert found == "There is no mark before"
    assert not desk.state.live, "the window went there"
    after = await desk.find_mark(1)
    assert isinstance(after, Mark)
    assert after.ts_ms == now - 3_000_000
    desk.change(desk.state.put_cursor(now - 600_000, desk.now_ms))
    assert await desk.find_mark(1) == "There is no later mark"


async def test_trouble_is_words_and_tried_again_after_a_while(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    picture = desk.picture
    reader.trouble = "history paused: disk full"
    await seconds(desk, clock, 1)
    assert desk.trouble == "history paused: disk full"
    assert desk.picture is picture, "what is known stays"
    assert await desk.find_mark(1) == "history paused: disk full"
    reader.queries.clear()
    await seconds(desk, clock, int(AGAIN_S) - 1)
    assert reader.queries == []
    reader.trouble = ""
    await seconds(desk, clock, 2)
    assert desk.trouble == ""
    assert desk.picture is not picture


async def test_trouble_while_another_window_is_asked_for_is_got_over_too(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    reader.trouble = "history paused: disk full"
    desk.change(desk.state.range(DAY_MS, desk.now_ms))
    await settle()
    assert desk.trouble
    reader.trouble = ""
    await seconds(desk, clock, int(AGAIN_S) + 1)
    assert desk.trouble == ""
    assert desk.picture is not None
    assert desk.picture.question == desk.state.question


async def test_a_change_back_and_forth_ends_at_what_is_wanted(
    desk: HistoryDesk, reader: FakeReader
) -> None:
    await begun(desk)
    first = desk.state
    reader.gate = asyncio.Event()
    desk.change(first.range(DAY_MS, desk.now_ms))
    await settle()
    desk.change(first)
    await settle()
    reader.gate.set()
    await settle()
    assert desk.picture is not None
    assert desk.picture.question == first.question
    assert not desk.late


async def test_what_takes_long_is_told_of(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    await begun(desk)
    reader.gate = asyncio.Event()
    desk.change(desk.state.range(DAY_MS, desk.now_ms))
    assert not desk.late
    clock.advance(0.2)
    assert desk.late
    reader.gate.set()
    await settle()
    assert not desk.late


async def test_of_a_pdu_that_has_not_answered_yet_what_was_recorded_is_shown(
    engine: FakeEngine, clock: ManualClock, reader: FakeReader, changes: list[None]
) -> None:
    engine.views["ats-1"] = replace(engine.views["ats-1"], reading=None, health="lost")
    desk = HistoryDesk(
        engine, "ats-1", "", clock=clock, zone=ZoneInfo("UTC"), how_to_enable="",
        changed=lambda: changes.append(None),
    )  # fmt: skip
    assert not any(desk.state.slots)
    await begun(desk)
    assert desk.state.slots[0] == "inlet.1.power_w"
    model = desk.model(notes=True)
    assert model is not None
    assert model.lines[0].info.name == "inlet 1 as recorded"
    desk.turn("rack1-a")
    await settle()
    assert desk.state.slots[0] == "inlet.1.power_w", "it is there too"
    desk.turn("nowhere")
    assert desk.state.pdu == "rack1-a"
    await desk.close()


async def test_series_that_another_pdu_does_not_have_make_room_for_one_that_it_has(
    desk: HistoryDesk, reader: FakeReader
) -> None:
    await begun(desk)
    desk.change(desk.state.with_slots(("source.A.voltage_v", "", "", "")))
    await settle()
    desk.turn("rack1-a")
    await settle()
    assert desk.state.slots == ("inlet.1.power_w", "", "", "")


async def test_compared_with_the_day_and_the_week_before(
    desk: HistoryDesk, reader: FakeReader
) -> None:
    await begun(desk)
    for count, shift in ((2, DAY_MS), (2, 7 * DAY_MS), (1, 0)):
        desk.change(desk.state.next_compare())
        await settle()
        model = desk.model(notes=True)
        assert model is not None
        assert len(model.lines) == count
        assert model.lines[-1].shift_ms == shift
        assert {line.slot for line in model.lines} == {0}


async def test_a_gap_that_goes_on_ends_now(
    desk: HistoryDesk, reader: FakeReader, clock: ManualClock
) -> None:
    now = now_ms(clock)
    reader.gaps = (Gap(now - MINUTE_MS, now + HOUR_MS),)
    await begun(desk)
    model = desk.model(notes=True)
    assert model is not None
    assert model.to_ms > now
    assert max(gap.to_ms for gap in model.gaps) <= now


async def test_a_pdu_without_a_past_says_so(
    desk: HistoryDesk, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.reader = FakeReader([], now_ms(clock), lambda: now_ms(clock))
    await begun(desk)
    assert desk.model(notes=True) is None
    assert desk.instead()[0] == "Nothing is recorded of ats-1 yet"


async def test_why_there_is_no_history_at_all(desk: HistoryDesk, engine: FakeEngine) -> None:
    for detail, title, text in (
        ("history is off", "History is off", ["Here is how."]),
        ("disk full", "The history cannot be read: disk full", []),
        ("", "No history is kept here", []),
    ):
        engine.store_status.detail = detail
        desk.begin()
        await settle()
        assert desk.instead() == (title, text)
