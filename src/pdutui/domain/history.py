"""What can be asked of the past, and the answers: points of a line, gaps, marks.

Times are unix milliseconds, UTC; spans are half open, `from_ms` in and `to_ms` out. Values are in
units, as in a Reading; those of word series (`outlet.3.state`) are the codes of `domain.series`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.reading import Reading

SECOND_MS = 1000
MINUTE_MS = 60_000
QUARTER_MS = 900_000
"""A quarter of an hour: the coarsest step that is stored."""
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

MOST_POINTS = 3600
"""No line has more points."""

TIERS: tuple[tuple[int, int], ...] = (
    (HOUR_MS, SECOND_MS),
    (6 * HOUR_MS, 10 * SECOND_MS),
    (DAY_MS, MINUTE_MS),
    (7 * DAY_MS, 5 * MINUTE_MS),
    (30 * DAY_MS, QUARTER_MS),
    (60 * DAY_MS, 2 * QUARTER_MS),
)
"""Up to this span, points of this step."""

GAP_POLLS = 1.75
"""Rows further apart than so many polling intervals have lost time between them."""


def step_for(span_ms: int) -> int:
    """The step of the points for a span; the finest of `TIERS`, beyond them whole hours.

    Raises ValueError for a span that is not positive.
    """
    if span_ms <= 0:
        raise ValueError("a span of time ends after it begins")
    for longest_ms, step_ms in TIERS:
        if span_ms <= longest_ms:
            return step_ms
    return HOUR_MS * -(-span_ms // (HOUR_MS * MOST_POINTS))


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Points of some series of one PDU."""

    pdu: str
    keys: tuple[str, ...]
    """Such as `outlet.3.power_w`."""
    from_ms: int
    to_ms: int
    step_ms: int | None = None
    """None: as `step_for` says. Else a whole number of seconds that gives no more than
    `MOST_POINTS`; finer than what is stored any more gives what there is."""


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """One line: lists of one length, oldest first. A step without a value has no point."""

    key: str
    ts_ms: list[int]
    """Where the step begins; steps lie on whole multiples of `step_ms` since 1970. At 1 s the time
    of the poll itself."""
    n: list[int]
    """How many polls gave a value in it."""
    minimum: list[float]
    mean: list[float]
    maximum: list[float]
    last: list[float]
    hold_ms: int
    """Two points further apart than this have lost time between them: no line joins them."""


class Gap(msgspec.Struct, frozen=True, order=True):
    """Time without a reading, longer than `GAP_POLLS` polls: from one reading to the next."""

    from_ms: int
    to_ms: int


class HistoryWindow(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a HistoryQuery."""

    query: HistoryQuery
    step_ms: int
    """The step that was used."""
    points: dict[str, Points]
    """By key; every key that was asked for is there, if need be without points."""
    gaps: tuple[Gap, ...]
    """Within the span, oldest first; time before the first reading of all is none. A silence that
    goes on ends at `newest_ms` at the earliest and at `to_ms` at the latest."""
    oldest_ms: int | None
    """The first and the last reading that are known of this PDU at all; None without any."""
    newest_ms: int | None


MarkKind = Literal["command", "event", "transfer", "health", "alarm", "identity"]
Level = Literal["info", "warning", "critical"]
TRAP = " trap"
"""Stands in the event log behind the severity of what a trap says."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at a moment: a line of the audit, the event log, the health log."""

    ts_ms: int
    pdu: str
    """Empty for what concerns no PDU of its own."""
    kind: MarkKind
    """`transfer`: the active source changed. `identity`: another device answers, or another
    firmware. `alarm`: an event of warning or critical severity that is none of the others."""
    level: Level
    text: str
    """For people: `Turn OFF outlet 3 db01 by eva: observed`."""
    trap: bool = False
    """A trap says so."""


class SeriesInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A line that there is."""

    key: str
    name: str
    """Of the part: `Outlet 3 db01`, `Bank 1`, `Source A`, `Env 1`."""
    unit: str
    """`W`, `A`, `V`, `VA`, `Hz`, `kWh`, `°C`, `%`; empty for a power factor and for words."""
    words: dict[int, str] = {}
    """Of a word series: what its codes mean."""


class RecordedPdu(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU that has a past."""

    name: str
    oldest_ms: int
    newest_ms: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU as it was."""

    reading: Reading
    """The last one up to the moment. What was not kept is None: uptime; `poll` is all zero."""
    complete: bool
    """False: names and ratings of that time are not known and come from the series alone."""
