"""What history costs: CPU per tick, bytes per value, and trends, beside the naive schema.

    python benchmarks/store.py [--ticks 1800] [--fleet-ticks 300] [--dir DIR]

The figures are those of mock PDUs (a transfer-switch unit for the single one, metered units of 24
outlets for the fleet of 50). The naive schema is a row per outlet, bank and inlet per second, REAL
figures, indexed by (outlet, time), written through the standard library with a commit every ten
ticks, as the store does. Time is not waited for: ticks come as fast as they are taken.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import mock_pdu
from pdutui.domain.clock import Clock
from pdutui.domain.reading import Reading
from pdutui.domain.series import series_values
from pdutui.store.history import HistoryStore

BATCH = 10
FLEET = 50
TREND_S = 900
START = datetime(2026, 11, 20, 14, 2, 11, 7000, tzinfo=UTC)


class BenchClock:
    """A clock that the benchmark moves; sleeping in it is for ever, so all flushes are ours."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def make(model: str, ticks: int) -> list[Reading]:
    """What one mock PDU says in so many seconds."""
    clock = BenchClock()
    use: Clock = clock
    backend = MockBackend("rack", mock_pdu(model, start_s=0.0, seed=7), clock=use)
    out = []
    for _ in range(ticks):
        clock.seconds += 1.0
        out.append(await backend.poll())
    return out


def named(readings: list[Reading], pdus: int) -> Iterator[list[Reading]]:
    """The same for several PDUs, tick by tick."""
    for reading in readings:
        yield [msgspec.structs.replace(reading, pdu=f"rack-{n:02d}") for n in range(pdus)]


def values_in(readings: list[Reading], pdus: int) -> int:
    """How many figures and words there are to keep."""
    return pdus * sum(
        sum(v is not None for v in series_values(reading).values()) for reading in readings
    )


def size(path: Path) -> int:
    return sum(p.stat().st_size for p in (path, Path(f"{path}-wal")) if p.exists())


class Naive:
    """The schema one would write down first."""

    def __init__(self, path: Path) -> None:
        self.conn = sqlite3.connect(path, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode = WAL")
        self.conn.execute("PRAGMA synchronous = FULL")
        self.conn.execute(
            "CREATE TABLE reading (id INTEGER PRIMARY KEY, outlet INTEGER, ts REAL, state INTEGER,"
            " voltage_v REAL, current_a REAL, power_w REAL, power_factor REAL, energy_kwh REAL)"
        )
        self.conn.execute("CREATE INDEX by_outlet ON reading (outlet, ts)")
        self.waiting: list[tuple[object, ...]] = []
        self.idents: dict[tuple[object, ...], int] = {}

    def ident(self, *which: object) -> int:
        return self.idents.setdefault(which, len(self.idents))

    def append(self, one: Reading) -> None:
        ts = one.time.timestamp()
        parts = (("inlet", one.inlets), ("bank", one.banks), ("outlet", one.outlets))
        self.waiting += [
            (self.ident(one.pdu, kind, p.number), ts, p.state in ("on", "normal"), p.voltage_v,
             p.current_a, p.power_w, p.power_factor, p.energy_kwh)
            for kind, group in parts for p in group
        ]  # fmt: skip

    def commit(self) -> None:
        self.conn.execute("BEGIN")
        self.conn.executemany(
            "INSERT INTO reading (outlet, ts, state, voltage_v, current_a, power_w, power_factor,"
            " energy_kwh) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.waiting,
        )
        self.conn.execute("COMMIT")
        self.waiting.clear()


def naive_values(readings: list[Reading], pdus: int) -> int:
    """What of it the naive schema keeps."""
    fields = ("voltage_v", "current_a", "power_w", "power_factor", "energy_kwh")
    return pdus * sum(
        1 + sum(getattr(p, f) is not None for f in fields)
        for one in readings
        for p in (*one.inlets, *one.banks, *one.outlets)
    )


def percentile(samples: list[float], part: float) -> float:
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * part))]


async def stalls(into: list[float]) -> None:
    """How late the event loop is, all the time."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        into.append((time.perf_counter() - before - 0.001) * 1000)


async def ours(path: Path, readings: list[Reading], pdus: int) -> None:
    clock = BenchClock()
    store = await HistoryStore.open(path, clock=clock, retention_days=60)
    appends, commits = 0.0, []
    ticks = list(named(readings, pdus))
    cpu = time.process_time()
    for number, tick in enumerate(ticks, 1):
        clock.seconds = float(number)
        before = time.perf_counter()
        for reading in tick:
            store.append(reading)
        appends += time.perf_counter() - before
        if number % BATCH == 0:
            before = time.perf_counter()
            await store.flush()
            commits.append((time.perf_counter() - before) * 1000)
    cpu = time.process_time() - cpu
    assert store.status.ok, store.status
    trends = []
    keys = trend_keys(readings[0])
    for _ in range(7):
        before = time.perf_counter()
        await store.recent("rack-00", keys, TREND_S)
        trends.append((time.perf_counter() - before) * 1000)
    await store.close()
    cost = size(path) / values_in(readings, pdus)
    show("pdutui", pdus, appends, cpu, commits, len(ticks), cost)
    print(f"    {len(keys)} trends of {TREND_S} s: {statistics.median(trends):.1f} ms")


async def lateness(path: Path, readings: list[Reading], pdus: int) -> None:
    """How the event loop fares meanwhile: one reading at a time, trends asked for in between."""
    clock = BenchClock()
    store = await HistoryStore.open(path, clock=clock, retention_days=60)
    late: list[float] = []
    watcher = asyncio.create_task(stalls(late))
    for number, tick in enumerate(named(readings, pdus), 1):
        clock.seconds = float(number)
        for reading in tick:
            store.append(reading)
            await asyncio.sleep(0)
        if number % BATCH == 0:
            await store.flush()
            await store.recent("rack-00", trend_keys(readings[0]), TREND_S)
    watcher.cancel()
    await store.close()
    print(
        f"    event loop late, p50 {percentile(late, 0.5):.1f} ms,"
        f" p99 {percentile(late, 0.99):.1f} ms, most {max(late):.1f} ms"
    )


def trend_keys(reading: Reading) -> list[str]:
    """What the PDU screen shows a line of."""
    keys = [f"outlet.{o.number}.power_w" for o in reading.outlets]
    return keys + [f"bank.{b.number}.{f}" for b in reading.banks for f in ("current_a", "power_w")]


def naive(path: Path, readings: list[Reading], pdus: int) -> None:
    peer = Naive(path)
    appends, commits = 0.0, []
    ticks = list(named(readings, pdus))
    cpu = time.process_time()
    for number, tick in enumerate(ticks, 1):
        before = time.perf_counter()
        for reading in tick:
            peer.append(reading)
        appends += time.perf_counter() - before
        if number % BATCH == 0:
            before = time.perf_counter()
            peer.commit()
            commits.append((time.perf_counter() - before) * 1000)
    cpu = time.process_time() - cpu
    peer.conn.close()
    show(
        "naive", pdus, appends, cpu, commits, len(ticks), size(path) / naive_values(readings, pdus)
    )


def show(
    who: str, pdus: int, appends: float, cpu: float, commits: list[float], ticks: int, cost: float
) -> None:
    print(
        f"{who:<8}{pdus:>5}{1000 * appends / ticks / pdus:>14.4f}{1000 * cpu / ticks:>14.3f}"
        f"{statistics.median(commits):>13.1f}{percentile(commits, 0.95):>13.1f}{cost:>10.2f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ticks", type=int, default=1800)
    options.add_argument("--fleet-ticks", type=int, default=300)
    options.add_argument("--dir", type=Path, help="where to write; default: a temporary directory")
    given = options.parse_args()
    print(
        f"{'':<8}{'PDUs':>5}{'append ms/PDU':>14}{'CPU ms/tick':>14}{'commit p50':>13}"
        f"{'commit p95':>13}{'B/value':>10}"
    )
    with tempfile.TemporaryDirectory(dir=given.dir) as temporary:
        base = Path(temporary)
        for model, pdus, ticks in (
            ("pdu44001", 1, given.ticks), ("px3", FLEET, given.fleet_ticks),
        ):  # fmt: skip
            readings = asyncio.run(make(model, ticks))
            asyncio.run(ours(base / f"ours-{pdus}.db", readings, pdus))
            asyncio.run(lateness(base / f"late-{pdus}.db", readings, pdus))
            naive(base / f"naive-{pdus}.db", readings, pdus)


if __name__ == "__main__":
    main()
