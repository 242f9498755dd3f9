"""Audit records for programs and spreadsheets: JSON objects and CSV lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from pdutui.domain.audit import StoredAudit
from pdutui.domain.naming import printable

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet would take a text that begins so for a formula."""

COLUMNS = (
    "n", "time", "intent_id", "user", "ssh_origin", "origin", "role", "pdu", "outlet",
    "outlet_name", "action", "state_from", "state_to", "outcome", "detail", "reason", "ticket",
    "plan", "approved_by", "before_hash", "hash",
)  # fmt: skip


def iso_ms(time: datetime) -> str:
    """A time in UTC as every JSON of pdutui has it: `2026-11-20T14:02:11.003Z`."""
    time = time.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def audit_object(row: StoredAudit) -> dict[str, object]:
    """A record as JSON has it: its fields, and its place in the chain.

    `n`, `before_hash` and `hash` are null for a record that waits to be written.
    """
    out: dict[str, object] = msgspec.structs.asdict(row.record)
    out["time"] = iso_ms(row.record.time)
    out["n"] = row.n or None
    out["before_hash"] = row.before or None
    out["hash"] = row.hash or None
    return out


def audit_csv(rows: Iterable[StoredAudit]) -> str:
    r"""A header and a line per record, as RFC 4180 has it: quoted where need be, ended by `\r\n`.

    What a person or a device has said is without control codes, and never taken for a formula: it
    gets a `'` before it where it looks like one.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        said = audit_object(row)
        writer.writerow([cell(said[column]) for column in COLUMNS])
    return out.getvalue()


def audit_json(rows: Iterable[StoredAudit]) -> str:
    """A list with an object a line."""
    objects = [msgspec.json.encode(audit_object(row)).decode() for row in rows]
    return "[\n" + ",\n".join(objects) + "\n]\n"


def cell(value: object) -> object:
    """A value as it stands in a CSV: texts cannot drive a terminal or a spreadsheet."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
