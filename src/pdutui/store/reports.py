"""Energy reports: made of what is stored, and kept in the table `report`.

A week's report is one row for each PDU and one, whose `pdu` is empty, for all of them together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from pdutui.domain.energy_report import Frame, PduMeters, report, report_pdu
from pdutui.domain.ledger import Ledger
from pdutui.domain.periods import Period, ms_of
from pdutui.domain.report_model import EnergyReport, PduReport, read_report, report_json
from pdutui.store.energy import read_meters
from pdutui.store.query import Asked
from pdutui.store.waiting import Rows

WEEK = "energy-week"
ALL = ""
"""In place of a PDU's name: all of them."""


def pdu_names(conn: sqlite3.Connection) -> list[str]:
    """Every PDU that has a past, by name."""
    return [name for (name,) in conn.execute("SELECT name FROM pdu ORDER BY name")]


def meters_for(
    conn: sqlite3.Connection,
    asked: Asked,
    pdu: str,
    frame: Frame,
    *,
    now_ms: int,
    rows: Rows = [],  # noqa: B006  # it is only read
    follower: bool = False,
) -> PduMeters | None:
    """What a report on a PDU needs; None if it has no reading in the period.

    Blocks; in the reader's thread, inside a read transaction.
    """
    begin = min(frame.period.from_ms, frame.previous.from_ms)
    meters = read_meters(
        conn, asked, pdu, begin, frame.period.to_ms, rows=rows, follower=follower, now_ms=now_ms
    )
    return meters if meters is not None and meters.has(frame.period) else None


class Collected:
    """Reports of PDUs as they are made one after the other, until there is one of them all."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._pdus: list[PduReport] = []
        self._wholes: list[Ledger | None] = []
        self._missing: list[str] = []

    def add(self, pdu: str, meters: PduMeters | None) -> None:
        """Take in what was read of a PDU."""
        if meters is None:
            self._missing.append(pdu)
            return
        self._pdus.append(report_pdu(meters, self.frame))
        self._wholes.append(meters.whole()[0])

    @property
    def any(self) -> bool:
        """Whether any PDU has a reading in the period."""
        return bool(self._pdus)

    def report(self, made: datetime, *, all_pdus: bool) -> EnergyReport:
        """The report of what was taken in."""
        return report(
            self._pdus,
            self._wholes,
            self.frame,
            made=made,
            missing=self._missing,
            all_pdus=all_pdus,
        )


# -- the table -----------------------------------------------------------------------------------


def save(conn: sqlite3.Connection, made: EnergyReport) -> None:
    """Keep the report of a week of all PDUs, in place of one that is there. In a transaction."""
    head = msgspec.structs.replace(made, pdus=(), courses=(), by=None)
    rows = [(ALL, head)]
    for one in made.pdus:
        alone = msgspec.structs.replace(head, total=None, bands=(), pdus=(one,), missing=())
        rows.append((one.pdu, alone))
    conn.execute("DELETE FROM report WHERE kind = ? AND period = ?", (WEEK, made.period))
    conn.executemany(
        "INSERT INTO report (kind, pdu, period, made_ms, json) VALUES (?, ?, ?, ?, ?)",
        [
            (WEEK, pdu, made.period, ms_of(made.made), report_json(each).decode())
            for pdu, each in rows
        ],
    )


def save_new(conn: sqlite3.Connection, made: EnergyReport) -> bool:
    """The same, unless there is one already. Whether it was kept."""
    if kept_weeks(conn, [made.period]):
        return False
    save(conn, made)
    return True


def kept_weeks(conn: sqlite3.Connection, labels: Sequence[str]) -> set[str]:
    """Those weeks whose report is kept."""
    marks = ", ".join("?" * len(labels))
    rows = conn.execute(
        f"SELECT period FROM report WHERE kind = ? AND pdu = ? AND period IN ({marks})",
        (WEEK, ALL, *labels),
    )
    return {period for (period,) in rows}


def load(conn: sqlite3.Connection, label: str, pdus: Collection[str] | None) -> EnergyReport | None:
    """The report of a week as it was kept.

    Args:
        conn: The database.
        label: `2026-W47`.
        pdus: Of these PDUs; None: of all.

    Returns:
        None if there is none, if it is not of all of these PDUs, or cannot be read.
    """
    rows = conn.execute(
        "SELECT pdu, json FROM report WHERE kind = ? AND period = ? ORDER BY pdu", (WEEK, label)
    )
    try:
        kept = {pdu: read_report(json) for pdu, json in rows}
    except msgspec.MsgspecError:
        return None
    head = kept.pop(ALL, None)
    if head is None:
        return None
    if pdus is None:
        chosen = list(kept)
    elif set(pdus) <= {*kept, *head.missing}:
        chosen = [pdu for pdu in kept if pdu in pdus]
    else:
        return None
    missing = head.missing if pdus is None else [p for p in head.missing if p in pdus]
    return msgspec.structs.replace(
        head,
        total=head.total if len(chosen) == len(kept) else None,
        bands=head.bands if len(chosen) == len(kept) else (),
        pdus=tuple(one for pdu in chosen for one in kept[pdu].pdus),
        missing=tuple(missing),
    )


def has_readings(conn: sqlite3.Connection, period: Period) -> bool:
    """Whether any PDU has a day of totals, or rows that are not sealed, in a period."""
    first, end = period.from_ms // 86_400_000, -(-period.to_ms // 86_400_000)
    for (pdu,) in conn.execute("SELECT id FROM pdu").fetchall():
        if _has_rows(conn, pdu, period.from_ms, period.to_ms):
            return True
        found = conn.execute(
            "SELECT 1 FROM part WHERE pdu = ? AND EXISTS"
            " (SELECT 1 FROM quarters WHERE part = part.id AND day >= ? AND day < ?) LIMIT 1",
            (pdu, first, end),
        ).fetchone()
        if found is not None:
            return True
    return False


def is_sealed(conn: sqlite3.Connection, period: Period) -> bool:
    """Whether no PDU has rows of a period that are still to be sealed."""
    pdus = conn.execute("SELECT id FROM pdu").fetchall()
    return not any(_has_rows(conn, pdu, period.from_ms, period.to_ms) for (pdu,) in pdus)


def _has_rows(conn: sqlite3.Connection, pdu: int, from_ms: int, to_ms: int) -> bool:
    found = conn.execute(
        f"SELECT 1 FROM raw_{pdu} WHERE ts >= ? AND ts < ? LIMIT 1", (from_ms, to_ms)
    ).fetchone()
    return found is not None
