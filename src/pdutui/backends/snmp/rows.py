"""Which rows of a walked column are rows, and which outlet, bank or phase each of them is.

A number, once given, belongs to one thing: a unit of a chain that goes away leaves a gap, and
never gives its numbers to another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pdutui.backends.snmp.bound import MODULE_STEP, Row
from pdutui.backends.snmp.profile import Rows, Where
from pdutui.backends.snmp.types import RawValue

Column = Mapping[str, RawValue | None]
"""Index -> value, in the order of the walk."""
_INDEX = re.compile(r"\d+(\.\d+)*", re.ASCII)
_PARTS_OF_A_MODULE = 8
"""With `arcs:0,1`: how many modules each value of the first arc stands for."""


class Found(NamedTuple):
    """A walked column."""

    column: Column
    skip_null: bool
    """A row with NULL is none."""


class Columns(NamedTuple):
    """What stands beside the walked column; an empty one: the device has not got it."""

    where: Column
    module: tuple[str, Column]
    """Its OID, and the column."""
    number: tuple[str, Column]


class _Walked(NamedTuple):
    own: str
    arcs: tuple[int, ...]
    value: RawValue | None


def index_of(root: str, oid: str) -> str | None:
    """What follows a column's OID in that of a row."""
    index = oid.removeprefix(root + ".")
    return index if index != oid and _INDEX.fullmatch(index) else None


def numbered(rows: Rows, found: Found, columns: Columns, *, branch: int) -> tuple[Row, ...]:
    """The rows of a table, by module and number.

    Args:
        rows: what the profile says of them.
        found: the walked column.
        columns: those beside it.
        branch: which of all walked columns it is.
    """
    kept = list(_kept(rows, found))
    if rows.where is not None:
        where = rows.where
        holding = [row for row in kept if _holds(where, columns.where, row)]
        if where.every and len(holding) < len(kept):
            return ()
        kept = holding
    out: list[Row] = []
    taken: set[tuple[int, int]] = set()
    counted: Counter[int] = Counter()
    for row in kept:
        placed = _module(rows, columns.module, row)
        if placed is None:
            continue
        module, proof = placed
        counted[module] += 1
        number, more = _number(rows, columns.number, row, counted[module])
        if number is None or (module, number) in taken:
            continue
        taken.add((module, number))
        out.append(Row(row.own, number, branch, module, proof + more))
    return tuple(sorted(_enough(rows, out), key=lambda row: (row.module, row.number)))


def _kept(rows: Rows, found: Found) -> Iterator[_Walked]:
    end = f".{rows.cut}" if rows.cut else ""
    for index, value in found.column.items():
        if value is None and (found.skip_null or rows.keep or rows.drop):
            continue
        if (rows.keep and value not in rows.keep) or value in rows.drop:
            continue
        if not index.endswith(end):
            continue
        own = index.removesuffix(end)
        arcs = tuple(int(arc) for arc in own.split("."))
        if (rows.keep_arcs and arcs[-1] not in rows.keep_arcs) or arcs[-1] in rows.drop_arcs:
            continue
        yield _Walked(own, arcs, value)


def _holds(where: Where, column: Column, row: _Walked) -> bool:
    """Whether the companion says that this is a row."""
    if where.arcs == 0:
        value = next(iter(column.values()), None)
    else:
        value = column.get(".".join(row.own.split(".")[: where.arcs]))
    if value is None:
        return where.absent
    if where.is_ and value not in where.is_:
        return False
    if value in where.not_:
        return False
    return where.bit is None or _bit(value, where.bit) is where.set


def _bit(value: RawValue, bit: int) -> bool:
    if not isinstance(value, bytes) or bit >= 8 * len(value):
        return False
    return bool(value[bit // 8] & (0x80 >> bit % 8))


def _module(
    rows: Rows, beside: tuple[str, Column], row: _Walked
) -> tuple[int, tuple[tuple[str, int], ...]] | None:
    """The module of a row, and what proves it; None: nothing says which."""
    oid, column = beside
    if not rows.module or (oid and not column):
        return 1, ()
    if oid:
        value = column.get(row.own)
        if not isinstance(value, int):
            return None
        # Some units that stand alone count themselves as 0.
        return max(1, value - rows.module_first + 1), ((f"{oid}.{row.own}", value),)
    _, _, places = rows.module.partition(":")
    try:
        arcs = [row.arcs[int(place)] for place in places.split(",")]
    except IndexError:
        return None
    module = arcs[0] - rows.module_first + 1
    if len(arcs) > 1:
        if not 1 <= arcs[1] <= _PARTS_OF_A_MODULE:
            return None
        module = (module - 1) * _PARTS_OF_A_MODULE + arcs[1]
    return (module, ()) if module >= 1 else None


def _number(
    rows: Rows, beside: tuple[str, Column], row: _Walked, place: int
) -> tuple[int | None, tuple[tuple[str, int], ...]]:
    """The number of a row in its module, and what proves it; None: it has none."""
    number: RawValue | None = row.arcs[-1]
    proof: tuple[tuple[str, int], ...] = ()
    if rows.number == "ordinal":
        number = place
    elif rows.number == "value":
        number = row.value
    elif rows.number == "column" and beside[1]:
        number = beside[1].get(row.own)
        if isinstance(number, int):
            proof = ((f"{beside[0]}.{row.own}", number),)
    elif rows.stride and rows.number == "arc":
        if len(row.arcs) < 2 or row.arcs[-2] < 1 or row.arcs[-1] > rows.stride:
            return None, ()
        number = row.arcs[-1] + rows.stride * (row.arcs[-2] - 1)
    if not isinstance(number, int) or number < 1:
        return None, ()
    if rows.module and number >= MODULE_STEP:
        return None, ()  # it would be the number of something in another module
    return number, proof


def _enough(rows: Rows, found: list[Row]) -> list[Row]:
    """The rows without those of modules that have too few of them."""
    in_module = Counter(row.module for row in found)
    if rows.at_most and any(count > rows.at_most for count in in_module.values()):
        return []
    if rows.at_least <= 1:
        return found

    def part(row: Row) -> tuple[int, int]:
        return row.module, (row.number - 1) // rows.stride if rows.stride else 0

    in_part = Counter(part(row) for row in found)
    return [row for row in found if in_part[part(row)] >= rows.at_least]
