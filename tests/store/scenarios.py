"""What has to happen in a process of its own: `python -m tests.store.scenarios NAME DIR`."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from pdutui.store.limits import StoreLimits

from .helpers import reading, record

LIMITS = StoreLimits(ballast_bytes=0, busy_ms=50)


async def write_until_killed(path: Path) -> None:
    """Append as fast as may be; say after every commit how far it has got."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    second = 0
    while True:
        for _ in range(10):
            store.append(reading(second))
            second += 1
        safe = await store.audit_durable(record(second))
        await store.flush()
        assert safe
        assert store.status.ok
        print(second, flush=True)


async def seal_until_killed(path: Path) -> None:
    """Seal what there is, as fast as may be."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    print("ready", flush=True)
    await store.seal_now()
    print("sealed", flush=True)
    await store.close()


async def hold(path: Path) -> None:
    """Be the one who writes, until stdin ends."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    store.append(reading(0))
    await store.flush()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await store.close()


async def full_disk(path: Path) -> None:
    """On a small file system: fill it up, go on, make room, and nothing is missing."""
    limits = StoreLimits(
        busy_ms=50, ballast_bytes=200_000, floor_bytes=600_000, retry_first_s=0.01, retry_most_s=0.1
    )
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=limits)
    assert store.status.ok, store.status
    ballast = path.with_name("history.db.ballast")
    assert ballast.stat().st_size == 200_000
    for second in range(100):
        store.append(reading(second))
    await store.flush()
    hog = path.with_name("hog")
    fd = os.open(hog, os.O_WRONLY | os.O_CREAT)
    size = 1 << 20
    while size:
        try:
            os.write(fd, bytes(size))
        except OSError:
            size //= 2
    os.close(fd)
    for second in range(100, 3000):
        store.append(reading(second))
    await store.flush()
    assert not store.status.ok
    assert store.status.detail == "history paused: disk full", store.status
    assert not ballast.exists(), "the ballast has been given up"
    assert await store.audit_durable(record(1)), "the audit goes on in the room of the ballast"
    assert len(await store.audit_rows(9)) == 1
    hog.unlink()
    for _ in range(500):
        await asyncio.sleep(0.01)
        if store.status.ok and not len(store._rows):
            break
    assert store.status.ok, store.status
    await store.close()
    print("done", flush=True)


async def write_errors(path: Path) -> None:
    """The device refuses writes beyond a size, as EFBIG, which SQLite calls a disk I/O error."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    store.append(reading(0))
    await store.flush()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    for second in range(1, 3000):
        store.append(reading(second))
    await store.flush()
    assert "history paused: disk error" in store.status.detail, store.status
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.flush()
    assert store.status.ok, store.status
    await store.close()
    print("done", flush=True)


async def unwritable(path: Path) -> None:
    """As a user who may read the directory and not write to it."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    assert not store.status.ok
    assert "permission denied" in store.status.detail, store.status
    store.append(reading(0))
    await store.flush()
    assert not await store.audit_durable(record(0))
    await store.close()
    print("done", flush=True)


async def read_only_file(path: Path) -> None:
    """As a user who may write to the directory and not to the database."""
    os.setgid(65534)
    os.setuid(65534)
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    assert "permission denied" in store.status.detail, store.status
    assert await store.audit_durable(record(0)), "spilled"
    await store.close()
    print("done", flush=True)


async def crash(path: Path) -> None:
    """An error nobody caught, with the store open: the process has to end."""
    store = await HistoryStore.open(path, clock=SystemClock(), retention_days=0, limits=LIMITS)
    store.append(reading(0))
    await store.recent("rack1-a", ["outlet.1.power_w"], 3)
    raise RuntimeError("on purpose")


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]](Path(sys.argv[2])))
