"""Work that is too much for one go, in small steps: no key waits for it, and no poll."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pdutui.domain.clock import Clock

BUDGET_S = 0.01
"""So long it works at a time."""
AGAIN_S = 0.05
"""So long after that it goes on."""
_REST = 9.0
"""So many times as long as all of it took, it rests before it begins anew."""

Steps = Callable[[], Iterator[None]]


class Piecemeal:
    """Goes through rounds of work. Whoever has it calls `go_on`, as long as it is `busy`.

    Args:
        clock: Its monotonic seconds count.
        steps: Begins a round: a generator that yields after each small step.
        pause_s: It rests so long at least.
    """

    def __init__(self, clock: Clock, steps: Steps, *, pause_s: float = 0.0) -> None:
        self._clock, self._steps, self._pause_s = clock, steps, pause_s
        self._round: Iterator[None] | None = None
        self._spent_s = 0.0
        self._free_s = clock.monotonic()

    @property
    def busy(self) -> bool:
        """Whether a round is under way."""
        return self._round is not None

    def anew(self) -> None:
        """Drop what is under way, and begin with the next call: something else is wanted."""
        self._round, self._spent_s = None, 0.0
        self._free_s = self._clock.monotonic()

    def go_on(self) -> bool:
        """Work for a while, if it is time to. Returns whether a round has come to its end."""
        begun_s = self._clock.monotonic()
        if self._round is None:
            if begun_s < self._free_s:
                return False
            self._round, self._spent_s = self._steps(), 0.0
        for _ in self._round:
            if self._clock.monotonic() - begun_s >= BUDGET_S:
                self._spent_s += self._clock.monotonic() - begun_s
                return False
        now_s = self._clock.monotonic()
        self._round = None
        rest_s = _REST * (self._spent_s + now_s - begun_s)
        self._free_s = now_s + max(self._pause_s, rest_s)
        return True
