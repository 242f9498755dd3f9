"""What sixty days at 1 Hz cost, and how long a chart waits for them, beside its peers.

    python benchmarks/history.py [--days 60] [--naive-days 7] [--rrd-days 1] [--dir DIR] [--keep]

One PDU of 58 values a second (see `history_data.py`) is written as sealed hours, then asked for
each of the six ranges: one outlet, and ten lines as the PDU screen draws them (voltage, current,
power of the banks), with a stalled-loop watch beside it. The naive schema is a row per part per
second, REAL figures, indexed by (part, time), asked with GROUP BY; it is filled for
`--naive-days` and asked for what fits into them. rrdtool keeps no raw values beyond the first hour:
archives of the same six steps, MIN, AVERAGE, MAX and LAST; it is fed for `--rrd-days` and asked for
all six, since its files are as large and as fast empty as full. Then 50 PDUs are written at 1 Hz
for `--fleet-minutes`, with sealing, on the CPU clock.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

import history_data as data
from history_data import BANKS, HOUR_MS, VALUES_PER_S
from pdutui.domain.history import DAY_MS, TIERS, HistoryQuery
from pdutui.domain.reading import Reading
from pdutui.store.history import HistoryStore
from pdutui.store.raw import Catalogue
from pdutui.store.reader import open_reader
from pdutui.store.schema import Immediate, configure, migrate
from pdutui.store.seal import write_hour
from store import BenchClock, make, named, percentile, size, stalls

FIRST_HOUR = 490_000
ROUNDS = 9
PDU = "rack1-a"
NAMES = {HOUR_MS: "1 h", 6 * HOUR_MS: "6 h", DAY_MS: "24 h", 7 * DAY_MS: "7 d",
         30 * DAY_MS: "30 d", 60 * DAY_MS: "60 d"}  # fmt: skip
SPANS = [span for span, _ in TIERS]
SCREEN = (
    *(f"bank.{n + 1}.{f}" for n in range(BANKS)
      for f in ("voltage_v", "current_a", "power_w", "apparent_power_va")),
    *(f"source.{source}.voltage_v" for source in "AB"),
)  # fmt: skip
"""Ten lines, as the PDU screen draws them."""
Timed = dict[int, float | None]
"""Span -> ms."""


# -- ours --------------------------------------------------------------------------------------


def fill(path: Path, days: int) -> None:
    """A database of so many days, as upkeep leaves it. Prints what it came to."""
    conn = sqlite3.connect(path, isolation_level=None)
    configure(conn, max_page_count=0)
    conn.execute("PRAGMA synchronous = OFF")  # it is a file to be read
    migrate(conn, path)
    catalogue = Catalogue(conn)
    made = 0
    cpu = time.process_time()
    sealing = 0.0
    for hour, times, columns in data.hours(FIRST_HOUR, days):
        before = time.process_time()
        with Immediate(conn):
            if not made:
                catalogue.widen(PDU, columns)
            ident = catalogue.table(PDU).id
            write_hour(conn, ident, hour, times, columns)
        sealing += time.process_time() - before
        made += VALUES_PER_S * len(times)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    by_table = {
        table: conn.execute(f"SELECT coalesce(sum(length(z)), 0) FROM {table}").fetchone()[0]
        for table in ("chunk", "minutes", "quarters")
    }
    conn.close()
    print(
        f"{days} days of {VALUES_PER_S} values a second: {made / 1e6:.0f} million values,"
        f" {size(path) / 1e6:.1f} MB on disk, {size(path) / made:.3f} bytes per value,"
        " rollups included"
    )
    print("    packed: " + ", ".join(f"{t} {b / made:.3f}" for t, b in by_table.items()))
    print(
        f"    {1000 * sealing / (24 * days):.0f} ms CPU to seal an hour,"
        f" made in {time.process_time() - cpu:.0f} s"
    )


async def ask(path: Path, days: int) -> tuple[Timed, Timed]:
    """Warm p95 of every range: one outlet, and the lines of the PDU screen."""
    end = (FIRST_HOUR + 24 * days) * HOUR_MS
    one = ("outlet.3.power_w",)
    reader = await open_reader(path)
    late: list[float] = []
    watcher = asyncio.create_task(stalls(late))
    found = []
    for keys in (one, SCREEN):
        took: Timed = {}
        for span in SPANS:

            async def query(keys: tuple[str, ...] = keys, span: int = span) -> None:
                asked = HistoryQuery(pdu=PDU, keys=keys, from_ms=end - span, to_ms=end)
                answer = await reader.window(asked)
                assert all(points.ts_ms for points in answer.points.values()), span

            took[span] = await timed(query) if span <= days * DAY_MS else None
        found.append(took)
    watcher.cancel()
    await reader.close()
    print(
        f"    event loop late meanwhile: p99 {percentile(late, 0.99):.1f} ms,"
        f" most {max(late):.1f} ms"
    )
    return found[0], found[1]


async def cold(path: Path, days: int) -> Timed:
    """The first question of a reader that has only just been opened: ten lines."""
    end = (FIRST_HOUR + 24 * days) * HOUR_MS
    took: Timed = {}
    for span in SPANS:
        samples = []
        for _ in range(3 if span <= days * DAY_MS else 0):
            reader = await open_reader(path)
            asked = HistoryQuery(pdu=PDU, keys=SCREEN, from_ms=end - span, to_ms=end)
            before = time.perf_counter()
            await reader.window(asked)
            samples.append((time.perf_counter() - before) * 1000)
            await reader.close()
        took[span] = statistics.median(samples) if samples else None
    return took


async def timed(query: Callable[[], Awaitable[None]]) -> float:
    await query()
    took = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        await query()
        took.append((time.perf_counter() - before) * 1000)
    return percentile(took, 0.95)


# -- peers -------------------------------------------------------------------------------------


def parts(columns: data.Columns) -> dict[str, dict[str, list[int]]]:
    out: dict[str, dict[str, list[int]]] = {}
    for key, values in columns.items():
        part, _, field = key.rpartition(".")
        out.setdefault(part, {})[field] = values
    return out


def naive(path: Path, days: int) -> Timed:
    """The schema one would write down first."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute(
        "CREATE TABLE reading (id INTEGER PRIMARY KEY, part INTEGER, ts REAL, state INTEGER,"
        " voltage_v REAL, current_a REAL, power_w REAL, apparent_power_va REAL, energy_kwh REAL,"
        " frequency_hz REAL)"
    )
    conn.execute("CREATE INDEX by_part ON reading (part, ts)")
    fields = ("state", "voltage_v", "current_a", "power_w", "apparent_power_va", "energy_kwh",
              "frequency_hz")  # fmt: skip
    made, numbers = 0, {}
    nothing = [None] * 3600
    for _, times, columns in data.hours(FIRST_HOUR, days):
        conn.execute("BEGIN")
        for part, of in parts(columns).items():
            number = numbers.setdefault(part, len(numbers))
            rows = zip(
                [number] * len(times), [t / 1000 for t in times],
                *[of.get(f, nothing) for f in fields], strict=True,
            )  # fmt: skip
            conn.executemany(
                "INSERT INTO reading (part, ts, state, voltage_v, current_a, power_w,"
                " apparent_power_va, energy_kwh, frequency_hz) VALUES (?,?,?,?,?,?,?,?,?)",
                rows,
            )
        conn.execute("COMMIT")
        made += VALUES_PER_S * len(times)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(
        f"naive schema, {days} days: {size(path) / 1e6:.0f} MB, {size(path) / made:.2f} bytes per"
        f" value (60 days: {size(path) / days * 60 / 1e9:.1f} GB)"
    )
    end = (FIRST_HOUR + 24 * days) * HOUR_MS / 1000
    took: Timed = {}
    for span, step in TIERS:
        samples = []
        for _ in range(3 if span <= days * DAY_MS else 0):
            before = time.perf_counter()
            conn.execute(
                "SELECT CAST(ts / ? AS INTEGER), count(power_w), min(power_w), avg(power_w),"
                " max(power_w) FROM reading WHERE part = ? AND ts >= ? AND ts < ? GROUP BY 1",
                (step / 1000, numbers["outlet.3"], end - span / 1000, end),
            ).fetchall()
            samples.append((time.perf_counter() - before) * 1000)
        took[span] = statistics.median(samples) if samples else None
    conn.close()
    return took


def rrd(path: Path, days: int) -> Timed | None:
    """Round-robin archives of the same steps."""
    if shutil.which("rrdtool") is None:
        print("rrdtool: not installed")
        return None
    first = FIRST_HOUR * 3600
    sources = [f"DS:v{n}:GAUGE:5:U:U" for n in range(VALUES_PER_S)]
    archives = [
        f"RRA:{kind}:0.5:{step // 1000}:{span // step}"
        for span, step in TIERS
        for kind in ("AVERAGE", "MIN", "MAX", "LAST")
    ]
    subprocess.run(
        ["rrdtool", "create", str(path), "--step", "1", "--start", str(first - 1), *sources,
         *archives], check=True,
    )  # fmt: skip
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = cpu.ru_utime + cpu.ru_stime
    ticks = 0
    pipe = subprocess.Popen(
        ["rrdtool", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert pipe.stdin is not None
    for hour, _, columns in data.hours(FIRST_HOUR, days):
        for second, row in enumerate(zip(*columns.values(), strict=True)):
            values = ":".join(map(str, row))
            pipe.stdin.write(f"update {path} {hour * 3600 + second}:{values}\n")
            ticks += 1
    pipe.stdin.close()
    pipe.wait()
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = cpu.ru_utime + cpu.ru_stime - before
    print(
        f"rrdtool: {path.stat().st_size / 1e6:.1f} MB whatever is in it (six archives, no raw"
        f" values beyond an hour), {1000 * spent / ticks:.2f} ms CPU a tick"
    )
    end = first + days * 86_400
    took: Timed = {}
    with subprocess.Popen(
        ["rrdtool", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        for span, step in TIERS:
            samples = []
            for _ in range(ROUNDS):
                at = time.perf_counter()
                for kind in ("MIN", "AVERAGE", "MAX"):
                    asking.stdin.write(
                        f"xport --start {end - span // 1000} --end {end} --step {step // 1000}"
                        f" --maxrows 4000 DEF:a={path}:v11:{kind} XPORT:a\n"
                    )
                    asking.stdin.flush()
                    while not asking.stdout.readline().startswith("OK"):
                        pass
                samples.append((time.perf_counter() - at) * 1000)
            took[span] = percentile(samples, 0.95)
        asking.stdin.close()
    return took


# -- a fleet -----------------------------------------------------------------------------------


async def fleet(path: Path, pdus: int, minutes: int) -> None:
    """Writing and sealing, on the CPU clock; seconds of the fleet's time are not waited for."""
    readings = await make("px3", 600)
    clock = BenchClock()
    store = await HistoryStore.open(path, clock=clock, retention_days=60)
    cpu, appends, late = time.process_time(), 0.0, []
    watcher = asyncio.create_task(stalls(late))
    ticks = minutes * 60
    for number in range(1, ticks + 1):
        clock.seconds = float(number)
        model = readings[number % len(readings)]
        before = time.process_time()
        for (one,) in [tuple(t) for t in named([moved(model, clock)], 1)]:
            for n in range(pdus):
                store.append(msgspec.structs.replace(one, pdu=f"rack-{n:02d}"))
        appends += time.process_time() - before
        await asyncio.sleep(0)
        if number % 10 == 0:
            await store.flush()
        if number % 300 == 0:
            await store.seal_now()
    await store.seal_now()
    cpu = time.process_time() - cpu
    watcher.cancel()
    assert store.status.ok, store.status
    await store.close()
    values = sum(v is not None for v in values_of(readings[0]))
    print(
        f"{pdus} PDUs of {values} values, {minutes} minutes: {1000 * cpu / ticks:.2f} ms CPU"
        f" a second ({100 * cpu / ticks:.1f} % of a core), sealing included;"
        f" event loop late: p99 {percentile(late, 0.99):.1f}, most {max(late):.1f} ms"
    )


def moved(reading: Reading, clock: BenchClock) -> Reading:
    return msgspec.structs.replace(reading, time=clock.now())


def values_of(reading: Reading) -> list[int | None]:
    from pdutui.domain.series import series_values

    return list(series_values(reading).values())


# -- all of it ---------------------------------------------------------------------------------


def show(who: str, took: Timed | None) -> None:
    cells = [None if took is None else took[span] for span in SPANS]
    print(f"{who:<28}" + "".join(f"{'-' if c is None else f'{c:.1f}':>9}" for c in cells))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=60)
    options.add_argument("--naive-days", type=int, default=7)
    options.add_argument("--rrd-days", type=int, default=1)
    options.add_argument("--fleet", type=int, default=50)
    options.add_argument("--fleet-minutes", type=int, default=150)
    options.add_argument("--dir", type=Path, help="where to write; default: a temporary directory")
    options.add_argument("--keep", action="store_true", help="leave the database there")
    given = options.parse_args()
    base = Path(tempfile.mkdtemp(prefix="pdutui-history-", dir=given.dir))
    try:
        fill(base / "ours.db", given.days)
        one, screen = asyncio.run(ask(base / "ours.db", given.days))
        first = asyncio.run(cold(base / "ours.db", given.days))
        plain = naive(base / "naive.db", given.naive_days) if given.naive_days else None
        (base / "naive.db").unlink(missing_ok=True)
        archives = rrd(base / "peer.rrd", given.rrd_days) if given.rrd_days else None
        print(f"\n{'ms, warm':<28}" + "".join(f"{NAMES[span]:>9}" for span in SPANS))
        show("pdutui, one outlet, p95", one)
        show("pdutui, 10 lines, p95", screen)
        show("pdutui, 10 lines, first", first)
        show("naive, one outlet, median", plain)
        show("rrdtool, one value, p95", archives)
        print()
        if given.fleet:
            asyncio.run(fleet(base / "fleet.db", given.fleet, given.fleet_minutes))
    finally:
        if given.keep:
            print(f"kept: {base}")
        else:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
