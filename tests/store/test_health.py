"""Changes of health are kept, tell pdutui's own silence from a device's, and take no harm."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from pdutui.store.history import HistoryStore

from .conftest import Opener
from .helpers import START, query, reading, rows
from .test_crash import start

ALL = "SELECT p.name, h.ts, h.health, h.detail FROM health h JOIN pdu p ON p.id = h.pdu ORDER BY ts"
T0 = round(START.timestamp() * 1000)


async def test_kept_with_time_word_and_detail(store: HistoryStore, path: Path) -> None:
    store.append_health(START, "rack1-a", "connecting", "pdutui started")
    store.append_health(START + timedelta(seconds=1.5), "rack1-a", "lost", "no answer \udce9")
    await store.flush()
    assert query(path, ALL) == [
        ("rack1-a", T0, "connecting", "pdutui started"),
        ("rack1-a", T0 + 1500, "lost", "no answer \\udce9"),
    ]


async def test_two_in_one_millisecond_are_two(store: HistoryStore, path: Path) -> None:
    for word in ("connecting", "late", "lost"):
        store.append_health(START, "rack1-a", word, "")  # type: ignore[arg-type]
    await store.flush()
    assert [row[1:3] for row in query(path, ALL)] == [
        (T0, "connecting"), (T0 + 1, "late"), (T0 + 2, "lost"),
    ]  # fmt: skip


async def test_of_a_pdu_that_was_never_read(open_store: Opener, path: Path) -> None:
    store = await open_store()
    store.append_health(START, "rack1-a", "refused", "wrong community")
    await store.flush()
    assert rows(path) == {}, "there is a table, without rows"
    assert await store.recent("rack1-a", ["outlet.1.power_w"], 1) == {"outlet.1.power_w": [None]}
    await store.close()
    again = await open_store()
    again.append(reading(0))
    await again.flush()
    assert len(rows(path)) == 1
    assert len(query(path, "PRAGMA table_info(raw_1)")) > 60, "with all its columns"
    assert query(path, "SELECT outlet_3_state FROM pdu_rack1_a") == [("on",)]
    again.append_health(START, "rack1-a", "live", "")
    await again.flush()
    assert len(rows(path)) == 1, "nothing was made anew"


async def test_a_follower_leaves_them_to_the_one_who_writes(open_store: Opener, path: Path) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    first.stdout.readline()
    store = await open_store()
    store.append_health(START, "rack1-a", "live", "")
    await store.flush()
    first.communicate()
    await store.flush()
    assert query(path, ALL) == []


async def test_wait_while_the_disk_refuses_and_are_bounded(open_store: Opener, path: Path) -> None:
    store = await open_store()
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for second in range(1500):
        store.append_health(START + timedelta(seconds=second), "rack1-a", "late", str(second))
    await store.flush()
    assert not store.status.ok
    lock.execute("ROLLBACK")
    lock.close()
    await store.flush()
    kept = [detail for *_, detail in query(path, ALL)]
    assert kept == [str(k) for k in range(500, 1500)]
