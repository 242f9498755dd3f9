"""How many OIDs one request may carry: learned, because no agent says so.

Some answer tooBig, some say nothing at all to a request that is too long, and a lost datagram looks
the same. So a size is given up only on evidence (it failed while a smaller one was answered at
once), tried again after a while, and given up for good when it has failed twice and never worked.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeVar

from pdutui.domain.clock import Clock

_FIRST_PAUSE_S = 15.0
_LONGEST_PAUSE_S = 3600.0
_DOUBTS = 2
"""So often in a row a size that used to work must fail before that counts as a failure."""

T = TypeVar("T")


class Sizing:
    """The request size for one device."""

    def __init__(self, limit: int, clock: Clock) -> None:
        """Start at `limit`, the most that is ever asked in one request."""
        self._clock = clock
        self._limit = max(1, limit)
        self._size = self._limit
        self._proven = 0
        self._failures: list[int] = []
        self._doubts = 0
        self._pause_s = _FIRST_PAUSE_S
        self._grow_at_s = 0.0

    @property
    def limit(self) -> int:
        """The most that is ever asked in one request; may be set when the family is known."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = max(1, limit)
        self._size = min(self._size, self._limit) if self._failures else self._limit

    @property
    def proven(self) -> int:
        """The largest request that has been answered; 0 before the first."""
        return self._proven

    @property
    def ceiling(self) -> int | None:
        """The smallest size that is known not to work; None while there is none."""
        return sorted(self._failures)[1] if len(self._failures) > 1 else None

    def choose(self) -> int:
        """How many OIDs the next requests should carry: now and then more than is known to work."""
        goal = self._goal()
        if goal > self._size and self._clock.monotonic() >= self._grow_at_s:
            return goal
        return self._size

    def _goal(self) -> int:
        ceiling = self.ceiling
        if ceiling is None:
            return min(self._limit, self._size * 2)
        if ceiling - self._size <= max(2, self._size // 4):
            return self._size
        return min(self._limit, (self._size + ceiling) // 2)

    def answered(self, count: int) -> None:
        """A request of `count` OIDs was answered, whatever the answer."""
        if count >= self._proven:
            self._proven, self._doubts = count, 0
        if count > self._size:
            self._size = min(count, self._limit)
        if self._failures:
            self._failures = [size for size in self._failures if size > count]

    def failed(self, count: int, worked: int) -> None:
        """A request of `count` OIDs came to nothing, one of `worked` (fewer) was answered."""
        if count <= self._proven:
            self._doubts += 1
            if self._doubts < _DOUBTS:
                return
            self._proven, self._doubts = worked, 0
        self._failures.append(count)
        self._size = max(1, min(self._size, worked))
        self._grow_at_s = self._clock.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


def pieces(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut into as few pieces of at most `size` as will do, all about equally long."""
    count = -(-len(items) // max(1, size))
    edges = [len(items) * n // count for n in range(count + 1)] if count else [0]
    return [items[a:b] for a, b in itertools.pairwise(edges)]
