"""Schema version 2: sealed hours, rollups, gaps, what devices say of themselves, health, reports.

An hour (of UTC) that is over is **sealed** in one transaction: its rows leave `raw_<id>` and become
one `chunk` per part (`outlet.3`, `bank.1`, `ats.0`; `ts` for the times of the polls), with the
rollups of that hour beside it. So of any hour there is either the raw table alone, or chunk and
rollups that say the same; rows that come late (a clock that was set back) lie in the raw table once
more, until the hour is sealed again with them.

What is in a `z` is zlib over JSON; every list in it is of differences to the last value that was
not null: `{"power_w": [1040, 0, -3, null, 1]}` is 1040, 1040, 1037, null, 1038. Integers are scaled
as `series.units_per` says. The stock `sqlite3` shell reads it: `sum(value) OVER (ORDER BY key)` of
`json_each(CAST(sqlar_uncompress(z, sz) AS TEXT), '$.power_w')`.

- `chunk(part, hour, sz, z)`: field -> one value per poll. Part `ts`: `{"ts": [...]}` in unix ms.
- `minutes(part, hour, sz, z)`: `{"at": [...]}` minutes of the hour that have a poll, and `field.n`,
  `field.sum`, `field.min`, `field.max`, `field.last` -> a value per such minute; null with n = 0.
- `quarters(part, day, sz, z)`: the same by quarters of an hour of a UTC day, `at` from 0 to 95.
  Kept for years.
- `hour` and `day` are whole hours and days since 1970.
- `sealed(pdu, hour, n, interval_ms)`: which hours are sealed, with how many polls, and how far
  apart they usually were.
- `gap(pdu, to_ms, from_ms)`: lost time that was found while sealing; by its end, the first row
  after it.
- `frame(pdu, ts, json)`: a Reading without its series and without nulls: names, ratings,
  thresholds, serial; a row whenever any of it changed. Valid from `ts` on. The JSON `null` says
  that nothing is known from then on: it changed more often than is kept.
- `health(pdu, ts, health, detail)`: changes of health as the engine judged it. Every run of pdutui
  begins with a `connecting` whose detail is "pdutui started" and, ended in good order, closes with
  `stopped`, which is no health of a device: the silence between the two is pdutui's own. Where
  `stopped` is missing before "pdutui started", the run before was killed. Silence after any other
  word is the device's.
- `report(kind, pdu, period, made_ms, json)`: energy reports that were made by themselves.
"""

from __future__ import annotations

import sqlite3

_TABLES = (
    """CREATE TABLE part (
        id INTEGER PRIMARY KEY,
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        name TEXT NOT NULL,
        UNIQUE (pdu, name)
    )""",
    *(
        f"""CREATE TABLE {table} (
        part INTEGER NOT NULL REFERENCES part (id),
        {unit} INTEGER NOT NULL,
        sz INTEGER NOT NULL,
        z BLOB NOT NULL,
        UNIQUE (part, {unit})
    )"""
        for table, unit in (("chunk", "hour"), ("minutes", "hour"), ("quarters", "day"))
    ),
    """CREATE TABLE sealed (
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        hour INTEGER NOT NULL,
        n INTEGER NOT NULL,
        interval_ms INTEGER NOT NULL,
        PRIMARY KEY (pdu, hour)
    ) WITHOUT ROWID""",
    """CREATE TABLE gap (
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        to_ms INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        PRIMARY KEY (pdu, to_ms)
    ) WITHOUT ROWID""",
    """CREATE TABLE frame (
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        ts INTEGER NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (pdu, ts)
    ) WITHOUT ROWID""",
    """CREATE TABLE health (
        pdu INTEGER NOT NULL REFERENCES pdu (id),
        ts INTEGER NOT NULL,
        health TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (pdu, ts)
    ) WITHOUT ROWID""",
    """CREATE TABLE report (
        kind TEXT NOT NULL,
        pdu TEXT NOT NULL,
        period TEXT NOT NULL,
        made_ms INTEGER NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (kind, pdu, period)
    ) WITHOUT ROWID""",
    "CREATE INDEX events_ts ON events (ts)",
    "CREATE INDEX audit_time ON audit (time)",
)


def sealed(conn: sqlite3.Connection) -> None:
    """Version 1 to 2."""
    for statement in _TABLES:
        conn.execute(statement)
