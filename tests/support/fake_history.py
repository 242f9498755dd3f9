"""A past made by hand: a stand-in for the reader, whose lines can be worked out again."""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import Callable, Iterable, Sequence

from pdutui.domain.history import (
    HOUR_MS,
    Gap,
    HistoryQuery,
    HistoryWindow,
    Mark,
    Moment,
    Points,
    RecordedPdu,
    SeriesInfo,
    step_for,
)
from pdutui.domain.ledger import Ledger
from pdutui.domain.reading import Reading
from pdutui.domain.series import UNITS_PER, parse_series, series_values
from pdutui.store.errors import StoreTrouble

_UNITS = {
    "voltage_v": "V", "current_a": "A", "power_w": "W", "apparent_power_va": "VA",
    "frequency_hz": "Hz", "energy_kwh": "kWh",
}  # fmt: skip


class FakeReader:
    """Lines that swing round the values of a reading; a poll every second from `oldest_ms` on.

    What a test may set: `gaps` (silence), `happened` (marks), `trouble` (raised by every
    question), `gate` (questions wait for it), `levels` (a line's level at a moment).
    """

    def __init__(self, readings: Iterable[Reading], oldest_ms: int, now: Callable[[], int]) -> None:
        self._readings = {reading.pdu: reading for reading in readings}
        self.oldest_ms, self._now = oldest_ms, now
        self.gaps: tuple[Gap, ...] = ()
        self.happened: list[Mark] = []
        self.trouble = ""
        self.gate: asyncio.Event | None = None
        self.levels: dict[str, Callable[[int], float]] = {}
        self.queries: list[HistoryQuery] = []
        self.cancelled: list[HistoryQuery] = []

    async def _asked(self) -> None:
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble:
            raise StoreTrouble("io", self.trouble)

    async def pdus(self) -> list[RecordedPdu]:
        await self._asked()
        return [
            RecordedPdu(name=name, oldest_ms=self.oldest_ms, newest_ms=self._now())
            for name in sorted(self._readings)
        ]

    async def series(self, pdu: str) -> list[SeriesInfo]:
        await self._asked()
        if pdu not in self._readings:
            return []
        return [
            SeriesInfo(
                key=series.key,
                name=f"{series.entity} {series.id} as recorded",
                unit=_UNITS.get(series.field, "°C" if series.field == "value" else ""),
                words={code: word for word, code in (series.codes or {}).items()},
            )
            for series, value in series_values(self._readings[pdu]).items()
            if value is not None
        ]

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        self.queries.append(query)
        try:
            await self._asked()
        except asyncio.CancelledError:
            self.cancelled.append(query)
            raise
        step = query.step_ms or step_for(query.to_ms - query.from_ms)
        known = query.pdu in self._readings
        begin, end = max(query.from_ms, self.oldest_ms), min(query.to_ms, self._now() + 1)
        gaps = tuple(
            Gap(max(g.from_ms, begin), min(g.to_ms, end))
            for g in self.gaps
            if g.to_ms > begin and g.from_ms < end
        )
        return HistoryWindow(
            query=query,
            step_ms=step,
            points={
                key: self._points(query.pdu, key, begin if known else end, end, step)
                for key in query.keys
            },
            gaps=gaps if known else (),
            oldest_ms=self.oldest_ms if known else None,
            newest_ms=self._now() // 1000 * 1000 if known else None,
        )

    def _points(self, pdu: str, key: str, begin: int, end: int, step: int) -> Points:
        level, words = self.level(pdu, key), parse_series(key).codes is not None
        ts, n, low, mean, high, last = [], [], [], [], [], []
        for at in range(begin // step * step, end, step):
            if at < begin and step == 1000:
                continue
            inside = [g for g in self.gaps if g.from_ms < at + step - 1 and at < g.to_ms]
            if any(g.from_ms <= at and at + step <= g.to_ms for g in inside):
                continue
            value = level(at)
            swing = 0.0 if step == 1000 or words else abs(value) * 0.02
            ts.append(at)
            n.append(step // 1000)
            low.append(value - swing)
            mean.append(value)
            high.append(value + swing)
            last.append(value)
        hold = round(1.75 * step)
        return Points(
            key=key, ts_ms=ts, n=n, minimum=low, mean=mean, maximum=high, last=last, hold_ms=hold
        )

    def level(self, pdu: str, key: str) -> Callable[[int], float]:
        """What a line is at a moment."""
        if key in self.levels:
            return self.levels[key]
        series = parse_series(key)
        reading = self._readings.get(pdu)
        stored = series_values(reading).get(series) if reading is not None else None
        base = (stored or 0) / UNITS_PER[series.field]
        if series.codes is not None:
            return lambda at: base
        phase = zlib.crc32(key.encode()) % 628 / 100

        def swings(at: int) -> float:
            hours = at / HOUR_MS
            wave = 0.08 * math.sin(hours * 2.1 + phase) + 0.02 * math.sin(hours * 31.0 + phase)
            return round(base * (1 + wave), 4)

        return swings

    async def marks(self, pdu: str, from_ms: int, to_ms: int, *, limit: int = 1000) -> list[Mark]:
        await self._asked()
        found = [
            m
            for m in self.happened
            if (not pdu or m.pdu in ("", pdu)) and from_ms <= m.ts_ms < to_ms
        ]
        return sorted(found, key=lambda mark: mark.ts_ms)[-limit:]

    async def next_mark(self, pdus: Sequence[str], after_ms: int) -> Mark | None:
        await self._asked()
        found = [m for m in self.happened if m.pdu in pdus and m.ts_ms > after_ms]
        return min(found, key=lambda mark: mark.ts_ms, default=None)

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        await self._asked()
        reading = self._readings.get(pdu)
        return Moment(reading=reading, complete=True) if reading is not None else None

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        await self._asked()
        return None
