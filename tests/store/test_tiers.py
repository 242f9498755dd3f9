from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, HistoryQuery
from pdutui.domain.zone import start_of_day
from pdutui.store.rollup_cache import RollupCache
from pdutui.store.schema import migrate

from .sealed import PDU, Rows, put, seal_hour
from .tiers import ask, merged, same

ZERO = 495_023 * HOUR_MS
BERLIN = ZoneInfo("Europe/Berlin")


def midnight(day: date) -> int:
    return round(start_of_day(day, BERLIN).timestamp() * 1000)


BEGINS = st.sampled_from(
    [
        midnight(date(2026, 11, 20)),
        midnight(date(2026, 11, 20)) - 90 * MINUTE_MS,  # before midnight, here and in UTC
        midnight(date(2026, 10, 25)) + 2 * HOUR_MS,  # a day of 25 hours
        midnight(date(2026, 3, 29)) + 1 * HOUR_MS,  # a day of 23 hours
        1_780_000_000_123,
    ]
)
INTERVALS = st.sampled_from([400, 1000, 1000, 1000, 5000, 10_000, 61_000, 600_000])
KEYS = (
    "outlet.1.power_w",
    "outlet.2.power_w",
    "outlet.1.state",
    "ats.0.active",
    "sensor.humidity_rh.value",
    "outlet.3.power_w",  # never had a value
)
VALUES = st.fixed_dictionaries(
    {"outlet.1.power_w": st.none() | st.integers(-20, 3000)},
    optional={
        "outlet.2.power_w": st.none() | st.integers(0, 5),
        "outlet.1.state": st.sampled_from([None, 0, 1]),
        "ats.0.active": st.sampled_from([None, 0, 1, 2]),
        "sensor.humidity_rh.value": st.integers(-(2**50), 2**50),
    },
)
STEPS = st.sampled_from(
    [None, None, None, 1000, 2000, 7000, 10_000, 60_000, 300_000, 420_000, 900_000, 1_800_000,
     3_600_000, 5_400_000, 7_200_000]
)  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> Rows:
    """Some polls in a row, a little out of step, at any time around a beginning."""
    interval = draw(INTERVALS)
    count = draw(st.integers(1, 40))
    begin = draw(
        st.integers(-40, 40).map(lambda n: n * 17 * MINUTE_MS)
        | st.integers(-3, 3).map(lambda n: n * HOUR_MS - count * interval // 2)  # across an hour
        | st.integers(0, 3).map(lambda n: n * interval)  # times that were there before
    )
    said = draw(st.lists(VALUES, min_size=2, max_size=8))
    jitter = draw(st.lists(st.integers(0, interval // 3), min_size=1, max_size=5))
    return {
        begin + n * interval + jitter[n % len(jitter)]: said[n * n % len(said)]
        for n in range(count)
    }


@st.composite
def queries(draw: st.DrawFn, zero: int) -> HistoryQuery:
    begin = zero + draw(st.integers(-12 * HOUR_MS, 12 * HOUR_MS))
    length = draw(
        st.sampled_from([HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 99 * DAY_MS])
        | st.integers(1, DAY_MS)
    )
    step = draw(STEPS)
    if step is not None:
        length = min(length, 3600 * step)
    return HistoryQuery(pdu=PDU, keys=KEYS, from_ms=begin, to_ms=begin + length, step_ms=step)


@given(
    st.lists(runs(), min_size=1, max_size=6),
    BEGINS,
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_every_tier_says_what_the_polls_said(
    helpings: list[Rows], zero: int, data: st.DataObject
) -> None:
    """Wherever rows are: sealed, sealed and raw, raw, waiting; in whatever order they came."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    there: Rows = {}
    waits: Rows = {}
    cache = RollupCache(most=data.draw(st.sampled_from([0, 300, 10**6]), label="cache"))
    for helping in helpings:
        rows = {zero + ts: row for ts, row in helping.items()}
        if data.draw(st.booleans(), label="only in memory"):
            waits = merged(waits, rows)
        else:
            there = merged(there, rows)
            pdu = put(conn, rows)
            hours = sorted({ts // HOUR_MS for ts in there})
            for hour in data.draw(st.sets(st.sampled_from(hours)), label="sealed"):
                if has_raw(conn, pdu, hour):
                    assert seal_hour(conn, pdu, hour)
        for _ in range(2):
            query = data.draw(queries(zero), label="query")
            same(ask(conn, query, waits, cache=cache), merged(there, waits))
    conn.close()


def has_raw(conn: sqlite3.Connection, pdu: int, hour: int) -> bool:
    found = conn.execute(f"SELECT 1 FROM raw_{pdu} WHERE ts / {HOUR_MS} = ? LIMIT 1", (hour,))
    return found.fetchone() is not None


STEPS_DOWN = (7200, 3600, 1800, 900, 420, 300, 60, 45, 10, 7, 2)


def every_step(conn: sqlite3.Connection, waits: Rows, rows: Rows, cache: RollupCache) -> None:
    """Longest steps first, twice: what is kept of one must not be taken for another."""
    for seconds in (*STEPS_DOWN, *STEPS_DOWN):
        step = seconds * 1000
        query = HistoryQuery(
            pdu=PDU, keys=KEYS[:2], from_ms=ZERO, to_ms=ZERO + min(HOUR_MS, 3600 * step),
            step_ms=step,
        )  # fmt: skip
        same(ask(conn, query, waits, cache=cache), rows)


def test_rows_that_keep_coming() -> None:
    """Into minutes that were read before, behind them, before them; waiting, raw, then sealed."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    cache = RollupCache()
    rows: Rows = {}
    for turn, begin in enumerate((20, 0, 20, 41, 5, 59)):
        new = {
            ZERO + begin * MINUTE_MS + k * 3000 + turn: {KEYS[k % 2]: 100 * turn + k}
            for k in range(20)
        }
        every_step(conn, new, merged(rows, new), cache)
        rows = merged(rows, new)
        pdu = put(conn, new)
        every_step(conn, {}, rows, cache)
        if turn in (3, 4):
            assert seal_hour(conn, pdu, ZERO // HOUR_MS)
            every_step(conn, {}, rows, cache)
    conn.close()


@pytest.mark.parametrize("cached", [False, True])
def test_an_hour_that_is_sealed_once_more(cached: bool) -> None:
    """With other polls than before, and with what was read of it still in memory."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    zero = ZERO
    cache = RollupCache()
    rows: Rows = {}
    for turn in range(3):
        late = {zero + k * 10_000 + turn: {KEYS[0]: turn * 100 + k} for k in range(60)}
        rows = merged(rows, late)
        pdu = put(conn, late)
        assert seal_hour(conn, pdu, 495_023)
        for step in (10_000, 2000, 4000, MINUTE_MS, 300_000, 900_000, HOUR_MS, 2 * HOUR_MS):
            query = HistoryQuery(
                pdu=PDU, keys=KEYS[:1], from_ms=zero, to_ms=zero + HOUR_MS, step_ms=step
            )
            for _ in range(2):
                same(ask(conn, query, cache=cache if cached else None), rows)
    conn.close()
