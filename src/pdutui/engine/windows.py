"""Maintenance windows: whether one is open, and when the next one opens.

Pure functions of a moment, a zone and a PDU's name. A weekly window is made of times that the clock
on the wall shows. Where that clock jumps ahead, a time that it skips is the moment of the jump, so
a window that lies in the skipped hour does not open; where it is set back and shows an hour twice,
the first time counts, for the beginning and for the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fnmatch import fnmatchcase

import msgspec

from pdutui.settings import WindowSettings

_AHEAD_DAYS = 15
"""How far the next opening is looked for: two weeks, as the hour of one may be skipped."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A window, and when it is open."""

    window: str
    begins: datetime
    """UTC."""
    ends: datetime
    """UTC; the first moment at which it is not open any more."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """How the windows of a PDU stand at a moment."""

    planned: bool
    """Whether any window is for it at all; without one it may be switched at any time."""
    now: Opening | None = None
    """The one that is open, the last to close if there are several."""
    next: Opening | None = None
    """Where none is open: the next to open; None: none in the next two weeks."""

    @property
    def open(self) -> bool:
        """Whether it may be switched, as far as windows go."""
        return not self.planned or self.now is not None


def hours_of(windows: Sequence[WindowSettings], pdu: str, now: datetime, zone: tzinfo) -> Hours:
    """How its windows stand.

    Args:
        windows: all that are configured.
        pdu: configured name of a PDU.
        now: any aware moment.
        zone: of the clock on the wall.
    """
    own = [window for window in windows if _is_for(window, pdu)]
    if not own:
        return Hours(planned=False)
    at = now.astimezone(UTC)
    spans = [span for window in own for span in _spans(window, at, zone) if span.ends > at]
    is_open = [span for span in spans if span.begins <= at]
    if is_open:
        return Hours(planned=True, now=max(is_open, key=lambda span: span.ends))
    return Hours(planned=True, next=min(spans, key=lambda span: span.begins, default=None))


def closed_because(hours: Hours, pdu: str, zone: tzinfo) -> str:
    """Why a PDU may not be switched now, by its windows; empty where it may."""
    if hours.open:
        return ""
    if hours.next is None:
        return f"no maintenance window of {pdu} is open, and none opens in the next two weeks"
    begins = hours.next.begins.astimezone(zone)
    return (
        f"no maintenance window of {pdu} is open: the next, {hours.next.window},"
        f" opens on {begins:%a %Y-%m-%d} at {begins:%H:%M}"
    )


def _is_for(window: WindowSettings, pdu: str) -> bool:
    return not window.pdus or any(fnmatchcase(pdu, pattern) for pattern in window.pdus)


def _spans(window: WindowSettings, at: datetime, zone: tzinfo) -> list[Opening]:
    """When it is open, from yesterday's on: one that runs over midnight began then."""
    if window.begins is not None and window.ends is not None:
        begins, ends = window.begins.astimezone(UTC), window.ends.astimezone(UTC)
        return [Opening(window=window.name, begins=begins, ends=ends)]
    today = at.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(-1, _AHEAD_DAYS))
    spans = [_on(window, day, zone) for day in days if day.weekday() in window.days]
    return [span for span in spans if span.begins < span.ends]


def _on(window: WindowSettings, day: date, zone: tzinfo) -> Opening:
    over = 0 if window.to_min > window.from_min else 1
    return Opening(
        window=window.name,
        begins=_moment(day, window.from_min, zone),
        ends=_moment(day + timedelta(days=over), window.to_min, zone),
    )


def _moment(day: date, minutes: int, zone: tzinfo) -> datetime:
    """The first moment at which the clock on the wall shows that time, or has passed it."""
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # It is skipped: taken with the offset of before it lies behind the jump, with that of after it
    # before. What the wall shows passes `wall` at the jump itself.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while moment - before > timedelta(seconds=1):
        middle = before + (moment - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            moment = middle
        else:
            before = middle
    return moment.replace(microsecond=0)
