"""The reader's thread: what is asked of it, taken back, or asked of files that are not right."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.clock import SystemClock
from pdutui.domain.history import HOUR_MS, Gap, HistoryQuery, RecordedPdu
from pdutui.store.deferred import DeferredStore
from pdutui.store.errors import StoreTrouble
from pdutui.store.history import HistoryStore
from pdutui.store.query import Asked
from pdutui.store.reader import Reader, open_reader
from pdutui.store.readside import CACHE_KIB
from pdutui.store.samples import find_pdu

from ..support.clock import ManualClock
from .conftest import Opener
from .helpers import START, ms, reading
from .sealed import database, every, put, seal_all

KEY = "outlet.1.power_w"
T0 = ms(reading(0))


def watts(second: float) -> float:
    return 105.5 + second


async def lasts(reader: Reader, a: int, b: int, pdu: str = "rack1-a") -> list[tuple[int, float]]:
    window = await reader.window(
        HistoryQuery(pdu=pdu, keys=(KEY,), from_ms=T0 + a * 1000, to_ms=T0 + b * 1000)
    )
    line = window.points[KEY]
    return [((ts - T0) // 1000, last) for ts, last in zip(line.ts_ms, line.last, strict=True)]


async def reader_of(store: HistoryStore) -> Reader:
    reader = await store.reader()
    assert reader is not None
    return reader


# -- of a store that writes ----------------------------------------------------------------------


async def test_the_live_edge(store: HistoryStore, clock: ManualClock) -> None:
    reader = await reader_of(store)
    assert await lasts(reader, 0, 60) == []
    assert (await reader.pdus(), await reader.series("rack1-a")) == ([], [])
    for k in range(4):
        store.append(reading(k))
    assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(4)], "in memory"
    assert await reader.pdus() == [RecordedPdu(name="rack1-a", oldest_ms=T0, newest_ms=T0 + 3000)]
    await store.flush()
    for k in range(4, 7):
        store.append(reading(k))
    assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(7)], "and in the file"
    assert await lasts(reader, 2, 5) == [(k, watts(k)) for k in (2, 3, 4)]
    clock.advance(30)
    window = await reader.window(
        HistoryQuery(pdu="rack1-a", keys=(KEY,), from_ms=T0, to_ms=T0 + 60_000)
    )
    assert window.gaps == (Gap(T0 + 6000, T0 + 30_000),), "a silence that goes on ends now"


async def test_what_is_being_written_is_there_once(store: HistoryStore, clock: ManualClock) -> None:
    reader = await reader_of(store)
    for k in range(5):
        store.append(reading(k))
    flushing = asyncio.create_task(store.flush())
    while not flushing.done():
        assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(5)]
    await flushing


async def test_rows_that_the_disk_refuses_are_seen(store: HistoryStore, path: Path) -> None:
    reader = await reader_of(store)
    store.append(reading(0))
    await store.flush()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.append(reading(1))
    await store.flush()
    assert not store.status.ok
    assert await lasts(reader, 0, 60) == [(0, watts(0)), (1, watts(1))]
    other.execute("ROLLBACK")
    other.close()


async def test_wrong_questions(store: HistoryStore) -> None:
    reader = await reader_of(store)
    with pytest.raises(ValueError, match="no such series"):
        await reader.window(HistoryQuery(pdu="a", keys=("outlet.1.colour",), from_ms=0, to_ms=1))
    with pytest.raises(ValueError, match="ends after it begins"):
        await reader.window(HistoryQuery(pdu="a", keys=(KEY,), from_ms=1, to_ms=1))
    with pytest.raises(ValueError, match="no such series"):
        await anext(reader.stream("a", ["outlet"], 0, 1))
    with pytest.raises(ValueError, match="whole number of seconds"):
        await anext(reader.stream("a", [KEY], 0, 1, 1500))


# -- taking back ---------------------------------------------------------------------------------


def endless(conn: sqlite3.Connection, _: Asked) -> None:
    conn.execute(
        "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT count(*) FROM n"
    ).fetchone()


def busy(_: sqlite3.Connection, asked: Asked) -> None:
    while True:
        asked.step()


@pytest.mark.parametrize("work", [endless, busy])
async def test_a_question_that_is_cancelled_stops_and_the_next_one_works(
    store: HistoryStore, work: object
) -> None:
    reader = await reader_of(store)
    store.append(reading(0))
    await store.flush()
    asking = asyncio.create_task(store._session.questions.ask(work))  # type: ignore[arg-type]
    queued = asyncio.create_task(reader.pdus())
    await asyncio.sleep(0.05)
    assert not asking.done()
    assert not queued.done(), "one after the other"
    began = time.monotonic()
    assert (await store.recent("rack1-a", [KEY], 1))[KEY] == [watts(0)], "the screen goes on"
    assert time.monotonic() - began < 1.0
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [pdu.name for pdu in await queued] == ["rack1-a"]
    assert time.monotonic() - began < 2.0


async def test_a_question_that_is_cancelled_before_its_turn(store: HistoryStore) -> None:
    reader = await reader_of(store)
    first = asyncio.create_task(store._session.questions.ask(busy))
    second = asyncio.create_task(store._session.questions.ask(endless))
    await asyncio.sleep(0.02)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(2):
        assert await reader.pdus() == []


async def test_closing_ends_what_is_under_way(store: HistoryStore) -> None:
    await reader_of(store)
    asking = asyncio.create_task(store._session.questions.ask(busy))
    await asyncio.sleep(0.02)
    began = time.monotonic()
    await store.close()
    assert time.monotonic() - began < 2.0
    with pytest.raises(StoreTrouble, match="closed while it was read"):
        await asking


async def test_the_loop_does_not_wait_for_a_thread_that_computes(store: HistoryStore) -> None:
    await reader_of(store)
    asking = asyncio.create_task(store._session.questions.ask(busy))
    worst, last = 0.0, time.monotonic()
    for _ in range(100):
        await asyncio.sleep(0.001)
        now = time.monotonic()
        worst, last = max(worst, now - last), now
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert worst < 0.25, "without giving way it would have stood still for good"


async def test_a_question_sees_one_moment(store: HistoryStore, path: Path) -> None:
    """An hour that is sealed meanwhile is seen raw, or sealed, and never both or neither."""
    await reader_of(store)
    for k in range(30):
        store.append(reading(k))
    await store.flush()

    def look(conn: sqlite3.Connection, _: Asked) -> list[int]:
        counts = []
        for turn in range(2):
            (raw,) = conn.execute("SELECT count(*) FROM raw_1").fetchone()
            counts.append(raw)
            if turn == 0:
                other = sqlite3.connect(path, isolation_level=None)
                known = find_pdu(other, "rack1-a")
                assert known is not None
                seal_all(other, known.id)
                other.close()
        return counts

    assert await store._session.questions.ask(look) == [30, 30]
    reader = await reader_of(store)
    assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(30)]


async def test_a_connection_that_reads_keeps_little_between_questions(store: HistoryStore) -> None:
    def kept(conn: sqlite3.Connection, _: Asked) -> int:
        return int(conn.execute("PRAGMA cache_size").fetchone()[0])

    assert await store._session.questions.ask(kept) == -CACHE_KIB


# -- beside another program ----------------------------------------------------------------------


async def test_a_second_console_reads_beside_the_first(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    first = await open_store()
    for k in range(10):
        first.append(reading(k))
    await first.flush()
    second = await open_store()
    assert second.status.detail.startswith("history is being written by another pdutui")
    reader = await reader_of(second)
    assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(10)]
    for k in range(8, 14):  # it polls the same device, half a second later
        second.append(reading(k + 0.5))
    ours = [(k, watts(k + 0.5)) for k in range(9, 14)]
    assert await lasts(reader, 0, 60) == [(k, watts(k)) for k in range(10)] + ours, "its own edge"
    for k in range(10, 13):
        first.append(reading(k))
    await first.flush()
    assert await lasts(reader, 0, 60) == [
        *[(k, watts(k)) for k in range(13)], (12, watts(12.5)), (13, watts(13.5))
    ], "what the first one has committed, at once"  # fmt: skip
    now = START + timedelta(seconds=12)
    first.append_event(now, "rack1-a", "warning", "bank 1 load warning, was normal")
    second.append_event(now + timedelta(seconds=0.5), "rack1-a", "warning",
                        "bank 1 load warning, was normal")  # fmt: skip
    await first.flush()
    assert len(await reader.marks("rack1-a", T0, T0 + 60_000)) == 1, "logged by both, marked once"


async def test_a_store_that_is_opened_later(path: Path) -> None:
    async def opening() -> HistoryStore:
        return await HistoryStore.open(path, clock=SystemClock(), retention_days=0)

    store = DeferredStore(opening)
    store.append(reading(0))
    reader = await store.reader()
    assert isinstance(reader, Reader)
    assert await lasts(reader, 0, 60) == [(0, watts(0))]
    await store.close()


async def test_no_reader_without_a_file(tmp_path: Path, open_store: Opener) -> None:
    blocked = tmp_path / "no" / "history.db"
    blocked.parent.write_text("not a directory")
    store = await open_store(blocked)
    assert not store.status.ok
    assert await store.reader() is None
    blocked.parent.unlink()
    store.append(reading(0))
    await store.flush()
    assert await lasts(await reader_of(store), 0, 60) == [(0, watts(0))]


# -- without a store -----------------------------------------------------------------------------


async def test_a_file_by_itself(path: Path, clock: ManualClock) -> None:
    conn = database(path)
    put(conn, {T0 + k: {KEY: k} for k in every(1, 0, 5000)})
    conn.close()
    before = sorted(p.name for p in path.parent.iterdir())
    reader = await open_reader(path, clock=clock)
    try:
        assert await lasts(reader, 0, 60) == [(k, k * 100.0) for k in range(5)]
        assert [info.key for info in await reader.series("rack1-a")] == [KEY]
    finally:
        await reader.close()
        await reader.close()
    assert {p.name for p in path.parent.iterdir()} - set(before) <= {
        "history.db-wal", "history.db-shm"
    }  # fmt: skip


async def test_a_file_that_is_being_written(store: HistoryStore, path: Path) -> None:
    store.append(reading(0))
    await store.flush()
    reader = await open_reader(path)
    assert await lasts(reader, 0, 60) == [(0, watts(0))]
    store.append(reading(1))
    await store.flush()
    assert await lasts(reader, 0, 60) == [(0, watts(0)), (1, watts(1))]
    await reader.close()


async def test_a_link_to_the_file(store: HistoryStore, path: Path, tmp_path: Path) -> None:
    store.append(reading(0))
    await store.flush()
    link = tmp_path / "link.db"
    link.symlink_to(path)
    reader = await open_reader(link)
    assert await lasts(reader, 0, 60) == [(0, watts(0))], "with the log that lies beside it"
    await reader.close()


def in_version(path: Path, version: int) -> None:
    conn = sqlite3.connect(path)
    conn.execute(f"PRAGMA user_version = {version}")
    conn.commit()
    conn.close()


@pytest.mark.parametrize(
    ("what", "kind", "says"),
    [
        ("missing", "missing", "does not exist"),
        ("older", "older", "brought up to date when the console runs next"),
        ("future", "future", "written by a newer pdutui"),
        ("foreign", "foreign", "another program's database"),
        ("text", "damaged", "is damaged"),
        ("directory", "unwritable", "is a directory"),
    ],
)
async def test_files_that_are_not_right(path: Path, what: str, kind: str, says: str) -> None:
    path.parent.mkdir()
    if what == "directory":
        path.mkdir()
    elif what == "text":
        path.write_text("dear diary, " * 500)
    elif what == "foreign":
        with sqlite3.connect(path) as conn:
            conn.execute("CREATE TABLE t (a)")
    elif what != "missing":
        database(path).close()
        in_version(path, 1 if what == "older" else 9)
    with pytest.raises(StoreTrouble) as caught:
        await open_reader(path)
    assert caught.value.kind == kind
    assert says in caught.value.phrase
    assert str(path) in caught.value.phrase
    assert what != "missing" or not path.exists(), "nothing is made that is not there"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
async def test_a_file_that_may_not_be_read(path: Path) -> None:
    database(path).close()
    path.chmod(0)
    with pytest.raises(StoreTrouble, match="cannot read"):
        await open_reader(path)


async def test_a_file_that_goes_and_comes(path: Path) -> None:
    conn = database(path)
    put(conn, {T0: {KEY: 10}})
    conn.close()
    reader = await open_reader(path)
    away = path.rename(path.with_name("away.db"))
    with pytest.raises(StoreTrouble, match="does not exist"):
        await reader.pdus()
    away.rename(path)
    assert await lasts(reader, 0, 60) == [(0, 1.0)]
    await reader.close()


# -- months in pieces ----------------------------------------------------------------------------


@pytest.mark.parametrize("step_ms", [None, 1000, 7000, 10_000, 60_000, 900_000, 5_400_000])
async def test_pieces_make_the_whole(path: Path, step_ms: int | None) -> None:
    conn = database(path)
    times = [*every(7, T0, T0 + 30 * HOUR_MS), *every(7, T0 + 90 * HOUR_MS, T0 + 93 * HOUR_MS)]
    rows = {ts: {KEY: n % 97, "outlet.2.power_w": n if n % 3 else None}
            for n, ts in enumerate(times)}  # fmt: skip
    pdu = put(conn, {ts: row for ts, row in rows.items() if ts < T0 + 92 * HOUR_MS})
    seal_all(conn, pdu)
    put(conn, {ts: row for ts, row in rows.items() if ts >= T0 + 92 * HOUR_MS})
    conn.close()
    reader = await open_reader(path)
    keys = (KEY, "outlet.2.power_w", "outlet.9.power_w")
    a, b = T0 + 3 * HOUR_MS + 1234, T0 + 99 * HOUR_MS
    plain: dict[int, list[tuple[int | None, ...]]] = {}
    step = step_ms or 1
    for ts, row in rows.items():
        if a // step * step <= ts < -(-b // step) * step:
            plain.setdefault(ts // step * step, []).append(tuple(row.get(key) for key in keys))
    count, end = 0, 0
    async for batch in reader.stream("rack1-a", keys, a, b, step_ms):
        assert batch.step_ms == (step_ms or 0)
        assert end in (0, batch.from_ms), "without holes"
        end = batch.to_ms
        columns = [batch.column(key, "max") for key in keys]
        counts = [batch.column(key, "n") for key in keys]
        for ts, *figures in zip(batch.ts_ms, *columns, *counts, strict=True):
            said = list(zip(*plain.pop(ts), strict=True))
            there = [[v for v in values if v is not None] for values in said]
            assert figures[:3] == [max(v) / 10 if v else None for v in there]
            assert figures[3:] == [len(v) or None for v in there]
            count += 1
    assert plain == {}
    assert count > 20
    await reader.close()


async def test_a_piece_is_small(path: Path) -> None:
    conn = database(path)
    seal_all(conn, put(conn, {ts: {KEY: 1} for ts in every(10, T0, T0 + 30 * HOUR_MS)}))
    conn.close()
    reader = await open_reader(path)
    sizes = [len(b.ts_ms) async for b in reader.stream("rack1-a", [KEY], 0, T0 * 2)]
    assert max(sizes) == 360
    assert sum(sizes) == 30 * 360
    assert [b async for b in reader.stream("nobody", [KEY], 0, T0)] == []
    await reader.close()


async def test_polls_that_are_not_kept_give_no_rows(path: Path) -> None:
    conn = database(path)
    seal_all(conn, put(conn, {ts: {KEY: 1} for ts in every(60, T0, T0 + 5 * HOUR_MS)}))
    conn.execute("DELETE FROM chunk WHERE hour < ?", (T0 // HOUR_MS + 2,))
    conn.execute("DELETE FROM minutes WHERE hour < ?", (T0 // HOUR_MS + 2,))
    conn.close()
    reader = await open_reader(path)
    polls = [ts async for b in reader.stream("rack1-a", [KEY], T0, 2 * T0) for ts in b.ts_ms]
    assert polls == list(every(60, T0, T0 + 5 * HOUR_MS))[-len(polls) :]
    assert len(polls) < 300
    steps = [b.step_ms async for b in reader.stream("rack1-a", [KEY], T0, 2 * T0, 10_000)]
    assert steps[0] == 900_000
    assert steps[-1] == 10_000
    await reader.close()


async def test_other_questions_between_two_pieces(path: Path) -> None:
    conn = database(path)
    put(conn, {ts: {KEY: 1} for ts in every(60, T0, T0 + 3 * HOUR_MS)})
    conn.close()
    reader = await open_reader(path)
    stream = reader.stream("rack1-a", [KEY], T0, T0 + 3 * HOUR_MS)
    await anext(stream)
    assert len(await reader.pdus()) == 1
    await anext(stream)
    await stream.aclose()
    assert len(await reader.pdus()) == 1
    await reader.close()


# -- names ---------------------------------------------------------------------------------------


async def test_lines_and_what_they_are_called(store: HistoryStore) -> None:
    reader = await reader_of(store)
    one = reading(0, outlets=3)
    named = tuple(
        msgspec.structs.replace(o, name=name)
        for o, name in zip(one.outlets, ("db01", "Outlet 2", " "), strict=True)
    )
    store.append(msgspec.structs.replace(one, outlets=named))
    for committed in (False, True):
        if committed:
            await store.flush()
        infos = {info.key: info for info in await reader.series("rack1-a")}
        assert {k: i.name for k, i in infos.items() if k.endswith(("power_w", "value", "e_v"))} == {
            "inlet.1.voltage_v": "Inlet 1", "inlet.1.power_w": "Inlet 1",
            "bank.1.voltage_v": "Bank 1", "bank.1.power_w": "Bank 1",
            "bank.2.voltage_v": "Bank 2", "bank.2.power_w": "Bank 2",
            "outlet.1.power_w": "Outlet 1 db01", "outlet.2.power_w": "Outlet 2",
            "outlet.3.power_w": "Outlet 3", "source.A.voltage_v": "Source A",
            "sensor.temperature_env_1.value": "Env 1",
        }  # fmt: skip
        assert "source.B.voltage_v" not in infos, "never had a value"
        assert infos["sensor.temperature_env_1.value"].unit == "°C"
        assert infos["outlet.1.energy_kwh"].unit == "kWh"
        assert infos["inlet.1.power_factor"].unit == ""
        assert infos["outlet.1.state"].words == {0: "off", 1: "on"}
        assert infos["ats.0.active"].name == "Transfer switch"
        order = [key.split(".")[0] for key in infos]
        assert list(dict.fromkeys(order)) == [
            "inlet", "bank", "outlet", "ats", "source", "sensor"
        ]  # fmt: skip


async def test_lines_of_rollups_alone(path: Path) -> None:
    conn = database(path)
    pdu = put(conn, {T0 + k: {KEY: k, "outlet.2.power_w": None} for k in range(9)})
    seal_all(conn, pdu)
    conn.execute("DELETE FROM chunk")
    conn.close()
    reader = await open_reader(path)
    assert [(i.key, i.name) for i in await reader.series("rack1-a")] == [(KEY, "Outlet 1")]
    await reader.close()
