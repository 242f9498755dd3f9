from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.widgets.glyphs import ASCII, SETS, UNICODE
from pdutui.widgets.plot import Scale, buckets, chart, columns, nice_scale, spark

SAMPLES = st.lists(st.one_of(st.none(), st.floats(0, 5000)), max_size=120)


def test_buckets_hold_lowest_and_highest_and_gaps() -> None:
    data = buckets([1.0, 5.0, None, None, 3.0, 2.0], 2, 4, 5)
    assert data == [None, (1.0, 5.0), None, (2.0, 3.0)]


def test_buckets_stand_still_while_time_goes_on() -> None:
    series: list[float | None] = [float(i) for i in range(100)]
    for end in range(60, 99):
        before = buckets(series[: end + 1], 5, 10, end)
        after = buckets(series[: end + 2], 5, 10, end + 1)
        if (end + 1) % 5 == 0:
            assert after[:-1] == before[1:], "a full bucket later everything moved by one"
        else:
            assert after[:-1] == before[:-1], "and nothing moved in between"


@given(SAMPLES, st.integers(1, 7), st.integers(1, 40), st.integers(0, 10_000))
def test_no_bucket_holds_what_is_not_there(
    samples: list[float | None], per: int, count: int, end: int
) -> None:
    data = buckets(samples, per, count, end)
    assert len(data) == count
    known = [s for s in samples if s is not None]
    for bucket in data:
        if bucket is not None:
            assert bucket[0] in known
            assert bucket[1] in known


@given(SAMPLES, st.integers(1, 40), st.integers(0, 10_000), st.sampled_from([*SETS.values()]))
def test_a_spark_is_as_wide_as_asked_and_gaps_are_blank(
    samples: list[float | None], width: int, end: int, glyphs: object
) -> None:
    text = spark(samples, width, end, glyphs)  # type: ignore[arg-type]
    assert len(text) == width
    if all(s is None for s in samples):
        assert text.strip() == ""


def test_a_trembling_load_is_flat_and_a_step_is_seen() -> None:
    flat: list[float | None] = [100.0 + i % 2 for i in range(60)]
    step: list[float | None] = [100.0] * 30 + [200.0] * 30
    assert len(set(spark(flat, 30, 59, UNICODE))) == 1
    assert len(set(spark(step, 30, 59, UNICODE))) == 2
    assert [spark(step, 0, second, UNICODE) for second in (58, 59)] == ["", ""]
    assert spark([0.0] * 60, 30, 59, UNICODE).strip() != "", "zero is drawn, only a gap is blank"


def test_a_gap_in_a_spark_is_a_gap() -> None:
    samples: list[float | None] = [100.0] * 20 + [None] * 20 + [100.0] * 20
    assert spark(samples, 30, 59, UNICODE)[10:20] == " " * 10
    assert spark(samples, 30, 59, ASCII)[10:20] == " " * 10


@given(st.floats(-1e4, 1e4), st.floats(0, 1e4), st.floats(0.1, 100))
def test_a_scale_holds_its_values_and_has_round_ends(low: float, span: float, least: float) -> None:
    scale = nice_scale(low, low + span, least)
    assert scale.low <= low + scale.step * 1e-6
    assert scale.high >= low + span - scale.step * 1e-6
    assert scale.high > scale.low
    steps = (scale.high - scale.low) / scale.step
    assert steps == pytest.approx(round(steps))
    assert 1 <= round(steps) <= 6
    if low >= 0:
        assert scale.low >= 0


def test_a_chart_joins_a_step_and_leaves_a_gap() -> None:
    scale = Scale(0.0, 3.0, 1.0)
    data = [(0.0, 0.0), (3.0, 3.0), None, (1.0, 2.0)]
    rows = chart(data, scale, 4, 4, ASCII)
    assert rows == [" |  ", " | |", " | |", "*   "]
    fine = chart([*data, *data], scale, 4, 1, UNICODE)
    assert columns(4, UNICODE) == 8
    assert len(fine) == 1
    assert len(fine[0]) == 4
