"""How far back the trends go, and the second that they end with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.widgets.trend import WINDOWS, first_series

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.view import PduView
    from pdutui.screens.port import EnginePort


class TrendSpan:
    """The time that the charts show.

    Args:
        clock: For the time of day.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chosen_s: int | None = None
        self._phases: dict[str, float] = {}
        """PDU -> where in the second its polls end."""

    def window(self, view: PduView, engine: EnginePort | None) -> int:
        """Seconds: as chosen, else as far back as there is something to see."""
        if self._chosen_s is not None:
            return self._chosen_s
        key = first_series(view.reading) if view.reading else None
        if key is None or engine is None:
            return WINDOWS[-1]
        samples = engine.trend(view.info.name, key, WINDOWS[-1])
        first = next((i for i, s in enumerate(samples) if s is not None), len(samples) - 1)
        return next((w for w in WINDOWS if len(samples) - first <= w), WINDOWS[-1])

    def step(self, by: int, view: PduView, engine: EnginePort | None) -> None:
        """Choose a longer or a shorter time."""
        place = WINDOWS.index(self.window(view, engine)) + by
        self._chosen_s = WINDOWS[max(0, min(len(WINDOWS) - 1, place))]

    def second(self, view: PduView) -> int:
        """The second that the trends end with, on the grid of the PDU's polls.

        Polls come once a second but not on the full one: rounded to their own phase, a poll that
        is a little early or late does not make the charts jump back and forth.
        """
        if view.reading is None:
            return 0
        at = view.reading.time.timestamp()
        phase = self._phases.setdefault(view.info.name, at % 1.0)
        if view.health != "live":
            at = self._clock.now().timestamp()
        return round(at - phase)
