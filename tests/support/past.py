"""A past that a test makes up: readings and marks, asked like those of the store."""

from __future__ import annotations

import copy
import functools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from pdutui.domain.history import (
    Gap,
    HistoryQuery,
    HistoryWindow,
    Level,
    Mark,
    MarkKind,
    Moment,
    Points,
    RecordedPdu,
    SeriesInfo,
)
from pdutui.domain.ledger import Ledger
from pdutui.domain.reading import Bank, Inlet, Outlet, PollStats, Reading
from pdutui.domain.series import series_values

BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def at(seconds: float) -> datetime:
    """So many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)


def reading(pdu: str, seconds: float, power_w: float = 100.0, state: str = "on") -> Reading:
    """A small PDU whose current tells the time: seconds / 1000 A."""
    amps = round(seconds / 1000, 3)
    return Reading(
        pdu=pdu,
        time=at(seconds),
        model="PDU15SWHVIEC8FNET",
        serial="S1",
        profile="cyberpower-epdu",
        inlets=(Inlet(number=1, name="I1", voltage_v=230.0, current_a=amps, power_w=power_w),),
        banks=(Bank(number=1, name="Bank 1", current_a=amps, rating_a=16.0, state="normal"),),
        outlets=(
            Outlet(number=1, name="san", state=state, switchable=True, current_a=amps, power_w=9.0),  # type: ignore[arg-type]
            Outlet(number=2, name="db01", state="on", switchable=True, current_a=0.5, power_w=60.0),
        ),
    )


def polls(
    pdu: str, seconds: float, *, interval_s: float = 1.0, phase_s: float = 0.35,
    gaps: Sequence[tuple[float, float]] = (),
) -> list[Reading]:  # fmt: skip
    """Polls from the beginning on, but for gaps (from, to)."""
    times = [phase_s + n * interval_s for n in range(int((seconds - phase_s) / interval_s) + 1)]
    return [reading(pdu, t) for t in times if not any(a < t < b for a, b in gaps)]


def mark(
    seconds: float, pdu: str, text: str, kind: MarkKind = "event", level: Level = "info"
) -> Mark:
    return Mark(ts_ms=ms(at(seconds)), pdu=pdu, kind=kind, level=level, text=text)


class MadeUpPast:
    """Implements `HistoryReader` over lists, and counts what it is asked."""

    def __init__(self, readings: Iterable[Reading], marks: Iterable[Mark] = ()) -> None:
        self.readings: dict[str, list[Reading]] = {}
        for each in sorted(readings, key=lambda r: r.time):
            self.readings.setdefault(each.pdu, []).append(each)
        self.all_marks = sorted(marks, key=lambda m: m.ts_ms)
        self.moments_asked: list[tuple[str, int, int]] = []
        self.complete = True
        self._tables: dict[str, tuple[list[int], dict[str, list[float | None]]]] = {}
        self._when: dict[str, list[int]] = {}
        self.trouble: Exception | None = None

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def _table(self, pdu: str) -> tuple[list[int], dict[str, list[float | None]]]:
        """All that was kept of a PDU, by columns; made when first asked for."""
        kept = self.readings.get(pdu, [])
        known = self._tables.get(pdu)
        if known is None or len(known[0]) != len(kept):
            columns: dict[str, list[float | None]] = {}
            for place, each in enumerate(kept):
                for series, value in series_values(each).items():
                    column = columns.setdefault(series.key, [None] * len(kept))
                    column[place] = None if value is None else value / series.units_per
            known = self._tables[pdu] = ([ms(each.time) for each in kept], columns)
        return known

    async def pdus(self) -> list[RecordedPdu]:
        self._check()
        return [
            RecordedPdu(name=name, oldest_ms=ms(kept[0].time), newest_ms=ms(kept[-1].time))
            for name, kept in sorted(self.readings.items())
        ]

    async def series(self, pdu: str) -> list[SeriesInfo]:
        self._check()
        kept = self.readings.get(pdu, ())
        keys = dict.fromkeys(
            s.key for each in kept[:1] for s, value in series_values(each).items()
            if value is not None
        )  # fmt: skip
        return [SeriesInfo(key=key, name=key, unit="") for key in keys]

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        self._check()
        assert query.to_ms > query.from_ms
        step = query.step_ms or 1000
        times, columns = self._table(query.pdu)
        begin, end = bisect_left(times, query.from_ms), bisect_left(times, query.to_ms)
        points = {}
        for key in query.keys:
            found: dict[int, list[float]] = {}
            column = columns.get(key, [None] * len(times))
            for ts, value in zip(times[begin:end], column[begin:end], strict=True):
                if value is not None:
                    found.setdefault(ts if step == 1000 else ts // step * step, []).append(value)
            points[key] = Points(
                key=key,
                ts_ms=list(found),
                n=[len(v) for v in found.values()],
                minimum=[min(v) for v in found.values()],
                mean=[sum(v) / len(v) for v in found.values()],
                maximum=[max(v) for v in found.values()],
                last=[v[-1] for v in found.values()],
                hold_ms=1750,
            )
        kept = self.readings.get(query.pdu, ())
        gaps = [
            Gap(ms(a.time), ms(b.time))
            for a, b in pairwise(kept)
            if (b.time - a.time).total_seconds() > 1.75
        ]
        return HistoryWindow(
            query=query,
            step_ms=step,
            points=points,
            gaps=tuple(g for g in gaps if g.to_ms > query.from_ms and g.from_ms < query.to_ms),
            oldest_ms=ms(kept[0].time) if kept else None,
            newest_ms=ms(kept[-1].time) if kept else None,
        )

    async def marks(self, pdu: str, from_ms: int, to_ms: int, *, limit: int = 1000) -> list[Mark]:
        self._check()
        found = [m for m in self.all_marks if from_ms <= m.ts_ms < to_ms and pdu in ("", m.pdu)]
        return found[-limit:]

    async def next_mark(self, pdus: Sequence[str], after_ms: int) -> Mark | None:
        self._check()
        return next((m for m in self.all_marks if m.ts_ms > after_ms and m.pdu in pdus), None)

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        self._check()
        self.moments_asked.append((pdu, at_ms, within_ms))
        times = self._times(pdu)
        place = bisect_right(times, at_ms) - 1
        if place < 0 or times[place] < at_ms - within_ms:
            return None
        return Moment(reading=self.readings[pdu][place], complete=self.complete)

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        self._check()
        return None

    def _times(self, pdu: str) -> list[int]:
        kept = self.readings.get(pdu, [])
        if len(self._when.get(pdu, ())) != len(kept):
            self._when[pdu] = [ms(each.time) for each in kept]
        return self._when.get(pdu, [])


def ats_past() -> MadeUpPast:
    """As `_ats_past`, with lists of its own; what is made of them is made once."""
    made = _ats_past()
    own = copy.copy(made)
    own.moments_asked = []
    return own


@functools.cache
def _ats_past() -> MadeUpPast:
    """Twenty minutes of the demo's two PDUs up to 14:02:11, as a chart and a replay show them.

    Source B is lost for a while, an outlet is switched, and for 30 s nothing was kept.
    """
    from tests.support.scenes import NOW, ats_reading, px_reading

    begin = NOW - timedelta(minutes=20)
    readings: list[Reading] = []
    for n in range(1200):
        time = begin + timedelta(seconds=n + 0.35)
        if 900 <= n < 930:
            continue
        wave = math.sin(n / 37) + 0.3 * math.sin(n / 7)
        ats = ats_reading(time=time)
        amps = round(3.1 + 0.2 * wave, 2)
        inlet = replace(ats.inlets[0], current_a=amps, power_w=round(amps * 116.5, 1))
        outlets = list(ats.outlets)
        if n >= 600:
            outlets[2] = replace(outlets[2], state="off", current_a=0.0, power_w=0.0)
        lost = 700 <= n < 760
        assert ats.ats is not None
        b = replace(
            ats.ats.sources[1],
            voltage_v=0.0 if lost else 121.4,
            frequency_hz=0.0 if lost else 60.0,
            state="lost" if lost else "normal",
        )
        switch = replace(
            ats.ats, sources=(ats.ats.sources[0], b), redundancy="lost" if lost else "full"
        )
        stats = PollStats()
        readings.append(
            replace(ats, inlets=(inlet,), outlets=tuple(outlets), ats=switch, poll=stats)
        )
        readings.append(replace(px_reading(time=time, outlets=8), poll=stats))

    def mark(n: float, pdu: str, text: str, kind: MarkKind, level: Level = "info") -> Mark:
        return Mark(ts_ms=ms(begin) + round(n * 1000), pdu=pdu, kind=kind, level=level, text=text)

    return MadeUpPast(
        readings,
        [
            mark(0, "ats-1", "live", "health"),
            mark(599.8, "ats-1", "Turn OFF outlet 3 db01 by ada: observed", "command"),
            mark(700.35, "ats-1", "source B lost, was normal", "alarm", "critical"),
            mark(700.35, "ats-1", "redundancy lost", "alarm", "critical"),
            mark(760.35, "ats-1", "source B normal, was lost", "event"),
            mark(903, "ats-1", "lost: no answer from 192.0.2.1", "health", "critical"),
            mark(930.35, "ats-1", "live", "health"),
            mark(1000, "rack1-a", "outlet 5 web01 is off, switched on the device", "event"),
        ],
    )
