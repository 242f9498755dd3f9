"""What a profile must get right beyond its shape: OIDs, fields that exist, words that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

import msgspec

from pdutui.domain.reading import (
    ActiveSource,
    Ats,
    Bank,
    Inlet,
    LoadState,
    Outlet,
    OutletState,
    Pending,
    Phase,
    PhaseSync,
    Redundancy,
    Sensor,
    SensorState,
    Source,
    SourceState,
)

if TYPE_CHECKING:
    from pdutui.backends.snmp.profile import Column, Profile

_OID = re.compile(r"^\.?\d+(\.(\d+|\{i\}|\{n\}|\{m\}|\{a\}))*$")
_ROWS = re.compile(r"\.\*(=-?\d+(,-?\d+)*)?$")
_PARTS: dict[str, type[msgspec.Struct]] = {
    "inlet": Inlet,
    "phase": Phase,
    "bank": Bank,
    "outlet": Outlet,
    "sensor": Sensor,
    "ats": Ats,
    "source": Source,
}
_FOUND_BY_ROW = {"number", "module", "id", "sources"}
_IDENTITY = {"model", "serial", "firmware", "name", "uptime_s"}
_TRUTH = frozenset({"true", "false"})
_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("inlet", "state"): frozenset(get_args(LoadState)),
    ("phase", "state"): frozenset(get_args(LoadState)),
    ("bank", "state"): frozenset(get_args(LoadState)),
    ("outlet", "state"): frozenset(get_args(OutletState)),
    ("outlet", "pending"): frozenset(get_args(Pending)) | {"none"},
    ("outlet", "switchable"): _TRUTH,
    ("sensor", "state"): frozenset(get_args(SensorState)),
    ("source", "state"): frozenset(get_args(SourceState)),
    ("ats", "active"): frozenset(get_args(ActiveSource)),
    ("ats", "preferred"): frozenset(get_args(ActiveSource)),
    ("ats", "redundancy"): frozenset(get_args(Redundancy)),
    ("ats", "phase_sync"): frozenset(get_args(PhaseSync)),
}


def fields_of(kind: str) -> frozenset[str]:
    """The fields that a profile may give for a part of the Reading."""
    if kind == "identity":
        return frozenset(_IDENTITY)
    names = set(_PARTS[kind].__struct_fields__) - _FOUND_BY_ROW
    if kind == "outlet":
        names |= {"reboot_off_s", "on_delay_s", "off_delay_s"}
    return frozenset(names)


def groups(profile: Profile) -> Iterator[tuple[str, str, dict[str, tuple[Column, ...]]]]:
    """Where in the file, kind of part, fields: everything in a profile that has columns."""
    yield "identity", "identity", profile.identity
    for part, table in (
        ("inlet", profile.inlet),
        ("phase", profile.phase),
        ("bank", profile.bank),
        ("outlet", profile.outlet),
    ):
        if table is not None:
            yield part, part, table.fields
    for part, tables in profile.fallback.items():
        for table in tables:
            yield f"fallback.{part}", part, table.fields
    for place, table in enumerate(profile.sensor):
        yield f"sensor[{place}]", "sensor", table.fields
    if profile.ats is not None:
        yield "ats", "ats", profile.ats.fields
        for ident, fields in profile.ats.sources.items():
            yield f"ats.sources.{ident}", "source", fields


def _oids(profile: Profile) -> Iterator[tuple[str, str]]:
    for where, _kind, fields in groups(profile):
        for name, columns in fields.items():
            for column in columns:
                place = f"{where}.{name}"
                yield place, column.oid
                yield from ((place, valid.oid) for valid in column.valid)
                if column.digits is not None:
                    yield place, column.digits
                if column.near is not None:
                    yield from ((place, oid) for oid in column.near.oid)
                if column.unit is not None:
                    yield place, column.unit.oid
                if column.when is not None:
                    yield place, column.when.oid
    for commands in profile.commands:
        yield "commands", commands.oid
    for oid in (*profile.recognise.any, *profile.recognise.none):
        yield "recognise", _ROWS.sub("", oid)


def problem(profile: Profile) -> str | None:
    """The first thing that is wrong, as `place: what`, or None."""
    for place, oid in _oids(profile):
        if not _OID.match(oid):
            return f"{place}: {oid!r} is not an OID"
    for where, kind, fields in groups(profile):
        for name, columns in fields.items():
            if name not in fields_of(kind):
                known = ", ".join(sorted(fields_of(kind)))
                return f"{where}: no field {name!r} (there: {known})"
            for column in columns:
                if column.enum is not None and column.enum not in profile.enums:
                    known = ", ".join(sorted(profile.enums)) or "none"
                    return f"{where}.{name}: no enum {column.enum!r} under [enums] (there: {known})"
                words = _WORDS.get((kind, name))
                if words is None:
                    continue
                if column.enum is None:
                    return f"{where}.{name}: needs an enum"
                for word in profile.enums[column.enum].values():
                    if word not in words:
                        known = ", ".join(sorted(words))
                        return f"enums.{column.enum}: {name} cannot be {word!r} (can be: {known})"
    for name, enum in profile.enums.items():
        for key in enum:
            if not re.fullmatch(r"-?\d+", key):
                return f"enums.{name}: {key!r} is not an integer"
    if profile.ats is not None and not set(profile.ats.sources) <= {"A", "B"}:
        return "ats.sources: a source is A or B"
    outlets = (profile.outlet, *profile.fallback.get("outlet", ()))
    walks = sum(len(table.rows.walk) for table in outlets if table is not None)
    for branch in (c.branch for some in (profile.commands, profile.all_commands) for c in some):
        if branch is not None and not 0 <= branch < walks:
            return (
                f"commands: branch {branch}, but outlet.rows.walk has {walks} columns,"
                " counted from 0"
            )
    return None
