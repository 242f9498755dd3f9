"""The numbers of a PDU's outlets, from all the names of them that a file of NetBox has."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from pdutui.config_errors import show
from pdutui.config_netbox_names import OutletName, outlet_of, plain_name


class Numbers:
    """What the names of outlets say together: one alone does not show how they are counted."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, OutletName]] = {}
        self._counted: dict[str, _Count] = {}

    def add(self, pdu: str, name: str) -> None:
        """One more name of an outlet, connected or not."""
        self._counted.pop(pdu, None)
        with suppress(ValueError):  # which is said where its number is asked for
            self._names.setdefault(pdu, {})[plain_name(name)] = outlet_of(name)

    def number(self, pdu: str, name: str) -> int:
        """The number of an outlet, when all names are in.

        Raises ValueError where it is not plain; the text says why.
        """
        number = outlet_of(name).number
        count = self._counted.get(pdu)
        if count is None:
            count = self._counted[pdu] = _count(self._names.get(pdu, {}))
        if len(count.groups) > 1:
            said = " and ".join(group.upper() or "without" for group in count.groups[:3])
            raise ValueError(
                f"{show(name)} has no plain number: its outlets are counted by letter or socket"
                f" ({said})"
            )
        if 0 in count.names:
            raise ValueError(f"{show(name)} has no plain number: its outlets are counted from 0")
        same = count.names.get(number, [])
        if len(same) > 1:
            both = " and ".join(show(other) for other in same[:3])
            raise ValueError(f"{both} have the same number")
        return number


class _Count(NamedTuple):
    """How the outlets of a PDU are counted."""

    groups: list[str]
    names: dict[int, list[str]]
    """By number; both sorted."""


def _count(names: dict[str, OutletName]) -> _Count:
    by_number: dict[int, list[str]] = {}
    for name in sorted(names):
        by_number.setdefault(names[name].number, []).append(name)
    return _Count(sorted({one.group for one in names.values()}), by_number)
