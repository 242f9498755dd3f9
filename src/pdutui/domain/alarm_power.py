"""Sources, redundancy and sensors, by the states that the device gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from pdutui.domain.alarm import AlarmLevel
from pdutui.domain.alarm_finding import Finding, Key, clear, found
from pdutui.domain.reading import Ats, Sensor, SensorState
from pdutui.domain.series import sensor_ids

_SENSOR_LEVELS: dict[SensorState, AlarmLevel] = {
    "low": "warning", "warning": "warning", "critical": "critical", "alarm": "critical",
    "fault": "critical",
}  # fmt: skip


def ats_findings(ats: Ats | None, hold_s: float, tracked: Collection[Key]) -> Iterator[Finding]:
    """What is wrong with the sources of a transfer switch.

    A source that is lost is told at once; one whose voltage or frequency is off after `hold_s`.
    """
    if ats is None:
        return
    for source in ats.sources:
        part, state = f"source.{source.id}", source.state
        if state == "lost":
            text = f"source {source.id} lost"
            yield found("source_lost", "critical", text, part=part, series=f"{part}.voltage_v")
        elif state not in ("normal", "unknown"):
            text = f"source {source.id} {state.replace('_', ' ')}"
            measure = "frequency_hz" if "frequency" in state else "voltage_v"
            yield Finding(
                kind="source_lost", part=part, level="warning", holds="warning", text=text,
                value=source.frequency_hz if measure == "frequency_hz" else source.voltage_v,
                unit="Hz" if measure == "frequency_hz" else "V",
                series=f"{part}.{measure}", hold_s=hold_s,
            )  # fmt: skip
        elif state == "normal" and tracked:
            yield clear("source_lost", part)
    if ats.active == "none":
        yield found("source_lost", "critical", "no source carries the load", series="ats.0.active")
    elif ats.active is not None and tracked:
        yield clear("source_lost")
    if ats.redundancy == "lost":
        yield found("redundancy_lost", "critical", "redundancy lost", series="ats.0.redundancy")
    elif ats.redundancy == "full" and tracked:
        yield clear("redundancy_lost")


def sensor_parts(sensors: tuple[Sensor, ...]) -> list[str]:
    """The part of each sensor: `sensor.Env 1.temperature`, `... #2` for the next of that name."""
    seen: Counter[tuple[str, str]] = Counter()
    parts: list[str] = []
    for sensor in sensors:
        seen[sensor.name, sensor.kind] += 1
        count = seen[sensor.name, sensor.kind]
        more = "" if count == 1 else f" #{count}"
        parts.append(f"sensor.{sensor.name}.{sensor.kind}{more}")
    return parts


def sensor_findings(sensors: tuple[Sensor, ...], tracked: Collection[Key]) -> Iterator[Finding]:
    """What the device says is wrong with its sensors."""
    if not tracked and not any(sensor.state in _SENSOR_LEVELS for sensor in sensors):
        return
    idents = sensor_ids(sensors)
    for sensor, part, ident in zip(sensors, sensor_parts(sensors), idents, strict=True):
        level = _SENSOR_LEVELS.get(sensor.state)
        if level is None:
            if sensor.state != "unknown" and ("sensor", part, "") in tracked:
                yield clear("sensor", part)
            continue
        unit = {"degC": "°C", "percent": "%"}.get(sensor.unit or "", sensor.unit or "")
        drawn = "" if sensor.value is None else f" at {sensor.value:g} {unit}".rstrip()
        yield Finding(
            kind="sensor", part=part, level=level, holds=level,
            text=f"{sensor.name} {sensor.kind} {sensor.state}{drawn}",
            value=sensor.value, unit=unit, series=f"sensor.{ident}.value",
        )  # fmt: skip
