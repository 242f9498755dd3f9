"""What the big history chart shows: lines, thresholds, marks, gaps, the cursor. Pure data.

The history screen makes it, `chart` draws it, `chart_svg` makes a picture of it.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Literal

import msgspec

from pdutui.domain.history import Gap, Mark, Points, SeriesInfo

MOST_LINES = 4
"""So many series at once; with a comparison, each is drawn twice."""


class ChartLine(msgspec.Struct, frozen=True, kw_only=True):
    """One series in the chart."""

    info: SeriesInfo
    points: Points
    slot: int
    """0 to 3: its ink and its letter, the same as long as it is in the chart."""
    shift_ms: int = 0
    """Of a comparison: how much later it is drawn than it was, a day or a week; else 0."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A level drawn across the chart."""

    value: float
    unit: str
    level: Literal["warning", "critical", "rating"]
    text: str
    """`Bank 1 warning`."""


class ChartModel(msgspec.Struct, frozen=True, kw_only=True):
    """The chart of one moment of the screen."""

    pdu: str
    from_ms: int
    to_ms: int
    step_ms: int
    zone: tzinfo
    """Of the time axis and of every time that is written."""
    lines: tuple[ChartLine, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    marks: tuple[Mark, ...] = ()
    gaps: tuple[Gap, ...] = ()
    oldest_ms: int | None = None
    """Before the first reading there is nothing, and it is no gap."""
    newest_ms: int | None = None
    cursor_ms: int | None = None
    band: bool = True
    """Whether min and max are drawn beside the mean."""
    live: bool = True
    """It follows the newest reading."""
    stale: bool = False
    """It cannot follow just now: the PDU does not answer, or the past cannot be read."""
    notes: bool = True
    """Whether what the marks say stands below the chart."""
    now_ms: int | None = None
    """The present, where the window reaches a little beyond it; None: `to_ms` is the present of a
    live chart."""
    as_of_ms: int | None = None
    """The moment of a replay: it shows what was known then; None: what is known now."""

    @property
    def present_ms(self) -> int:
        """What the age of the newest reading counts from."""
        return self.to_ms if self.now_ms is None else self.now_ms
