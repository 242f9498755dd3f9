"""`pdutui history`: list, backup and prune, beside a console that writes and without one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli.amounts import counted
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, USAGE
from pdutui.cli.history import HISTORY_COMMANDS
from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.store.helpers import reading, record
from tests.support.program import PDUTUI, environment

HOUR = 3600


@contextlib.asynccontextmanager
async def console(path: Path) -> AsyncIterator[HistoryStore]:
    """A store as a console has it open."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=60)
    try:
        yield store
    finally:
        await store.close()


async def fill(path: Path, *, hours: float, step_s: float = 10, pdu: str = "bench") -> int:
    """Readings up to now; how many."""
    count = int(hours * HOUR / step_s)
    start = datetime.now(UTC) - timedelta(seconds=count * step_s)
    async with console(path) as store:
        for k in range(count):
            store.append(reading(k * step_s, pdu=pdu, start=start))
        store.append_event(start, pdu, "info", "first")
        store.audit(record())
        await store.flush()
        assert store.status.ok
    return count


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Where the database of `cli` is."""
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path / "state" / "history.db"


def count(path: Path, sql: str) -> int:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as conn:
        return int(conn.execute(sql).fetchone()[0])


def readings(path: Path) -> int:
    return count(path, "SELECT (SELECT count(*) FROM raw_1) + (SELECT total(n) FROM sealed)")


@contextlib.contextmanager
def another_pdutui(path: Path) -> Iterator[int]:
    """A second process that has the history open to write; its pid."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child.pid
    finally:
        child.kill()
        child.wait(5)
        if child.stdout is not None:
            child.stdout.close()


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.store.helpers import reading

async def main():
    path = Path(sys.argv[1])
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=60)
    start, k = datetime.now(UTC), 0
    while True:
        for _ in range(20):
            k += 1
            store.append(reading(k / 1000, pdu="busy", start=start))
        await store.flush()
        assert store.status.ok, store.status
        if k == 20:
            print("ready", flush=True)
        await asyncio.sleep(0.005)

asyncio.run(main())
"""


# -- the group -----------------------------------------------------------------------------------


def test_the_group_names_its_commands(cli: Cli) -> None:
    out = cli("history", "--help").out
    for name, (_, text) in HISTORY_COMMANDS.items():
        assert name in out
        assert text in out
    done = cli("history")
    assert done.code == USAGE
    assert "Usage: pdutui history" in done.out + done.err
    assert cli("history", "exprt").code == USAGE


@pytest.mark.parametrize("name", HISTORY_COMMANDS)
def test_every_command_has_help_that_fits(cli: Cli, name: str) -> None:
    done = cli("history", name, "--help")
    assert done.code == DONE
    assert f"Usage: pdutui history {name}" in done.out
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize("name", ["list", "prune"])
def test_nothing_recorded_yet(cli: Cli, name: str) -> None:
    done = cli("history", name)
    assert done.code == DONE
    assert "nothing was recorded yet" in done.err


def test_databases_that_cannot_be_used(cli: Cli, tmp_path: Path, db: Path) -> None:
    rubbish, other, future = tmp_path / "rubbish", tmp_path / "other.db", tmp_path / "future.db"
    rubbish.write_bytes(b"rubbish" * 5000)
    with contextlib.closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE t (x)")
    with contextlib.closing(sqlite3.connect(future)) as conn:
        conn.execute("CREATE TABLE t (x)")
        conn.execute(f"PRAGMA application_id = {0x50445554}")
        conn.execute("PRAGMA user_version = 99")
    empty, pipe = tmp_path / "empty.db", tmp_path / "pipe.db"
    empty.touch()
    os.mkfifo(pipe)
    for path, code, said in (
        (tmp_path / "missing.db", USAGE, "no such file"),
        (tmp_path, USAGE, "cannot be read: Is a directory"),
        (empty, USAGE, "is empty"),
        (pipe, USAGE, "is no file"),
        (rubbish, BAD_NEWS, "is damaged"),
        (other, USAGE, "another program's database"),
        (future, USAGE, "written by a newer pdutui"),
    ):
        before = path.read_bytes() if path.is_file() else b""
        for command in (("list",), ("backup", str(tmp_path / "b")), ("prune", "--yes")):
            done = cli("history", *command, "--db", str(path))
            assert (done.code, done.out) == (code, ""), (command, path, done)
            assert said in done.err, (command, path)
            if path.is_file():
                assert path.read_bytes() == before
    assert not (tmp_path / "b").exists()
    assert cli("history", "list", "--db", str(rubbish), "--demo").code == USAGE


# -- list ----------------------------------------------------------------------------------------


def test_list_shows_what_there_is(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=26, step_s=60))
    asyncio.run(fill(db, hours=0.1, step_s=2, pdu="unplugged"))
    done = cli("history", "list")
    assert done.code == DONE
    assert "bench" in done.out
    assert "unplugged" in done.out, "configured or not"
    assert "no readings yet: shelf, dead" in done.out
    assert "2 PDUs" in done.out
    assert "nobody writes it now" in done.out
    found = [json.loads(line) for line in cli("history", "list", "--json").out.splitlines()]
    assert [one["pdu"] for one in found] == ["bench", "unplugged"]
    bench = found[0]
    assert bench["interval_s"] == 60
    assert bench["coverage_24h"] == 1
    assert not bench["recording"]
    oldest = datetime.fromisoformat(bench["oldest"])
    assert timedelta(hours=25.9) < datetime.now(UTC) - oldest < timedelta(hours=26.1)
    assert bench["bytes_about"] > 10_000


def test_list_sees_what_is_missing_and_what_is_sealed(cli: Cli, db: Path) -> None:
    async def with_a_hole() -> None:
        start = datetime.now(UTC) - timedelta(hours=10)
        async with console(db) as store:
            for k in range(0, 10 * HOUR, 10):
                if not 4 * HOUR <= k < 6 * HOUR:
                    store.append(reading(k, pdu="bench", start=start))
            await store.flush()

    asyncio.run(with_a_hole())
    before = json.loads(cli("history", "list", "--json").out)
    assert before["coverage_24h"] == pytest.approx(0.8, abs=0.002)
    assert cli("history", "prune", "--seal").code == DONE
    assert count(db, "SELECT count(*) FROM sealed") >= 6
    after = json.loads(cli("history", "list", "--json").out)
    assert after["bytes_about"] < before["bytes_about"]
    assert {k: v for k, v in after.items() if k != "bytes_about"} == {
        k: v for k, v in before.items() if k != "bytes_about"
    }


def test_list_says_who_writes(cli: Cli, db: Path) -> None:
    with another_pdutui(db) as pid:
        done = cli("history", "list")
        assert f"written by pid {pid}" in done.out
        assert "recording" in done.out
        assert json.loads(cli("history", "list", "--json").out)["recording"]


# -- backup --------------------------------------------------------------------------------------


def test_a_backup_while_another_writes_is_whole_and_of_one_moment(
    cli: Cli, tmp_path: Path, db: Path
) -> None:
    asyncio.run(fill(db, hours=3))
    copy = tmp_path / "copy.db"
    with another_pdutui(db):
        seen = readings(db)
        done = cli("history", "backup", str(copy))
    assert done.code == DONE, done.err
    assert str(copy) in done.out
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("copy.db-*")), "it needs no other file"
    assert not list(tmp_path.glob(".copy.db*"))
    assert copy.read_bytes()[18:20] == b"\1\1", "and may lie where nothing can be written"
    assert readings(copy) == seen
    assert count(copy, "SELECT count(*) FROM raw_2") >= 20
    assert count(copy, "SELECT count(*) FROM audit") == 1
    assert cli("history", "list", "--db", str(copy)).out.count("bench") == 1


def test_a_backup_does_not_start_over_with_every_commit(
    cli: Cli, tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own backup does, and would never end on a large file that is written to."""
    asyncio.run(fill(db, hours=3))
    monkeypatch.setattr("pdutui.store.backup._PAGES", 3)
    done_pages: list[int] = []

    def commits(done: int, total: int) -> None:
        done_pages.append(done)
        if len(done_pages) <= 5:
            conn.execute("INSERT INTO events (ts, pdu, severity, text) VALUES (?, '', '', '')",
                         (len(done_pages),))  # fmt: skip

    from pdutui.store.backup import copy_database

    copy = tmp_path / "copy.db"
    copy.touch()
    with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as conn:
        copy_database(db, copy, commits)
    assert done_pages == sorted(done_pages)
    assert count(db, "SELECT count(*) FROM events WHERE ts < 10") == 5
    assert count(copy, "SELECT count(*) FROM events WHERE ts < 10") == 0


def test_a_backup_takes_no_place_that_is_taken(cli: Cli, tmp_path: Path, db: Path) -> None:
    asyncio.run(fill(db, hours=0.1))
    there = tmp_path / "there"
    there.write_text("mine")
    done = cli("history", "backup", str(there))
    assert done.code == USAGE
    assert "--force" in done.err
    assert there.read_text() == "mine"
    assert cli("history", "backup", str(there), "--force").code == DONE
    assert readings(there) == 36
    for target, said in (
        (tmp_path, "is a directory"),
        (Path("/dev/null"), "is no file"),
        (tmp_path / "no" / "where", "no such directory"),
        (db, "is the database itself"),
    ):
        done = cli("history", "backup", str(target), "--force")
        assert done.code == USAGE
        assert said in done.err
    log = tmp_path / "there-wal"
    log.write_bytes(b"of another database")
    done = cli("history", "backup", str(there), "--force")
    assert done.code == USAGE
    assert "is in use, or was left open" in done.err


@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal", ".lock", ".ballast"])
def test_a_backup_takes_no_place_beside_a_database(cli: Cli, db: Path, side: str) -> None:
    asyncio.run(fill(db, hours=0.01))
    target = db.with_name(f"{db.name}{side}")
    before = target.read_bytes() if target.exists() else None
    done = cli("history", "backup", str(target), "--force")
    assert done.code == USAGE
    assert f"{target} belongs to {db}" in done.err
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_name_does_not_break_out_of_an_error(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=0.01, pdu="rack\x1b[31m\n1"))
    done = cli("history", "export", "elsewhere")
    assert done.code == USAGE
    assert "\x1b" not in done.err
    assert done.err.count("\n") == 1


def test_a_damaged_database_gives_no_backup(cli: Cli, tmp_path: Path, db: Path) -> None:
    asyncio.run(fill(db, hours=3))
    with contextlib.closing(sqlite3.connect(db)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = db.stat().st_size
    with db.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    copy = tmp_path / "copy.db"
    done = cli("history", "backup", str(copy))
    assert done.code == BAD_NEWS
    assert "is damaged" in done.err
    assert not list(tmp_path.glob("*copy.db*"))


def test_a_full_disk_leaves_nothing_behind(cli: Cli, tmp_path: Path, db: Path) -> None:
    asyncio.run(fill(db, hours=6))
    copy = tmp_path / "copy.db"
    limit = "ulimit -f 200; exec " + " ".join(PDUTUI) + f" history backup {copy}"  # of 512 or 1024
    done = subprocess.run(
        ["bash", "-c", limit], capture_output=True, text=True, timeout=30,
        env=environment(tmp_path, PDUTUI_CONFIG=os.environ["PDUTUI_CONFIG"]),
    )  # fmt: skip
    assert done.returncode == BAD_NEWS, done
    assert done.stderr.startswith("pdutui: ")
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*copy.db*"))


def test_no_room_is_said_before_anything_is_written(
    cli: Cli, tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(fill(db, hours=0.1))
    monkeypatch.setattr("pdutui.store.files.free_bytes", lambda _: 1000)
    done = cli("history", "backup", str(tmp_path / "copy.db"))
    assert done.code == BAD_NEWS
    assert "1.0 kB are free" in done.err


def test_sigterm_leaves_no_half_backup(
    cli: Cli, tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(fill(db, hours=3))
    monkeypatch.setattr("pdutui.store.backup._PAGES", 1)
    monkeypatch.setattr(
        "pdutui.cli.progress.ProgressLine.show",
        lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM),
    )
    with pytest.raises(SystemExit) as ended:
        cli("history", "backup", str(tmp_path / "copy.db"))
    assert ended.value.code == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("*copy.db*"))


# -- prune ---------------------------------------------------------------------------------------


def test_prune_asks_and_without_a_terminal_refuses(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=6))
    assert (
        "there are no readings older than the retention of 60 days" in cli("history", "prune").out
    )
    done = cli("history", "prune", "--older-than", "3h")
    assert done.code == REFUSED
    assert "--yes does it" in done.err
    assert readings(db) == 6 * 360


def test_prune_deletes_what_is_older_and_nothing_else(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=30, step_s=60))
    dry = cli("history", "prune", "--older-than", "1d", "--dry-run")
    assert dry.code == DONE
    assert readings(db) == 30 * 60
    done = cli("history", "prune", "--older-than", "1d", "--yes")
    assert done.code == DONE, done.err
    left = readings(db)
    assert 24 * 60 <= left <= 25 * 60, "whole hours go, once they are sealed"
    assert f"deleted: {30 * 60 - left:,} readings of bench" in done.out
    assert count(db, "SELECT count(*) FROM events") == 0
    assert count(db, "SELECT count(*) FROM audit") == 1, "the audit is never deleted"
    days = count(db, "SELECT count(DISTINCT day) FROM quarters")
    assert days >= 2, "totals are kept longer, and are made before their readings go"
    assert cli("history", "prune", "--before", "now", "--totals", "--yes").code == DONE
    assert count(db, "SELECT count(*) FROM sealed") <= 1
    assert count(db, "SELECT count(DISTINCT day) FROM quarters") == 1, "the day that goes on"
    assert count(db, "SELECT count(*) FROM audit") == 1


def test_prune_names_all_that_goes_before_it_goes(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=60, step_s=600))
    assert "there is nothing to pack" not in cli("history", "prune", "--seal").out
    assert "there is nothing to pack" in cli("history", "prune", "--seal").out
    asked = cli("history", "prune", "--older-than", "24h", "--totals")
    assert asked.code == REFUSED
    assert " readings of 1 PDU, 1 event, " in asked.err
    now = datetime.now(UTC)
    days = ((now - timedelta(hours=24)).date() - (now - timedelta(hours=60)).date()).days
    assert f", {counted(days, 'day')} of totals in " in asked.err  # one or two, by the hour
    assert "of totals" not in cli("history", "prune", "--older-than", "24h").err
    assert (
        "of totals" in cli("history", "prune", "--older-than", "24h", "--totals", "--dry-run").out
    )
    # Once its readings are gone there are still totals to ask about.
    assert cli("history", "prune", "--older-than", "24h", "--yes").code == DONE
    asked = cli("history", "prune", "--older-than", "24h", "--totals")
    assert asked.code == REFUSED
    assert "of totals in " in asked.err
    done = cli("history", "prune", "--older-than", "24h", "--totals", "--yes")
    assert "of totals" in done.out
    assert "there are no readings" in cli("history", "prune", "--older-than", "24h", "--totals").out


def test_prune_refuses_while_another_writes(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db, hours=6))
    with another_pdutui(db) as pid:
        for options in (("--older-than", "3h", "--yes"), ("--seal",)):
            done = cli("history", "prune", *options)
            assert done.code == REFUSED
            assert f"being written by another pdutui (pid {pid}). End it first" in done.err
        assert cli("history", "prune", "--older-than", "3h", "--dry-run").code == DONE
    assert readings(db) == 6 * 360


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--older-than", "30"), "'30' is no age: 30d, 12h or 8w"),
        (("--older-than", "0d"), "is no age"),
        (("--older-than", "1d", "--before", "now"), "exclude each other"),
        (("--before", "2099-01-01"), "--before: '2099-01-01' is not in the past"),
        (("--before", "tomorrow"), "is no time"),
        (("--seal", "--dry-run"), "--seal deletes nothing"),
    ],
)
def test_prune_takes_no_nonsense(cli: Cli, options: tuple[str, ...], said: str) -> None:
    done = cli("history", "prune", *options)
    assert done.code == USAGE
    assert said in done.err


def test_the_demo_has_a_database_of_its_own(cli: Cli, db: Path) -> None:
    asyncio.run(fill(db.with_name("demo.db"), hours=0.1, pdu="demo-a"))
    assert "demo-a" in cli("history", "list", "--demo").out
    assert "nothing was recorded yet" in cli("history", "list").err


def test_a_database_where_nothing_can_be_written_is_read(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot, say: SQLite alone would want to put its own files beside it."""
    asyncio.run(fill(db, hours=0.1))
    snapshot = db.parent / "snapshot"
    snapshot.mkdir()
    copy = snapshot / "history.db"
    copy.write_bytes(db.read_bytes())
    assert copy.read_bytes()[18] == 2, "it says that it has a log"
    may = os.access
    monkeypatch.setattr(  # root may write anywhere
        os, "access", lambda path, mode: mode != os.W_OK and may(path, mode)
    )
    listed = json.loads(cli("history", "list", "--json", "--db", str(copy)).out)
    assert listed["pdu"] == "bench"
    exported = cli("history", "export", "bench", "--step", "poll", "--db", str(copy))
    assert len(exported.out.splitlines()) == 37, exported.err
    assert [path.name for path in snapshot.iterdir()] == ["history.db"]
