"""Several programs that want to write the same history."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from pdutui.store.files import WriterLock, make_private_dir
from pdutui.store.limits import StoreLimits
from pdutui.store.opening import open_to_read
from pdutui.store.schema import configure, migrate

from .conftest import Opener
from .helpers import START, ms, reading, rows


async def test_started_at_once_one_writes_and_the_others_say_who(
    open_store: Opener, tmp_path: Path
) -> None:
    for attempt in range(5):
        path = tmp_path / str(attempt) / "history.db"
        stores = await asyncio.gather(*(open_store(path) for _ in range(3)))
        said = sorted(store.status.detail.partition(" (")[0] for store in stores)
        assert said == ["", *["history is being written by another pdutui"] * 2]
        assert [store.trouble for store in stores] == [""] * 3


async def test_who_could_not_even_open_the_file_goes_on_where_the_other_one_stopped(
    open_store: Opener, path: Path
) -> None:
    make_private_dir(path.parent)
    lock = WriterLock(path.with_name(f"{path.name}.lock"))
    assert lock.acquire()
    waits = await open_store(open_s=0.6, retry_first_s=3600.0, retry_most_s=3600.0)
    assert not waits.status.ok
    await asyncio.sleep(0.3)  # what it tried has ended too, in its thread
    for k in range(5):
        waits.append(reading(k))
    lock.release()
    writes = await open_store()
    beside = [reading(k, start=START + timedelta(milliseconds=20)) for k in range(4)]
    for each in beside:
        writes.append(each)
    await writes.close()
    await waits.flush()
    assert waits.status.ok
    assert [*rows(path)] == [*map(ms, beside), ms(reading(4))]


async def test_a_follower_loses_nothing_by_ending(
    open_store: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    await open_store()
    follower = await open_store()
    follower.append(reading(0))
    with caplog.at_level(logging.WARNING):
        await follower.close()
    assert "could not be written" not in caplog.text


def test_a_file_that_is_open_elsewhere_is_never_taken_for_one_that_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock may be unreadable to us, and its log empty just now."""
    path = tmp_path / "history.db"
    may = os.access
    monkeypatch.setattr(os, "access", lambda what, mode: mode != os.W_OK and may(what, mode))
    writer = sqlite3.connect(path, isolation_level=None)
    try:
        configure(writer, max_page_count=0)
        migrate(writer, path)
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert Path(f"{path}-wal").stat().st_size == 0
        reader, _ = open_to_read(path, StoreLimits())
        writer.execute("INSERT INTO events (ts, pdu, severity, text) VALUES (1, 'a', 'info', 'b')")
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
        reader.close()
    finally:
        writer.close()
