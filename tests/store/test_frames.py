"""What a PDU says of itself is kept when it changes, with the rows it belongs to."""

from __future__ import annotations

import json
import sqlite3
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.reading import Ats, Outlet, PollStats, Reading, Sensor, Source
from pdutui.domain.series import fields_of
from pdutui.store.frames import (
    BURST,
    REFILL_MS,
    UNKNOWN,
    Frames,
    StoredFrame,
    frame_at,
    frame_json,
    insert_frames,
    read_frame,
    static_of,
)
from pdutui.store.schema import Immediate, migrate

from ..support.clock import ManualClock
from .conftest import Opener
from .helpers import eventually, ms, query, reading, rows
from .test_crash import start

FRAMES = "SELECT p.name, f.ts, f.json FROM frame f JOIN pdu p ON p.id = f.pdu ORDER BY f.ts"


def renamed(second: float, name: str, **other: object) -> Reading:
    one = reading(second, **other)  # type: ignore[arg-type]
    first = msgspec.structs.replace(one.outlets[0], name=name)
    return msgspec.structs.replace(one, outlets=(first, *one.outlets[1:]))


def kept(path: Path) -> list[tuple[int, str]]:
    """When, and what outlet 1 was called."""
    return [
        (int(str(ts)), json.loads(str(text))["outlets"][0]["name"] if text != UNKNOWN else "?")
        for _, ts, text in query(path, FRAMES)
    ]


# -- what belongs to it ----------------------------------------------------------------------


def test_a_frame_has_all_but_the_figures() -> None:
    one = msgspec.structs.replace(
        reading(0), vendor="CyberPower", serial="X1", uptime_s=99, poll=PollStats(errors=("no",))
    )
    text = frame_json(one)
    plain = json.loads(text)
    assert set(plain) == {"vendor", "serial", "inlets", "banks", "outlets", "ats", "sensors"}
    assert plain["inlets"] == [{"number": 1, "name": "I1", "rating_a": 20.0}]
    assert plain["outlets"][2] == {"number": 3, "name": "Outlet 3", "switchable": False}
    assert plain["ats"]["sources"][0] == {"id": "A", "name": "A"}
    assert plain["sensors"] == [{"name": "Env 1", "kind": "temperature", "unit": "degC"}]


def changed(part: msgspec.Struct, field: str) -> msgspec.Struct:
    old = getattr(part, field)
    new: object = "on" if field == "pending" else "B" if field in ("id", "preferred") else None
    if new is None:
        new = 77 if not isinstance(old, str) else old + "!"
    if field in ("state", "active", "redundancy", "phase_sync"):
        new = {"state": "unknown", "active": "none", "redundancy": None,
               "phase_sync": "in_sync"}[field]  # fmt: skip
    return msgspec.structs.replace(part, **{field: new})


FULL = Reading(
    pdu="p", time=reading(0).time, inlets=reading(0).inlets, banks=reading(0).banks,
    outlets=(Outlet(number=1, name="db01", state="on"),), sensors=reading(0).sensors,
    ats=reading(0).ats,
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "entity"),
    [("inlets", "inlet"), ("banks", "bank"), ("outlets", "outlet"), ("sensors", "sensor")],
)
def test_every_field_that_is_no_series_belongs_to_it(place: str, entity: str) -> None:
    first = getattr(FULL, place)[0]
    for field in first.__struct_fields__:
        other = msgspec.structs.replace(
            FULL, **{place: (changed(first, field), *getattr(FULL, place)[1:])}
        )
        same = field in fields_of(entity)  # type: ignore[arg-type]
        assert (static_of(other) == static_of(FULL)) is same, field
        assert (frame_json(other) == frame_json(FULL)) is same, field


def test_every_field_of_the_switch_and_its_feeds() -> None:
    assert FULL.ats is not None
    for field in Ats.__struct_fields__:
        if field != "sources":
            other = msgspec.structs.replace(FULL, ats=changed(FULL.ats, field))
            assert (static_of(other) == static_of(FULL)) is (field in fields_of("ats")), field
    for field in Source.__struct_fields__:
        sources = (changed(FULL.ats.sources[0], field), *FULL.ats.sources[1:])
        other = msgspec.structs.replace(
            FULL, ats=msgspec.structs.replace(FULL.ats, sources=sources)
        )
        assert (static_of(other) == static_of(FULL)) is (
            field in fields_of("source") or getattr(sources[0], field) == getattr(
                FULL.ats.sources[0], field)
        ), field  # fmt: skip
    assert static_of(msgspec.structs.replace(FULL, ats=None)) != static_of(FULL)


def test_every_field_of_the_reading_itself() -> None:
    for field in ("vendor", "model", "serial", "firmware", "name", "profile"):
        assert static_of(msgspec.structs.replace(FULL, **{field: "x"})) != static_of(FULL)
    for field, value in (("uptime_s", 5), ("poll", PollStats(errors=("x",)))):
        assert static_of(msgspec.structs.replace(FULL, **{field: value})) == static_of(FULL)


def test_a_frame_of_a_later_version_is_read() -> None:
    plain = json.loads(frame_json(FULL)) | {"colour": "red"}
    plain["outlets"][0]["phase_of_moon"] = [1, 2]
    found = read_frame("p", json.dumps(plain))
    assert found is not None
    assert found.outlets == (Outlet(number=1, name="db01"),)
    assert found.ats is not None
    assert found.ats.active is None


@pytest.mark.parametrize("text", [UNKNOWN, "", "{", "[]", "7", '{"outlets": [{"number": "x"}]}'])
def test_what_is_no_frame_says_nothing(text: str) -> None:
    assert read_frame("p", text) is None


def test_names_that_are_no_text() -> None:
    one = msgspec.structs.replace(FULL, name="r\udce9", sensors=(Sensor(name="\udcff", kind="x"),))
    found = read_frame("p", frame_json(one))
    assert found is not None
    assert found.name == "r\\udce9"


# -- when it is kept -------------------------------------------------------------------------


async def test_one_frame_for_many_readings_and_one_more_when_a_name_changes(
    open_store: Opener, path: Path
) -> None:
    store = await open_store()
    for k in range(30):
        store.append(renamed(k, "db01" if k < 17 else "db02"))
    await store.flush()
    assert kept(path) == [(ms(reading(0)), "db01"), (ms(reading(17)), "db02")]
    store.append(renamed(30, "db02"))
    await store.flush()
    assert len(kept(path)) == 2


async def test_a_restart_adds_none_unless_something_changed(open_store: Opener, path: Path) -> None:
    for run, name in enumerate(("db01", "db01", "db02")):
        store = await open_store()
        store.append(renamed(run, name))
        await store.close()
    assert kept(path) == [(ms(reading(0)), "db01"), (ms(reading(2)), "db02")]


async def test_a_frame_waits_with_its_rows_and_comes_with_them(
    open_store: Opener, path: Path
) -> None:
    store = await open_store(rows_per_commit=5)
    store.append(renamed(0, "db01"))
    await store.flush()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for k in range(1, 20):
        store.append(renamed(k, "db01" if k < 12 else "db02"))
    await store.flush()
    assert not store.status.ok
    assert len(kept(path)) == 1
    other.execute("ROLLBACK")
    other.close()
    await store.flush()
    assert len(rows(path)) == 20
    assert kept(path) == [(ms(reading(0)), "db01"), (ms(reading(12)), "db02")]


async def test_a_new_file_gets_what_holds(open_store: Opener, path: Path) -> None:
    store = await open_store()
    store.append(renamed(0, "db01"))
    await store.flush()
    path.unlink()
    store.append(renamed(1, "db01"))
    await store.flush()
    store.append(renamed(2, "db01"))
    await store.flush()
    assert kept(path) == [(ms(reading(0)), "db01")]
    assert len(rows(path)) == 2


async def test_a_follower_writes_none_and_goes_on_when_it_takes_over(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    first = start("hold", path)
    assert first.stdout is not None
    first.stdout.readline()
    store = await open_store()
    for k in range(-5, 1):
        store.append(renamed(k, "Outlet 1" if k % 2 else "x"))
    await store.flush()
    assert kept(path) == [(ms(reading(0)), "Outlet 1")]
    store.append(renamed(1, "db02"))
    first.communicate()
    await clock.run(11)
    await eventually(lambda: store.status.ok, "took over")
    await store.flush()
    assert kept(path)[0] == (ms(reading(0)), "x"), "of one moment the last word counts"
    assert kept(path)[-1] == (ms(reading(1)), "db02")


# -- flapping --------------------------------------------------------------------------------


def flap(frames: Frames, first: int, count: int) -> list[StoredFrame]:
    for k in range(first, first + count):
        frames.see(renamed(k, f"name {k}"), k * 1000)
    waiting = frames.waiting(["rack1-a"], 1)
    frames.done(waiting)
    return waiting.get("rack1-a", [])


def test_a_device_that_never_says_the_same_is_bounded_and_that_is_kept() -> None:
    frames = Frames()
    got: list[StoredFrame] = []
    for k in range(0, 7200, 10):
        got += flap(frames, k, 10)
    known = [text for _, text in got if text != UNKNOWN]
    assert BURST < len(known) <= BURST + 7_200_000 / REFILL_MS
    assert 0 <= sum(text == UNKNOWN for _, text in got) - (len(known) - BURST) <= 1
    assert all(a[1] != b[1] for a, b in pairwise(got))
    assert got[BURST][1] == UNKNOWN, "at once when it is too much"


def test_it_is_known_again_when_it_has_calmed_down() -> None:
    frames = Frames()
    for k in range(0, BURST + 10, 10):
        flap(frames, k, 10)
    calm = [
        frame for k in range(2 * REFILL_MS // 1000) for frame in flap(frames, 777, 1) or [None]
        if frame and k
    ]  # fmt: skip
    assert calm == []
    frames.see(renamed(0, "calm"), 10 * REFILL_MS)
    ((ts, text),) = frames.waiting(["rack1-a"], 1)["rack1-a"]
    assert ts == 10 * REFILL_MS
    assert '"calm"' in text


def test_what_waits_is_bounded_and_what_was_given_up_is_said() -> None:
    frames = Frames()
    for k in range(100):
        frames.see(renamed(k, f"name {k}"), k)
    waiting = frames.waiting(["rack1-a"], 1)["rack1-a"]
    assert waiting[0] == (0, UNKNOWN)
    assert [ts for ts, _ in waiting[1:]] == list(range(37, 100))
    assert len(frames) == 64


def test_figures_that_are_no_number_make_no_frames() -> None:
    frames = Frames()
    for k in range(200):
        inlet = msgspec.structs.replace(reading(k).inlets[0], rating_a=float("nan"))
        frames.see(msgspec.structs.replace(reading(k), inlets=(inlet,)), k)
    assert len(frames) == 1


# -- a clock that was set back ---------------------------------------------------------------


def test_with_the_clock_set_back_it_holds_now_and_after_what_was_kept(tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "f.db", isolation_level=None)
    migrate(conn, tmp_path / "f.db")
    conn.execute("INSERT INTO pdu VALUES (1, 'p', 'pdu_p')")
    conn.execute("CREATE TABLE raw_1 (ts INTEGER PRIMARY KEY)")
    with Immediate(conn):
        insert_frames(conn, 1, [(100, '"A"'), (500, '"B"')])
        conn.execute("INSERT INTO raw_1 VALUES (900)")
    with Immediate(conn):
        insert_frames(conn, 1, [(300, '"C"')])

    def said(at: int) -> str | None:
        found = frame_at(conn, 1, at)
        return found and found[1]

    assert [said(t) for t in (50, 100, 300, 499, 500, 900, 901, 10**12)] == [
        None, '"A"', '"C"', '"C"', '"B"', '"B"', '"C"', '"C"',
    ]  # fmt: skip
    with Immediate(conn):
        insert_frames(conn, 1, [(300, '"C"')])
    assert conn.execute("SELECT count(*) FROM frame").fetchone() == (4,), "twice is once"
    with Immediate(conn):
        insert_frames(conn, 1, [(150, '"A"')])
    assert said(150) == '"A"'
    assert said(10**12) == '"A"', "the device says so now, later than all the rest"
    conn.close()
