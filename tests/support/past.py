"""A past that a test makes up: readings and marks, asked like those of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

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
from pdutui.domain.reading import Bank, Inlet, Outlet, Reading
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
        self.trouble: Exception | None = None

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble

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
        rows = [
            (ms(each.time), {s.key: (v, s.units_per) for s, v in series_values(each).items()})
            for each in self.readings.get(query.pdu, ())
            if query.from_ms <= ms(each.time) < query.to_ms
        ]
        points = {}
        for key in query.keys:
            found: dict[int, list[float]] = {}
            for ts, values in rows:
                value, scale = values.get(key, (None, 1))
                if value is not None:
                    found.setdefault(ts if step == 1000 else ts // step * step, []).append(
                        value / scale
                    )
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
        found = [r for r in self.readings.get(pdu, ()) if ms(r.time) <= at_ms]
        if not found or ms(found[-1].time) < at_ms - within_ms:
            return None
        return Moment(reading=found[-1], complete=self.complete)
