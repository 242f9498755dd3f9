"""A PDU with a past that is known exactly, written as sealed hours, for the tests of energy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import floor
from pathlib import Path

from pdutui.domain.history import HOUR_MS
from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading
from pdutui.store.frames import frame_json
from pdutui.store.raw import Catalogue
from pdutui.store.schema import Immediate, configure, migrate
from pdutui.store.seal import write_hour


def ms(text: str) -> int:
    """`2026-11-16T00:00+01:00` as unix milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def open_database(path: Path) -> sqlite3.Connection:
    """A database of this program, ready to be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    configure(conn, max_page_count=0)
    conn.execute("PRAGMA synchronous = OFF")
    migrate(conn, path)
    return conn


def frame(
    pdu: str = "rack1-a", *, outlets: int = 3, inlets: int = 1, banks: int = 0, phases: int = 0,
    serial: str | None = "S1", rating_a: float | None = 16.0, names: bool = True,
) -> Reading:  # fmt: skip
    """What a PDU says of itself."""
    return Reading(
        pdu=pdu,
        time=datetime(1970, 1, 1, tzinfo=UTC),
        model="PDU44001",
        serial=serial,
        inlets=tuple(
            Inlet(number=n, name=f"I{n}", rating_a=rating_a) for n in range(1, inlets + 1)
        ),
        phases=tuple(Phase(number=n, name=f"L{n}") for n in range(1, phases + 1)),
        banks=tuple(Bank(number=n, name=f"Bank {n}") for n in range(1, banks + 1)),
        outlets=tuple(
            Outlet(number=n, name=f"db{n:02d}" if names else "") for n in range(1, outlets + 1)
        ),
    )


def put_frame(conn: sqlite3.Connection, reading: Reading, at_ms: int) -> None:
    catalogue = Catalogue(conn)
    with Immediate(conn):
        ident = catalogue.ident(reading.pdu)
        conn.execute(
            "INSERT OR REPLACE INTO frame (pdu, ts, json) VALUES (?, ?, ?)",
            (ident, at_ms, frame_json(reading)),
        )


Poll = Callable[[int], dict[str, float | None]]
"""From unix ms to what a PDU says then, in units, by series key."""

_UNITS = {"energy_kwh": 1000, "power_w": 10, "state": 1}


def write_polls(
    conn: sqlite3.Connection, pdu: str, times: Iterable[int], poll: Poll, *, raw: bool = False
) -> None:
    """Write polls as sealed hours, or as rows that are not sealed yet."""
    hours: dict[int, list[int]] = {}
    for ts in times:
        hours.setdefault(ts // HOUR_MS, []).append(ts)
    catalogue = Catalogue(conn)
    with Immediate(conn):
        for hour, polls in sorted(hours.items()):
            said = [poll(ts) for ts in polls]
            keys = list(dict.fromkeys(key for one in said for key in one))
            catalogue.widen(pdu, [k for k in keys if k not in catalogue.table(pdu).columns])
            columns = {key: [_scaled(key, one.get(key)) for one in said] for key in keys}
            ident = catalogue.table(pdu).id
            if raw:
                names = ", ".join(key.replace(".", "_") for key in keys)
                conn.executemany(
                    f"INSERT INTO raw_{ident} (ts, {names}) VALUES (?{', ?' * len(keys)})",
                    [(ts, *values) for ts, *values in zip(polls, *columns.values(), strict=True)],
                )
            else:
                write_hour(conn, ident, hour, polls, columns)


def _scaled(key: str, value: float | None) -> int | None:
    return None if value is None else round(value * _UNITS[key.rpartition(".")[2]])


def steady(
    watts: dict[str, float],
    start_ms: int,
    *,
    counter: float | None = 100.0,
    step_kwh: float = 0.001,
) -> Poll:
    """Parts that draw the same all the time; counters begin at `counter` kWh."""

    def poll(ts: int) -> dict[str, float | None]:
        out: dict[str, float | None] = {}
        for part, power in watts.items():
            out[f"{part}.power_w"] = power
            if counter is not None:
                kwh = counter + power / 1000 * (ts - start_ms) / HOUR_MS
                out[f"{part}.energy_kwh"] = floor(kwh / step_kwh + 1e-6) * step_kwh
            if part.startswith("outlet."):
                out[f"{part}.state"] = 1
        return out

    return poll
