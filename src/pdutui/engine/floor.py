"""The metering floor: the noise that idle current clamps report is shown as 0.

It is for display only. The store keeps what the device said, so that a floor can be changed
later without having lost anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading

if TYPE_CHECKING:
    from pdutui.settings import FloorSettings

Metered = TypeVar("Metered", Inlet, Phase, Bank, Outlet)


def is_noise(current_a: float | None, power_w: float | None, floor: FloorSettings) -> bool:
    """Whether a current and a power are both below the floor, as far as they are known.

    A limit of 0 is no limit: the figure it would judge then does not speak for noise, nor against
    it. With nothing known, or no limit set for what is known, it is no noise.
    """
    limits = ((current_a, floor.current_a), (power_w, floor.power_w))
    judged = [abs(value) < limit for value, limit in limits if value is not None and limit > 0]
    return bool(judged) and all(judged)


def apply_floor(reading: Reading, floor: FloorSettings) -> Reading:
    """The reading with noise as 0; unknown stays unknown. The same object if nothing changes."""
    if floor.current_a <= 0 and floor.power_w <= 0:
        return reading
    return msgspec.structs.replace(
        reading,
        inlets=tuple(_quiet(part, floor) for part in reading.inlets),
        phases=tuple(_quiet(part, floor) for part in reading.phases),
        banks=tuple(_quiet(part, floor) for part in reading.banks),
        outlets=tuple(_quiet(part, floor) for part in reading.outlets),
    )


def _quiet(part: Metered, floor: FloorSettings) -> Metered:
    if not is_noise(part.current_a, part.power_w, floor):
        return part
    quiet = msgspec.structs.replace(
        part,
        current_a=None if part.current_a is None else 0.0,
        power_w=None if part.power_w is None else 0.0,
    )
    if not isinstance(quiet, Outlet) and quiet.apparent_power_va is not None:
        quiet = msgspec.structs.replace(quiet, apparent_power_va=0.0)
    return quiet
