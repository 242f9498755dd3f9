"""What a profile must get right beyond its shape: OIDs, fields that exist, words that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

import msgspec

from pdutui.domain.commands import OutletAction, PduAction
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
    from pdutui.backends.snmp.profile import Column, Profile, Rows, Table

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
_PLAIN_OID = re.compile(r"^\.?\d+(\.\d+)*$")
_ARCS = re.compile(r"^arcs?:\d+(,\d+)?$")
_ACTIONS = frozenset(get_args(OutletAction))
_ALL_ACTIONS = frozenset(a.removeprefix("all_") for a in get_args(PduAction) if "all_" in a)
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
        names |= {"reboot_off_s", "on_delay_s", "off_delay_s", "reboot_delay_s"}
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


def _tables(profile: Profile) -> Iterator[tuple[str, Table]]:
    for part in ("inlet", "phase", "bank", "outlet"):
        table: Table | None = getattr(profile, part)
        if table is not None:
            yield part, table
    for part, tables in profile.fallback.items():
        yield from ((f"fallback.{part}", table) for table in tables)
    yield from ((f"sensor[{place}]", table) for place, table in enumerate(profile.sensor))


def _column_oids(column: Column) -> Iterator[str | None]:
    yield column.oid
    yield from (valid.oid for valid in column.valid)
    yield from (column.digits, column.si_prefix, column.under)
    yield from column.near.oid if column.near is not None else ()
    yield column.unit.oid if column.unit is not None else None
    yield column.when.oid if column.when is not None else None


def _command_oids(profile: Profile) -> Iterator[tuple[str, str | None]]:
    for commands in profile.commands:
        yield "commands", commands.oid
        for act in commands.actions.values():
            if not isinstance(act, int):
                yield from (("commands", oid) for oid in (act.oid, *act.countdown))
    yield from (("all_commands", commands.oid) for commands in profile.all_commands)
    yield "prefer", profile.prefer.oid if profile.prefer is not None else None


def _oids(profile: Profile) -> Iterator[tuple[str, str | None]]:
    """Every OID that may hold placeholders, and where it stands."""
    for where, _kind, fields in groups(profile):
        for name, columns in fields.items():
            for column in columns:
                yield from ((f"{where}.{name}", oid) for oid in _column_oids(column))
    yield from _command_oids(profile)
    yield from (("valid", valid.oid) for valid in profile.valid)
    if profile.ats is not None:
        yield "ats", profile.ats.exists
        yield "ats.lost", profile.ats.lost.oid if profile.ats.lost is not None else None
    for oid in (*profile.recognise.any, *profile.recognise.none):
        yield "recognise", _ROWS.sub("", oid)


def _plain_oids(profile: Profile) -> Iterator[tuple[str, str]]:
    """Every OID that is one column or prefix."""
    yield "base", profile.base
    yield from (("recognise.sys_object_id", oid) for oid in profile.recognise.sys_object_id)
    for place, table in _tables(profile):
        rows = table.rows
        yield from ((f"{place}.rows", oid) for oid in rows.walk)
        if rows.number_column:
            yield f"{place}.rows", rows.number_column
        if rows.module and not _ARCS.match(rows.module):
            yield f"{place}.rows", rows.module
        if rows.where is not None:
            yield f"{place}.rows", rows.where.oid
        if rows.cut:
            yield f"{place}.rows", f".{rows.cut}"


def _column_problem(column: Column) -> str | None:
    if column.scale == 0 or (column.near is not None and 0 in column.near.scales):
        return "a scale cannot be 0"
    if column.near is not None and len(column.near.oid) != len(column.near.oid_scale):
        return "near needs one oid_scale for each oid"
    if column.pattern is not None:
        try:
            groups_in = re.compile(column.pattern).groups
        except re.error as error:
            return f"{column.pattern!r} is no regular expression: {error}"
        if not groups_in:
            return f"{column.pattern!r} has no group that would be the text"
    return None


def _rows_problem(rows: Rows) -> str | None:
    if rows.number == "column" and not rows.number_column:
        return 'number = "column" needs a number_column'
    if rows.stride and rows.number != "arc":
        return 'stride goes with number = "arc"'
    unknown = set(rows.skip_null) - set(rows.walk)
    return f"skip_null: {min(unknown)!r} is not in walk" if unknown else None


def _commands_problem(profile: Profile) -> str | None:
    for commands in profile.commands:
        for action, act in commands.actions.items():
            if action not in _ACTIONS:
                known = ", ".join(sorted(_ACTIONS))
                return f"commands.actions: no action {action!r} (there: {known})"
            if not isinstance(act, int) and (act.value is None) is not act.seconds:
                return f"commands.actions.{action}: has either a value or seconds = true"
    for whole in profile.all_commands:
        for action in whole.actions:
            if action not in _ALL_ACTIONS:
                known = ", ".join(sorted(_ALL_ACTIONS))
                return f"all_commands.actions: no action {action!r} (there: {known})"
    outlets = (profile.outlet, *profile.fallback.get("outlet", ()))
    walks = sum(len(table.rows.walk) for table in outlets if table is not None)
    for branch in (c.branch for some in (profile.commands, profile.all_commands) for c in some):
        if branch is not None and not 0 <= branch < walks:
            return (
                f"commands: branch {branch}, but outlet.rows.walk has {walks} columns,"
                " counted from 0"
            )
    return None


def problem(profile: Profile) -> str | None:
    """The first thing that is wrong, as `place: what`, or None."""
    for place, oid in _oids(profile):
        if oid is not None and not _OID.match(oid):
            return f"{place}: {oid!r} is not an OID"
    for place, oid in _plain_oids(profile):
        if not _PLAIN_OID.match(oid):
            return f"{place}: {oid!r} is not an OID"
    for place, table in _tables(profile):
        wrong = _rows_problem(table.rows)
        if wrong is not None:
            return f"{place}.rows: {wrong}"
    for where, kind, fields in groups(profile):
        for name, columns in fields.items():
            if name not in fields_of(kind):
                known = ", ".join(sorted(fields_of(kind)))
                return f"{where}: no field {name!r} (there: {known})"
            for column in columns:
                wrong = _column_problem(column)
                if wrong is not None:
                    return f"{where}.{name}: {wrong}"
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
    return _commands_problem(profile)
