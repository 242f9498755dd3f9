"""Raw tables: one per PDU, made and widened from the rows that come, and their views.

Everything here runs in the writer's thread. Names of tables and columns are made from numbers
and the closed vocabulary of `domain.series`, never from what a user or a device calls things.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from pdutui.domain.series import Series, parse_series
from pdutui.store.layout import MISSING, Layout, Row

MAX_COLUMNS = 1900
"""SQLite's limit is 2000. A PDU of 54 outlets needs about 400; what is beyond is not kept."""
MAX_SENSOR_COLUMNS = 400
"""Of these. Sensors are told apart by what they are called, so one that is called something else
again and again must not take the room of outlets."""
_MOST_INSERTS = 64
"""A device that changes shape with every poll must not fill the memory."""

_ENTITIES = ("inlet", "phase", "bank", "outlet", "source", "ats", "sensor")
_Pick = Callable[[Sequence[int]], tuple[int, ...]]


class Insert(msgspec.Struct, frozen=True):
    """How the rows of one layout go into one table as it is now."""

    sql: str
    pick: _Pick
    """From a row, the values that have a column."""
    rest: tuple[int, ...]
    """Places in the row that have no column yet."""


class RawTable:
    """What is known of one PDU's table."""

    def __init__(self, ident: int, columns: Iterable[str] | None) -> None:
        self.id = ident
        self.name = f"raw_{ident}"
        self.made = columns is not None
        """The table has its columns; they are made with its first rows, to know which."""
        self.empty = False
        """It is there without any, for the sake of what else is known of the PDU."""
        self.columns = set(columns or ())
        """Keys of the series that have a column."""
        self._inserts: dict[Layout, Insert] = {}

    def insert(self, layout: Layout) -> Insert:
        """The statement for rows of a layout; kept, as it is the same every time."""
        made = self._inserts.get(layout)
        if made is None:
            if len(self._inserts) >= _MOST_INSERTS:
                self._inserts.clear()
            keys = [k for k in layout.index if k in self.columns]
            names = "".join(f", {column_name(parse_series(k))}" for k in keys)
            marks = ", ?" * len(keys)
            made = self._inserts[layout] = Insert(
                f"INSERT OR IGNORE INTO {self.name} (ts{names}) VALUES (?{marks})",
                _picker([layout.index[k] for k in keys]),
                tuple(i for k, i in layout.index.items() if k not in self.columns),
            )
        return made


def _picker(places: list[int]) -> _Pick:
    if not places:
        return lambda _: ()
    if len(places) == 1:
        only = places[0]
        return lambda row: (row[only],)
    getter: Callable[[Any], tuple[int, ...]] = itemgetter(*places)
    return getter


def column_name(series: Series) -> str:
    """`outlet_3_power_w`."""
    return f"{series.entity}_{series.id}_{series.field}"


class Catalogue:
    """The tables of one open database. Forget it after a rollback: it may be ahead of the file.

    Args:
        conn: The database.
        on_full: Told the name of a PDU of which not all values are kept, as it has too many.
    """

    def __init__(
        self, conn: sqlite3.Connection, *, on_full: Callable[[str], None] = lambda _: None
    ) -> None:
        self._conn = conn
        self._on_full = on_full
        self._tables: dict[str, RawTable] = {}

    def table(self, pdu: str) -> RawTable:
        """The table of a PDU, made if it is not there. Inside a transaction."""
        table = self._tables.get(pdu)
        if table is None:
            row = self._conn.execute("SELECT id FROM pdu WHERE name = ?", (pdu,)).fetchone()
            table = self._load(row[0]) if row else self._create(pdu)
            self._tables[pdu] = table
        return table

    def _load(self, ident: int) -> RawTable:
        keys = [k for (k,) in self._conn.execute("SELECT key FROM series WHERE pdu = ?", (ident,))]
        if not keys and not self._conn.execute(f"SELECT 1 FROM raw_{ident} LIMIT 1").fetchone():
            return RawTable(ident, None)
        return RawTable(ident, keys)

    def ident(self, pdu: str) -> int:
        """The number of a PDU, which may not have been read yet. Inside a transaction.

        Whatever has a number has a raw table and a view, if need be empty ones.
        """
        table = self.table(pdu)
        if not table.made and not table.empty:
            self._conn.execute(f"CREATE TABLE IF NOT EXISTS {table.name} (ts INTEGER PRIMARY KEY)")
            self._renew_view(table, ())
            table.empty = True
        return table.id

    def _create(self, pdu: str) -> RawTable:
        cursor = self._conn.execute("INSERT INTO pdu (name, view) VALUES (?, '')", (pdu,))
        ident = int(cursor.lastrowid or 0)
        view = self._free_view_name(pdu, ident)
        self._conn.execute("UPDATE pdu SET view = ? WHERE id = ?", (view, ident))
        return RawTable(ident, None)

    def _free_view_name(self, pdu: str, ident: int) -> str:
        """`pdu_rack1_a`; two PDUs whose names differ only in punctuation get a number each."""
        plain = re.sub(r"[^a-z0-9]+", "_", pdu.lower()).strip("_")[:60]
        name = f"pdu_{plain}" if plain else f"pdu_{ident}"
        while self._conn.execute(
            "SELECT 1 FROM sqlite_master WHERE name = ?1 UNION SELECT 1 FROM pdu WHERE view = ?1",
            (name,),
        ).fetchone():  # twice where another one is called `rack1-a-7`
            name = f"{name}_{ident}"
        return name

    def widen(self, pdu: str, keys: Iterable[str]) -> None:
        """Add columns for these series, making the table if need be, and renew the view.

        A new table gets its columns at once: every ALTER makes SQLite parse the whole schema
        again, which for a fleet's first ten seconds came to five seconds of work.
        """
        table = self.table(pdu)
        new = _fitting(sorted((parse_series(k) for k in keys), key=natural), table.columns)
        if table.made:
            for series in new:
                self._conn.execute(
                    f"ALTER TABLE {table.name} ADD COLUMN {column_name(series)} INTEGER"
                )
        else:
            columns = "".join(f", {column_name(series)} INTEGER" for series in new)
            self._conn.execute(f"DROP TABLE IF EXISTS {table.name}")  # made by `ident`, empty
            self._conn.execute(f"CREATE TABLE {table.name} (ts INTEGER PRIMARY KEY{columns})")
        self._conn.executemany(
            "INSERT INTO series (pdu, key, col, units_per, codes) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    table.id,
                    s.key,
                    column_name(s),
                    s.units_per,
                    json.dumps(s.codes) if s.codes else None,
                )
                for s in new
            ],
        )
        if new or not table.made:
            known = table.columns | {s.key for s in new}
            self._tables[pdu] = RawTable(table.id, known)
            self._renew_view(table, known)

    def _renew_view(self, table: RawTable, keys: Iterable[str]) -> None:
        (view,) = self._conn.execute("SELECT view FROM pdu WHERE id = ?", (table.id,)).fetchone()
        self._conn.execute(f"DROP VIEW IF EXISTS {view}")
        self._conn.execute(view_sql(view, table.name, [parse_series(k) for k in keys]))

    def write(self, pdu: str, layout: Layout, rows: Sequence[Row]) -> None:
        """Insert rows of one layout, oldest first. A row that is there already is left as it is.

        Inside a transaction.
        """
        table = self.table(pdu)
        insert = table.insert(layout)
        if insert.rest or not table.made:
            fresh = {i for _, values in rows for i in insert.rest if values[i] != MISSING}
            if fresh or not table.made:
                self.widen(pdu, _of_the_same_kind(layout, fresh, table.columns))
                insert = self.table(pdu).insert(layout)
            if not fresh.isdisjoint(insert.rest):
                self._on_full(pdu)
        pick = insert.pick
        self._conn.executemany(
            insert.sql,
            [
                (ts, *[None if v == MISSING else v for v in pick(values)])
                for ts, values in rows
            ],
        )  # fmt: skip


def _of_the_same_kind(layout: Layout, fresh: set[int], known: set[str]) -> list[str]:
    """The series that are new, and their like on the other parts of that kind.

    Where one outlet has a power factor the others will have one once they are loaded: better a
    column that is NULL for a while (a byte a row) than one ALTER after another.
    """
    kinds = {(layout.series[i].entity, layout.series[i].field) for i in fresh}
    return [
        key
        for key, i in layout.index.items()
        if (layout.series[i].entity, layout.series[i].field) in kinds and key not in known
    ]


def _fitting(new: Sequence[Series], known: Collection[str]) -> list[Series]:
    """Those new series that there is room for beside the known ones; sensors have less of it."""
    sensors = sum(key.startswith("sensor.") for key in known)
    others = [series for series in new if series.entity != "sensor"]
    room = max(0, MAX_COLUMNS - len(known))
    room_sensors = min(max(0, MAX_SENSOR_COLUMNS - sensors), max(0, room - len(others)))
    return others[:room] + [series for series in new if series.entity == "sensor"][:room_sensors]


def natural(series: Series) -> tuple[int, int, str, str]:
    """Sort key: inlets, banks, outlets …, each by number."""
    number = int(series.id) if series.id.isdecimal() else 0
    return (_ENTITIES.index(series.entity), number, series.id, series.field)


def view_sql(view: str, table: str, series: Iterable[Series]) -> str:
    """The view of a raw table in units and words, with the time as ISO text."""
    columns = [
        "strftime('%Y-%m-%dT%H:%M:%S', ts / 1000, 'unixepoch') || "
        "printf('.%03dZ', ts % 1000) AS time",
        "ts",
    ]
    for one in sorted(series, key=natural):
        column = column_name(one)
        if one.codes is not None:
            words = " ".join(f"WHEN {code} THEN '{word}'" for word, code in one.codes.items())
            columns.append(f"CASE {column} {words} END AS {column}")
        else:
            columns.append(f"{column} / {one.units_per}.0 AS {column}")
    return f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {table}"


def table_ids(conn: sqlite3.Connection) -> list[int]:
    """The ids of all PDUs that ever were here, those no longer configured too."""
    return [ident for (ident,) in conn.execute("SELECT id FROM pdu")]
