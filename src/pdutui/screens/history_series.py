"""The lines that a PDU has: what the picker lists, what the cursor stands for, and their names.

Names are those of the PDU screen; what is no longer there keeps the name that it had last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from pdutui.domain.history import SeriesInfo
from pdutui.domain.reading import Outlet, Reading
from pdutui.domain.series import Entity, Series, fields_of, parse_series, sensor_ids
from pdutui.engine.labels import outlet_label
from pdutui.widgets.bank_meter import meters
from pdutui.widgets.outlet_grid import place_of

GROUPS: tuple[tuple[Entity, str], ...] = (
    ("outlet", "Outlets"),
    ("bank", "Banks"),
    ("inlet", "Inlets"),
    ("phase", "Phases"),
    ("source", "Sources"),
    ("sensor", "Sensors"),
    ("ats", "Transfer switch"),
)
"""In the order of the picker."""
_QUANTITIES: dict[str, tuple[str, str]] = {
    "power_w": ("Power", "W"),
    "current_a": ("Current", "A"),
    "voltage_v": ("Voltage", "V"),
    "apparent_power_va": ("Apparent power", "VA"),
    "power_factor": ("Power factor", ""),
    "frequency_hz": ("Frequency", "Hz"),
    "energy_kwh": ("Energy", "kWh"),
    "value": ("Value", ""),
    "state": ("State", ""),
    "active": ("Active source", ""),
    "redundancy": ("Redundancy", ""),
}
_UNITS = {"degC": "°C", "percent": "%", "g/m3": "g/m³"}
QUANTITIES = tuple(name for name, _ in _QUANTITIES.values())
"""In the order of the picker."""
_FIRST: dict[Entity, tuple[str, ...]] = {
    "outlet": ("power_w", "current_a", "energy_kwh", "state"),
    "bank": ("current_a", "power_w", "apparent_power_va", "voltage_v", "state"),
    "phase": ("current_a", "power_w", "apparent_power_va", "voltage_v", "state"),
    "inlet": ("power_w", "current_a", "apparent_power_va", "voltage_v", "energy_kwh", "state"),
    "source": ("voltage_v", "frequency_hz", "state"),
    "sensor": ("value", "state"),
    "ats": ("active", "redundancy"),
}
"""What is shown first of a part, if it is there."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line that can be shown."""

    info: SeriesInfo
    group: Entity
    quantity: str
    """`Power`."""

    @property
    def key(self) -> str:
        """Its series."""
        return self.info.key


def entries(known: Iterable[SeriesInfo], reading: Reading | None) -> list[Entry]:
    """Every line there is, in the order of the picker: recorded ones, and what is read now."""
    named = names(reading)
    units = _sensor_units(reading)
    found: dict[str, SeriesInfo] = {}
    for info in known:
        prefix = info.key.rpartition(".")[0]
        found[info.key] = msgspec.structs.replace(info, name=named.get(prefix, info.name))
    for series in _present(reading):
        if series.key not in found:
            prefix = f"{series.entity}.{series.id}"
            unit = units.get(series.id, "") if series.entity == "sensor" else ""
            codes = series.codes or {}
            found[series.key] = SeriesInfo(
                key=series.key,
                name=named.get(prefix, prefix),
                unit=unit if series.field == "value" else _QUANTITIES[series.field][1],
                words={code: word for word, code in codes.items()},
            )
    order = {prefix: place for place, prefix in enumerate(named)}
    ranks = {entity: place for place, (entity, _) in enumerate(GROUPS)}
    listed: list[tuple[tuple[int, int, int], Entry]] = []
    for place, info in enumerate(found.values()):
        series = parse_series(info.key)
        prefix = f"{series.entity}.{series.id}"
        # Parts that are gone stand behind those that are there, in the order they were known in.
        rank = (ranks[series.entity], order.get(prefix, len(order) + place), 0)
        field = list(_QUANTITIES).index(series.field)
        entry = Entry(info=info, group=series.entity, quantity=_QUANTITIES[series.field][0])
        listed.append(((*rank[:2], field), entry))
    return [entry for _, entry in sorted(listed, key=lambda item: item[0])]


def info_of(key: str, listed: Sequence[Entry]) -> SeriesInfo:
    """A line by its key; one that is not known at all is called by it."""
    found = next((entry.info for entry in listed if entry.key == key), None)
    return found or SeriesInfo(key=key, name=key.rpartition(".")[0].replace(".", " "), unit="")


def first_of(subject: str, reading: Reading | None, there: Iterable[str]) -> str | None:
    """The line that stands for `outlet.3` or `bank.1`; without a subject, for the whole PDU.

    Args:
        subject: The beginning of a series, or nothing.
        reading: What the device says now.
        there: The series that are recorded.
    """
    known = set(there) | {series.key for series in _present(reading)}
    subjects = [subject] if subject else []
    if not subjects and reading is not None:
        subjects += [meter.key for meter in meters(reading)]
        subjects += [prefix for prefix in names(reading) if prefix not in subjects]
    subjects += [key.rpartition(".")[0] for key in there] if not subjects else []
    for prefix in subjects:
        entity = prefix.partition(".")[0]
        for group, _ in GROUPS:
            if group == entity:
                for field in _FIRST[group]:
                    if f"{prefix}.{field}" in known:
                        return f"{prefix}.{field}"
    return None


def names(reading: Reading | None) -> dict[str, str]:
    """What the parts of a PDU are called on its screen, by the beginning of their series."""
    if reading is None:
        return {}
    out: dict[str, str] = {f"outlet.{o.number}": _outlet(o) for o in reading.outlets}
    out.update({meter.key: meter.name for meter in meters(reading)})
    if reading.ats is not None:
        out.update({f"source.{s.id}": s.name or f"Source {s.id}" for s in reading.ats.sources})
        out["ats.0"] = "Transfer switch"
    for ident, sensor in zip(sensor_ids(reading.sensors), reading.sensors, strict=True):
        kind = sensor.kind.replace("_", " ")
        plain = sensor.name.casefold().replace("/", " ")
        out[f"sensor.{ident}"] = sensor.name if kind in plain else f"{sensor.name} {kind}".strip()
    return out


def _outlet(outlet: Outlet) -> str:
    label = outlet_label(outlet.number, outlet.name, place_of(outlet))
    return label[:1].upper() + label[1:]


def _present(reading: Reading | None) -> list[Series]:
    """The series that have a value now."""
    if reading is None:
        return []
    parts: list[tuple[Entity, str, msgspec.Struct]] = []
    parts += [("inlet", str(i.number), i) for i in reading.inlets]
    parts += [("phase", str(p.number), p) for p in reading.phases]
    parts += [("bank", str(b.number), b) for b in reading.banks]
    parts += [("outlet", str(o.number), o) for o in reading.outlets]
    if reading.ats is not None:
        parts.append(("ats", "0", reading.ats))
        parts += [("source", s.id, s) for s in reading.ats.sources]
    idents = sensor_ids(reading.sensors)
    parts += [("sensor", i, s) for i, s in zip(idents, reading.sensors, strict=True)]
    return [
        Series(entity, ident, field)
        for entity, ident, part in parts
        for field in fields_of(entity)
        if getattr(part, field) not in (None, "unknown")
    ]


def _sensor_units(reading: Reading | None) -> dict[str, str]:
    sensors = reading.sensors if reading is not None else ()
    return {
        ident: _UNITS.get(sensor.unit or "", sensor.unit or "")
        for ident, sensor in zip(sensor_ids(sensors), sensors, strict=True)
    }
