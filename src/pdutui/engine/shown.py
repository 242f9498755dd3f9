"""A reading as it is shown, on screen and in `pdutui poll`: the floor and the names applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pdutui.engine.floor import apply_floor

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading
    from pdutui.engine.overrides import Overrides
    from pdutui.settings import PduSettings


def shown(raw: Reading, settings: PduSettings, overrides: Overrides) -> Reading:
    """Floor and names: the console's over the config's over the device's.

    The same object if nothing changes.
    """
    reading = apply_floor(raw, settings.floor)
    given = overrides.names_of(settings.name)
    if not given and not settings.outlets:
        return reading
    new: dict[int, str] = {}
    for outlet in reading.outlets:
        configured = settings.outlets.get(outlet.number)
        name = given.get(outlet.number) or (configured.name if configured else None)
        if name and name != outlet.name:
            new[outlet.number] = name
    if not new:
        return reading
    outlets = tuple(
        msgspec.structs.replace(outlet, name=new[outlet.number]) if outlet.number in new else outlet
        for outlet in reading.outlets
    )
    return msgspec.structs.replace(reading, outlets=outlets)
