"""A fleet with its racks and its map: what can touch what, found out once."""

from __future__ import annotations

from collections.abc import Iterable

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.fleet_groups import Behind, behind_of
from pdutui.domain.racks import Member, Racks, pair


class Room:
    """Which PDUs can take over from which.

    Args:
        members: every PDU, in the order of the fleet.
        cords: which device hangs on which outlet.
    """

    def __init__(self, members: Iterable[Member], cords: DeviceMap) -> None:
        members = tuple(members)
        self.pdus = tuple(one.pdu for one in members)
        self.locations = {one.pdu: one.location.strip() for one in members}
        self._order = {pdu: place for place, pdu in enumerate(self.pdus)}
        self.cords = cords
        self.racks: Racks = pair(members)
        self.behind: Behind = behind_of(cords.cords, self.pdus)
        """Which PDUs hang on others: their load is in the others' figures."""
        self._devices: dict[str, set[str]] = {}
        for cord in cords.cords:
            self._devices.setdefault(cord.pdu, set()).add(cord.device.casefold())
        self._scopes: dict[tuple[str, ...], tuple[frozenset[str], DeviceMap]] = {}
        self._parts: tuple[tuple[str, ...], ...] | None = None

    def scope(self, pdus: tuple[str, ...]) -> tuple[frozenset[str], DeviceMap]:
        """The PDUs that feed the same devices as these do, and the cords of those devices.

        A PDU that hangs on one of them is such a device, and so is what these hang on.
        """
        if pdus not in self._scopes:
            devices = {device for pdu in pdus for device in self._devices.get(pdu, ())}
            devices |= {pdu.casefold() for pdu in pdus}
            cords = tuple(cord for device in sorted(devices) for cord in self.cords.of(device))
            near = frozenset(pdus) | {cord.pdu for cord in cords}
            self._scopes[pdus] = near, DeviceMap(cords)
        return self._scopes[pdus]

    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The fleet in parts that have nothing to do with each other: no rack, device or cord."""
        if self._parts is None:
            self._parts = self._find_parts()
        return self._parts

    def order(self, pdu: str) -> int:
        """The place of a PDU in the fleet."""
        return self._order.get(pdu, len(self._order))

    def part_of(self, pdu: str) -> tuple[str, ...]:
        """The part that a PDU is in; only itself for one that is not in the fleet."""
        return next((part for part in self.parts() if pdu in part), (pdu,))

    def _find_parts(self) -> tuple[tuple[str, ...], ...]:
        roots: dict[str, str] = {}

        def root(name: str) -> str:
            roots.setdefault(name, name)
            while roots[name] != name:
                roots[name] = roots[roots[name]]
                name = roots[name]
            return name

        for rack in self.racks.racks:
            for pdu in rack.pdus:
                roots[root(pdu)] = root(rack.pdus[0])
        own = {pdu.casefold(): pdu for pdu in self.pdus}
        for pdu, devices in self._devices.items():
            for device in devices:
                # A name of a device cannot be that of a PDU, unless it is that PDU.
                other = own.get(device, f"device {device}")
                roots[root(pdu)] = root(other)
        found: dict[str, list[str]] = {}
        for pdu in self.pdus:
            found.setdefault(root(pdu), []).append(pdu)
        return tuple(tuple(part) for part in found.values())
