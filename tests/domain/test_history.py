"""How fine the points of a span are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.history import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    MOST_POINTS,
    QUARTER_MS,
    SECOND_MS,
    step_for,
)


@pytest.mark.parametrize(
    ("span_ms", "step_ms"),
    [
        (1, SECOND_MS),
        (HOUR_MS, SECOND_MS),
        (HOUR_MS + 1, 10 * SECOND_MS),
        (6 * HOUR_MS, 10 * SECOND_MS),
        (DAY_MS, MINUTE_MS),
        (7 * DAY_MS, 5 * MINUTE_MS),
        (30 * DAY_MS, QUARTER_MS),
        (60 * DAY_MS, 2 * QUARTER_MS),
        (60 * DAY_MS + 1, HOUR_MS),
    ],
)
def test_the_step_of_a_span(span_ms: int, step_ms: int) -> None:
    assert step_for(span_ms) == step_ms


@given(st.integers(1, 100 * 366 * DAY_MS))
def test_never_more_points_than_the_limit(span_ms: int) -> None:
    assert -(-span_ms // step_for(span_ms)) <= MOST_POINTS


@pytest.mark.parametrize("span_ms", [0, -1])
def test_a_span_without_time_is_refused(span_ms: int) -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        step_for(span_ms)
