"""One hour of one PDU as it is in the file: its times, raw and sealed, and what was lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import msgspec

from pdutui.domain.history import GAP_POLLS, HOUR_MS, Gap
from pdutui.store.codec import DamagedChunk, unpack

TIMES = "ts"
"""The part whose chunk has the times."""
_FEW = 5
"""Below so many spacings an hour alone does not tell how often a device is read."""


class Changed(Exception):
    """Rows came or went while the hour was read. It is to be read again."""


class RawSpan(msgspec.Struct, frozen=True):
    """What tells whether the raw rows of an hour are still those that were read."""

    n: int
    total: int
    """Of their times."""


class SealedRow(msgspec.Struct, frozen=True):
    """A line of `sealed`."""

    hour: int
    n: int
    interval_ms: int


class Hour(msgspec.Struct, frozen=True):
    """All there is of an hour, without its values."""

    pdu: int
    """Its number in the database."""
    hour: int
    """Since 1970."""
    raw: RawSpan
    sealed: SealedRow | None
    """How it is sealed already."""
    raw_ms: list[int]
    """The times of the raw rows, ascending."""
    old_ms: list[int]
    """The times of the polls that are sealed."""
    times: list[int]
    """Both together, each once, ascending."""
    order: list[int] | None
    """Where the value of each of `times` lies in the sealed column followed by the raw one; None
    where nothing was sealed."""
    interval_ms: int
    """How far apart the polls usually are; 0 if there is but one that anybody knows of."""
    gaps: tuple[Gap, ...]
    """That end in this hour."""


def raw_span(conn: sqlite3.Connection, pdu: int, hour: int) -> RawSpan:
    """What tells the raw rows of an hour from others."""
    n, total = conn.execute(
        f"SELECT count(*), coalesce(sum(ts), 0) FROM raw_{pdu} WHERE ts >= ? AND ts < ?",
        (hour * HOUR_MS, (hour + 1) * HOUR_MS),
    ).fetchone()
    return RawSpan(n, total)


def sealed_row(conn: sqlite3.Connection, pdu: int, hour: int) -> SealedRow | None:
    """How an hour is sealed; None if it is not."""
    found = conn.execute(
        "SELECT hour, n, interval_ms FROM sealed WHERE pdu = ? AND hour = ?", (pdu, hour)
    ).fetchone()
    return None if found is None else SealedRow(*found)


def blob(
    conn: sqlite3.Connection, table: str, pdu: int, part: str, unit: str, at: int
) -> bytes | None:
    """The `z` of a part of a PDU in one of the three tables of blobs."""
    found = conn.execute(
        f"SELECT z FROM {table} JOIN part ON part.id = {table}.part"
        f" WHERE part.pdu = ? AND part.name = ? AND {unit} = ?",
        (pdu, part, at),
    ).fetchone()
    return None if found is None else bytes(found[0])


def sealed_times(conn: sqlite3.Connection, pdu: int, hour: int) -> list[int]:
    """The times of the polls of a sealed hour; none if it is not sealed.

    Raises:
        DamagedChunk: They cannot be read.
    """
    z = blob(conn, "chunk", pdu, TIMES, "hour", hour)
    if z is None:
        return []
    return [ts for ts in unpack(z).get(TIMES, ()) if ts is not None]


def read_hour(conn: sqlite3.Connection, pdu: int, hour: int) -> Hour:
    """What there is of an hour.

    Raises:
        DamagedChunk: It is sealed, and its times cannot be read.
    """
    begin, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
    rows = conn.execute(
        f"SELECT ts FROM raw_{pdu} WHERE ts >= ? AND ts < ? ORDER BY ts", (begin, end)
    )
    raw_ms = [ts for (ts,) in rows]
    sealed = sealed_row(conn, pdu, hour)
    old_ms = sealed_times(conn, pdu, hour)
    if sealed is not None and len(old_ms) != sealed.n:
        raise DamagedChunk("the times of a sealed hour are missing")
    return hour_of(conn, pdu, hour, raw_ms=raw_ms, old_ms=old_ms, sealed=sealed)


def hour_of(
    conn: sqlite3.Connection,
    pdu: int,
    hour: int,
    *,
    raw_ms: list[int],
    old_ms: list[int],
    sealed: SealedRow | None,
) -> Hour:
    """An hour with these times, raw and sealed ones."""
    times, order = raw_ms, None
    if old_ms:
        known = set(old_ms)
        both = [(ts, place) for place, ts in enumerate(old_ms)]
        both += [(ts, len(old_ms) + i) for i, ts in enumerate(raw_ms) if ts not in known]
        both.sort()
        times, order = [ts for ts, _ in both], [place for _, place in both]
    before = last_before(conn, pdu, hour)
    interval = typical_ms(times, before, sealed_before(conn, pdu, hour))
    return Hour(
        pdu=pdu, hour=hour, raw=RawSpan(len(raw_ms), sum(raw_ms)), sealed=sealed, raw_ms=raw_ms,
        old_ms=old_ms, times=times, order=order, interval_ms=interval,
        gaps=gaps_of(times, before, interval),
    )  # fmt: skip


def last_before(conn: sqlite3.Connection, pdu: int, hour: int) -> int | None:
    """The time of the last poll before an hour, raw or sealed; None if that hour is the first."""
    newest: int | None
    (newest,) = conn.execute(
        f"SELECT max(ts) FROM raw_{pdu} WHERE ts < ?", (hour * HOUR_MS,)
    ).fetchone()
    row = sealed_before(conn, pdu, hour)
    if row is not None:
        try:
            times = sealed_times(conn, pdu, row.hour)
        except DamagedChunk:
            times = []
        # Without its times: the hour was sealed because there was a poll in it.
        last = times[-1] if times else row.hour * HOUR_MS
        newest = last if newest is None else max(newest, last)
    return newest


def newest_ms(conn: sqlite3.Connection, pdu: int) -> int | None:
    """The time of the newest poll of a PDU, raw or sealed; None without any."""
    return last_before(conn, pdu, 2**62 // HOUR_MS)


def newest_of(conn: sqlite3.Connection, pdus: Iterable[str]) -> dict[str, int]:
    """The same of some PDUs by name, of those that have any."""
    idents = dict(conn.execute("SELECT name, id FROM pdu"))
    found = {pdu: newest_ms(conn, idents[pdu]) for pdu in pdus if pdu in idents}
    return {pdu: ts for pdu, ts in found.items() if ts is not None}


def sealed_after(conn: sqlite3.Connection, pdu: int, hour: int) -> SealedRow | None:
    """The next sealed hour after one."""
    found = conn.execute(
        "SELECT hour, n, interval_ms FROM sealed WHERE pdu = ? AND hour > ? ORDER BY hour LIMIT 1",
        (pdu, hour),
    ).fetchone()
    return None if found is None else SealedRow(*found)


def sealed_before(conn: sqlite3.Connection, pdu: int, hour: int) -> SealedRow | None:
    """The last sealed hour before one."""
    found = conn.execute(
        "SELECT hour, n, interval_ms FROM sealed WHERE pdu = ? AND hour < ?"
        " ORDER BY hour DESC LIMIT 1",
        (pdu, hour),
    ).fetchone()
    return None if found is None else SealedRow(*found)


def typical_ms(times: Sequence[int], before: int | None, previous: SealedRow | None) -> int:
    """How far apart the polls of an hour usually are: the (lower) median of their spacings.

    Args:
        times: Of its polls.
        before: The poll before them.
        previous: The last sealed hour before; helps where the hour has hardly any polls.
    """
    apart = [b - a for a, b in pairwise(times)]
    if len(apart) < _FEW:
        if before is not None and times:
            apart.append(times[0] - before)
        if previous is not None and previous.n > 1:
            apart.append(previous.interval_ms)
    usual = _median(apart)
    if previous is not None and _run_twice(times, usual, previous.interval_ms):
        return previous.interval_ms
    return usual


def _median(apart: list[int]) -> int:
    """The lower one; 0 of nothing."""
    return sorted(apart)[(len(apart) - 1) // 2] if apart else 0


def _run_twice(times: Sequence[int], usual: int, before: int) -> bool:
    """Whether the clock was set back, so that two runs of polls lie in one hour.

    Then a poll of the other run comes soon after each, and then one of its own as late as ever:
    spacings of 0.3 and 0.7 s in turn, which are no lost time.
    """
    if not 0 < 2 * usual < before:
        return False
    own = _median([b - a for a, b in zip(times, times[2:], strict=False)])
    return 5 * usual <= 2 * own and abs(own - before) <= before // 8


def gaps_of(times: Sequence[int], before: int | None, interval_ms: int) -> tuple[Gap, ...]:
    """Lost time before each poll of an hour, given how far apart they usually are."""
    if interval_ms <= 0 or not times:
        return ()
    longest = GAP_POLLS * interval_ms
    first = times[0] if before is None else before
    return tuple(Gap(a, b) for a, b in pairwise((first, *times)) if b - a > longest)


def oldest_hour(
    conn: sqlite3.Connection, pdu: int, end: int, but: Collection[int] = ()
) -> int | None:
    """The oldest hour before `end` that has raw rows and is not one of `but`."""
    begin_ms = -(2**63)
    while True:
        (oldest,) = conn.execute(
            f"SELECT min(ts) FROM raw_{pdu} WHERE ts >= ? AND ts < ?", (begin_ms, end * HOUR_MS)
        ).fetchone()
        if oldest is None or oldest // HOUR_MS not in but:
            return None if oldest is None else oldest // HOUR_MS
        begin_ms = (oldest // HOUR_MS + 1) * HOUR_MS
