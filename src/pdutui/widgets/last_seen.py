"""What a person saw when a key was pressed, where what is shown has changed by itself since. Pure.

A list that is sorted anew has another row under the cursor from one frame to the next. Who pressed
Enter then had the frame before in sight: it takes a person longer than that to see another one,
and a terminal some time to draw it.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pdutui.domain.clock import Clock

Seen = TypeVar("Seen")

EYE_S = 0.6
"""So long a key or a click means what was there before."""


class LastSeen(Generic[Seen]):
    """Remembers what was there before it changed by itself.

    Args:
        clock: Its monotonic seconds count.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._before: tuple[Seen, float] | None = None

    def changed(self, before: Seen) -> None:
        """It has changed by itself; of several changes in a row the first one counts."""
        now_s = self._clock.monotonic()
        if self._before is None or now_s - self._before[1] >= EYE_S:
            self._before = before, now_s

    def chosen(self) -> None:
        """Somebody has changed it: they know what is there now."""
        self._before = None

    def meant(self, now: Seen) -> Seen:
        """What a key of this moment means, where so much is there now."""
        if self._before is None or self._clock.monotonic() - self._before[1] >= EYE_S:
            return now
        return self._before[0]
