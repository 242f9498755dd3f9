"""The weekly energy report, made by itself: once for each ISO week that is over."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from pdutui.domain.clock import Clock
from pdutui.domain.energy_report import Frame, PduMeters
from pdutui.domain.history import HOUR_MS
from pdutui.domain.periods import Period, ms_of, period_at
from pdutui.domain.report_model import EnergyReport
from pdutui.domain.tariff import Billing
from pdutui.store import reports
from pdutui.store.query import Asked
from pdutui.store.session import Session

log = logging.getLogger(__name__)

WEEKS_BACK = 8
"""A week that ended while nobody ran pdutui is reported up to this much later."""
WAIT_MS = 12 * HOUR_MS
"""Hours that are still not sealed so long after a week's end are reported as they are."""


class WeeklyReports:
    """A chore of the store's upkeep.

    Args:
        clock: What time it is.
        billing: Whose weeks, and what energy costs.
    """

    def __init__(self, clock: Clock, billing: Billing) -> None:
        self._clock = clock
        self._billing = billing

    async def __call__(self, session: Session) -> None:
        """Make the reports that are due, PDU by PDU, off the event loop.

        Raises:
            StoreTrouble, StoreFromFuture: Not now.
        """
        now_ms = ms_of(self._clock.now())
        for week in await session.study(_due, self._past_weeks(now_ms), now_ms):
            if not session.owner:
                return
            await self._make(session, week)

    def _past_weeks(self, now_ms: int) -> list[Period]:
        """The last weeks that are over, oldest first."""
        weeks: list[Period] = []
        at = period_at("week", now_ms, self._billing.zone).from_ms
        for _ in range(WEEKS_BACK):
            weeks.insert(0, period_at("week", at - 1, self._billing.zone))
            at = weeks[0].from_ms
        return weeks

    async def _make(self, session: Session, week: Period) -> None:
        frame = Frame.of(week, self._billing)
        collected = reports.Collected(frame)
        now_ms = ms_of(self._clock.now())
        for pdu in await session.study(reports.pdu_names):
            # The figures of a PDU are made in the thread too: only what is kept comes out of it.
            await session.study(_add, collected, pdu, now_ms)
        if not collected.any:
            return
        made = await session.study(_finish, collected, self._clock.now())
        if await session.upkeep(reports.save_new, made):
            log.info("history: energy report of %s made", week.label)


def _due(conn: sqlite3.Connection, weeks: Sequence[Period], now_ms: int) -> list[Period]:
    """Weeks without a report, with readings, and with nothing left to be sealed."""
    kept = reports.kept_weeks(conn, [week.label for week in weeks])
    return [
        week
        for week in weeks
        if week.label not in kept
        and reports.has_readings(conn, week)
        and (now_ms >= week.to_ms + WAIT_MS or reports.is_sealed(conn, week))
    ]


def _add(conn: sqlite3.Connection, collected: reports.Collected, pdu: str, now_ms: int) -> None:
    collected.add(pdu, _meters(conn, collected.frame, pdu, now_ms))


def _meters(conn: sqlite3.Connection, frame: Frame, pdu: str, now_ms: int) -> PduMeters | None:
    conn.execute("BEGIN")  # one moment of the file for all that is read of the PDU
    try:
        return reports.meters_for(conn, Asked(), pdu, frame, now_ms=now_ms)
    finally:
        conn.execute("ROLLBACK")


def _finish(_: sqlite3.Connection, collected: reports.Collected, made: datetime) -> EnergyReport:
    return collected.report(made, all_pdus=True)
