"""What was discovered, as a table, JSON, TOML or CSV; and the entries to be written of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pdutui.backends.snmp.discovery_scan import Found
from pdutui.cli.text import UNKNOWN, Row, clean, table
from pdutui.config_csv import COLUMNS
from pdutui.config_write import PduEntry, entry_toml

READ_VARIABLE = "PDU_READ"
"""The variable that an entry names where the community was given as such: it is not written."""
_STATUS = {
    "refused": "answers, but not to these credentials",
    "failed": "answers, but cannot be read",
    "other": "no PDU of a known family",
    "silent": "no answer",
    "unasked": "not asked",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One device of the output."""

    found: Found
    entry: PduEntry | None = None
    """What would be written for it; None for what is no PDU."""
    configured: str | None = None
    """The name under which it is configured already."""


def credentials(params: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The keys of an entry that say how to log in, after the options of the command line.

    No secret is among them: a community that was given as such becomes the name of a variable.
    """
    if version == "3":
        fields = [f for f in PduEntry.__struct_fields__ if f"v3_{f}" in params]
        said = {field: params[f"v3_{field}"] for field in fields}
        return {"version": "3"} | {k: _plain(v) for k, v in said.items() if v is not None}
    keys: dict[str, Any] = {} if version == "2c" else {"version": version}
    for kind in ("community", "write_community"):
        if params.get(f"{kind}_env"):
            keys[f"{kind}_env"] = params[f"{kind}_env"]
        elif params.get(f"{kind}_file"):
            keys[f"{kind}_file"] = str(params[f"{kind}_file"].expanduser().absolute())
    if params.get("community"):
        keys["community_env"] = READ_VARIABLE
    return keys


def _plain(value: object) -> object:
    """Paths absolute: the file that names them may be elsewhere."""
    return value if isinstance(value, str) else str(value.expanduser().absolute())  # type: ignore[attr-defined]


def lines_table(lines: Sequence[Line], *, statuses: bool) -> list[str]:
    """Aligned columns; `statuses` adds one for what is no PDU, and what was found there instead."""
    heads = ("address", "profile", "model", "serial", "name", "location", "outlets", "note")
    rows: list[Row] = []
    for line in lines:
        found = line.found
        note = f"configured as {clean(line.configured)}" if line.configured else ""
        if statuses and found.status != "pdu":
            detail = found.descr or found.object_id if found.status == "other" else found.detail
            note = ": ".join(part for part in (_STATUS[found.status], clean(detail or "")) if part)
        model = " ".join(part for part in (found.vendor, found.model) if part)
        outlets = UNKNOWN if found.outlets is None else str(found.outlets)
        texts = (found.profile, model, found.serial, found.name, found.location)
        rows.append(
            (found.place.address, *(clean(t or "") or UNKNOWN for t in texts), outlets,
             note or UNKNOWN)
        )  # fmt: skip
    return table(heads, rows, words=frozenset(heads) - {"outlets"})


def line_json(line: Line) -> str:
    """One device as a JSON object in one line."""
    found = line.found
    plain: dict[str, Any] = {
        "address": found.place.address,
        "host": found.place.host,
        "port": found.place.port,
        "status": found.status,
        "configured": line.configured,
    }
    for field in ("profile", "vendor", "model", "serial", "firmware", "name", "location",
                  "outlets", "descr", "object_id"):  # fmt: skip
        plain[field] = getattr(found, field)
    plain["detail"] = found.detail or None
    return json.dumps(plain, ensure_ascii=False)


def lines_toml(lines: Sequence[Line]) -> str:
    """`[[pdu]]` entries for the configuration; what is in it already stands as a comment."""
    parts = []
    for line in lines:
        if line.configured is not None:
            address = line.found.place.address
            parts.append(f"# {address} is configured already, as {clean(line.configured)}\n")
        elif line.entry is not None:
            about = " ".join(
                clean(part)
                for part in (line.found.vendor, line.found.model, line.found.serial)
                if part
            )
            note = f"# {about}\n" if about else ""
            if line.found.status in _STATUS:
                note = f"# {_STATUS[line.found.status]}\n"
            parts.append(note + entry_toml(line.entry))
    return "\n".join(parts)


def lines_csv(lines: Sequence[Line]) -> str:
    """A table for `pdutui discover --csv`, to be looked through and filled in."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        entry = line.entry
        if entry is None or line.configured is not None:
            continue
        cells = (entry.name, line.found.place.address, entry.profile, entry.community_env,
                 entry.feed, entry.location)  # fmt: skip
        writer.writerow([clean(cell or "") for cell in cells])
    return out.getvalue()
