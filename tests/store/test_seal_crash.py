from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from pdutui.domain.history import HOUR_MS, MINUTE_MS, QUARTER_MS

from .sealed import check, database, every, plain, put, rollup, sealed_rows
from .test_crash import start

HOURS = 90
FIRST = 495_020
KILLS = 4


def test_killed_in_the_middle_of_sealing_nothing_is_lost(path: Path) -> None:
    times = every(120, FIRST * HOUR_MS, (FIRST + HOURS) * HOUR_MS)
    expected = {
        ts: {f"outlet.{n}.power_w": (ts // MINUTE_MS * n) % 997 for n in range(1, 9)}
        for ts in times
    }
    with closing(database(path)) as conn:
        pdu = put(conn, expected)
    dice = random.Random(5)
    seen = []
    for _ in range(KILLS):
        sealer = start("seal_until_killed", path)
        assert sealer.stdout is not None
        assert sealer.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0.0, 0.08))
        sealer.send_signal(signal.SIGKILL)
        assert sealer.communicate()[0] == "", "killed before it was done"
        seen.append(_whole(path, pdu, expected))
    assert len(set(seen)) > 1, f"it went on between kills: {seen}"
    assert seen == sorted(seen)
    sealer = start("seal_until_killed", path)
    assert sealer.communicate(timeout=30)[0] == "ready\nsealed\n"
    with closing(sqlite3.connect(path)) as conn:
        check(conn, expected)
        assert conn.execute("SELECT count(*) FROM gap").fetchone() == (0,)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _whole(path: Path, pdu: int, expected: dict[int, dict[str, int]]) -> int:
    """See that every hour is either raw or sealed, as a whole; how many are sealed."""
    with closing(sqlite3.connect(path)) as conn:
        raw = {
            ts: dict(zip((f"outlet.{n}.power_w" for n in range(1, 9)), values, strict=True))
            for ts, *values in conn.execute(
                f"SELECT ts, {', '.join(f'outlet_{n}_power_w' for n in range(1, 9))} FROM raw_{pdu}"
            )
        }
        kept = sealed_rows(conn)
        assert kept.keys().isdisjoint(raw)
        assert {ts // HOUR_MS for ts in kept}.isdisjoint(ts // HOUR_MS for ts in raw)
        assert kept | raw == expected
        assert rollup(conn, "minutes") == plain(kept, MINUTE_MS)
        assert rollup(conn, "quarters") == plain(kept, QUARTER_MS)
        hours = {hour for (hour,) in conn.execute("SELECT hour FROM sealed")}
        assert hours == {ts // HOUR_MS for ts in kept}
        return len(hours)
