"""What the configuration refers to by name: PDUs, groups, users and OS groups."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import NamedTuple

from pdutui.config_errors import show, suggestion
from pdutui.config_table import Table

_LISTED = 12


class Known(NamedTuple):
    """The names that the rest of the file may refer to."""

    pdus: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def people(table: Table, key: str) -> tuple[str, ...] | None:
    """A list of users and `@groups`, `*` for everybody; None where the file has none."""
    listed = table.texts(key)
    for one in listed or ():
        if one in ("@", "@*") or "*" in one[1:]:
            table.fail(key, f'must have users, "@groups" or "*" for everybody, has {show(one)}')
    return listed


def check_pdus(table: Table, key: str, pattern: str, pdus: Collection[str]) -> None:
    """Add a problem for a name or pattern (`rack1-*`) that no configured PDU has."""
    if any(fnmatchcase(name, pattern) for name in pdus):
        return
    table.fail(key, f"{show(pattern)} fits no PDU{what_there_is(pattern, pdus)}")


def what_there_is(word: str, known: Collection[str]) -> str:
    """What else may have been meant, short enough for a line."""
    if not known:
        return ": none is configured"
    if len(known) <= _LISTED:
        return suggestion(word, known)
    hint = suggestion(word, known)
    return hint if hint.startswith(": did") else f" ({len(known)} are there)"
