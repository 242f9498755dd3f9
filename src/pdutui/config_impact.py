"""`[impact]` and `[audit]` of the configuration: how a preview reckons, where records go."""

from __future__ import annotations

from pathlib import Path

from pdutui.config_errors import nearest, show
from pdutui.config_table import Table
from pdutui.domain.address import AddressError
from pdutui.domain.syslog import FACILITIES, parse_target
from pdutui.settings import AuditSettings, ImpactSettings

IMPACT_KEYS = ("limit_percent", "inrush_factor", "map")
AUDIT_KEYS = ("syslog", "facility")
_LONGEST_SOCKET = 107
"""Bytes of the path of a Unix socket."""


def read_impact(table: Table, base: Path) -> ImpactSettings:
    """The settings of `[impact]`; relative paths start from `base`."""
    path = table.path("map")
    return ImpactSettings(
        limit_percent=table.number("limit_percent", 80.0, at_least=1, at_most=100),
        inrush_factor=table.number("inrush_factor", 1.5, at_least=1, at_most=100),
        map=None if path is None else base / path,
    )


def read_audit(table: Table) -> AuditSettings:
    """The settings of `[audit]`."""
    syslog = table.text("syslog")
    wrong = "" if syslog is None else _wrong_with(syslog)
    if wrong:
        table.fail_value("syslog", wrong)
    facility = table.text("facility") or "authpriv"
    if facility not in FACILITIES:
        near = nearest(facility, FACILITIES)
        hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(FACILITIES)})"
        table.fail_value("facility", f"{show(facility)} is no facility of syslog{hint}")
        facility = "authpriv"
    return AuditSettings(syslog=None if wrong else syslog, facility=facility)


def _wrong_with(url: str) -> str:
    """What is wrong with the address of a syslog; empty if nothing is."""
    right = "must be udp://host[:port], tcp://host[:port] or unix:/path"
    kind, colon, rest = url.partition(":")
    if kind == "unix" and colon:
        path = rest.removeprefix("//") if rest.startswith("///") else rest
        if not path.startswith("/") or path.startswith("//") or path == "/":
            return f"{right}, is {show(url)}: the path begins with one /"
        if len(path.encode()) > _LONGEST_SOCKET:
            return f"is too long: the path of a socket has {_LONGEST_SOCKET} bytes at most"
        return ""
    if kind not in ("udp", "tcp") or not rest.startswith("//"):
        return f"{right}, is {show(url)}"
    try:
        parse_target(url)
    except AddressError as error:
        return f"is wrong: {error}"
    return ""
