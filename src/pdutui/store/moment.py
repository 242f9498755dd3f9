"""A PDU as it was at a moment: the last poll up to it, as a whole Reading.

Replay asks for one moment after the other. An hour that is sealed is unpacked once and a few
minutes of it are kept as rows, so that the next moments cost nothing; what is not sealed yet is
one row of a table.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec

from pdutui.domain.history import HOUR_MS, Moment
from pdutui.domain.reading import Reading
from pdutui.store.codec import DamagedChunk, unpack, unpack_rows
from pdutui.store.frames import StoredFrame, frame_at, read_frame
from pdutui.store.hour import TIMES
from pdutui.store.layout import MISSING
from pdutui.store.query import Asked
from pdutui.store.rebuilt import rebuilt
from pdutui.store.waiting import Rows

_AHEAD, _BACK = 300, 60
"""Rows that are kept around the one that was asked for: replay goes on, seldom back."""
_MOST_CELLS = 3_000_000
"""Values in memory; fifty PDUs of 24 outlets, replayed together, have 2.4 million."""
_MOST_HOURS = 2
"""Of each PDU: the one that is replayed and the one before, where somebody steps to and fro."""
_MOST_FRAMES = 256

OnDamage = Callable[[str, int], None]
"""Told the part and the hour of a chunk that cannot be read."""
Keys = tuple[str, ...]
Values = Sequence[int | None]


class _Window(msgspec.Struct, frozen=True):
    """Some rows of a sealed hour that follow each other."""

    ts: Sequence[int]
    keys: Keys
    rows: list[tuple[int | None, ...]]
    whole: bool
    """Every chunk of the hour could be read."""
    first: bool
    last: bool
    """The first and the last row of the hour are among them."""


class _Found(msgspec.Struct, frozen=True):
    """A row."""

    ts: int
    keys: Keys
    values: Values
    whole: bool = True


class Moments:
    """Finds moments. One connection at a time; with another one it starts afresh."""

    def __init__(self) -> None:
        self._conn: sqlite3.Connection | None = None
        self._windows: OrderedDict[tuple[int, int], _Window] = OrderedDict()
        """By number of the PDU and hour, the one used last at the end."""
        self._stamps: dict[tuple[int, int], int] = {}
        """How many polls the hour had when it was unpacked: sealed again, it has others."""
        self._cells = 0
        self._frames: OrderedDict[tuple[str, str], Reading | None] = OrderedDict()
        self._columns: dict[int, tuple[int, dict[str, str]]] = {}

    def find(
        self,
        conn: sqlite3.Connection,
        asked: Asked,
        pdu: str,
        at_ms: int,
        within_ms: int,
        *,
        rows: Rows,
        frames: Sequence[StoredFrame],
        follower: bool,
        on_damage: OnDamage,
    ) -> Moment | None:
        """The last reading up to `at_ms`, none older than `within_ms` before it.

        Args:
            conn: Inside a read transaction.
            asked: Whether anybody still waits.
            pdu: Its name.
            at_ms: The moment, unix ms.
            within_ms: How far back to look.
            rows: Rows of the PDU that wait in memory, taken before the transaction began.
            frames: Its frames that wait in memory, oldest first.
            follower: Another program writes: of the rows that wait, those count that are newer
                than all that are stored.
            on_damage: Told of chunks that cannot be read.

        Raises:
            sqlite3.Error: It cannot be read.
            Interrupted: Nobody waits any more.
        """
        if conn is not self._conn:
            self.__init__()  # type: ignore[misc]
            self._conn = conn
        known = conn.execute("SELECT id FROM pdu WHERE name = ?", (pdu,)).fetchone()
        ident: int | None = None if known is None else known[0]
        found = _waiting(rows, at_ms, self._newest(ident) if follower else None)
        if ident is not None:
            oldest = at_ms - within_ms if found is None else max(at_ms - within_ms, found.ts)
            found = self._raw(conn, ident, at_ms, oldest) or found
            oldest = oldest if found is None else max(oldest, found.ts)
            found = self._sealed(conn, asked, ident, at_ms, oldest, on_damage) or found
        if found is None or found.ts < at_ms - within_ms:
            return None
        reading, complete = rebuilt(
            pdu,
            found.ts,
            self._frame(conn, ident, pdu, found.ts, frames),
            dict(zip(found.keys, found.values, strict=True)),
        )
        return Moment(reading=reading, complete=complete and found.whole)

    def _newest(self, ident: int | None) -> int | None:
        if ident is None or self._conn is None:
            return None
        (newest,) = self._conn.execute(f"SELECT max(ts) FROM raw_{ident}").fetchone()
        return None if newest is None else int(newest)

    # -- rows that are not sealed ------------------------------------------------------------

    def _raw(
        self, conn: sqlite3.Connection, ident: int, at_ms: int, oldest_ms: int
    ) -> _Found | None:
        cursor = conn.execute(
            f"SELECT * FROM raw_{ident} WHERE ts <= ? AND ts >= ? ORDER BY ts DESC LIMIT 1",
            (at_ms, oldest_ms),
        )
        row = cursor.fetchone()
        if row is None:
            return None
        names = [column for column, *_ in cursor.description]
        keys = self._keys(conn, ident, len(names))
        return _Found(row[0], tuple(keys[name] for name in names[1:]), row[1:])

    def _keys(self, conn: sqlite3.Connection, ident: int, width: int) -> dict[str, str]:
        """The series of each column; columns only ever come to a table."""
        known = self._columns.get(ident)
        if known is None or known[0] != width:
            found = conn.execute("SELECT col, key FROM series WHERE pdu = ?", (ident,))
            known = self._columns[ident] = (width, dict(found.fetchall()))
        return known[1]

    # -- sealed hours ------------------------------------------------------------------------

    def _sealed(
        self,
        conn: sqlite3.Connection,
        asked: Asked,
        ident: int,
        at_ms: int,
        oldest_ms: int,
        on_damage: OnDamage,
    ) -> _Found | None:
        hour = at_ms // HOUR_MS
        while True:
            row = conn.execute(
                "SELECT hour, n FROM sealed WHERE pdu = ? AND hour <= ? AND hour >= ?"
                " ORDER BY hour DESC LIMIT 1",
                (ident, hour, oldest_ms // HOUR_MS),
            ).fetchone()
            if row is None:
                return None
            asked.step()
            hour = row[0]
            found = self._in_hour(conn, asked, (ident, hour), row[1], at_ms, on_damage)
            if found is not None:
                return found if found.ts >= oldest_ms else None
            hour -= 1

    def _in_hour(
        self,
        conn: sqlite3.Connection,
        asked: Asked,
        which: tuple[int, int],
        polls: int,
        at_ms: int,
        on_damage: OnDamage,
    ) -> _Found | None:
        window = self._windows.get(which)
        if window is None or self._stamps[which] != polls or not _covers(window, at_ms):
            window = _unpacked(conn, asked, *which, at_ms, on_damage)
            if window is None:
                return None
            self._keep(which, polls, window)
        self._windows.move_to_end(which)
        place = bisect_right(window.ts, at_ms) - 1
        if place < 0:
            return None
        return _Found(window.ts[place], window.keys, window.rows[place], window.whole)

    def _keep(self, which: tuple[int, int], polls: int, window: _Window) -> None:
        self._drop(which)
        hours = [other for other in self._windows if other[0] == which[0]]
        for other in hours[: len(hours) + 1 - _MOST_HOURS]:
            self._drop(other)
        self._windows[which], self._stamps[which] = window, polls
        self._cells += _cells(window)
        while self._cells > _MOST_CELLS and len(self._windows) > 1:
            self._drop(next(iter(self._windows)))

    def _drop(self, which: tuple[int, int]) -> None:
        window = self._windows.pop(which, None)
        if window is not None:
            del self._stamps[which]
            self._cells -= _cells(window)

    # -- frames ------------------------------------------------------------------------------

    def _frame(
        self,
        conn: sqlite3.Connection,
        ident: int | None,
        pdu: str,
        ts: int,
        waiting: Sequence[StoredFrame],
    ) -> Reading | None:
        stored = None if ident is None else frame_at(conn, ident, ts)
        new = max((f for f in waiting if f[0] <= ts), key=lambda f: f[0], default=None)
        frame = new if stored is None or (new is not None and new[0] >= stored[0]) else stored
        if frame is None:
            return None
        which = (pdu, frame[1])
        if which not in self._frames:
            self._frames[which] = read_frame(*which)
            if len(self._frames) > _MOST_FRAMES:
                self._frames.popitem(last=False)
        self._frames.move_to_end(which)
        return self._frames[which]


def _waiting(rows: Rows, at_ms: int, after: int | None) -> _Found | None:
    """The last row in memory up to a moment; of two rows of one time the first."""
    best: tuple[int, int] | None = None
    for place, (_, (ts, _)) in enumerate(rows):
        if ts <= at_ms and (after is None or ts > after) and (best is None or ts > best[0]):
            best = (ts, place)
    if best is None:
        return None
    layout, (ts, values) = rows[best[1]]
    return _Found(ts, tuple(layout.index), [
        None if (value := values[i]) == MISSING else value for i in layout.index.values()
    ])  # fmt: skip


def _covers(window: _Window, at_ms: int) -> bool:
    return (window.first or window.ts[0] <= at_ms) and (window.last or at_ms < window.ts[-1])


def _cells(window: _Window) -> int:
    return len(window.rows) * (len(window.keys) + 2)


def _unpacked(
    conn: sqlite3.Connection,
    asked: Asked,
    ident: int,
    hour: int,
    at_ms: int,
    on_damage: OnDamage,
) -> _Window | None:
    """The rows of a sealed hour around a moment; None where its times are not there any more."""
    blobs = conn.execute(
        "SELECT part.name, z FROM part CROSS JOIN chunk ON chunk.part = part.id AND chunk.hour = ?"
        " WHERE part.pdu = ?",
        (hour, ident),
    ).fetchall()
    ts = _times(dict(blobs).get(TIMES), hour, on_damage)
    if ts is None:
        return None
    place = max(0, bisect_right(ts, at_ms) - 1)
    a, b = max(0, place - _BACK), place + _AHEAD
    columns: dict[str, list[int | None]] = {}
    whole = True
    for name, z in blobs:
        if name == TIMES:
            continue
        asked.step()
        try:
            length, found = unpack_rows(z, a, b)
        except DamagedChunk:
            length, found = 0, {}
        if length == len(ts):
            columns |= {f"{name}.{field}": values for field, values in found.items()}
        else:
            on_damage(name, hour)
            whole = False
    rows: list[tuple[int | None, ...]] = list(zip(*columns.values(), strict=True))
    return _Window(
        ts=ts[a:b], keys=tuple(columns), rows=rows or [()] * len(ts[a:b]), whole=whole,
        first=a == 0, last=b >= len(ts),
    )  # fmt: skip


def _times(z: bytes | None, hour: int, on_damage: OnDamage) -> list[int] | None:
    if z is None:
        return None
    try:
        return [ts for ts in unpack(z).get(TIMES, ()) if ts is not None] or None
    except DamagedChunk:
        on_damage(TIMES, hour)
        return None
