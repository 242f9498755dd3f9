"""Which outlets a selector means: exactly those, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.cli.exits import USAGE, CliError
from pdutui.cli.selector import numbers_of, select
from pdutui.domain.reading import Outlet, Reading

NAMES = {1: "db01", 2: "DB02", 3: "web", 4: "web", 5: "7", 7: "spare", 8: ""}
READING = Reading(
    pdu="rack1-a",
    time=datetime(2026, 1, 1, tzinfo=UTC),
    outlets=tuple(Outlet(number=n, name=name) for n, name in NAMES.items()),
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("3", (3,)),
        ("1-4,7", (1, 2, 3, 4, 7)),
        ("7, 1", (7, 1)),
        ("2-2", (2,)),
        ("db01", (1,)),
        ("db02", (2,)),
        (" DB01 ", (1,)),
        ("7", (7,)),
    ],
)
def test_what_is_meant(selector: str, expected: tuple[int, ...]) -> None:
    assert select(selector, READING) == expected


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("6", "rack1-a has no outlet 6 (there: 1 to 8)"),
        ("0", "no outlet 0"),
        ("5-9", "no outlet 6, 9"),
        ("4-1", "4-1 runs backwards: write 1-4"),
        ("1,2,1", "outlet 1 is named twice"),
        ("1-3,2", "outlet 2 is named twice"),
        ("web", "several outlets named 'web': 3, 4"),
        ("db", "no outlet named 'db' (there: db01, DB02"),
        ("", "no outlet named ''"),
        ("1-", "no outlet named '1-'"),
        ("all", "no outlet named 'all'"),
        ("²", "no outlet named '²'"),
    ],
)
def test_what_is_not_there_is_an_error_and_never_a_guess(selector: str, said: str) -> None:
    with pytest.raises(CliError) as caught:
        select(selector, READING)
    assert said in str(caught.value)
    assert caught.value.code == USAGE


def test_a_huge_range_is_refused_before_it_is_built() -> None:
    with pytest.raises(CliError, match="has no outlet"):
        select("1-9999", READING)
    with pytest.raises(CliError, match="no PDU has an outlet 1-999999"):
        numbers_of("1-999999")


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20, unique=True))
def test_a_list_of_numbers_means_those_in_that_order(numbers: list[int]) -> None:
    assert numbers_of(",".join(map(str, numbers))) == tuple(numbers)
