"""Environment sensors: one line where there is little room, a row each where there is more."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.widgets.figures import amps, volts, watts
from pdutui.widgets.layout import SENSOR_COLUMN
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.text import fit, lead, width_of

if TYPE_CHECKING:
    from pdutui.domain.reading import Sensor
    from pdutui.widgets.scene import Scene

_UNITS = {"degC": "°C", "degF": "°F", "percent": "%", "g/m3": "g/m³", "m3/min": "m³/min"}
_CALM = ("normal", "open", "closed", "on", "off", "unknown")
_WRITE = {"A": amps, "W": watts, "VA": watts, "rpm": watts}
"""How a figure is written; in tenths otherwise."""


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
    rows = height - 1
    columns = max(1, min(width // SENSOR_COLUMN, ceil(len(sensors) / rows)))
    room = rows * columns
    more: list[Piece] = []
    if len(sensors) > room:
        # Alarms stay on the screen, whatever else has to go.
        sensors = tuple(sorted(sensors, key=lambda s: s.state in _CALM))
        more = [(f"{room} of {len(sensors)}", "text")]
    lines = [head(scene, width, "Environment", more, focused=False)]
    shown = sensors[:room]
    kinds = any(_kind(s) not in s.name.casefold().replace("/", " ") for s in shown)
    names = max((width_of(scene.clean(s.name)) for s in shown), default=0)
    figures = max((len(_figure(scene, s)) for s in shown), default=0)
    values = max((pieces_width(_value(scene, s, figures=figures)) for s in shown), default=0)
    each = ceil(len(shown) / columns)
    for row in range(each):
        strips: list[Strip] = []
        for column in range(columns):
            cells = width * (column + 1) // columns - width * column // columns
            place = column * each + row
            if place < len(shown):
                strips.append(_row(scene, shown[place], cells, names, (figures, values), kinds))
            else:
                strips.append(blank(scene.inks, cells))
        lines.append(Strip.join(strips))
    return lines


def _kind(sensor: Sensor) -> str:
    return sensor.kind.casefold().replace("_", " ")


def _row(
    scene: Scene, sensor: Sensor, width: int, names: int, sizes: tuple[int, int], kinds: bool
) -> Strip:
    """Name, kind where the names do not say it, value; `sizes` of figures and of values."""
    line = Line(scene.inks, width).add(" ")
    figures, values = sizes
    wide = min(names, 24, max(6, line.room - 2 - values))
    line.add(fit(scene.clean(sensor.name), wide, scene.glyphs.ellipsis), "text").add("  ")
    if kinds and line.room >= 17 + values:
        line.add(fit(scene.clean(_kind(sensor)), 17, scene.glyphs.ellipsis), "muted")
    return line.extend(_value(scene, sensor, figures=figures)).strip()


def _line(scene: Scene, sensors: tuple[Sensor, ...], width: int) -> Strip:
    """As many as fit, alarms first."""
    line = Line(scene.inks, width).add(" ")
    before = ""
    for place, sensor in enumerate(sorted(sensors, key=lambda s: s.state in _CALM)):
        name = scene.clean(sensor.name)
        label: list[Piece] = [(f"{name}  ", "muted")] if name != before else []
        pieces = [*label, *_value(scene, sensor)]
        before = name
        more = f"  +{len(sensors) - place}"
        last = place == len(sensors) - 1
        if line.room < pieces_width(pieces) + 3 + (0 if last else len(more)):
            return (line.add(more, "muted") if place else _counted(scene, sensors, line)).strip()
        line.add("   " if place else "", "text").extend(pieces)
    return line.strip()


def _counted(scene: Scene, sensors: tuple[Sensor, ...], line: Line) -> Line:
    """Where there is no room for even one of them."""
    line.add(f"{len(sensors)} sensor{'s' * (len(sensors) > 1)}", "muted")
    alarms = sum(s.state not in _CALM for s in sensors)
    return line.add(f"  {alarms} in alarm", scene.ink("warning")) if alarms else line


def _figure(scene: Scene, sensor: Sensor) -> str:
    """The figure; empty for a sensor that has a state only."""
    if sensor.value is None and not sensor.unit:
        return ""
    return writer(sensor)(sensor.value, scene.na)


def writer(sensor: Sensor) -> Callable[[float | None, str], str]:
    """How its figure is written."""
    return _WRITE.get(sensor.unit or "", volts)


def unit_of(scene: Scene, sensor: Sensor) -> str:
    """Its unit as people write it."""
    unit = _UNITS.get(sensor.unit or "", sensor.unit or "")
    if scene.glyphs.ascii_only:
        unit = unit.replace("°", "").replace("³", "3")
    return scene.clean(unit)


def _value(scene: Scene, sensor: Sensor, *, figures: int = 0) -> list[Piece]:
    """Figure and unit, and the state where it says more; `figures` cells for the figure."""
    unit = unit_of(scene, sensor)
    alarm = sensor.state not in _CALM
    ink = "critical" if sensor.state in ("critical", "alarm", "fault") else "warning"
    pieces: list[Piece] = []
    if sensor.value is not None or sensor.unit:
        known = sensor.value is not None
        role = ink if alarm else "value" if known else "muted"
        figure = lead(_figure(scene, sensor), figures)
        pieces.append((f"{figure} {unit}" if known else figure, scene.ink(role)))
    if alarm or not pieces:
        role = ink if alarm else "unknown" if sensor.state == "unknown" else "text"
        word = (sensor.state.upper() if alarm else sensor.state).replace("_", " ")
        pieces.append((f"{' ' if pieces else ''}{word}", scene.ink(role)))
    return pieces
