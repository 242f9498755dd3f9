from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.history import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    MOST_POINTS,
    QUARTER_MS,
    SECOND_MS,
    Gap,
    HistoryQuery,
)
from pdutui.store.points import check
from pdutui.store.schema import Immediate, migrate

from .sealed import PDU, Rows, database, every, put, seal_all, seal_hour
from .tiers import ask, flat, merged, plain_gaps, plain_lines, same

KEY = "outlet.1.power_w"
OTHER = "outlet.2.power_w"
HOUR = 495_023
BEGIN = HOUR * HOUR_MS


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = database(tmp_path / "history.db")
    yield made
    made.close()


def loads(times: range | list[int]) -> dict[int, dict[str, int | None]]:
    return {ts: {KEY: 1000 + ts // 1000 * 7 % 131} for ts in times}


def query(a: int, b: int, step_ms: int | None = None, *keys: str) -> HistoryQuery:
    return HistoryQuery(pdu=PDU, keys=keys or (KEY,), from_ms=a, to_ms=b, step_ms=step_ms)


# -- steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span_ms", "step_ms"),
    [
        (1, SECOND_MS),
        (HOUR_MS, SECOND_MS),
        (HOUR_MS + 1, 10 * SECOND_MS),
        (6 * HOUR_MS, 10 * SECOND_MS),
        (DAY_MS, MINUTE_MS),
        (7 * DAY_MS, 5 * MINUTE_MS),
        (30 * DAY_MS, QUARTER_MS),
        (60 * DAY_MS, 2 * QUARTER_MS),
        (60 * DAY_MS + 1, HOUR_MS),
        (150 * DAY_MS, HOUR_MS),
        (151 * DAY_MS, 2 * HOUR_MS),
    ],
)
def test_the_step_of_a_range(conn: sqlite3.Connection, span_ms: int, step_ms: int) -> None:
    rows = loads(list(every(600, BEGIN, BEGIN + 3 * HOUR_MS)))
    seal_all(conn, put(conn, rows))
    window = ask(conn, query(BEGIN + 5, BEGIN + 5 + span_ms))
    assert window.step_ms == step_ms
    same(window, rows)


def test_at_one_second_points_are_polls(conn: sqlite3.Connection) -> None:
    rows = loads([BEGIN + 17, BEGIN + 1023, BEGIN + 1987, BEGIN + 3000])
    put(conn, rows)
    window = ask(conn, query(BEGIN + 17, BEGIN + 3000))
    assert window.points[KEY].ts_ms == [BEGIN + 17, BEGIN + 1023, BEGIN + 1987], "to is not in it"
    assert window.points[KEY].n == [1, 1, 1]


@pytest.mark.parametrize("sealed", [False, True])
def test_more_polls_than_points_are_seconds(conn: sqlite3.Connection, sealed: bool) -> None:
    rows = loads(list(every(0.4, BEGIN, BEGIN + HOUR_MS)))
    pdu = put(conn, rows)
    if sealed:
        seal_all(conn, pdu)
    window = ask(conn, query(BEGIN + 600, BEGIN + HOUR_MS + 600))
    same(window, rows)
    line = window.points[KEY]
    assert len(line.ts_ms) == 3599, "from the first whole second on"
    assert set(line.n) == {2, 3}
    same(ask(conn, query(BEGIN, BEGIN + 20 * MINUTE_MS)), rows)
    few = ask(conn, query(BEGIN, BEGIN + 20 * MINUTE_MS)).points[KEY]
    assert set(few.n) == {1}, "3000 polls fit"


@pytest.mark.parametrize("sealed", [False, True])
def test_a_poll_or_two_too_many_are_left_out_at_the_old_end(
    conn: sqlite3.Connection, sealed: bool
) -> None:
    """Polls once a second are never quite even: that is no reason to give up their own times."""
    rows = loads([BEGIN + 1000 * k - (k % 2) * 30 for k in range(-5, 3700)])
    pdu = put(conn, rows)
    if sealed:
        seal_all(conn, pdu)
    window = ask(conn, query(BEGIN + 970, BEGIN + HOUR_MS + 970 + 1))
    assert window.step_ms == 10_000, "a millisecond over an hour"
    window = ask(conn, query(BEGIN + 985, BEGIN + HOUR_MS + 985))
    same(window, rows)
    window = ask(conn, query(BEGIN + 970, BEGIN + HOUR_MS + 970))
    same(window, rows)
    put(conn, loads([BEGIN + 5 * MINUTE_MS + k for k in (1, 2, 3)]))
    window = ask(conn, query(BEGIN + 985, BEGIN + HOUR_MS + 985))
    line = window.points[KEY]
    assert len(line.ts_ms) == MOST_POINTS
    assert set(line.n) == {1}
    assert line.ts_ms[0] == sorted(ts for ts in rows if ts >= BEGIN + 985)[3]


def test_a_step_too_many_is_left_out_at_the_old_end(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(1, BEGIN, BEGIN + 3 * HOUR_MS)))
    put(conn, rows)
    window = ask(conn, query(BEGIN + 1500, BEGIN + 1500 + 2 * HOUR_MS, 2000))
    same(window, rows)
    line = window.points[KEY]
    assert len(line.ts_ms) == MOST_POINTS
    assert (line.ts_ms[0], line.ts_ms[-1]) == (BEGIN + 2000, BEGIN + 2 * HOUR_MS)


def test_first_and_last_steps_are_whole(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(1, BEGIN, BEGIN + HOUR_MS)))
    put(conn, rows)
    line = ask(conn, query(BEGIN + 605_000, BEGIN + 1_805_000, 60_000)).points[KEY]
    assert (line.ts_ms[0], line.ts_ms[-1]) == (BEGIN + 600_000, BEGIN + 1_800_000)
    assert set(line.n) == {60}


@pytest.mark.parametrize(
    ("step_ms", "span_ms", "says"),
    [
        (1500, HOUR_MS, "whole number of seconds"),
        (0, HOUR_MS, "whole number of seconds"),
        (-1000, HOUR_MS, "whole number of seconds"),
        (1000, HOUR_MS + 1, "more than 3600 points"),
        (None, 0, "ends after it begins"),
        (1000, -5, "ends after it begins"),
    ],
)
def test_what_cannot_be_asked(step_ms: int | None, span_ms: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check(query(BEGIN, BEGIN + span_ms, step_ms))


# -- where points come from ----------------------------------------------------------------------


def test_a_spike_of_one_second_is_seen_in_sixty_days(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(30, BEGIN, BEGIN + 26 * HOUR_MS)))
    spike = BEGIN + 7 * HOUR_MS + 1234
    rows[spike] = {KEY: 35_000}
    seal_all(conn, put(conn, rows))
    for days in (1, 7, 30, 60, 400):
        line = ask(conn, query(spike - days * DAY_MS // 2, spike + days * DAY_MS // 2)).points[KEY]
        assert max(line.maximum) == 3500.0, f"{days} days"
        assert line.ts_ms[line.maximum.index(3500.0)] <= spike


def test_the_first_of_a_moment_counts(conn: sqlite3.Connection) -> None:
    pdu = put(conn, {BEGIN: {KEY: 1}, BEGIN + 1: {KEY: 2}})
    assert seal_hour(conn, pdu, HOUR)
    put(conn, {BEGIN: {KEY: 8}, BEGIN + 2: {KEY: 3}})
    waits = {BEGIN: {KEY: 9}, BEGIN + 2: {KEY: 9}, BEGIN + 3: {KEY: 4}}
    line = ask(conn, query(BEGIN, BEGIN + 9), waits).points[KEY]
    assert line.last == [0.1, 0.2, 0.3, 0.4]


def test_unknown_pdus_and_lines(conn: sqlite3.Connection) -> None:
    window = ask(conn, query(BEGIN, BEGIN + HOUR_MS))
    assert (flat(window.points[KEY]), window.gaps) == ([], ())
    assert (window.oldest_ms, window.newest_ms) == (None, None)
    put(conn, loads([BEGIN]))
    window = ask(conn, query(BEGIN, BEGIN + HOUR_MS, None, OTHER, KEY))
    assert flat(window.points[OTHER]) == []
    assert (window.oldest_ms, window.newest_ms) == (BEGIN, BEGIN)


def test_a_pdu_that_is_in_memory_alone(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(1, BEGIN, BEGIN + 9000)))
    window = ask(conn, query(BEGIN - MINUTE_MS, BEGIN + MINUTE_MS), rows, now_ms=BEGIN + 9000)
    same(window, rows)
    assert (window.oldest_ms, window.newest_ms) == (BEGIN, BEGIN + 8000)


def test_beside_a_writer_our_rows_go_on_where_his_end(conn: sqlite3.Connection) -> None:
    """He polls the same device at other moments: without that every second would count twice."""
    put(conn, loads(list(every(1, BEGIN, BEGIN + 60_000))))
    ours = loads(list(every(1, BEGIN + 50_400, BEGIN + 70_400)))
    line = ask(conn, query(BEGIN, BEGIN + 80_000), ours, follower=True).points[KEY]
    assert line.ts_ms == [
        *every(1, BEGIN, BEGIN + 60_000),
        *every(1, BEGIN + 59_400, BEGIN + 70_400),
    ]
    assert len(ask(conn, query(BEGIN, BEGIN + 80_000), ours).points[KEY].ts_ms) == 80


def drop_polls(conn: sqlite3.Connection, before_hour: int) -> None:
    """As retention does: what is older has its quarters of an hour only."""
    with Immediate(conn):
        for table in ("chunk", "minutes", "sealed"):
            conn.execute(f"DELETE FROM {table} WHERE hour < ?", (before_hour,))


@pytest.mark.parametrize("asked_ms", [None, 1000, 60_000, 420_000, 1_500_000])
def test_where_only_quarters_are_kept_the_step_is_raised(
    conn: sqlite3.Connection, asked_ms: int | None
) -> None:
    rows = loads(list(every(60, BEGIN, BEGIN + 5 * HOUR_MS)))
    seal_all(conn, put(conn, rows))
    drop_polls(conn, HOUR + 2)
    span = query(BEGIN + HOUR_MS, BEGIN + 2 * HOUR_MS, asked_ms)
    window = ask(conn, span)
    used = 1_800_000 if asked_ms == 1_500_000 else QUARTER_MS
    assert window.step_ms == used
    assert (
        flat(window.points[KEY]) == plain_lines(rows, query(span.from_ms, span.to_ms, used))[0][KEY]
    )
    assert window.oldest_ms == BEGIN, "the quarter of the first poll"
    young = query(BEGIN + 2 * HOUR_MS + QUARTER_MS, BEGIN + 3 * HOUR_MS, asked_ms)
    same(ask(conn, young), rows)


def test_where_polls_are_gone_but_minutes_are_kept(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(20, BEGIN, BEGIN + HOUR_MS)))
    seal_all(conn, put(conn, rows))
    conn.execute("DELETE FROM chunk")
    window = ask(conn, query(BEGIN, BEGIN + HOUR_MS, 10_000))
    assert window.step_ms == MINUTE_MS
    assert sum(window.points[KEY].n) == 180


def test_late_rows_of_an_hour_whose_polls_are_gone(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(60, BEGIN, BEGIN + 2 * HOUR_MS)))
    seal_all(conn, put(conn, rows))
    drop_polls(conn, HOUR + 2)
    late = {BEGIN + QUARTER_MS - 1: {KEY: 9000}, BEGIN + HOUR_MS - 1: {KEY: 1}}
    put(conn, late)
    both = merged(rows, late)
    for step in (QUARTER_MS, HOUR_MS, 2 * HOUR_MS):
        asked = query(BEGIN, BEGIN + 2 * HOUR_MS, step)
        same(ask(conn, asked), both)


def test_long_spans_cost_what_there_is(conn: sqlite3.Connection) -> None:
    rows = loads([BEGIN, BEGIN + 5000])
    put(conn, rows)
    window = ask(conn, query(0, 4_000_000_000_000))
    assert window.points[KEY].n == [2]
    assert window.points[KEY].ts_ms == [BEGIN // window.step_ms * window.step_ms]


# -- damage --------------------------------------------------------------------------------------


def spoil(conn: sqlite3.Connection, table: str, part: str) -> None:
    conn.execute(
        f"UPDATE {table} SET z = CAST(substr(z, 1, 9) || x'00' || substr(z, 11) AS BLOB) "
        "WHERE part = (SELECT id FROM part WHERE name = ?)",
        (part,),
    )


def test_a_damaged_chunk_is_passed_over_and_remembered(conn: sqlite3.Connection) -> None:
    rows: Rows = {ts: {KEY: 7, OTHER: 8} for ts in every(10, BEGIN, BEGIN + 2 * HOUR_MS)}
    seal_all(conn, put(conn, rows))
    conn.execute(
        "UPDATE chunk SET z = x'789c0102' WHERE hour = ? AND "
        "part = (SELECT id FROM part WHERE name = 'outlet.1')",
        (HOUR,),
    )
    damaged: list[tuple[str, int]] = []
    span = query(BEGIN, BEGIN + 2 * HOUR_MS, 10_000, KEY, OTHER)
    window = ask(conn, span, damaged=damaged)
    assert set(damaged) == {("outlet.1", HOUR)}
    assert window.points[KEY].ts_ms[0] == BEGIN + HOUR_MS
    assert flat(window.points[OTHER]) == plain_lines(rows, span)[0][OTHER]


@pytest.mark.parametrize(("table", "step_ms"), [("minutes", MINUTE_MS), ("quarters", QUARTER_MS)])
def test_damaged_rollups_are_made_good_from_polls(
    conn: sqlite3.Connection, table: str, step_ms: int
) -> None:
    rows: Rows = {
        ts: {KEY: ts // 1000 % 77, OTHER: ts // 1000 % 5}
        for ts in every(10, BEGIN - HOUR_MS, BEGIN + 2 * HOUR_MS)
    }
    seal_all(conn, put(conn, rows))
    spoil(conn, table, "outlet.1")
    damaged: list[tuple[str, int]] = []
    same(
        ask(
            conn, query(BEGIN - HOUR_MS, BEGIN + 2 * HOUR_MS, step_ms, KEY, OTHER), damaged=damaged
        ),
        rows,
    )
    assert {part for part, _ in damaged} == {"outlet.1"}


def test_times_that_are_damaged(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(10, BEGIN, BEGIN + HOUR_MS)))
    seal_all(conn, put(conn, rows))
    spoil(conn, "chunk", "ts")
    damaged: list[tuple[str, int]] = []
    window = ask(conn, query(BEGIN, BEGIN + HOUR_MS), damaged=damaged)
    assert ("ts", HOUR) in damaged
    assert window.step_ms == MINUTE_MS, "the rollups still say something"
    assert sum(window.points[KEY].n) == 360


# -- lost time -----------------------------------------------------------------------------------

LOST = (BEGIN + 40 * MINUTE_MS, BEGIN + 100 * MINUTE_MS)


def with_a_gap(seconds: float = 1) -> dict[int, dict[str, int | None]]:
    a, b = LOST
    return loads([*every(seconds, BEGIN, a + 1), *every(seconds, b, BEGIN + 3 * HOUR_MS)])


@pytest.mark.parametrize("sealed", [0, 1, 2, 3])
@pytest.mark.parametrize("waits", [False, True])
def test_gaps_wherever_rows_are(conn: sqlite3.Connection, sealed: int, waits: bool) -> None:
    rows = with_a_gap(10)
    tail = {ts: row for ts, row in rows.items() if ts >= BEGIN + 2 * HOUR_MS} if waits else {}
    pdu = put(conn, {ts: row for ts, row in rows.items() if ts not in tail})
    for hour in range(HOUR, HOUR + sealed):
        if hour < HOUR + 2 or not waits:
            assert seal_hour(conn, pdu, hour)
    now = BEGIN + 3 * HOUR_MS
    for a, b, expected in [
        (BEGIN, BEGIN + 3 * HOUR_MS, Gap(*LOST)),
        (BEGIN - DAY_MS, BEGIN + DAY_MS, Gap(*LOST)),
        (BEGIN, BEGIN + 50 * MINUTE_MS, Gap(LOST[0], BEGIN + 50 * MINUTE_MS)),
        (BEGIN + 70 * MINUTE_MS, BEGIN + 80 * MINUTE_MS,
         Gap(BEGIN + 70 * MINUTE_MS, BEGIN + 80 * MINUTE_MS)),
        (BEGIN + 90 * MINUTE_MS, now, Gap(BEGIN + 90 * MINUTE_MS, LOST[1])),
    ]:  # fmt: skip
        window = ask(conn, query(a, b), tail, now_ms=now)
        assert window.gaps == (expected,), (a - BEGIN, b - BEGIN)


def test_rows_that_come_late_fill_a_gap(conn: sqlite3.Connection) -> None:
    rows = with_a_gap(10)
    pdu = put(conn, rows)
    seal_all(conn, pdu)
    late = loads(list(every(10, BEGIN + 70 * MINUTE_MS, BEGIN + 80 * MINUTE_MS + 1)))
    left = (Gap(LOST[0], BEGIN + 70 * MINUTE_MS), Gap(BEGIN + 80 * MINUTE_MS, LOST[1]))
    span = query(BEGIN, BEGIN + 3 * HOUR_MS)
    assert ask(conn, span, late, now_ms=BEGIN + 3 * HOUR_MS).gaps == left
    put(conn, late)
    assert ask(conn, span, now_ms=BEGIN + 3 * HOUR_MS).gaps == left
    assert ask(conn, query(BEGIN + 85 * MINUTE_MS, BEGIN + 95 * MINUTE_MS)).gaps == (
        Gap(BEGIN + 85 * MINUTE_MS, BEGIN + 95 * MINUTE_MS),
    )
    seal_all(conn, pdu)
    assert ask(conn, span, now_ms=BEGIN + 3 * HOUR_MS).gaps == left


def test_rows_that_come_late_part_a_gap_that_ends_hours_later(conn: sqlite3.Connection) -> None:
    a, b = BEGIN + 40 * MINUTE_MS, BEGIN + 250 * MINUTE_MS
    rows = loads([*every(10, BEGIN, a + 1), *every(10, b, BEGIN + 6 * HOUR_MS)])
    seal_all(conn, put(conn, rows))
    c, d = BEGIN + 70 * MINUTE_MS, BEGIN + 80 * MINUTE_MS
    late = loads(list(every(10, c, d + 1)))
    for waits in (late, {}):
        if not waits:
            put(conn, late)
        assert ask(conn, query(BEGIN, BEGIN + DAY_MS), waits, now_ms=BEGIN).gaps == (
            Gap(a, c), Gap(d, b),
        )  # fmt: skip
        inside = query(BEGIN + 3 * HOUR_MS, BEGIN + 3 * HOUR_MS + 9000)
        assert ask(conn, inside, waits).gaps == (Gap(inside.from_ms, inside.to_ms),)


def test_rows_that_come_before_all_that_is_sealed(conn: sqlite3.Connection) -> None:
    """When the first hour was sealed nothing was lost before it."""
    sealed = loads(list(every(10, BEGIN + 5 * HOUR_MS, BEGIN + 6 * HOUR_MS)))
    seal_all(conn, put(conn, sealed))
    early = loads(list(every(10, BEGIN, BEGIN + HOUR_MS)))
    put(conn, early)
    lost = Gap(max(early), min(sealed))
    assert ask(conn, query(BEGIN, BEGIN + 6 * HOUR_MS)).gaps == (lost,)
    inside = query(BEGIN + 3 * HOUR_MS, BEGIN + 4 * HOUR_MS)
    assert ask(conn, inside).gaps == (Gap(inside.from_ms, inside.to_ms),)


@pytest.mark.parametrize("sealed", [False, True])
def test_a_silence_that_goes_on(conn: sqlite3.Connection, sealed: bool) -> None:
    rows = loads(list(every(1, BEGIN, BEGIN + 10 * MINUTE_MS)))
    newest = max(rows)
    pdu = put(conn, rows)
    if sealed:
        seal_all(conn, pdu)
    end = BEGIN + 20 * MINUTE_MS

    def gaps(now_ms: int, to_ms: int = end) -> tuple[Gap, ...]:
        return ask(conn, query(BEGIN, to_ms), now_ms=now_ms).gaps

    assert gaps(newest + 1700) == (), "the next one is not overdue yet"
    assert gaps(newest + 1800) == (Gap(newest, newest + 1800),)
    assert gaps(end + HOUR_MS) == (Gap(newest, end),)
    assert gaps(BEGIN) == (), "a clock that went back"
    assert gaps(end, newest) == (), "the span ends before"
    assert ask(conn, query(newest + 60_000, end), now_ms=end).gaps == (Gap(newest + 60_000, end),)


def test_before_the_first_reading_nothing_was_lost(conn: sqlite3.Connection) -> None:
    put(conn, loads(list(every(1, BEGIN, BEGIN + MINUTE_MS))))
    window = ask(conn, query(BEGIN - HOUR_MS, BEGIN + MINUTE_MS), now_ms=BEGIN + MINUTE_MS)
    assert window.gaps == ()
    assert ask(conn, query(BEGIN - HOUR_MS, BEGIN - 5), now_ms=BEGIN).gaps == ()


@pytest.mark.parametrize(
    ("interval_s", "step_ms", "hold_ms"),
    [
        (1, 1000, 1750),
        (1, 10_000, 10_000),
        (1, 900_000, 900_000),
        (30, 10_000, 60_000),
        (30, 60_000, 60_000),
        (300, 900_000, 900_000),
        (0.5, 1000, 875),
    ],
)
@pytest.mark.parametrize("sealed", [False, True])
def test_how_far_a_line_reaches(
    conn: sqlite3.Connection, interval_s: float, step_ms: int, hold_ms: int, sealed: bool
) -> None:
    rows = loads(list(every(interval_s, BEGIN, BEGIN + HOUR_MS)))
    pdu = put(conn, rows)
    if sealed:
        seal_all(conn, pdu)
    to_ms = BEGIN + min(HOUR_MS // 3, 3600 * step_ms)
    line = ask(conn, query(BEGIN, to_ms, step_ms)).points[KEY]
    assert line.hold_ms == hold_ms
    apart = [b - a for a, b in zip(line.ts_ms, line.ts_ms[1:], strict=False)]
    assert max(apart, default=0) <= hold_ms, "no time was lost"


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(5, 90)), min_size=1, max_size=6),
    st.lists(st.integers(0, 10), max_size=6),
    st.integers(0, 400),
    st.integers(1, 300),
)
@settings(max_examples=60, deadline=None)
def test_gaps_do_not_depend_on_where_rows_are(
    runs: list[tuple[int, int]], sealed: list[int], begin: int, length: int
) -> None:
    """Polls once a minute, in runs that overlap or not, sealed in any order between them."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    rows: dict[int, dict[str, int | None]] = {}
    for place, (first, count) in enumerate(runs):
        run = loads([BEGIN + (first + n) * MINUTE_MS for n in range(count)])
        rows |= run
        if place == len(runs) - 1:
            waits = run
            break
        pdu = put(conn, run)
        for hour in {HOUR + n for n in sealed[place:]}:
            seal_hour(conn, pdu, hour) if any(ts // HOUR_MS == hour for ts in rows) else None
    span = query(BEGIN + begin * MINUTE_MS, BEGIN + (begin + length) * MINUTE_MS)
    window = ask(conn, span, waits, now_ms=max(rows))
    assert window.gaps == plain_gaps(list(rows), 1.75 * MINUTE_MS, span)
    conn.close()
