"""Walks: every row below an OID, by GETBULK where it can be trusted, else by GETNEXT."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pdutui.backends.base import DeviceError
from pdutui.backends.snmp.codec import TOO_BIG
from pdutui.backends.snmp.line import Line, Silence
from pdutui.backends.snmp.types import (
    ErrorAnswer,
    RawValue,
    Reader,
    RequestLimits,
    TypedReader,
    TypedRow,
)

_PATIENCE = 2
"""GETBULKs without an answer before a GETNEXT is tried instead."""
_STRIKES = 2
"""So often in a row GETBULK must fail where GETNEXT works before it is not used any more."""

Row = tuple[str, RawValue | None]
T = TypeVar("T")
Ask = Callable[[Reader, str, int, float], Awaitable[list[T]]]
"""Asks a reader for up to so many rows behind an OID, and waits so long."""


class Walker:
    """Walks for one client and remembers how the device likes it."""

    def __init__(self, line: Line, limits: RequestLimits, *, bulk: bool) -> None:
        """`bulk` says whether the SNMP version has GETBULK at all."""
        self._line = line
        self._version_has_bulk = bulk
        self._strikes = 0
        self.limits = limits
        self._repetitions = limits.max_repetitions

    @property
    def uses_bulk(self) -> bool:
        """Whether the next walk will begin with GETBULK."""
        return self._version_has_bulk and self.limits.bulk and self._strikes < _STRIKES

    async def walk(self, root: str, max_rows: int) -> list[Row]:
        """See `SnmpClient.walk`."""
        rows: list[Row] = []
        below = root + "."
        at, at_arcs = root, _arcs(root)
        while True:
            batch = await self._batch(at, _plain)
            if not batch:
                return rows
            for oid, value in batch:
                if not oid.startswith(below):
                    return rows
                arcs = _arcs(oid)
                if arcs <= at_arcs:
                    raise DeviceError(f"the device walks in circles: {oid} follows {at}")
                if len(rows) >= max_rows:
                    raise DeviceError(f"the device has more than {max_rows} rows below {root}")
                rows.append((oid, value))
                at, at_arcs = oid, arcs

    async def next_typed(self, oid: str) -> list[TypedRow]:
        """See `SnmpClient.next_typed`."""
        return await self._batch(oid, _typed)

    async def _batch(self, oid: str, ask: Ask[T]) -> list[T]:
        if self.uses_bulk:
            batch = await self._bulk(oid, ask)
            if batch:
                return batch
            # Nothing: the end of the MIB, or an agent that cannot do it. GETNEXT tells.
        try:
            batch = await self._line.until_answered(lambda reader, w: ask(reader, oid, 1, w))
        except ErrorAnswer as error:
            raise DeviceError(f"the device fails to walk on from {oid}: {error}") from None
        if batch and self.uses_bulk:
            self._strikes += 1
        return batch

    async def _bulk(self, oid: str, ask: Ask[T]) -> list[T]:
        count = max(2, min(self._repetitions, self.limits.max_repetitions))
        for attempt, wait_s in enumerate(self._line.waits()):
            if attempt == _PATIENCE:
                return []
            try:
                batch = await self._line.once(lambda r, w: ask(r, oid, count, w), wait_s)
            except Silence:
                continue
            except ErrorAnswer as error:
                if error.status == TOO_BIG and count > 2:
                    self._repetitions = count // 2
                    return await self._bulk(oid, ask)
                return []
            if batch:
                self._strikes = 0
            return batch
        return []


async def _plain(reader: Reader, oid: str, count: int, wait_s: float) -> list[Row]:
    return await reader.next(oid, count, wait_s)


async def _typed(reader: Reader, oid: str, count: int, wait_s: float) -> list[TypedRow]:
    if not isinstance(reader, TypedReader):
        raise DeviceError("this SNMP reader does not say of which type values are")
    return await reader.next_typed(oid, count, wait_s)


def _arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
