"""The device map, one device at a time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.domain.devicemap import MappedCord
from pdutui.domain.naming import outlet_place
from pdutui.settings import Settings


class Plugged(msgspec.Struct, frozen=True, kw_only=True):
    """One cord of a device, with what the configuration knows of its PDU."""

    pdu: str
    outlet: int
    cord: str
    feed: str | None
    """None: not said, or the PDU is not configured."""
    configured: bool

    @property
    def text(self) -> str:
        """`A: rack1-a outlet 3 (feed A)`."""
        text = f"{self.pdu} outlet {outlet_place(self.outlet)}"
        if not self.configured:
            text += " (not configured)"
        elif self.feed is not None:
            text += f" (feed {self.feed})"
        return f"{self.cord}: {text}" if self.cord else text


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device and all its cords."""

    name: str
    critical: bool
    """As any of its cords has it."""
    cords: tuple[Plugged, ...]

    @property
    def single(self) -> bool:
        """Whether it has one cord, as far as the map says."""
        return len(self.cords) == 1


def devices_of(settings: Settings) -> list[Device]:
    """The devices of the map by name; capitals do not count."""
    feeds = {pdu.name: pdu.feed for pdu in settings.pdus}
    grouped: dict[str, list[MappedCord]] = {}
    for cord in settings.cords:
        grouped.setdefault(cord.device.casefold(), []).append(cord)
    return [
        Device(
            name=grouped[key][0].device,
            critical=any(cord.critical for cord in grouped[key]),
            cords=_plugged(grouped[key], feeds),
        )
        for key in sorted(grouped)
    ]


def _plugged(cords: Sequence[MappedCord], feeds: dict[str, str | None]) -> tuple[Plugged, ...]:
    found = [
        Plugged(
            pdu=cord.pdu,
            outlet=cord.outlet,
            cord=cord.cord,
            feed=feeds.get(cord.pdu),
            configured=cord.pdu in feeds,
        )
        for cord in cords
    ]
    return tuple(sorted(found, key=lambda one: (one.cord.casefold(), one.pdu, one.outlet)))
