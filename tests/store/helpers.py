"""Readings, records and waiting, for the tests of the store."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pdutui.domain.commands import AuditRecord
from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Reading, Sensor, Source
from pdutui.domain.series import series_values

START = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)


def reading(
    second: float = 0.0,
    *,
    pdu: str = "rack1-a",
    outlets: int = 10,
    banks: int = 2,
    sensors: int = 1,
    ats: bool = True,
    start: datetime = START,
) -> Reading:
    """A PDU whose every figure depends on the second, so that no two rows are alike."""
    k = second
    return Reading(
        pdu=pdu,
        time=start + timedelta(seconds=second),
        inlets=(
            Inlet(
                number=1, name="I1", voltage_v=120.0 + k % 7 / 10, current_a=3.1 + k % 5 / 1000,
                power_w=361.0 + k, apparent_power_va=371.0 + k, power_factor=0.973,
                frequency_hz=59.98, energy_kwh=1042.345 + k / 1000, rating_a=20.0, state="normal",
            ),
        ),
        banks=tuple(
            Bank(number=n, name=f"Bank {n}", voltage_v=120.9, current_a=1.8 + k % 3 / 10,
                 power_w=211.0 + n, state="warning" if k % 2 else "normal")
            for n in range(1, banks + 1)
        ),
        outlets=tuple(
            Outlet(number=n, name=f"Outlet {n}", state="off" if (n + int(k)) % 5 == 0 else "on",
                   current_a=0.1 * n + k % 11 / 1000, power_w=104.5 + n + k,
                   energy_kwh=312.4 + n + k / 1000)
            for n in range(1, outlets + 1)
        ),
        ats=Ats(
            active="A", preferred="A", redundancy="full",
            sources=(
                Source(id="A", name="A", voltage_v=120.9, frequency_hz=60.0, state="normal"),
                Source(id="B", name="B", voltage_v=None, frequency_hz=None, state="lost"),
            ),
        ) if ats else None,
        sensors=tuple(
            Sensor(name=f"Env {n}", kind="temperature", value=-3.25 - n, unit="degC",
                   state="normal")
            for n in range(1, sensors + 1)
        ),
    )  # fmt: skip


def record(second: float = 0.0, **other: object) -> AuditRecord:
    fields: dict[str, object] = {
        "time": START + timedelta(seconds=second, microseconds=3456),
        "intent_id": f"intent-{second}", "user": "alice", "ssh_origin": "10.1.2.3",
        "origin": "console", "pdu": "rack1-a", "outlet": 3, "outlet_name": "db01",
        "action": "off", "state_from": "on", "state_to": None, "outcome": "requested",
        "detail": "Turn OFF outlet 3 db01 on rack1-a", "reason": None,
    }  # fmt: skip
    return AuditRecord(**(fields | other))  # type: ignore[arg-type]


async def eventually(condition: Callable[[], bool], what: str, seconds: float = 5.0) -> None:
    """Wait in real time: the store's threads do not know the manual clock."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"never came about: {what}"
        await asyncio.sleep(0.005)


def rows(path: Path, pdu: str = "rack1-a") -> dict[int, dict[str, int | None]]:
    """What is committed of a PDU, read by plain sqlite3: by ms, by series key."""
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        found = conn.execute("SELECT id FROM pdu WHERE name = ?", (pdu,)).fetchone()
        if found is None:
            return {}
        keys = dict(conn.execute("SELECT col, key FROM series WHERE pdu = ?", found))
        cursor = conn.execute(f"SELECT * FROM raw_{found[0]} ORDER BY ts")
        names = [d[0] for d in cursor.description][1:]
        return {
            ts: {keys[n]: v for n, v in zip(names, values, strict=True)} for ts, *values in cursor
        }
    finally:
        conn.close()


def expected(one: Reading) -> dict[str, int]:
    """The stored integers of a reading, without those that are missing."""
    return {s.key: v for s, v in series_values(one).items() if v is not None}


def ms(one: Reading) -> int:
    return round(one.time.timestamp() * 1000)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()
