"""When a PDU was looked at, by quarters of an hour: what energy figures can rest on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from pdutui.domain.history import QUARTER_MS

_LONGEST_POLL = 7
"""Quarters of an hour: the longest interval between polls is an hour, and a gap is 1.75 of them."""


class Lost(msgspec.Struct, frozen=True, order=True):
    """Time without a reading: from the reading before to the reading after, unix ms."""

    from_ms: int
    to_ms: int
    lost_from_ms: int
    """Where the next reading was due: up to there the one before stands."""

    @property
    def is_lost(self) -> bool:
        """Whether time was lost in it at all."""
        return self.lost_from_ms < self.to_ms


class Cover:
    """The quarters of an hour from the first to the last reading of a PDU, less what is lost."""

    def __init__(
        self,
        *,
        oldest_ms: int,
        newest_ms: int,
        polls: Mapping[int, int],
        lost: Sequence[Lost] = (),
        replaced: Sequence[int] = (),
    ) -> None:
        """What was recorded.

        Args:
            oldest_ms: The first reading.
            newest_ms: The last one.
            polls: How many there were, by quarters since 1970; those with at least one.
            lost: Gaps, oldest first. Long silence that is in none of them counts as lost too.
            replaced: When another device answered than before, unix ms.
        """
        self.polls = polls
        self.lost = tuple(sorted([*lost, *_silences(polls, lost)]))
        self.gaps_into = {
            gap.to_ms // QUARTER_MS: gap
            for gap in self.lost
            if gap.from_ms // QUARTER_MS != gap.to_ms // QUARTER_MS
        }
        """Gaps that reach over the edge of a quarter, by the one in which they end."""
        self.first = oldest_ms // QUARTER_MS
        self.end = newest_ms // QUARTER_MS + 1
        """The quarter after the last one."""
        n = self.end - self.first
        self.recorded_ms = [QUARTER_MS] * n
        """Of each quarter, how much lies between the first and the last reading."""
        self.recorded_ms[0] -= oldest_ms % QUARTER_MS
        self.recorded_ms[-1] -= QUARTER_MS - newest_ms % QUARTER_MS
        self.covered_ms = self.recorded_ms.copy()
        """Of each quarter, how much has readings."""
        for gap in self.lost:
            begin = max(gap.lost_from_ms, gap.from_ms, oldest_ms)
            end = min(gap.to_ms, newest_ms)
            for q in range(begin // QUARTER_MS, -(-end // QUARTER_MS)):
                ms = min(end, (q + 1) * QUARTER_MS) - max(begin, q * QUARTER_MS)
                place = q - self.first
                self.covered_ms[place] = max(0, self.covered_ms[place] - max(0, ms))
        self._replaced = sorted(ms // QUARTER_MS for ms in replaced)
        self.has_changes = bool(replaced)
        """Whether another device ever answered."""

    def replaced_within(self, after_q: int, q: int) -> bool:
        """Whether another device came in the quarters after `after_q`, up to and with `q`."""
        return bisect_right(self._replaced, after_q) < bisect_right(self._replaced, q)


def _silences(polls: Mapping[int, int], lost: Sequence[Lost]) -> list[Lost]:
    """Quarters without a poll that no gap accounts for and that are too many for a slow poll."""
    ended = {gap.to_ms // QUARTER_MS for gap in lost}
    order = sorted(polls)
    out = []
    for q, after in pairwise(order):
        if after - q > _LONGEST_POLL and after not in ended:
            begin, end = (q + 1) * QUARTER_MS, after * QUARTER_MS
            out.append(Lost(begin, end, begin))
    return out
