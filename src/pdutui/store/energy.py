"""What energy figures are made of: the quarters of an hour of every meter of a PDU.

Sealed hours give their quarters; of hours that are not sealed, or have rows beside what is sealed,
they are made of the polls, in the same way. Blocks; in the reader's thread.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from pdutui.domain.energy import account
from pdutui.domain.energy_report import PduMeters
from pdutui.domain.energy_time import Cover, Lost
from pdutui.domain.history import DAY_MS, HOUR_MS, QUARTER_MS
from pdutui.domain.ledger import Ledger, Meter
from pdutui.domain.reading import Reading
from pdutui.domain.report_model import KINDS, Kind
from pdutui.store.codec import DamagedChunk, unpack
from pdutui.store.energy_parts import (
    Identity,
    ceiling_w_of,
    identity_of,
    in_order,
    names_of,
    ratings,
    series_of,
)
from pdutui.store.frames import frame_at, read_frame
from pdutui.store.lapses import find_lapses
from pdutui.store.query import Asked
from pdutui.store.rollup import Columns, on_top, rolled_up, slices, with_hour
from pdutui.store.samples import Past, find_pdu
from pdutui.store.waiting import Rows

_QUARTERS_A_DAY = DAY_MS // QUARTER_MS
_WANTED = (
    "at", "state.n", "energy_kwh.n", "energy_kwh.min", "energy_kwh.max", "energy_kwh.last",
    "power_w.n", "power_w.sum", "power_w.max",
)  # fmt: skip
_FIELDS = ("energy_kwh", "power_w")
_LONGEST_BRIDGE_DAYS = 62
"""A counter bridges lost time up to this."""


def read_meters(
    conn: sqlite3.Connection,
    asked: Asked,
    pdu: str,
    from_ms: int,
    to_ms: int,
    *,
    rows: Rows,
    follower: bool,
    now_ms: int,
    kinds: Collection[Kind] = KINDS,
    on_damage: Callable[[str, int], None] = lambda _part, _hour: None,
) -> PduMeters | None:
    """The energy of every part of a PDU, with what is around the span that bears on it.

    Args:
        conn: Inside a read transaction.
        asked: Whether anybody still waits.
        pdu: Its name.
        from_ms: Where the span begins.
        to_ms: And ends.
        rows: Those that wait in memory.
        follower: Another program writes them.
        now_ms: Unix ms.
        kinds: Parts of these kinds alone.
        on_damage: Told the part and the hour of what cannot be read.

    Returns:
        None if nothing is known of it in the span.
    """
    known = find_pdu(conn, pdu)
    if known is None:
        return None
    parts = {
        part
        for part in (*known.parts, *(key.rpartition(".")[0] for key in known.keys))
        if part.partition(".")[0] in kinds
    }
    series = [
        series
        for part in sorted(parts)
        for field in _FIELDS
        if (series := series_of(part, field)).key in known.keys
    ]
    past = Past(conn, asked, known, series, rows, follower=follower, on_damage=on_damage)
    return _Reader(past, pdu, sorted(parts), now_ms, kinds, on_damage).read(from_ms, to_ms)


class _Reader:
    """Reads one PDU."""

    def __init__(
        self, past: Past, pdu: str, parts: list[str], now_ms: int, kinds: Collection[Kind],
        on_damage: Callable[[str, int], None],
    ) -> None:  # fmt: skip
        assert past.known is not None
        self._past = past
        self._ident = past.known.id
        self._pdu = pdu
        self._parts = parts
        self._now_ms = now_ms
        self._kinds = kinds
        self._on_damage = on_damage
        self._loose: dict[int, dict[str, Columns]] = {}
        """Of hours with rows that are not sealed: by hour, by part."""
        self._late: set[int] = set()
        """Those of which nothing but quarters may be kept beside."""

    def read(self, from_ms: int, to_ms: int) -> PduMeters | None:
        days = self._days(from_ms // DAY_MS, -(-to_ms // DAY_MS))
        self._read_loose(days)
        meters = {part: self._meter(part, days) for part in self._parts}
        polls = _polls(meters.values())
        inside = range(from_ms // QUARTER_MS, -(-to_ms // QUARTER_MS))
        if not any(q in inside for q in polls):
            return None
        cover = self._cover(polls)
        frame = self._frame(to_ms)
        ledgers: dict[str, Ledger | None] = {}
        for part in in_order(meters, frame):
            if part.partition(".")[0] not in self._kinds:
                continue
            meter = meters.pop(part, None)
            there = part in (self._parts if frame is None else ratings(frame))
            if meter is None or not any(q in inside for q in meter.at):
                if there:
                    ledgers[part] = None
                continue
            self._past.asked.step()
            measured = any(meter.energy_n) or any(meter.power_n)
            ceiling = ceiling_w_of(part, frame)
            ledgers[part] = (
                account(meter, cover, part=part, ceiling_w=ceiling) if measured else None
            )
        return PduMeters(
            pdu=self._pdu,
            polled=polls,
            ledgers=ledgers,
            names=names_of(ledgers, frame),
            lost=cover.lost,
        )

    # -- quarters ----------------------------------------------------------------------------

    def _days(self, first: int, end: int) -> list[int]:
        """The days of the span, and the next ones before and after that have anything."""
        far = _LONGEST_BRIDGE_DAYS
        before = [
            self._nearest("max", first - far, first),
            _day(self._past.last_loose((first - far) * DAY_MS, first * DAY_MS)),
        ]
        after = [
            self._nearest("min", end, end + far),
            _day(self._past.first_loose(end * DAY_MS, (end + far) * DAY_MS)),
        ]
        days = set(range(first, end))
        days |= {max((day for day in before if day is not None), default=first)}
        days |= {min((day for day in after if day is not None), default=first)}
        return sorted(days)

    def _nearest(self, which: str, from_day: int, to_day: int) -> int | None:
        assert self._past.known is not None
        found: set[int] = set()
        for part in self._parts:
            ident = self._past.known.parts.get(part)
            (day,) = self._past.conn.execute(
                f"SELECT {which}(day) FROM quarters WHERE part = ? AND day >= ? AND day < ?",
                (ident, from_day, to_day),
            ).fetchone()
            found |= set() if day is None else {day}
        return (max if which == "max" else min)(found, default=None)

    def _read_loose(self, days: list[int]) -> None:
        """The quarters of hours that have rows which are not sealed, from all their polls."""
        if not days:
            return
        for hour in self._past.loose_hours(days[0] * DAY_MS, (days[-1] + 1) * DAY_MS):
            samples = self._past.hour(hour, loose=True)
            steps = slices(samples.ts, hour // 24 * DAY_MS, QUARTER_MS)
            made = self._loose[hour] = {}
            if self._past.times(hour) is None:
                self._late.add(hour)
            for part, fields in self._past.wanted.items():
                columns = {
                    field: samples.columns[key] for field, key in fields if key in samples.columns
                }
                if any(v is not None for column in columns.values() for v in column):
                    made[part] = rolled_up(columns, steps)
                    made[part]["state.n"] = [end - begin for _, begin, end in steps]

    def _meter(self, part: str, days: Iterable[int]) -> Meter | None:
        columns: dict[str, list[int | None]] = {name: [] for name in _WANTED}
        stored = self._stored(part, days)
        for day in days:
            found = stored.get(day, {})
            for hour, made in self._loose.items():
                if hour // 24 == day and part in made:
                    late = made[part]
                    if hour in self._late:
                        late = on_top(found, late, hour)
                    found = with_hour(found, late, hour)
            if "at" not in found:
                continue
            at = found["at"]
            for name, column in columns.items():
                if name == "at":
                    column += [day * _QUARTERS_A_DAY + (q or 0) for q in at]
                else:
                    column += found.get(name) or [None] * len(at)
        if not columns["at"]:
            return None
        return Meter(
            at=[q or 0 for q in columns["at"]],
            energy_n=_counts(columns["energy_kwh.n"]),
            energy_min=columns["energy_kwh.min"],
            energy_max=columns["energy_kwh.max"],
            energy_last=columns["energy_kwh.last"],
            power_n=_counts(columns["power_w.n"]),
            power_sum=columns["power_w.sum"],
            power_max=columns["power_w.max"],
            state_n=_counts(columns["state.n"]),
        )

    def _stored(self, part: str, days: Iterable[int]) -> dict[int, Columns]:
        """The quarters of the hours that are sealed, by day."""
        self._past.asked.step()
        assert self._past.known is not None
        wanted = set(days)
        rows = self._past.conn.execute(
            "SELECT day, z FROM quarters WHERE part = ? AND day >= ? AND day <= ?",
            (self._past.known.parts.get(part), min(wanted), max(wanted)),
        )
        out: dict[int, Columns] = {}
        for day, z in rows:
            if day not in wanted:
                continue
            try:
                out[day] = unpack(z, _WANTED)
            except DamagedChunk:
                self._on_damage(part, day * 24)
        return out

    # -- time --------------------------------------------------------------------------------

    def _cover(self, polls: dict[int, int]) -> Cover:
        past = self._past
        oldest, newest = min(polls) * QUARTER_MS, (max(polls) + 1) * QUARTER_MS
        first, last = past.after(oldest), past.before(newest)
        if first is not None and first // QUARTER_MS == oldest // QUARTER_MS:
            oldest = first
        if last is not None and (last // QUARTER_MS + 1) * QUARTER_MS == newest:
            newest = last
        return Cover(
            oldest_ms=oldest,
            newest_ms=newest,
            polls=polls,
            lost=self._lost(oldest, newest, polls),
            replaced=self._replaced(oldest, newest),
        )

    def _lost(self, oldest: int, newest: int, polls: dict[int, int]) -> list[Lost]:
        past = self._past
        tail = min(self._loose, default=newest // HOUR_MS + 1) * HOUR_MS
        gaps = past.conn.execute(
            "SELECT from_ms, to_ms FROM gap"
            " WHERE pdu = ? AND to_ms > ? AND to_ms < ? ORDER BY to_ms",
            (self._ident, oldest, min(tail, newest + 1)),
        ).fetchall()
        intervals: dict[int, int] = dict(
            past.conn.execute(
                "SELECT hour, interval_ms FROM sealed WHERE pdu = ? AND hour >= ? AND hour <= ?",
                (self._ident, oldest // HOUR_MS, newest // HOUR_MS),
            ).fetchall()
        )
        usual = round(QUARTER_MS / Counter(polls.values()).most_common(1)[0][0])
        if tail <= newest:
            begin = past.before(tail)
            lapses = find_lapses(
                past,
                tail if begin is None else begin,
                newest,
                newest_ms=newest,
                now_ms=self._now_ms,
            )
            gaps += [(gap.from_ms, gap.to_ms) for gap in lapses.gaps]
            usual = lapses.interval_ms or usual
        return [Lost(a, b, min(b, a + (intervals.get(b // HOUR_MS) or usual))) for a, b in gaps]

    def _replaced(self, oldest: int, newest: int) -> list[int]:
        """When a device answered that was not the one before."""
        rows = self._past.conn.execute(
            "SELECT ts, json FROM frame WHERE pdu = ? AND ts <= ?"
            " AND ts >= coalesce((SELECT max(ts) FROM frame WHERE pdu = ? AND ts <= ?), 0)"
            " ORDER BY ts",
            (self._ident, newest, self._ident, oldest),
        )
        out: list[int] = []
        was = Identity()
        for ts, json in rows:
            now = identity_of(json)
            if now is None:
                continue
            if now.is_other(was):
                out.append(ts)
            was = Identity(now.serial or was.serial, now.model or was.model)
        return out

    def _frame(self, to_ms: int) -> Reading | None:
        """What the PDU said of itself at the end of the span, or first of all after it."""
        found = frame_at(self._past.conn, self._ident, to_ms - 1)
        if found is None:
            found = self._past.conn.execute(
                "SELECT ts, json FROM frame WHERE pdu = ? ORDER BY ts LIMIT 1", (self._ident,)
            ).fetchone()
        return None if found is None else read_frame(self._pdu, found[1])


def _day(ms: int | None) -> int | None:
    return None if ms is None else ms // DAY_MS


def _counts(column: list[int | None]) -> list[int]:
    return [n or 0 for n in column]


def _polls(meters: Iterable[Meter | None]) -> dict[int, int]:
    """How many polls there were in each quarter: as many as the most of any part had."""
    polls: dict[int, int] = {}
    before: tuple[list[int], list[int]] | None = None
    for meter in meters:
        if meter is None:
            continue
        counts = list(map(max, meter.energy_n, meter.power_n, meter.state_n))
        if before == (meter.at, counts):
            continue  # nearly always all parts were read by the same polls
        before = meter.at, counts
        for q, n in zip(meter.at, counts, strict=True):
            if n > polls.get(q, 0):
                polls[q] = n
    return polls
