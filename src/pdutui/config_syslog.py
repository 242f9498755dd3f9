"""`syslog` and `facility`, as `[audit]` and `[alarms]` have them."""

from __future__ import annotations

from pdutui.config_errors import nearest, show
from pdutui.config_table import Table
from pdutui.domain.address import AddressError
from pdutui.domain.syslog import FACILITIES, parse_target

_LONGEST_SOCKET = 107
"""Bytes of the path of a Unix socket."""


def read_target(table: Table) -> str | None:
    """Where messages go, as it stands there; None where nothing (right) is said."""
    syslog = table.text("syslog")
    wrong = "" if syslog is None else _wrong_with(syslog)
    if not wrong:
        return syslog
    table.fail_value("syslog", wrong)
    return None


def read_facility(table: Table, default: str) -> str:
    """The name of a facility."""
    facility = table.text("facility") or default
    if facility in FACILITIES:
        return facility
    near = nearest(facility, FACILITIES)
    hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(FACILITIES)})"
    table.fail_value("facility", f"{show(facility)} is no facility of syslog{hint}")
    return default


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
