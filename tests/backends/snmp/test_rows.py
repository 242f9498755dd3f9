"""Which rows of a table are rows, and what number each has: never another's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.snmp.bound import Row
from pdutui.backends.snmp.profile import Rows
from pdutui.backends.snmp.rows import Columns, Found, index_of, numbered
from pdutui.backends.snmp.types import RawValue

Column = dict[str, RawValue | None]
NONE: tuple[str, Column] = ("", {})


def find(
    how: dict[str, Any],
    column: Column,
    *,
    where: Column | None = None,
    module: tuple[str, Column] = NONE,
    number: tuple[str, Column] = NONE,
    skip_null: bool = False,
) -> tuple[Row, ...]:
    rows = msgspec.convert({"walk": ["1"], **how}, Rows)
    return numbered(rows, Found(column, skip_null), Columns(where or {}, module, number), branch=0)


def numbers(found: tuple[Row, ...]) -> list[tuple[str, int, int]]:
    return [(row.index, row.module, row.number) for row in found]


def test_an_index_is_what_follows_the_column() -> None:
    assert index_of("1.3.6.1", "1.3.6.1.4.2") == "4.2"
    assert index_of("1.3.6.1", "1.3.6.10.4") is None
    assert index_of("1.3.6.1", "1.3.6.1") is None
    assert index_of("1.3.6.1", "1.3.6.1.x") is None


def test_by_arc_by_value_and_in_order() -> None:
    column: Column = {"1.7": 3, "1.5": 9}
    assert numbers(find({}, column)) == [("1.5", 1, 5), ("1.7", 1, 7)]
    assert numbers(find({"number": "value"}, column)) == [("1.7", 1, 3), ("1.5", 1, 9)]
    assert numbers(find({"number": "ordinal"}, column)) == [("1.7", 1, 1), ("1.5", 1, 2)]


def test_a_number_is_given_once_and_never_below_one() -> None:
    column: Column = {"1": 4, "2": 4, "3": 0, "4": -1, "5": b"4", "6": None}
    assert numbers(find({"number": "value"}, column)) == [("1", 1, 4)]


def test_by_a_column_beside_it() -> None:
    beside = ("9.9", {"1": 11, "3": 12})
    column: Column = {"1": 1, "2": 1, "3": 1}
    found = find({"number": "column", "number_column": "9.9"}, column, number=beside)
    assert numbers(found) == [("1", 1, 11), ("3", 1, 12)]
    assert found[0].proof == (("9.9.1", 11),)
    # a device that has not got the column at all
    without = find({"number": "column", "number_column": "9.9"}, column, number=("9.9", {}))
    assert numbers(without) == [("1", 1, 1), ("2", 1, 2), ("3", 1, 3)]


def test_modules_by_arc() -> None:
    how = {"module": "arc:0", "module_first": 0}
    found = find(how, {"0.1": 1, "0.2": 1, "2.1": 1})
    assert numbers(found) == [("0.1", 1, 1), ("0.2", 1, 2), ("2.1", 3, 1)]
    assert [row.unique for row in found] == [1, 2, 3001]


def test_modules_by_two_arcs() -> None:
    """Tower and infeed: up to eight of the second in each of the first."""
    how = {"module": "arcs:0,1"}
    column: Column = {"1.1.4": 1, "1.2.4": 1, "2.1.4": 1, "1.9.4": 1, "1.0.4": 1, "4": 1}
    found = find(how, column)
    assert numbers(found) == [("1.1.4", 1, 4), ("1.2.4", 2, 4), ("2.1.4", 9, 4)]
    assert [row.unique for row in found] == [4, 2004, 9004]


def test_modules_by_a_column() -> None:
    how = {"module": "8.8", "number": "ordinal"}
    column: Column = {"1": 1, "2": 1, "3": 1, "4": 1}
    found = find(how, column, module=("8.8", {"1": 1, "2": 2, "4": 2}))
    assert numbers(found) == [("1", 1, 1), ("2", 2, 1), ("4", 2, 2)]
    assert found[1].proof == (("8.8.2", 2),)
    # a unit that stands alone, without the column or counting itself as 0
    assert [r.module for r in find(how, column, module=("8.8", {}))] == [1] * 4
    zeros = find(how, column, module=("8.8", dict.fromkeys(column, 0)))
    assert [r.unique for r in zeros] == [1, 2, 3, 4]


def test_a_number_never_reaches_into_the_next_module() -> None:
    how = {"module": "arc:0"}
    assert numbers(find(how, {"1.1000": 1, "1.2001": 1, "2.1": 1})) == [("2.1", 2, 1)]


def test_parts_that_count_their_rows_from_one_each() -> None:
    how = {"module": "arc:0", "stride": 10}
    column: Column = {"1.1.1": 1, "1.1.3": 1, "1.2.1": 1, "1.2.11": 1, "2.1.1": 1, "7": 1}
    assert numbers(find(how, column)) == [
        ("1.1.1", 1, 1),
        ("1.1.3", 1, 3),
        ("1.2.1", 1, 11),
        ("2.1.1", 2, 1),
    ]


def test_a_tail_that_is_cut_off() -> None:
    """Sensor 1 of each thing; the rest of the index is the thing."""
    column: Column = {"1.1.1": 5, "1.1.4": 5, "1.2.1": 5, "1.3.4": 5, "1": 5}
    assert numbers(find({"cut": "1"}, column)) == [("1.1", 1, 1), ("1.2", 1, 2)]
    assert numbers(find({"cut": "1.4"}, column)) == [("1", 1, 1)]


def test_values_and_arcs_that_make_no_row() -> None:
    column: Column = {"1": 0, "2": 3, "3": None, "4": 7}
    assert [r.index for r in find({"keep": [0, 7]}, column)] == ["1", "4"]
    assert [r.index for r in find({"drop": [0]}, column)] == ["2", "4"]
    assert [r.index for r in find({"keep_arcs": [1, 3]}, column)] == ["1", "3"]
    assert [r.index for r in find({"drop_arcs": [1]}, column)] == ["2", "3", "4"]
    assert [r.index for r in find({}, column, skip_null=True)] == ["1", "2", "4"]


def test_fewer_than_there_must_be_are_none_by_module() -> None:
    how = {"module": "arc:0", "at_least": 2}
    column: Column = {"1.1": 1, "2.1": 1, "2.2": 1, "2.3": 1}
    assert numbers(find(how, column)) == [("2.1", 2, 1), ("2.2", 2, 2), ("2.3", 2, 3)]


def test_fewer_than_there_must_be_are_none_by_part_of_a_module() -> None:
    """Two single-phase cords have no phases; a three-phase one beside them has."""
    how = {"stride": 10, "at_least": 2}
    column: Column = {"1.1": 1, "2.1": 1, "3.1": 1, "3.2": 1, "3.3": 1}
    assert [r.number for r in find(how, column)] == [21, 22, 23]


def test_more_than_there_may_be_make_the_table_none() -> None:
    how = {"module": "arc:0", "at_most": 1}
    assert len(find(how, {"1.1": 1, "2.1": 1})) == 2
    assert find(how, {"1.1": 1, "2.1": 1, "2.2": 1}) == ()


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({"is": [1]}, ["1.1"]),
        ({"not": [1]}, ["1.2"]),
        ({"not": [1], "absent": True}, ["1.2", "2.3"]),
        ({"is": [1], "every": True}, []),
        ({"is": [1, 2], "absent": True, "every": True}, ["1.1", "1.2", "2.3"]),
    ],
)
def test_a_companion_says_what_is_a_row(where: dict[str, Any], rows: list[str]) -> None:
    column: Column = {"1.1": 5, "1.2": 5, "2.3": 5}
    found = find({"where": {"oid": "7", **where}}, column, where={"1.1": 1, "1.2": 2})
    assert [row.index for row in found] == rows


def test_a_companion_of_the_unit_or_of_the_device() -> None:
    column: Column = {"1.1": 5, "1.2": 5, "2.3": 5}
    of_unit = find({"where": {"oid": "7", "arcs": 1, "is": [1]}}, column, where={"1": 1, "2": 9})
    assert [row.index for row in of_unit] == ["1.1", "1.2"]
    one = {"where": {"oid": "7", "arcs": 0, "is": [1], "absent": True}}
    assert len(find(one, column, where={"0": 1})) == 3
    assert find(one, column, where={"0": 2}) == ()
    assert len(find(one, column)) == 3


def test_a_companion_of_bits() -> None:
    column: Column = {"1": 5, "2": 5, "3": 5}
    bits: Column = {"1": b"\x10", "2": b"\x00\x80", "3": b""}
    how = {"where": {"oid": "7", "bit": 3}}
    assert [r.index for r in find(how, column, where=bits)] == ["1"]
    how = {"where": {"oid": "7", "bit": 8}}
    assert [r.index for r in find(how, column, where=bits)] == ["2"]
    how = {"where": {"oid": "7", "bit": 3, "set": False}}
    assert [r.index for r in find(how, column, where=bits)] == ["2", "3"]


indexes = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda a: ".".join(map(str, a)))
raws = st.none() | st.integers(-2, 1200) | st.binary(max_size=2)
hows = st.fixed_dictionaries(
    {},
    optional={
        "number": st.sampled_from(["arc", "value", "ordinal", "column"]),
        "number_column": st.just("9"),
        "module": st.sampled_from(["", "arc:0", "arcs:0,1", "8"]),
        "module_first": st.integers(0, 1),
        "stride": st.sampled_from([0, 10]),
        "cut": st.sampled_from(["", "1"]),
        "at_least": st.integers(1, 2),
        "at_most": st.integers(0, 2),
    },
)


@given(
    hows,
    st.dictionaries(indexes, raws, max_size=12),
    st.dictionaries(indexes, raws, max_size=12),
    st.dictionaries(indexes, raws, max_size=12),
)
def test_whatever_stands_there_no_number_is_given_twice(
    how: dict[str, Any], column: Column, module: Column, number: Column
) -> None:
    beside = ("8", module) if how.get("module") == "8" else NONE
    found = find(how, column, module=beside, number=("9", number))
    unique = [row.unique for row in found]
    if how.get("module"):
        assert len(set(unique)) == len(unique)
    assert len({(row.module, row.number) for row in found}) == len(found)
    assert all(n >= 1 for n in unique)
