"""Trends of the past: some minutes around the moment in memory, shown up to the moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from pdutui.domain.history import SECOND_MS, HistoryQuery
from pdutui.engine.trends import LENGTH_S, floored
from pdutui.settings import FloorSettings
from pdutui.store.port import HistoryReader

AHEAD_MS = 600_000
"""So much of what comes is read at once; at 60x it lasts ten seconds."""
_MARGIN_MS = 10_000
_TELLING = 8
"""So many series tell how far apart polls were."""


class _Block(msgspec.Struct, frozen=True):
    """All polls of one PDU in a span."""

    from_ms: int
    to_ms: int
    keys: frozenset[str]
    times: list[int]
    values: Mapping[str, Sequence[float | None]]
    """By key, one for each of `times`."""


class PastTrends:
    """Values once a second, as the live trends have them.

    Args:
        reader: All that was kept.
        interval_s: How far apart polls usually were.
        floors: The metering floors of PDUs that have one.
    """

    def __init__(
        self, reader: HistoryReader, *, interval_s: float, floors: Mapping[str, FloorSettings]
    ) -> None:
        self._reader = reader
        self._hold_ms = round(1500 * max(1.0, interval_s))
        self._floors = floors
        self._blocks: dict[str, _Block] = {}
        self._picked: dict[tuple[str, int, int, int], list[int]] = {}

    def covers(self, pdu: str, keys: Sequence[str], at_ms: int) -> bool:
        """Whether all is in memory that `window` needs of these series at this moment."""
        block = self._blocks.get(pdu)
        if block is None or not block.keys.issuperset(keys):
            return False
        return block.from_ms <= at_ms - LENGTH_S * SECOND_MS and at_ms < block.to_ms

    async def load(self, pdu: str, keys: Sequence[str], at_ms: int) -> None:
        """Read what is around a moment. Raises StoreTrouble where that does not work."""
        from_ms, to_ms = at_ms - LENGTH_S * SECOND_MS - _MARGIN_MS, at_ms + AHEAD_MS
        query = HistoryQuery(
            pdu=pdu, keys=tuple(keys), from_ms=from_ms, to_ms=to_ms, step_ms=SECOND_MS
        )
        found = (await self._reader.window(query)).points
        times = sorted(set().union(*(points.ts_ms for points in found.values())))
        place = {ts: i for i, ts in enumerate(times)}
        values: dict[str, list[float | None]] = {}
        for key, points in found.items():
            row: list[float | None] = [None] * len(times)
            for ts, value in zip(points.ts_ms, points.last, strict=True):
                row[place[ts]] = value
            values[key] = row
        floor = self._floors.get(pdu, FloorSettings())
        self._blocks[pdu] = _Block(
            from_ms, to_ms, frozenset(keys), times, floored(values, floor)
        )  # fmt: skip
        self._picked.clear()

    def window(
        self, pdu: str, key: str, seconds: int, at_ms: int, *, fresh: bool
    ) -> list[float | None]:
        """The last `seconds` values up to a moment, oldest first; None for gaps.

        Args:
            pdu: Which PDU.
            key: Such as `outlet.3.power_w`; a key without values gives gaps only.
            seconds: How many; beyond 900 the oldest are gaps.
            at_ms: The moment. No value after it is given.
            fresh: Whether the last reading counts as live; then the window ends with it, otherwise
                at the moment.
        """
        block = self._blocks.get(pdu)
        row = None if block is None else block.values.get(key)
        if block is None or row is None or seconds <= 0:
            return [None] * max(0, seconds)
        known = bisect_right(block.times, at_ms)
        if not known or at_ms >= block.to_ms:
            return [None] * seconds
        newest = block.times[known - 1]
        middle = newest if fresh else at_ms - (at_ms - newest) % SECOND_MS
        cached = (pdu, known, middle, seconds)
        if cached not in self._picked:
            if len(self._picked) > 8:
                self._picked.clear()
            self._picked[cached] = self._pick(block.times, known, middle, seconds)
        return [None if at < 0 else row[at] for at in self._picked[cached]]

    def _pick(self, times: list[int], known: int, middle: int, seconds: int) -> list[int]:
        """The poll of every second, by its place in `times`; -1 for a gap.

        As in live trends the newest poll is in the middle of its second, so that polls which jitter
        leave neither gaps nor doubles.
        """
        out = []
        for back in range(min(seconds, LENGTH_S) - 1, -1, -1):
            at = middle - back * SECOND_MS
            place = bisect_right(times, at + SECOND_MS // 2, 0, known) - 1
            out.append(place if place >= 0 and at - times[place] < self._hold_ms else -1)
        return [-1] * (seconds - len(out)) + out

    def poll_after(self, pdu: str, at_ms: int) -> int | None:
        """When the next poll was, unix ms; None if it is not in memory."""
        block = self._blocks.get(pdu)
        if block is None or not block.from_ms <= at_ms < block.to_ms:
            return None
        place = bisect_right(block.times, at_ms)
        return block.times[place] if place < len(block.times) else None

    def poll_before(self, pdu: str, at_ms: int) -> int | None:
        """When the last poll before a moment was, unix ms; None if it is not in memory."""
        block = self._blocks.get(pdu)
        if block is None or not block.from_ms <= at_ms < block.to_ms:
            return None
        place = bisect_right(block.times, at_ms - 1)
        return block.times[place - 1] if place else None


async def usual_interval_s(
    reader: HistoryReader, pdus: Sequence[str], from_ms: int, to_ms: int, default_s: float
) -> float:
    """How far apart polls usually were in a span, from the first PDU that tells.

    Raises StoreTrouble where nothing can be read.
    """
    for pdu in pdus:
        keys = tuple([series.key for series in (await reader.series(pdu))[:_TELLING]])
        if not keys:
            continue
        query = HistoryQuery(pdu=pdu, keys=keys, from_ms=from_ms, to_ms=to_ms, step_ms=SECOND_MS)
        found = (await reader.window(query)).points.values()
        times = sorted(set().union(*(points.ts_ms for points in found)))
        if len(times) > 1:
            apart = sorted(b - a for a, b in pairwise(times))
            return max(0.1, apart[(len(apart) - 1) // 2] / 1000)
    return default_s
