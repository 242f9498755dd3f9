"""A reading comes back from the file as it was, wherever it is kept by then."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdutui.domain.history import HOUR_MS
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    Outlet,
    Phase,
    PollStats,
    Reading,
    Sensor,
    Source,
)
from pdutui.domain.series import UNITS_PER
from pdutui.store.codec import pack, unpack_rows
from pdutui.store.frames import UNKNOWN
from pdutui.store.layout import time_ms
from pdutui.store.schema import Immediate

from .book import Book
from .helpers import START, ms, reading

T0 = ms(reading(0))


@pytest.fixture
def book() -> Iterator[Book]:
    made = Book()
    yield made
    made.close()


def kept(one: Reading) -> Reading:
    """What is kept of a reading."""
    return msgspec.structs.replace(one, uptime_s=None, poll=PollStats())


def rounded(second: float, **other: Any) -> Reading:
    """The test reading with figures of no more digits than are kept."""
    one = reading(second, **other)

    def exact(part: Any) -> Any:
        facts = {
            f: round(v * UNITS_PER[f]) / UNITS_PER[f]
            for f in part.__struct_fields__
            if f in UNITS_PER and isinstance(v := getattr(part, f), float)
        }
        return msgspec.structs.replace(part, **facts)

    return msgspec.structs.replace(
        one, **{p: tuple(map(exact, getattr(one, p))) for p in ("inlets", "banks", "outlets")}
    )


# -- anything at all -------------------------------------------------------------------------


def fields_for(kind: type[msgspec.Struct]) -> dict[str, st.SearchStrategy[Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        if field.name in UNITS_PER and field.name not in ("state", "active", "redundancy"):
            per = UNITS_PER[field.name]
            fields[field.name] = st.none() | st.integers(-(10**7), 10**9).map(
                lambda n, per=per: n / per
            )
        elif (said := get_args(field.type)) and type(None) not in said:
            fields[field.name] = st.sampled_from(said)
        elif said and get_args(said[0]):
            fields[field.name] = st.none() | st.sampled_from(get_args(said[0]))
        elif field.name.endswith("_a"):
            fields[field.name] = st.none() | st.floats(0, 100)
        elif field.type is bool:
            fields[field.name] = st.booleans()
        elif said and said[0] is int:
            fields[field.name] = st.none() | st.integers(1, 60)
        elif field.type is str:
            fields[field.name] = st.text(max_size=5)
        elif said and said[0] is str:
            fields[field.name] = st.none() | st.text(max_size=5)
    return fields


def anything(struct: type[msgspec.Struct], /, **given_: st.SearchStrategy[Any]) -> Any:
    return st.builds(struct, **(fields_for(struct) | given_))


def several(kind: type[msgspec.Struct], most: int) -> Any:
    return st.lists(anything(kind, number=st.integers(1, 40)), max_size=most).map(
        lambda parts: tuple({p.number: p for p in parts}.values())
    )


switches = anything(
    Ats,
    sources=st.sampled_from([("A", "B"), ("A",), ()]).flatmap(
        lambda ids: st.tuples(*[anything(Source, id=st.just(i)) for i in ids])
    ),
)
readings = anything(
    Reading,
    pdu=st.just("rack1-a"),
    time=st.just(START),
    inlets=several(Inlet, 2),
    phases=several(Phase, 3),
    banks=several(Bank, 3),
    outlets=several(Outlet, 4),
    sensors=st.lists(
        anything(Sensor, kind=st.sampled_from(["temperature", "contact"])), max_size=3
    ).map(tuple),
    ats=st.none() | switches,
    poll=st.just(PollStats(duration_ms=3.5, errors=("late",))),
)


def test_the_strategy_leaves_nothing_out() -> None:
    for kind in (Inlet, Phase, Bank, Outlet, Ats, Source, Sensor, Reading):
        left = set(kind.__struct_fields__) - set(fields_for(kind))
        assert left <= {"number", "id", "sources", "time", "poll", "uptime_s"} | {
            "inlets", "phases", "banks", "outlets", "sensors", "ats"
        }  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(readings, st.integers(1, 4000)), min_size=1, max_size=6), st.data())
def test_every_reading_comes_back(made: list[tuple[Reading, int]], data: st.DataObject) -> None:
    """Raw, sealed, waiting in memory, and of a device that says something else every time."""
    book = Book()
    at = START
    given_: list[Reading] = []
    for one, seconds in made:
        at += timedelta(seconds=seconds)
        given_.append(msgspec.structs.replace(one, time=at, uptime_s=seconds))
    in_file = data.draw(st.integers(0, len(given_)), "in the file")
    book.write(given_[:in_file])
    rows = []
    for one in given_[in_file:]:
        rows += book.row(one)
        book.frames.see(one, time_ms(one))
    frames = book.frames.waiting(["rack1-a"], 0).get("rack1-a", [])
    if in_file and data.draw(st.booleans(), "sealed"):
        for hour in {time_ms(one) // HOUR_MS for one in given_[:in_file]}:
            assert book.seal(hour * HOUR_MS)
    for one in given_:
        found = book.moment(time_ms(one) + 500, rows=rows, frames=frames)
        assert found is not None
        assert found.reading == kept(one)
        assert found.complete
    assert book.damage == []
    book.close()


columns = st.integers(0, 8).flatmap(
    lambda n: st.dictionaries(
        st.sampled_from("abc"), st.lists(st.none() | st.integers(-9, 9), min_size=n, max_size=n)
    )
)


@given(columns, st.integers(0, 9), st.integers(0, 9))
def test_some_rows_of_a_blob_are_those_of_all(
    given_: dict[str, list[int | None]], first: int, end: int
) -> None:
    z, _ = pack(given_)
    length, found = unpack_rows(z, first, end)
    assert found == {name: values[first:end] for name, values in given_.items()}
    assert length == max(map(len, given_.values()), default=0)


# -- which one -------------------------------------------------------------------------------


def test_the_last_one_up_to_the_moment_and_not_too_old(book: Book) -> None:
    book.write([rounded(0), rounded(1), rounded(10)])

    def at(ts: int, within: int) -> int | None:
        found = book.moment(ts, within)
        return None if found is None else time_ms(found.reading) - T0

    for _ in range(2):
        assert at(T0 - 1, 10**9) is None
        assert at(T0, 0) == 0
        assert at(T0 + 1, 0) is None
        assert at(T0 + 999, 999) == 0
        assert at(T0 + 1000, 0) == 1000
        assert at(T0 + 9999, 8999) == 1000
        assert at(T0 + 9999, 8998) is None
        assert at(T0 + 10 * HOUR_MS, 10 * HOUR_MS) == 10_000
        book.seal(T0)


def test_the_newest_of_file_and_memory(book: Book) -> None:
    book.write([rounded(0), rounded(5)])
    waiting = [*book.row(rounded(3)), *book.row(rounded(7)), *book.row(rounded(6))]

    def at(second: int, **how: object) -> float:
        found = book.moment(T0 + second * 1000, rows=waiting, **how)
        assert found is not None
        return (time_ms(found.reading) - T0) / 1000

    assert [at(s) for s in (2, 3, 4, 5, 6, 7, 9)] == [0, 3, 3, 5, 6, 7, 7]
    assert [at(s, follower=True) for s in (2, 3, 4, 5, 6, 7)] == [0, 0, 0, 5, 6, 7]
    assert book.moment(T0, rows=waiting, frames=[]) is not None


def test_nothing_of_a_pdu_that_is_not_known(book: Book) -> None:
    assert book.moment(T0) is None
    found = book.moment(T0, rows=book.row(rounded(0)))
    assert found is not None
    assert not found.complete, "no frame was given"


def test_late_rows_beside_a_sealed_hour(book: Book) -> None:
    book.write([rounded(0), rounded(10)])
    book.seal(T0)
    assert book.moment(T0 + 5000) is not None
    book.write([rounded(5)])
    for _ in range(2):
        found = book.moment(T0 + 6000)
        assert found is not None
        assert found.reading == kept(rounded(5))
        after = book.moment(T0 + 12_000)
        assert after is not None
        assert after.reading == kept(rounded(10))
        assert book.seal(T0), "and merged"


def test_any_moment_of_two_hours_in_any_order(book: Book) -> None:
    """Windows of unpacked rows: steps ahead, back, across their edges, jumps, hours without."""
    chosen = random.Random(4)
    times = sorted(chosen.sample(range(3 * 3600), 2500))
    times = [t for t in times if not 3000 < t < 3900]
    small = [msgspec.structs.replace(rounded(t, outlets=1, banks=0, ats=False)) for t in times]
    book.write(small)
    for hour in range(4):
        if hour != 2:
            read = T0 + hour * HOUR_MS
            if any((T0 + t * 1000) // HOUR_MS == read // HOUR_MS for t in times):
                book.seal(read)
    place = 0
    for step in range(6000):
        place = (
            chosen.randrange(len(times)) if step % 97 == 0 else place + chosen.choice((1, 1, -1))
        )
        place %= len(times)
        found = book.moment(T0 + times[place] * 1000 + chosen.randrange(1000))
        assert found is not None
        assert time_ms(found.reading) == T0 + times[place] * 1000
    assert book.moments._cells < 100_000


def test_memory_is_bounded(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdutui.store.moment._MOST_CELLS", 500)
    for hour in range(5):
        book.write([rounded(3600 * hour + k) for k in range(3)])
        book.seal(T0 + hour * HOUR_MS)
    for _ in range(2):
        for hour in range(5):
            assert book.moment(T0 + hour * HOUR_MS) is not None
            assert len(book.moments._windows) <= 3


def test_hours_that_were_replayed_earlier_are_let_go(book: Book) -> None:
    for hour in range(5):
        book.write([rounded(3600 * hour + k) for k in range(3)])
        book.seal(T0 + hour * HOUR_MS)
    for hour in (0, 3, 1, 4, 2, 1, 2):
        assert book.moment(T0 + hour * HOUR_MS) is not None
    assert [hour - T0 // HOUR_MS for _, hour in book.moments._windows] == [1, 2]


def test_another_file_is_another_past(book: Book) -> None:
    book.write([rounded(0)])
    book.seal(T0)
    assert book.moment(T0) is not None
    other = Book()
    other.write([rounded(0, outlets=2)])
    other.seal(T0)
    other.moments = book.moments
    found = other.moment(T0)
    assert found is not None
    assert len(found.reading.outlets) == 2
    other.close()


# -- what is not known -----------------------------------------------------------------------


@pytest.mark.parametrize("frame", [None, UNKNOWN, "{broken"])
def test_without_a_frame_the_parts_are_plain_and_that_is_said(
    book: Book, frame: str | None
) -> None:
    one = rounded(0)
    book.write([one], frames=False)
    if frame is not None:
        book.conn.execute("INSERT INTO frame VALUES (1, ?, ?)", (T0, frame))
    found = book.moment(T0)
    assert found is not None
    assert not found.complete
    got = found.reading
    assert got.inlets == (msgspec.structs.replace(one.inlets[0], rating_a=None),)
    assert got.banks == one.banks
    assert got.outlets == tuple(msgspec.structs.replace(o, name="") for o in one.outlets)
    assert got.ats is not None
    assert got.ats.active == "A"
    assert got.ats.preferred is None
    assert [(s.id, s.name, s.state) for s in got.ats.sources] == [
        ("A", "Source A", "normal"), ("B", "Source B", "lost"),
    ]  # fmt: skip
    (sensor,) = got.sensors
    assert (sensor.kind, sensor.name, sensor.value, sensor.unit) == (
        "temperature", "env 1", -4.25, "degC",
    )  # fmt: skip


def test_a_part_that_the_frame_does_not_name(book: Book) -> None:
    book.write([rounded(0, outlets=2)])
    book.write([rounded(1, outlets=3)], frames=False)
    found = book.moment(T0 + 1000)
    assert found is not None
    assert not found.complete
    assert [o.name for o in found.reading.outlets] == ["Outlet 1", "Outlet 2", ""]
    assert found.reading.inlets[0].rating_a == 20.0


def test_a_code_of_a_later_version_is_unknown(book: Book) -> None:
    book.write([rounded(0)])
    book.conn.execute("UPDATE raw_1 SET outlet_1_state = 99, ats_0_active = 99")
    found = book.moment(T0)
    assert found is not None
    assert found.reading.outlets[0].state == "unknown"
    assert found.reading.ats is not None
    assert found.reading.ats.active is None


def test_names_are_those_of_the_time(book: Book) -> None:
    def named(second: int, name: str) -> Reading:
        one = rounded(second, outlets=1)
        return msgspec.structs.replace(
            one, outlets=(msgspec.structs.replace(one.outlets[0], name=name),)
        )

    book.write([named(0, "db01"), named(1, "db01"), named(2, "web"), named(3, "db01")])
    names = []
    for second in range(4):
        found = book.moment(T0 + second * 1000)
        assert found is not None
        names.append(found.reading.outlets[0].name)
    assert names == ["db01", "db01", "web", "db01"]


def spoil(book: Book, part: str) -> None:
    """Turn a bit of a chunk."""
    (z,) = book.conn.execute(
        "SELECT z FROM chunk JOIN part ON part.id = part WHERE name = ?", (part,)
    ).fetchone()
    bad = bytearray(z)
    bad[len(bad) // 2] ^= 4
    with pytest.raises(zlib.error):
        zlib.decompress(bad)
    with Immediate(book.conn):
        book.conn.execute(
            "UPDATE chunk SET z = ? WHERE part = (SELECT id FROM part WHERE name = ?)",
            (bytes(bad), part),
        )


def test_a_damaged_chunk_is_unknown_and_told(book: Book) -> None:
    book.write([rounded(k) for k in range(30)])
    book.seal(T0)
    spoil(book, "outlet.3")
    found = book.moment(T0 + 7000)
    assert found is not None
    assert not found.complete
    whole = kept(rounded(7))
    lost = Outlet(number=3, name="Outlet 3")
    outlets = (*whole.outlets[:2], lost, *whole.outlets[3:])
    assert found.reading == msgspec.structs.replace(whole, outlets=outlets)
    assert book.damage == [("outlet.3", T0 // HOUR_MS)]


def test_an_hour_without_its_times_is_no_moment(book: Book) -> None:
    book.write([rounded(-3600), *(rounded(k) for k in range(30))])
    book.seal(T0)
    book.seal(T0 - HOUR_MS)
    spoil(book, "ts")
    assert book.moment(T0 + 7000) is None
    assert ("ts", T0 // HOUR_MS) in book.damage
