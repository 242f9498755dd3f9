from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pdutui.store.errors import StoreFromFuture
from pdutui.store.history import HistoryStore, StoreStatus
from pdutui.store.schema import MIGRATIONS, SCHEMA_VERSION, migrate

from ..support.clock import ManualClock
from .conftest import Opener
from .crashing import PDUS, check, said
from .helpers import eventually, ms, query, reading, record, rows
from .test_crash import ROOT, start


def fill(store: HistoryStore, first: int, last: int, **other: object) -> None:
    for second in range(first, last):
        store.append(reading(second, **other))  # type: ignore[arg-type]


def seconds(path: Path) -> list[int]:
    return [(ts - ms(reading(0))) // 1000 for ts in rows(path)]


# -- disk full -------------------------------------------------------------------------------


async def test_quota_reached(open_store: Opener, path: Path, clock: ManualClock) -> None:
    store = await open_store(max_page_count=120)
    told: list[StoreStatus] = []
    store.on_status = told.append
    fill(store, 0, 100)
    await store.flush()
    assert store.status == StoreStatus(True, "")
    fill(store, 100, 3000)
    await store.flush()
    assert told == [StoreStatus(False, "history paused: disk full")]
    committed = seconds(path)
    assert committed[:100] == list(range(100))
    assert len(committed) < 3000
    assert await store.audit_durable(record(1)), "spilled, if not committed"
    clock.advance(2990)
    trend = await store.recent("rack1-a", ["outlet.1.power_w"], 2990)
    assert None not in trend["outlet.1.power_w"], "what waits is there to be seen"

    writer = await store._session._connect()
    await writer.run(lambda conn: conn.execute("PRAGMA max_page_count = 100000").fetchall())
    await clock.run(70)
    await eventually(lambda: store.status.ok, "recovered by itself")
    assert seconds(path) == list(range(3000))
    assert told[-1] == StoreStatus(True, "")


def test_full_file_system(tmp_path: Path) -> None:
    """ENOSPC for real, on a tmpfs in a user namespace."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    mount = tmp_path / "small"
    mount.mkdir()
    command = (
        f"mount -t tmpfs -o size=3m none {mount} || exit 77; "
        f"{sys.executable} -m tests.store.scenarios full_disk {mount}/history.db || exit 1; "
        f"sqlite3 {mount}/history.db 'SELECT count(*) FROM raw_1; PRAGMA integrity_check'"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["done", "3000", "ok"]


def test_a_file_system_that_is_full_for_hours(tmp_path: Path) -> None:
    """With sealing, retention, frames and health at work, in a time that passes quickly."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    mount = tmp_path / "small"
    mount.mkdir()
    command = (
        f"mount -t tmpfs -o size=12m none {mount} || exit 77; "
        f"{sys.executable} -m tests.store.crashing fill_up {mount}/history.db"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    assert done.stdout == "done\n", done.stderr


def test_write_errors(path: Path) -> None:
    done = start("write_errors", path, stderr=subprocess.PIPE)
    out, err = done.communicate(timeout=60)
    assert out == "done\n", err
    assert seconds(path) == list(range(3000))


async def test_the_buffer_is_bounded_and_loss_is_said(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    store = await open_store(buffer_bytes=100_000)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fill(store, 0, 1000)
    await store.flush()
    assert store._rows.bytes <= 100_000
    lost = store._rows.dropped
    assert 0 < lost < 1000
    assert store.status == StoreStatus(
        False, f"history paused: history.db is locked by another program; {lost} readings lost"
    )
    other.execute("COMMIT")
    other.close()
    await store.flush()
    assert seconds(path) == list(range(lost, 1000)), "the oldest are those that go"
    assert store.status == StoreStatus(True, f"{lost} readings lost")
    clock.advance(3601)
    await store.flush()
    assert store.status == StoreStatus(True, ""), "a note is not for ever"


# -- locked ----------------------------------------------------------------------------------


async def test_locked_and_free_again(store: HistoryStore, path: Path, clock: ManualClock) -> None:
    fill(store, 0, 5)
    await store.flush()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    fill(store, 5, 25)
    await eventually(lambda: not store.status.ok, "said so")
    assert store.status.detail == "history paused: history.db is locked by another program"
    assert (await store.recent("rack1-a", ["outlet.1.power_w"], 1))["outlet.1.power_w"] == [105.5]
    other.execute("ROLLBACK")
    other.close()
    await clock.run(3)
    await eventually(lambda: store.status.ok, "recovered by itself")
    assert seconds(path) == list(range(25))


async def test_locked_while_opening(open_store: Opener, path: Path) -> None:
    await (await open_store()).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("INSERT INTO events (ts, pdu, severity, text) VALUES (0, '', '', '')")
    store = await open_store()
    assert "locked by another program" in store.status.detail
    fill(store, 0, 3)
    assert await store.audit_durable(record(1))
    other.execute("ROLLBACK")
    other.close()
    await store.flush()
    assert store.status.ok
    assert seconds(path) == [0, 1, 2]
    assert len(query(path, "SELECT * FROM audit")) == 1


async def test_closing_is_bounded_however_long_it_is_locked(open_store: Opener, path: Path) -> None:
    store = await open_store(busy_ms=60_000, close_s=1.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fill(store, 0, 3)
    store.audit(record(1))
    began = time.monotonic()
    await store.close()
    assert time.monotonic() - began < 2.0
    assert len((path.parent / "audit-spill.jsonl").read_bytes().splitlines()) == 1
    other.close()


# -- a second console ------------------------------------------------------------------------


async def test_a_second_console_follows_and_takes_over(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    store = await open_store()
    assert store.status == StoreStatus(
        False, f"history is being written by another pdutui (pid {first.pid})"
    )
    trend = await store.recent("rack1-a", ["outlet.1.power_w"], 1)
    assert trend == {"outlet.1.power_w": [105.5]}, "sparklines work"
    fill(store, -9, -5)
    fill(store, 0, 10, pdu="only-here")
    store.append_event(reading(0).time, "rack1-a", "info", "logged there too")
    await store.flush()
    assert seconds(path) == [0], "nothing is stored twice"
    assert await store.audit_durable(record(1))
    assert len(query(path, "SELECT * FROM audit")) == 1, "its own commands are audited"
    assert len(store._rows) == 10, "what the other one has stored is not kept waiting"
    fill(store, -3, 10)
    first.communicate()
    await clock.run(11)
    await eventually(lambda: store.status == StoreStatus(True, ""), "took over by itself")
    await store.flush()
    assert seconds(path) == list(range(10)), "from where the first one stopped"
    assert len(rows(path, "only-here")) == 10
    assert query(path, "SELECT text FROM events") == []


async def test_a_second_program_says_so_at_once_and_reads_all_that_is_written(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    """The first one writes, seals and renames all the time, in a process of its own."""
    first = subprocess.Popen(
        [sys.executable, "-m", "tests.store.crashing", str(path), "0"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert first.stdout is not None
    assert first.stdout.readline() == "open True \n"
    told: list[StoreStatus] = []
    store = await open_store(busy_ms=2000)
    expected_status = StoreStatus(
        False, f"history is being written by another pdutui (pid {first.pid})"
    )
    assert store.status == expected_status, "before anything was to be written"
    store.on_status = told.append
    seen = 0
    while (line := first.stdout.readline()) and seen < 12:
        what, _, second = line.partition(" ")
        if what != "rows":
            continue
        seen += 1
        store.append(said(int(second) - 5, "rack1-a"))
        store.append_health(reading(0).time, "rack1-a", "live", "said by the second")
        await store.flush()
        reader = await store.reader()
        assert reader is not None
        at = ms(reading(int(second)))
        for pdu in PDUS:
            found = await reader.moment(pdu, at, within_ms=0)
            assert found is not None
            assert found.complete
            assert found.reading.outlets[0].name == f"host {int(second) // 1800}"
            assert [p.name for p in await reader.pdus()] == list(PDUS)
    assert (store.status, told) == (expected_status, []), "and goes on saying so"
    first.communicate("")
    assert query(path, "SELECT count(*) FROM health WHERE detail = 'said by the second'") == [(0,)]
    await clock.run(11)
    await eventually(lambda: told == [StoreStatus(True, "")], "it takes over by itself")
    check(path, [], [])


async def test_a_killed_writer_leaves_no_lock(open_store: Opener, path: Path) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.communicate()
    assert (await open_store()).status.ok


# -- damage ----------------------------------------------------------------------------------


def damage(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "garbage header":
        data[:64] = os.urandom(64)
    elif how == "garbage":
        data = bytearray(os.urandom(20_000))
    elif how == "truncated":
        del data[len(data) // 2 :]
    elif how == "first page":
        data[100:4096] = b"\xff" * 3996
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["garbage header", "garbage", "truncated", "first page"])
async def test_a_damaged_file_is_set_aside(open_store: Opener, path: Path, how: str) -> None:
    store = await open_store()
    fill(store, 0, 500)
    await store.audit_durable(record(1))
    await store.close()
    damage(path, how)
    damaged = path.read_bytes()
    again = await open_store()
    fill(again, 500, 510)
    await again.flush()
    name = "history.db.damaged-20261120T140211Z"
    assert again.status == StoreStatus(True, f"damaged history set aside as {name}")
    assert len(query(path, "SELECT * FROM audit")) == (how == "truncated"), "the audit at once"
    assert (path.parent / name).read_bytes() == damaged
    assert seconds(path) == list(range(500, 510))
    await again.close()
    second = await open_store()
    assert second.status == StoreStatus(True, "")


async def test_a_flipped_page_met_by_a_read(open_store: Opener, path: Path) -> None:
    store = await open_store()
    fill(store, 0, 2000)
    for k in range(40):
        store.audit(record(k))
    await store.close()
    conn = sqlite3.connect(path)
    leaf = conn.execute(
        "SELECT pageno FROM dbstat WHERE name = 'raw_1' AND pagetype = 'leaf' ORDER BY pageno"
    ).fetchall()[-1][0]
    conn.close()
    data = bytearray(path.read_bytes())
    data[(leaf - 1) * 4096 : leaf * 4096] = b"\xa5" * 4096
    path.write_bytes(data)

    again = await open_store()
    assert again.status.ok, "opening does not read it all"
    assert len(await again.audit_rows(100)) == 40
    await again.recent("rack1-a", ["outlet.1.power_w"], 100_000)
    fill(again, 0, 3, pdu="other")
    clock_now = query(path, "SELECT count(*) FROM audit")
    assert clock_now == [(40,)]
    writer = again._session
    await writer.read(lambda conn: None)
    with pytest.raises(Exception, match="damaged"):
        await writer.read(
            lambda conn: conn.execute("SELECT sum(ats_0_active) FROM raw_1").fetchall()
        )
    await again.flush()
    assert "set aside" in again.status.detail
    assert len(rows(path, "other")) == 3
    assert len(query(path, "SELECT * FROM audit")) == 40, "the audit came over"


async def test_damage_below_a_running_console(store: HistoryStore, path: Path) -> None:
    fill(store, 0, 300)
    await store.flush()
    writer = await store._session._connect()
    for pragma in ("wal_checkpoint(TRUNCATE)", "shrink_memory"):
        await writer.run(lambda conn, p: conn.execute(f"PRAGMA {p}").fetchall(), pragma)
    with path.open("r+b") as file:
        file.seek(0)
        file.write(os.urandom(path.stat().st_size))
    fill(store, 300, 310, pdu="new-one")
    await store.flush()
    assert store.status.ok
    assert "set aside as history.db.damaged-" in store.status.detail
    assert len(rows(path, "new-one")) == 10


# -- gone, foreign, from the future, unwritable ----------------------------------------------


async def test_deleted_below_a_running_console(store: HistoryStore, path: Path) -> None:
    fill(store, 0, 5)
    await store.flush()
    path.unlink()
    fill(store, 5, 10)
    await store.flush()
    assert store.status == StoreStatus(True, "history.db was removed; a new one was begun")
    assert seconds(path) == list(range(5, 10))
    fill(store, 10, 12)
    assert await store.audit_durable(record(1))
    await store.close()
    assert seconds(path) == list(range(5, 12))
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_deleted_after_a_crash_with_its_log_left_behind(
    open_store: Opener, path: Path
) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.communicate()
    assert path.with_name("history.db-wal").stat().st_size > 0
    path.unlink()
    store = await open_store()
    assert store.status == StoreStatus(True, "")
    fill(store, 7, 9)
    await store.flush()
    assert seconds(path) == [7, 8]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_moved_below_a_running_console(store: HistoryStore, path: Path) -> None:
    fill(store, 0, 5)
    await store.flush()
    moved = path.with_name("moved.db")
    path.rename(moved)
    assert await store.recent("rack1-a", ["outlet.1.power_w"], 2)
    fill(store, 5, 10)
    await store.flush()
    assert seconds(path) == list(range(5, 10))
    assert seconds(moved) == list(range(5)), "nothing that was committed is lost"


async def test_directory_removed_below_a_running_console(store: HistoryStore, path: Path) -> None:
    fill(store, 0, 5)
    await store.flush()
    shutil.rmtree(path.parent)
    fill(store, 5, 10)
    await store.flush()
    await store.flush()
    assert store.status.ok
    assert seconds(path) == list(range(5, 10))


async def test_from_the_future(open_store: Opener, path: Path) -> None:
    await (await open_store()).close()
    query(path, "PRAGMA user_version = 7")
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    with pytest.raises(StoreFromFuture) as caught:
        await open_store()
    text = str(caught.value)
    assert str(path) in text
    assert "schema 7" in text
    assert f"up to {SCHEMA_VERSION}" in text
    assert "Upgrade pdutui" in text
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


async def test_a_future_schema_that_cannot_be_read_is_not_damage(
    open_store: Opener, path: Path
) -> None:
    await (await open_store()).close()
    conn = sqlite3.connect(path)
    conn.executescript(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE TABLE events (n) FROM 2031' WHERE name = 'events';"
        "PRAGMA user_version = 7"
    )
    conn.close()
    with pytest.raises(StoreFromFuture):
        await open_store()
    assert list(path.parent.glob("*damaged*")) == []


async def test_from_the_future_in_the_log_only(open_store: Opener, path: Path) -> None:
    """A newer pdutui that was killed: the header of the main file still has the old version."""
    await (await open_store()).close()
    script = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA user_version = 7'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    with pytest.raises(StoreFromFuture):
        await open_store()
    assert query(path, "PRAGMA user_version") == [(7,)]


async def test_upgraded_below_a_running_console(store: HistoryStore, path: Path) -> None:
    query(path, "PRAGMA user_version = 7")
    fill(store, 0, 3)
    await store.flush()
    assert store.status == StoreStatus(
        False, "history paused: history.db belongs to a newer pdutui"
    )
    assert rows(path) == {}
    assert await store.audit_durable(record(1)), "spilled"


async def test_some_other_database(open_store: Opener, path: Path) -> None:
    path.parent.mkdir()
    query(path, "CREATE TABLE precious (x)")
    store = await open_store()
    fill(store, 0, 3)
    await store.flush()
    assert store.status == StoreStatus(
        False, f"history paused: {path} is another program's database"
    )
    assert query(path, "SELECT name FROM sqlite_master") == [("precious",)]
    assert query(path, "PRAGMA journal_mode") == [("delete",)]


async def test_a_directory_that_cannot_be_made(open_store: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = await open_store(tmp_path / "file" / "sub" / "history.db")
    assert not store.status.ok
    assert "cannot write" in store.status.detail
    assert "not a directory" in store.status.detail
    fill(store, 0, 20)
    trend = await store.recent("rack1-a", ["outlet.1.power_w"], 1)
    assert trend == {"outlet.1.power_w": [105.5]}
    (tmp_path / "file").unlink()
    await store.flush()
    assert store.status.ok
    assert len(rows(tmp_path / "file" / "sub" / "history.db")) == 20


def test_no_permission(tmp_path: Path) -> None:
    where = Path("/tmp") / f"pdutui-unwritable-{os.getpid()}"
    where.mkdir(mode=0o555)
    try:
        done = start("unwritable", where / "history.db", stderr=subprocess.PIPE)
        out, err = done.communicate(timeout=30)
        assert out == "done\n", err
        assert list(where.iterdir()) == []
    finally:
        where.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of somebody else")
async def test_no_permission_for_the_file(open_store: Opener, path: Path) -> None:
    where = Path("/tmp") / f"pdutui-readonly-{os.getpid()}"
    where.mkdir()
    try:
        await (await open_store(where / "history.db")).close()
        for file in where.iterdir():
            if file.name != "history.db":
                file.unlink()
        where.chmod(0o777)
        (where / "history.db").chmod(0o644)
        done = start("read_only_file", where / "history.db", stderr=subprocess.PIPE)
        out, err = done.communicate(timeout=30)
        assert out == "done\n", err
        assert rows(where / "history.db") == {}
    finally:
        shutil.rmtree(where)


# -- migrations ------------------------------------------------------------------------------


def test_migrations_go_step_by_step_and_stop_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    conn = sqlite3.connect(path, isolation_level=None)
    migrate(conn, path)
    migrate(conn, path)
    assert conn.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)

    def second(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE rollup (x)")

    def third(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE other (x)")
        conn.execute("CREATE TABLE rollup (x)")

    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(conn, path, {**MIGRATIONS, SCHEMA_VERSION: second, SCHEMA_VERSION + 1: third})
    assert conn.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)
    tables = {n for (n,) in conn.execute("SELECT name FROM sqlite_master")}
    assert "rollup" in tables
    assert "other" not in tables
    with pytest.raises(StoreFromFuture):
        migrate(conn, path)
    conn.close()
