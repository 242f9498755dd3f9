"""How often may be switched: what comes faster is a loop, not a person.

Counted is what is sent, at the moment at which it is; what policy refuses costs nothing. Taking
back a delayed command is never counted nor held up: it is the way out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.engine.subject import is_preference

WINDOW_S = 60.0
_SWITCH = -1
"""Stands for the transfer switch among the outlets."""


def subject_number(outlet: int, action: Action) -> int:
    """What a command is about, as a number: the outlet, `WHOLE_PDU`, -1 for the transfer switch."""
    return _SWITCH if is_preference(action) else outlet


class Rates:
    """What was sent to one PDU within the last minute."""

    def __init__(self, per_pdu: int, per_outlet: int) -> None:
        """Limits a minute; 0 is none."""
        self._per_pdu = per_pdu
        self._per_outlet = per_outlet
        self._all: deque[float] = deque()
        self._each: dict[int, deque[float]] = {}
        self._others: tuple[tuple[int, float], ...] = ()

    def limit(self, per_pdu: int, per_outlet: int) -> None:
        """Hold to other limits. What was sent has been sent: it goes on counting."""
        self._per_pdu = per_pdu
        self._per_outlet = per_outlet

    def count(self, outlet: int, action: Action, now_s: float) -> None:
        """A command goes out now."""
        if action in ("cancel", "all_cancel"):
            return
        self._all.append(now_s)
        self._each.setdefault(subject_number(outlet, action), deque()).append(now_s)

    def hear(self, others: Iterable[tuple[int, float]]) -> None:
        """What other programs have sent: `subject_number`, and when. It replaces what was heard."""
        self._others = tuple(others)

    def refusal(self, outlet: int, action: Action, now_s: float) -> tuple[float, str]:
        """Seconds until a command may be sent, and why it may not now; 0 and nothing if it may."""
        if action in ("cancel", "all_cancel"):
            return 0.0, ""
        number = subject_number(outlet, action)
        own = list(self._recent(self._each.get(number), now_s))
        if number > WHOLE_PDU:  # a command on all outlets was one on this outlet too
            own = [*own, *self._recent(self._each.get(WHOLE_PDU), now_s)]
        heard = [(about, at_s) for about, at_s in self._others if at_s > now_s - WINDOW_S]
        fits = {number, WHOLE_PDU} if number > WHOLE_PDU else {number}
        own = sorted([*own, *(at_s for about, at_s in heard if about in fits)])
        every = sorted([*self._recent(self._all, now_s), *(at_s for _, at_s in heard)])
        waits = (
            (_wait_s(own, self._per_outlet, now_s), _commanded(number, len(own))),
            (_wait_s(every, self._per_pdu, now_s), _sent(len(every))),
        )
        wait_s, what = max(waits)
        if wait_s <= 0:
            return 0.0, ""
        return wait_s, f"{what} within a minute: free in {_whole(wait_s)} s"

    @staticmethod
    def _recent(times: deque[float] | None, now_s: float) -> deque[float]:
        if times is None:
            return deque()
        while times and times[0] <= now_s - WINDOW_S:
            times.popleft()
        return times


def _wait_s(times: list[float], limit: int, now_s: float) -> float:
    """Until there are fewer than `limit` within the window."""
    if limit <= 0 or len(times) < limit:
        return 0.0
    return times[-limit] + WINDOW_S - now_s


def _whole(seconds: float) -> int:
    """Rounded up: who waits that long is let through."""
    return int(seconds) + (seconds > int(seconds))


def _commanded(number: int, times: int) -> str:
    """What was commanded, and how often."""
    what = {WHOLE_PDU: "all of it", _SWITCH: "its transfer switch"}.get(number, "the outlet")
    often = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"{what} was commanded {often}"


def _sent(count: int) -> str:
    return f"{count} command{' was' if count == 1 else 's were'} sent to the PDU"
