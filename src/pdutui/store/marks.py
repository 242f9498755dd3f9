"""What happened, put together in order, each thing once.

Commands, transfers, changes of health and of identity are marked from where they are kept exactly;
what the event log says of the same is left out.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

import msgspec

from pdutui.domain.history import HOUR_MS, Level, Mark
from pdutui.domain.series import Series
from pdutui.store.audit import AuditEntry, StoredEvent
from pdutui.store.chain import time_of
from pdutui.store.happenings import (
    Asking,
    Found,
    commands,
    events,
    health,
    identities,
    is_transfer,
)
from pdutui.store.health import StoredHealth
from pdutui.store.rollups import edges
from pdutui.store.samples import Past
from pdutui.store.transfers import ACTIVE, find_transfers
from pdutui.store.waiting import Rows

_MANY = 2000
_ECHO_MS = 6000
"""So much earlier or later at most the event log says what is marked for itself."""


class Unstored(msgspec.Struct, frozen=True, kw_only=True):
    """What is not in the database yet."""

    entries: Callable[[], Sequence[AuditEntry]]
    """Asked in the reader's thread, as some of it may be in a file."""
    events: Sequence[StoredEvent]
    health: Sequence[StoredHealth]
    rows: Mapping[str, Rows]
    """By PDU."""
    frames: Mapping[str, Sequence[tuple[int, str]]]
    """By PDU."""


class MakePast(Protocol):
    """Makes the samples of a PDU readable, inside the transaction."""

    def __call__(self, pdu: str, series: Sequence[Series], rows: Rows) -> Past:
        """Of that PDU."""
        ...


def read_marks(
    conn: sqlite3.Connection,
    make_past: MakePast,
    pdus: Collection[str],
    from_ms: int,
    to_ms: int,
    *,
    limit: int,
    unstored: Unstored,
) -> list[Mark]:
    """The newest of what happened in a span, oldest first. In the reader's thread.

    Args:
        conn: Inside a read transaction.
        make_past: For the transfers.
        pdus: Whose; none means all, and what concerns no PDU.
        from_ms: The span.
        to_ms: Its end, which is not part of it.
        limit: How many.
        unstored: What waits.
    """
    if limit <= 0 or to_ms <= from_ms:
        return []
    span = Asking(frozenset(pdus), from_ms, to_ms, limit)
    wider = Asking(span.pdus, from_ms - _ECHO_MS, to_ms + _ECHO_MS, limit)
    found = [
        *identities(conn, wider, unstored.frames),
        *_transfers(conn, make_past, wider, unstored),
    ]
    entries = unstored.entries()
    for a, b in ((wider.from_ms, from_ms), (from_ms, to_ms), (to_ms, wider.to_ms)):
        some = Asking(span.pdus, a, b, limit)
        found += commands(conn, some, entries)
        found += health(conn, some, unstored.health)
    marks = [each.mark for each in found]
    with_echoes = Asking(span.pdus, from_ms, to_ms, 2 * limit + 100)
    marks += _without_echoes(events(conn, with_echoes, unstored.events), found)
    inside = [mark for mark in marks if span.has(mark.pdu, mark.ts_ms)]
    return sorted(inside, key=attrgetter("ts_ms"))[-limit:]


def _without_echoes(lines: Iterator[Mark], found: Sequence[Found]) -> Iterator[Mark]:
    by_pdu: dict[str, list[Found]] = {}
    for each in sorted(found, key=lambda one: one.mark.ts_ms):
        by_pdu.setdefault(each.mark.pdu, []).append(each)
    for line in lines:
        said = by_pdu.get(line.pdu, [])
        at = bisect_left(said, line.ts_ms - _ECHO_MS, key=lambda one: one.mark.ts_ms)
        while at < len(said) and said[at].mark.ts_ms <= line.ts_ms + _ECHO_MS:
            if said[at].echo(line.text):
                break
            at += 1
        else:
            yield line


def _transfers(
    conn: sqlite3.Connection, make_past: MakePast, asking: Asking, unstored: Unstored
) -> Iterator[Found]:
    switching = "SELECT name FROM pdu JOIN series ON series.pdu = pdu.id WHERE key = ?"
    names = {name for (name,) in conn.execute(switching, (ACTIVE.key,))}
    for pdu, rows in unstored.rows.items():
        if any(ACTIVE.key in layout.index for layout, _ in rows):
            names.add(pdu)
    for pdu in sorted(names):
        if asking.pdus and pdu not in asking.pdus:
            continue
        past = make_past(pdu, (ACTIVE,), unstored.rows.get(pdu, []))
        oldest, newest = edges(past)
        if oldest is None or newest is None:
            continue
        begin, end = max(asking.from_ms, oldest), min(asking.to_ms, newest + 1)
        for transfer in find_transfers(past, begin, end) if begin < end else ():
            level: Level = "critical" if transfer.now == "none" else "warning"
            mark = Mark(
                ts_ms=transfer.ts_ms, pdu=pdu, kind="transfer", level=level, text=transfer.text
            )
            yield Found(mark, is_transfer)


def first_mark(
    conn: sqlite3.Connection,
    make_past: MakePast,
    pdus: Collection[str],
    after_ms: int,
    *,
    unstored: Unstored,
) -> Mark | None:
    """The first of what happened to some PDUs after a moment. In the reader's thread."""
    end = _end(conn, make_past, pdus, unstored) + 1
    begin, length = after_ms + 1, HOUR_MS
    while pdus and begin < end:
        marks = read_marks(
            conn, make_past, pdus, begin, begin + length, limit=_MANY, unstored=unstored
        )
        if len(marks) == _MANY and length > 1:
            length = max(1, length // 16)  # these are the last ones of it
        elif marks:
            return marks[0]
        else:
            begin += length
            length *= 4
    return None


def _end(
    conn: sqlite3.Connection, make_past: MakePast, pdus: Collection[str], unstored: Unstored
) -> int:
    """Nothing is known of what comes after this."""
    found = [event.time for event in unstored.events]
    found += [entry.record.time for entry in unstored.entries()]
    (newest,) = conn.execute("SELECT max(time) FROM audit").fetchone()
    newest_time = time_of(newest)
    if newest_time is not None:
        found.append(newest_time)
    times = [math.ceil(time.timestamp() * 1000) for time in found]
    times += [change.ts_ms for change in unstored.health]
    for table in ("events", "health", "frame"):
        times += [ts for ts in conn.execute(f"SELECT max(ts) FROM {table}").fetchone() if ts]
    for pdu in pdus:
        times += [ts for ts in edges(make_past(pdu, (), unstored.rows.get(pdu, []))) if ts]
        times += [ts for ts, _ in unstored.frames.get(pdu, [])]
    return max(times, default=0)
