"""Last loads from the history, for outlets that have been off since the program started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.clock import Clock
from pdutui.domain.history import DAY_MS, HistoryQuery, Points
from pdutui.engine.fleet import Pdu

if TYPE_CHECKING:
    from pdutui.store.port import HistoryReader

_SPANS_MS = (DAY_MS, 60 * DAY_MS)
"""How far back is looked: coarser steps the further."""


async def recall_loads(pdu: Pdu, reader: HistoryReader | None, clock: Clock) -> None:
    """Have a PDU remember what its outlets carried when they were last drawing.

    Only those are asked for that do not draw now and of which nothing is known. A history that
    cannot be read changes nothing.
    """
    from pdutui.store.errors import StoreTrouble

    for span_ms in _SPANS_MS:
        numbers = pdu.loads.missing()
        if reader is None or not numbers:
            return
        now_ms = int(clock.now().timestamp() * 1000)
        keys = [f"outlet.{n}.{what}" for n in numbers for what in ("power_w", "current_a")]
        query = HistoryQuery(pdu=pdu.name, keys=tuple(keys), from_ms=now_ms - span_ms, to_ms=now_ms)
        try:
            window = await reader.window(query)
        except StoreTrouble:
            return
        now_s = clock.monotonic()
        for number in numbers:
            power = _last_load(window.points[f"outlet.{number}.power_w"])
            current = _last_load(window.points[f"outlet.{number}.current_a"])
            began = [found[1] for found in (power, current) if found is not None]
            if began:
                pdu.loads.recall(
                    number,
                    power[0] if power is not None else None,
                    current[0] if current is not None else None,
                    now_s - (now_ms - max(began)) / 1000.0,
                )


def _last_load(points: Points) -> tuple[float, int] | None:
    """The last mean that is a load, and when its step began, in unix milliseconds.

    In its last step an outlet was off for a part of the time; so the higher of that and the one
    before counts.
    """
    for place in range(len(points.ts_ms) - 1, -1, -1):
        if points.mean[place] > 0:
            before = points.mean[place - 1] if place else 0.0
            return max(points.mean[place], before), points.ts_ms[place]
    return None
