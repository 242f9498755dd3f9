"""`pdutui history check`: damage is found, gaps are counted and put down to causes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, USAGE
from pdutui.domain.clock import SystemClock
from pdutui.domain.health import STARTED, STOPPED
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.store.helpers import reading

STEP_S = 20
HOURS = 9
START = (datetime.now(UTC) - timedelta(hours=HOURS)).replace(minute=0, second=0, microsecond=0)
LOST = {
    "device lost": range(3600, 3900),
    "pdutui ended": range(7200, 10800),
    "pdutui killed": range(14400, 14460),
    "unknown": range(18000, 18120),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine hours with four gaps, of which the notes tell where three come from; most of it
    sealed."""
    path = tmp_path_factory.mktemp("recorded") / "history.db"

    async def fill() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=60)
        for k in range(0, HOURS * 3600, STEP_S):
            if not any(k in lost for lost in LOST.values()):
                store.append(reading(k, start=START))
        notes = (
            (-1, "connecting", STARTED), (0, "live", ""), (3620, "lost", "no answer"),
            (3900, "live", ""), (7190, "stopped", STOPPED), (10790, "connecting", STARTED),
            (10800, "live", ""), (14450, "connecting", STARTED), (14460, "live", ""),
        )  # fmt: skip
        for k, health, detail in notes:
            store.append_health(START + timedelta(seconds=k), "rack1-a", health, detail)  # type: ignore[arg-type]
        await store.flush()
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def db(cli: Cli, recorded: Path, tmp_path: Path) -> Path:
    """A copy of it, sealed where it was due."""
    copy = tmp_path / "copy.db"
    shutil.copy(recorded, copy)
    assert cli("history", "prune", "--seal", "--db", str(copy)).code == DONE
    return copy


def change(path: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        assert conn.execute(sql).rowcount > 0
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_whole_database_with_its_gaps_and_sizes(cli: Cli, db: Path) -> None:
    done = cli("history", "check", "--db", str(db))
    assert (done.code, done.err) == (DONE, "")
    assert "state     whole" in done.out
    assert "nobody just now" in done.out
    for cause in LOST:
        assert f"1 {cause}" in done.out
    found = json.loads(cli("history", "check", "--json", "--db", str(db)).out)
    assert found["ok"]
    assert found["damage"] == []
    assert found["path"] == str(db)
    assert found["bytes"] == db.stat().st_size
    assert found["writer_pid"] is None
    (pdu,) = found["pdus"]
    lost_s = {cause: len(lost) + STEP_S for cause, lost in LOST.items()}
    assert pdu["readings"] == (HOURS * 3600 - sum(map(len, LOST.values()))) // STEP_S
    assert pdu["gaps"]["count"] == len(LOST)
    assert pdu["gaps"]["longest_s"] == max(lost_s.values())
    assert pdu["gaps"]["total_s"] == sum(lost_s.values())
    assert pdu["gaps"]["causes"] == {
        cause: {"count": 1, "total_s": seconds} for cause, seconds in lost_s.items()
    }
    with contextlib.closing(sqlite3.connect(db)) as conn:
        for table, name in (("chunk", "chunks"), ("minutes", "minutes"), ("quarters", "quarters")):
            (blobs,) = conn.execute(f"SELECT sum(length(z)) FROM {table}").fetchone()
            assert blobs <= pdu["bytes"][name] <= 4 * blobs + 10_000
    forecast = found["forecast"]
    kept = pdu["bytes"]["chunks"] + pdu["bytes"]["minutes"]
    assert forecast["bytes"] > 100 * kept, "sixty days of what takes nine hours"
    assert forecast["disk_full_in_days"] is None


def test_a_disk_that_will_be_full_is_said(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdutui.store.files.free_bytes", lambda _: 1_000_000)
    assert "THE DISK IS FULL IN" in cli("history", "check", "--db", str(db)).out
    found = json.loads(cli("history", "check", "--json", "--db", str(db)).out)
    assert 0 <= found["forecast"]["disk_full_in_days"] < 30


@pytest.mark.parametrize(
    ("table", "part", "kind"),
    [
        ("chunk", "outlet.3", "BLOB"),
        ("chunk", "ts", "BLOB"),
        ("minutes", "bank.1", "TEXT"),
        ("quarters", "ats.0", "BLOB"),
    ],
)
def test_a_flipped_bit_is_found_and_named(
    cli: Cli, db: Path, table: str, part: str, kind: str
) -> None:
    broken = "substr(z, 1, 20) || x'a5' || substr(z, 22)"
    change(
        db,
        f"UPDATE {table} SET z = CAST({broken} AS {kind}) WHERE rowid ="
        f" (SELECT {table}.rowid FROM {table} JOIN part ON part.id = part"
        f" WHERE name = '{part}' LIMIT 1)",
    )
    done = cli("history", "check", "--db", str(db))
    assert done.code == BAD_NEWS
    assert "DAMAGED" in done.out
    assert f"{table}: {part} of rack1-a" in done.out
    assert "lost time of rack1-a" in done.out, "the rest is told all the same"
    quick = cli("history", "check", "--quick", "--db", str(db))
    assert quick.code == DONE, "that is what quick leaves out"


def test_a_broken_page_is_found(cli: Cli, db: Path) -> None:
    with contextlib.closing(sqlite3.connect(db)) as conn:
        (page,) = conn.execute(
            "SELECT max(pageno) FROM dbstat WHERE name = 'chunk' AND pagetype = 'leaf'"
        ).fetchone()
    with db.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    for options in ((), ("--quick",)):
        done = cli("history", "check", *options, "--db", str(db))
        assert done.code == BAD_NEWS
        assert "DAMAGED" in done.out
    found = json.loads(cli("history", "check", "--json", "--db", str(db)).out)
    assert not found["ok"]
    assert found["damage"]


def test_what_was_found_is_told_where_more_cannot_be_read(cli: Cli, db: Path) -> None:
    with contextlib.closing(sqlite3.connect(db)) as conn:
        (page,) = conn.execute(
            "SELECT max(pageno) FROM dbstat WHERE name = 'chunk' AND pagetype = 'leaf'"
        ).fetchone()
    with db.open("r+b") as file:
        file.seek((page - 1) * 4096 + 8)
        file.write(b"\x00\x03" * 8)  # where its first rows begin
    done = cli("history", "check", "--db", str(db))
    assert done.code == BAD_NEWS
    assert f"age {page} cell 0" in done.out, "SQLite says where"
    assert "***" not in done.out
    found = json.loads(cli("history", "check", "--json", "--db", str(db)).out)
    assert len(found["damage"]) > 1


def test_what_cannot_be_read_is_unknown(cli: Cli, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"rubbish" * 5000)
    done = cli("history", "check", "--db", str(rubbish))
    assert "values    unknown" in done.out
    found = json.loads(cli("history", "check", "--json", "--db", str(rubbish)).out)
    assert found["values"] is None
    assert found["pdus"] is None
    assert found["free_inside_bytes"] is None


def test_what_is_no_database(cli: Cli, tmp_path: Path) -> None:
    rubbish, other = tmp_path / "rubbish", tmp_path / "other.db"
    rubbish.write_bytes(b"rubbish" * 5000)
    done = cli("history", "check", "--db", str(rubbish))
    assert done.code == BAD_NEWS
    assert "file is not a database" in done.out
    with contextlib.closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE t (x)")
    done = cli("history", "check", "--db", str(other))
    assert done.code == USAGE
    assert "another program's database" in done.err
    assert cli("history", "check", "--db", str(tmp_path / "no.db")).code == USAGE
    done = cli("history", "check")
    assert done.code == DONE
    assert "nothing was recorded yet" in done.err


def test_checking_changes_nothing(cli: Cli, db: Path) -> None:
    before = db.read_bytes()
    cli("history", "check", "--db", str(db))
    assert db.read_bytes() == before
