"""A Reading from what is kept of it: its frame, and the row of scaled integers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.domain.series import UNITS_PER, Entity, Series, parse_series, sensor_ids

Part = TypeVar("Part", bound=msgspec.Struct)

Facts = dict[str, Any]
"""Field -> value in units, or a word."""

SENSOR_UNITS = {
    "temperature": "degC",
    "humidity": "percent",
    "absolute_humidity": "g/m3",
}
_KINDS = ("absolute_humidity",)
"""Kinds of sensors that are more than one word."""


def rebuilt(
    pdu: str, ts_ms: int, frame: Reading | None, row: Mapping[str, int | None]
) -> tuple[Reading, bool]:
    """The reading of a moment.

    Args:
        pdu: Its name.
        ts_ms: When the poll ended.
        frame: What is known of that time beside the row; None: nothing.
        row: Scaled integers by key of series.

    Returns:
        The reading, and whether it is complete: False if there is no frame, or if there are
        values of parts that the frame does not name. Such parts are there with what is known.
    """
    said: dict[tuple[Entity, str], Facts] = {}
    for key, value in row.items():
        if value is not None:
            series = _series(key)
            facts = said.setdefault((series.entity, series.id), {})
            facts[series.field] = _in_units(series, value)
    known = frame or Reading(pdu=pdu, time=datetime.fromtimestamp(0, UTC))

    def taken(entity: Entity, ident: str) -> Facts:
        return said.pop((entity, ident), {})

    reading = msgspec.structs.replace(
        known,
        pdu=pdu,
        time=datetime.fromtimestamp(ts_ms // 1000, UTC).replace(microsecond=ts_ms % 1000 * 1000),
        inlets=tuple([_with(p, taken("inlet", str(p.number))) for p in known.inlets]),
        phases=tuple([_with(p, taken("phase", str(p.number))) for p in known.phases]),
        banks=tuple([_with(p, taken("bank", str(p.number))) for p in known.banks]),
        outlets=tuple([_with(p, taken("outlet", str(p.number))) for p in known.outlets]),
        sensors=tuple(
            [
                _with(sensor, taken("sensor", ident))
                for ident, sensor in zip(sensor_ids(known.sensors), known.sensors, strict=True)
            ]
        ),
        ats=_ats(known.ats, taken),
    )
    if not said:
        return reading, frame is not None
    return _with_plain(reading, said), False


@cache
def _series(key: str) -> Series:
    return parse_series(key)


@cache
def _words(entity: Entity, field: str) -> dict[int, str] | None:
    codes = Series(entity, "0", field).codes
    return None if codes is None else {code: word for word, code in codes.items()}


def _in_units(series: Series, value: int) -> Any:
    words = _words(series.entity, series.field)
    if words is None:
        return value / UNITS_PER[series.field]
    return words.get(value, "unknown" if series.field == "state" else None)


def _with(part: Part, facts: Facts) -> Part:
    return msgspec.structs.replace(part, **facts) if facts else part


def _ats(ats: Ats | None, taken: Callable[[Entity, str], Facts]) -> Ats | None:
    if ats is None:
        return None
    sources = tuple([_with(source, taken("source", source.id)) for source in ats.sources])
    return msgspec.structs.replace(ats, sources=sources, **taken("ats", "0"))


def _with_plain(reading: Reading, said: Mapping[tuple[Entity, str], Facts]) -> Reading:
    """The reading with parts of which nothing but their values is known."""
    made: dict[str, list[Any]] = {entity: [] for entity, _ in said}
    for (entity, ident), facts in sorted(said.items(), key=lambda item: _natural(*item[0])):
        made[entity].append(_plain(entity, ident)(**facts))
    ats = reading.ats
    if "source" in made or "ats" in made:
        ats = made["ats"][0] if "ats" in made else ats or Ats()
        ats = msgspec.structs.replace(ats, sources=(*ats.sources, *made.get("source", ())))
    return msgspec.structs.replace(
        reading,
        inlets=(*reading.inlets, *made.get("inlet", ())),
        phases=(*reading.phases, *made.get("phase", ())),
        banks=(*reading.banks, *made.get("bank", ())),
        outlets=(*reading.outlets, *made.get("outlet", ())),
        sensors=(*reading.sensors, *made.get("sensor", ())),
        ats=ats,
    )


def _natural(entity: Entity, ident: str) -> tuple[str, int, str]:
    return entity, int(ident) if ident.isdecimal() else 0, ident


def _plain(entity: Entity, ident: str) -> Callable[..., msgspec.Struct]:
    """A part with nothing but its number, and a name made of that."""
    number = int(ident) if ident.isdecimal() else 0
    if entity == "inlet":
        return lambda **facts: Inlet(number=number, name=f"I{number}", **facts)
    if entity == "phase":
        return lambda **facts: Phase(number=number, name=f"L{number}", **facts)
    if entity == "bank":
        return lambda **facts: Bank(number=number, name=f"Bank {number}", **facts)
    if entity == "outlet":
        return lambda **facts: Outlet(number=number, name="", **facts)
    if entity == "source":
        return lambda **facts: Source(id=_source_id(ident), name=f"Source {ident}", **facts)
    if entity == "ats":
        return lambda **facts: Ats(**facts)
    kind, name = sensor_words(ident)
    return lambda **facts: Sensor(name=name, kind=kind, unit=SENSOR_UNITS.get(kind), **facts)


def _source_id(ident: str) -> Any:
    return "B" if ident == "B" else "A"


def sensor_words(ident: str) -> tuple[str, str]:
    """Kind and name of a sensor, as far as its id tells: `temperature`, `env 1`."""
    for kind in _KINDS:
        if ident.startswith(f"{kind}_"):
            return kind, ident.removeprefix(f"{kind}_").replace("_", " ")
    kind, _, name = ident.partition("_")
    return kind, name.replace("_", " ") or kind
