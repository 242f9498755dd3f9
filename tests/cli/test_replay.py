"""`pdutui replay` up to the screen: what can be replayed, and what is said where it cannot."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from pdutui.domain.reading import Reading
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.support.clock import ManualClock
from tests.support.past import at, polls

WITHIN = ("--at", "2026-11-20 02:05")


async def _keep(path: Path, readings: list[Reading]) -> Path:
    store = await HistoryStore.open(path, clock=ManualClock(start=at(600)), retention_days=60)
    for each in readings:
        store.append(each)
    store.append_event(datetime.fromisoformat("2026-11-20T02:00:00Z"), "", "info", "hello")
    await store.flush()
    await store.close()
    return path


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Ten minutes of two PDUs from 02:00 UTC on."""
    readings = [*polls("rack1-a", 600), *polls("rack1-b", 600)]
    return str(asyncio.run(_keep(tmp_path / "kept.db", readings)))


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--at", "soon"), "--at: 'soon' is no time"),
        (("--at", "2026-11-20 25:00"), "there is no such time of day"),
        (
            ("--at", "2026-11-20 01:59"),
            "2026-11-20 01:59:00 UTC is before the first reading that was kept: "
            "2026-11-20 02:00:00 UTC to 2026-11-20 02:09:59 UTC",
        ),
        (("--at", "2026-11-20 04:00"), "is after the last reading that was kept"),
        (
            (*WITHIN, "--pdu", "rack1-c"),
            "no reading of rack1-c was kept: did you mean 'rack1-b'?",
        ),
        ((*WITHIN, "--speed", "61"), "--speed"),
        ((*WITHIN, "--speed", "0"), "--speed"),
        ((*WITHIN, "--speed", "nan"), "--speed"),
        ((*WITHIN, "--demo"), "exclude each other"),
        ((), "--at"),
        (WITHIN, "a replay needs a terminal"),
        ((*WITHIN, "--pdu", "rack1-b", "--speed", "60"), "a replay needs a terminal"),
    ],
)
def test_what_is_said(cli: Cli, db: str, argv: tuple[str, ...], said: str) -> None:
    done = cli("replay", "--db", db, *argv)
    assert done.code == 2
    assert said in done.err
    assert not done.out


def test_times_are_local(cli: Cli, db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    done = cli("replay", "--db", db, *WITHIN)
    assert done.code == 2
    assert "2026-11-20 02:05:00 CET is before the first reading" in done.err
    assert "2026-11-20 03:00:00 CET to 2026-11-20 03:09:59 CET" in done.err


def test_nothing_to_replay(cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    done = cli("replay", "--db", str(missing), "--at", "-1h")
    assert (done.code, done.err) == (2, f"pdutui: {missing}: no such file\n")
    done = cli("replay", "--at", "-1h")
    assert done.code == 2
    assert "nothing was recorded yet" in done.err
    other = tmp_path / "letter.db"
    other.write_text("Dear Sir or Madam,\n" * 99)
    done = cli("replay", "--db", str(other), "--at", "-1h")
    assert done.code == 1
    assert str(other) in done.err


def test_a_damaged_database(cli: Cli, db: str) -> None:
    with contextlib.closing(sqlite3.connect(db)) as conn:
        (root,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'raw_1'").fetchone()
        conn.execute("PRAGMA journal_mode = DELETE")
    with Path(db).open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = cli("replay", "--db", db, *WITHIN)
    assert done.code == 1
    assert f"{db} is damaged" in done.err
    assert "'pdutui history check' says more" in done.err


def test_a_database_without_readings(cli: Cli, tmp_path: Path) -> None:
    path = asyncio.run(_keep(tmp_path / "empty.db", []))
    done = cli("replay", "--db", str(path), "--at", "-1h")
    assert done.code == 2
    assert "nothing to replay: no reading of any PDU was kept" in done.err
