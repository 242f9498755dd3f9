"""Deleting on demand: what there is before a time, and deleting it step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator

import msgspec

from pdutui.domain.history import DAY_MS, HOUR_MS
from pdutui.store.raw import table_ids
from pdutui.store.retention import OF_ALL, OF_PDUS, RAW, bound, step
from pdutui.store.session import Session


class Doomed(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of one PDU before a time."""

    name: str
    oldest_ms: int
    readings: int
    """Sealed hours go as a whole, so those of an hour that is not over by then are not among
    them."""


class Besides(msgspec.Struct, frozen=True, kw_only=True):
    """What there is besides readings, of all PDUs together."""

    events: int
    health: int
    """Changes of it."""
    days: int
    """Days of totals of one PDU each."""
    reports: int


class Deleted(msgspec.Struct, kw_only=True):
    """What was deleted so far."""

    hours: int = 0
    """Sealed hours of one PDU each."""
    rows: int = 0
    """Readings that were not sealed."""
    days: int = 0
    """Days of totals of one PDU each."""
    events: int = 0
    reports: int = 0


def doomed(conn: sqlite3.Connection, cutoff_ms: int) -> list[Doomed]:
    """What there is before a time, by PDU; not what is kept for longer. Raises sqlite3.Error."""
    out = []
    for pdu, name in conn.execute("SELECT id, name FROM pdu ORDER BY name").fetchall():
        hour, sealed = conn.execute(
            "SELECT min(hour), total(n) FROM sealed WHERE pdu = ? AND hour < ?",
            (pdu, cutoff_ms // HOUR_MS),
        ).fetchone()
        rows, row = conn.execute(
            f"SELECT count(*), min(ts) FROM raw_{pdu} WHERE ts < ?", (cutoff_ms,)
        ).fetchone()
        oldest = [ms for ms in (hour if hour is None else hour * HOUR_MS, row) if ms is not None]
        if oldest:
            out.append(Doomed(name=name, oldest_ms=min(oldest), readings=int(sealed) + rows))
    return out


def besides(conn: sqlite3.Connection, cutoff_ms: int, totals_ms: int) -> Besides:
    """What `delete_before` would delete besides readings. Raises sqlite3.Error."""

    def count(sql: str, before: int) -> int:
        return int(conn.execute(f"SELECT count(*) FROM {sql} < ?", (before,)).fetchone()[0])

    return Besides(
        events=count("events WHERE ts", cutoff_ms),
        health=count("health WHERE ts", cutoff_ms),
        days=count(
            "(SELECT DISTINCT part.pdu, day FROM quarters JOIN part ON part.id = part) WHERE day",
            totals_ms // DAY_MS,
        ),
        reports=count("report WHERE made_ms", totals_ms),
    )


async def delete_before(
    session: Session, *, cutoff_ms: int, totals_ms: int
) -> AsyncIterator[Deleted]:
    """Delete step by step, and say after each what was deleted so far. The audit stays.

    Args:
        session: Owns the file.
        cutoff_ms: Readings, events and health before this go.
        totals_ms: Totals, gaps, reports and what PDUs said of themselves before this go.

    Raises:
        StoreTrouble, StoreFromFuture: Not all of it was deleted.
    """
    done = Deleted()
    fields = {
        "rows": "rows", "hours": "hours", "days of totals": "days", "events": "events",
        "reports": "reports",
    }  # fmt: skip
    pdus = await session.study(table_ids)
    todo = [(kind, pdu) for pdu in pdus for kind in (RAW, *OF_PDUS)]
    for kind, pdu in [*todo, *((kind, 0) for kind in OF_ALL)]:
        cutoff = totals_ms if kind.totals else cutoff_ms
        upto = await session.study(bound, kind, pdu, cutoff, None)
        while upto is not None:
            count = await session.upkeep(step, kind, pdu, upto)
            if count is None:
                break
            if kind.name in fields:
                name = fields[kind.name]
                setattr(done, name, getattr(done, name) + count)
            yield done
