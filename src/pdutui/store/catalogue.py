"""Which lines there are of a PDU, and what people call them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pdutui.domain.history import SeriesInfo
from pdutui.domain.reading import Reading
from pdutui.domain.series import Entity, Series, fields_of, parse_series, sensor_ids
from pdutui.store.codec import DamagedChunk, unpack
from pdutui.store.frames import FOR_EVER, frame_at, read_frame
from pdutui.store.layout import MISSING
from pdutui.store.query import Asked
from pdutui.store.raw import column_name
from pdutui.store.rebuilt import SENSOR_UNITS, sensor_words
from pdutui.store.samples import Known
from pdutui.store.waiting import Rows

_UNITS = {
    "voltage_v": "V", "current_a": "A", "power_w": "W", "apparent_power_va": "VA",
    "frequency_hz": "Hz", "energy_kwh": "kWh",
}  # fmt: skip
_SENSOR_SIGNS = {"degC": "°C", "percent": "%", "g/m3": "g/m³"}
_ORDER: tuple[Entity, ...] = ("inlet", "phase", "bank", "outlet", "ats", "source", "sensor")


def in_order(keys: Iterable[str]) -> list[Series]:
    """Series as they stand in a reading: inlets first, each part by number, its fields together."""
    return sorted(map(parse_series, keys), key=_place)


def _place(series: Series) -> tuple[int, int, str, int]:
    number = int(series.id) if series.id.isdecimal() else 0
    field = fields_of(series.entity).index(series.field)
    return _ORDER.index(series.entity), number, series.id, field


def newest_frame(
    conn: sqlite3.Connection, ident: int | None, pdu: str, waiting: Iterable[tuple[int, str]]
) -> Reading | None:
    """What was last known of a PDU beside its figures; None if nothing was.

    Args:
        conn: The database.
        ident: The number of the PDU in it.
        pdu: Its name.
        waiting: Frames in memory, oldest first.
    """
    found = list(waiting)[-1:]
    if not found and ident is not None:
        stored = frame_at(conn, ident, FOR_EVER)
        found = [] if stored is None else [stored]
    return read_frame(pdu, found[0][1]) if found else None


def described(series: Iterable[Series], frame: Reading | None) -> list[SeriesInfo]:
    """Names, units and words of lines."""
    names = {} if frame is None else _names(frame)
    units = {} if frame is None else _sensor_units(frame)
    out = []
    for one in series:
        kind = sensor_words(one.id)[0] if one.entity == "sensor" else ""
        unit = _UNITS.get(one.field, "")
        if one.field == "value":
            said = units.get(one.id) or SENSOR_UNITS.get(kind) or ""
            unit = _SENSOR_SIGNS.get(said, said)
        out.append(
            SeriesInfo(
                key=one.key,
                name=names.get((one.entity, one.id)) or _plain_name(one.entity, one.id),
                unit=unit,
                words={code: word for word, code in (one.codes or {}).items()},
            )
        )
    return out


def _names(frame: Reading) -> dict[tuple[Entity, str], str]:
    out: dict[tuple[Entity, str], str] = {}
    for inlet in frame.inlets:
        ident = str(inlet.number)
        out["inlet", ident] = _called("Inlet", ident, inlet.name, f"I{ident}")
    for phase in frame.phases:
        ident = str(phase.number)
        out["phase", ident] = f"Phase {phase.name or ident}"
    for bank in frame.banks:
        ident = str(bank.number)
        out["bank", ident] = _called("Bank", ident, bank.name, f"B{ident}")
    for outlet in frame.outlets:
        place = outlet.label or str(outlet.number)
        out["outlet", str(outlet.number)] = _called("Outlet", place, outlet.name, f"O{place}")
    for source in frame.ats.sources if frame.ats is not None else ():
        out["source", source.id] = _called("Source", source.id, source.name)
    for ident, sensor in zip(sensor_ids(frame.sensors), frame.sensors, strict=True):
        out["sensor", ident] = sensor.name or _plain_name("sensor", ident)
    return out


def _called(kind: str, place: str, name: str, *same: str) -> str:
    """`Outlet 3 db01`; `Outlet 3` where the name says no more than that."""
    plain = f"{kind} {place}"
    says_no_more = {plain, f"{kind}{place}", place, "", *same}
    if name.strip().casefold() in {each.casefold() for each in says_no_more}:
        return plain
    return f"{plain} {name.strip()}"


def _plain_name(entity: Entity, ident: str) -> str:
    if entity == "ats":
        return "Transfer switch"
    if entity == "sensor":
        name = sensor_words(ident)[1]
        return name[:1].upper() + name[1:]
    if entity == "phase":
        return f"Phase L{ident}"
    return f"{entity.capitalize()} {ident}"


def _sensor_units(frame: Reading) -> dict[str, str]:
    pairs = zip(sensor_ids(frame.sensors), frame.sensors, strict=True)
    return {ident: sensor.unit for ident, sensor in pairs if sensor.unit}


def with_values(
    conn: sqlite3.Connection, asked: Asked, known: Known | None, rows: Rows
) -> set[str]:
    """The series that ever had a value, as far as anything is kept of it.

    A column is made for all parts of a kind as soon as one of them has a value, so a column alone
    says nothing. Looked for in memory, in the rows that are not sealed, and in the rollups from
    the newest day back.
    """
    found = _waiting_keys(rows)
    if known is None:
        return found
    rest = known.keys - found
    found |= _raw_keys(conn, known, rest)
    for part, ident in known.parts.items():
        asked.step()
        fields = {key for key in known.keys - found if key.rpartition(".")[0] == part}
        if fields:
            found |= _rolled_up(conn, part, ident, fields)
    return found


def _waiting_keys(rows: Rows) -> set[str]:
    found: set[str] = set()
    for layout in {layout for layout, _ in rows}:
        mine = [values for each, (_, values) in rows if each is layout]
        found |= {
            key
            for key, place in layout.index.items()
            if any(values[place] != MISSING for values in mine)
        }
    return found


def _raw_keys(conn: sqlite3.Connection, known: Known, keys: Iterable[str]) -> set[str]:
    names = [(key, column_name(parse_series(key))) for key in sorted(keys)]
    if not names:
        return set()
    newest = conn.execute(
        f"SELECT {', '.join(column for _, column in names)} FROM raw_{known.id} "
        "ORDER BY ts DESC LIMIT 1"
    ).fetchone()
    found = {key for (key, _), value in zip(names, newest or (), strict=False) if value is not None}
    for key, column in names:
        if key not in found:
            there = f"SELECT 1 FROM raw_{known.id} WHERE {column} IS NOT NULL LIMIT 1"
            if conn.execute(there).fetchone():
                found.add(key)
    return found


def _rolled_up(conn: sqlite3.Connection, part: str, ident: int, keys: set[str]) -> set[str]:
    """Those of some series of one part that have a value in its rollups."""
    found: set[str] = set()
    counts = {f"{key.rpartition('.')[2]}.n": key for key in keys}
    days = conn.execute("SELECT z FROM quarters WHERE part = ? ORDER BY day DESC", (ident,))
    for (z,) in days:
        try:
            columns = unpack(z, counts)
        except DamagedChunk:
            continue
        found |= {counts[name] for name, values in columns.items() if any(values)}
        if len(found) == len(keys):
            break
    return found
