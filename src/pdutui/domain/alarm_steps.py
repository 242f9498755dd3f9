"""Loads that step: much more or much less within two polls, and nobody here has switched."""

from __future__ import annotations

from collections.abc import Iterator

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
        self._before: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._seen_s: float | None = None

    def forget(self) -> None:
        """What comes next is compared with nothing before it."""
        self._before, self._last, self._seen_s = {}, {}, None

    def look(self, reading: Reading, now_s: float, *, explained: bool) -> Iterator[Finding]:
        """Steps from the reading before the last to this one.

        A step that is told is over: what follows is compared with where it has led to.

        Args:
            reading: the next one.
            now_s: when it came, in seconds that do not jump.
            explained: an outlet was switched a moment ago; no step is told then.
        """
        if self._percent <= 0:
            return
        if self._seen_s is not None and now_s - self._seen_s > self._gap_s:
            self.forget()
        self._seen_s = now_s
        now: dict[str, float] = {}
        stepped: set[int | None] = set()
        for part, name, kind, limit_a in _parts(reading):
            if part.current_a is None:
                continue
            current_a = now[name] = part.current_a
            was_a = self._before.get(name)
            if was_a is None or explained or not limit_a:
                continue
            percent = 100.0 * (current_a - was_a) / limit_a
            if abs(percent) < self._percent:
                continue
            self._last[name] = current_a
            if kind == "inlet" and part.module in stepped:
                continue  # the bank behind it has said so
            stepped.add(part.module)
            text = (
                f"{load_label(part, kind)} went from {amps(was_a)} to {amps(current_a)}"
                f" ({percent:+.0f} % of {limit_a:g} A)"
            )
            finding = found("load_step", "warning", text, part=name, series=f"{name}.current_a")
            yield finding
        if explained:
            self._before, self._last = now, now
        else:
            self._before = {name: self._last.get(name, value) for name, value in now.items()}
            self._last = now


def _parts(reading: Reading) -> Iterator[tuple[Bank | Inlet, str, str, float | None]]:
    """Banks first: what steps there steps in its inlet too."""
    for bank in reading.banks:
        yield bank, f"bank.{bank.number}", "bank", bank_limit_a(bank)
    for inlet in reading.inlets:
        yield inlet, f"inlet.{inlet.number}", "inlet", inlet.rating_a
