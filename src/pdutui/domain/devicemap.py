"""Which device hangs on which outlet, and by which of its cords."""

from __future__ import annotations

import msgspec


class MappedCord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the map: a device's cord in an outlet."""

    device: str
    pdu: str
    """Configured name. It may be one that is not configured: its state is unknown then."""
    outlet: int
    """As a Reading numbers it."""
    cord: str = ""
    """A, B, PSU1; empty where the map does not say."""
    critical: bool = False
    """Its going dark has to be confirmed by name."""


class DeviceMap:
    """The cords of all devices. What is not in it is not known; nothing is concluded from that."""

    def __init__(self, cords: tuple[MappedCord, ...] = ()) -> None:
        self.cords = cords
        self._at: dict[tuple[str, int], list[MappedCord]] = {}
        self._of: dict[str, list[MappedCord]] = {}
        self._on: dict[str, dict[str, str]] = {}
        for cord in cords:
            self._at.setdefault((cord.pdu, cord.outlet), []).append(cord)
            self._of.setdefault(cord.device.casefold(), []).append(cord)
            fed = self._on.setdefault(cord.pdu.casefold(), {})
            fed.setdefault(cord.device.casefold(), cord.device)

    def at(self, pdu: str, outlet: int) -> tuple[MappedCord, ...]:
        """What is plugged into an outlet; more than one where a splitter is."""
        return tuple(self._at.get((pdu, outlet), ()))

    def of(self, device: str) -> tuple[MappedCord, ...]:
        """All cords of a device; capitals do not count."""
        return tuple(self._of.get(device.casefold(), ()))

    def fed_by(self, device: str) -> tuple[str, ...]:
        """What hangs on a device that is a PDU itself, as behind a transfer switch."""
        return tuple(self._on.get(device.casefold(), {}).values())

    def partners(self, pdus: frozenset[str]) -> frozenset[str]:
        """The PDUs that feed the same devices as those do, themselves included."""
        devices = {c.device.casefold() for c in self.cords if c.pdu in pdus}
        return pdus | {c.pdu for c in self.cords if c.device.casefold() in devices}
