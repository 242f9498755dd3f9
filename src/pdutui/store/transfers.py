"""When the load of a transfer switch moved from one source to the other, exact to the poll.

Rollups tell in which quarters of an hour there is something to be found; the polls of those hours
tell when. Where polls are not kept any more, it is the quarter.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.domain.series import CODES, parse_series
from pdutui.store.fold import NONE, Rollup
from pdutui.store.rollups import between, read_rollups
from pdutui.store.samples import Past

ACTIVE = parse_series("ats.0.active")
_WORDS = {code: word for word, code in CODES["ats.active"].items()}


class Transfer(msgspec.Struct, frozen=True):
    """A change of the active source."""

    ts_ms: int
    """Of the first poll that showed it."""
    was: str
    now: str
    """`A`, `B` or `none`."""

    @property
    def text(self) -> str:
        """As the event log has it."""
        if self.now == "none":
            return "no source carries the load"
        came = "" if self.was == "none" else f" from {self.was}"
        return f"transferred{came} to source {self.now}"


def find_transfers(past: Past, from_ms: int, to_ms: int) -> Iterator[Transfer]:
    """Transfers within a span, oldest first. `past` is to have `ACTIVE` as its only series."""
    first = from_ms // DAY_MS - 1  # the day before, to know which source was active
    loose = set(past.loose_hours(first * DAY_MS, to_ms))
    last: int | None = None
    for day in range(first, -(-to_ms // DAY_MS)):
        block = read_rollups(past, "quarters", day).get(ACTIVE.key, NONE)
        for hour in range(day * 24, (day + 1) * 24):
            rollup = between(block, hour * HOUR_MS, (hour + 1) * HOUR_MS)
            if hour not in loose and not _moves(rollup, last):
                last = rollup.last[-1] if rollup.at else last
                continue
            for ts, value in _values(past, hour, rollup, loose=hour in loose):
                if last is not None and value != last and from_ms <= ts < to_ms:
                    yield Transfer(ts, _WORDS.get(last, "none"), _WORDS.get(value, "none"))
                last = value


def _moves(rollup: Rollup, last: int | None) -> bool:
    known = {*rollup.min, *rollup.max} | (set() if last is None else {last})
    return bool(rollup.at) and len(known) > 1


def _values(past: Past, hour: int, rollup: Rollup, *, loose: bool) -> Iterator[tuple[int, int]]:
    """What was active in an hour, poll by poll, or quarter by quarter."""
    samples = past.hour(hour, loose=loose)
    values = samples.columns.get(ACTIVE.key)
    pairs = (
        zip(rollup.at, rollup.last, strict=True)
        if values is None
        else zip(samples.ts, values, strict=True)
    )
    for ts, value in pairs:
        if value is not None:
            yield ts, value
