from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.store.errors import StoreTrouble
from pdutui.store.history import HistoryStore
from pdutui.store.sealing import _due
from pdutui.store.session import Session
from pdutui.store.status import StoreStatus
from pdutui.store.upkeep import Pruned

from ..support.clock import ManualClock
from .conftest import Opener
from .helpers import START, ms, query, reading, record, rows
from .sealed import database, every, put, rollup, seal_all, sealed_rows
from .test_crash import start

NOW = round(START.timestamp() * 1000)
NOW_HOUR = NOW // HOUR_MS


async def until(
    clock: ManualClock, condition: Callable[[], bool], what: str, step_s: float = 20
) -> None:
    """Let time pass, some of the manual clock for a little of the real one."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, f"never came about: {what}"
        await clock.run(step_s)
        await asyncio.sleep(0.003)


async def idle(clock: ManualClock) -> None:
    """Let upkeep look around and find nothing to do."""
    for _ in range(10):
        await clock.run(30)
        await asyncio.sleep(0.005)


def polls(store: HistoryStore, begin_ms: int, end_ms: int, step_s: int = 60) -> list[int]:
    times = list(every(step_s, begin_ms, end_ms))
    for ts in times:
        store.append(reading((ts - NOW) / 1000))
    return times


def kept(path: Path) -> dict[int, dict[str, int]]:
    with closing(sqlite3.connect(path)) as conn:
        return sealed_rows(conn)


def sealed_hours(path: Path) -> list[int]:
    return [int(str(h)) for (h,) in query(path, "SELECT hour FROM sealed ORDER BY hour")]


# -- sealing -----------------------------------------------------------------------------------


async def test_hours_are_sealed_when_they_have_been_over_for_a_while(
    store: HistoryStore, path: Path, clock: ManualClock
) -> None:
    times = polls(store, NOW - 3 * HOUR_MS, NOW)
    await store.flush()
    before = rows(path)
    assert len(before) == len(times)
    await until(clock, lambda: NOW_HOUR - 2 in sealed_hours(path), "two hours ago is sealed")
    await idle(clock)
    assert sealed_hours(path) == [NOW_HOUR - 3, NOW_HOUR - 2], "the last hour stays as it is"
    assert min(rows(path)) // HOUR_MS == NOW_HOUR - 1
    assert await store.seal_now() == 0
    clock.advance(3600)
    assert await store.seal_now() == 1
    now_sealed = kept(path)
    assert now_sealed.keys() | rows(path).keys() == before.keys()
    for ts, row in now_sealed.items():
        assert row == {key: value for key, value in before[ts].items() if value is not None}
    assert store.status == StoreStatus(True, "")


async def test_hours_of_the_future_wait_until_they_are_past(
    store: HistoryStore, path: Path, clock: ManualClock
) -> None:
    polls(store, NOW + 9 * HOUR_MS, NOW + 10 * HOUR_MS)
    await store.flush()
    await idle(clock)
    assert await store.seal_now() == 0
    clock.advance(12 * 3600)
    assert await store.seal_now() == 2


async def test_rows_that_come_late_are_put_with_their_hour(
    store: HistoryStore, path: Path, clock: ManualClock
) -> None:
    begin = (NOW_HOUR - 5) * HOUR_MS
    times = polls(store, begin, begin + HOUR_MS, 120)
    await store.flush()
    assert await store.seal_now() == 1
    times += polls(store, begin + 60_000, begin + HOUR_MS, 120)
    await store.flush()
    assert len(rows(path)) == 30
    await until(clock, lambda: not rows(path), "sealed once more")
    assert list(kept(path)) == sorted(times)


def test_pdus_take_turns() -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.execute("CREATE TABLE pdu (id INTEGER PRIMARY KEY)")
    for pdu in range(1, 51):
        conn.execute("INSERT INTO pdu VALUES (?)", (pdu,))
        conn.execute(f"CREATE TABLE raw_{pdu} (ts INTEGER PRIMARY KEY)")
        conn.execute(f"INSERT INTO raw_{pdu} VALUES (?)", (NOW_HOUR * HOUR_MS,))
    at, counts = (NOW_HOUR + 1) * 3600.0, []
    assert _due(conn, at - 1, 2400.0, {}) == {}
    for minute in range(41):
        due = _due(conn, at + 60 * minute, 2400.0, {})
        counts.append(len(due))
        for pdu in due:
            conn.execute(f"DELETE FROM raw_{pdu}")
    assert sum(counts) == 50
    assert max(counts) <= 3, "not all at once"
    conn.close()


async def test_a_backlog_is_worked_off_between_writes(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    conn = database(path)
    times = list(every(300, NOW - 30 * HOUR_MS, NOW))
    old = {ts: {"outlet.1.power_w": ts % 1000} for ts in times}
    put(conn, old)
    put(conn, old, pdu="other")
    conn.close()
    store = await open_store(retention_days=1)
    await clock.run(21)
    assert len(sealed_hours(path)) <= 2, "one hour of each, then a rest"
    await until(clock, lambda: len(sealed_hours(path)) >= 10, "some are sealed", 0.1)
    assert min(rows(path)) // HOUR_MS < NOW_HOUR - 20, "not all of them yet"
    store.append(reading(0))
    await store.flush()
    assert rows(path)[ms(reading(0))], "readings are written meanwhile"
    await until(clock, lambda: min(rows(path)) // HOUR_MS >= NOW_HOUR - 2, "all of it")
    await until(clock, lambda: sealed_hours(path)[0] >= NOW_HOUR - 24, "what is too old is gone")
    with closing(sqlite3.connect(path)) as conn:
        totals = rollup(conn, "quarters")
    assert min(at for _, at in totals) == times[0] - times[0] % 900_000, "and counted before"


async def test_only_the_one_who_writes_seals(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    conn = database(path)
    put(conn, {NOW - 5 * HOUR_MS: {"outlet.1.power_w": 1}})
    conn.close()
    store = await open_store()
    await idle(clock)
    for refused in (store.seal_now, store.prune_now):
        with pytest.raises(StoreTrouble, match="another pdutui") as error:
            await refused()
        assert error.value.kind == "other_writer"
    assert sealed_hours(path) == []
    first.communicate()
    await until(clock, lambda: sealed_hours(path) == [NOW_HOUR - 5], "took over")


async def test_trouble_with_sealing_is_no_trouble_with_history(
    store: HistoryStore, path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    polls(store, NOW - 4 * HOUR_MS, NOW - 3 * HOUR_MS)
    await store.flush()
    told: list[StoreStatus] = []
    store.on_status = told.append
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await until(clock, lambda: "not sealed for now" in caplog.text, "it was tried")
    for _ in range(5):
        await clock.run(61)
        await asyncio.sleep(0.06)
    assert caplog.text.count("not sealed for now") == 1, "said once"
    other.execute("ROLLBACK")
    other.close()
    await until(clock, lambda: len(sealed_hours(path)) == 2, "tried again")
    assert told == []


async def test_what_is_damaged_is_left_and_said_once(
    store: HistoryStore, path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    begin = (NOW_HOUR - 5) * HOUR_MS
    polls(store, begin, begin + HOUR_MS, 120)
    await store.flush()
    await store.seal_now()
    query_write(path, "UPDATE chunk SET z = x'00'")
    polls(store, begin + 60_000, begin + HOUR_MS, 120)
    polls(store, begin + HOUR_MS, begin + 2 * HOUR_MS, 120)
    await store.flush()
    await until(clock, lambda: NOW_HOUR - 4 in sealed_hours(path), "the next hour is sealed")
    await idle(clock)
    assert len(rows(path)) == 30
    assert caplog.text.count("which is damaged") == 1
    assert "the hour of 2026-11-20 09:00Z" in caplog.text


def query_write(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as conn:
        conn.execute(sql)
    conn.close()


# -- retention ---------------------------------------------------------------------------------


def old_history(path: Path, days: int, pdu: str = "rack1-a") -> None:
    """Two polls a quarter of an hour, all sealed, and one of everything else a day."""
    conn = database(path)
    begin = NOW - days * DAY_MS
    values = {ts: {"outlet.1.power_w": 5} for ts in every(450, begin, NOW - 2 * HOUR_MS)}
    ident = put(conn, values, pdu)
    seal_all(conn, ident)
    conn.execute("DELETE FROM gap WHERE pdu = ?", (ident,))
    for day in range(days):
        ts = begin + day * DAY_MS
        conn.execute("INSERT INTO gap VALUES (?, ?, ?)", (ident, ts, ts - 9000))
        conn.execute("INSERT INTO frame VALUES (?, ?, '{}')", (ident, ts))
        conn.execute("INSERT INTO health VALUES (?, ?, 'ok', '')", (ident, ts))
        conn.execute("INSERT INTO report VALUES ('w', ?, ?, ?, '{}')", (pdu, str(day), ts))
        conn.execute(
            "INSERT INTO events (ts, pdu, severity, text) VALUES (?, ?, 'info', 'x')", (ts, pdu)
        )
    conn.close()


AGES = {
    "sealed": f"SELECT ({NOW} - hour * {HOUR_MS}) / {DAY_MS}.0 FROM sealed",
    "chunk": f"SELECT ({NOW} - hour * {HOUR_MS}) / {DAY_MS}.0 FROM chunk",
    "minutes": f"SELECT ({NOW} - hour * {HOUR_MS}) / {DAY_MS}.0 FROM minutes",
    "quarters": f"SELECT ({NOW} - day * {DAY_MS}) / {DAY_MS}.0 FROM quarters",
    "gap": f"SELECT ({NOW} - to_ms) / {DAY_MS}.0 FROM gap",
    "health": f"SELECT ({NOW} - ts) / {DAY_MS}.0 FROM health",
    "events": f"SELECT ({NOW} - ts) / {DAY_MS}.0 FROM events",
    "frame": f"SELECT ({NOW} - ts) / {DAY_MS}.0 FROM frame",
    "report": f"SELECT ({NOW} - made_ms) / {DAY_MS}.0 FROM report",
}


def oldest_days(path: Path) -> dict[str, float]:
    return {name: max(float(str(a)) for (a,) in query(path, sql)) for name, sql in AGES.items()}


async def test_everything_goes_in_its_time(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    old_history(path, 9)
    old_history(path, 9, pdu="gone")
    store = await open_store(retention_days=3, totals_days=6)
    clock.advance(1)
    pruned = await store.prune_now()
    found = oldest_days(path)
    for name in ("sealed", "chunk", "minutes"):
        assert 3 < found.pop(name) <= 3 + 1 / 24, "whole hours, and what is in them stays"
    assert 6 < found.pop("quarters") <= 7, "whole days"
    # A frame is the truth until the next one.
    assert found == {"gap": 5, "health": 2, "events": 2, "frame": 6, "report": 5}
    assert pruned.hours == 2 * 6 * 24
    assert pruned.days == 2 * 3
    assert pruned.rows == 0
    assert await store.prune_now() == Pruned()


async def test_what_a_pdu_said_of_itself_stays_while_it_is_true(
    path: Path, open_store: Opener
) -> None:
    old_history(path, 9)
    query_write(path, f"DELETE FROM frame WHERE ts > {NOW - 8 * DAY_MS}")
    store = await open_store(retention_days=3, totals_days=5)
    await store.prune_now()
    assert query(path, AGES["frame"]) == [(8,)], "the last one before is what it said since"


async def test_a_wrong_clock_costs_a_day_an_hour_at_most(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    old_history(path, 9)
    clock.advance(4000 * 86_400)
    await open_store(retention_days=3, totals_days=6)
    await until(clock, lambda: oldest_days(path)["report"] < 9, "upkeep has begun")
    await idle(clock)
    found = oldest_days(path)
    assert {int(age) for age in found.values()} <= {8, 7}, "a day of the nine"
    await until(clock, lambda: oldest_days(path)["report"] < 8, "another hour")
    await idle(clock)
    found = oldest_days(path)
    assert found.pop("frame") >= 5, "what was true on a day, and what became true on it"
    assert {int(age) for age in found.values()} <= {7, 6}


async def test_keep_everything(path: Path, open_store: Opener, clock: ManualClock) -> None:
    old_history(path, 2)
    before = oldest_days(path)
    store = await open_store(retention_days=0, totals_days=0)
    clock.advance(86_400 * 4000)
    assert await store.prune_now() == Pruned()
    await idle(clock)
    assert oldest_days(path) == before


async def test_the_audit_is_kept(path: Path, open_store: Opener, clock: ManualClock) -> None:
    store = await open_store(retention_days=1, totals_days=1)
    assert await store.audit_durable(record(1))
    clock.advance(4000 * 86_400)
    await store.prune_now()
    assert len(await store.audit_rows(9)) == 1


async def test_rows_beside_a_damaged_hour_go_in_their_time_as_well(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    store = await open_store(retention_days=1)
    begin = (NOW_HOUR - 5) * HOUR_MS
    polls(store, begin, begin + HOUR_MS, 120)
    await store.flush()
    await store.seal_now()
    query_write(path, "UPDATE chunk SET z = x'00'")
    polls(store, begin + 60_000, begin + HOUR_MS, 120)
    store.append_health(START, "rack1-a", "live", "")
    await store.flush()
    assert await store.seal_now() == 0
    clock.advance(2 * 86_400)
    pruned = await store.prune_now()
    assert pruned.rows == 30
    assert rows(path) == {}
    assert query(path, "SELECT * FROM health") == []


async def test_chores_are_done_every_hour(
    store: HistoryStore, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[float] = []

    async def chore(session: Session) -> None:
        done.append(clock.monotonic())
        raise StoreTrouble("full", "no room for it")

    store._upkeep.chores.append(chore)
    begin = clock.monotonic()
    await until(clock, lambda: len(done) == 3, "two hours and a bit have passed", 60)
    assert done[0] - begin >= 20, "not before there is something on the screen"
    assert done[2] - begin >= 20 + 2 * 3600
    assert "no room for it" in caplog.text
    assert store.status == StoreStatus(True, "")


# -- room --------------------------------------------------------------------------------------


async def test_sealing_makes_room_on_a_full_disk(
    path: Path, open_store: Opener, clock: ManualClock
) -> None:
    store = await open_store(max_page_count=300)
    begin = (NOW_HOUR - 9) * HOUR_MS
    polls(store, begin, begin + 5 * HOUR_MS, 2)
    await store.flush()
    assert store.status == StoreStatus(False, "history paused: disk full")
    waiting = len(store._rows)
    assert waiting > 0
    assert await store.seal_now() >= 1, "the room of the rows takes what is made of them"
    await until(clock, lambda: store.status.ok, "goes on by itself")
    await until(clock, lambda: len(store._rows) == 0, "all of it is written")
    await store.seal_now()
    assert len(kept(path)) == 5 * 1800


async def test_the_file_stops_growing(path: Path, open_store: Opener, clock: ManualClock) -> None:
    store = await open_store(retention_days=1, totals_days=2)
    conn = database(path)
    sizes = []
    for hour in range(24 * 5):
        begin = NOW + hour * HOUR_MS
        put(
            conn,
            {
                ts: {f"outlet.{n}.power_w": ts // 1000 * n % 271 for n in range(1, 11)}
                for ts in every(20, begin, begin + HOUR_MS)
            },
        )
        clock.advance(3600)
        await store.prune_now()
        if hour % 24 == 23:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(path.stat().st_size)
    conn.close()
    assert sizes[0] < sizes[2]
    assert max(sizes[3:]) <= 1.03 * sizes[2], sizes
    assert len(sealed_hours(path)) in (23, 24), "a day is kept"
