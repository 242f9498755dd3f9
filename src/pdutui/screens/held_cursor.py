"""A cursor in a list that changes by itself: it stays with what it is on, not at a place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

_Row = TypeVar("_Row")

SLIPPED_S = 2.0
"""So long after what was chosen has gone no key does anything about what stands there now."""


class HeldCursor(Generic[_Row]):
    """Which row is chosen."""

    def __init__(self) -> None:
        self._held: _Row | None = None
        """What is chosen; None: the first, until that is held."""
        self._place = 0
        self._slipped_s: float | None = None

    def place(self, rows: Sequence[_Row]) -> int:
        """Where it is: on the same row, however many have come before it.

        Where that is not there any more, on the one that stands in its place.
        """
        last = max(0, len(rows) - 1)
        if self._held is None:
            return min(self._place, last)
        begin = min(self._place, len(rows))
        # Most lists grow at their top: it is found at once, or a little further down.
        for part, first in ((rows[begin:], begin), (rows[:begin], 0)):
            if self._held in part:
                return first + part.index(self._held)
        return min(self._place, last)

    def hold(self, rows: Sequence[_Row], now_s: float) -> None:
        """Stay with what is under it, as that is being drawn now."""
        if not rows:
            return
        self._place = self.place(rows)
        if self._held is not None and rows[self._place] != self._held:
            self._slipped_s = now_s
        self._held = rows[self._place]

    def choose(self, place: int, rows: Sequence[_Row]) -> None:
        """Somebody chose a row; it is moved into the list."""
        self._place = max(0, min(len(rows) - 1, place))
        self._held = rows[self._place] if rows else None
        self._slipped_s = None

    def begin(self) -> None:
        """Another list: its first row."""
        self._place, self._held, self._slipped_s = 0, None, None

    def slipped(self, now_s: float) -> bool:
        """Whether another row has just come under it, by itself."""
        return self._slipped_s is not None and now_s - self._slipped_s < SLIPPED_S
