"""Energy budgets, watched: the history tells what was used, and readings what came since.

The history is asked anew every quarter of an hour, PDU by PDU: it takes some 40 ms of a thread for
a month, too much for every minute of fifty PDUs. In between the counters of the inlets are
followed. So what is said is a minute old at the most, and what live counting got wrong is put
right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from fnmatch import fnmatchcase

from pdutui.domain.alarm_budget import (
    PER_NAMES,
    BudgetUse,
    Live,
    Per,
    Used,
    judge_budget,
    use_of,
)
from pdutui.domain.alarm_finding import Finding
from pdutui.domain.energy_sum import Bands, figure
from pdutui.domain.history import QUARTER_MS
from pdutui.domain.ledger import Ledger
from pdutui.domain.periods import Period, ms_of, period_at
from pdutui.domain.reading import Reading
from pdutui.engine.alarms.out import Surroundings
from pdutui.settings import BudgetSettings
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader

EVERY_S = 60.0
AGAIN_MS = QUARTER_MS
"""How long what the history said is good for."""
PAUSE_S = 0.02
"""Between two questions to the history: others ask it too."""


_UNJUDGED = "energy budgets are not judged"


class _Meter:
    """What one PDU used in each of the periods that budgets are for."""

    def __init__(self) -> None:
        self.asked_ms: int | None = None
        """When the history was asked last; None: never with an answer."""
        self.tried_ms: int | None = None
        self._stored: dict[Period, Used] = {}
        self._live = Live(None, 0)

    def is_due(self, periods: Sequence[Period], now_ms: int) -> bool:
        """Whether the history is to be asked: it is long ago, or a new period has begun."""
        if self.asked_ms is None or any(period not in self._stored for period in periods):
            return True
        return not 0 <= now_ms - self.asked_ms < AGAIN_MS

    def stored(
        self, ledger: Ledger | None, periods: Sequence[Period], reading: Reading | None, now_ms: int
    ) -> None:
        """What the history says, up to now."""
        self.asked_ms = now_ms
        self._stored = {period: _used(ledger, period, now_ms) for period in periods}
        self._live = Live(reading, now_ms)

    def heard(self, reading: Reading | None, now_ms: int) -> None:
        """What it says now."""
        self._live.add(reading, now_ms)

    def used(self, period: Period) -> Used:
        """In a period, up to now."""
        stored = self._stored.get(period)
        if stored is None:
            return Used()
        live = self._live.used
        return Used(uwh=stored.uwh + live.uwh, known_ms=stored.known_ms + live.known_ms)


def _used(ledger: Ledger | None, period: Period, now_ms: int) -> Used:
    span = Period(period.from_ms, max(period.from_ms + 1, min(now_ms, period.to_ms)), "")
    found = figure(ledger, span, Bands(None, 0, 0, UTC))
    if found.uwh is None:
        return Used()
    first, end = span.from_ms // QUARTER_MS, -(-span.to_ms // QUARTER_MS)
    known_ms = round(found.known * (end - first) * QUARTER_MS)
    return Used(uwh=found.uwh, known_ms=min(known_ms, span.to_ms - span.from_ms))


class BudgetWatch:
    """A `Watcher` of the configured budgets.

    Args:
        around: What it needs of the engine.
    """

    every_s = EVERY_S

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        names = [pdu.name for pdu in around.settings.pdus]
        self._budgets = [(one, _fitting(one, names)) for one in around.settings.alarms.budgets]
        pdus = {pdu for _, fits in self._budgets for pdu in fits}
        self._meters = {name: _Meter() for name in names if name in pdus}
        self._problem = ""
        self._uses: tuple[BudgetUse, ...] = ()
        self._noted: set[tuple[str, str]] = set()
        """Budgets and periods of which it was said that too little is known."""

    @property
    def problem(self) -> str:
        """Why it cannot judge; empty when all is well."""
        return self._problem

    @property
    def uses(self) -> tuple[BudgetUse, ...]:
        """The budgets as they stood at the last look."""
        return self._uses

    async def look(self) -> Sequence[tuple[str, Finding]]:
        """Every budget now; with its PDU where it is for one alone."""
        now_ms = self._now_ms()
        periods = {per: period_at(per, now_ms, self._around.zone) for per in self._pers()}
        await self._ask(tuple(periods.values()), now_ms)
        now_ms = max(now_ms, self._now_ms())
        readings = self._around.readings()
        for pdu, meter in self._meters.items():
            meter.heard(readings.get(pdu), now_ms)
        found = []
        uses = []
        for budget, pdus in self._budgets:
            if not pdus:
                continue
            use = self._use(budget, pdus, periods[budget.per], now_ms)
            uses.append(use)
            found.append((pdus[0] if len(pdus) == 1 else "", judge_budget(use)))
        self._uses = tuple(uses)
        if not self._problem:
            self._say_what_is_unknown(uses)
        return found

    def _say_what_is_unknown(self, uses: Sequence[BudgetUse]) -> None:
        """Once for each budget and period, and not as trouble: it began in the middle, mostly."""
        for use in uses:
            key = (use.name, use.period.label)
            if use.unknown and key not in self._noted:
                self._noted.add(key)
                self._around.note("", "info", unknown_text(use))

    def _use(
        self, budget: BudgetSettings, pdus: Sequence[str], period: Period, now_ms: int
    ) -> BudgetUse:
        used = {pdu: self._meters[pdu].used(period) for pdu in pdus}
        return use_of(
            budget.name, budget.per, period, budget.kwh, budget.warning_percent, used, now_ms
        )

    def _pers(self) -> Sequence[Per]:
        return sorted({budget.per for budget, _ in self._budgets})

    # -- the history -------------------------------------------------------------------------

    async def _ask(self, periods: Sequence[Period], now_ms: int) -> None:
        """Ask the history about the PDUs that it was not asked about for long."""
        due = [pdu for pdu, meter in self._meters.items() if meter.is_due(periods, now_ms)]
        if not due:
            return
        self._problem = ""
        try:
            reader = await self._around.history()
            if reader is None:
                self._problem = f"{_UNJUDGED}: there is no history to be read"
                return
            for pdu in due:
                await self._ask_about(pdu, reader, periods)
                await self._around.clock.sleep(PAUSE_S)
        except StoreTrouble as trouble:
            self._problem = f"{_UNJUDGED}: {trouble.phrase}"

    async def _ask_about(self, pdu: str, reader: HistoryReader, periods: Sequence[Period]) -> None:
        reading = self._around.readings().get(pdu)
        now_ms = self._now_ms()
        begin = min(period.from_ms for period in periods)
        ledger = await reader.used(pdu, begin, now_ms + 1)
        self._meters[pdu].stored(ledger, periods, reading, now_ms)

    def _now_ms(self) -> int:
        return ms_of(self._around.clock.now())


def _fitting(budget: BudgetSettings, names: Sequence[str]) -> tuple[str, ...]:
    """The PDUs of a budget, in the configured order."""
    if not budget.pdus:
        return tuple(names)
    return tuple(n for n in names if any(fnmatchcase(n, pattern) for pattern in budget.pdus))


def unknown_text(use: BudgetUse) -> str:
    """That what is known of a budget's period is not enough to say that it is kept."""
    whose = use.unknown[0] if len(use.unknown) == 1 else f"{len(use.unknown)} PDUs"
    return (
        f"budget {use.name}: of {whose} too little is known of {PER_NAMES[use.per]}"
        f" ({100 * use.known:.0f} % of the time so far) to say that it is kept"
    )
