from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.history import HOUR_MS, MINUTE_MS
from pdutui.store import seal
from pdutui.store.codec import DamagedChunk, pack
from pdutui.store.hour import SealedRow, newest_ms, oldest_hour, typical_ms
from pdutui.store.raw import Catalogue
from pdutui.store.schema import Immediate, migrate

from .sealed import (
    PDU,
    Rows,
    check,
    database,
    every,
    gaps,
    plain,
    put,
    rollup,
    seal_all,
    seal_hour,
    sealed_rows,
)

HOUR = 495_023  # not at midnight: the day's row is shared by hours
BEGIN = HOUR * HOUR_MS


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = database(tmp_path / "history.db")
    yield made
    made.close()


def loads(times: range | list[int]) -> dict[int, dict[str, int | None]]:
    return {
        ts: {
            "outlet.1.power_w": 1000 + ts // 1000 % 17,
            "outlet.1.energy_kwh": ts // 1000 % 100_000,
            "bank.1.current_a": None if ts // 1000 % 7 == 3 else ts // 1000 % 29,
            "ats.0.active": 1,
        }
        for ts in times
    }


def test_an_hour(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(10, BEGIN + 300, BEGIN + HOUR_MS)))
    pdu = put(conn, rows)
    assert seal_hour(conn, pdu, HOUR)
    check(conn, rows)
    assert conn.execute(f"SELECT count(*) FROM raw_{pdu}").fetchone() == (0,)
    assert conn.execute("SELECT * FROM sealed").fetchall() == [(pdu, HOUR, 360, 10_000)]
    assert gaps(conn) == []


def test_hours_of_two_days_and_two_pdus(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(90, BEGIN - HOUR_MS, BEGIN + 26 * HOUR_MS)))
    put(conn, {BEGIN + 5: {"outlet.1.power_w": 7}}, pdu="another")
    seal_all(conn, put(conn, rows))
    with Immediate(conn):
        conn.execute("DELETE FROM part WHERE pdu = 1")  # nothing of another is sealed
    check(conn, rows)


ROWS = st.dictionaries(
    st.integers(0, 3 * HOUR_MS // 500 - 1).map(lambda n: BEGIN + n * 500),
    st.fixed_dictionaries(
        {},
        optional={
            "outlet.1.power_w": st.none() | st.integers(-9, 9),
            "outlet.1.current_a": st.none() | st.integers(-(2**62), 2**62),
            "outlet.2.power_w": st.none() | st.integers(0, 9),
            "sensor.humidity_rh.value": st.integers(-9, 9),
        },
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_late_it_is_as_if_it_had_come_in_time(
    rows: Rows, dice: object, helpings: int
) -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    times = list(rows)
    dice.shuffle(times)  # type: ignore[attr-defined]
    pdu = 0
    for start in range(helpings):
        some = times[start::helpings]
        # What was committed and sealed before is there once more, as after a lost answer.
        again = times[:start]
        pdu = put(conn, {ts: rows[ts] for ts in [*some, *again]}) if some else pdu
        for hour in {ts // HOUR_MS for ts in [*some, *again]}:
            assert seal_hour(conn, pdu, hour)
    check(conn, rows)
    conn.close()


def test_late_rows_mend_the_gaps_of_the_hours_around(conn: sqlite3.Connection) -> None:
    def polls(*minutes: range) -> list[int]:
        return [BEGIN + minute * MINUTE_MS for some in minutes for minute in some]

    pdu = put(conn, loads(polls(range(50), range(130, 180))))
    seal_all(conn, pdu)
    assert gaps(conn) == [(BEGIN + 49 * MINUTE_MS, BEGIN + 130 * MINUTE_MS)]
    put(conn, loads(polls(range(60, 130))))
    assert seal_hour(conn, pdu, HOUR + 1), "an hour between two that are sealed"
    assert seal_hour(conn, pdu, HOUR + 2)
    assert gaps(conn) == [(BEGIN + 49 * MINUTE_MS, BEGIN + 60 * MINUTE_MS)]
    put(conn, loads(polls(range(50, 60))))
    assert seal_hour(conn, pdu, HOUR)
    assert gaps(conn) == []
    put(conn, loads(polls(range(-120, -80))))
    seal_all(conn, pdu)
    assert gaps(conn) == [(BEGIN - 81 * MINUTE_MS, BEGIN)], "before the first hour that was known"


def test_gaps_are_longer_than_usual(conn: sqlite3.Connection) -> None:
    times = list(every(2, BEGIN, BEGIN + HOUR_MS))
    lost = [t for t in times if BEGIN + 60_000 < t <= BEGIN + 64_000 or t == BEGIN + 90_000]
    seal_all(conn, put(conn, loads([t for t in times if t not in lost])))
    assert gaps(conn) == [
        (BEGIN + 60_000, BEGIN + 66_000),
        (BEGIN + 88_000, BEGIN + 92_000),
    ]


@pytest.mark.parametrize(
    ("before", "typical", "told"),
    [
        pytest.param(None, None, 0, id="a single poll ever"),
        pytest.param(4_000, None, 4_000, id="the second poll ever"),
        pytest.param(7_200_000, (3600, 1000), 1000, id="the first poll after a silence"),
        pytest.param(3_600_000, (1, 1000), 3_600_000, id="one poll an hour"),
    ],
)
def test_an_hour_with_a_single_poll(
    before: int | None, typical: tuple[int, int] | None, told: int
) -> None:
    row = None if typical is None else SealedRow(HOUR - 1, *typical)
    assert typical_ms([BEGIN], None if before is None else BEGIN - before, row) == told


def test_polls_more_seldom_than_hours(conn: sqlite3.Connection) -> None:
    quick = list(every(10, BEGIN, BEGIN + HOUR_MS))
    slow = [BEGIN + n * HOUR_MS + 5 for n in range(1, 9)]
    seal_all(conn, put(conn, loads(quick + slow)))
    assert gaps(conn) == [(quick[-1], slow[0])] or gaps(conn) == [], "then that is the usual"


def test_parts_come_and_go(conn: sqlite3.Connection) -> None:
    first = {BEGIN + n * 1000: {"outlet.1.power_w": n, "outlet.2.power_w": None} for n in range(9)}
    second = {
        BEGIN + HOUR_MS + n * 1000: {"outlet.2.power_w": n, "outlet.2.state": n % 2}
        for n in range(9)
    }
    pdu = put(conn, first | second)
    seal_all(conn, pdu)
    check(conn, first | second)
    chunks = conn.execute("SELECT name, hour FROM chunk JOIN part ON part.id = part ORDER BY 2, 1")
    assert chunks.fetchall() == [
        ("outlet.1", HOUR), ("ts", HOUR), ("outlet.2", HOUR + 1), ("ts", HOUR + 1),
    ]  # fmt: skip


def test_polls_that_said_nothing(conn: sqlite3.Connection) -> None:
    rows: Rows = {BEGIN + n * 1000: {"outlet.1.power_w": None} for n in range(5)}
    pdu = put(conn, rows)
    assert seal_hour(conn, pdu, HOUR)
    assert sealed_rows(conn) == {ts: {} for ts in rows}, "that there was an answer is kept"


def test_rows_that_come_while_it_is_computed(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(60, BEGIN, BEGIN + HOUR_MS)))
    pdu = put(conn, rows)
    found = seal.read_hour(conn, pdu, HOUR)
    (helping,) = seal.parts_of(conn, pdu)
    parts = seal.seal_parts(conn, found, helping)
    late = loads([BEGIN + 1])
    put(conn, late)
    with pytest.raises(seal.Changed):
        seal.seal_parts(conn, found, helping)
    with Immediate(conn):
        assert not seal.commit(conn, found, [seal.times_part(found), *parts])
    assert conn.execute(f"SELECT count(*) FROM raw_{pdu}").fetchone() == (61,)
    assert sealed_rows(conn) == {}
    assert seal_hour(conn, pdu, HOUR)
    check(conn, rows | late)
    with Immediate(conn):
        assert not seal.commit(conn, found, [seal.times_part(found), *parts]), "sealed since"
    check(conn, rows | late)


def test_a_row_in_the_place_of_another(conn: sqlite3.Connection) -> None:
    pdu = put(conn, loads([BEGIN, BEGIN + 1000]))
    found = seal.read_hour(conn, pdu, HOUR)
    conn.execute(f"UPDATE raw_{pdu} SET ts = ts + 1")
    with Immediate(conn):
        assert not seal.commit(conn, found, [seal.times_part(found)])


@pytest.mark.parametrize("part", ["ts", "outlet.1"])
def test_late_rows_of_a_damaged_hour_stay_beside_it(conn: sqlite3.Connection, part: str) -> None:
    pdu = put(conn, loads(list(every(60, BEGIN, BEGIN + HOUR_MS))))
    seal_all(conn, pdu)
    conn.execute(
        "UPDATE chunk SET z = x'789c00' WHERE part = (SELECT id FROM part WHERE name = ?)", (part,)
    )
    before = rollup(conn, "minutes")
    put(conn, loads([BEGIN + 1]))
    with pytest.raises(DamagedChunk):
        seal_hour(conn, pdu, HOUR)
    assert rollup(conn, "minutes") == before, "what can be read is not thrown away"
    assert oldest_hour(conn, pdu, HOUR + 9) == HOUR
    assert oldest_hour(conn, pdu, HOUR + 9, {HOUR}) is None
    put(conn, loads([BEGIN + 5 * HOUR_MS]))
    assert oldest_hour(conn, pdu, HOUR + 9, {HOUR}) == HOUR + 5
    assert oldest_hour(conn, pdu, HOUR + 5, {HOUR}) is None


def test_a_damaged_day_is_made_again_of_its_minutes(conn: sqlite3.Connection) -> None:
    rows = loads(list(every(60, BEGIN, BEGIN + 4 * HOUR_MS)))
    pdu = put(conn, rows)
    for hour in range(HOUR, HOUR + 3):
        assert seal_hour(conn, pdu, hour)
    conn.execute("UPDATE quarters SET z = x'00'")
    assert seal_hour(conn, pdu, HOUR + 3)
    first = HOUR - HOUR % 24 + 24  # of the second day, that is whole again
    day = {ts: row for ts, row in rows.items() if ts >= first * HOUR_MS}
    found = conn.execute(
        "DELETE FROM quarters WHERE day < ? RETURNING 1", (first // 24,)
    ).fetchall()
    assert found, "the day before is still damaged"
    assert rollup(conn, "quarters") == plain(day, 900_000)


def test_chunks_longer_than_their_times_are_damage(conn: sqlite3.Connection) -> None:
    pdu = put(conn, loads([BEGIN, BEGIN + 1000]))
    seal_all(conn, pdu)
    z, sz = pack({"power_w": [1, 2, 3]})
    conn.execute(
        "UPDATE chunk SET z = ?, sz = ? WHERE part = (SELECT id FROM part WHERE name = 'outlet.1')",
        (z, sz),
    )
    put(conn, loads([BEGIN + 1]))
    with pytest.raises(DamagedChunk):
        seal_hour(conn, pdu, HOUR)


def test_an_hour_written_as_it_is(conn: sqlite3.Connection, tmp_path: Path) -> None:
    rows = loads(list(every(10, BEGIN, BEGIN + 2 * HOUR_MS)))
    other = database(tmp_path / "other.db")
    catalogue = Catalogue(other)
    with Immediate(other):
        catalogue.widen(PDU, next(iter(rows.values())))
        for hour in (HOUR, HOUR + 1, HOUR):
            some = {ts: row for ts, row in rows.items() if ts // HOUR_MS == hour}
            columns = {key: [row[key] for row in some.values()] for key in rows[BEGIN]}
            seal.write_hour(other, catalogue.table(PDU).id, hour, list(some), columns)
    check(other, rows)
    seal_all(conn, put(conn, rows))
    for table in ("part", "chunk", "minutes", "quarters", "sealed", "gap"):
        sql = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert other.execute(sql).fetchall() == conn.execute(sql).fetchall(), table
    other.close()


def test_the_newest_poll_is_known_wherever_it_is(conn: sqlite3.Connection) -> None:
    pdu = put(conn, loads([BEGIN, BEGIN + 1000]))
    assert newest_ms(conn, pdu) == BEGIN + 1000
    seal_all(conn, pdu)
    assert newest_ms(conn, pdu) == BEGIN + 1000
    put(conn, loads([BEGIN - HOUR_MS]))
    assert newest_ms(conn, pdu) == BEGIN + 1000
    put(conn, loads([BEGIN + HOUR_MS]))
    assert newest_ms(conn, pdu) == BEGIN + HOUR_MS


def test_wide_tables_are_read_in_helpings(conn: sqlite3.Connection) -> None:
    row = {f"outlet.{n}.{field}": n for n in range(1, 31) for field in ("power_w", "state")}
    rows: Rows = {BEGIN + n * 1000: row for n in range(3)}
    pdu = put(conn, rows)
    helpings = seal.parts_of(conn, pdu)
    assert len(helpings) > 1
    assert all(sum(len(fields) for _, fields in helping) <= 40 for helping in helpings)
    seal_all(conn, pdu)
    check(conn, rows)


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 shell")
def test_the_query_in_the_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "history.md").read_text()
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    begin = round(datetime(2026, 11, 20, 3, tzinfo=UTC).timestamp() * 1000)
    watts = [1040, None, 1037, 1038]
    rows = {
        begin - 1000 + n * 1000: {"outlet.3.power_w": v, "outlet.3.state": 1}
        for n, v in enumerate([7, *watts])
    }
    with closing(database(tmp_path / "history.db")) as conn:
        seal_all(conn, put(conn, rows))
    shell = subprocess.run(
        ["sqlite3", "-readonly", str(tmp_path / "history.db"), sql],
        check=True, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert shell.stdout.split() == [
        "03:00:00|104.0", "03:00:01|", "03:00:02|103.7", "03:00:03|103.8",
    ]  # fmt: skip
