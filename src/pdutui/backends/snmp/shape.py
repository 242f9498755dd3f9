"""Finding the rows that a device has, by walking one column of each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from pdutui.backends.snmp.bound import Row, Shape
from pdutui.backends.snmp.profile import Profile, Table
from pdutui.backends.snmp.rows import Columns, Found, index_of, numbered
from pdutui.backends.snmp.types import RawValue

MAX_ROWS = 1024
"""More rows than any PDU has; a walk that finds more is cut off there."""
MAIN_TABLES = ("inlet", "phase", "bank", "outlet")


class Walking(Protocol):
    """The part of the client that walks."""

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        """Every OID below `root` with its value, None for NULL."""
        ...


def table_keys(profile: Profile) -> tuple[str, ...]:
    """The keys of `Shape.rows` that the profile has a table for."""
    main = [key for key in MAIN_TABLES if getattr(profile, key) is not None]
    return (*main, *(f"sensor{place}" for place in range(len(profile.sensor))))


class _Walker:
    """Walks each column once, however many tables are found in it."""

    def __init__(self, client: Walking, profile: Profile) -> None:
        self._client = client
        self._profile = profile
        self._walks: dict[str, Mapping[str, RawValue | None]] = {}

    async def _column(self, oid: str) -> Mapping[str, RawValue | None]:
        """Index -> value of a column."""
        root = self._profile.absolute(oid)
        if root not in self._walks:
            rows = await self._client.walk(root, max_rows=MAX_ROWS)
            found = ((index_of(root, full), value) for full, value in rows)
            self._walks[root] = {index: value for index, value in found if index is not None}
        return self._walks[root]

    async def rows(self, table: Table, first_branch: int = 0) -> tuple[Row, ...]:
        """The rows of a table; their branches are counted from `first_branch`."""
        rows = table.rows
        if not rows.walk:
            return (Row("0", 1),)
        for branch, column in enumerate(rows.walk):
            walked = await self._column(column)
            if not walked:
                continue
            columns = Columns(
                where=await self._column(rows.where.oid) if rows.where is not None else {},
                module=await self._extra(rows.module),
                number=await self._extra(rows.number_column if rows.number == "column" else ""),
            )
            found = numbered(
                rows,
                Found(walked, column in rows.skip_null),
                columns,
                branch=first_branch + branch,
            )
            if found:
                return found
        return ()

    async def _extra(self, oid: str) -> tuple[str, Mapping[str, RawValue | None]]:
        """A column beside the walked one, if that is what it is."""
        if not oid or oid.startswith("arc"):
            return "", {}
        return self._profile.absolute(oid), await self._column(oid)


def _tables(profile: Profile, key: str) -> Iterator[tuple[Table, int | None, int]]:
    """Where the rows of a key are looked for: table, which fallback it is, its first branch."""
    if key.startswith("sensor"):
        yield profile.sensor[int(key.removeprefix("sensor"))], None, 0
        return
    table: Table | None = getattr(profile, key)
    if table is None:
        return
    yield table, None, 0
    branch = len(table.rows.walk)
    for name, tables in profile.fallback.items():
        for place, instead in enumerate(tables) if name == key else ():
            yield instead, place, branch
            branch += len(instead.rows.walk)


async def find_shape(client: Walking, profile: Profile, keys: Sequence[str] = ()) -> Shape:
    """The rows of these tables (all of them without `keys`). Raises what `client.walk` raises."""
    walker = _Walker(client, profile)
    rows: dict[str, tuple[Row, ...]] = {}
    fallback: dict[str, int] = {}
    for key in keys or table_keys(profile):
        rows[key] = ()
        for table, place, branch in _tables(profile, key):
            rows[key] = await walker.rows(table, branch)
            if rows[key]:
                if place is not None:
                    fallback[key] = place
                break
    return Shape(rows, fallback)
