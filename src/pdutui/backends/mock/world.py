"""Time for the model: fixed steps and exact events, however often somebody looks."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

STEP_S = 1.0
"""Voltages, loads and sensors move once in this many seconds; relays and incidents at any time."""

Action = Callable[[float], None]


class Part(Protocol):
    """Something in the world that changes with time."""

    def integrate(self, seconds: float) -> None:
        """Count what flowed in an interval in which nothing changed."""
        ...

    def step(self, at_s: float) -> None:
        """Move everything that drifts by one step."""
        ...

    def settle(self, at_s: float) -> None:
        """Work out the consequences of what has just changed."""
        ...


class World:
    """One or more PDUs on one time line.

    Between two changes everything stands still, so what a reading says depends on the time alone
    and not on how often the world was looked at. Times inside are seconds since `start_s`.
    """

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self._parts: list[Part] = []
        self._events: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._steps = 0
        self._last_s = 0.0
        self._now_s = 0.0

    @property
    def now_s(self) -> float:
        """How far the world has come, in seconds since it began."""
        return self._now_s

    @property
    def since_change_s(self) -> float:
        """Seconds since anything last changed: what flowed in them is not yet integrated."""
        return self._now_s - self._last_s

    def add(self, part: Part) -> None:
        """Let a part live in this world; parts step and settle in the order they were added."""
        self._parts.append(part)

    def start(self) -> None:
        """Settle everything at time 0, once all parts are in."""
        for part in self._parts:
            part.settle(0.0)

    def at(self, due_s: float, action: Action) -> None:
        """Do something at an exact time (seconds since the beginning), or now if it has passed."""
        heapq.heappush(self._events, (max(due_s, self._last_s), next(self._order), action))

    def after(self, delay_s: float, action: Action) -> None:
        """Do something so many seconds from now."""
        self.at(self._now_s + delay_s, action)

    def advance(self, clock_s: float) -> None:
        """Go on to a time of the outer clock. A time already passed changes nothing."""
        target = round(clock_s - self._start_s, 6)
        while True:
            step_s = (self._steps + 1) * STEP_S
            event_s = self._events[0][0] if self._events else float("inf")
            due_s = min(step_s, event_s)
            if due_s > target:
                break
            self._move_to(due_s)
            if event_s <= step_s:
                heapq.heappop(self._events)[2](due_s)
            else:
                self._steps += 1
                for part in self._parts:
                    part.step(due_s)
            self.changed()
        self._now_s = max(self._now_s, target)

    def changed(self) -> None:
        """Work out the consequences of a change made just now."""
        self._move_to(self._now_s)
        for part in self._parts:
            part.settle(self._now_s)

    def _move_to(self, at_s: float) -> None:
        seconds = at_s - self._last_s
        if seconds > 0:
            for part in self._parts:
                part.integrate(seconds)
        self._last_s = max(self._last_s, at_s)
        self._now_s = max(self._now_s, at_s)
