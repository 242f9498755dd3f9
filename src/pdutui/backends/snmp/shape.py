"""Finding the rows that a device has, by walking one column of each table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from pdutui.backends.snmp.bind import Row, Shape
from pdutui.backends.snmp.profile import Profile, Rows, Table
from pdutui.backends.snmp.types import RawValue

_INDEX = re.compile(r"\d+(\.\d+)*", re.ASCII)
MAX_ROWS = 1024
"""More rows than any PDU has; a walk that finds more is cut off there."""


class Walking(Protocol):
    """The part of the client that walks."""

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        """Every OID below `root` with its value, None for NULL."""
        ...


def table_keys(profile: Profile) -> tuple[str, ...]:
    """The keys of `Shape.rows` that the profile has a table for."""
    main = [key for key in ("inlet", "bank", "outlet") if getattr(profile, key) is not None]
    return (*main, *(f"sensor{place}" for place in range(len(profile.sensor))))


def rows_of(
    rows: Rows,
    branch: int,
    root: str,
    skip_null: bool,
    walked: Sequence[tuple[str, RawValue | None]],
) -> tuple[Row, ...]:
    """The rows that a walk of one column has found, numbered as the profile says."""
    found: list[Row] = []
    numbers: set[int] = set()
    for oid, value in walked:
        index = oid.removeprefix(root + ".")
        if index == oid or not _INDEX.fullmatch(index):
            continue
        if value is None and (skip_null or rows.keep or rows.drop):
            continue
        if (rows.keep and value not in rows.keep) or value in rows.drop:
            continue
        if rows.number == "ordinal":
            number = len(found) + 1
        elif rows.number == "arc":
            number = int(index.rpartition(".")[2])
        elif isinstance(value, int):
            number = value
        else:
            continue
        if number not in numbers:
            numbers.add(number)
            found.append(Row(index, number, branch))
    return tuple(sorted(found, key=lambda row: row.number))


class _Walker:
    """Walks each column once, however many tables are found in it."""

    def __init__(self, client: Walking, profile: Profile) -> None:
        self._client = client
        self._profile = profile
        self._walks: dict[str, list[tuple[str, RawValue | None]]] = {}

    async def rows(self, table: Table) -> tuple[Row, ...]:
        if not table.rows.walk:
            return (Row("0", 1),)
        for branch, column in enumerate(table.rows.walk):
            root = self._profile.absolute(column)
            if root not in self._walks:
                self._walks[root] = await self._client.walk(root, max_rows=MAX_ROWS)
            skip_null = column in table.rows.skip_null
            rows = rows_of(table.rows, branch, root, skip_null, self._walks[root])
            if rows:
                return rows
        return ()


async def find_shape(client: Walking, profile: Profile, keys: Sequence[str] = ()) -> Shape:
    """The rows of these tables (all of them without `keys`). Raises what `client.walk` raises."""
    walker = _Walker(client, profile)
    rows: dict[str, tuple[Row, ...]] = {}
    fallback: set[str] = set()
    for key in keys or table_keys(profile):
        if key.startswith("sensor"):
            table: Table | None = profile.sensor[int(key.removeprefix("sensor"))]
        else:
            table = getattr(profile, key)
        rows[key] = await walker.rows(table) if table is not None else ()
        instead = next((t for name, t in profile.fallback.items() if name == key), None)
        if not rows[key] and instead is not None:
            rows[key] = await walker.rows(instead)
            fallback |= {key} if rows[key] else set()
    return Shape(rows, frozenset(fallback))
