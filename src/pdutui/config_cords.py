"""The device map of a configuration: what `[pdu.outlets]` and the file of `[impact] map` say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pdutui.config_errors import ConfigError, Problems, show
from pdutui.config_names import alike
from pdutui.domain.devicemap import MappedCord
from pdutui.settings import PduSettings

if TYPE_CHECKING:
    from pdutui.config_map import MapLine

_Place = tuple[str, int]
_MOST_NAMED = 8


def read_cords(
    pdus: Sequence[PduSettings],
    map_file: Path | None,
    *,
    label: str,
    problems: Problems,
    warnings: list[str],
) -> tuple[MappedCord, ...]:
    """All cords: those of the outlets first, then those of the file that are not among them.

    Args:
        pdus: the PDUs with what is said of their outlets.
        map_file: the file of `[impact] map`; None: there is none.
        label: how errors call the configuration.
        problems: where contradictions go.
        warnings: where PDUs go that the map knows and the configuration does not.
    """
    lines: Sequence[MapLine] = ()
    if map_file is not None:
        from pdutui.config_map import read_map  # csv and what it brings, for those who have one

        try:
            lines = read_map(map_file)
        except ConfigError as error:
            for problem in error.problems:
                whole = problem.startswith(f"{map_file}: ")  # else it names a line
                at = problems.at(("impact", "map"))
                problems.add(f"{label}{at}: impact.map: {problem}" if whole else problem)
            return ()
    places = {pdu.name: place for place, pdu in enumerate(pdus)}
    merged = _Merge(label, str(map_file), problems, places)
    for pdu in pdus:
        merged.add_pdu(pdu)
    for line in lines:
        merged.add_line(line)
    merged.finish(pdus)
    _warn_of_strangers([pdu.name for pdu in pdus], lines, str(map_file), warnings)
    return tuple(cord for cords in merged.cords.values() for cord in cords)


class _Merge:
    """Cords by their outlet, and what contradicts what."""

    def __init__(
        self, label: str, map_file: str, problems: Problems, places: Mapping[str, int]
    ) -> None:
        self.cords: dict[_Place, list[MappedCord]] = {}
        self._label = label
        self._map_file = map_file
        self._places = places
        """Which PDU of the file each is, from 0."""
        self._problems = problems
        self._own: dict[_Place, MappedCord] = {}
        """As the configuration says it, where it names a device."""
        self._lines: dict[_Place, list[MapLine]] = {}
        self._critical: set[_Place] = set()
        """Outlets that the configuration calls critical."""

    def add_pdu(self, pdu: PduSettings) -> None:
        """What is said of the outlets of a PDU."""
        for number, outlet in pdu.outlets.items():
            place = pdu.name, number
            if outlet.critical:
                self._critical.add(place)
            if outlet.device is None:
                continue
            cord = MappedCord(
                device=outlet.device,
                pdu=pdu.name,
                outlet=number,
                cord=outlet.cord,
                critical=outlet.critical,
            )
            self._own[place] = cord
            self.cords[place] = [cord]

    def add_line(self, line: MapLine) -> None:
        """A line of the file: into the cord that it is about, or as one more."""
        cord = line.cord
        place = cord.pdu, cord.outlet
        self._lines.setdefault(place, []).append(line)
        own = self._own.get(place)
        if own is None or own.device.casefold() != cord.device.casefold():
            critical = cord.critical or place in self._critical
            cord = msgspec.structs.replace(cord, critical=critical)
            self.cords.setdefault(place, []).append(cord)
            return
        if own.cord and cord.cord and own.cord.casefold() != cord.cord.casefold():
            here = f"{self._map_file}, line {line.line}: cord is {show(cord.cord)}"
            self._problems.add(f"{here}, and {self._at(place, 'cord')} says {show(own.cord)}")
        self.cords[place][0] = msgspec.structs.replace(
            own, cord=own.cord or cord.cord, critical=own.critical or cord.critical
        )

    def finish(self, pdus: Sequence[PduSettings]) -> None:
        """Say which outlets have another device in either place, and which cords have none."""
        for place, own in self._own.items():
            lines = self._lines.get(place, [])
            if lines and all(n.cord.device.casefold() != own.device.casefold() for n in lines):
                line = lines[0]
                self._problems.add(
                    f"{self._map_file}, line {line.line}: outlet {place[1]} of {place[0]} has"
                    f" {show(line.cord.device)}, and {self._at(place, 'device')} says"
                    f" {show(own.device)}: one of them is wrong"
                )
        for pdu in pdus:
            for number, outlet in pdu.outlets.items():
                place = pdu.name, number
                if outlet.cord and not self.cords.get(place):
                    self._problems.add(
                        f"{self._at(place, 'cord')} is there without a device: name it with device"
                    )
                elif outlet.cord and place not in self._own:
                    self._name_cord(place, outlet.cord)
                elif outlet.critical and not self.cords.get(place):
                    self.cords[place] = [_nameless(place)]

    def _name_cord(self, place: _Place, name: str) -> None:
        """Where only the file names the device, and only the configuration its cord."""
        cords = self.cords[place]
        if len(cords) == 1 and cords[0].cord.casefold() in ("", name.casefold()):
            cords[0] = msgspec.structs.replace(cords[0], cord=name)
            return
        line = self._lines[place][0]
        here = f"{self._map_file}, line {line.line}"
        text = "says otherwise" if len(cords) == 1 else "has several devices there"
        self._problems.add(f"{self._at(place, 'cord')} is {show(name)}, and {here} {text}")

    def _at(self, place: _Place, key: str) -> str:
        keys = ("pdu", self._places.get(place[0], -1), "outlets", str(place[1]))
        line = self._problems.at(keys, key)
        return f"{self._label}{line}: [pdu {place[0]!r}] outlets.{place[1]}.{key}"


def _nameless(place: _Place) -> MappedCord:
    """What is critical and was not named: known by its outlet, it may have no other cord."""
    pdu, outlet = place
    return MappedCord(device=f"{pdu}:{outlet}", pdu=pdu, outlet=outlet, critical=True)


def _warn_of_strangers(
    names: Sequence[str], lines: Sequence[MapLine], map_file: str, warnings: list[str]
) -> None:
    """Name the PDUs of the map that are not configured: nobody can say how their cords stand."""
    strangers: dict[str, int] = {}
    for line in lines:
        if line.cord.pdu not in names:
            strangers.setdefault(line.cord.pdu, line.line)
    for name, number in list(strangers.items())[:_MOST_NAMED]:
        near = alike(name, names)
        hint = f": did you mean {near!r}?" if near else ""
        warnings.append(f"{map_file}, line {number}: PDU {show(name)} is not configured{hint}")
    if len(strangers) > _MOST_NAMED:
        more = len(strangers) - _MOST_NAMED
        warnings.append(f"{map_file}: {more} more of its PDUs are not configured")
