"""Drawing once for much that happens: the first at once, what comes right after it together."""

from __future__ import annotations

from collections.abc import Callable

from textual.message_pump import MessagePump

TOGETHER_S = 0.2
"""Five hundred alarms are no five hundred drawings."""


class Together:
    """Draws, and not again within `TOGETHER_S`; then whatever has come meanwhile.

    Args:
        pump: Has the timer; with it that ends.
        draw: Draws.
    """

    def __init__(self, pump: MessagePump, draw: Callable[[], object]) -> None:
        self._pump, self._draw = pump, draw
        self._wanted = self._resting = False

    def soon(self) -> None:
        """There is something new."""
        self._wanted = True
        if not self._resting:
            self._turn()

    def _turn(self) -> None:
        self._resting = self._wanted
        if self._wanted:
            self._wanted = False
            self._pump.set_timer(TOGETHER_S, self._turn)
            self._draw()
