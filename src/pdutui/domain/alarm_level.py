"""How bad a figure is by its limits, and how far back it has to come to be well again."""

from __future__ import annotations

import msgspec

from pdutui.domain.alarm import AlarmLevel


class Limits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a figure should stay between. At a limit is beyond it."""

    high_warning: float | None = None
    high_critical: float | None = None
    low_warning: float | None = None
    low_critical: float | None = None
    band: float | None = None
    """The hysteresis, in the unit of the figure; None: `band_percent` of each limit."""
    band_percent: float = 3.0

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return not (
            self.high_warning is None
            and self.high_critical is None
            and self.low_warning is None
            and self.low_critical is None
        )


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a figure stands."""

    level: AlarmLevel | None = None
    """What it is beyond now."""
    holds: AlarmLevel | None = None
    """What it would still keep up: within the hysteresis of a limit, or beyond it."""
    limit: float | None = None
    """The limit that gives `level`, or else `holds`."""
    high: bool = True
    """It is too much, not too little."""


WELL = Standing()


def standing(value: float, limits: Limits) -> Standing:
    """Judge a figure. Too much and too little at once cannot be; the worse of two is told."""
    high = _side(value, limits.high_warning, limits.high_critical, limits, high=True)
    if limits.low_warning is None and limits.low_critical is None:
        return high
    low = _side(value, limits.low_warning, limits.low_critical, limits, high=False)
    return max((high, low), key=lambda one: (_rank(one.level), _rank(one.holds)))


def _side(
    value: float, warning: float | None, critical: float | None, limits: Limits, *, high: bool
) -> Standing:
    level: AlarmLevel | None = None
    holds: AlarmLevel | None = None
    at: float | None = None
    if critical is not None and _within_reach(value, critical, limits, high):
        holds, at = "critical", critical
    elif warning is not None and _within_reach(value, warning, limits, high):
        holds, at = "warning", warning
    if holds is None:
        return WELL
    if critical is not None and _beyond(value, critical, high):
        level = "critical"
    elif warning is not None and _beyond(value, warning, high):
        level, at = "warning", warning
    return Standing(level, holds, at, high)


def _beyond(value: float, limit: float, high: bool) -> bool:
    return value >= limit if high else value <= limit


def _within_reach(value: float, limit: float, limits: Limits, high: bool) -> bool:
    """Beyond the limit, or not back by the whole band."""
    band = limits.band if limits.band is not None else abs(limit) * limits.band_percent / 100.0
    if _beyond(value, limit, high):
        return True
    return value > limit - band if high else value < limit + band


def _rank(level: AlarmLevel | None) -> int:
    return 0 if level is None else 1 if level == "warning" else 2
