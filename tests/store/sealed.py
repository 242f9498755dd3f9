"""Databases with raw rows, sealing them, and what sealing has to give, worked out plainly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS
from pdutui.domain.series import parse_series
from pdutui.store import seal
from pdutui.store.codec import unpack
from pdutui.store.raw import Catalogue, column_name
from pdutui.store.schema import Immediate, configure, migrate

Rows = Mapping[int, Mapping[str, int | None]]
"""By unix ms: series key -> scaled integer."""
Steps = dict[tuple[str, int], tuple[int, ...]]
"""By series and the begin of the step in ms: n, sum, min, max, last."""

PDU = "rack1-a"


def database(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(exist_ok=True)
    conn = sqlite3.connect(path, isolation_level=None)
    configure(conn, max_page_count=0)
    migrate(conn, path)
    return conn


def put(conn: sqlite3.Connection, rows: Rows, pdu: str = PDU) -> int:
    """Raw rows as they would be committed; the number of the PDU."""
    catalogue = Catalogue(conn)
    keys = list(dict.fromkeys(key for row in rows.values() for key in row))
    with Immediate(conn):
        known = catalogue.table(pdu).columns
        catalogue.widen(pdu, [key for key in keys if key not in known])
        ident = catalogue.table(pdu).id
        names = ["ts", *(column_name(parse_series(key)) for key in keys)]
        conn.executemany(
            f"INSERT OR IGNORE INTO raw_{ident} ({', '.join(names)})"
            f" VALUES ({', '.join('?' * len(names))})",
            [(ts, *(row.get(key) for key in keys)) for ts, row in rows.items()],
        )
    return ident


def seal_hour(conn: sqlite3.Connection, pdu: int, hour: int) -> bool:
    found = seal.read_hour(conn, pdu, hour)
    parts = [seal.times_part(found)]
    for helping in seal.parts_of(conn, pdu):
        parts += seal.seal_parts(conn, found, helping)
    with Immediate(conn):
        return seal.commit(conn, found, parts)


def seal_all(conn: sqlite3.Connection, pdu: int) -> None:
    while (found := conn.execute(f"SELECT min(ts) FROM raw_{pdu}").fetchone()[0]) is not None:
        assert seal_hour(conn, pdu, found // HOUR_MS)


def sealed_rows(conn: sqlite3.Connection, pdu: str = PDU) -> dict[int, dict[str, int]]:
    """The values in the chunks, without those that are missing."""
    out: dict[int, dict[str, int]] = {}
    times: dict[int, list[int]] = {}
    blobs = conn.execute(
        "SELECT part.name, hour, z FROM chunk JOIN part ON part.id = chunk.part"
        " JOIN pdu ON pdu.id = part.pdu WHERE pdu.name = ? ORDER BY part.name <> 'ts'",
        (pdu,),
    )
    for part, hour, z in blobs:
        columns = unpack(z)
        if part == "ts":
            times[hour] = [ts for ts in columns["ts"] if ts is not None]
            out |= {ts: {} for ts in times[hour]}
            continue
        for field, values in columns.items():
            assert any(v is not None for v in values), "columns of nothing are left out"
            for ts, value in zip(times[hour], values, strict=True):
                if value is not None:
                    out[ts][f"{part}.{field}"] = value
    return dict(sorted(out.items()))


def rollup(conn: sqlite3.Connection, table: str) -> Steps:
    """What is in `minutes` or `quarters`."""
    unit, unit_ms, step_ms = {
        "minutes": ("hour", HOUR_MS, MINUTE_MS), "quarters": ("day", DAY_MS, QUARTER_MS),
    }[table]  # fmt: skip
    out: Steps = {}
    for part, at, z in conn.execute(
        f"SELECT part.name, {unit}, z FROM {table} JOIN part ON part.id = {table}.part"
    ):
        columns = unpack(z)
        steps = columns.pop("at")
        assert steps == sorted(set(map(int, map(str, steps))))
        fields = dict.fromkeys(name.rpartition(".")[0] for name in columns)
        for field in fields:
            lists = [columns[f"{field}.{name}"] for name in ("n", "sum", "min", "max", "last")]
            for step, n, *rest in zip(steps, *lists, strict=True):
                if n:
                    out[f"{part}.{field}", at * unit_ms + step * step_ms] = (n, *rest)
                else:
                    assert rest == [None] * 4
    return out


def plain(rows: Rows, step_ms: int) -> Steps:
    """The same, from the rows themselves."""
    values: dict[tuple[str, int], list[int]] = {}
    for ts, row in sorted(rows.items()):
        for key, value in row.items():
            if value is not None:
                values.setdefault((key, ts - ts % step_ms), []).append(value)
    return {k: (len(v), sum(v), min(v), max(v), v[-1]) for k, v in values.items()}


def known(rows: Rows) -> dict[int, dict[str, int]]:
    """Rows without what is missing."""
    return {ts: {k: v for k, v in row.items() if v is not None} for ts, row in sorted(rows.items())}


def gaps(conn: sqlite3.Connection) -> list[tuple[int, int]]:
    return conn.execute("SELECT from_ms, to_ms FROM gap ORDER BY to_ms").fetchall()


def check(conn: sqlite3.Connection, rows: Rows) -> None:
    """Everything is sealed, and says what the rows said."""
    assert sealed_rows(conn) == known(rows)
    assert rollup(conn, "minutes") == plain(rows, MINUTE_MS)
    assert rollup(conn, "quarters") == plain(rows, QUARTER_MS)
    counts: dict[int, int] = {}
    for ts in rows:
        counts[ts // HOUR_MS] = counts.get(ts // HOUR_MS, 0) + 1
    assert dict(conn.execute("SELECT hour, n FROM sealed")) == counts


def every(seconds: float, begin_ms: int, end_ms: int) -> Iterable[int]:
    return range(begin_ms, end_ms, round(seconds * 1000))
