"""A Reading as text: aligned tables with units, `-` for what the device does not say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pdutui.domain.load import Load, percent_of, total_load
from pdutui.domain.naming import printable
from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor

UNKNOWN = "-"
Row = tuple[str, ...]


def clean(text: str) -> str:
    """Text of a device or a person without control codes, which could drive a terminal."""
    return printable(text)


def figure(value: float | None, digits: int) -> str:
    """A number with fixed decimals, `-` where it is unknown."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def limit(amperes: float | None) -> str:
    """A rating or threshold: one of 12.8 A is not shown as 13."""
    return figure(amperes, 1).removesuffix(".0")


def table(heads: Sequence[str], rows: Sequence[Row], *, words: frozenset[str]) -> list[str]:
    """Lines of a table; columns whose head is in `words` stand left, figures right.

    A column that is `-` in every row is left out: the device has not got it.
    """
    keep = [n for n in range(len(heads)) if any(row[n] != UNKNOWN for row in rows)]
    widths = [max(len(heads[n]), *(len(row[n]) for row in rows)) for n in keep]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cells[n].ljust(width) if heads[n] in words else cells[n].rjust(width)
            for n, width in zip(keep, widths, strict=True)
        ]
        return ("  " + "  ".join(padded)).rstrip()

    return [line(heads), *(line(row) for row in rows)]


def reading_text(reading: Reading) -> str:
    """The whole reading, a heading and a table for each part that the PDU has."""
    lines = [_heading(reading), _summary(total_load(reading))]
    if reading.inlets:
        lines += ["", *_inlets(reading.inlets)]
    if reading.phases:
        lines += ["", *_phases(reading.phases)]
    if reading.banks:
        lines += ["", *_banks(reading.banks)]
    if reading.ats is not None:
        lines += ["", *_ats(reading.ats)]
    if reading.outlets:
        lines += ["", *_outlets(reading.outlets)]
    if reading.sensors:
        lines += ["", *_sensors(reading.sensors)]
    lines += [f"error: {clean(error)}" for error in reading.poll.errors]
    return "\n".join(lines)


def _heading(reading: Reading) -> str:
    what = " ".join(clean(part) for part in (reading.vendor, reading.model) if part)
    parts = [clean(reading.pdu), what or "unknown model"]
    if reading.name and reading.name != reading.pdu:
        parts.append(f'"{clean(reading.name)}"')
    if reading.serial:
        parts.append(f"serial {clean(reading.serial)}")
    if reading.firmware:
        parts.append(f"firmware {clean(reading.firmware)}")
    if reading.uptime_s is not None:
        parts.append(f"up {_span(reading.uptime_s)}")
    parts.append(reading.time.strftime("%Y-%m-%d %H:%M:%S UTC"))
    parts.append(f"{reading.poll.duration_ms:.1f} ms")
    return "  ".join(parts)


def _span(seconds: int) -> str:
    minutes = seconds // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


def _summary(load: Load) -> str:
    parts = [f"total {figure(load.power_w, 0)} W", f"{figure(load.current_a, 2)} A"]
    if load.percent is not None:
        parts.append(f"{load.percent:.0f} % of the rating")
    return "  ".join(parts)


def _inlets(inlets: Sequence[Inlet]) -> list[str]:
    heads = (
        "inlet", "unit", "name", "V", "A", "W", "VA", "PF", "Hz", "kWh", "rating A", "load %",
        "state",
    )  # fmt: skip
    rows = [
        (
            _local(i.number, i.module),
            _unit(i.module),
            clean(i.name),
            figure(i.voltage_v, 1),
            figure(i.current_a, 2),
            figure(i.power_w, 0),
            figure(i.apparent_power_va, 0),
            figure(i.power_factor, 2),
            figure(i.frequency_hz, 1),
            figure(i.energy_kwh, 1),
            limit(i.rating_a),
            figure(percent_of(i.current_a, i.rating_a), 0),
            i.state,
        )
        for i in inlets
    ]
    return table(heads, rows, words=frozenset({"name", "state"}))


def _phases(phases: Sequence[Phase]) -> list[str]:
    heads = (
        "phase", "unit", "name", "V", "A", "W", "VA", "PF", "kWh", "rating A", "warning A",
        "critical A", "state",
    )  # fmt: skip
    return table(heads, [_row(p) for p in phases], words=frozenset({"name", "state"}))


def _banks(banks: Sequence[Bank]) -> list[str]:
    heads = (
        "bank", "unit", "name", "V", "A", "W", "VA", "PF", "kWh", "rating A", "warning A",
        "critical A", "state",
    )  # fmt: skip
    return table(heads, [_row(b) for b in banks], words=frozenset({"name", "state"}))


def _row(part: Phase | Bank) -> Row:
    return (
        _local(part.number, part.module),
        _unit(part.module),
        clean(part.name),
        figure(part.voltage_v, 1),
        figure(part.current_a, 2),
        figure(part.power_w, 0),
        figure(part.apparent_power_va, 0),
        figure(part.power_factor, 2),
        figure(part.energy_kwh, 1),
        limit(part.rating_a),
        limit(part.warning_a),
        limit(part.critical_a),
        part.state,
    )


def _unit(module: int | None) -> str:
    """The unit of a chain that a part belongs to."""
    return UNKNOWN if module is None else str(module)


def _local(number: int, module: int | None) -> str:
    """A part's number in its unit."""
    return str(number if module is None or module == 1 else number % 1000)


def _ats(ats: Ats) -> list[str]:
    facts = [f"active {ats.active or 'unknown'}", f"preferred {ats.preferred or 'unknown'}"]
    facts.append(f"redundancy {ats.redundancy or 'unknown'}")
    if ats.phase_sync is not None:
        facts.append(ats.phase_sync.replace("_", " "))
    if ats.sensitivity is not None:
        facts.append(f"sensitivity {clean(ats.sensitivity)}")
    lines = ["  source  " + "  ".join(facts)]
    rows = [
        (
            f"{s.id}{' *' if s.id == ats.active else ''}",
            clean(s.name),
            figure(s.voltage_v, 1),
            figure(s.frequency_hz, 1),
            s.state.replace("_", " "),
        )
        for s in ats.sources
    ]
    if rows:
        heads = ("source", "name", "V", "Hz", "state")
        lines = table(heads, rows, words=frozenset({"source", "name", "state"}))
        lines.insert(0, "  transfer switch: " + ", ".join(facts))
    return lines


def _outlets(outlets: Sequence[Outlet]) -> list[str]:
    heads = ("outlet", "place", "state", "name", "bank", "V", "A", "W", "PF", "kWh", "note")
    rows = []
    for o in outlets:
        notes = [f"pending {o.pending}"] if o.pending else []
        if not o.switchable:
            notes.append("not switchable")
        rows.append(
            (
                str(o.number),
                clean(o.label or "") or UNKNOWN,
                o.state,
                clean(o.name) or UNKNOWN,
                UNKNOWN if o.bank is None else _local(o.bank, o.module),
                figure(o.voltage_v, 1),
                figure(o.current_a, 2),
                figure(o.power_w, 0),
                figure(o.power_factor, 2),
                figure(o.energy_kwh, 1),
                ", ".join(notes) or UNKNOWN,
            )
        )
    return table(heads, rows, words=frozenset({"place", "state", "name", "note"}))


def _sensors(sensors: Sequence[Sensor]) -> list[str]:
    units = {"degC": "°C", "percent": "%", "g/m3": "g/m³"}
    rows = [
        (
            clean(s.name),
            s.kind.replace("_", " "),
            figure(s.value, 1),
            UNKNOWN if s.unit is None else units.get(s.unit, clean(s.unit)),
            s.state,
        )
        for s in sensors
    ]
    heads = ("sensor", "kind", "value", "unit", "state")
    return table(heads, rows, words=frozenset({"sensor", "kind", "unit", "state"}))


def iso(time: datetime) -> str:
    """A UTC time as every JSON of pdutui has it: `2026-11-20T14:02:11.003Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
