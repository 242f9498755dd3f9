"""The audit screen over a real database: what it shows, what its keys do, what it looks like."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.app import PduApp
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import AuditRecord
from pdutui.screens.audit import AuditScreen
from pdutui.screens.audit_desk import PAGE
from pdutui.screens.audit_report import AuditReport
from pdutui.screens.history import HistoryScreen
from pdutui.store.audit import AuditEntry
from pdutui.store.audit_trail import Trail
from pdutui.store.history import HistoryStore
from pdutui.store.schema_chain import TRIGGERS
from pdutui.store.spill import SPILL_NAME, SpillFile
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.history import with_history
from tests.support.scenes import NOW
from tests.ui.conftest import MakeApp

Compare = Callable[..., bool]
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)


def record(minutes: float, outcome: str, **other: object) -> AuditRecord:
    """Something of so many minutes ago."""
    fields: dict[str, object] = {
        "time": NOW - timedelta(minutes=minutes), "intent_id": "0" * 32, "user": "ada",
        "ssh_origin": None, "origin": "console", "pdu": "ats-1", "outlet": 3,
        "outlet_name": "db01", "action": "off", "state_from": "on", "state_to": None,
        "outcome": outcome, "detail": "Turn OFF outlet 3 db01 on ats-1: drops 104 W",
    }  # fmt: skip
    return AuditRecord(**(fields | other))  # type: ignore[arg-type]


ALICE = {"user": "root (sudo by alice)", "ssh_origin": "192.0.2.7", "origin": "cli"}
PLAN = {"plan": "K7Q2MX", "ticket": "CHG-4711", "approved_by": "grace", "role": "operator"}
RECORDS = (
    record(3000, "refused", outlet=1, outlet_name="san", detail="its name must be typed", **ALICE),
    record(61, "requested", action="plan", outlet=0, outlet_name="", detail="storage off", **PLAN),
    record(60, "requested", **PLAN),
    record(59.9, "observed", state_to="off", reason="cold spare, and then some words more so that "
           "a line is not enough for all of it", detail="outlet 3 db01 is off", **PLAN),
    record(30, "contradicted", outlet=2, outlet_name="größe", action="on", state_from="off",
           state_to="off", detail="the state moved the other way", **ALICE),
    record(20, "unconfirmed", outlet=7, outlet_name="", action="reboot",
           detail="accepted, but the state did not follow within 10 s"),
    record(10, "failed", action="delayed_off", detail="the device does not answer"),
    record(5, "done", action="lock", pdu="", outlet=0, outlet_name="console", state_from="open",
           state_to="locked", detail="locked"),
    record(2, "observed", action="prefer_b", outlet=0, outlet_name="transfer switch",
           state_from="A", state_to="B", detail="source B is preferred"),
    record(0.5, "requested", action="all_off", outlet=0, outlet_name="all outlets",
           pdu="ats-2", state_from="unknown"),
)  # fmt: skip


def fill(path: Path, records: tuple[AuditRecord, ...]) -> None:
    """By way of the spill file: there they have uids, and so hashes, that are the same always."""
    entries = [AuditEntry(f"{r.intent_id}{r.time}", r) for r in records]
    SpillFile(path.with_name(SPILL_NAME)).append(entries)

    async def write() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        await store.flush()
        await store.close()

    asyncio.run(write())


@pytest.fixture
def path(tmp_path: Path, engine: FakeEngine) -> Path:
    path = tmp_path / "history.db"
    fill(path, RECORDS)
    engine.trail = trail_of(path)
    return path


def trail_of(path: Path) -> Trail:
    """As `open_trail`, before there is an event loop."""
    from pdutui.store.limits import StoreLimits
    from pdutui.store.query import Questions
    from pdutui.store.readside import ReadSide

    return Trail(Questions(path, ReadSide(path, StoreLimits(), asyncio.Lock())))


async def opened(pilot: Pilot[int]) -> AuditScreen:
    app = pilot.app
    assert isinstance(app, PduApp)
    while app._engine is None:
        await pilot.pause(0.01)
    await pilot.press("u")
    await pilot.pause()
    assert isinstance(app.screen, AuditScreen)
    await settled(pilot)
    return app.screen


async def settled(pilot: Pilot[int]) -> None:
    """Until what is asked for is shown."""
    screen = next(s for s in pilot.app.screen_stack if isinstance(s, AuditScreen))
    for _ in range(500):
        await pilot.pause()
        desk = screen.desk
        if (desk.loaded or desk.trouble) and not desk.busy and not desk.checking:
            await pilot.pause()
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nothing comes")


def lines(screen: AuditScreen, panel: str) -> list[str]:
    sheet = screen.query_one(f"#{panel}")
    return [sheet.render_line(y).text.rstrip() for y in range(sheet.size.height)]


def outcomes(screen: AuditScreen) -> list[str]:
    return [row.record.outcome for row in screen.desk.rows]


async def test_the_newest_come_first_and_one_is_shown_whole(make_app: MakeApp, path: Path) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        assert outcomes(screen) == [r.outcome for r in reversed(RECORDS)]
        assert lines(screen, "record")[0].startswith("─ Record 10 ")
        await pilot.press(*["j"] * 6)
        whole = "\n".join(lines(screen, "record"))
        said = ("observed", "ada (operator), console", "K7Q2MX", "CHG-4711", "grace", "on → off")
        for text in (*said, "cold spare", screen.desk.rows[6].hash[:16]):
            assert text in whole
        await pilot.press("home", "k")
        assert lines(screen, "record")[0].startswith("─ Record 10 ")
        await pilot.press("u")
        assert not isinstance(pilot.app.screen, AuditScreen)


async def test_what_is_typed_filters_and_esc_shows_all(make_app: MakeApp, path: Path) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"GRÖSSE")
        await settled(pilot)
        assert outcomes(screen) == ["contradicted"]
        await pilot.press("enter")
        assert not screen.query(Input)
        assert "with GRÖSSE" in lines(screen, "bar")[0]
        await pilot.press("slash", *"x")
        await settled(pilot)
        assert "No record fits" in "\n".join(lines(screen, "list"))
        await pilot.press("escape")
        await settled(pilot)
        assert len(screen.desk.rows) == len(RECORDS)
        assert isinstance(pilot.app.screen, AuditScreen)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, AuditScreen)


async def test_one_pdu_alone(make_app: MakeApp, path: Path) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("P")
        await settled(pilot)
        assert {row.record.pdu for row in screen.desk.rows} == {"ats-1"}
        assert "only ats-1" in lines(screen, "bar")[0]
        await pilot.press("P")
        await settled(pilot)
        assert len(screen.desk.rows) == len(RECORDS)


async def test_new_records_come_in_and_the_chosen_one_stays(
    make_app: MakeApp, path: Path, clock: ManualClock
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "j")
        before = screen.scene().row
        await asyncio.to_thread(fill, path, (record(0, "observed", intent_id="new"),))
        screen.desk.look()
        await settled(pilot)
        assert screen.desk.rows[0].record.intent_id == "new"
        assert screen.scene().row == before
        await pilot.press("home")
        await asyncio.to_thread(fill, path, (record(0, "observed", intent_id="newer"),))
        screen.desk.look()
        await settled(pilot)
        row = screen.scene().row
        assert row is not None
        assert row.record.intent_id == "newer", "the newest one is followed"


async def test_older_ones_come_as_one_goes_down(make_app: MakeApp, path: Path) -> None:
    many = tuple(record(4000 - k, "observed", intent_id=f"m{k}") for k in range(2 * PAGE))
    await asyncio.to_thread(fill, path, many)
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert len(screen.desk.rows) == PAGE
        for rows in (2 * PAGE, 2 * PAGE + len(RECORDS)):
            await pilot.press("end")
            await settled(pilot)
            assert len(screen.desk.rows) == rows
        assert [row.n for row in screen.desk.rows] == list(range(rows, 0, -1))
        assert screen.desk.complete


async def test_the_chain_is_verified_beside_everything_else(make_app: MakeApp, path: Path) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        assert "chain not checked" in lines(screen, "bar")[0]
        await pilot.press("V")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AuditReport)
        await pilot.press("escape")
        assert "✓ chain holds, 10" in lines(screen, "bar")[0]

        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            for name in TRIGGERS:
                conn.execute(f"DROP TRIGGER {name}")
            conn.execute("UPDATE audit SET user = 'eve' WHERE n = 9")
        await pilot.press("V")
        await settled(pilot)
        await pilot.press("escape", "j")
        assert "CHAIN BROKEN: 2 FAULTS" in lines(screen, "bar")[0]
        assert lines(screen, "list")[2].startswith("▶▲    9 ")
        assert "▲ record 9 was changed" in "\n".join(lines(screen, "record"))


async def test_missing_records_are_told_without_being_asked(make_app: MakeApp, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("DROP TRIGGER audit_no_delete")
        conn.execute("DELETE FROM audit WHERE n = 10")
    async with make_app().run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        assert "▲ RECORDS MISSING" in lines(screen, "bar")[0]
        assert "audit-head.json speaks of record 10" in lines(screen, "said")[0]


async def test_what_is_shown_goes_into_a_file(
    make_app: MakeApp, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with make_app().run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"K7Q2MX", "enter", "x")
        await settled(pilot)
        await pilot.press("enter")
        for _ in range(100):
            await pilot.pause(0.01)
            if list(tmp_path.glob("audit_*.csv")):
                break
        await pilot.pause()
        (file,) = tmp_path.glob("audit_*.csv")
        assert [row["n"] for row in csv.DictReader(file.open(newline=""))] == ["2", "3", "4"]
        assert f"Written: {file}" in lines(screen, "said")[0]
        await pilot.press("x", "space", "enter")
        for _ in range(100):
            await pilot.pause(0.01)
            if list(tmp_path.glob("audit_*.json")):
                break
        (file,) = tmp_path.glob("audit_*.json")
        assert [row["n"] for row in json.loads(file.read_text())] == [2, 3, 4]


async def test_from_a_record_to_the_chart_at_that_moment(
    make_app: MakeApp, path: Path, engine: FakeEngine, clock: ManualClock
) -> None:
    with_history(engine, clock)
    async with make_app().run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        await pilot.press(*["j"] * 6, "g")
        await pilot.pause()
        chart = pilot.app.screen
        assert isinstance(chart, HistoryScreen)
        at_ms = round(screen.desk.rows[6].record.time.timestamp() * 1000)
        assert chart.desk.state.seen_cursor(chart.desk.now_ms) == at_ms
        await pilot.press("escape")
        assert pilot.app.screen is screen


async def test_no_audit_and_no_database(make_app: MakeApp, engine: FakeEngine) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "There is no audit here" in "\n".join(lines(screen, "list"))
        await pilot.press("j", "V", "x", "g", "end", "pagedown")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "CANNOT BE READ" in lines(screen, "bar")[0]


def pressed(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def before(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    return before


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_picture(
    snap_compare: Compare, make_app: MakeApp, path: Path, size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=pressed(*["j"] * 6))
