"""Energy budgets: what was used in a calendar period against what may be."""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.alarm_finding import Finding
from pdutui.domain.history import HOUR_MS
from pdutui.domain.periods import Period
from pdutui.domain.reading import Reading
from pdutui.domain.tariff import UWH_PER_KWH

Per = Literal["day", "week", "month"]
PER_WORDS: dict[Per, str] = {"day": "today", "week": "this week", "month": "this month"}
PER_NAMES: dict[Per, str] = {"day": "the day", "week": "the week", "month": "the month"}
ENOUGH = 0.9
"""Of the time so far: where less is known, that a budget is kept cannot be said."""
LONGEST_STEP_MS = 5 * 60_000
"""A power stands for the time since the one before, up to this."""
MOST_W = 100_000.0
"""No rack PDU draws more: a counter that says so was set, not grown."""
_SLACK_KWH = 0.2
"""On top of that, what a counter may grow by in one step: some count in tenths."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What one PDU used in a period, as far as it is known."""

    uwh: int = 0
    known_ms: int = 0
    """The time whose energy is in `uwh`."""


class Live:
    """What a PDU has used since it was last looked up, from its readings.

    Its inlets' counters tell it where all of them count, else their measured power. Where neither
    does, the time is not known.
    """

    def __init__(self, reading: Reading | None, at_ms: int) -> None:
        """Begin with what it said then."""
        self._before = reading
        self._at_ms = at_ms
        self.used = Used()

    def add(self, reading: Reading | None, at_ms: int) -> None:
        """A minute later. None: it cannot be read; its counters tell the time between later."""
        if reading is None or at_ms <= self._at_ms:
            return
        before, begin = self._before, self._at_ms
        self._before, self._at_ms = reading, at_ms
        grown = None if before is None else _grown_uwh(before, reading, at_ms - begin)
        if grown is None and at_ms - begin <= LONGEST_STEP_MS:
            grown = _drawn_uwh(reading, at_ms - begin)
        if grown is not None:
            self.used = Used(uwh=self.used.uwh + grown, known_ms=self.used.known_ms + at_ms - begin)


def _grown_uwh(before: Reading, now: Reading, ms: int) -> int | None:
    """What the counters of all inlets grew by; None where one does not tell, or was set."""
    was = {inlet.number: inlet.energy_kwh for inlet in before.inlets}
    most = MOST_W / 1000 * ms / HOUR_MS + _SLACK_KWH
    total = 0.0
    for inlet in now.inlets:
        begin, end = was.get(inlet.number), inlet.energy_kwh
        if begin is None or end is None or not 0 <= end - begin <= most:
            return None
        total += end - begin
    if not now.inlets or before.serial != now.serial:
        return None
    return round(total * UWH_PER_KWH)


def _drawn_uwh(now: Reading, ms: int) -> int | None:
    """What the measured power drew; None where an inlet does not tell."""
    watts = [inlet.power_w for inlet in now.inlets]
    known = [w for w in watts if w is not None]
    if not known or len(known) < len(watts):
        return None
    return round(sum(known) * ms / HOUR_MS / 1000 * UWH_PER_KWH)


class BudgetUse(msgspec.Struct, frozen=True, kw_only=True):
    """A budget as it stands now."""

    name: str
    per: Per
    period: Period
    kwh: float
    """What may be used."""
    warning_percent: float
    used_kwh: float
    """At least: what is known of."""
    known: float
    """0..1: the share of the time so far, over all its PDUs, whose energy is in `used_kwh`."""
    unknown: tuple[str, ...] = ()
    """PDUs of which less than `ENOUGH` is known."""

    @property
    def percent(self) -> float:
        """Of the budget, at least."""
        return 100 * self.used_kwh / self.kwh


def use_of(
    name: str,
    per: Per,
    period: Period,
    kwh: float,
    warning_percent: float,
    used: dict[str, Used],
    now_ms: int,
) -> BudgetUse:
    """A budget from what each of its PDUs used."""
    so_far = max(1, now_ms - period.from_ms)
    shares = {pdu: min(1.0, one.known_ms / so_far) for pdu, one in used.items()}
    return BudgetUse(
        name=name,
        per=per,
        period=period,
        kwh=kwh,
        warning_percent=warning_percent,
        used_kwh=sum(one.uwh for one in used.values()) / UWH_PER_KWH,
        known=sum(shares.values()) / len(shares) if shares else 0.0,
        unknown=tuple(pdu for pdu, share in shares.items() if share < ENOUGH),
    )


def judge_budget(use: BudgetUse) -> Finding:
    """What a budget says: too much is too much even where not all is known, enough is not.

    It has no hysteresis: what was used is never less later, and a new period begins at nothing.
    """
    level: Literal["warning", "critical"] | None = None
    limit = use.kwh
    if use.used_kwh > use.kwh:
        level = "critical"
    elif use.percent >= use.warning_percent:
        level, limit = "warning", use.kwh * use.warning_percent / 100
    return Finding(
        kind="energy_budget",
        rule=use.name,
        level=level,
        holds=level,
        known=level is not None or not use.unknown,
        text=budget_text(use),
        value=round(use.used_kwh, 3),
        limit=round(limit, 3),
        unit="kWh",
    )


def budget_text(use: BudgetUse) -> str:
    """`Budget rack 1: 98.4 of 120 kWh (82 %) this week`; with `at least` where it may be more."""
    least = "at least " if use.unknown else ""
    figures = f"{least}{kwh_text(use.used_kwh)} of {kwh_text(use.kwh)} kWh ({use.percent:.0f} %)"
    return f"Budget {use.name}: {figures} {PER_WORDS[use.per]}"


def kwh_text(value: float) -> str:
    """`98.4`, `0.059`, `12346`: four figures of it."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"
