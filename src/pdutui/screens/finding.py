"""Finding a PDU, an outlet or a device of the whole fleet by a part of its name, at each letter.

Names of all PDUs and outlets stand in one list in small letters, made anew only for PDUs whose
outlets are called differently by now: 500 PDUs of 24 outlets are looked through in some
milliseconds. States are not in it; whoever shows a find reads them from the last reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pdutui.widgets.outlet_grid import place_of
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.domain.devicemap import DeviceMap
    from pdutui.domain.reading import Outlet
    from pdutui.engine.view import PduView

MOST = 50
"""Finds that are given at most, the best of them."""


class Find(NamedTuple):
    """A PDU, or an outlet of one."""

    pdu: str
    outlet: int | None
    """Its number; None for the PDU itself."""
    place: str
    """The outlet as the device numbers it; for a PDU its location."""
    name: str
    """The outlet's name; for a PDU its own."""
    devices: tuple[str, ...] = ()
    """What is plugged in, by the device map."""

    def words(self, ascii_only: bool) -> str:
        """`rack1-a outlet 3 db01 (oracle)`, as it is fit for the screen."""
        if self.outlet is None:
            text = f"{self.pdu}  {self.place}"
        else:
            behind = [device for device in self.devices if device != self.name]
            more = f" ({', '.join(behind)})" if behind else ""
            text = f"{self.pdu} outlet {self.place} {self.name}{more}"
        return clean(text.strip(), ascii_only)


class _Entry(NamedTuple):
    hay: str
    """All that it is found by, in small letters."""
    name: str
    """Its own name, in small letters."""
    find: Find


class Named(Protocol):
    """What an index asks the engine for."""

    @property
    def pdus(self) -> tuple[str, ...]:
        """The names of the PDUs, in their order."""
        ...

    def view(self, pdu: str) -> PduView:
        """A PDU as it stands."""
        ...


_Signature = tuple[object, ...]


class FleetIndex:
    """All names of the fleet.

    Args:
        engine: Has the PDUs.
        devices: What is plugged in.
    """

    def __init__(self, engine: Named, devices: Callable[[], DeviceMap]) -> None:
        self._engine, self._devices = engine, devices
        self._of: dict[str, tuple[_Signature, list[_Entry]]] = {}
        self._all: list[_Entry] = []

    def look(self) -> None:
        """See which PDUs there are and how their outlets are called by now."""
        devices, changed, order = self._devices(), False, self._engine.pdus
        for pdu in order:
            view = self._engine.view(pdu)
            outlets = view.reading.outlets if view.reading is not None else ()
            signature = (
                id(devices), view.info.location,
                tuple((outlet.number, outlet.name) for outlet in outlets),
            )  # fmt: skip
            known = self._of.get(pdu)
            if known is None or known[0] != signature:
                self._of[pdu] = (signature, list(_entries(view, outlets, devices)))
                changed = True
        if changed or list(self._of) != list(order):
            self._of = {pdu: self._of[pdu] for pdu in order}
            self._all = [entry for _, entries in self._of.values() for entry in entries]

    def find(self, text: str, most: int = MOST) -> list[Find]:
        """What has all words of a text in its names, the best first.

        A name that is the text comes before one that begins with it, that before one in which a
        word does, that before the rest; PDUs before outlets, else in the order of the fleet.

        Args:
            text: What is looked for; case does not matter.
            most: So many at most.
        """
        return [find for _, find in self.ranked(text, most)]

    def ranked(self, text: str, most: int = MOST) -> list[tuple[int, Find]]:
        """The same with how good each is: 0 the best, 7 the worst."""
        words = text.casefold().split()
        if not words:
            return []
        found: Sequence[_Entry] = self._all
        for word in words:
            found = [entry for entry in found if word in entry.hay]
        whole = " ".join(words)
        ranked = ((_rank(entry, whole, words), place) for place, entry in enumerate(found))
        return [(rank, found[place].find) for rank, place in nsmallest(most, ranked)]


def _entries(view: PduView, outlets: Sequence[Outlet], devices: DeviceMap) -> Iterator[_Entry]:
    pdu, info = view.info.name, view.info
    location = info.location or ""
    hay = f"{pdu} {location} {f'feed {info.feed}' if info.feed else ''}".casefold()
    yield _Entry(hay, pdu.casefold(), Find(pdu, None, location, pdu))
    for outlet in outlets:
        plugged = tuple(cord.device for cord in devices.at(pdu, outlet.number))
        place = place_of(outlet)
        hay = f"{pdu} outlet {place} {outlet.name} {' '.join(plugged)}".casefold()
        find = Find(pdu, outlet.number, place, outlet.name, plugged)
        yield _Entry(hay, outlet.name.casefold(), find)


def _rank(entry: _Entry, whole: str, words: list[str]) -> int:
    """0: the name itself; 1, 2, 3: see `find`; doubled, with 1 more for an outlet."""
    name = entry.name
    if name == whole:
        rank = 0
    elif name.startswith(whole):
        rank = 1
    elif f" {words[0]}" in entry.hay or entry.hay.startswith(words[0]):
        rank = 2
    else:
        rank = 3
    return 2 * rank + (entry.find.outlet is not None)
