"""What the keys of the history screen make of its state."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS
from pdutui.keys.history import RANGES
from pdutui.screens.history_state import (
    LEAST_SPAN_MS,
    MOST_SPAN_MS,
    HistoryState,
    compare_shift,
    pace_of,
)

BERLIN = ZoneInfo("Europe/Berlin")


def ms(*when: int, zone: ZoneInfo | None = None, fold: int = 0) -> int:
    moment = datetime(*when, tzinfo=zone or UTC, fold=fold)  # type: ignore[arg-type,misc]
    return round(moment.timestamp() * 1000)


NOW = ms(2026, 11, 20, 14, 2, 11)
OLDEST = NOW - 40 * DAY_MS
START = HistoryState(pdu="ats-1")


def panned(end_ms: int, span_ms: int = HOUR_MS) -> HistoryState:
    return HistoryState(pdu="ats-1", span_ms=span_ms, end_ms=end_ms)


# the window


def test_a_live_window_reaches_the_present_and_stands_still_between_its_steps() -> None:
    begin, end = START.window(NOW)
    assert end - begin == HOUR_MS
    assert NOW <= end < NOW + pace_of(HOUR_MS)
    assert START.window(NOW + 1000) == (begin, end)
    assert START.window(NOW + MINUTE_MS) != (begin, end)


@pytest.mark.parametrize(("key", "name", "span_ms"), RANGES)
def test_a_live_window_ends_no_more_than_a_column_of_a_small_chart_after_now(
    key: str, name: str, span_ms: int
) -> None:
    end = START.range(span_ms, NOW).window(NOW)[1]
    assert 0 <= end - NOW <= span_ms / 120


def test_panning_leaves_the_present_and_comes_back_to_it() -> None:
    back = START.pan(-0.5, NOW, OLDEST)
    assert not back.live
    assert back.window(NOW + DAY_MS) == back.window(NOW), "it stands still"
    further = back.pan(-0.5, NOW, OLDEST)
    assert further.window(NOW)[1] == back.window(NOW)[1] - HOUR_MS // 2
    assert not further.pan(0.5, NOW, OLDEST).live
    assert further.pan(0.5, NOW, OLDEST).pan(0.5, NOW, OLDEST).live
    assert further.follow().live


def test_panning_keeps_some_of_what_there_is_in_sight() -> None:
    state = START
    for _ in range(3000):
        state = state.pan(-0.5, NOW, OLDEST)
    begin, end = state.window(NOW)
    assert begin < OLDEST < end


def test_a_live_window_without_a_cursor_keeps_its_end_when_it_is_zoomed() -> None:
    near = START.zoom(0.5, NOW, OLDEST)
    assert near.live
    assert near.span_ms == HOUR_MS // 2
    assert near.zoom(2, NOW, OLDEST).span_ms == HOUR_MS


def test_zooming_keeps_the_cursor_where_it_is_on_the_screen() -> None:
    state = START.put_cursor(NOW - 45 * MINUTE_MS, NOW)
    near = state.zoom(0.5, NOW, OLDEST)
    assert not near.live
    assert near.cursor_ms == state.cursor_ms

    def share(one: HistoryState) -> float:
        begin, end = one.window(NOW)
        assert one.cursor_ms is not None
        return (one.cursor_ms - begin) / (end - begin)

    assert share(near) == pytest.approx(share(state), abs=0.001)


def test_a_panned_window_without_a_cursor_is_zoomed_around_its_middle() -> None:
    state = panned(NOW - DAY_MS)
    begin, end = state.window(NOW)
    near_begin, near_end = state.zoom(0.5, NOW, OLDEST).window(NOW)
    assert near_begin + near_end == begin + end


def test_zooming_ends_at_thirty_seconds_and_at_all_that_is_kept() -> None:
    state = START
    for _ in range(40):
        state = state.zoom(0.5, NOW, OLDEST)
    assert state.span_ms == LEAST_SPAN_MS
    for _ in range(40):
        state = state.zoom(2, NOW, OLDEST)
    assert state.span_ms == MOST_SPAN_MS
    for _ in range(40):
        state = state.zoom(2, NOW, NOW - 700 * DAY_MS)
    assert state.span_ms == 700 * DAY_MS


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("zoom"), st.sampled_from([0.5, 2.0])),
            st.tuples(st.just("pan"), st.sampled_from([-0.5, -0.1, 0.1, 0.5])),
            st.tuples(st.just("cursor"), st.sampled_from([-1, 1])),
            st.tuples(st.just("edge"), st.sampled_from([-1, 1])),
            st.tuples(st.just("range"), st.sampled_from([span for _, _, span in RANGES])),
        ),
        max_size=30,
    ),
    st.integers(1, 200),
)
def test_whatever_is_pressed_the_window_is_one(keys: list[tuple[str, float]], columns: int) -> None:
    state, now = START, NOW
    for key, by in keys:
        now += 700
        if key == "zoom":
            state = state.zoom(by, now, OLDEST)
        elif key == "pan":
            state = state.pan(by, now, OLDEST)
        elif key == "cursor":
            state = state.step_cursor(int(by), columns, now, OLDEST)
        elif key == "edge":
            state = state.edge(int(by), columns, now)
        else:
            state = state.range(int(by), now)
        begin, end = state.window(now)
        assert LEAST_SPAN_MS <= end - begin <= MOST_SPAN_MS
        assert end <= now + pace_of(end - begin)
        if not state.live:
            assert end < now
        if key in ("cursor", "edge"):
            assert state.seen_cursor(now) is not None
            assert state.seen_cursor(now) <= now  # type: ignore[operator]


def test_a_column_wider_than_half_the_window_takes_the_window_along() -> None:
    state = START.range(7 * DAY_MS, NOW).put_cursor(NOW - 5 * DAY_MS, NOW).range(HOUR_MS, NOW)
    for _ in range(3):
        state = state.step_cursor(1, 1, NOW, OLDEST)
        assert state.seen_cursor(NOW) is not None


def test_a_range_goes_to_the_cursor_where_it_would_be_out_of_sight() -> None:
    week = START.range(7 * DAY_MS, NOW).put_cursor(NOW - 5 * DAY_MS, NOW)
    assert week.live
    hour = week.range(HOUR_MS, NOW)
    begin, end = hour.window(NOW)
    assert begin <= NOW - 5 * DAY_MS < end
    assert not hour.live
    assert START.range(6 * HOUR_MS, NOW).live


def test_everything_is_all_that_is_kept() -> None:
    state = panned(NOW - DAY_MS).everything(NOW, OLDEST)
    assert state.live
    assert state.window(NOW)[0] <= OLDEST + pace_of(state.span_ms)
    assert START.everything(NOW, None) == START


def test_a_window_of_ones_own() -> None:
    state = START.between(NOW - 3 * HOUR_MS, NOW - 2 * HOUR_MS)
    assert state.window(NOW) == (NOW - 3 * HOUR_MS, NOW - 2 * HOUR_MS)
    since = START.since(NOW - 3 * HOUR_MS, NOW)
    assert since.live
    assert since.span_ms == 3 * HOUR_MS


# the cursor


def test_the_first_step_puts_the_cursor_on_now_and_the_next_ones_move_it() -> None:
    first = START.step_cursor(-1, 60, NOW, OLDEST)
    assert first.cursor_ms is not None
    assert NOW - MINUTE_MS <= first.cursor_ms <= NOW
    second = first.step_cursor(-1, 60, NOW, OLDEST)
    assert second.cursor_ms is not None
    assert first.cursor_ms - second.cursor_ms == pytest.approx(MINUTE_MS, abs=MINUTE_MS / 2)
    assert second.live
    assert second.step_cursor(1, 60, NOW, OLDEST).step_cursor(1, 60, NOW, OLDEST).live


def test_every_column_can_be_reached_and_none_is_skipped() -> None:
    state, seen = START.edge(-1, 37, NOW), set()
    begin, end = state.window(NOW)
    for _ in range(37):
        assert state.cursor_ms is not None
        seen.add((state.cursor_ms - begin) * 37 // (end - begin))
        state = state.step_cursor(1, 37, NOW, OLDEST)
    assert len(seen) >= 36
    assert seen == set(range(len(seen)))


def test_at_the_left_edge_the_window_moves_on_with_the_cursor() -> None:
    state = START.edge(-1, 60, NOW)
    moved = state.step_cursor(-1, 60, NOW, OLDEST)
    assert not moved.live
    assert moved.cursor_ms is not None
    assert state.cursor_ms is not None
    assert moved.cursor_ms < state.cursor_ms
    assert moved.seen_cursor(NOW) is not None


def test_nothing_goes_beyond_the_present() -> None:
    state = START.edge(1, 60, NOW)
    assert state.step_cursor(1, 60, NOW, OLDEST) == state


def test_a_cursor_elsewhere_brings_its_window() -> None:
    state = START.put_cursor(NOW - 3 * DAY_MS, NOW)
    begin, end = state.window(NOW)
    assert begin < NOW - 3 * DAY_MS < end
    assert not state.live
    assert START.put_cursor(NOW - MINUTE_MS, NOW).live
    assert state.follow().cursor_ms is None


# series


def test_four_series_and_no_fifth() -> None:
    state = START
    for number in range(1, 5):
        state, said = state.toggle(f"outlet.{number}.power_w")
        assert said == ""
    again, said = state.toggle("outlet.5.power_w")
    assert again == state
    assert "4 series" in said


def test_a_series_keeps_its_slot_when_another_one_goes() -> None:
    state = START
    for number in (1, 2, 3):
        state, _ = state.toggle(f"outlet.{number}.power_w")
    state, _ = state.toggle("outlet.1.power_w")
    assert state.slots == ("", "outlet.2.power_w", "outlet.3.power_w", "")
    state, _ = state.toggle("outlet.9.power_w")
    assert state.slots[0] == "outlet.9.power_w"


def test_another_pdu_keeps_window_and_what_exists_there() -> None:
    state = panned(NOW - DAY_MS).with_slots(("outlet.1.power_w", "sensor.x.value", "", ""))
    other = state.of_pdu("rack1-a", {"outlet.1.power_w"})
    assert (other.pdu, other.slots) == ("rack1-a", ("outlet.1.power_w", "", "", ""))
    assert other.window(NOW) == state.window(NOW)


def test_switches_that_need_no_other_answer_ask_no_other_question() -> None:
    state = START.toggle_band().toggle_limits().put_cursor(NOW - MINUTE_MS, NOW)
    assert state.question == START.question
    assert START.next_compare().question != START.question
    assert START.next_compare().next_compare().next_compare() == START


# compared with


def test_a_day_before_is_the_same_time_of_day_also_over_a_change_of_the_clocks() -> None:
    plain = ms(2026, 11, 20, 12, zone=BERLIN)
    assert compare_shift("day", plain, BERLIN) == DAY_MS
    assert compare_shift("week", plain, BERLIN) == 7 * DAY_MS
    autumn = ms(2026, 10, 25, 12, zone=BERLIN)  # the clocks went back at three
    assert compare_shift("day", autumn, BERLIN) == 25 * HOUR_MS
    spring = ms(2026, 3, 29, 12, zone=BERLIN)  # and forward at two
    assert compare_shift("day", spring, BERLIN) == 23 * HOUR_MS
    assert compare_shift("week", spring, BERLIN) == 7 * DAY_MS - HOUR_MS
    assert compare_shift("none", plain, BERLIN) == 0
