"""The names of everything in a Reading that makes a line over time, and how it is stored.

A series is (entity, id, field), written `outlet.3.power_w`, `bank.1.current_a`,
`phase.2.current_a`, `inlet.1.voltage_v`, `source.A.frequency_hz`,
`sensor.temperature_env_1.value`, `ats.0.active`. A sensor's id is made of its kind and name, since
its place changes when another one is plugged in. Values are stored as integers of a fixed scale
per field.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading, Sensor

Entity = Literal["inlet", "phase", "bank", "outlet", "source", "sensor", "ats"]

UNITS_PER: dict[str, int] = {
    "voltage_v": 100,
    "current_a": 1000,
    "power_w": 10,
    "apparent_power_va": 10,
    "power_factor": 1000,
    "frequency_hz": 100,
    "energy_kwh": 1000,
    "value": 100,
    "state": 1,
    "active": 1,
    "redundancy": 1,
}
"""Stored integer = value x this."""

CODES: dict[str, dict[str, int]] = {
    "outlet.state": {"off": 0, "on": 1},
    "source.state": {
        "normal": 0, "under_voltage": 1, "over_voltage": 2, "under_frequency": 3,
        "over_frequency": 4, "lost": 5,
    },
    "load.state": {"normal": 0, "low": 1, "warning": 2, "critical": 3, "tripped": 4},
    "sensor.state": {
        "normal": 0, "low": 1, "warning": 2, "critical": 3, "open": 4, "closed": 5, "on": 6,
        "off": 7, "alarm": 8, "fault": 9,
    },
    "ats.active": {"none": 0, "A": 1, "B": 2},
    "ats.redundancy": {"lost": 0, "full": 1},
}  # fmt: skip
"""Words as integers; a word that is not here (unknown) is stored as NULL."""

_FIELDS: dict[Entity, tuple[str, ...]] = {
    "inlet": (
        "voltage_v", "current_a", "power_w", "apparent_power_va", "power_factor", "frequency_hz",
        "energy_kwh", "state",
    ),
    "phase": (
        "voltage_v", "current_a", "power_w", "apparent_power_va", "power_factor", "energy_kwh",
        "state",
    ),
    "bank": (
        "voltage_v", "current_a", "power_w", "apparent_power_va", "power_factor", "energy_kwh",
        "state",
    ),
    "outlet": ("state", "voltage_v", "current_a", "power_w", "power_factor", "energy_kwh"),
    "source": ("voltage_v", "frequency_hz", "state"),
    "sensor": ("value", "state"),
    "ats": ("active", "redundancy"),
}  # fmt: skip


class Series(msgspec.Struct, frozen=True, order=True):
    """One line over time."""

    entity: Entity
    id: str
    field: str

    @property
    def key(self) -> str:
        """`outlet.3.power_w`."""
        return f"{self.entity}.{self.id}.{self.field}"

    @property
    def units_per(self) -> int:
        """Stored integer = value x this."""
        return UNITS_PER[self.field]

    @property
    def codes(self) -> dict[str, int] | None:
        """The word table of a series of words, else None."""
        if self.field not in ("state", "active", "redundancy"):
            return None
        kind = "load" if self.entity in ("inlet", "phase", "bank") else self.entity
        return CODES[f"{kind}.{self.field}"]


_ID = r"[A-Za-z0-9_]{1,60}"
_LONGEST_ID = 40


def sensor_ids(sensors: Sequence[Sensor]) -> tuple[str, ...]:
    """The series id of every sensor of a reading, in its order.

    Made of kind and name, so that a sensor keeps its history when another one is plugged in before
    it; several of one kind and name are told apart by their order. `[a-z0-9_]` only.
    """
    return _sensor_ids(tuple([(sensor.kind, sensor.name) for sensor in sensors]))


@functools.lru_cache(maxsize=256)
def _sensor_ids(sensors: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    out: list[str] = []
    for kind, name in sensors:
        plain = _slug(f"{kind} {name}")
        ident, count = plain, 1
        while ident in out:
            count += 1
            ident = f"{plain}_{count}"
        out.append(ident)
    return tuple(out)


def _slug(text: str) -> str:
    """Lower case letters, digits and `_`; what that loses is made up for by a checksum."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if len(plain) <= _LONGEST_ID and text.isascii():
        return plain
    return f"{plain[: _LONGEST_ID - 7].rstrip('_')}_{zlib.crc32(text.encode()) & 0xFFFFFF:06x}"


def parse_series(key: str) -> Series:
    """`outlet.3.power_w` as a Series. Raises ValueError naming what is wrong."""
    parts = key.split(".")
    if (
        len(parts) != 3
        or parts[0] not in _FIELDS
        or parts[2] not in _FIELDS[parts[0]]
        or not re.fullmatch(_ID, parts[1])
    ):
        raise ValueError(f"no such series: {key!r} (a series is like outlet.3.power_w)")
    return Series(parts[0], parts[1], parts[2])


def fields_of(entity: Entity) -> tuple[str, ...]:
    """The fields of one kind of part that make series, in the order of `series_values`."""
    return _FIELDS[entity]


def series_values(reading: Reading) -> dict[Series, int | None]:
    """Every series of a reading with its stored integer, None where the device does not say."""
    out: dict[Series, int | None] = {}

    def put(entity: Entity, ident: str, part: msgspec.Struct) -> None:
        for field in _FIELDS[entity]:
            series = Series(entity, ident, field)
            value = getattr(part, field)
            codes = series.codes
            if codes is not None:
                out[series] = None if value is None else codes.get(value)
            else:
                out[series] = None if value is None else round(value * UNITS_PER[field])

    for inlet in reading.inlets:
        put("inlet", str(inlet.number), inlet)
    for phase in reading.phases:
        put("phase", str(phase.number), phase)
    for bank in reading.banks:
        put("bank", str(bank.number), bank)
    for outlet in reading.outlets:
        put("outlet", str(outlet.number), outlet)
    if reading.ats is not None:
        put("ats", "0", reading.ats)
        for source in reading.ats.sources:
            put("source", source.id, source)
    for ident, sensor in zip(sensor_ids(reading.sensors), reading.sensors, strict=True):
        put("sensor", ident, sensor)
    return out
