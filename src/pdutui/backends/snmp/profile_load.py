"""From the TOML of a profile to the Profile, with everything in it checked."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from pdutui.backends.snmp.profile import Column, Extra, Profile, ProfileError, Rows, Table
from pdutui.backends.snmp.profile_check import problem
from pdutui.backends.snmp.trap_rules import trap_full_form, trap_problem, without_traps


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
    for part in ("inlet", "phase", "bank", "outlet", "ats"):
        fields_of(data.get(part))
    if isinstance(data.get("commands"), dict):
        data["commands"] = [data["commands"]]
    if isinstance(data.get("all_commands"), dict):
        data["all_commands"] = [data["all_commands"]]
    fallback = data.get("fallback")
    if isinstance(fallback, dict):
        for part, tables in fallback.items():
            fallback[part] = tables if isinstance(tables, list) else [tables]
            for table in fallback[part]:
                fields_of(table)
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


def parse_profile(text: str, source: str) -> Profile:
    """A profile from TOML text; `source` names it in errors. Raises ProfileError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{source}: {error}") from error
    return profile_of(data, source)


def profile_of(data: dict[str, object], source: str) -> Profile:
    """A profile from parsed TOML, which is changed on the way. Raises ProfileError."""
    try:
        _full_form(data)
        trap_full_form(data)
        profile = msgspec.convert(data, Profile)
    except msgspec.ValidationError as error:
        # Imported where it is needed: it looks into the schema, which takes a while.
        from pdutui.backends.snmp.profile_words import in_words

        raise ProfileError(f"{source}: {in_words(error, Profile)}") from error
    profile = _with_extras(profile)
    wrong = problem(profile) or trap_problem(profile)
    if wrong is not None:
        raise ProfileError(f"{source}: {wrong}")
    return profile


def _with_extras(profile: Profile) -> Profile:
    """The same with a table of one sensor for each of its single objects."""
    if not profile.extra:
        return profile
    enums = {f"extra {n}": extra.states for n, extra in enumerate(profile.extra) if extra.states}
    tables = tuple(_extra_table(n, extra) for n, extra in enumerate(profile.extra))
    return msgspec.structs.replace(
        profile, sensor=profile.sensor + tables, enums={**profile.enums, **enums}
    )


def _extra_table(place: int, extra: Extra) -> Table:
    column = Column(
        oid=extra.oid,
        scale=extra.scale,
        digits=extra.digits,
        null=extra.null,
        enum=f"extra {place}" if extra.states else None,
        parse="number" if extra.text else None,
        rate=extra.rate,
    )
    const = {"name": extra.name, "kind": extra.kind}
    if extra.unit is not None and not extra.states:
        const["unit"] = extra.unit
    return Table(
        rows=Rows(walk=()),
        fields={"state" if extra.states else "value": (column,)},
        const=const,
    )


@cache
def load_builtin(name: str, *, traps: bool = False) -> Profile:
    """A profile that ships with pdutui, by name. Raises ProfileError naming the known ones.

    Its `trap` rules are read only with `traps`: nobody else needs them, and they take longer to
    read than the rest.
    """
    text = builtin_text(name)
    return parse_profile(text if traps else without_traps(text), f"{name}.toml")


def builtin_text(name: str) -> str:
    """The TOML of a profile that ships with pdutui. Raises ProfileError naming the known ones."""
    file = resources.files(__package__) / "profiles" / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(builtin_names())
        raise ProfileError(f"no profile {name!r} (known: auto, {known})")
    return file.read_text("utf-8")


@cache
def builtin_names() -> tuple[str, ...]:
    """The names of the profiles that ship with pdutui, sorted."""
    folder = resources.files(__package__) / "profiles"
    return tuple(sorted(Path(f.name).stem for f in folder.iterdir() if f.name.endswith(".toml")))
