"""Sealing hours that are over, one at a time, so that polls, commits and queries never wait."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pdutui.domain.clock import Clock
from pdutui.domain.history import HOUR_MS
from pdutui.store.codec import DamagedChunk
from pdutui.store.hour import oldest_hour
from pdutui.store.limits import StoreLimits
from pdutui.store.raw import table_ids
from pdutui.store.seal import Changed, commit, parts_of, read_hour, seal_parts, times_part
from pdutui.store.session import Session

log = logging.getLogger(__name__)

_GOLDEN = 0.6180339887
"""Multiples of it lie evenly in any span, however many there are."""


class Sealer:
    """Finds hours that are due and seals them."""

    def __init__(self, session: Session, *, clock: Clock, limits: StoreLimits) -> None:
        self._session = session
        self._clock = clock
        self._limits = limits
        self._busy = asyncio.Lock()
        self._left: dict[int, set[int]] = {}
        """Hours by PDU that stay as they are: what is sealed of them is damaged."""

    async def due(self, *, staggered: bool = True) -> dict[int, int]:
        """The oldest hour of each PDU that is to be sealed now.

        Args:
            staggered: Each PDU some minutes later than the one before it.

        Raises:
            StoreTrouble: It cannot be told.
        """
        spread = self._limits.seal_spread_s if staggered else 0.0
        late_s = self._clock.now().timestamp() - self._limits.seal_after_s
        return await self._session.study(_due, late_s, spread, self._left)

    async def seal(self, pdu: int, hour: int) -> bool:
        """Seal an hour; whether it is done. If rows came meanwhile, or it is damaged, it is not.

        Raises:
            StoreTrouble, StoreFromFuture: It cannot be done now.
        """
        async with self._busy:
            return await self._seal(pdu, hour)

    async def _seal(self, pdu: int, hour: int) -> bool:
        study = self._session.study
        try:
            found = await study(read_hour, pdu, hour)
            if not found.raw_ms:
                return False
            parts = [times_part(found)]
            for helping in await study(parts_of, pdu):
                parts += await study(seal_parts, found, helping)
        except DamagedChunk as error:
            self._left.setdefault(pdu, set()).add(hour)
            when = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC)
            log.warning(
                "history: what came late to the hour of %s stays beside it, which is damaged: %s",
                f"{when:%Y-%m-%d %H:%MZ}", error,
            )  # fmt: skip
            return False
        except Changed:
            return False
        return await self._session.upkeep(commit, found, parts)

    async def seal_each(self) -> int:
        """Seal one hour of every PDU that has one due, with rests; how many were.

        Raises:
            StoreTrouble, StoreFromFuture: The rest cannot be done now.
        """
        count = 0
        for pdu, hour in (await self.due()).items():
            if not self._session.owner:
                break
            began = self._clock.monotonic()
            count += await self.seal(pdu, hour)
            rest = self._limits.seal_rest * (self._clock.monotonic() - began)
            await self._clock.sleep(max(self._limits.seal_pause_s, rest))
        return count

    async def seal_all(self, on_sealed: Callable[[int], None] | None = None) -> int:
        """Seal everything that is due, without rests; how many hours it was.

        Args:
            on_sealed: Told after every hour how many there were so far.

        Raises:
            StoreTrouble, StoreFromFuture: The rest cannot be done now.
        """
        count = 0
        last: dict[int, int] = {}
        while (due := await self.due(staggered=False)) != last:
            for pdu, hour in due.items():
                count += await self.seal(pdu, hour)
                if on_sealed is not None:
                    on_sealed(count)
            last = due  # what cannot be sealed stays due
        return count


def _due(
    conn: sqlite3.Connection, late_s: float, spread_s: float, left: Mapping[int, set[int]]
) -> dict[int, int]:
    out: dict[int, int] = {}
    for pdu in table_ids(conn):
        end = int((late_s - spread_s * (pdu * _GOLDEN % 1)) * 1000 // HOUR_MS)
        hour = oldest_hour(conn, pdu, end, left.get(pdu, ()))
        if hour is not None:
            out[pdu] = hour
    return out
