"""A device family as data: the schema of `profiles/*.toml` and its loader.

One profile serves both ways. Forwards it says which OIDs to ask and how to read them; backwards it
says which OIDs the simulator serves for a model of the same family, so the two cannot drift apart.

OIDs that begin with a dot are relative to `base`. `{i}` is the row's index (one or more arcs),
`{n}` the row's number.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from pdutui.backends.snmp.types import RequestLimits, Syntax

Rate = Literal["fast", "slow"]
Parse = Literal["number", "last_arc"]


class ProfileError(ValueError):
    """A profile file that cannot be used; the text names the file, the place and what is right."""


class Valid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A companion column that says whether a value means anything."""

    oid: str
    is_: tuple[int, ...] = msgspec.field(name="is", default=())
    """The value counts only where the companion has one of these."""
    not_: tuple[int, ...] = msgspec.field(name="not", default=())
    """The value does not count where the companion has one of these."""
    bit: int | None = None
    """The value counts only where this bit (0 = first, SNMP BITS order) is set."""
    rate: Rate = "fast"
    """A companion that the device has not never invalidates anything."""


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on the whole device, looked at with the slow columns."""

    oid: str
    above: int | None = None
    equals: int | None = None


class Near(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scale is whichever of `scales` lands within `tolerance` of a reference in full units."""

    scales: tuple[float, ...]
    oid: tuple[str, ...]
    """References in order of preference; the first that answers with more than 0 counts."""
    oid_scale: tuple[float, ...]
    """The scale of each reference."""
    tolerance: float = 0.4


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a field may stand, and how its raw value is read."""

    oid: str
    scale: float = 1.0
    """Field = raw x scale."""
    digits: str | None = None
    """OID of the number of decimal digits; field = raw / 10^digits. Asked slowly."""
    serve_digits: int = 0
    """What the simulator answers there."""
    near: Near | None = None
    enum: str | None = None
    """Name of a table under [enums]."""
    null: tuple[int, ...] = ()
    """Raw integers that mean: not available."""
    valid: tuple[Valid, ...] = ()
    when: When | None = None
    parse: Parse | None = None
    under: str | None = None
    """With `parse = "last_arc"`: the pointer counts only if it points below this OID."""
    rate: Rate | None = None
    """None: by the field (names, ratings, thresholds, wiring slow; the rest fast)."""
    syntax: Syntax | None = None
    """SNMP type when served; None: string for text, gauge for numbers, integer for enums."""


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the rows of a table are found, numbered and, by the simulator, indexed."""

    walk: tuple[str, ...]
    """Columns to walk; the first that has rows counts. What follows the column is the index."""
    keep: tuple[int, ...] = ()
    """Only rows with one of these values."""
    drop: tuple[int, ...] = ()
    """Not the rows with one of these values."""
    number: Literal["arc", "value", "ordinal"] = "arc"
    """The row's number: last arc of its index, its value in the walked column, or 1, 2, 3 ..."""
    index: str = "{n}"
    """The simulator's index of row n; `{inlets}`, `{banks}`, `{outlets}` are counts, `+` adds:
    `1.{n}`, `{n+inlets}`."""
    serve: str = "{n}"
    """What the simulator serves in the walked columns (a number, or an expression as above)."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repeated part of the Reading: its rows, and each field's columns in order of preference."""

    rows: Rows
    fields: dict[str, tuple[Column, ...]] = {}
    """Field name of the domain struct -> columns. The first one that the device answers counts,
    found once for each row; for `state` fields see `worst_of`."""
    const: dict[str, str] = {}
    """Fields that are the same in every row, e.g. kind = "temperature"."""
    worst_of: tuple[str, ...] = ()
    """Fields whose columns are all read: the first column that does not say "normal" counts."""
    serve: dict[str, int | str] = {}
    """Further columns the simulator serves in each row: OID with {i} -> value or expression."""


class AtsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The transfer switch: it is there if `exists` answers."""

    exists: str
    fields: dict[str, tuple[Column, ...]] = {}
    sources: dict[str, dict[str, tuple[Column, ...]]] = {}
    """"A" and "B" -> fields of a Source."""
    worst_of: tuple[str, ...] = ("state",)


class OutletCommands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The column that switches an outlet, and the integer for each action.

    A wrong integer switches the wrong way: each profile has a test that names OID and integer.
    """

    oid: tuple[str, ...]
    """In order of preference; the first that the device answers, or else the first."""
    actions: dict[str, int]
    """on, off, reboot, and later delayed_on, delayed_off, delayed_reboot, cancel, identify."""
    echo: dict[str, int] = {}
    """What a GET of the column answers by outlet state (for the simulator); empty: the last
    value written, or 0."""
    needs_answer: bool = True
    """An outlet is switchable only if the command column answers a GET (unless the field
    `switchable` says it better)."""


class Recognise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the family is known. sysObjectID only orders the candidates; the probe decides."""

    sys_object_id: tuple[str, ...]
    """Prefixes."""
    any: tuple[str, ...]
    """At least one of these must answer a GET, or have a row (an OID that ends in `.*`)."""
    none: tuple[str, ...] = ()
    """None of these may answer."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device family."""

    format: Literal[1]
    name: str
    title: str
    vendor: str
    base: str
    recognise: Recognise
    request: RequestLimits = RequestLimits()
    identity: dict[str, tuple[Column, ...]] = {}
    """Fields of the Reading: model, serial, firmware, name, uptime_s."""
    inlet: Table | None = None
    bank: Table | None = None
    outlet: Table | None = None
    """May also have the field `reboot_off_s`, `on_delay_s`, `off_delay_s` (seconds, slow)."""
    sensor: tuple[Table, ...] = ()
    ats: AtsPart | None = None
    commands: OutletCommands | None = None
    enums: dict[str, dict[str, str]] = {}
    """Raw integer (as TOML key) -> word of the domain. An integer that is not listed: unknown."""
    serve: dict[str, int | str] = {}
    """Further scalars the simulator serves: OID -> value; expressions as in Rows.index."""

    def absolute(self, oid: str) -> str:
        """An OID with `base` put in front of it where it begins with a dot."""
        return self.base + oid if oid.startswith(".") else oid


_OID = re.compile(r"^\.?\d+(\.(\d+|\{i\}|\{n\}))*$")


def _columns(value: object) -> object:
    """Shorthand to full form: "oid" -> [{oid}], {…} -> [{…}], ["a", {…}] -> [{oid}, {…}]."""
    items = value if isinstance(value, list) else [value]
    return [{"oid": v} if isinstance(v, str) else v for v in items]


def _full_form(data: dict[str, object]) -> None:
    def fields_of(part: object) -> None:
        if isinstance(part, dict) and isinstance(part.get("fields"), dict):
            part["fields"] = {k: _columns(v) for k, v in part["fields"].items()}

    if isinstance(data.get("identity"), dict):
        identity = data["identity"]
        assert isinstance(identity, dict)
        data["identity"] = {k: _columns(v) for k, v in identity.items()}
    for part in ("inlet", "bank", "outlet", "ats"):
        fields_of(data.get(part))
    sensors = data.get("sensor")
    for table in sensors if isinstance(sensors, list) else []:
        fields_of(table)
    ats = data.get("ats")
    if isinstance(ats, dict) and isinstance(ats.get("sources"), dict):
        ats["sources"] = {
            ident: {k: _columns(v) for k, v in fields.items()}
            for ident, fields in ats["sources"].items()
            if isinstance(fields, dict)
        }


def _all_columns(profile: Profile) -> list[tuple[str, Column]]:
    out: list[tuple[str, Column]] = []
    groups: list[tuple[str, dict[str, tuple[Column, ...]]]] = [("identity", profile.identity)]
    for part in ("inlet", "bank", "outlet"):
        table: Table | None = getattr(profile, part)
        if table is not None:
            groups.append((part, table.fields))
    groups += [(f"sensor[{n}]", table.fields) for n, table in enumerate(profile.sensor)]
    if profile.ats is not None:
        groups.append(("ats", profile.ats.fields))
        groups += [(f"ats.sources.{s}", f) for s, f in profile.ats.sources.items()]
    for where, fields in groups:
        out += [(f"{where}.{name}", col) for name, cols in fields.items() for col in cols]
    return out


def parse_profile(text: str, source: str) -> Profile:
    """A profile from TOML text; `source` names it in errors. Raises ProfileError."""
    try:
        data = tomllib.loads(text)
        _full_form(data)
        profile = msgspec.convert(data, Profile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ProfileError(f"{source}: {error}") from error
    for where, column in _all_columns(profile):
        if not _OID.match(column.oid):
            raise ProfileError(f"{source}: {where}: {column.oid!r} is not an OID")
        if column.enum is not None and column.enum not in profile.enums:
            known = ", ".join(sorted(profile.enums)) or "none"
            raise ProfileError(
                f"{source}: {where}: no enum {column.enum!r} under [enums] (there: {known})"
            )
    return profile


@cache
def load_builtin(name: str) -> Profile:
    """A profile that ships with pdutui, by name. Raises ProfileError naming the known ones."""
    file = resources.files(__package__) / "profiles" / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(builtin_names())
        raise ProfileError(f"no profile {name!r} (known: auto, {known})")
    return parse_profile(file.read_text("utf-8"), f"{name}.toml")


@cache
def builtin_names() -> tuple[str, ...]:
    """The names of the profiles that ship with pdutui, sorted."""
    folder = resources.files(__package__) / "profiles"
    return tuple(sorted(Path(f.name).stem for f in folder.iterdir() if f.name.endswith(".toml")))
