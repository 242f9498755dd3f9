"""A store under load that is killed, and what must be in its file after that.

`python -m tests.store.crashing FILE SECOND` writes readings of two PDUs, audit, events and health
as fast as time passes for it (an hour a second), with sealing, rollups and retention at work. What
is safe it says: `rows 340`, `audit 300`. `benchmarks/crash.py` and `test_crash.py` kill it.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec

from pdutui.domain.history import DAY_MS, GAP_POLLS, HOUR_MS, MINUTE_MS
from pdutui.domain.reading import Reading
from pdutui.store.audit_head import HeadFile
from pdutui.store.audit_verify import Remembered, verify_chain
from pdutui.store.codec import unpack
from pdutui.store.frames import frame_at, read_frame
from pdutui.store.history import HistoryStore
from pdutui.store.limits import StoreLimits
from pdutui.store.query import Asked
from pdutui.store.rollup import Columns, fields_of, quarters_of, rolled_up, slices

from .helpers import START, expected, reading, record

ROOT = Path(__file__).resolve().parents[2]
PDUS = ("rack1-a", "rack1-b")
SPEED = 3600.0
STEP_S = 10
RENAMED_S = 1800
RETENTION_DAYS = 2
LIMITS = StoreLimits(
    ballast_bytes=0, upkeep_first_s=60, seal_check_s=60, seal_after_s=600, seal_spread_s=900,
    seal_rest=0.5, seal_pause_s=1, upkeep_s=1800, busy_ms=1000,
)  # fmt: skip
T0 = round(START.timestamp() * 1000)


class FastClock:
    """Time that passes an hour a second."""

    def __init__(self, second: float) -> None:
        self._base = START + timedelta(seconds=second)
        self._began = time.monotonic()

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * SPEED

    def now(self) -> datetime:
        return self._base + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / SPEED)


def said(second: int, pdu: str) -> Reading:
    """What a PDU says at a second."""
    one = reading(second, pdu=pdu, outlets=4)
    first = msgspec.structs.replace(one.outlets[0], name=f"host {second // RENAMED_S}")
    return msgspec.structs.replace(one, outlets=(first, *one.outlets[1:]))


async def write(path: Path, first: int) -> None:
    clock = FastClock(first)
    store = await HistoryStore.open(
        path, clock=clock, retention_days=RETENTION_DAYS, totals_days=400, limits=LIMITS
    )
    print(f"open {store.status.ok} {store.status.detail}", flush=True)
    tick = 0
    ending = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while not ending.done():
        tick += 1
        second = first + tick * STEP_S
        while (ahead := second - first - clock.monotonic()) > 0:
            await clock.sleep(ahead)
        for pdu in PDUS:
            store.append(said(second, pdu))
        if tick % 20 == 0:
            store.append_event(START + timedelta(seconds=second), "rack1-a", "info", f"e {second}")
            store.append_health(START + timedelta(seconds=second), "rack1-b", "late", f"{second}")
        if tick % 25 == 0 and await store.audit_durable(record(second)):
            print(f"audit {second}", flush=True)
        if tick % 10 == 0:
            await store.flush()
            if store.status.ok:
                print(f"rows {second}", flush=True)
    await store.close()
    print(f"closed {store.status.ok} {store.status.detail}", flush=True)


class Run(msgspec.Struct):
    """One run that was killed."""

    opened: str
    rows: int
    """The last second of which all rows are said to be safe; 0: none."""
    audit: list[int]


def killed(path: Path, first: int, after_s: float | None, *, starting: bool = False) -> Run:
    """Let it write for a while and kill it; with None, let it end well after half a second.

    With `starting` the time counts from the start of the process: while it loads, opens, migrates.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.store.crashing", str(path), str(first)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    opened = "" if starting else child.stdout.readline().rstrip("\n")
    if after_s is None:
        time.sleep(0.5)
        output, _ = child.communicate("", timeout=30)
        assert output.splitlines()[-1] == "closed True ", output[-200:]
    else:
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        output, _ = child.communicate(timeout=30)
    found = Run(opened, 0, [])
    for line in output.splitlines():
        if line.startswith("open "):
            found.opened = line
        what, _, second = line.partition(" ")
        if what == "rows":
            found.rows = int(second)
        elif what == "audit":
            found.audit.append(int(second))
    return found


class Seen(msgspec.Struct):
    """What the check found."""

    rows: int = 0
    sealed_hours: int = 0
    raw_rows: int = 0
    audit: int = 0
    frames: int = 0
    gaps: int = 0
    bytes: int = 0


def kill_often(path: Path, kills: int, seed: int, longest_s: float = 1.5) -> Iterator[Run]:
    """Kill it so often, each time after a random while, and look at the file after each."""
    chosen = random.Random(seed)
    first = 0
    safe: list[tuple[int, int]] = []
    audited: list[int] = []
    for _ in range(kills):
        starting = chosen.random() < 0.25
        after_s = chosen.uniform(0.2, 0.8) if starting else chosen.uniform(0.0, longest_s)
        run = killed(path, first, after_s, starting=starting)
        assert run.opened == "open True " or (starting and not run.opened), (
            f"it was opened with a word to the user: {run.opened}"
        )
        if not path.exists() or not path.stat().st_size or not _newest(path):
            yield run  # killed before there was anything
            continue
        if run.rows:
            safe.append((first, run.rows))
        audited += run.audit
        look(path, safe[-1:], run.audit)
        newest = max((ts for _, ts in _newest(path)), default=T0)
        first = max((newest - T0) // 1000 // STEP_S * STEP_S, first) + 600
        yield run
    run = killed(path, first, None)
    assert run.opened == "open True ", run.opened
    safe.append((first, run.rows))
    check(path, safe, audited + run.audit)


def _newest(path: Path) -> list[tuple[str, int]]:
    conn = sqlite3.connect(path)
    found = []
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'pdu'").fetchone():
        conn.close()
        return []
    for ident, name in conn.execute("SELECT id, name FROM pdu").fetchall():
        (ts,) = conn.execute(f"SELECT max(ts) FROM raw_{ident}").fetchone()
        if ts is not None:
            found.append((name, ts))
    conn.close()
    return found


def look(path: Path, safe: list[tuple[int, int]], audited: list[int]) -> None:
    """At once after a kill: SQLite finds nothing wrong, and what was safe is there."""
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ids = dict(conn.execute("SELECT name, id FROM pdu"))
    for first, last in safe:
        for pdu in PDUS:
            times = {ts for ts, _ in _rows(conn, ids[pdu], T0 + first * 1000)}
            missing = [
                s for s in range(first + STEP_S, last + 1, STEP_S) if T0 + s * 1000 not in times
            ]
            assert not missing, f"{pdu} lost {missing[:5]} of {first} to {last}"
    there = {i for (i,) in conn.execute("SELECT intent_id FROM audit")}
    assert {f"intent-{second}" for second in audited} <= there
    conn.close()


def _rows(
    conn: sqlite3.Connection, ident: int, from_ms: int = 0
) -> Iterator[tuple[int, dict[str, int]]]:
    """Every poll that is kept, once: sealed or raw."""
    seen: set[int] = set()
    for (hour,) in conn.execute(
        "SELECT hour FROM sealed WHERE pdu = ? AND hour >= ?", (ident, from_ms // HOUR_MS)
    ).fetchall():
        samples = _hour(conn, ident, hour)
        for place, ts in enumerate(samples.pop("ts")["ts"]):
            assert ts is not None
            assert ts not in seen
            seen.add(ts)
            yield (
                ts,
                {
                    f"{part}.{field}": value
                    for part, columns in samples.items()
                    for field, values in columns.items()
                    if (value := values[place]) is not None
                },
            )
    keys = dict(conn.execute("SELECT col, key FROM series WHERE pdu = ?", (ident,)))
    cursor = conn.execute(f"SELECT * FROM raw_{ident} WHERE ts >= ?", (from_ms,))
    names = [name for name, *_ in cursor.description][1:]
    for ts, *values in cursor:
        assert ts not in seen, "sealed and not deleted"
        yield (
            ts,
            {keys[n]: value for n, value in zip(names, values, strict=True) if value is not None},
        )


def _hour(
    conn: sqlite3.Connection, ident: int, hour: int, table: str = "chunk"
) -> dict[str, Columns]:
    return {
        name: unpack(z)
        for name, z in conn.execute(
            f"SELECT name, z FROM {table} JOIN part ON part.id = part WHERE pdu = ? AND hour = ?",
            (ident, hour),
        )
    }


def check(path: Path, safe: list[tuple[int, int]], audited: list[int]) -> Seen:
    """All of it: values, what was safe, rollups against recomputation, gaps, frames, audit."""
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ids = dict(conn.execute("SELECT name, id FROM pdu"))
    seen = Seen(bytes=path.stat().st_size)
    newest = max(ts for _, ts in _newest(path))
    horizon = newest - RETENTION_DAYS * DAY_MS + 2 * HOUR_MS
    for pdu in PDUS:
        ident = ids[pdu]
        rows = dict(_rows(conn, ident))
        seen.rows += len(rows)
        for ts, values in rows.items():
            one = said((ts - T0) // 1000, pdu)
            assert values == expected(one), f"{pdu} at {ts} has other values than it was given"
            frame = frame_at(conn, ident, ts)
            named = frame and read_frame(pdu, frame[1])
            assert named is not None
            assert named.outlets[0].name == one.outlets[0].name, f"{pdu} at {ts}: {frame}"
        for first, last in safe:
            for second in range(first + STEP_S, last + 1, STEP_S):
                ts = T0 + second * 1000
                assert ts in rows or ts < horizon, f"{pdu} lost {second}"
        _check_rollups(conn, ident, seen)
        (raw,) = conn.execute(f"SELECT count(*) FROM raw_{ident}").fetchone()
        seen.raw_rows += raw
    a, b = ({ts for ts, _ in _rows(conn, ids[pdu], horizon)} for pdu in PDUS)
    assert a == b, "a batch is there as a whole or not at all"
    there = [i for (i,) in conn.execute("SELECT intent_id FROM audit")]
    assert {f"intent-{second}" for second in audited} <= set(there)
    assert len(there) == len(set(there))
    report = verify_chain(conn, Asked(), Remembered.of(HeadFile(path)))
    assert (report.faults, report.notes) == ((), ()), "a crash leaves the head file behind at most"
    seen.audit = len(there)
    (seen.frames,) = conn.execute("SELECT count(*) FROM frame").fetchone()
    conn.close()
    return seen


def _check_rollups(conn: sqlite3.Connection, ident: int, seen: Seen) -> None:
    before: int | None = None
    gaps = set(conn.execute("SELECT from_ms, to_ms FROM gap WHERE pdu = ?", (ident,)))
    for hour, n, interval in conn.execute(
        "SELECT hour, n, interval_ms FROM sealed WHERE pdu = ? ORDER BY hour", (ident,)
    ).fetchall():
        samples = _hour(conn, ident, hour)
        times = [ts for ts in samples.pop("ts")["ts"] if ts is not None]
        assert len(times) == n
        assert interval == STEP_S * 1000 or n < 6
        minutes = _hour(conn, ident, hour, "minutes")
        assert minutes.keys() == samples.keys()
        for part, columns in samples.items():
            assert minutes[part] == rolled_up(columns, slices(times, hour * HOUR_MS, MINUTE_MS))
            _check_quarters(conn, ident, part, hour, minutes[part])
        if before is not None:
            found = {g for g in gaps if g[1] // HOUR_MS == hour}
            apart = {(x, y) for x, y in pairwise((before, *times)) if y - x > GAP_POLLS * interval}
            assert found == apart, f"gaps of hour {hour}"
            seen.gaps += len(found)
        before = times[-1]
        seen.sealed_hours += 1


def _check_quarters(
    conn: sqlite3.Connection, ident: int, part: str, hour: int, minutes: Columns
) -> None:
    (z,) = conn.execute(
        "SELECT z FROM quarters JOIN part ON part.id = part WHERE pdu = ? AND name = ? AND day = ?",
        (ident, part, hour // 24),
    ).fetchone()
    day = unpack(z)
    made = quarters_of(minutes, hour)
    places = [day["at"].index(at) for at in made["at"]]
    for field in fields_of(made):
        for name in ("n", "sum", "min", "max", "last"):
            values = day[f"{field}.{name}"]
            assert [values[i] for i in places] == made[f"{field}.{name}"]


async def fill_up(path: Path) -> None:
    """On a small file system, with sealing at work: full for hours, then there is room again."""
    clock = FastClock(0)
    limits = msgspec.structs.replace(
        LIMITS, ballast_bytes=200_000, floor_bytes=600_000, retry_most_s=60
    )
    store = await HistoryStore.open(
        path, clock=clock, retention_days=RETENTION_DAYS, totals_days=400, limits=limits
    )
    second = 0
    told: list[bool] = []
    store.on_status = lambda status: told.append(status.ok)

    async def go_on(hours: float) -> None:
        nonlocal second
        for _ in range(round(hours * 3600 / STEP_S)):
            second += STEP_S
            for pdu in PDUS:
                store.append(said(second, pdu))
            if second % 300 == 0:
                time_ = START + timedelta(seconds=second)
                store.append_health(time_, "rack1-a", "late", f"{second}")
                store.append_event(time_, "rack1-a", "info", f"{second}")
            while (ahead := second - clock.monotonic()) > 0:
                await clock.sleep(ahead)

    await go_on(1.3)
    assert store.status.ok, store.status
    hog = path.with_name("hog")
    while store.status.ok:  # the log has room of its own, for a while
        size, fd = 1 << 20, os.open(hog, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while size:
            try:
                os.write(fd, bytes(size))
            except OSError:
                size //= 2
        os.close(fd)
        assert second < 100_000
        await go_on(0.25)
    full_from = second
    await go_on(0.5)
    assert store.status.detail == "history paused: disk full", store.status
    assert await store.audit_durable(record(1)), "the audit goes on"
    reader = await store.reader()
    assert reader is not None
    moment = await reader.moment("rack1-a", T0 + second * 1000, within_ms=0)
    assert moment is not None
    assert moment.complete, "what is in memory can be looked at, with its names"
    hog.unlink()
    await go_on(0.8)
    assert told[-1], "it went on by itself"
    await store.close()
    seen = check(path, [(0, second)], [1])
    assert seen.sealed_hours >= 2
    conn = sqlite3.connect(path)
    health = [int(detail) for (detail,) in conn.execute("SELECT detail FROM health ORDER BY ts")]
    assert health == list(range(300, second + 1, 300)), "of the time without room, too"
    assert full_from < health[-1]
    conn.close()
    print("done", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "fill_up":
        asyncio.run(fill_up(Path(sys.argv[2])))
    else:
        asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
