from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from pdutui.store.audit import AuditEntry
from pdutui.store.history import HistoryStore
from pdutui.store.spill import SpillFile

from .conftest import Opener
from .helpers import eventually, query, record


async def test_durable_is_committed(store: HistoryStore, path: Path) -> None:
    assert await store.audit_durable(record(1))
    assert query(path, "SELECT intent_id, time, outcome FROM audit") == [
        ("intent-1", "2026-11-20T14:02:12.003456Z", "requested")
    ]


async def test_round_trip_newest_first(store: HistoryStore) -> None:
    given = [record(k, outcome="observed", state_to="off", reason="why") for k in range(5)]
    for one in given:
        store.audit(one)
    assert await store.audit_rows(3) == given[:1:-1]
    await store.flush()
    assert await store.audit_rows(3) == given[:1:-1]
    assert await store.audit_rows(100) == given[::-1]


async def test_queued_records_need_no_flush(store: HistoryStore, path: Path) -> None:
    store.audit(record(1))
    await eventually(lambda: len(query(path, "SELECT * FROM audit")) == 1, "the record")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET user = 'eve'",
        "UPDATE OR REPLACE audit SET user = 'eve'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE n = 1",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "REPLACE INTO audit (n, uid, time, intent_id, user, origin, pdu, outlet, outlet_name,"
        " action, state_from, outcome, detail)"
        " VALUES (1, 'x', '', '', 'eve', '', '', 1, '', '', '', '', '')",
        "REPLACE INTO audit (uid, time, intent_id, user, origin, pdu, outlet, outlet_name,"
        " action, state_from, outcome, detail)"
        " SELECT uid, '', '', 'eve', '', '', 1, '', '', '', '', '' FROM audit",
    ],
)
async def test_append_only(store: HistoryStore, path: Path, sql: str) -> None:
    await store.audit_durable(record(1))
    conn = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        conn.execute(sql)
    conn.rollback()
    assert conn.execute("SELECT user FROM audit").fetchall() == [("alice",)]
    conn.close()


async def test_text_that_is_no_text_is_kept_readable(store: HistoryStore) -> None:
    assert await store.audit_durable(record(1, user="caf\udce9", outlet_name="a\x00b"))
    assert (await store.audit_rows(1))[0].user == "caf\\udce9"


async def test_while_locked_it_spills_and_is_merged_after(store: HistoryStore, path: Path) -> None:
    spill = path.parent / "audit-spill.jsonl"
    await store.audit_durable(record(1))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await store.audit_durable(record(2))
    assert spill.stat().st_mode & 0o777 == 0o600
    assert len(SpillFile(spill).read()) == 1
    assert not store.status.ok
    assert "locked by another program" in store.status.detail
    assert [r.intent_id for r in await store.audit_rows(5)] == ["intent-2", "intent-1"]
    other.execute("COMMIT")
    other.close()
    await store.flush()
    assert store.status.ok
    assert [r for (r,) in query(path, "SELECT intent_id FROM audit")] == ["intent-1", "intent-2"]
    assert spill.stat().st_size == 0
    assert len(await store.audit_rows(5)) == 2


async def test_a_spill_of_an_earlier_run_is_taken_over(open_store: Opener, path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    blocker = path.with_name("not-a-dir")
    blocker.write_text("")
    broken = await open_store(blocker / "history.db")
    assert not broken.status.ok
    assert not await broken.audit_durable(record(1)), "nowhere to put it"
    assert "audit records in memory only" in broken.status.detail

    first = await open_store()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await first.audit_durable(record(7))
    first.audit(record(8))
    await first.close()
    other.close()
    again = await open_store()
    await eventually(lambda: len(query(path, "SELECT * FROM audit")) == 2, "both records")
    assert [r.intent_id for r in await again.audit_rows(9)] == ["intent-8", "intent-7"]


async def test_a_torn_spill_line_is_kept_aside(open_store: Opener, path: Path) -> None:
    store = await open_store()
    await store.close()
    spill = path.parent / "audit-spill.jsonl"
    spill.write_bytes(b'{"uid":"torn","rec')
    SpillFile(spill).append([AuditEntry.of(record(4))])
    again = await open_store()
    await again.flush()
    assert [r.intent_id for r in await again.audit_rows(9)] == ["intent-4"]
    assert (path.parent / "audit-spill.damaged.jsonl").read_bytes() == b'{"uid":"torn","rec\n'
    assert spill.stat().st_size == 0


async def test_merging_twice_is_merging_once(open_store: Opener, path: Path) -> None:
    """A crash between the commit and the emptying of the file leaves the records in both."""
    store = await open_store()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await store.audit_durable(record(1))
    other.close()
    spilled = (path.parent / "audit-spill.jsonl").read_bytes()
    await store.close()
    assert len(query(path, "SELECT * FROM audit")) == 1
    (path.parent / "audit-spill.jsonl").write_bytes(spilled)
    again = await open_store()
    await again.flush()
    assert len(query(path, "SELECT * FROM audit")) == 1
    assert again.status.ok
    assert (path.parent / "audit-spill.jsonl").stat().st_size == 0


async def test_memory_is_bounded_and_loss_is_said(open_store: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = await open_store(tmp_path / "file" / "history.db", audit_in_memory=3)
    for k in range(5):
        store.audit(record(k))
    await store.flush()
    assert "2 audit records lost" in store.status.detail
    assert [r.time - record(0).time for r in await store.audit_rows(9)] == [
        timedelta(seconds=s) for s in (4, 3, 2)
    ]
