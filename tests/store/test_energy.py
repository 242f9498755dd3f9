"""What energy figures are read from: quarters, unsealed rows, waiting rows, frames, gaps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.domain.energy_report import PduMeters
from pdutui.domain.energy_sum import Bands, Energy, figure
from pdutui.domain.history import DAY_MS, HOUR_MS, QUARTER_MS
from pdutui.domain.periods import Period
from pdutui.domain.reading import Inlet, Outlet, Reading
from pdutui.store.energy import read_meters
from pdutui.store.query import Asked
from pdutui.store.retention import OF_PDUS

from ..support.clock import ManualClock
from .conftest import Opener
from .energy_data import frame, open_database, put_frame, steady, write_polls

START = 1_795_046_400_000
"""2026-11-19T00:00Z."""
MINUTE = 60_000
WATTS = {"inlet.1": 300.0, "outlet.1": 100.0, "outlet.2": 200.0}


@pytest.fixture
def conn(path: Path) -> Iterator[sqlite3.Connection]:
    made = open_database(path)
    yield made
    made.close()


def read(conn: sqlite3.Connection, from_ms: int, to_ms: int) -> PduMeters:
    conn.execute("BEGIN")
    meters = read_meters(
        conn, Asked(), "rack1-a", from_ms, to_ms, rows=[], follower=False, now_ms=to_ms
    )
    conn.execute("ROLLBACK")
    assert meters is not None
    return meters


def energy(meters: PduMeters, part: str, from_ms: int, to_ms: int) -> Energy:
    book = meters.whole()[0] if part == "pdu" else meters.ledgers[part]
    return figure(book, Period(from_ms, to_ms, ""), Bands(None, from_ms, to_ms, UTC))


def minutes(first: int, end: int) -> range:
    """A poll a minute, at half past it."""
    return range(START + first * MINUTE + 30_000, START + end * MINUTE + 30_000, MINUTE)


def test_a_day_of_all_parts(conn: sqlite3.Connection) -> None:
    put_frame(conn, frame(outlets=2, rating_a=16), START - HOUR_MS)
    write_polls(conn, "rack1-a", minutes(-60, 26 * 60), steady(WATTS, START - HOUR_MS))
    meters = read(conn, START, START + DAY_MS)
    for part, watts in (*WATTS.items(), ("pdu", 300.0)):
        found = energy(meters, part, START, START + DAY_MS)
        assert found.kwh == pytest.approx(watts * 24 / 1000, abs=0.0011)
        assert (found.method, found.coverage, found.known) == ("counter", 1.0, 1.0)
        assert (found.peak_w, found.peak_of) == (watts, "reading")
    assert meters.names == {
        "inlet.1": "Inlet 1", "outlet.1": "Outlet 1 db01", "outlet.2": "Outlet 2 db02",
    }  # fmt: skip
    assert list(meters.ledgers) == ["inlet.1", "outlet.1", "outlet.2"]


def test_rows_that_are_not_sealed_say_the_same(path: Path) -> None:
    """All sealed, all raw, and in between with rows beside a chunk: the same ledgers."""
    books = []
    for name, loose in (("sealed", 30 * 60), ("tail", 23 * 60), ("raw", -61)):
        conn = open_database(path.with_name(f"{name}.db"))
        put_frame(conn, frame(outlets=2), START - HOUR_MS)
        poll = steady(WATTS, START - HOUR_MS)
        times = [
            ts for ts in minutes(-60, 26 * 60) if not START + 90 * MINUTE < ts < START + HOUR_MS * 5
        ]
        sealed = [ts for ts in times if ts < START + loose * MINUTE]
        write_polls(conn, "rack1-a", sealed, poll)
        write_polls(conn, "rack1-a", times[len(sealed) :], poll, raw=True)
        books.append(read(conn, START, START + DAY_MS).ledgers)
        conn.close()
    assert books[0] == books[1] == books[2]


def test_rows_beside_what_is_sealed_count(conn: sqlite3.Connection) -> None:
    """A clock that was set back: half of the polls of an hour come after it was sealed."""
    poll = steady(WATTS, START - HOUR_MS, counter=None)
    times = list(minutes(-60, 180))
    late = [
        ts for n, ts in enumerate(times) if START + HOUR_MS <= ts < START + 2 * HOUR_MS and n % 2
    ]
    write_polls(conn, "rack1-a", [ts for ts in times if ts not in late], poll)
    before = read(conn, START, START + 3 * HOUR_MS)
    write_polls(conn, "rack1-a", late, poll, raw=True)
    after = read(conn, START, START + 3 * HOUR_MS)
    quarter = START // QUARTER_MS + 4
    assert before.polled[quarter] < after.polled[quarter] == 15  # type: ignore[index]
    assert energy(after, "inlet.1", START, START + 2 * HOUR_MS).kwh == 0.6


def test_rows_count_beside_totals_whose_polls_are_gone(conn: sqlite3.Connection) -> None:
    """The clock was wrong for a moment, by more than readings are kept."""
    poll = steady(WATTS, START - HOUR_MS)
    write_polls(conn, "rack1-a", minutes(-60, 180), poll)
    before = energy(read(conn, START, START + 2 * HOUR_MS), "inlet.1", START, START + 2 * HOUR_MS)
    for table in ("chunk", "minutes", "sealed"):
        conn.execute(f"DELETE FROM {table}")
    write_polls(conn, "rack1-a", [START + HOUR_MS + 1234], poll, raw=True)
    after = read(conn, START, START + 2 * HOUR_MS)
    assert energy(after, "inlet.1", START, START + 2 * HOUR_MS).kwh == before.kwh
    assert before.kwh
    assert after.polled[START // QUARTER_MS + 4] == 16  # type: ignore[index]


async def test_rows_that_wait_in_memory_count(
    conn: sqlite3.Connection, open_store: Opener, clock: ManualClock
) -> None:
    write_polls(conn, "rack1-a", minutes(-60, 60), steady(WATTS, START - HOUR_MS))
    conn.close()
    store = await open_store(batch_ticks=10_000, batch_s=10_000)
    poll = steady(WATTS, START - HOUR_MS)
    for ts in minutes(60, 120):
        said = poll(ts)
        store.append(
            Reading(
                pdu="rack1-a",
                time=datetime.fromtimestamp(ts / 1000, UTC),
                inlets=(Inlet(number=1, name="I1", power_w=said["inlet.1.power_w"],
                              energy_kwh=said["inlet.1.energy_kwh"]),),
                outlets=(Outlet(number=1, name="1", power_w=100.0),),
            )
        )  # fmt: skip
    reader = await store.reader()
    assert reader is not None
    meters = await reader.energy("rack1-a", START, START + 2 * HOUR_MS)
    assert meters is not None
    found = energy(meters, "pdu", START, START + 2 * HOUR_MS)
    assert found.kwh == pytest.approx(0.6, abs=0.006)
    assert found.known == pytest.approx(1.0, abs=0.01)
    whole = await reader.used("rack1-a", START, START + 2 * HOUR_MS)
    assert whole is not None
    assert sum(whole.uwh) == sum(meters.whole()[0].uwh)  # type: ignore[union-attr]
    assert await reader.used("nobody", START, START + DAY_MS) is None
    assert await reader.energy("rack1-a", START + DAY_MS, START + 2 * DAY_MS) is None
    assert await reader.energy("nobody", START, START + DAY_MS) is None


async def test_what_a_pdu_used_is_that_of_its_outlets_where_its_inlet_tells_nothing(
    conn: sqlite3.Connection, open_store: Opener
) -> None:
    put_frame(conn, frame(outlets=2), START - HOUR_MS)
    outlets = {"outlet.1": 100.0, "outlet.2": 200.0}
    write_polls(conn, "rack1-a", minutes(-60, 120), steady(outlets, START - HOUR_MS))
    conn.close()
    reader = await (await open_store()).reader()
    assert reader is not None
    whole = await reader.used("rack1-a", START, START + HOUR_MS)
    assert whole is not None
    hour = slice(START // QUARTER_MS - whole.first, START // QUARTER_MS - whole.first + 4)
    assert sum(whole.uwh[hour]) / 1e9 == pytest.approx(0.3, abs=0.003)


def test_lost_time_is_known_to_the_second(conn: sqlite3.Connection) -> None:
    times = [ts for ts in minutes(-60, 300) if not START + 50 * MINUTE < ts < START + 200 * MINUTE]
    write_polls(conn, "rack1-a", times, steady(WATTS, START - HOUR_MS))
    meters = read(conn, START, START + 4 * HOUR_MS)
    (gap,) = meters.lost
    assert gap.to_ms - gap.from_ms == 151 * MINUTE
    assert gap.lost_from_ms == gap.from_ms + MINUTE
    whole = energy(meters, "inlet.1", START, START + 4 * HOUR_MS)
    assert whole.kwh == pytest.approx(1.2, abs=0.0011)
    assert whole.spread
    assert whole.known == 1.0
    assert whole.coverage == pytest.approx(1 - 150 / 240, abs=1e-6)
    hours = [
        energy(meters, "inlet.1", START + n * HOUR_MS, START + (n + 1) * HOUR_MS) for n in range(4)
    ]
    assert [h.kwh for h in hours] == pytest.approx([0.3] * 4, abs=0.003)
    assert sum(h.uwh or 0 for h in hours) == whole.uwh


def test_lost_time_reaches_over_days_and_out_of_the_span(conn: sqlite3.Connection) -> None:
    """Off for three days; the day in the middle has no row, and still its share."""
    write_polls(conn, "rack1-a", minutes(-120, -60), steady(WATTS, START - 2 * HOUR_MS))
    begin = START + 3 * DAY_MS
    later = range(begin + 30_000, begin + HOUR_MS, MINUTE)
    write_polls(conn, "rack1-a", later, steady(WATTS, START - 2 * HOUR_MS))
    conn.execute("DELETE FROM gap")  # as if they were too old to be kept
    for day in range(3):
        span = START + day * DAY_MS, START + (day + 1) * DAY_MS
        conn.execute("BEGIN")
        meters = read_meters(conn, Asked(), "rack1-a", *span, rows=[], follower=False, now_ms=begin)
        conn.execute("ROLLBACK")
        assert meters is None  # nobody looked on that day
    meters = read(conn, START - DAY_MS, begin + DAY_MS)
    for day in range(3):
        found = energy(meters, "inlet.1", START + day * DAY_MS, START + (day + 1) * DAY_MS)
        assert found.kwh == pytest.approx(7.2, rel=0.002)
        assert (found.coverage, found.known, found.spread) == (0.0, 1.0, True)


def test_another_serial_number_is_another_counter(conn: sqlite3.Connection) -> None:
    put_frame(conn, frame(outlets=2, serial="S1"), START - HOUR_MS)
    put_frame(conn, frame(outlets=2, serial=None), START + 30 * MINUTE)  # it did not say
    put_frame(conn, frame(outlets=2, serial="S1", names=False), START + 40 * MINUTE)
    old, new = steady(WATTS, START - HOUR_MS), steady(WATTS, START + HOUR_MS, counter=100.5)
    write_polls(conn, "rack1-a", minutes(-60, 60), old)
    swap = START + HOUR_MS + 7 * MINUTE + 30_000
    put_frame(conn, frame(outlets=2, serial="S2"), swap)
    write_polls(conn, "rack1-a", minutes(60, 180), lambda ts: (old if ts < swap else new)(ts))
    meters = read(conn, START, START + 3 * HOUR_MS)
    book = meters.ledgers["inlet.1"]
    assert book is not None
    assert [(n.kind, n.part) for n in book.notes] == [("replaced", "inlet.1")]
    found = energy(meters, "inlet.1", START, START + 2 * HOUR_MS)
    assert found.kwh == pytest.approx(0.6, abs=0.002)
    assert found.method == "mixed"


def test_parts_that_do_not_say_are_unknown(conn: sqlite3.Connection) -> None:
    """Inlets without figures: outlets will do, but only if every one of them is metered."""
    put_frame(conn, frame(outlets=3, inlets=2), START - HOUR_MS)
    metered = steady({f"outlet.{n}": 100.0 for n in (1, 2, 3)}, START - HOUR_MS)
    write_polls(conn, "rack1-a", minutes(-60, 120), metered)
    meters = read(conn, START, START + HOUR_MS)
    assert meters.ledgers["inlet.2"] is None
    whole, basis = meters.whole()
    assert whole is not None
    assert basis == "outlets"
    assert energy(meters, "pdu", START, START + HOUR_MS).kwh == pytest.approx(0.3, abs=0.004)


def test_one_outlet_that_is_not_metered_leaves_the_pdu_unknown(conn: sqlite3.Connection) -> None:
    put_frame(conn, frame(outlets=3), START - HOUR_MS)

    def poll(ts: int) -> dict[str, float | None]:
        return {"outlet.1.power_w": 100, "outlet.2.power_w": 100, "outlet.3.state": 1}

    write_polls(conn, "rack1-a", minutes(-60, 120), poll)
    meters = read(conn, START, START + HOUR_MS)
    assert meters.ledgers["outlet.3"] is None
    assert meters.whole() == (None, None)


def test_without_a_frame_parts_are_those_that_were_read(conn: sqlite3.Connection) -> None:
    write_polls(conn, "rack1-a", minutes(-60, 120), steady(WATTS, START))
    meters = read(conn, START, START + HOUR_MS)
    assert list(meters.ledgers) == ["inlet.1", "outlet.1", "outlet.2"]
    assert meters.names["outlet.2"] == "Outlet 2"


def test_a_damaged_day_is_told_and_passed_over(conn: sqlite3.Connection) -> None:
    write_polls(conn, "rack1-a", minutes(-60, 120), steady(WATTS, START - HOUR_MS))
    (part,) = conn.execute("SELECT id FROM part WHERE name = 'outlet.1'").fetchone()
    conn.execute("UPDATE quarters SET z = x'00' WHERE part = ?", (part,))
    damage: list[tuple[str, int]] = []
    conn.execute("BEGIN")
    meters = read_meters(
        conn, Asked(), "rack1-a", START, START + HOUR_MS, rows=[], follower=False,
        now_ms=START + DAY_MS, on_damage=lambda part, hour: damage.append((part, hour)),
    )  # fmt: skip
    conn.execute("ROLLBACK")
    assert meters is not None
    assert damage
    assert {part for part, _ in damage} == {"outlet.1"}
    assert energy(meters, "outlet.2", START, START + HOUR_MS).known == 1.0
    assert meters.ledgers.get("outlet.1") is None


def test_lost_time_is_kept_as_long_as_totals() -> None:
    """Without it, old figures would claim time that nobody read."""
    assert {kind.name: kind.totals for kind in OF_PDUS}["gaps"]


def test_moments_are_utc() -> None:
    assert datetime.fromtimestamp(START / 1000, UTC) == datetime(2026, 11, 19, tzinfo=UTC)
    assert timedelta(milliseconds=QUARTER_MS) == timedelta(minutes=15)
