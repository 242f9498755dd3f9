"""A past for the demo's stand-in engine, and what happened in it."""

from __future__ import annotations

from pdutui.domain.clock import Clock
from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, Gap, Level, Mark, MarkKind
from tests.support.fake_engine import FakeEngine
from tests.support.fake_history import FakeReader

_HAPPENED: tuple[tuple[int, MarkKind, Level, str], ...] = (
    (3000, "command", "info", "Turn OFF outlet 3 db01 by eva: observed"),
    (2900, "command", "info", "Turn ON outlet 3 db01 by eva: observed"),
    (2040, "health", "critical", "lost: no answer for 3 s"),
    (1860, "health", "info", "live again"),
    (900, "transfer", "warning", "Transfer from source A to source B: A under voltage"),
    (600, "alarm", "warning", "bank 2 warning: 13.1 A, limit 12 A"),
    (90_000, "event", "info", "outlet 8 node08 went off"),
)


def with_history(engine: FakeEngine, clock: Clock, days: int = 70) -> FakeReader:
    """Give the engine a past of so many days, with gaps and marks."""

    def now() -> int:
        return round(clock.now().timestamp() * 1000)

    begin = now()
    readings = [view.reading for view in engine.views.values() if view.reading is not None]
    reader = FakeReader(readings, begin - days * DAY_MS, now)
    reader.gaps = (
        Gap(begin - 9 * HOUR_MS, begin - 8 * HOUR_MS),
        Gap(begin - 34 * MINUTE_MS, begin - 31 * MINUTE_MS),
    )
    reader.happened = [
        Mark(ts_ms=begin - ago * 1000, pdu="ats-1", kind=kind, level=level, text=text)
        for ago, kind, level, text in _HAPPENED
    ]
    engine.reader = reader
    return reader
