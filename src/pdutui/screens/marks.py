"""Which outlets are marked, on all PDUs, and the range that is being drawn. No Textual in here.

A mark is of an outlet as it was seen: its number, its name, the device. An outlet that goes away or
gets another name loses its mark, so that nothing is switched that was not marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from pdutui.domain.naming import outlet_label

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet, Reading


class Mark(Struct, frozen=True):
    """One outlet as it was marked."""

    pdu: str
    outlet: int
    name: str
    label: str
    """`outlet 3 db01`."""
    device: tuple[str | None, ...]
    """Profile, model and serial number of the PDU."""


class Marks:
    """Marks by PDU; they stay while another PDU is on the screen."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, int], Mark] = {}
        self.anchor: Mark | None = None
        """Where the range begins that is being drawn."""

    def __len__(self) -> int:
        return len(self._marks)

    def of(self, pdu: str) -> frozenset[int]:
        """The numbers of the outlets that are marked on a PDU."""
        return frozenset(outlet for name, outlet in self._marks if name == pdu)

    @property
    def pdus(self) -> tuple[str, ...]:
        """The PDUs with marks, in the order in which the first of each was set."""
        return tuple(dict.fromkeys(pdu for pdu, _ in self._marks))

    @property
    def all(self) -> tuple[Mark, ...]:
        """All marks, in the order in which they were set."""
        return tuple(self._marks.values())

    def toggle(self, reading: Reading, outlet: Outlet) -> bool:
        """Mark an outlet, or take its mark away. Returns whether it is marked now."""
        key = (reading.pdu, outlet.number)
        if key in self._marks:
            del self._marks[key]
            return False
        self._marks[key] = _mark(reading, outlet)
        return True

    def add(self, reading: Reading, outlets: Iterable[Outlet]) -> int:
        """Mark several. Returns how many were not marked before."""
        before = len(self._marks)
        for outlet in outlets:
            self._marks.setdefault((reading.pdu, outlet.number), _mark(reading, outlet))
        return len(self._marks) - before

    def drop(self, gone: Iterable[tuple[str, int]]) -> None:
        """Take marks away: of these PDUs and outlets."""
        for key in gone:
            self._marks.pop(key, None)

    def clear(self) -> None:
        """No marks, and no range."""
        self._marks.clear()
        self.anchor = None

    # the range

    def begin(self, reading: Reading, outlet: Outlet) -> None:
        """A range begins at this outlet."""
        self.anchor = _mark(reading, outlet)

    def span(
        self, reading: Reading | None, shown: Sequence[Outlet], cursor: int | None
    ) -> tuple[Outlet, ...]:
        """The outlets between the anchor and the cursor, as they stand on the screen.

        Args:
            reading: What is on the screen.
            shown: Its outlets that are shown; others are never in a range.
            cursor: The number of the outlet under the cursor.
        """
        numbers = [outlet.number for outlet in shown]
        anchor = self.anchor
        if reading is None or anchor is None or anchor.pdu != reading.pdu:
            return ()
        if anchor.outlet not in numbers or cursor not in numbers:
            return ()
        one, other = sorted((numbers.index(anchor.outlet), numbers.index(cursor)))
        return tuple(shown[one : other + 1])

    # what becomes of them

    def check(self, reading: Reading) -> list[str]:
        """Drop the marks, and the range, that are of other outlets by now. Returns why, each."""
        out: list[str] = []
        for key, mark in list(self._marks.items()):
            if mark.pdu == reading.pdu and (why := _changed(mark, reading)):
                del self._marks[key]
                out.append(why)
        if self.anchor is not None and self.anchor.pdu == reading.pdu:
            why = _changed(self.anchor, reading)
            if why:
                self.anchor = None
                out.append(why)
        return out


def _device(reading: Reading) -> tuple[str | None, ...]:
    return (reading.profile, reading.model, reading.serial)


def _mark(reading: Reading, outlet: Outlet) -> Mark:
    label = outlet_label(outlet.number, outlet.name, outlet.label)
    return Mark(reading.pdu, outlet.number, outlet.name, label, _device(reading))


def _changed(mark: Mark, reading: Reading) -> str:
    """Why a mark does not hold any more; empty where it does."""
    pairs = zip(mark.device, _device(reading), strict=True)
    if any(was and now and was != now for was, now in pairs):
        return f"{mark.pdu} is another device now"
    outlet = reading.outlet(mark.outlet)
    if outlet is None:
        return f"{mark.label} is gone from {mark.pdu}"
    if outlet.name != mark.name:
        return f"{mark.label} of {mark.pdu} is called {outlet.name or 'nothing'} now"
    return ""


def counted(marks: Marks, here: str) -> str:
    """`3 marked`, `3 marked on 2 PDUs`, `1 marked on rack1-a`; empty for none.

    Args:
        marks: All of them.
        here: The PDU that is on the screen.
    """
    if not len(marks):
        return ""
    pdus = marks.pdus
    if len(pdus) > 1:
        return f"{len(marks)} marked on {len(pdus)} PDUs"
    return f"{len(marks)} marked" if pdus == (here,) else f"{len(marks)} marked on {pdus[0]}"
