"""What the polls of a PDU said: from sealed chunks, raw rows and rows that wait, each poll once."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import msgspec

from pdutui.domain.history import HOUR_MS
from pdutui.domain.series import Series
from pdutui.store.codec import DamagedChunk, unpack
from pdutui.store.hour import TIMES
from pdutui.store.layout import MISSING, Layout
from pdutui.store.query import Asked
from pdutui.store.raw import column_name
from pdutui.store.rollup_cache import RollupCache
from pdutui.store.waiting import Rows

FOREVER = 2**62
_AHEAD = 32
"""Blobs of rollups that are fetched together: a statement costs more than what it brings."""
_Row = tuple[Any, ...]
"""Unix ms, and a scaled integer or None for each wanted series."""


class Known(msgspec.Struct, frozen=True):
    """What the catalogue says of one PDU."""

    id: int
    keys: frozenset[str]
    """The series that have a column in the raw table."""
    parts: dict[str, int]
    """`outlet.3` -> its number; those that were ever sealed, and `ts`."""


def find_pdu(conn: sqlite3.Connection, name: str) -> Known | None:
    """A PDU by its name; None for one that never had a reading stored."""
    found = conn.execute("SELECT id FROM pdu WHERE name = ?", (name,)).fetchone()
    if found is None:
        return None
    keys = conn.execute("SELECT key FROM series WHERE pdu = ?", found)
    parts = conn.execute("SELECT name, id FROM part WHERE pdu = ?", found)
    return Known(found[0], frozenset(key for (key,) in keys), dict(parts))


class Samples(msgspec.Struct, frozen=True):
    """Polls of some span and what they said."""

    ts: list[int]
    """When they ended, unix ms, sorted, each once."""
    columns: dict[str, list[int | None]]
    """By key, a scaled integer for each poll; a series without any value need not be here."""

    def between(self, from_ms: int, to_ms: int) -> Samples:
        """Those from `from_ms` on and before `to_ms`."""
        a, b = bisect_left(self.ts, from_ms), bisect_left(self.ts, to_ms)
        if a == 0 and b == len(self.ts):
            return self
        return Samples(self.ts[a:b], {key: values[a:b] for key, values in self.columns.items()})


NOTHING = Samples([], {})


class Past:
    """Reads samples of one PDU inside one transaction. In the reader's thread.

    Args:
        conn: Inside a read transaction.
        asked: Whether anybody still waits.
        known: The PDU; None for one that has nothing but rows that wait.
        series: Those that are wanted.
        rows: The rows that wait in memory, taken before the transaction began.
        follower: Another program writes: of the rows that wait, those count that are newer than
            all that are stored.
        on_damage: Told the part and the hour of a chunk that cannot be read.
        cache: Rollups of this database that were read before.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        asked: Asked,
        known: Known | None,
        series: Sequence[Series],
        rows: Rows,
        *,
        follower: bool,
        on_damage: Callable[[str, int], None],
        cache: RollupCache | None = None,
    ) -> None:
        self.conn = conn
        self.asked = asked
        self.known = known
        self.series = tuple(series)
        self.cache = RollupCache() if cache is None else cache
        self._blobs: dict[tuple[str, str], tuple[int, list[bytes | None]]] = {}
        """By table and part: an hour or day and the blobs from there on."""
        self._on_damage = on_damage
        self._loose_times: dict[int, list[int]] = {}
        """Of hours that were read; a day or two of them at most, unless nothing is sealed yet."""
        self._broken: set[tuple[str, str, int]] = set()
        self._fields: dict[str, list[tuple[str, str]]] = {}
        for each in series:
            part = self._fields.setdefault(f"{each.entity}.{each.id}", [])
            part.append((each.field, each.key))
        after = self._newest_raw() if follower else None
        self._waiting = _pick(self.series, rows, after)
        self.waiting_ts = sorted(self._waiting)
        """When the polls were that wait in memory, unix ms."""

    @property
    def wanted(self) -> dict[str, list[tuple[str, str]]]:
        """The parts that are wanted: `outlet.3` -> (field, key) of each series."""
        return self._fields

    def _newest_raw(self) -> int | None:
        return self._from_raw("max(ts)", -FOREVER, FOREVER)

    def _from_raw(self, what: str, from_ms: int, to_ms: int) -> int | None:
        if self.known is None:
            return None
        found = self.conn.execute(
            f"SELECT {what} FROM raw_{self.known.id} WHERE ts >= ? AND ts < ?", (from_ms, to_ms)
        ).fetchone()[0]
        return None if found is None else int(found)

    def first_loose(self, from_ms: int, to_ms: int) -> int | None:
        """The first poll of a span that is not sealed, waiting ones included."""
        found = self._from_raw("min(ts)", from_ms, to_ms)
        place = bisect_left(self.waiting_ts, from_ms)
        if place < len(self.waiting_ts) and (waits := self.waiting_ts[place]) < to_ms:
            return waits if found is None else min(waits, found)
        return found

    def last_loose(self, from_ms: int, to_ms: int) -> int | None:
        """The last poll of a span that is not sealed, waiting ones included."""
        found = self._from_raw("max(ts)", from_ms, to_ms)
        place = bisect_left(self.waiting_ts, to_ms)
        if place and (waits := self.waiting_ts[place - 1]) >= from_ms:
            return waits if found is None else max(waits, found)
        return found

    def loose_hours(self, from_ms: int, to_ms: int) -> Iterator[int]:
        """Hours of a span that have polls which are not sealed; in order."""
        at = from_ms
        while (found := self.first_loose(at, to_ms)) is not None:
            yield found // HOUR_MS
            at = (found // HOUR_MS + 1) * HOUR_MS

    def sealed_hour(self, which: str, from_hour: int, to_hour: int) -> int | None:
        """The first (`min`) or the last (`max`) hour of some whose polls are sealed and kept."""
        ident = None if self.known is None else self.known.parts.get(TIMES)
        found = self.conn.execute(
            f"SELECT {which}(hour) FROM chunk WHERE part = ? AND hour >= ? AND hour < ?",
            (ident, from_hour, to_hour),
        ).fetchone()[0]
        return None if found is None else int(found)

    def before(self, ts: int) -> int | None:
        """The last poll before a moment, wherever it is kept."""
        found = [self.last_loose(-FOREVER, ts)]
        hour: int | None = ts // HOUR_MS + 1
        while hour is not None and (hour := self.sealed_hour("max", -FOREVER, hour)) is not None:
            times = self.times(hour) or []
            if place := bisect_left(times, ts):
                found.append(times[place - 1])
                break
        return max((each for each in found if each is not None), default=None)

    def after(self, ts: int) -> int | None:
        """The first poll from a moment on, wherever it is kept."""
        found = [self.first_loose(ts, FOREVER)]
        hour: int | None = ts // HOUR_MS - 1
        while hour is not None and (hour := self.sealed_hour("min", hour + 1, FOREVER)) is not None:
            times = self.times(hour) or []
            if (place := bisect_left(times, ts)) < len(times):
                found.append(times[place])
                break
        return min((each for each in found if each is not None), default=None)

    def hour(self, hour: int, *, loose: bool) -> Samples:
        """All polls of one hour since 1970.

        Args:
            hour: Which one.
            loose: It may have rows that are not sealed.
        """
        sealed = self._sealed(hour)
        if not loose:
            return sealed or NOTHING
        rows = self._loose_rows(hour * HOUR_MS, (hour + 1) * HOUR_MS)
        if sealed is not None and rows:
            merged = {row[0]: row for row in rows}  # what is sealed already stays as it is
            columns = [sealed.columns.get(s.key) for s in self.series]
            for place, ts in enumerate(sealed.ts):
                merged[ts] = (ts, *(None if each is None else each[place] for each in columns))
            rows = [merged[ts] for ts in sorted(merged)]
        found = self._from_rows(rows) if rows or sealed is None else sealed
        self._loose_times[hour] = found.ts
        return found

    def loose(self, from_ms: int, to_ms: int) -> Samples:
        """The polls of a span that are not sealed, waiting ones included."""
        return self._from_rows(self._loose_rows(from_ms, to_ms))

    def _loose_rows(self, from_ms: int, to_ms: int) -> list[_Row]:
        stored = self._raw(from_ms, to_ms)
        waiting = [(ts, *self._waiting[ts]) for ts in self._waiting_between(from_ms, to_ms)]
        if stored and waiting and stored[-1][0] >= waiting[0][0]:
            rows = {row[0]: row for row in (*waiting, *stored)}  # what is stored stays as it is
            return [rows[ts] for ts in sorted(rows)]
        return [*stored, *waiting]

    def stamps(self, from_ms: int, to_ms: int, block_ms: int) -> dict[int, Hashable]:
        """What tells the raw rows of a span from others, by the blocks of time that have any.

        None stands for a block with rows that wait in memory: it changes all the time.
        """
        out: dict[int, Hashable] = {}
        if self.known is not None:
            rows = self.conn.execute(
                f"SELECT ts / ?, count(*), sum(ts) FROM raw_{self.known.id} "
                "WHERE ts >= ? AND ts < ? GROUP BY 1",
                (block_ms, from_ms, to_ms),
            )
            out = {block: (count, total) for block, count, total in rows}
        for ts in self._waiting_between(from_ms, to_ms):
            out[ts // block_ms] = None
        return out

    def _from_rows(self, rows: Sequence[_Row]) -> Samples:
        if not rows:
            return NOTHING
        times, *columns = map(list, zip(*rows, strict=True))
        return Samples(times, {s.key: c for s, c in zip(self.series, columns, strict=True)})

    def loose_times(self, hour: int) -> list[int]:
        """When all polls of an hour were, some of which are not sealed."""
        known = self._loose_times.get(hour)
        if known is not None:
            return known
        begin, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
        stored: list[int] = []
        if self.known is not None:
            rows = self.conn.execute(
                f"SELECT ts FROM raw_{self.known.id} WHERE ts >= ? AND ts < ? ORDER BY ts",
                (begin, end),
            )
            stored = [ts for (ts,) in rows]
        others = (*(self.times(hour) or ()), *self._waiting_between(begin, end))
        return sorted({*stored, *others}) if others else stored

    def _waiting_between(self, from_ms: int, to_ms: int) -> list[int]:
        times = self.waiting_ts
        return times[bisect_left(times, from_ms) : bisect_left(times, to_ms)]

    def _raw(self, from_ms: int, to_ms: int) -> list[_Row]:
        if self.known is None:
            return []
        names = [column_name(s) if s.key in self.known.keys else "NULL" for s in self.series]
        return self.conn.execute(
            f"SELECT {', '.join(['ts', *names])} FROM raw_{self.known.id} "
            "WHERE ts >= ? AND ts < ? ORDER BY ts",
            (from_ms, to_ms),
        ).fetchall()

    def _sealed(self, hour: int) -> Samples | None:
        """What is sealed of an hour; None if nothing is."""
        times = self.times(hour)
        if times is None:
            return None
        columns: dict[str, list[int | None]] = {}
        for part in self._fields:
            columns |= self.columns(part, hour, times)
        return Samples(times, columns)

    def columns(self, part: str, hour: int, times: Sequence[int]) -> dict[str, list[int | None]]:
        """What is sealed of the wanted series of one part in an hour, by key.

        Args:
            part: Such as `outlet.3`.
            hour: Since 1970.
            times: When its polls were; what has another number of values is damaged.
        """
        fields = self._fields[part]
        found = self.unpacked("chunk", part, hour, [field for field, _ in fields])
        columns: dict[str, list[int | None]] = {}
        for field, key in fields:
            values = found.get(field)
            if values is not None and len(values) == len(times):
                columns[key] = values
            elif values is not None:
                self._on_damage(part, hour)
        return columns

    def times(self, hour: int) -> list[int] | None:
        """When the polls of a sealed hour were; None if it is not sealed, or not kept."""
        found = self.unpacked("chunk", TIMES, hour, [TIMES])
        times = found.get(TIMES)
        return None if times is None else [t for t in times if t is not None]

    def unpacked(
        self, table: str, part: str, unit: int, fields: Sequence[str]
    ) -> dict[str, list[int | None]]:
        """The columns of one blob of `chunk`, `minutes` or `quarters`; empty without one."""
        self.asked.step()
        z = self.blob(table, part, unit)
        if z is None:
            return {}
        try:
            return unpack(z, fields)
        except DamagedChunk:
            self._broken.add((table, part, unit))
            self._on_damage(part, unit if table != "quarters" else unit * 24)
            return {}

    def blob(self, table: str, part: str, unit: int) -> bytes | None:
        """The blob of an hour or day; None without one. Those after it are fetched with it."""
        ident = None if self.known is None else self.known.parts.get(part)
        if ident is None:
            return None
        first, ahead = self._blobs.get((table, part), (0, []))
        if not first <= unit < first + len(ahead):
            length, by = (1, "hour") if table == "chunk" else (_AHEAD, "hour")
            by = "day" if table == "quarters" else by
            rows = self.conn.execute(
                f"SELECT {by}, z FROM {table} WHERE part = ? AND {by} >= ? AND {by} < ?",
                (ident, unit, unit + length),
            )
            first, ahead = unit, [None] * length
            for at, z in rows:
                ahead[at - unit] = z
            self._blobs[table, part] = first, ahead
        return ahead[unit - first]

    def broken(self, table: str, unit: int) -> set[str]:
        """Parts whose blob of that hour or day was found damaged."""
        return {part for at, part, which in self._broken if (at, which) == (table, unit)}


def _pick(
    series: Sequence[Series], rows: Rows, after: int | None
) -> dict[int, Sequence[int | None]]:
    """The wanted values of rows that wait, by time; of two rows of one time the first."""
    out: dict[int, Sequence[int | None]] = {}
    places: dict[Layout, list[int | None]] = {}
    for layout, (ts, values) in rows:
        if ts in out or (after is not None and ts <= after):
            continue
        if layout not in places:
            places[layout] = [layout.index.get(s.key) for s in series]
        picked = [MISSING if place is None else values[place] for place in places[layout]]
        out[ts] = [None if value == MISSING else value for value in picked]
    return out
