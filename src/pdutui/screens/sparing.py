"""Work that may be dear, done again and again: never more than a tenth of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pdutui.domain.clock import Clock

T = TypeVar("T")
_REST = 9.0
"""So many times as long as it took, it rests."""


class Sparing:
    """Measures what is done, and says when it is time for the next.

    A preview of fifty outlets takes 50 ms, in which no key is heard and no poll goes out.

    Args:
        clock: Its monotonic seconds count.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_s = clock.monotonic()

    @property
    def due(self) -> bool:
        """Whether it has rested long enough."""
        return self.wait_s <= 0

    @property
    def wait_s(self) -> float:
        """How long it is to rest yet; 0 and less: it has."""
        return self._free_s - self._clock.monotonic()

    def run(self, work: Callable[[], T]) -> T:
        """Do it now, whether it is time or not."""
        begun_s = self._clock.monotonic()
        try:
            return work()
        finally:
            now_s = self._clock.monotonic()
            self._free_s = now_s + _REST * (now_s - begun_s)
