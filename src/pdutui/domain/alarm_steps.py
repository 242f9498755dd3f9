"""Loads that step: much more or much less within two polls, and nobody here has switched."""

from __future__ import annotations

from pdutui.domain.alarm_finding import Finding, found
from pdutui.domain.alarm_loads import load_label
from pdutui.domain.load import bank_limit_a
from pdutui.domain.naming import amps
from pdutui.domain.reading import Bank, Inlet, Reading

SETTLE_S = 15.0
"""How long a switch of an outlet may still be what moves a load."""


class LoadSteps:
    """Remembers the last two currents of each bank and inlet of one PDU.

    Args:
        percent: of the rating; 0: no step is one.
        gap_s: readings further apart are not compared.
    """

    def __init__(self, percent: float, gap_s: float) -> None:
        self._percent = percent
        self._gap_s = gap_s
        self._before: list[float | None] = []
        self._last: list[float | None] = []
        self._seen_s: float | None = None

    def forget(self) -> None:
        """What comes next is compared with nothing before it."""
        self._before, self._last, self._seen_s = [], [], None

    def look(self, reading: Reading, now_s: float, *, explained: bool) -> list[Finding]:
        """Steps from the reading before the last to this one.

        A step that is told is over: what follows is compared with where it has led to.

        Args:
            reading: the next one.
            now_s: when it came, in seconds that do not jump.
            explained: an outlet was switched a moment ago; no step is told then.
        """
        if self._percent <= 0:
            return []
        # Banks first: what steps there steps in its inlet too.
        parts: tuple[Bank | Inlet, ...] = (*reading.banks, *reading.inlets)
        now = [part.current_a for part in parts]
        gap = self._seen_s is not None and now_s - self._seen_s > self._gap_s
        self._seen_s = now_s
        if explained or gap or len(now) != len(self._last):
            self._before = self._last = now
            return []
        before, self._before, self._last = self._before, self._last, now
        steps: list[Finding] = []
        stepped: set[int | None] = set()
        for index, (part, was_a, current_a) in enumerate(zip(parts, before, now, strict=True)):
            if was_a is None or current_a is None or was_a == current_a:
                continue
            limit_a = bank_limit_a(part) if isinstance(part, Bank) else part.rating_a
            if not limit_a or 100.0 * abs(current_a - was_a) / limit_a < self._percent:
                continue
            self._before = [*self._before[:index], current_a, *self._before[index + 1 :]]
            if isinstance(part, Bank) or part.module not in stepped:
                steps.append(_step(part, was_a, current_a, limit_a))
            stepped.add(part.module)
        return steps


def _step(part: Bank | Inlet, was_a: float, current_a: float, limit_a: float) -> Finding:
    kind = "bank" if isinstance(part, Bank) else "inlet"
    percent = 100.0 * (current_a - was_a) / limit_a
    text = (
        f"{load_label(part, kind)} went from {amps(was_a)} to {amps(current_a)}"
        f" ({percent:+.0f} % of {limit_a:g} A)"
    )
    name = f"{kind}.{part.number}"
    return found("load_step", "warning", text, part=name, series=f"{name}.current_a")
