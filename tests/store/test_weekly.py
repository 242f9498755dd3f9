"""The weekly report: made once, of whole weeks, also afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pdutui.domain.energy_report import Frame
from pdutui.domain.history import HOUR_MS
from pdutui.domain.periods import ms_of, parse_period
from pdutui.domain.report_model import EnergyReport
from pdutui.domain.tariff import Band, Billing, Tariff
from pdutui.store import reports
from pdutui.store.history import HistoryStore
from pdutui.store.limits import StoreLimits
from pdutui.store.schema import Immediate
from pdutui.store.session import Session
from pdutui.store.weekly import WeeklyReports

from ..support.clock import ManualClock
from .energy_data import frame, ms, open_database, put_frame, steady, write_polls
from .helpers import eventually

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Band(
    name="night", days=frozenset(range(7)), from_minute=22 * 60, to_minute=6 * 60,
    price_per_kwh=Decimal("0.2"),
)  # fmt: skip
BILLING = Billing(
    zone=BERLIN,
    tariff=Tariff(currency="EUR", price_per_kwh=Decimal("0.30"), bands=(NIGHT,)),
)
W46, W47 = ms("2026-11-09T00:00+01:00"), ms("2026-11-16T00:00+01:00")
END = ms("2026-11-23T00:00+01:00")
STEP = 5 * 60_000


def fill(
    path: Path, pdu: str, begin: int, end: int, *, watts: float = 100.0, raw: bool = False
) -> None:
    conn = open_database(path)
    put_frame(conn, frame(pdu, outlets=1), begin)
    poll = steady({"inlet.1": watts, "outlet.1": watts}, W46)
    write_polls(conn, pdu, range(begin, end, STEP), poll, raw=raw)
    conn.close()


@pytest.fixture
async def session(path: Path) -> AsyncIterator[Session]:
    clock = ManualClock(datetime.fromtimestamp(END / 1000, UTC) + timedelta(hours=3))
    made = Session(path, clock=clock, limits=StoreLimits(ballast_bytes=0))
    yield made
    await made.close(1.0)


async def run(session: Session, at: datetime | None = None) -> None:
    await session.connect()
    now = at or datetime.fromtimestamp(END / 1000, UTC) + timedelta(hours=3)
    await WeeklyReports(ManualClock(now), BILLING)(session)


def kept(path: Path) -> list[tuple[str, str]]:
    conn = sqlite3.connect(path)
    rows = conn.execute("SELECT period, pdu FROM report WHERE kind = 'energy-week' ORDER BY 1, 2")
    found = rows.fetchall()
    conn.close()
    return found


def load(path: Path, label: str, pdus: list[str] | None = None) -> EnergyReport:
    conn = sqlite3.connect(path)
    found = reports.load(conn, label, pdus)
    conn.close()
    assert found is not None
    return found


async def test_weeks_that_are_over_are_reported_once(path: Path, session: Session) -> None:
    fill(path, "rack1-a", W46, END + 2 * HOUR_MS)
    fill(path, "rack1-b", W47 + 24 * HOUR_MS, END, watts=50.0)
    await run(session)
    assert kept(path) == [
        ("2026-W46", ""), ("2026-W46", "rack1-a"),
        ("2026-W47", ""), ("2026-W47", "rack1-a"), ("2026-W47", "rack1-b"),
    ]  # fmt: skip
    report = load(path, "2026-W47")
    first, second = report.pdus
    assert first.total.kwh == pytest.approx(16.8, abs=0.01)
    assert (first.total.known, first.total.partial) == (1.0, False)
    assert first.total.cost == pytest.approx(
        Decimal("16.8") * (Decimal("0.3") * 2 + Decimal("0.2")) / 3, abs=Decimal("0.01")
    )
    assert first.total.previous_kwh == pytest.approx(16.8, abs=0.02)
    assert first.total.change_percent == pytest.approx(0.0, abs=0.1)
    assert first.total.share == pytest.approx(16.8 / 24.0, abs=0.001)
    assert second.total.known == pytest.approx(6 / 7, abs=0.001)
    assert second.total.partial
    assert second.total.previous_kwh is None
    assert report.total is not None
    assert report.total.kwh == pytest.approx(16.8 + 7.2, abs=0.02)
    assert report.over
    assert load(path, "2026-W46").missing == ("rack1-b",)
    made = report.made
    await run(session, made + timedelta(days=1))
    assert load(path, "2026-W47").made == made


async def test_a_week_waits_until_it_is_sealed_but_not_for_ever(
    path: Path, session: Session
) -> None:
    fill(path, "rack1-a", W47, END - HOUR_MS)
    fill(path, "rack1-a", END - HOUR_MS, END, raw=True)
    await run(session)
    assert kept(path) == []
    await run(session, datetime.fromtimestamp(END / 1000, UTC) + timedelta(hours=13))
    assert load(path, "2026-W47").pdus[0].total.kwh == pytest.approx(16.8, abs=0.01)


async def test_the_week_that_runs_is_not_reported(path: Path, session: Session) -> None:
    fill(path, "rack1-a", W47, END)
    await run(session, datetime.fromtimestamp(END / 1000, UTC) - timedelta(minutes=1))
    assert kept(path) == []


async def test_weeks_in_which_pdutui_was_off_are_made_up_to_eight_weeks_back(
    path: Path, session: Session
) -> None:
    fill(path, "rack1-a", W46, W47)
    after = datetime.fromtimestamp(W47 / 1000, UTC)
    await run(session, after + timedelta(weeks=9))
    assert kept(path) == []
    await run(session, after + timedelta(weeks=7, days=6))
    assert kept(path) == [("2026-W46", ""), ("2026-W46", "rack1-a")]


async def test_without_readings_there_is_no_report(path: Path, session: Session) -> None:
    open_database(path).close()
    await run(session)
    assert kept(path) == []


async def test_it_is_part_of_the_upkeep(path: Path) -> None:
    fill(path, "rack1-a", W46, END)
    clock = ManualClock(datetime.fromtimestamp(END / 1000, UTC) + timedelta(hours=4))
    store = await HistoryStore.open(
        path, clock=clock, retention_days=60, billing=BILLING,
        limits=StoreLimits(ballast_bytes=0),
    )  # fmt: skip
    try:
        for _ in range(60):
            clock.advance(1.0)
            await asyncio.sleep(0.005)
        await eventually(lambda: ("2026-W47", "rack1-a") in kept(path), "the report is made")
    finally:
        await store.close()


def test_a_report_comes_back_as_it_was_kept(path: Path) -> None:
    fill(path, "rack1-a", W47, END)
    fill(path, "rack1-b", W47, END)
    conn = open_database(path)
    week = parse_period("week", "2026-W47", BERLIN)
    collected = reports.Collected(Frame.of(week, BILLING))
    conn.execute("BEGIN")
    for pdu in reports.pdu_names(conn):
        from pdutui.store.query import Asked

        meters = reports.meters_for(conn, Asked(), pdu, collected.frame, now_ms=END)
        collected.add(pdu, meters)
    conn.execute("ROLLBACK")
    made = collected.report(datetime.fromtimestamp(END / 1000, UTC), all_pdus=True)
    assert ms_of(made.to_time) == END
    with Immediate(conn):
        reports.save(conn, made)
        assert not reports.save_new(conn, made)
    assert reports.load(conn, "2026-W47", None) == made
    one = reports.load(conn, "2026-W47", ["rack1-b"])
    assert one is not None
    assert (one.total, [p.pdu for p in one.pdus]) == (None, ["rack1-b"])
    assert reports.load(conn, "2026-W47", ["rack1-c"]) is None
    assert reports.load(conn, "2026-W46", None) is None
    with Immediate(conn):
        conn.execute("UPDATE report SET json = '{' WHERE pdu = 'rack1-b'")
    assert reports.load(conn, "2026-W47", None) is None
    conn.close()
