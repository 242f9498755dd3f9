"""Tables of PDUs that have very much, or change all the time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from pdutui.domain.reading import Outlet, Reading, Sensor
from pdutui.store.history import HistoryStore
from pdutui.store.layout import Layouts, time_ms
from pdutui.store.raw import MAX_COLUMNS, MAX_SENSOR_COLUMNS, Catalogue
from pdutui.store.schema import Immediate

from .helpers import reading, rows
from .sealed import database


def renamed(second: float, name: str, *, outlets: int = 2) -> Reading:
    """A reading whose one sensor is called something else."""
    sensor = Sensor(name=name, kind="temperature", value=20.0 + second, state="normal")
    plain = reading(second, outlets=outlets, banks=0, sensors=0, ats=False)
    return msgspec.structs.replace(plain, sensors=(sensor,))


async def test_sensors_that_are_renamed_all_the_time_leave_room_for_outlets(
    store: HistoryStore, path: Path
) -> None:
    for k in range(MAX_SENSOR_COLUMNS // 2 + 40):
        store.append(renamed(k, f"Env {k}"))
    await store.flush()
    store.append(renamed(1000, "Env 3", outlets=3))
    await store.flush()
    last = list(rows(path).values())[-1]
    assert last["outlet.3.power_w"] is not None
    assert last["sensor.temperature_env_3.value"] == 102_000
    assert sum(key.startswith("sensor.") for key in last) == MAX_SENSOR_COLUMNS
    assert store.status.ok
    assert "rack1-a has more values than are kept" in store.status.detail


async def test_nothing_is_said_while_everything_is_kept(store: HistoryStore) -> None:
    for k in range(20):
        store.append(renamed(k, f"Env {k}"))
    await store.flush()
    assert store.status.detail == ""


async def test_more_outlets_than_fit_are_told(store: HistoryStore, path: Path) -> None:
    outlets = tuple(
        Outlet(number=n, name="", state="on", current_a=1.0, power_w=1.0, voltage_v=1.0,
               power_factor=1.0, energy_kwh=1.0)
        for n in range(1, 330)
    )  # fmt: skip
    store.append(msgspec.structs.replace(reading(), outlets=outlets))
    await store.flush()
    (row,) = rows(path).values()
    assert len(row) == MAX_COLUMNS
    assert "more values than are kept" in store.status.detail


def test_a_device_of_ever_new_shapes_does_not_fill_the_memory(tmp_path: Path) -> None:
    conn = database(tmp_path / "state" / "history.db")
    tables, layouts = Catalogue(conn), Layouts()
    with Immediate(conn):
        for k in range(MAX_SENSOR_COLUMNS // 2 + 300):
            one = renamed(k, f"Env {k}")
            layout = layouts.of(one)
            tables.write("p", layout, [(time_ms(one), layout.encode(one))])
        assert len(tables.table("p")._inserts) <= 64


def test_no_view_shows_another_pdu(tmp_path: Path) -> None:
    conn = database(tmp_path / "state" / "history.db")
    tables, layouts = Catalogue(conn), Layouts()
    names = ["rack_4", "rack", "x", "rack?", "rack!", "rack_5", "7", "ä"]
    with Immediate(conn):
        for name in names:
            one = reading(pdu=name)
            layout = layouts.of(one)
            tables.write(name, layout, [(time_ms(one), layout.encode(one))])
    assert views(conn) == {f"raw_{ident}" for ident in range(1, len(names) + 1)}


def views(conn: sqlite3.Connection) -> set[str]:
    """The tables that the views of the PDUs show, each once."""
    texts = [
        conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", view).fetchone()[0]
        for view in conn.execute("SELECT view FROM pdu").fetchall()
    ]
    shown = [text.rpartition(" ")[2] for text in texts]
    assert len(shown) == len(set(shown))
    return set(shown)
