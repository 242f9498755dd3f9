"""Of a damaged file all is saved that can be read, and nothing that is not what it was."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pdutui.domain.history import HOUR_MS
from pdutui.store.codec import unpack
from pdutui.store.damaged import TOP, open_damaged
from pdutui.store.files import set_aside
from pdutui.store.history import HistoryStore
from pdutui.store.raw import Catalogue
from pdutui.store.rollup import rolled_up, slices
from pdutui.store.salvage_note import begin, pending
from pdutui.store.salvaging import Saving, _steps, percent
from pdutui.store.schema import Immediate, migrate

from ..support.clock import ManualClock
from .book import Book
from .conftest import Opener
from .helpers import START, ms, reading, rows

T0 = ms(reading(0))
PDUS = ("rack1-a", "rack1-b")
HOURS = 5
STEP_S = 12


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two PDUs, five sealed hours and some rows each, and everything else that is kept."""
    path = tmp_path_factory.mktemp("original") / "history.db"
    book = Book(path)
    for pdu in PDUS:
        for k in range(0, HOURS * 3600 + 600, STEP_S):
            if not 5000 < k < 5600:
                one = reading(k, pdu=pdu, outlets=4)
                name = msgspec.structs.replace(one.outlets[0], name=f"name {k // 7200}")
                book.write([msgspec.structs.replace(one, outlets=(name, *one.outlets[1:]))])
    for ident in (1, 2):
        for hour in range(HOURS):
            assert book.seal(T0 + hour * HOUR_MS, ident)
    with Immediate(book.conn):
        for k in range(50):
            book.conn.execute(
                "INSERT INTO health VALUES (?, ?, 'late', ?)", (1 + k % 2, T0 + k * 1000, str(k))
            )
            book.conn.execute(
                "INSERT INTO events (ts, pdu, severity, text) VALUES (?, 'rack1-a', 'info', ?)",
                (T0 + k * 1000, f"line {k}"),
            )
        book.conn.execute("INSERT INTO report VALUES ('week', '', '2026-W47', ?, '{}')", (T0,))
    book.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    book.close()
    return path


Content = dict[str, dict[Any, Any]]


def content(path: Path) -> Content:
    """All of a database, without its own numbers."""
    conn = sqlite3.connect(path)
    names = dict(conn.execute("SELECT id, name FROM pdu"))
    parts = {i: (names[p], n) for i, p, n in conn.execute("SELECT id, pdu, name FROM part")}
    out: Content = {}
    for table in ("chunk", "minutes", "quarters"):
        out[table] = {
            (*parts[part], unit): unpack(z)
            for _, part, unit, z in conn.execute(
                f"SELECT rowid, part, {'day' if table == 'quarters' else 'hour'}, z FROM {table}"
            )
        }
    for table in ("sealed", "gap", "frame", "health"):
        out[table] = {
            (names[row[0]], row[1]): row[2:] for row in conn.execute(f"SELECT * FROM {table}")
        }
    out["events"] = dict.fromkeys(conn.execute("SELECT ts, pdu, severity, text FROM events"), 1)
    out["report"] = dict.fromkeys(conn.execute("SELECT * FROM report"), 1)
    out["raw"] = {
        (name, ts): {k: v for k, v in values.items() if v is not None}
        for name in names.values()
        for ts, values in rows(path, name).items()
    }
    conn.close()
    return out


def save_all(damaged: Path, target: Path) -> float:
    """All that the background does, at once; which part of the pieces was saved."""
    source = open_damaged(damaged)
    conn = sqlite3.connect(target, isolation_level=None)
    conn.execute("PRAGMA synchronous = OFF")
    migrate(conn, target)
    saved = lost = 0.0
    tables = Catalogue(conn)
    for step in _steps(source, T0 + 24 * HOUR_MS, damaged.stat().st_size // 4096):
        upto: int | None = TOP
        while upto is not None:
            try:
                found = step.read(source, upto)
            except sqlite3.Error:
                lost += step.worth
                break
            with Immediate(conn):
                saved += step.write(conn, tables, found.work)
            lost += found.lost
            assert found.upto is None or found.upto < upto, "it always gets on"
            upto = found.upto
    source.close()
    conn.close()
    return saved / (saved + lost)


def test_all_of_a_file_that_is_whole(original: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    assert save_all(original, target) == 1.0
    assert content(target) == content(original)
    assert save_all(original, target) == 1.0
    assert content(target) == content(original), "twice is once"


def test_a_day_has_the_quarters_of_both_files(original: Path, tmp_path: Path) -> None:
    """What was sealed in the new file before the old one is saved stays, hour by hour."""
    target = tmp_path / "new.db"
    book = Book(target)
    for k in range(6 * 3600, 8 * 3600, 60):
        book.write([reading(k, pdu="rack1-a", outlets=4)])
    assert book.seal(T0 + 6 * HOUR_MS)
    book.close()
    before = content(target)["quarters"]
    save_all(original, target)
    was, now = content(original)["quarters"], content(target)["quarters"]
    for which, day in now.items():
        parts = [each[which] for each in (was, before) if which in each]
        assert len(parts) == (2 if which[0] == "rack1-a" else 1)
        assert day == {name: [v for part in parts for v in part[name]] for name in day}


def pages_by_table(path: Path) -> dict[str, list[int]]:
    conn = sqlite3.connect(path)
    found: dict[str, list[int]] = {}
    for name, page, kind in conn.execute("SELECT name, pageno, pagetype FROM dbstat ORDER BY 2"):
        found.setdefault(name, []).append(page)
        found.setdefault(f"{name} {kind}", []).append(page)
    conn.close()
    return found


def break_pages(path: Path, pages: list[int], how: str, chosen: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for page in pages:
        begin_, end = (page - 1) * 4096, page * 4096
        if how == "garbage":
            data[begin_:end] = chosen.randbytes(4096)
        elif how == "zero":
            data[begin_:end] = bytes(4096)
        else:
            for _ in range(20):
                data[chosen.randrange(begin_, end)] ^= 1 << chosen.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["garbage", "zero", "flip"])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_saved_is_what_it_was(original: Path, tmp_path: Path, how: str, seed: int) -> None:
    """Pages broken at random, but the first: nothing false comes over, most of it does."""
    chosen = random.Random(f"{how} {seed}")
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    all_pages = [page for pages in pages_by_table(original).values() for page in pages]
    all_pages = sorted(set(all_pages) - {1})
    break_pages(damaged, chosen.sample(all_pages, 3), how, chosen)
    try:
        share = save_all(damaged, target)
    except sqlite3.Error as error:
        pytest.fail(f"it gave up: {error}")
    was, saved = content(original), content(target)
    for table in ("chunk", "minutes"):
        for which, columns in saved[table].items():
            assert columns == was[table][which], f"{table} {which}"
    for which, columns in saved["quarters"].items():
        there = was["quarters"][which]
        at = [there["at"].index(a) for a in columns["at"]]
        for name, values in columns.items():
            assert values == [there[name][i] for i in at], f"quarters {which}"
    assert how == "flip" or saved["raw"].items() <= was["raw"].items()
    assert share < 1.0 or saved == was or how == "flip"


def test_only_what_stands_on_broken_pages_is_lost(original: Path, tmp_path: Path) -> None:
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    pages = pages_by_table(original)
    leaf = pages["chunk leaf"][1]
    break_pages(damaged, [leaf], "garbage", random.Random(1))
    share = save_all(damaged, target)
    was, saved = content(original), content(target)
    missing = set(was["chunk"]) - set(saved["chunk"])
    assert 0 < len(missing) < 0.45 * len(was["chunk"]), "a page of times costs two hours here"
    assert 0.7 < share < 1.0
    assert saved["minutes"] == was["minutes"], "their minutes are not lost with them"
    assert saved["quarters"] == was["quarters"]
    for table in ("raw", "frame", "health", "events", "report"):
        assert saved[table] == was[table]


def test_lost_rollups_are_made_anew(original: Path, tmp_path: Path) -> None:
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    conn = sqlite3.connect(damaged)
    conn.execute("UPDATE minutes SET z = x'00' WHERE rowid % 3 = 0")
    conn.commit()
    conn.close()
    save_all(damaged, target)
    assert content(target)["minutes"] == content(original)["minutes"]


@pytest.mark.parametrize(
    "index",
    [
        "sqlite_autoindex_chunk_1",
        "sqlite_autoindex_part_1",
        "part",
        "sqlite_autoindex_minutes_1",
        "sqlite_autoindex_pdu_1",
        "pdu",
        "sealed",
        "series",
        "gap",
    ],
)
def test_nothing_hangs_on_one_index_or_list(original: Path, tmp_path: Path, index: str) -> None:
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    break_pages(damaged, pages_by_table(original)[index], "garbage", random.Random(2))
    save_all(damaged, target)
    was, saved = content(original), content(target)
    for table in ("raw", "chunk", "minutes", "quarters", "sealed", "gap"):
        assert saved[table] == was[table]


def test_a_blob_in_the_wrong_place_is_left_behind(original: Path, tmp_path: Path) -> None:
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    conn = sqlite3.connect(damaged)
    conn.execute("PRAGMA ignore_check_constraints = ON")
    (ts,) = conn.execute("SELECT id FROM part WHERE pdu = 1 AND name = 'ts'").fetchone()
    (bank,) = conn.execute("SELECT id FROM part WHERE pdu = 1 AND name = 'bank.1'").fetchone()
    hour = T0 // HOUR_MS
    swap = (
        "UPDATE chunk SET z = (SELECT z FROM chunk WHERE part = ? AND hour = ?)"
        " WHERE part = ? AND hour = ?"
    )
    conn.execute(swap, (ts, hour + 2, ts, hour + 1))  # the times of another hour
    conn.execute(swap, (bank, hour, ts + 1, hour))  # columns that this part cannot have
    conn.commit()
    conn.close()
    save_all(damaged, target)
    was, saved = content(original), content(target)
    gone = {which for which in was["chunk"] if which not in saved["chunk"]}
    assert {which[2] for which in gone if which[0] == "rack1-a"} == {hour, hour + 1}
    assert all(saved["chunk"][which] == was["chunk"][which] for which in saved["chunk"])


def test_a_hole_in_the_past_is_a_gap(original: Path, tmp_path: Path) -> None:
    damaged, target = tmp_path / "damaged.db", tmp_path / "new.db"
    shutil.copy(original, damaged)
    conn = sqlite3.connect(damaged)
    hour = T0 // HOUR_MS + 2
    conn.execute("DELETE FROM minutes WHERE hour = ?", (hour,))
    conn.execute("UPDATE chunk SET z = x'00' WHERE hour = ? AND length(z) > 0", (hour,))
    conn.commit()
    conn.close()
    save_all(damaged, target)
    was, saved = content(original), content(target)
    assert ("rack1-a", hour) not in saved["sealed"]
    new = {which: gap for which, gap in saved["gap"].items() if which not in was["gap"]}
    assert len(new) == 2
    for (_, to_ms), (from_ms,) in new.items():
        assert from_ms // HOUR_MS == hour - 1
        assert to_ms // HOUR_MS == hour + 1


# -- in the background -----------------------------------------------------------------------


async def passing(clock: ManualClock, done: Callable[[], bool]) -> None:
    """Let time pass, with real time for the threads, until it is done."""
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end, "it never came about"
        await clock.run(0.2)
        await asyncio.sleep(0.001)


async def saved(store: HistoryStore, clock: ManualClock, path: Path) -> None:
    await passing(clock, lambda: not pending(path.parent))
    await store.flush()


async def live(open_store: Opener, path: Path, original: Path, spoil: Any) -> HistoryStore:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(original, path)
    spoil(path)
    store = await open_store()
    store.append(reading(HOURS * 3600 + 700, pdu="rack1-a", outlets=4))
    await store.flush()
    return store


def cut(path: Path, share: float) -> None:
    size = path.stat().st_size
    os.truncate(path, int(size * share) // 4096 * 4096)


async def test_a_broken_header_costs_nothing(
    open_store: Opener, path: Path, original: Path, clock: ManualClock
) -> None:
    def spoil(path: Path) -> None:
        with path.open("r+b") as file:
            file.write(os.urandom(100))

    clock.advance(HOURS * 3600 + 700)
    store = await live(open_store, path, original, spoil)
    name = "history.db.damaged-20261120T191351Z"
    assert store.status.detail == f"damaged history set aside as {name}"
    assert len(rows(path)) == 1, "what is live comes first"
    await saved(store, clock, path)
    assert store.status.ok
    assert store.status.detail == f"damaged history set aside as {name}; all of it was saved"
    was, now = content(original), content(path)
    for table in was:
        assert was[table].items() <= now[table].items() or table == "frame"
    assert sorted(p.name for p in path.parent.iterdir() if "damaged" in p.name) == [name]


async def test_a_file_that_was_cut_off(
    open_store: Opener, path: Path, original: Path, clock: ManualClock
) -> None:
    clock.advance(HOURS * 3600 + 700)
    store = await live(open_store, path, original, lambda path: cut(path, 0.6))
    await saved(store, clock, path)
    detail = store.status.detail
    assert detail.endswith(" % of it was saved")
    assert 1 <= int(detail.split()[-6]) <= 65
    was, now = content(original), content(path)
    assert 0.2 * len(was["chunk"]) < len(now["chunk"]) < len(was["chunk"])
    for which, columns in now["chunk"].items():
        assert columns == was["chunk"][which]


async def test_a_file_of_nothing_but_garbage(
    open_store: Opener, path: Path, original: Path, clock: ManualClock
) -> None:
    store = await live(
        open_store, path, original, lambda path: path.write_bytes(os.urandom(100_000))
    )
    await saved(store, clock, path)
    assert store.status.detail.endswith("; nothing of it could be read")
    assert sorted(p.suffix for p in path.parent.iterdir() if "damaged" in p.name) == [
        ".damaged-20261120T140211Z"
    ]


async def test_it_goes_on_after_a_restart(
    open_store: Opener, path: Path, original: Path, clock: ManualClock
) -> None:
    def broken(path: Path) -> None:
        set_aside(path, START)
        begin(path.with_name("history.db.damaged-20261120T140211Z"), T0 + 24 * HOUR_MS)

    store = await live(open_store, path, original, broken)
    for _ in range(2):
        await passing(clock, lambda: pending(path.parent)[0].at >= "frame 2")
        await store.close()
        store = await open_store()
    await saved(store, clock, path)
    assert store.status.detail.endswith("; all of it was saved")
    was, now = content(original), content(path)
    for table in ("chunk", "minutes", "quarters", "sealed", "gap", "events"):
        assert was[table].items() <= now[table].items()


async def test_what_is_live_and_what_is_saved_are_sealed_together(
    open_store: Opener, path: Path, original: Path, clock: ManualClock
) -> None:
    """The hour of the damage has rows from both, and its day quarters from both."""
    clock.advance(HOURS * 3600 + 700)

    def broken(path: Path) -> None:
        at = set_aside(path, START)
        begin(at, T0 + 24 * HOUR_MS)

    store = await live(open_store, path, original, broken)
    await saved(store, clock, path)
    clock.advance(3 * 3600)
    assert await store.seal_now() == 2
    await store.close()
    was, now = content(original), content(path)
    hour = T0 // HOUR_MS + HOURS
    columns = now["chunk"]["rack1-a", "outlet.1", hour]
    times = now["chunk"]["rack1-a", "ts", hour]["ts"]
    assert times[-1] == T0 + (HOURS * 3600 + 700) * 1000
    for place, ts in enumerate(times[:-1]):
        assert columns["power_w"][place] == was["raw"]["rack1-a", ts]["outlet.1.power_w"]
    for (pdu, part, each), samples in now["chunk"].items():
        if part != "ts":
            made = rolled_up(samples, slices(
                now["chunk"][pdu, "ts", each]["ts"], each * HOUR_MS, 60_000
            ))  # type: ignore[arg-type]  # fmt: skip
            assert now["minutes"][pdu, part, each] == made
    quarters = now["quarters"]["rack1-a", "outlet.1", T0 // HOUR_MS // 24]
    assert quarters["at"] == sorted(set(quarters["at"]))  # type: ignore[type-var]
    assert sum(n or 0 for n in quarters["power_w.n"]) == sum(
        now["sealed"]["rack1-a", T0 // HOUR_MS + k][0] for k in range(HOURS + 1)
    )


async def test_little_room_is_left_to_what_is_live(
    open_store: Opener, path: Path, original: Path, clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def broken(path: Path) -> None:
        begin(set_aside(path, START), T0 + 24 * HOUR_MS)

    monkeypatch.setattr("pdutui.store.salvaging.free_bytes", lambda _: 30 * 1024 * 1024)
    store = await live(open_store, path, original, broken)
    await clock.run(70)
    assert len(pending(path.parent)) == 1
    assert len(content(path)["chunk"]) == 0
    assert store.status.ok
    monkeypatch.undo()
    await saved(store, clock, path)
    assert len(content(path)["chunk"]) == len(content(original)["chunk"])


async def test_a_second_damage_begins_the_first_one_again(path: Path) -> None:
    path.parent.mkdir()
    first, second = path.with_name("h.damaged-1"), path.with_name("h.damaged-2")
    begin(first, 5)
    (one,) = pending(path.parent)
    assert (one.file, one.end_ms, one.at) == ("h.damaged-1", 5, "")
    from pdutui.store.salvage_note import keep

    keep(path.parent, Saving("h.damaged-1", 5, at="chunk", upto=7, saved=3.0))
    begin(second, 9)
    assert [(s.file, s.at, s.upto, s.saved) for s in pending(path.parent)] == [
        ("h.damaged-2", "", TOP, 0.0), ("h.damaged-1", "", TOP, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "all of it"), (0.9999, "99 % of it"), (0.934, "93 % of it"),
                        (0.0001, "1 % of it")],
)  # fmt: skip
def test_never_all_where_anything_is_missing(share: float, said: str) -> None:
    assert percent(share) == said
