"""How many OIDs one request may carry: learned, because no agent says so.

Some answer tooBig, some say nothing at all to a request that is too long, and a lost datagram looks
the same. So silence is weighed against the loss of the line: a size is given up only when that many
silent sends in a row would be very unlikely as mere loss, while a smaller request was answered. It
is tried again after a while, and given up for good when it has failed twice and never worked since.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TypeVar

from pdutui.domain.clock import Clock

_FIRST_PAUSE_S = 15.0
_LONGEST_PAUSE_S = 3600.0
_CHANCE = 0.03
"""A size that has never worked is given up when its silence would be mere loss with less than this
chance ..."""
_CHANCE_PROVEN = 1e-4
"""... and this is for sizes that have worked: there, loss is far more likely to begin with."""
_LEAST = 4
"""Silence alone never shrinks requests below this: no device is known that takes fewer."""
_MEMORY = 0.98
"""Weight of what is known of the line after each further send that is understood."""

T = TypeVar("T")


class Loss:
    """How often a datagram or its answer is lost on this line."""

    def __init__(self) -> None:
        self._lost = 0.0
        self._sent = 0.0

    def learn(self, *, lost: int, answered: int) -> None:
        """So many sends were lost, and so many answered, for certain."""
        for count, loss in ((lost, 1.0), (answered, 0.0)):
            for _ in range(count):
                self._lost = self._lost * _MEMORY + loss
                self._sent = self._sent * _MEMORY + 1.0

    @property
    def rate(self) -> float:
        """The share that is lost; before anything is known, a little."""
        return min(0.7, max(0.02, (self._lost + 0.6) / (self._sent + 4.0)))


class Sizing:
    """The request size for one device."""

    def __init__(self, limit: int, clock: Clock) -> None:
        """Start at `limit`, the most that is ever asked in one request."""
        self._clock = clock
        self._limit = max(1, limit)
        self._size = self._limit
        self._proven = 0
        self._failures: list[int] = []
        self._silent: dict[int, int] = {}
        """Sends by size that nothing came back for, since a request of that size was answered."""
        self._loss = Loss()
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
        lost = 0
        if self._silent:
            lost = sum(sends for size, sends in self._silent.items() if size <= count)
            self._silent = {size: sends for size, sends in self._silent.items() if size > count}
        self._loss.learn(lost=lost, answered=1)
        self._proven = max(self._proven, count)
        if count > self._size:
            self._size = min(count, self._limit)
        if self._failures and min(self._failures) <= count:
            self._failures = [size for size in self._failures if size > count]
            self._pause_s = _FIRST_PAUSE_S

    def silent(self, count: int) -> None:
        """One send of `count` OIDs came to nothing; why is not known yet."""
        self._silent[count] = self._silent.get(count, 0) + 1

    def suspected(self, count: int, worked: int) -> None:
        """A request of `count` OIDs stayed silent, one of `worked` (fewer) was answered.

        The smallest size whose silence is more than loss is given up, none below it.
        """
        smaller, sends = worked, 0
        for size in sorted(s for s in self._silent if max(worked, _LEAST) < s <= count):
            sends += self._silent[size]
            chance = _CHANCE_PROVEN if size <= self._proven else _CHANCE
            if sends * math.log(self._loss.rate) <= math.log(chance):
                self.failed(size, max(smaller, _LEAST))
                return
            smaller = size

    def failed(self, count: int, worked: int) -> None:
        """A request of `count` OIDs was too long for certain, one of `worked` (fewer) is not."""
        self._silent = {size: sends for size, sends in self._silent.items() if size < count}
        self._proven = min(self._proven, worked)
        self._failures.append(count)
        self._size = max(1, min(self._size, worked))
        self._grow_at_s = self._clock.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


def pieces(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut into as few pieces of at most `size` as will do, all about equally long."""
    count = -(-len(items) // max(1, size))
    edges = [len(items) * n // count for n in range(count + 1)] if count else [0]
    return [items[a:b] for a, b in itertools.pairwise(edges)]
