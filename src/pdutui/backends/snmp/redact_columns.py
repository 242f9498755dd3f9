"""Where names, serials and addresses stand: in the profiles, in standard MIBs, in table indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from pdutui.backends.snmp.ber import Oid, dotted, parse_oid
from pdutui.backends.snmp.profile import Column, Profile
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin

Kind = Literal["name", "outlet", "serial", "location", "contact", "mac", "keep", "model"]
"""What stands in a column. keep: a text of the maker; model: one, and it identifies the model."""

_STANDARD: dict[str, Kind] = {
    "1.3.6.1.2.1.1.1": "keep",  # sysDescr
    "1.3.6.1.2.1.1.4": "contact",
    "1.3.6.1.2.1.1.5": "name",
    "1.3.6.1.2.1.1.6": "location",
    "1.3.6.1.2.1.1.9.1.3": "keep",  # sysORDescr
    "1.3.6.1.2.1.2.2.1.2": "keep",  # ifDescr
    "1.3.6.1.2.1.2.2.1.6": "mac",  # ifPhysAddress
    "1.3.6.1.2.1.31.1.1.1.1": "keep",  # ifName
    "1.3.6.1.2.1.31.1.1.1.18": "name",  # ifAlias
    "1.3.6.1.2.1.33.1.1.1": "keep",  # upsIdentManufacturer
    "1.3.6.1.2.1.33.1.1.2": "model",
    "1.3.6.1.2.1.33.1.1.3": "model",  # upsIdentUPSSoftwareVersion
    "1.3.6.1.2.1.33.1.1.4": "model",
    "1.3.6.1.2.1.33.1.1.5": "name",
    "1.3.6.1.2.1.33.1.1.6": "name",  # upsIdentAttachedDevices
    "1.3.6.1.2.1.47.1.1.1.1.2": "keep",  # entPhysicalDescr
    "1.3.6.1.2.1.47.1.1.1.1.7": "name",
    "1.3.6.1.2.1.47.1.1.1.1.8": "model",  # revisions
    "1.3.6.1.2.1.47.1.1.1.1.9": "model",
    "1.3.6.1.2.1.47.1.1.1.1.10": "model",
    "1.3.6.1.2.1.47.1.1.1.1.11": "serial",
    "1.3.6.1.2.1.47.1.1.1.1.12": "keep",  # entPhysicalMfgName
    "1.3.6.1.2.1.47.1.1.1.1.13": "model",
    "1.3.6.1.2.1.47.1.1.1.1.14": "name",  # entPhysicalAlias
    "1.3.6.1.2.1.47.1.1.1.1.15": "serial",  # entPhysicalAssetID
    "1.3.6.1.2.1.47.1.1.1.1.18": "serial",  # entPhysicalUris
    "1.3.6.1.2.1.47.1.1.1.1.19": "serial",  # entPhysicalUUID
}
DROPPED = tuple(
    parse_oid(oid)
    for oid in (
        "1.3.6.1.2.1.3",  # atTable
        "1.3.6.1.2.1.4.20", "1.3.6.1.2.1.4.21", "1.3.6.1.2.1.4.22", "1.3.6.1.2.1.4.24",
        "1.3.6.1.2.1.4.28", "1.3.6.1.2.1.4.30", "1.3.6.1.2.1.4.32", "1.3.6.1.2.1.4.34",
        "1.3.6.1.2.1.4.35", "1.3.6.1.2.1.4.36", "1.3.6.1.2.1.4.37", "1.3.6.1.2.1.4.38",
        "1.3.6.1.2.1.4.39",
        "1.3.6.1.2.1.6.13", "1.3.6.1.2.1.6.19", "1.3.6.1.2.1.6.20",  # TCP connections
        "1.3.6.1.2.1.7.5", "1.3.6.1.2.1.7.7",  # UDP listeners
        "1.3.6.1.2.1.14", "1.3.6.1.2.1.15", "1.3.6.1.2.1.16", "1.3.6.1.2.1.17",
        "1.3.6.1.2.1.25.4", "1.3.6.1.2.1.25.5", "1.3.6.1.2.1.25.6",  # processes, with arguments
        "1.3.6.1.2.1.55",  # IPv6
        "1.3.6.1.6.3.10.2.1",  # the SNMP engine, made of a MAC or IP address
        "1.3.6.1.6.3.12", "1.3.6.1.6.3.13", "1.3.6.1.6.3.14",  # where traps go
        "1.3.6.1.6.3.15.1.2", "1.3.6.1.6.3.16.1", "1.3.6.1.6.3.18",  # users, views, communities
        "1.0.8802",  # LLDP
    )
)  # fmt: skip
"""Tables indexed by addresses, users or neighbours. They say nothing of power."""


class Columns:
    """What stands in which OID."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._keep: tuple[Oid, ...] = ()
        self._by_prefix: dict[Oid, list[tuple[re.Pattern[str], Kind]]] = {}
        for oid, standard in _STANDARD.items():
            self._add(oid, standard)
        for profile in profiles:
            for oid, kind in _kinds(profile):
                self._add(oid, kind)

    def _add(self, oid: str, kind: Kind) -> None:
        """`oid` may hold the index in braces; what stands behind it belongs to the column too."""
        fixed = parse_oid(oid.split(".{", 1)[0])
        parts = (r"\d+(?:\.\d+)*" if "{" in arc else arc for arc in oid.split("."))
        pattern = re.compile(r"\.".join(parts) + r"(?:\.|\Z)")
        self._by_prefix.setdefault(fixed, []).append((pattern, kind))

    def with_kept(self, roots: Iterable[Oid]) -> Columns:
        """The same, but with nothing secret below these roots."""
        other = Columns(())
        other._by_prefix = self._by_prefix
        other._keep = tuple(roots)
        return other

    def kind(self, oid: Oid) -> Kind | None:
        """What stands there. Where profiles differ, what is to be hidden goes before the rest."""
        if any(oid[: len(root)] == root for root in self._keep):
            return "keep"
        text = dotted(oid)
        found: Kind | None = None
        for size in range(7, len(oid) + 1):
            for pattern, kind in self._by_prefix.get(oid[:size], ()):
                if not pattern.match(text):
                    continue
                if kind not in ("keep", "model"):
                    return kind
                found = kind if found != "model" else found
        return found


@cache
def builtin_columns() -> Columns:
    """The columns of all families that pdutui knows."""
    return Columns(map(load_builtin, builtin_names()))


def _kinds(profile: Profile) -> Iterator[tuple[str, Kind]]:
    secret: dict[str, Kind] = {"name": "name", "serial": "serial"}

    def columns(found: Iterable[Column], kind: Kind) -> Iterator[tuple[str, Kind]]:
        for column in found:
            yield profile.absolute(column.oid), kind
            for valid in column.valid:
                yield profile.absolute(valid.oid), "keep"

    for field, found in profile.identity.items():
        kind: Kind = "model" if field in ("model", "firmware") else "keep"
        yield from columns(found, secret.get(field, kind))
    tables = (profile.inlet, profile.phase, profile.bank, profile.outlet, *profile.sensor)
    for table in (*tables, *(t for some in profile.fallback.values() for t in some)):
        if table is None:
            continue
        for oid in (*table.rows.walk, table.rows.where.oid if table.rows.where else ""):
            if oid:
                yield profile.absolute(oid), "keep"
        secret["name"] = "outlet" if table is profile.outlet else "name"
        for field, found in table.fields.items():
            yield from columns(found, secret.get(field, "keep"))
    secret["name"] = "name"
    if profile.ats is not None:
        for fields in (profile.ats.fields, *profile.ats.sources.values()):
            for field, found in fields.items():
                yield from columns(found, secret.get(field, "keep"))
