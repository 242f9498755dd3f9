from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.series import series_values
from pdutui.store.history import HistoryStore
from pdutui.store.peek import SCHEMA_VERSION

from ..support.clock import ManualClock
from .conftest import Opener
from .helpers import START, eventually, expected, ms, query, reading, rows


def committed(path: Path) -> int:
    return len(rows(path)) if path.exists() else 0


async def test_every_series_at_full_rate(open_store: Opener, path: Path) -> None:
    store = await open_store()
    given = [reading(k) for k in range(60)]
    for one in given:
        store.append(one)
    await store.close()
    found = rows(path)
    assert list(found) == [ms(one) for one in given]
    for one in given:
        got = {k: v for k, v in found[ms(one)].items() if v is not None}
        assert got == expected(one)


async def test_history_is_there_after_a_restart(open_store: Opener, clock: ManualClock) -> None:
    store = await open_store()
    for k in range(5):
        store.append(reading(k))
    await store.close()
    clock.advance(4)
    again = await open_store()
    trend = await again.recent("rack1-a", ["outlet.3.power_w"], 5)
    assert trend == {"outlet.3.power_w": [107.5, 108.5, 109.5, 110.5, 111.5]}


async def test_ten_ticks_are_a_batch(store: HistoryStore, path: Path) -> None:
    for k in range(9):
        store.append(reading(k))
    await asyncio.sleep(0.1)
    assert committed(path) == 0
    store.append(reading(9))
    await eventually(lambda: committed(path) == 10, "ten rows")


async def test_ten_seconds_are_a_batch(store: HistoryStore, path: Path, clock: ManualClock) -> None:
    await asyncio.sleep(0.05)
    store.append(reading(0))
    await clock.run(9)
    await asyncio.sleep(0.1)
    assert committed(path) == 0
    await clock.run(2)
    await eventually(lambda: committed(path) == 1, "one row")


async def test_two_polls_within_a_second_or_a_millisecond_are_two_rows(
    store: HistoryStore, path: Path
) -> None:
    for second in (0.010, 0.990, 0.990, 0.990, 1.5):
        store.append(reading(second))
    await store.flush()
    start = ms(reading(0))
    assert list(rows(path)) == [start + t for t in (10, 990, 991, 992, 1500)]


async def test_a_committed_row_is_never_overwritten(store: HistoryStore, path: Path) -> None:
    store.append(reading(1))
    await store.flush()
    before = rows(path)
    store.append(reading(0))
    store.append(msgspec.structs.replace(reading(77), time=reading(1).time))
    await store.flush()
    assert rows(path)[ms(reading(1))] == before[ms(reading(1))]
    # A clock that was put back and meets its own past does not hold up what comes with it.
    assert ms(reading(0)) in rows(path)
    assert store.status.ok


async def test_missing_is_null_and_failed_polls_have_no_row(
    store: HistoryStore, path: Path
) -> None:
    one = reading(0)
    bare = tuple(msgspec.structs.replace(o, power_w=None) for o in reading(3).outlets)
    store.append(one)
    store.append(msgspec.structs.replace(reading(3), outlets=bare))
    await store.flush()
    found = rows(path)
    assert list(found) == [ms(one), ms(one) + 3000]
    assert found[ms(one) + 3000]["outlet.1.power_w"] is None
    assert found[ms(one) + 3000]["outlet.1.current_a"] is not None


async def test_a_pdu_that_grows_gets_columns(store: HistoryStore, path: Path) -> None:
    store.append(reading(0, outlets=2, sensors=0, ats=False))
    await store.flush()
    assert not any(k.startswith(("sensor", "ats", "outlet.3")) for k in rows(path)[ms(reading(0))])
    store.append(reading(1, outlets=2, sensors=0, ats=False))
    grown = reading(2, outlets=4, sensors=2)
    store.append(grown)
    shrunk = reading(3, outlets=1, sensors=0)
    store.append(shrunk)
    await store.flush()
    found = rows(path)
    assert found[ms(reading(1))]["sensor.temperature_env_2.value"] is None
    assert {k: v for k, v in found[ms(grown)].items() if v is not None} == expected(grown)
    assert {k: v for k, v in found[ms(shrunk)].items() if v is not None} == expected(shrunk)
    view = query(
        path, "SELECT sensor_temperature_env_2_value, outlet_4_power_w FROM pdu_rack1_a ORDER BY ts"
    )
    assert view == [(None, None), (None, None), (-5.25, 110.5), (None, None)]


async def test_a_series_without_a_value_costs_no_column(store: HistoryStore, path: Path) -> None:
    store.append(reading(0))
    await store.flush()
    keys = {k for (k,) in query(path, "SELECT key FROM series")}
    kinds = {(k.split(".")[0], k.split(".")[2]) for k in expected(reading(0))}
    assert ("outlet", "voltage_v") not in kinds
    assert keys == {s.key for s in series_values(reading(0)) if (s.entity, s.field) in kinds}, (
        "and where one has it, its like have it too"
    )


async def test_the_sqlite3_shell_reads_units_and_words(store: HistoryStore, path: Path) -> None:
    store.append(reading(0.25))
    await store.flush()
    out = subprocess.run(
        ["sqlite3", "-json", str(path),
         "SELECT time, inlet_1_voltage_v AS v, outlet_4_power_w AS w, outlet_4_state AS s,"
         " outlet_5_state AS s5, source_B_state AS b,"
         " ats_0_active AS active, sensor_temperature_env_1_value AS t, inlet_1_energy_kwh AS kwh"
         " FROM pdu_rack1_a"],
        capture_output=True, check=True,
    )  # fmt: skip
    assert msgspec.json.decode(out.stdout) == [
        {"time": "2026-11-20T14:02:11.250Z", "v": 120.02, "w": 108.8, "s": "on", "s5": "off",
         "b": "lost", "active": "A", "t": -4.25, "kwh": 1042.345}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ['a"; DROP TABLE pdu; --', "Größe 1", "select", "pdu", "sqlite_master", "", "x" * 500],
    ids=["sql", "umlaut", "keyword", "table", "sqlite", "empty", "long"],
)
async def test_any_name_is_safe(store: HistoryStore, path: Path, name: str) -> None:
    store.append(reading(0, pdu=name))
    store.append(reading(0, pdu="rack1-a"))
    store.append(reading(0, pdu="RACK1 A"))
    await store.flush()
    assert store.status.ok
    assert len(rows(path, name)) == 1
    views = [v for (v,) in query(path, "SELECT view FROM pdu ORDER BY id")]
    assert len({str(v).lower() for v in views}) == 3
    for view in views:
        assert len(query(path, f"SELECT * FROM {view}")) == 1


async def test_files_are_private(store: HistoryStore, path: Path) -> None:
    store.append(reading(0))
    await store.flush()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"history.db", "history.db-wal", "history.db-shm"} <= set(modes)


async def test_a_loose_file_is_tightened(open_store: Opener, path: Path) -> None:
    await (await open_store()).close()
    path.chmod(0o644)
    await open_store()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_pragmas(store: HistoryStore, path: Path) -> None:
    def pragmas(conn: sqlite3.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "secure_delete", "journal_size_limit",
                 "wal_autocheckpoint", "user_version")  # fmt: skip
        return {n: conn.execute(f"PRAGMA {n}").fetchone()[0] for n in names}

    writer = await store._session._connect()
    assert await writer.run(pragmas) == {
        "journal_mode": "wal", "synchronous": 2, "secure_delete": 0,
        "journal_size_limit": 16777216, "wal_autocheckpoint": 1000, "user_version": SCHEMA_VERSION,
    }  # fmt: skip

    def write(conn: sqlite3.Connection) -> None:
        conn.execute("DELETE FROM events")

    with pytest.raises(Exception, match="readonly"):
        await store._session.read(write)


async def test_nothing_after_close(open_store: Opener, path: Path) -> None:
    store = await open_store()
    store.append(reading(0))
    await store.close()
    store.append(reading(1))
    await store.close()
    assert len(rows(path)) == 1


async def test_events_are_kept(open_store: Opener) -> None:
    store = await open_store()
    store.append_event(START, "rack1-a", "warning", "source A lost \udce9")
    store.append_event(START + timedelta(seconds=1), "rack1-a", "info", "source A is back")
    assert (await store.recent_events(5))[0].text == "source A is back"
    await store.close()
    again = await open_store()
    events = await again.recent_events(5)
    assert [(e.severity, e.text) for e in events] == [
        ("info", "source A is back"), ("warning", "source A lost \\udce9"),
    ]  # fmt: skip
    assert events[1].time == START
