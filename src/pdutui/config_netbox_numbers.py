"""The numbers of a PDU's outlets, from all the names of them that a file of NetBox has."""

from __future__ import annotations

from contextlib import suppress

from pdutui.config_errors import show
from pdutui.config_netbox_names import OutletName, outlet_of, plain_name


class Numbers:
    """What the names of outlets say together: one alone does not show how they are counted."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, OutletName]] = {}

    def add(self, pdu: str, name: str) -> None:
        """One more name of an outlet, connected or not."""
        with suppress(ValueError):  # which is said where its number is asked for
            self._names.setdefault(pdu, {})[plain_name(name)] = outlet_of(name)

    def number(self, pdu: str, name: str) -> int:
        """The number of an outlet, when all names are in.

        Raises ValueError where it is not plain; the text says why.
        """
        own = outlet_of(name)
        names = self._names.get(pdu, {})
        groups = sorted({one.group for one in names.values()})
        if len(groups) > 1:
            said = " and ".join(group.upper() or "without" for group in groups[:3])
            raise ValueError(
                f"{show(name)} has no plain number: its outlets are counted by letter or socket"
                f" ({said})"
            )
        if any(one.number == 0 for one in names.values()):
            raise ValueError(f"{show(name)} has no plain number: its outlets are counted from 0")
        same = sorted(other for other, one in names.items() if one.number == own.number)
        if len(same) > 1:
            both = " and ".join(show(other) for other in same[:3])
            raise ValueError(f"{both} have the same number")
        return own.number
