"""Reading the audit of a damaged database: what can still be read of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from pdutui.store.audit import AuditEntry, lenient, record_of
from pdutui.store.chain import FIELDS, well_formed
from pdutui.store.damaged import open_damaged

_OLDER = FIELDS[:15]
"""Before there was a chain."""


def read_what_can_be(damaged: Path) -> list[AuditEntry]:
    """The records that can be read, in the order in which they were written.

    Read from both ends, as a broken page in the middle hides only what stands on it.
    """
    found: dict[str, tuple[int, AuditEntry]] = {}
    with suppress(sqlite3.Error), closing(open_damaged(damaged)) as source, lenient(source):
        fields = _fields(source)
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.Error):
                _read(source, fields, order, found)
    return [entry for _, entry in sorted(found.values(), key=lambda pair: pair[0])]


def _fields(source: sqlite3.Connection) -> Sequence[str]:
    try:
        source.execute(f"SELECT {', '.join(FIELDS)} FROM audit LIMIT 0")
    except sqlite3.Error:
        return _OLDER
    return FIELDS


def _read(
    source: sqlite3.Connection, fields: Sequence[str], order: str,
    found: dict[str, tuple[int, AuditEntry]],
) -> None:  # fmt: skip
    empty = (None,) * (len(FIELDS) - len(fields))
    for n, *values in source.execute(
        f"SELECT n, {', '.join(fields)} FROM audit ORDER BY n {order}"
    ):
        uid, *rest = values = (*values, *empty)
        if uid in found:
            return
        with suppress(ValueError):
            if well_formed(values):
                found[uid] = (n, AuditEntry(uid, record_of(rest)))
