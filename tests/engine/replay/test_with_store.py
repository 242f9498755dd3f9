"""Replays of what the real store has kept: raw and sealed, beside the program that writes it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.commands import Actor, AuditRecord
from pdutui.domain.health import STOPPED
from pdutui.domain.reading import Reading
from pdutui.engine.replay.session import ReplaySession
from pdutui.settings import Settings
from pdutui.store.history import HistoryStore
from pdutui.store.reader import Reader, open_reader
from tests.store.sealed import seal_all
from tests.support.clock import ManualClock
from tests.support.past import BEGIN, at, polls

LENGTH_S = 900
"""Over the end of an hour: polls begin ten minutes before it."""


def kept() -> list[Reading]:
    """A quarter of an hour; outlet 2 gets another name in the middle, and 60 s are missing."""
    out = []
    for each in polls("rack1", LENGTH_S, gaps=[(700.0, 760.0)]):
        if each.time >= at(450):
            renamed = msgspec.structs.replace(each.outlets[1], name="web07", state="off")
            each = msgspec.structs.replace(each, outlets=(each.outlets[0], renamed))
        out.append(each)
    return out


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A database with the readings, a command, an event and health."""
    file = tmp_path / "history.db"
    clock = ManualClock(start=at(LENGTH_S))
    store = await HistoryStore.open(file, clock=clock, retention_days=60)
    for each in kept():
        store.append(each)
    store.append_health(BEGIN, "rack1", "live", "")
    store.append_health(at(702), "rack1", "lost", "no answer from 10.0.0.5")
    store.append_health(at(760.35), "rack1", "live", "")
    store.append_event(at(100), "rack1", "warning", "bank 1 warning: 13.1 A")
    store.append_health(at(899.9), "rack1", "stopped", STOPPED)
    store.audit(
        AuditRecord(
            time=at(450), intent_id="i1", user="ada", ssh_origin=None, origin="console",
            pdu="rack1", outlet=2, outlet_name="db01", action="off", state_from="on",
            state_to="off", outcome="observed", detail="outlet 2 is off",
        )
    )  # fmt: skip
    await store.flush()
    await store.close()
    return file


async def begin(path: Path, seconds: float) -> tuple[ReplaySession, Reader, ManualClock]:
    real = ManualClock()
    reader = await open_reader(path, clock=real)
    session = await ReplaySession.open(
        reader, Settings(state_dir=path.parent), at=at(seconds), clock=real, zone=UTC
    )
    session.player.pause()
    await session.start()
    return session, reader, real


async def run(session: ReplaySession, real: ManualClock, seconds: float) -> None:
    """Let it play, with pauses for the reader's thread."""
    end = real.monotonic() + seconds
    while real.monotonic() < end:
        before = session.now
        await real.run(0.25)
        for _ in range(50):
            if session.now != before or not session.player.playing:
                break
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("sealed", [False, True], ids=["raw", "sealed"])
async def test_every_moment_is_as_it_was(path: Path, sealed: bool) -> None:
    if sealed:
        conn = sqlite3.connect(path, isolation_level=None)
        (ident,) = conn.execute("SELECT id FROM pdu WHERE name = 'rack1'").fetchone()
        seal_all(conn, ident)
        assert conn.execute(f"SELECT count(*) FROM raw_{ident}").fetchone() == (0,)
        conn.close()
    session, reader, _ = await begin(path, 100)
    try:
        for seconds in (100.0, 449.5, 450.6, 599.9, 600.4, 720.0, 890.0, 20.0):
            await session.player.seek(at(seconds))
            expected = [r for r in kept() if r.time <= at(seconds)][-1]
            view = session.view("rack1")
            assert view.reading is not None
            assert view.reading.time == expected.time
            assert view.reading.inlets == expected.inlets
            assert view.reading.banks == expected.banks
            assert view.reading.outlets == expected.outlets, "names are those of then"
            assert view.age_s == pytest.approx((at(seconds) - expected.time).total_seconds())
            row = session.trend("rack1", "outlet.1.current_a", 60)
            if view.health == "live":
                newest = expected.outlets[0].current_a
                assert row[-1] == newest
        await session.player.seek(at(720))
        assert session.view("rack1").health == "lost"
        assert session.view("rack1").detail == "no answer from 10.0.0.5"
        assert not session.incomplete("rack1")
    finally:
        await session.stop()
        await reader.close()


async def test_events_of_all_kinds_are_gone_to(path: Path) -> None:
    session, reader, _ = await begin(path, 50)
    try:
        seen = []
        while (mark := await session.player.next_event()) is not None:
            seen.append((mark.kind, mark.text))
            assert session.now == at(0) + timedelta(milliseconds=mark.ts_ms) - timedelta(
                milliseconds=round(BEGIN.timestamp() * 1000)
            )
        assert seen == [
            ("alarm", "bank 1 warning: 13.1 A"),
            ("command", "Turn OFF outlet 2 db01 by ada: observed"),
            ("health", "lost: no answer from 10.0.0.5"),
            ("health", "live"),
        ], "what comes after the last reading is not gone to"
        back = await session.player.previous_event()
        assert back is not None
        assert back.text == "lost: no answer from 10.0.0.5"
    finally:
        await session.stop()
        await reader.close()


async def test_it_plays_over_the_end_of_an_hour_at_any_speed(path: Path) -> None:
    session, reader, real = await begin(path, 560)
    healths: set[str] = set()
    session.on_frame = lambda: healths.add(session.view("rack1").health)
    try:
        session.player.set_speed(30)
        session.player.play()
        await run(session, real, 3)
        assert (session.now - at(560)).total_seconds() > 60
        assert healths == {"live"}
        row = session.trend("rack1", "outlet.1.current_a", 300)
        assert None not in row
    finally:
        await session.stop()
        await reader.close()


async def test_beside_the_program_that_writes(path: Path) -> None:
    """The one goes on writing, the other reads; neither notices the other."""
    clock = ManualClock(start=at(LENGTH_S))
    store = await HistoryStore.open(path, clock=clock, retention_days=60)
    session, reader, real = await begin(path, 890)
    try:
        session.player.play()
        for each in polls("rack1", 1000):
            if each.time > at(LENGTH_S):
                store.append(each)
        await store.flush()
        assert store.status.ok
        await run(session, real, 20)
        assert session.player.ended
        assert session.now == at(899.35), "it stops where the recording ended when it began"
        await session.player.seek(at(950))
        view = session.view("rack1")
        assert view.reading is not None
        assert view.reading.time == at(949.35)
    finally:
        await session.stop()
        await reader.close()
        await store.close()


async def test_nothing_is_written(path: Path) -> None:
    def everything() -> list[tuple[object, ...]]:
        conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        tables = [t for (t,) in conn.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        found = [(t, *conn.execute(f"SELECT count(*) FROM {t}").fetchone()) for t in tables]
        conn.close()
        return found

    before = everything()
    files = {each.name for each in path.parent.iterdir()}
    session, reader, real = await begin(path, 690)
    session.player.set_speed(10)
    session.player.play()
    await run(session, real, 3)
    intent = session.gate.new_intent("rack1", 1, "off", Actor(user="ada"))
    await session.gate.switch(intent, confirmed=True)
    await session.gate.refuse(intent, "cancelled")
    session.rename_outlet("rack1", 1, "other")
    await session.stop()
    await reader.close()
    assert everything() == before
    new = {each.name for each in path.parent.iterdir()} - files
    assert all(name.endswith(("-shm", "-wal")) for name in new)
