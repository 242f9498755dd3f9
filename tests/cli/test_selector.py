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


# -- labels: what a device or a chain calls a place, beside our numbers and people's names --------


def labelled(*outlets: Outlet) -> Reading:
    return Reading(pdu="rack1-a", time=READING.time, outlets=outlets)


CHAIN = labelled(
    Outlet(number=1, name="web", label="1.1"),
    Outlet(number=5, name="2.5", label="1.5"),
    Outlet(number=2005, name="core", label="2.5"),
    Outlet(number=2006, name="", label="2.6"),
)
ODD = labelled(
    Outlet(number=1, name="a", label="2"),
    Outlet(number=2, name="b", label="1"),
    Outlet(number=3, name="AA1", label="AA2"),
    Outlet(number=4, name="d", label="AA1"),
    Outlet(number=6, name="1-4", label=None),
)


def test_a_place_in_a_chain_is_meant_by_its_label() -> None:
    assert select("2.6", CHAIN) == (2006,)
    assert select(" 1.1 ", CHAIN) == (1,)
    assert select("2006", CHAIN) == (2006,)


@pytest.mark.parametrize(
    ("selector", "reading", "said"),
    [
        ("2.5", CHAIN, "'2.5' is the name of outlet 5 and the label of outlet 2005"),
        ("aa1", ODD, "'aa1' is the name of outlet 3 and the label of outlet 4"),
        ("1", ODD, "outlet 1 is labelled 2, and the one labelled 1 is outlet 2"),
        ("1-3", ODD, "outlet 1 is labelled 2, and the one labelled 1 is outlet 2"),
        ("1-4", labelled(*ODD.outlets[2:]), "'1-4' is the name of outlet 6"),
    ],
)
def test_what_could_mean_two_outlets_means_none(selector: str, reading: Reading, said: str) -> None:
    with pytest.raises(CliError) as caught:
        select(selector, reading)
    assert said in str(caught.value)
    assert caught.value.code == USAGE


@pytest.mark.parametrize("selector", ["1 2", "1 2,3", "1- 2 3", "1 0"])
def test_numbers_that_stand_apart_are_not_run_together(selector: str) -> None:
    with pytest.raises(CliError, match="no outlet named"):
        select(selector, READING)


def test_blanks_around_commas_and_hyphens_are_taken() -> None:
    assert select(" 1 - 3 , 7 ", READING) == (1, 2, 3, 7)
