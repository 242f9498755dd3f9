"""What is known of the line to one device: when it was heard, and how long an answer takes."""

from __future__ import annotations

from pdutui.domain.clock import Clock
from pdutui.domain.health import Link

FIRST_WAIT_S = 0.5
"""How long the first datagram of all is waited for."""
SHORTEST_WAIT_S = 0.15
"""Agents on small controllers stall for moments; asking again sooner only adds to their load."""


class LineWatch:
    """Keeps `Link` up to date and says how long to wait for an answer.

    The wait follows Jacobson's estimate as TCP does: smoothed round trip plus four deviations.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._opened_s = clock.monotonic()
        self._heard_s: float | None = None
        self._unanswered = 0
        self._srtt: float | None = None
        self._rttvar = 0.0

    @property
    def link(self) -> Link:
        """The state of the line now."""
        return Link(
            opened_s=self._opened_s, last_heard_s=self._heard_s, unanswered=self._unanswered
        )

    @property
    def heard_s(self) -> float | None:
        """When the last valid answer came in, on the injected clock."""
        return self._heard_s

    def heard(self, round_trip_s: float) -> None:
        """A valid answer came in, in time or late, so long after its request."""
        self._heard_s = self._clock.monotonic()
        self._unanswered = 0
        if self._srtt is None:
            self._srtt, self._rttvar = round_trip_s, round_trip_s / 2
            return
        self._rttvar += (abs(round_trip_s - self._srtt) - self._rttvar) / 4
        self._srtt += (round_trip_s - self._srtt) / 8

    def missed(self) -> None:
        """One datagram went out and its wait is over."""
        self._unanswered += 1

    def first_wait(self, longest_s: float) -> float:
        """Seconds to wait before a request is sent again for the first time."""
        wait = FIRST_WAIT_S if self._srtt is None else self._srtt + 4 * self._rttvar
        return min(max(wait, SHORTEST_WAIT_S), longest_s)
