"""Scales that a firmware chooses without saying so, found by looking at the values.

A transfer switch that answers runs on at least one of its sources, so the highest of the voltages
is a living one: the scale that puts it near nominal is the scale of them all. A dead or sagging
source is never taken for evidence: 121 in tenths (a sag to 12.1 V) would pass for a sound 121 V.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from pdutui.backends.snmp.profile import Near
from pdutui.backends.snmp.types import RawValue

if TYPE_CHECKING:
    from pdutui.backends.snmp.bound import BoundColumn

Values = Mapping[str, RawValue]


class _Group:
    """The columns that share one unknown scale."""

    def __init__(self, near: Near) -> None:
        self._near = near
        self.members: dict[str, None] = {}
        self.found: float | None = None

    def _fitting(self, highest: int, values: Values) -> float | None:
        near = self._near
        for oid, oid_scale in zip(near.oid, near.oid_scale, strict=True):
            reference = values.get(oid)
            if not isinstance(reference, int) or reference <= 0:
                continue
            nominal = reference * oid_scale
            for scale in near.scales:
                if abs(highest * scale - nominal) <= near.tolerance * nominal:
                    return scale
        return None

    def scale(self, values: Values) -> float | None:
        """The scale in this poll; what was found earlier stands where this poll cannot tell."""
        raws = [raw for oid in self.members if isinstance(raw := values.get(oid), int)]
        fitting = self._fitting(max(raws, default=0), values)
        if fitting is None:
            return self.found
        # With a source out of sight the other may be the dead one. It may then read too low to be
        # believed, never too high: only a smaller scale than the one found is evidence.
        complete = len(raws) == len(self.members)
        if self.found is None or complete or fitting < self.found:
            self.found = fitting
        return self.found


class NearScales:
    """All unknown scales of one device, remembered for as long as it is the same device."""

    def __init__(self) -> None:
        self._groups: dict[Near, _Group] = {}

    def add(self, oid: str, near: Near) -> None:
        """A column that has this scale, whether or not the device answers it at present."""
        self._groups.setdefault(near, _Group(near)).members[oid] = None

    def add_all(self, columns: Iterable[BoundColumn]) -> None:
        """Those of the columns that have such a scale."""
        for column in columns:
            if column.near is not None:
                self.add(column.oid, column.near)

    def reader(self, oid: str, near: Near) -> Callable[[Values], float | None]:
        """The function that reads the column at `oid`."""
        self.add(oid, near)
        group = self._groups[near]

        def read(values: Values) -> float | None:
            raw = values.get(oid)
            if not isinstance(raw, int):
                return None
            if raw == 0:
                return 0.0
            scale = group.scale(values)
            return None if scale is None else round(raw * scale, 6)

        return read
