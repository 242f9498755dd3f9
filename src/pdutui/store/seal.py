"""Sealing: an hour's rows become chunks and rollups, in one transaction. See `schema_sealed`.

Reading and computing are done part by part with a connection that only reads; `commit` then is
short, and puts nothing into the file unless the rows are still those that were read. All of it
follows from the samples of the hour, sealed and raw, so doing it again changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from pdutui.domain.history import HOUR_MS, MINUTE_MS, Gap
from pdutui.store.codec import DamagedChunk, pack, unpack
from pdutui.store.hour import (
    TIMES,
    Changed,
    Hour,
    blob,
    gaps_of,
    hour_of,
    last_before,
    raw_span,
    read_hour,
    sealed_after,
    sealed_row,
    sealed_times,
)
from pdutui.store.rollup import (
    Column,
    Columns,
    counted,
    on_top,
    quarters_of,
    rolled_up,
    slices,
    with_hour,
)

__all__ = ["Changed", "commit", "parts_of", "read_hour", "seal_parts", "times_part", "write_hour"]

_COLUMNS_AT_ONCE = 40
"""A table is read anew for so many columns: little memory, and short turns of the interpreter."""

Blob = tuple[bytes, int]


class SealedPart(msgspec.Struct, frozen=True):
    """What is to be written of one part."""

    name: str
    chunk: Blob
    minutes: Blob | None = None
    """None for the times, which have no rollup."""
    quarters: Blob | None = None
    """Of the whole day."""
    quarters_were: bytes | None = None
    """The day's row that `quarters` was made from; None if there was none."""


PartColumns = tuple[str, dict[str, str]]
"""A part and its columns: field -> column of the raw table."""


def parts_of(conn: sqlite3.Connection, pdu: int) -> list[list[PartColumns]]:
    """The parts of a PDU that ever had a value, in helpings for `seal_parts`."""
    parts: dict[str, dict[str, str]] = {}
    for key, column in conn.execute("SELECT key, col FROM series WHERE pdu = ?", (pdu,)):
        part, _, field = key.rpartition(".")
        parts.setdefault(part, {})[field] = column
    helpings: list[list[PartColumns]] = []
    room = 0
    for part in sorted(parts.items()):
        room -= len(part[1])
        if room < 0 or not helpings:
            helpings.append([])
            room = _COLUMNS_AT_ONCE - len(part[1])
        helpings[-1].append(part)
    return helpings


def times_part(hour: Hour) -> SealedPart:
    """The times of the polls."""
    return SealedPart(TIMES, pack({TIMES: hour.times}))


def seal_parts(
    conn: sqlite3.Connection, hour: Hour, helping: Sequence[PartColumns]
) -> list[SealedPart]:
    """Those of some parts that have any value in the hour, ready to be written.

    Raises:
        Changed: The rows are not those of `hour` any more.
        DamagedChunk: The hour is sealed, and what is sealed of it cannot be read.
    """
    wanted = [column for _, fields in helping for column in fields.values()]
    values = iter(_raw_columns(conn, hour, wanted))
    steps = slices(hour.times, hour.hour * HOUR_MS, MINUTE_MS)
    out = []
    for name, fields in helping:
        raw = {field: next(values) for field in fields}
        columns, polls = _merged(conn, hour, name, raw)
        made = _sealed_part(conn, hour, name, columns, steps, polls)
        if made is not None:
            out.append(made)
    return out


def _raw_columns(conn: sqlite3.Connection, hour: Hour, columns: Sequence[str]) -> Iterator[Column]:
    if not hour.raw_ms:
        return iter([()] * len(columns))
    rows = conn.execute(
        f"SELECT {', '.join(columns)} FROM raw_{hour.pdu} WHERE ts >= ? AND ts < ? ORDER BY ts",
        (hour.hour * HOUR_MS, (hour.hour + 1) * HOUR_MS),
    ).fetchall()
    if len(rows) != len(hour.raw_ms):
        raise Changed
    return zip(*rows, strict=True)


def _merged(
    conn: sqlite3.Connection, hour: Hour, part: str, raw: Mapping[str, Column]
) -> tuple[dict[str, Column], dict[str, int]]:
    """Columns of one part with what is sealed of them, in the order of `hour.times`.

    And how many values of each are sealed.
    """
    if hour.order is None:
        return dict(raw), {}
    z = blob(conn, "chunk", hour.pdu, part, "hour", hour.hour)
    old = {} if z is None else unpack(z)
    nothing: Column = [None] * len(hour.old_ms)
    none_new: Column = [None] * len(hour.raw_ms)
    if any(len(values) != len(nothing) for values in old.values()):
        raise DamagedChunk(f"{part} has other values than times")
    out: dict[str, Column] = {}
    for field in dict.fromkeys((*raw, *old)):
        both = [*old.get(field, nothing), *raw.get(field, none_new)]
        out[field] = [both[place] for place in hour.order]
    return out, {field: len(values) - values.count(None) for field, values in old.items()}


def _sealed_part(
    conn: sqlite3.Connection,
    hour: Hour,
    name: str,
    columns: Mapping[str, Column],
    steps: list[tuple[int, int, int]],
    polls: Mapping[str, int] | None,
) -> SealedPart | None:
    """A part ready to be written; `polls`: how many values are sealed of it, None: as if none."""
    columns = {field: values for field, values in columns.items() if _has_any(values)}
    if not columns:
        return None
    minutes = rolled_up(columns, steps)
    were = blob(conn, "quarters", hour.pdu, name, "day", hour.hour // 24)
    day, quarters = _day(conn, hour, name, were), quarters_of(minutes, hour.hour)
    if polls is not None and _has_more(day, hour.hour, polls):
        quarters = on_top(day, quarters_of(_late(hour, columns), hour.hour), hour.hour)
    day = with_hour(day, quarters, hour.hour)
    return SealedPart(name, pack(columns), pack(minutes), pack(day), were)


def _has_more(day: Columns, hour: int, polls: Mapping[str, int]) -> bool:
    """Whether the quarters of an hour were made of more than the polls that are kept of it.

    They are kept for longer. Rows of such an old hour come where the clock was wrong for a while.
    """
    return any(n > polls.get(field, 0) for field, n in counted(day, hour).items())


def _late(hour: Hour, columns: Mapping[str, Column]) -> Columns:
    """The minutes of those polls of an hour that are not sealed yet."""
    order = range(len(hour.times)) if hour.order is None else hour.order
    old = 0 if hour.order is None else len(hour.old_ms)
    places = [place for place, source in enumerate(order) if source >= old]
    late = {field: [values[place] for place in places] for field, values in columns.items()}
    times = [hour.times[place] for place in places]
    return rolled_up(late, slices(times, hour.hour * HOUR_MS, MINUTE_MS))


def _has_any(values: Column) -> bool:
    return bool(values) and (
        values[0] is not None or values[-1] is not None or any(v is not None for v in values)
    )


def _day(conn: sqlite3.Connection, hour: Hour, part: str, were: bytes | None) -> Columns:
    """The quarters of the hour's day as they are; if they are damaged, made of minutes."""
    if were is None:
        return {}
    try:
        return unpack(were)
    except DamagedChunk:
        pass
    day: Columns = {}
    first = hour.hour // 24 * 24
    for each in range(first, first + 24):
        z = blob(conn, "minutes", hour.pdu, part, "hour", each)
        try:
            day = day if z is None else with_hour(day, quarters_of(unpack(z), each), each)
        except (DamagedChunk, KeyError):
            continue
    return day


# -- writing -----------------------------------------------------------------------------------


def commit(conn: sqlite3.Connection, hour: Hour, parts: Iterable[SealedPart]) -> bool:
    """Write an hour that was read and computed, and delete its rows. Inside a transaction.

    False if rows came or went since, or somebody else sealed it; then nothing is written.
    """
    parts = list(parts)
    if (
        raw_span(conn, hour.pdu, hour.hour) != hour.raw
        or sealed_row(conn, hour.pdu, hour.hour) != hour.sealed
        or any(
            blob(conn, "quarters", hour.pdu, part.name, "day", hour.hour // 24)
            != part.quarters_were
            for part in parts
            if part.quarters is not None
        )
    ):
        return False
    # First of all what makes room: on a full disk the pages of the rows take the chunks.
    conn.execute(
        f"DELETE FROM raw_{hour.pdu} WHERE ts >= ? AND ts < ?",
        (hour.hour * HOUR_MS, (hour.hour + 1) * HOUR_MS),
    )
    put(conn, hour, parts)
    return True


def put(conn: sqlite3.Connection, hour: Hour, parts: Sequence[SealedPart]) -> None:
    """Write an hour as sealed, in place of what was sealed of it. Inside a transaction."""
    known = dict(conn.execute("SELECT name, id FROM part WHERE pdu = ?", (hour.pdu,)))
    for part in parts:
        if part.name not in known:
            made = conn.execute("INSERT INTO part (pdu, name) VALUES (?, ?)", (hour.pdu, part.name))
            known[part.name] = made.lastrowid
        ident, day = known[part.name], hour.hour // 24
        for table, unit, at, packed in (
            ("chunk", "hour", hour.hour, part.chunk),
            ("minutes", "hour", hour.hour, part.minutes),
            ("quarters", "day", day, part.quarters),
        ):
            if packed is not None:
                conn.execute(
                    f"INSERT INTO {table} (part, {unit}, z, sz) VALUES (?, ?, ?, ?)"
                    f" ON CONFLICT (part, {unit}) DO UPDATE SET z = excluded.z, sz = excluded.sz",
                    (ident, at, *packed),
                )
    conn.execute(
        "INSERT OR REPLACE INTO sealed (pdu, hour, n, interval_ms) VALUES (?, ?, ?, ?)",
        (hour.pdu, hour.hour, len(hour.times), hour.interval_ms),
    )
    _write_gaps(conn, hour)


def _write_gaps(conn: sqlite3.Connection, hour: Hour) -> None:
    """Those that end in the hour, and the one that ends in the next sealed hour.

    When rows come late the next one was sealed before, knowing less.
    """
    _replace_gaps(conn, hour.pdu, hour.hour * HOUR_MS, (hour.hour + 1) * HOUR_MS, hour.gaps)
    after = sealed_after(conn, hour.pdu, hour.hour)
    if after is None:
        return
    try:
        first, *_ = sealed_times(conn, hour.pdu, after.hour)
    except (DamagedChunk, ValueError):
        return
    before = last_before(conn, hour.pdu, after.hour)
    gaps = gaps_of([first], before, after.interval_ms)
    _replace_gaps(conn, hour.pdu, first, first + 1, gaps)


def _replace_gaps(
    conn: sqlite3.Connection, pdu: int, from_ms: int, to_ms: int, gaps: Iterable[Gap]
) -> None:
    conn.execute(
        "DELETE FROM gap WHERE pdu = ? AND to_ms >= ? AND to_ms < ?", (pdu, from_ms, to_ms)
    )
    conn.executemany(
        "INSERT INTO gap (pdu, to_ms, from_ms) VALUES (?, ?, ?)",
        [(pdu, gap.to_ms, gap.from_ms) for gap in gaps],
    )


def write_hour(
    conn: sqlite3.Connection,
    pdu: int,
    hour: int,
    times: Sequence[int],
    columns: Mapping[str, Column],
) -> None:
    """Write an hour as sealed straight away, without raw rows: for generators. In a transaction.

    What was sealed of the hour is replaced.

    Args:
        conn: A connection that writes.
        pdu: The PDU's number; its series must be there (`Catalogue.widen`).
        hour: Since 1970, UTC.
        times: Of the polls, unix ms, ascending, all in the hour; at least one.
        columns: Series key -> scaled integers (`domain.series`), one per poll.
    """
    plan = hour_of(conn, pdu, hour, raw_ms=list(times), old_ms=[], sealed=None)
    steps = slices(plan.times, hour * HOUR_MS, MINUTE_MS)
    fields: dict[str, dict[str, Column]] = {}
    for key, values in sorted(columns.items()):
        part, _, field = key.rpartition(".")
        fields.setdefault(part, {})[field] = values
    parts = [times_part(plan)]
    for part, values_of in sorted(fields.items()):
        made = _sealed_part(conn, plan, part, values_of, steps, None)
        if made is not None:
            parts.append(made)
    put(conn, plan, parts)
