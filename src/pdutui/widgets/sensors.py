"""Environment sensors: one line where there is little room, a row each where there is more."""

from __future__ import annotations

from textual.strip import Strip

from pdutui.domain.reading import Sensor
from pdutui.widgets.figures import quantity
from pdutui.widgets.line import Line, Piece, pieces_width
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.scene import Scene
from pdutui.widgets.text import fit

_UNITS = {"degC": "°C", "degF": "°F", "percent": "%", "g/m3": "g/m³"}
_CALM = ("normal", "open", "closed", "on", "off", "unknown")


class SensorPanel(Panel):
    """What the probes say."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """One line, or a head and a row each."""
        return sensor_panel(scene, width, height)


def sensor_panel(scene: Scene, width: int, height: int) -> list[Strip]:
    """The lines of the sensors."""
    sensors = scene.reading.sensors if scene.reading else ()
    if height == 1:
        return [_line(scene, sensors, width)]
    lines = [head(scene, width, "Environment", [], focused=False)]
    names = max((len(scene.clean(s.name)) for s in sensors), default=0)
    for place, sensor in enumerate(sensors):
        if len(lines) == height - 1 and place < len(sensors) - 1:
            rest = f"  {len(sensors) - place} more"
            lines.append(Line(scene.inks, width).add(rest, "muted").strip())
            break
        line = Line(scene.inks, width).add("  ")
        line.add(fit(scene.clean(sensor.name), min(24, names + 1), scene.glyphs.ellipsis), "text")
        line.add(
            fit(scene.clean(sensor.kind.replace("_", " ")), 13, scene.glyphs.ellipsis), "muted"
        )
        lines.append(line.extend(_value(scene, sensor)).strip())
    return lines


def _line(scene: Scene, sensors: tuple[Sensor, ...], width: int) -> Strip:
    """As many as fit, alarms first."""
    line = Line(scene.inks, width).add(" ")
    before = ""
    for place, sensor in enumerate(sorted(sensors, key=lambda s: s.state in _CALM)):
        name = scene.clean(sensor.name)
        label: list[Piece] = [(f"{name} ", "muted")] if name != before else []
        pieces = [*label, *_value(scene, sensor)]
        before = name
        more = f"  +{len(sensors) - place}"
        last = place == len(sensors) - 1
        if line.room < pieces_width(pieces) + 3 + (0 if last else len(more)):
            line.add(more, "muted")
            break
        line.add("   " if place else "", "text").extend(pieces)
    return line.strip()


def _value(scene: Scene, sensor: Sensor) -> list[Piece]:
    unit = _UNITS.get(sensor.unit or "", sensor.unit or "")
    if scene.glyphs.ascii_only:
        unit = unit.replace("°", "").replace("³", "3")
    unit = scene.clean(unit)
    alarm = sensor.state not in _CALM
    ink = "critical" if sensor.state in ("critical", "alarm", "fault") else "warning"
    pieces: list[Piece] = []
    if sensor.value is not None or sensor.unit:
        known = sensor.value is not None
        role = ink if alarm else "value" if known else "muted"
        pieces.append((quantity(sensor.value, unit, scene.na), scene.ink(role)))
    if alarm or not pieces:
        role = ink if alarm else "unknown" if sensor.state == "unknown" else "text"
        word = sensor.state.upper() if alarm else sensor.state
        pieces.append((f"{' ' if pieces else ''}{word}", scene.ink(role)))
    return pieces
