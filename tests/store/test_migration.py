"""`data/history-1.db.gz` was written by pdutui as it was before hours were sealed."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pdutui.domain.history import HOUR_MS
from pdutui.store.schema import SCHEMA_VERSION, migrate

from ..support.clock import ManualClock
from .conftest import Opener
from .helpers import expected, ms, reading, record, rows
from .sealed import sealed_rows

FIRST = Path(__file__).parent / "data" / "history-1.db.gz"
MINUTES = range(-300, 0, 6)


@pytest.fixture
def old(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(gzip.decompress(FIRST.read_bytes()))
    return path


def shape(conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT GLOB 'raw_*'"
        " AND type <> 'view' ORDER BY 1, 2"
    ).fetchall()


def test_an_old_database_gets_the_shape_of_a_new_one(old: Path, tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(old, isolation_level=None)) as conn,
        closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as new,
    ):
        assert conn.execute("PRAGMA user_version").fetchone() == (1,)
        before = shape(conn)
        migrate(conn, old)
        migrate(new, tmp_path / "new.db")
        assert shape(conn) == shape(new) != before
        assert conn.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_nothing_of_an_old_database_is_lost(
    old: Path, open_store: Opener, clock: ManualClock
) -> None:
    store = await open_store(retention_days=60)
    assert store.status.ok
    assert store.status.detail == ""
    pdus = {"rack1-a": {}, "rack1-b": {"outlets": 2, "banks": 0, "sensors": 0, "ats": False}}
    readings = {
        pdu: {ms(r): r for r in (reading(60 * m, pdu=pdu, **how) for m in MINUTES)}  # type: ignore[arg-type]
        for pdu, how in pdus.items()
    }
    for pdu, known in readings.items():
        assert list(rows(old, pdu)) == list(known)
    assert await store.seal_now() == 2 * 4, "what is there for long is sealed"
    store.append(reading(1))
    await store.flush()
    assert ms(reading(1)) in rows(old)
    with closing(sqlite3.connect(old)) as conn:
        for pdu, known in readings.items():
            found = sealed_rows(conn, pdu)
            last = max(found) // HOUR_MS
            assert list(found) == [ts for ts in known if ts // HOUR_MS <= last]
            for ts, row in found.items():
                said = expected(known[ts])
                # Sensors went by their place then, and go by their name now.
                assert {k: v for k, v in row.items() if "sensor" not in k} == {
                    k: v for k, v in said.items() if "sensor" not in k
                }
                assert sorted(v for k, v in row.items() if "sensor" in k) == sorted(
                    v for k, v in said.items() if "sensor" in k
                )
    assert await store.audit_rows(9) == [record(1)]
    assert [e.text for e in await store.recent_events(9)] == ["source A lost"]
