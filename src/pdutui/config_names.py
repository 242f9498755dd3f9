"""What the configuration refers to by name: PDUs, groups, users and OS groups."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from pdutui.config_errors import nearest, show

if TYPE_CHECKING:
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
        if one == "@" or ("*" in one and one != "*"):
            table.fail(key, f'must have users, "@groups" or "*" for everybody, has {show(one)}')
    return listed


def check_pdus(table: Table, key: str, pattern: str, pdus: Collection[str]) -> None:
    """Add a problem for a name or pattern (`rack1-*`) that no configured PDU has."""
    if any(fnmatchcase(name, pattern) for name in pdus):
        return
    table.fail(key, f"{show(pattern)} fits no PDU{what_there_is(pattern, pdus)}")


def alike(word: str, known: Collection[str]) -> str | None:
    """The name that `word` was probably meant to be, capitals or not; None where none is near."""
    names = {name.lower(): name for name in known}
    near = nearest(word, names)
    return None if near is None else names[near]


def what_there_is(word: str, known: Collection[str]) -> str:
    """What else may have been meant, short enough for a line."""
    if not known:
        return ": none is configured"
    near = alike(word, known)
    if near is not None:
        return f": did you mean {near!r}?"
    return (
        f" (there: {', '.join(known)})" if len(known) <= _LISTED else f" ({len(known)} are there)"
    )
