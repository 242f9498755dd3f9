from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.widgets.layout import Contents, Rect, arrange, most_columns, outlet_columns

KINDS = [
    Contents(outlets=10, meters=3, sources=True, sensors=2),
    Contents(outlets=24, meters=4, sources=False, sensors=0),
    Contents(outlets=48, meters=8, sources=False, sensors=12),
    Contents(outlets=0, meters=1, sources=True, sensors=0),
    Contents(outlets=8, meters=0, sources=False, sensors=0),
    Contents(outlets=0, meters=0, sources=False, sensors=9, figures=7),
    Contents(),
]


def check(places: dict[str, Rect], width: int, height: int) -> None:
    taken: set[tuple[int, int]] = set()
    area = 0
    for name, rect in places.items():
        assert rect.width > 0, name
        assert rect.height > 0, name
        assert rect.x >= 0, name
        assert rect.y >= 0, name
        assert rect.right <= width, name
        assert rect.bottom <= height, name
        area += rect.width * rect.height
        taken.update(product(range(rect.x, rect.right), range(rect.y, rect.bottom)))
    assert len(taken) == area, "panels overlap"


@pytest.mark.parametrize("contents", KINDS, ids=str)
def test_panels_never_overlap_and_stay_inside(contents: Contents) -> None:
    for width in (*range(20, 90, 3), 100, 119, 120, 149, 150, 160, 199, 200, 250, 300):
        for height in (*range(5, 45, 2), 50, 60, 75, 100):
            check(arrange(width, height, contents), width, height)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 300), st.integers(1, 100), st.integers(0, 60), st.integers(0, 20),
    st.booleans(), st.integers(0, 30),
)  # fmt: skip
def test_any_size_and_any_device(
    width: int, height: int, outlets: int, meters: int, sources: bool, sensors: int
) -> None:
    contents = Contents(outlets=outlets, meters=meters, sources=sources, sensors=sensors)
    places = arrange(width, height, contents)
    check(places, width, height)
    assert "status" in places
    assert len(places) > 1 or height < 2, "there is no size that shows nothing"
    if height >= 2 and outlets:
        assert "outlets" in places, "there is no size at which the outlets are given up"
    if not outlets and (meters or sources or sensors):
        assert "outlets" not in places, "an empty panel"
        assert "meters" in places or height < 7 or not meters


@pytest.mark.parametrize("contents", KINDS[:2], ids=["ats", "px3"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (60, 80)])
def test_at_usual_sizes_everything_is_there(contents: Contents, size: tuple[int, int]) -> None:
    places = arrange(*size, contents)
    wanted = {"status", "outlets", "meters", "trends", "events", "hints"}
    if contents.sources:
        wanted |= {"sources", "sensors"}
    assert set(places) == wanted
    shown = places["outlets"]
    columns = outlet_columns(shown.width, shown.height - 1, contents.outlets)
    assert columns * (shown.height - 1) >= contents.outlets, "no outlet needs scrolling"


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
def test_no_row_is_left_empty(size: tuple[int, int]) -> None:
    width, height = size
    for contents in KINDS[:4]:
        places = arrange(width, height, contents)
        rows = {y for rect in places.values() for y in range(rect.y, rect.bottom)}
        assert rows == set(range(height))


def test_a_long_chain_leaves_room_for_its_load() -> None:
    places = arrange(80, 24, Contents(outlets=48, meters=6))
    assert places["meters"].height == 7, "every row of it"
    assert places["outlets"].height >= 12, "and the outlets scroll"


def test_outlets_in_columns_leave_the_rest_of_a_wide_screen_to_the_trends() -> None:
    places = arrange(200, 60, Contents(outlets=48, meters=6))
    assert places["outlets"].height == 25
    assert places["trends"].height >= 30


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
def test_a_device_with_nothing_but_sensors_has_them_and_their_trends(
    size: tuple[int, int],
) -> None:
    places = arrange(*size, Contents(sensors=9, figures=7))
    assert set(places) == {"status", "sensors", "trends", "events", "hints"}
    assert places["sensors"].height > 1
    assert "trends" not in arrange(*size, Contents(sensors=9)), "states have none"


def test_columns_are_as_few_as_show_all() -> None:
    assert outlet_columns(200, 24, 24) == 1
    assert outlet_columns(200, 12, 24) == 2
    assert outlet_columns(80, 12, 24) == 2
    assert outlet_columns(80, 3, 24) == 2, "as many as fit, and the rest scrolls"
    assert outlet_columns(30, 3, 24) == 1
    assert most_columns(79) == 2
    assert most_columns(78) == 1
