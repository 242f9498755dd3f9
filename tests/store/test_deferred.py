"""The store that is opened a moment later loses nothing and says what is wrong."""

from __future__ import annotations

import asyncio
import sqlite3
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import AuditRecord
from pdutui.domain.reading import Outlet, Reading
from pdutui.store.deferred import DeferredStore
from pdutui.store.errors import StoreFromFuture
from pdutui.store.history import HistoryStore
from pdutui.store.peek import APPLICATION_ID, SCHEMA_VERSION, refuse_future
from pdutui.store.status import StoreStatus


def reading(watts: float) -> Reading:
    outlet = Outlet(number=1, name="db01", state="on", power_w=watts)
    return Reading(pdu="a", time=datetime.now(UTC), outlets=(outlet,))


def record() -> AuditRecord:
    return AuditRecord(
        time=datetime.now(UTC), intent_id="i", user="u", ssh_origin=None, origin="console",
        pdu="a", outlet=1, outlet_name="db01", action="off", state_from="on", state_to=None,
        outcome="requested", detail="asked for",
    )  # fmt: skip


def opening_of(path: Path, gate: asyncio.Event) -> DeferredStore:
    async def opening() -> HistoryStore:
        await gate.wait()
        return await HistoryStore.open(path, clock=SystemClock(), retention_days=60)

    return DeferredStore(opening)


async def test_what_came_before_it_was_open_is_kept_in_order(tmp_path: Path) -> None:
    gate = asyncio.Event()
    store = opening_of(tmp_path / "history.db", gate)
    store.append(reading(100))
    store.append_event(datetime.now(UTC), "a", "info", "first")
    store.audit(record())
    waiting = asyncio.create_task(store.audit_durable(record()))
    await asyncio.sleep(0.05)
    assert not waiting.done(), "nothing is durable before there is a file"
    assert store.status.ok
    gate.set()
    assert await waiting
    await store.close()
    with sqlite3.connect(tmp_path / "history.db") as conn:
        assert conn.execute("SELECT count(*) FROM audit").fetchone() == (2,)
        assert conn.execute("SELECT text FROM events").fetchall() == [("first",)]
        assert conn.execute("SELECT count(*) FROM raw_1").fetchone() == (1,)


async def test_it_opens_without_a_reading_and_is_closed_with_nothing_in_it(tmp_path: Path) -> None:
    gate = asyncio.Event()
    gate.set()
    store = opening_of(tmp_path / "history.db", gate)
    assert await store.recent("a", ["outlet.1.power_w"], 5) == {"outlet.1.power_w": [None] * 5}
    await store.close()
    await store.close()
    assert (tmp_path / "history.db").exists()


async def test_a_database_from_the_future_is_told_and_left_alone() -> None:
    async def opening() -> HistoryStore:
        raise StoreFromFuture(Path("h.db"), 9, 1)

    store = DeferredStore(opening)
    heard: list[StoreStatus] = []
    store.on_status = heard.append
    assert not await store.audit_durable(record())
    assert not store.status.ok
    assert "newer pdutui" in store.status.detail
    assert heard == [store.status]
    await store.close()


@pytest.mark.parametrize("version", [SCHEMA_VERSION, SCHEMA_VERSION + 1])
def test_the_version_is_read_off_the_header(tmp_path: Path, version: int) -> None:
    path = tmp_path / "history.db"
    conn = sqlite3.connect(path)
    conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version = {version}")
    conn.execute("CREATE TABLE t (a)")
    conn.close()
    refusal = refuse_future(path)
    assert bool(refusal) == (version > SCHEMA_VERSION)
    if refusal:
        assert "newer pdutui" in refusal
        assert str(path) in refusal


@pytest.mark.parametrize("content", [b"", b"no database", struct.pack(">100x")])
def test_what_is_no_database_is_for_the_opening_to_judge(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.db"
    assert refuse_future(path) == ""
    path.write_bytes(content)
    assert refuse_future(path) == ""
