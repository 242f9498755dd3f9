"""Months of history piece by piece, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, Points

Figure = Literal["n", "min", "mean", "max", "last"]
POLLS = 0


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A piece: some hours or days."""

    from_ms: int
    to_ms: int
    """What it covers; the next piece begins there."""
    step_ms: int
    """The step that was used, which may be coarser than what was asked for; 0: every poll."""
    ts_ms: list[int]
    """Moments of the rows: of every poll, also one that gave none of the wanted values; or where
    the steps begin that have a value of any wanted series."""
    points: dict[str, Points]
    """By key; moments without a value have no point."""

    def column(self, key: str, figure: Figure) -> list[float | None]:
        """A value for each of `ts_ms`, None where there is none."""
        points = self.points[key]
        values: list[float] = {
            "n": points.n,
            "min": points.minimum,
            "mean": points.mean,
            "max": points.maximum,
            "last": points.last,
        }[figure]  # type: ignore[assignment]  # the counts are whole numbers
        if len(values) == len(self.ts_ms):
            return list(values)
        known = dict(zip(points.ts_ms, values, strict=True))
        return [known.get(ts) for ts in self.ts_ms]


def pieces(from_ms: int, to_ms: int, step_ms: int) -> Iterator[tuple[int, int]]:
    """A span cut where steps begin: hours of polls, and of rollups what comes to about as much."""
    step = step_ms or HOUR_MS
    rough = HOUR_MS
    if step_ms and step_ms % QUARTER_MS == 0:
        rough = 10 * DAY_MS
    elif step_ms and step_ms % MINUTE_MS == 0:
        rough = 12 * HOUR_MS
    length = -(-rough // step) * step
    at = from_ms
    while at < to_ms:
        end = min(to_ms, (at // length + 1) * length)
        yield at, end
        at = end
