from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import Opener
from .crashing import kill_often
from .helpers import START, expected, ms, query, reading, rows

ROOT = Path(__file__).resolve().parents[2]


def start(name: str, path: Path, **how: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.scenarios", name, str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **how,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_kill_loses_at_most_what_was_not_committed(
    seed: int, path: Path, open_store: Opener
) -> None:
    writer = start("write_until_killed", path)
    assert writer.stdout is not None
    first = writer.stdout.readline()
    assert first, "it never committed anything"
    time.sleep(random.Random(seed).uniform(0.0, 0.4))
    writer.send_signal(signal.SIGKILL)
    acknowledged = int((first + writer.stdout.read()).split()[-1])
    writer.communicate()
    assert acknowledged >= 10

    store = await open_store()
    assert store.status.ok
    assert store.status.detail == ""
    found = rows(path)
    assert len(found) >= acknowledged
    assert len(found) % 10 == 0, "a batch is there as a whole or not at all"
    for second in range(acknowledged):
        one = reading(second)
        assert {k: v for k, v in found[ms(one)].items() if v is not None} == expected(one)
    audited = {row for (row,) in query(path, "SELECT intent_id FROM audit")}
    assert {f"intent-{k}" for k in range(10, acknowledged + 1, 10)} <= audited
    store.append(reading(10**6, start=START))
    await store.close()
    assert len(rows(path)) == len(found) + 1
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    conn.close()


@pytest.mark.parametrize("seed", [11, 12])
def test_kills_with_everything_at_work(seed: int, tmp_path: Path) -> None:
    """Sealing, rollups, retention, frames, audit; `benchmarks/crash.py` does it fifty times."""
    runs = list(kill_often(tmp_path / "history.db", kills=2, seed=seed, longest_s=1.2))
    assert sum(run.rows > 0 for run in runs) >= 1


def test_an_uncaught_error_does_not_hang_the_exit(path: Path) -> None:
    crashed = start("crash", path, stderr=subprocess.PIPE)
    _, errors = crashed.communicate(timeout=20)
    assert crashed.returncode == 1
    assert "RuntimeError: on purpose" in errors
