"""How a profile reads one device, field by field: for whoever writes a profile."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pdutui.backends.base import DeviceError
from pdutui.backends.snmp.bound import BoundColumn, BoundField
from pdutui.backends.snmp.device import Asking, Device
from pdutui.backends.snmp.near import NearScales
from pdutui.backends.snmp.plan import Choice, Plan
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.readers import reader
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.types import RawValue

_SHOWN = 40
"""Characters of a raw value that are shown."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one row."""

    part: str
    """`identity`, `outlet 3`, `source A`."""
    field: str
    oid: str
    """The column that counts; the first one that was tried where none does."""
    raw: str
    """What the device answered; empty for nothing."""
    value: str
    """What it comes to; empty for: the device does not say."""
    note: str = ""
    """What a writer of profiles should look at."""


async def explain(client: Asking, profile: Profile, *, one_by_one: bool) -> list[Line]:
    """Read a device once and say where every field came from.

    Raises:
        Unreachable: part of it was not answered.
        DeviceError: nothing that the profile speaks of is there.
    """
    device = Device("", profile, client, one_by_one=one_by_one)
    values = await device.read(0.0)
    plan = device.plan
    if plan is None or not device.has_rows():
        raise DeviceError(f"nothing that profile {profile.name} speaks of is there")
    near = NearScales()
    for choice in plan.choices:
        near.add_all(c for field in choice.part.fields for c in field.columns)
    lines: list[Line] = []
    for choice in plan.choices:
        for field in choice.part.fields:
            lines.append(_line(choice, field, plan, values, near))
    return lines


def _line(
    choice: Choice,
    field: BoundField,
    plan: Plan,
    values: Mapping[str, RawValue],
    near: NearScales,
) -> Line:
    part = choice.part
    name = part.kind if part.kind in ("identity", "ats") else f"{part.kind} {part.ident}"
    if part.number:
        name = f"{part.kind} {part.number}"
    chosen = choice.columns.get(field.name, ())
    read = [(c, reader(field.name, c, plan.present, near)(values)) for c in chosen]
    found = next(((c, v) for c, v in read if v is not None), None)
    if found is None and not chosen:
        tried = field.columns[0].oid if field.columns else ""
        return Line(part=name, field=field.name, oid=tried, raw="", value="", note="not answered")
    column, value = found or read[0]
    raw = values.get(column.oid)
    return Line(
        part=name,
        field=field.name,
        oid=column.oid,
        raw=_raw(raw),
        value="" if value is None else str(value),
        note=_note(column, raw, value),
    )


def _raw(value: RawValue | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        text = clean_text(value)
        plain = text is not None and text.isprintable()
        return repr(text)[:_SHOWN] if plain else f"0x{value.hex()}"[:_SHOWN]
    return str(value)[:_SHOWN]


def _note(column: BoundColumn, raw: RawValue | None, value: object) -> str:
    if value is not None:
        return ""
    if raw is None:
        return "not answered in this poll"
    if column.enum is not None and isinstance(raw, int) and raw not in column.enum:
        return f"{raw} is not in its enum"
    if column.valid:
        return "void by its companion"
    return "stands for: not available" if raw in column.column.null else "cannot be read as that"
