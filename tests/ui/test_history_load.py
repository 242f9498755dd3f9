"""Questions to the past: what is asked, how a live picture grows, one query at a time."""

from __future__ import annotations

import asyncio
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pdutui.domain.history import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Gap,
    HistoryQuery,
    HistoryWindow,
    Mark,
    Points,
)
from pdutui.screens.history_asker import Asker
from pdutui.screens.history_load import Loader, NoHistory, Picture, due_ms, spliced
from pdutui.screens.history_state import HistoryState, Question
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader
from tests.support.clock import START
from tests.support.fake_history import FakeReader
from tests.support.scenes import ats_reading

BERLIN = ZoneInfo("Europe/Berlin")
NOW = round(START.timestamp() * 1000)
KEYS = ("outlet.3.power_w", "inlet.1.voltage_v", "", "")


class Time:
    def __init__(self) -> None:
        self.ms = NOW


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def reader(time: Time) -> FakeReader:
    return FakeReader([ats_reading()], NOW - 3 * DAY_MS, lambda: time.ms)


@pytest.fixture
def loader(reader: FakeReader) -> Loader:
    async def get() -> HistoryReader:
        return reader

    return Loader(get, lambda: "none", BERLIN)


def question(span_ms: int = HOUR_MS, end_ms: int | None = None, **more: object) -> Question:
    state = HistoryState(pdu="ats-1", slots=KEYS, span_ms=span_ms, end_ms=end_ms)
    return replace(state.question, **more)


def mark(ago_ms: int, text: str = "something") -> Mark:
    return Mark(ts_ms=NOW - ago_ms, pdu="ats-1", kind="event", level="info", text=text)


async def test_a_question_is_asked_up_to_now_and_not_beyond(
    loader: Loader, reader: FakeReader
) -> None:
    picture = await loader.load(question(), NOW)
    assert picture.to_ms > NOW
    assert [q.to_ms for q in reader.queries] == [NOW + 1]
    assert reader.queries[0].from_ms == picture.from_ms
    assert set(picture.window.points) == {"outlet.3.power_w", "inlet.1.voltage_v"}
    assert picture.window.step_ms == 1000


@pytest.mark.parametrize(
    ("span_ms", "step_ms"), [(HOUR_MS, 1000), (6 * HOUR_MS, 10_000), (3 * DAY_MS, 300_000)]
)
async def test_a_live_picture_that_has_grown_is_the_one_that_would_be_asked_for(
    loader: Loader, reader: FakeReader, time: Time, span_ms: int, step_ms: int
) -> None:
    reader.gaps = (Gap(NOW - 40 * MINUTE_MS, NOW - 30 * MINUTE_MS),
                   Gap(NOW + 20_000, NOW + 50_000))  # fmt: skip
    asked = question(span_ms)
    picture = await loader.load(asked, NOW)
    reader.queries.clear()
    for second in range(1, 100, 7):
        time.ms = NOW + second * 1000
        picture = await loader.extend(picture, time.ms)
    longest = max(q.to_ms - q.from_ms for q in reader.queries)
    assert longest <= max(2 * step_ms, 60_000), "only the newest steps are asked for"
    fresh = await loader.load(asked, time.ms)
    assert picture.window.gaps == fresh.window.gaps
    assert (picture.from_ms, picture.to_ms) == (fresh.from_ms, fresh.to_ms)
    for key, points in fresh.window.points.items():
        grown = picture.window.points[key]
        first = grown.ts_ms.index(points.ts_ms[1])
        assert grown.ts_ms[first:] == points.ts_ms[1:]
        assert grown.mean[first:] == points.mean[1:]
        assert len({len(getattr(grown, f)) for f in ("ts_ms", "n", "minimum", "mean", "last")}) == 1


async def test_a_picture_that_stays_open_for_a_day_does_not_grow(
    loader: Loader, reader: FakeReader, time: Time
) -> None:
    picture = await loader.load(question(), NOW)
    count = len(picture.window.points["outlet.3.power_w"].ts_ms)
    for _ in range(60):
        time.ms += 24 * MINUTE_MS
        reader.happened.append(
            Mark(ts_ms=time.ms, pdu="ats-1", kind="event", level="info", text="x")
        )
        picture = await loader.extend(picture, time.ms + 1)
    assert abs(len(picture.window.points["outlet.3.power_w"].ts_ms) - count) < 62
    assert len(picture.marks) <= 10


async def test_after_a_while_it_is_asked_for_whole_again(
    loader: Loader, reader: FakeReader, time: Time
) -> None:
    picture = await loader.load(question(), NOW)
    reader.queries.clear()
    time.ms += 11 * MINUTE_MS
    await loader.extend(picture, time.ms)
    assert reader.queries[0].to_ms - reader.queries[0].from_ms > 50 * MINUTE_MS


async def test_a_clock_that_was_set_back_asks_for_it_whole(
    loader: Loader, reader: FakeReader
) -> None:
    picture = await loader.load(question(), NOW)
    reader.queries.clear()
    again = await loader.extend(picture, NOW - HOUR_MS)
    assert again.to_ms < picture.to_ms
    assert len(reader.queries) == 1


async def test_the_window_to_compare_with_is_at_the_same_local_time(
    loader: Loader, reader: FakeReader
) -> None:
    picture = await loader.load(question(compare="week"), NOW)
    assert picture.shift_ms == 7 * DAY_MS
    assert picture.before is not None
    whole = reader.queries[-1]
    assert (whole.from_ms, whole.to_ms) == (
        picture.from_ms - picture.shift_ms, picture.to_ms - picture.shift_ms,
    )  # fmt: skip


async def test_marks_of_the_last_minutes_are_read_again(
    loader: Loader, reader: FakeReader, time: Time
) -> None:
    """How a command ended is known after it began."""
    reader.happened = [mark(MINUTE_MS, "off: sent"), mark(30 * MINUTE_MS, "old")]
    picture = await loader.load(question(), NOW)
    assert [m.text for m in picture.marks] == ["old", "off: sent"]
    reader.happened = [mark(MINUTE_MS, "off: observed"), mark(30 * MINUTE_MS, "changed")]
    time.ms += 1000
    picture = await loader.extend(picture, time.ms)
    assert [m.text for m in picture.marks] == ["old", "off: observed"]


async def test_the_next_mark_is_found_also_far_outside_of_the_window(
    loader: Loader, reader: FakeReader
) -> None:
    reader.happened = [mark(5 * DAY_MS, "a"), mark(2 * DAY_MS, "b"), mark(MINUTE_MS, "c")]
    at = NOW - DAY_MS
    after, before = await loader.mark("ats-1", at, 1), await loader.mark("ats-1", at, -1)
    assert after is not None
    assert before is not None
    assert (after.text, before.text) == ("c", "b")
    assert await loader.mark("ats-1", NOW, 1) is None
    assert await loader.mark("ats-1", NOW - 6 * DAY_MS, -1) is None


async def test_without_a_past_it_says_why() -> None:
    async def get() -> None:
        return None

    with pytest.raises(NoHistory, match="History is off"):
        await Loader(get, lambda: "History is off", BERLIN).load(question(), NOW)


def test_the_newest_steps_are_asked_for_every_second_or_every_ten() -> None:
    assert [due_ms(step) for step in (1000, 10_000, 60_000, 1_800_000)] == [
        1000, 10_000, 10_000, 10_000,
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=6),
    st.integers(1, 249),
)
def test_gaps_that_are_cut_and_joined_are_the_same_gaps(
    drawn: list[tuple[int, int]], cut: int
) -> None:
    """As a reader answers: a window's gaps are the silence within it."""
    silent = sorted({s for begin, length in drawn for s in range(begin, min(300, begin + length))})

    def window(begin: int, end: int) -> HistoryWindow:
        gaps: list[Gap] = []
        for second in (s for s in silent if begin <= s < end):
            if gaps and gaps[-1].to_ms == second:
                gaps[-1] = Gap(gaps[-1].from_ms, second + 1)
            else:
                gaps.append(Gap(second, second + 1))
        points = Points(key="k", ts_ms=[], n=[], minimum=[], mean=[], maximum=[], last=[],
                        hold_ms=1)  # fmt: skip
        query = HistoryQuery(pdu="p", keys=("k",), from_ms=begin, to_ms=end)
        return HistoryWindow(
            query=query, step_ms=1, points={"k": points}, gaps=tuple(gaps), oldest_ms=0,
            newest_ms=end,
        )  # fmt: skip

    joined = spliced(window(0, 250), window(cut, 300), 10, 300)
    assert joined.gaps == window(10, 300).gaps


# one at a time


class Heard:
    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.words: list[str] = []
        self.asker = Asker(self.pictures.append, self.words.append)


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def _settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_a_newer_query_ends_the_older_one_and_only_its_answer_is_heard(
    loader: Loader, reader: FakeReader, heard: Heard
) -> None:
    reader.gate = asyncio.Event()
    first, second, third = question(), question(6 * HOUR_MS), question(DAY_MS)
    heard.asker.ask(partial(loader.load, first, NOW))
    await _settle()
    heard.asker.ask(partial(loader.load, second, NOW))
    heard.asker.ask(partial(loader.load, third, NOW))
    await _settle()
    assert [q.to_ms - q.from_ms > DAY_MS / 2 for q in reader.queries] == [False, True]
    assert len(reader.cancelled) == 1
    assert heard.asker.busy
    reader.gate.set()
    await _settle()
    assert [picture.question for picture in heard.pictures] == [third]
    assert not heard.asker.busy


async def test_trouble_is_words(loader: Loader, reader: FakeReader, heard: Heard) -> None:
    reader.trouble = "history paused: disk full"
    heard.asker.ask(partial(loader.load, question(), NOW))
    await _settle()
    assert heard.words == ["history paused: disk full"]


async def test_a_defect_is_words_too(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> Picture:
        raise KeyError("x")

    heard.asker.ask(broken)
    await _settle()
    assert heard.words == ["the history cannot be read: KeyError: 'x'"]
    assert "a query of the history failed" in caplog.text


async def test_a_query_that_ends_in_trouble_after_a_newer_one_was_asked_says_nothing(
    loader: Loader, heard: Heard
) -> None:
    ends = asyncio.Event()

    async def stubborn() -> Picture:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await ends.wait()
        raise StoreTrouble("io", "of the older one")

    heard.asker.ask(stubborn)
    await _settle()
    heard.asker.ask(partial(loader.load, question(), NOW))
    await _settle()
    assert not heard.pictures, "the older one has not ended yet"
    ends.set()
    await _settle()
    assert heard.words == []
    assert len(heard.pictures) == 1


async def test_closing_ends_what_is_under_way(
    loader: Loader, reader: FakeReader, heard: Heard
) -> None:
    reader.gate = asyncio.Event()
    heard.asker.ask(partial(loader.load, question(), NOW))
    await _settle()
    await heard.asker.close()
    assert len(reader.cancelled) == 1
    assert (heard.pictures, heard.words) == ([], [])
