"""In which order the fleet stands on the screen, and when that may change under one's eyes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pdutui.domain.clock import Clock
from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_filter import fitting
from pdutui.domain.fleet_groups import GROUPINGS, Grouping, Section, sections_of
from pdutui.domain.fleet_sort import (
    CRITICAL,
    ORDERS,
    USUAL,
    Limits,
    Order,
    sorted_rows,
    standing,
)

AGAIN_S = 5.0
"""Rows are sorted anew this often at most."""
HANDS_OFF_S = 3.0
"""Nothing moves for so long after a key or the mouse."""


class Arrangement:
    """The sections as they are shown. They stand still while somebody moves about in them.

    Args:
        clock: For how long ago the last key was.
        order: At first.
        grouping: At first.
        limits: From how full a PDU is in trouble.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        order: Order = "worst",
        grouping: Grouping = "none",
        limits: Limits = USUAL,
    ) -> None:
        self._clock = clock
        self.order: Order = order
        self.grouping: Grouping = grouping
        self.text = ""
        """The filter."""
        self.limits = limits
        self.sections: tuple[Section, ...] = ()
        self.held = False
        """Another order is due, and waits until nobody moves about."""
        self._sorted_s = -AGAIN_S
        self._touched_s = -HANDS_OFF_S
        self._dirty = True
        self._critical: frozenset[str] = frozenset()
        self._there: frozenset[str] = frozenset()
        """The PDUs that there were when it was looked last."""

    @property
    def names(self) -> list[str]:
        """The PDUs that are shown, from top to bottom."""
        return [name for section in self.sections if section.listed for name in section.members]

    def touched(self) -> None:
        """Somebody pressed a key or used the mouse."""
        self._touched_s = self._clock.monotonic()

    def next_order(self) -> None:
        """The next order."""
        self.by(ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)])

    def by(self, order: Order) -> None:
        """Another order."""
        self.order, self._dirty = order, True

    def next_grouping(self) -> None:
        """The next grouping."""
        self.group(GROUPINGS[(GROUPINGS.index(self.grouping) + 1) % len(GROUPINGS)])

    def group(self, grouping: Grouping) -> None:
        """Other groups."""
        self.grouping, self._dirty = grouping, True

    def filter(self, text: str) -> None:
        """Another filter."""
        if text != self.text:
            self.text, self._dirty = text, True

    def anew(self) -> None:
        """Sort at the next occasion, whoever moves about: other rows are shown."""
        self._dirty = True

    def look(self, rows: Sequence[FleetRow]) -> None:
        """See whether they are to be sorted anew, and do it."""
        now_s = self._clock.monotonic()
        there = frozenset(row.pdu for row in rows)
        if there != self._there:  # the configuration was read again: what is gone is not shown
            self._there, self._dirty = there, True
        wanted = self._wanted(rows)
        critical = self._critical_of(rows)
        pressing = now_s - self._touched_s < HANDS_OFF_S
        if self._dirty or (not pressing and now_s - self._sorted_s >= AGAIN_S):
            if self._dirty or wanted != self.sections:
                self._sorted_s = now_s
            self.sections, self._dirty = wanted, False
        elif self.order == "worst" and critical - self._critical:
            self.sections = _raised(self.sections, wanted, critical - self._critical)
        self.held = pressing and wanted != self.sections
        self._critical = critical

    def _wanted(self, rows: Sequence[FleetRow]) -> tuple[Section, ...]:
        found = fitting(rows, self.text, self.limits)
        ordered = sorted_rows(found, self.order, self.limits)
        return sections_of(ordered, self.grouping, self.order, self.limits)

    def _critical_of(self, rows: Sequence[FleetRow]) -> frozenset[str]:
        return frozenset(r.pdu for r in rows if standing(r, self.limits) == CRITICAL)


def _raised(
    shown: tuple[Section, ...], wanted: tuple[Section, ...], names: frozenset[str]
) -> tuple[Section, ...]:
    """What is shown, with some PDUs at the top of their groups and nothing else moved.

    Where a group of theirs is not shown yet, as nothing in it fitted the filter, all is sorted.
    """
    target = {(section.title, section.level): section for section in wanted}
    if any(names & set(target[key].members) for key in target.keys() - {_key(s) for s in shown}):
        return wanted
    out = []
    for section in shown:
        members = target[_key(section)].members if _key(section) in target else ()
        if not section.listed:
            out.append(replace(section, members=members or section.members))
            continue
        risen = [name for name in members if name in names]
        rest = [name for name in section.members if name not in names]
        out.append(replace(section, members=(*risen, *rest)))
    return tuple(out)


def _key(section: Section) -> tuple[str, int]:
    return section.title, section.level
