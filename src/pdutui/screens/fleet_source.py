"""Where the fleet screen has its rows from: the live PDUs, or something that stands in for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pdutui.domain.alarm import Alarm
from pdutui.domain.clock import Clock
from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_rows import (
    NO_ALARMS,
    NOTHING,
    AlarmCounts,
    Facts,
    count_alarms,
    facts_of,
    row_of,
)
from pdutui.domain.reading import Reading
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.engine.view import PduView
from pdutui.screens.port import EnginePort
from pdutui.screens.trend_span import TrendSpan

TREND_S = 60
"""How far back a row's trend goes."""
Samples = Sequence[float | None]


class RowsSource(Protocol):
    """What gives the fleet screen its rows. Another one in its place makes it a what-if."""

    def hear(self, event: EngineEvent) -> None:
        """Something happened: what is costly may be worked out now, spread over the second."""
        ...

    def refresh(self) -> None:
        """Bring the rows up to now. Called once a second, and before a frame that news bring."""
        ...

    def rows(self) -> Sequence[FleetRow]:
        """One a PDU, in configured order, as they were refreshed last.

        A row that says the same is the same object: what was drawn of it is kept.
        """
        ...

    def trend(self, pdu: str) -> tuple[Samples, int]:
        """The last `TREND_S` values of a PDU, one a second, and the second of the last one."""
        ...


class LiveRows:
    """Rows of what the engine knows.

    Args:
        engine: The PDUs.
        clock: For the second that trends end with.
    """

    def __init__(self, engine: EnginePort, clock: Clock) -> None:
        self._engine = engine
        self._span = TrendSpan(clock)
        self._facts: dict[str, tuple[Reading, Facts]] = {}
        self._rows: dict[str, FleetRow] = {}
        self._said: tuple[FleetRow, ...] = ()
        self._trends: dict[str, tuple[Samples, int]] = {}
        self._alarms: tuple[Alarm, ...] = ()
        self._counts: dict[str, AlarmCounts] = {}

    def hear(self, event: EngineEvent) -> None:
        """Work out what a reading says as it comes in: polls are spread over the second."""
        if isinstance(event, ReadingArrived):
            self._facts[event.pdu] = (event.reading, facts_of(event.reading))

    def refresh(self) -> None:
        """Ages, health and alarms of all; figures of those that have another reading."""
        active = self._engine.alarms.active()
        if active is not self._alarms:
            self._alarms, self._counts = active, count_alarms(active)
        self._trends.clear()
        pdus = self._engine.pdus
        for pdu in pdus:
            self._look(pdu)
        if len(self._rows) > len(pdus):
            for gone in self._rows.keys() - set(pdus):
                del self._rows[gone]
                self._facts.pop(gone, None)
        self._said = tuple(self._rows[pdu] for pdu in pdus)

    def _look(self, pdu: str) -> None:
        view = self._engine.view(pdu)
        facts = self._facts_of(view)
        counts = self._counts.get(pdu, NO_ALARMS)
        before = self._rows.get(pdu)
        age = view.age_s
        if before is not None and age is not None and before.age_s is not None:
            # The age counts whole seconds on the screen: within one the row stays the same.
            age = before.age_s if int(age) == int(before.age_s) else age
        row = row_of(
            facts,
            pdu=pdu,
            location=view.info.location or "",
            feed=view.info.feed or "",
            health=view.health,
            age_s=age,
            detail=view.detail,
            alarms=counts,
        )
        if row != before:
            self._rows[pdu] = row

    def _facts_of(self, view: PduView) -> Facts:
        reading = view.reading
        if reading is None:
            return NOTHING
        known = self._facts.get(view.info.name)
        if known is None or known[0] is not reading:
            known = self._facts[view.info.name] = (reading, facts_of(reading))
        return known[1]

    def rows(self) -> Sequence[FleetRow]:
        """As they were refreshed last."""
        return self._said

    def trend(self, pdu: str) -> tuple[Samples, int]:
        """The watts of its inlets together; amperes where it gives no watts."""
        found = self._trends.get(pdu)
        if found is None:
            found = self._trends[pdu] = self._trend(pdu)
        return found

    def _trend(self, pdu: str) -> tuple[Samples, int]:
        view = self._engine.view(pdu)
        keys = self._facts_of(view).trend
        lines = [self._engine.trend(pdu, key, TREND_S) for key in keys]
        second = self._span.second(view)
        if len(lines) == 1:
            return lines[0], second
        if not lines:
            return [None] * TREND_S, second
        return [_sum(values) for values in zip(*lines, strict=True)], second


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
