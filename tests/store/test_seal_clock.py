"""Sealing where the clock was wrong for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pdutui.domain.history import DAY_MS, HOUR_MS, QUARTER_MS, HistoryQuery
from pdutui.store.hour import SealedRow, gaps_of, typical_ms
from pdutui.store.retention import OF_PDUS, step

from .sealed import PDU, Rows, database, gaps, plain, put, rollup, seal_all
from .test_seal import BEGIN, HOUR, loads
from .tiers import ask


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(database(tmp_path / "history.db")) as made:
        yield made


def polls(begin_ms: int, seconds: int, apart_ms: int = 1000) -> list[int]:
    return list(range(begin_ms, begin_ms + seconds * 1000, apart_ms))


@pytest.mark.parametrize("phase_ms", [40, 300, 390, 700, 960])
def test_an_hour_that_was_lived_twice_has_lost_no_time(
    conn: sqlite3.Connection, phase_ms: int
) -> None:
    first = polls(BEGIN - HOUR_MS, 7200)
    again = polls(BEGIN + phase_ms, 3600)
    pdu = put(conn, loads(first[:3600]))
    seal_all(conn, pdu)
    put(conn, loads(sorted([*first[3600:], *again])))
    query = HistoryQuery(
        pdu=PDU, keys=("outlet.1.power_w",), from_ms=BEGIN, to_ms=BEGIN + HOUR_MS, step_ms=10_000
    )
    assert ask(conn, query).gaps == ()
    seal_all(conn, pdu)
    assert gaps(conn) == []
    assert ask(conn, query).gaps == ()


def test_losing_every_other_poll_is_still_lost_time() -> None:
    before = SealedRow(HOUR - 1, 3600, 1000)
    times = [BEGIN + 1000 * k for k in range(3600) if k % 3]
    assert typical_ms(times, None, before) == 1000
    assert len(gaps_of(times, None, 1000)) == 1199


@pytest.mark.parametrize("apart_ms", [100, 300, 450, 500])
def test_polling_more_often_than_before_is_no_second_run(apart_ms: int) -> None:
    before = SealedRow(HOUR - 1, 3600, 1000)
    assert typical_ms(polls(BEGIN, 3600, apart_ms), None, before) == apart_ms


def forget_polls(conn: sqlite3.Connection, pdu: int, upto_ms: int) -> None:
    """What retention does: totals stay."""
    hours = next(kind for kind in OF_PDUS if kind.name == "hours")
    while step(conn, hours, pdu, upto_ms):
        pass


def test_totals_outlive_rows_that_come_when_their_polls_are_gone(conn: sqlite3.Connection) -> None:
    rows: Rows = loads(polls(BEGIN - HOUR_MS, 3 * 3600, 10_000))
    pdu = put(conn, rows)
    seal_all(conn, pdu)
    forget_polls(conn, pdu, BEGIN + 2 * HOUR_MS)
    late: Rows = loads(polls(BEGIN + QUARTER_MS + 5000, 120, 10_000))
    once_more: Rows = loads(polls(BEGIN + 3 * QUARTER_MS + 2000, 60, 10_000))
    everything = dict(rows)
    for some in (late, once_more):
        everything |= some
        put(conn, some)
        before = rollup(conn, "quarters")
        seal_all(conn, pdu)
        after = rollup(conn, "quarters")
        assert after.keys() == before.keys()
        expected = plain(everything, QUARTER_MS)
        # Which of two polls was the last one, totals cannot tell.
        assert {k: v[:4] for k, v in after.items()} == {k: v[:4] for k, v in expected.items()}


def test_rows_that_come_twice_are_counted_once(conn: sqlite3.Connection) -> None:
    rows: Rows = loads(polls(BEGIN, 3600, 10_000))
    pdu = put(conn, rows)
    seal_all(conn, pdu)
    put(conn, {ts: row for ts, row in rows.items() if ts < BEGIN + DAY_MS // 96})
    seal_all(conn, pdu)
    assert rollup(conn, "quarters") == plain(rows, QUARTER_MS)
