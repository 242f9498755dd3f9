"""Polls of one meter and the quarters of an hour that the store makes of them, made another way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pdutui.domain.energy import account
from pdutui.domain.energy_time import Cover, Lost
from pdutui.domain.history import GAP_POLLS, QUARTER_MS
from pdutui.domain.ledger import Ledger, Meter

Poll = tuple[int, int | None, int | None]
"""Unix ms, the counter in Wh, the power in tenths of a watt."""

MINUTE = 60_000
HOUR = 3_600_000
Q = QUARTER_MS
START = 1_795_046_400_000
"""2026-11-19T00:00Z."""


def meter(polls: Sequence[Poll]) -> Meter:
    """What is stored of polls in order of time."""
    at = sorted({ts // Q for ts, _, _ in polls})
    energy = [[e for ts, e, _ in polls if ts // Q == q and e is not None] for q in at]
    power = [[p for ts, _, p in polls if ts // Q == q and p is not None] for q in at]
    return Meter(
        at=at,
        energy_n=[len(v) for v in energy],
        energy_min=[min(v, default=None) for v in energy],
        energy_max=[max(v, default=None) for v in energy],
        energy_last=[v[-1] if v else None for v in energy],
        power_n=[len(v) for v in power],
        power_sum=[sum(v) if v else None for v in power],
        power_max=[max(v, default=None) for v in power],
        state_n=[0] * len(at),
    )


def cover(polls: Sequence[Poll], interval_ms: int, replaced: Sequence[int] = ()) -> Cover:
    """When it was looked at."""
    times = [ts for ts, _, _ in polls]
    counts: dict[int, int] = {}
    for ts in times:
        counts[ts // Q] = counts.get(ts // Q, 0) + 1
    return Cover(
        oldest_ms=times[0],
        newest_ms=times[-1],
        polls=counts,
        lost=[
            Lost(a, b, a + interval_ms)
            for a, b in pairwise(times)
            if b - a > GAP_POLLS * interval_ms
        ],
        replaced=replaced,
    )


def ledger(
    polls: Sequence[Poll], interval_ms: int = MINUTE, replaced: Sequence[int] = (), **more: float
) -> Ledger:
    """The accounts of a meter."""
    return account(meter(polls), cover(polls, interval_ms, replaced), part="outlet.1", **more)


def steady(
    minutes: range, *, watts: float, counter: float | None = 0.0, step: int = 1
) -> list[Poll]:
    """A poll a minute, at half past it, of a part that draws the same all the time.

    Args:
        minutes: Which, since `START`.
        watts: The power.
        counter: What the counter shows at `START`, Wh; None without one.
        step: The counter goes in steps of so many Wh.
    """
    out: list[Poll] = []
    for minute in minutes:
        ts = START + minute * MINUTE + MINUTE // 2
        wh = None if counter is None else counter + watts * (minute + 0.5) / 60
        out.append((ts, None if wh is None else int(wh // step * step), round(watts * 10)))
    return out
