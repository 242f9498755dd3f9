"""What happened on a PDU, told from one reading to the next."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import CommandResult
from pdutui.domain.reading import Ats, LoadState, Outlet, OutletState, Reading, Sensor
from pdutui.engine.events import Severity
from pdutui.engine.labels import outlet_label, seconds

UPTIME_WRAP_S = 2**32 // 100
"""sysUpTime counts hundredths of a second in 32 bits: after 497 days it starts again."""
UPTIME_SLACK_S = 60.0
"""How far a device's uptime may lag behind our clock over one gap."""

_LOAD_SEVERITY: dict[LoadState, Severity] = {"critical": "critical", "tripped": "critical"}


LATE_EFFECT_S = 120.0
"""How long after an unconfirmed command a change to what it asked for counts as its effect."""


class Note(msgspec.Struct, frozen=True):
    """Something worth a line."""

    severity: Severity
    text: str


class _Own(msgspec.Struct):
    """What the last command on an outlet left behind, until a later poll has shown it."""

    ended_s: float
    result: CommandResult


class Watch:
    """Compares the readings of one PDU.

    A change that one of our own commands made is that command's to tell. For it the watch knows
    which outlets have a command in flight and how commands ended; polls that began before a
    command ended say nothing about its outlet.
    """

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._last_s = 0.0
        self._states: dict[int, OutletState] = {}
        self._own: dict[int, _Own] = {}

    def ended(self, result: CommandResult, at_s: float) -> None:
        """A command of ours ended: the state that it read back is what the next poll must show."""
        self._own[result.intent.outlet] = _Own(at_s, result)

    def compare(
        self, reading: Reading, *, began_s: float, ended_s: float, in_flight: frozenset[int]
    ) -> list[Note]:
        """What changed since the reading before; nothing for the first one.

        Args:
            reading: with names as they are shown.
            began_s: when its poll began, monotonic.
            ended_s: when its poll ended.
            in_flight: outlets with a command of ours under way.
        """
        last, elapsed = self._last, ended_s - self._last_s
        self._last, self._last_s = reading, ended_s
        notes: list[Note] = []
        if last is not None:
            if last.serial and reading.serial and last.serial != reading.serial:
                self._states.clear()
                self._own.clear()
                notes.append(Note("critical", "another device answers here: serial "
                                  f"{reading.serial}, was {last.serial}"))  # fmt: skip
            else:
                notes += _restarted(last, reading, elapsed)
            notes += _ats(last.ats, reading.ats)
            notes += _loads(last, reading)
            notes += _sensors(last.sensors, reading.sensors)
        for outlet in reading.outlets:
            if outlet.number not in in_flight:
                notes += self._outlet(outlet, began_s)
        return notes

    def _outlet(self, outlet: Outlet, began_s: float) -> list[Note]:
        own = self._own.get(outlet.number)
        if own is not None and began_s < own.ended_s:
            return []
        before = self._states.get(outlet.number)
        if own is not None and own.result.after in ("on", "off"):
            before = "on" if own.result.after == "on" else "off"
        if outlet.state == "unknown":
            return []
        self._states[outlet.number] = outlet.state
        if own is not None and not (outlet.state == before and self._may_come(own, began_s)):
            del self._own[outlet.number]
        if before is None or before == outlet.state:
            return []
        label = outlet_label(outlet.number, outlet.name)
        asked_for = own is not None and own.result.intent.action == outlet.state
        if own is not None and asked_for and self._may_come(own, began_s):
            text = f"{label} is {outlet.state} now: the unconfirmed command took effect late"
            return [Note("warning", text)]
        return [Note("warning", f"{label} turned {outlet.state}, not from here")]

    @staticmethod
    def _may_come(own: _Own, now_s: float) -> bool:
        """Whether the last command on an outlet may still take effect."""
        return own.result.outcome == "unconfirmed" and now_s - own.ended_s < LATE_EFFECT_S


def _restarted(last: Reading, reading: Reading, elapsed_s: float) -> list[Note]:
    """Uptime that went back, or that is too short for the time that passed since."""
    was, now = last.uptime_s, reading.uptime_s
    if was is None or now is None or now == was:
        return []
    if now > elapsed_s + UPTIME_SLACK_S:
        return []  # it cannot have started since: the uptime jitters
    if now < was:
        if was > UPTIME_WRAP_S - UPTIME_SLACK_S - elapsed_s:
            return []
    elif now >= was + elapsed_s * 0.9 - UPTIME_SLACK_S:
        return []
    return [Note("warning", f"the device restarted; it has been up for {seconds(now)}")]


def _ats(last: Ats | None, now: Ats | None) -> list[Note]:
    if last is None or now is None:
        return []
    notes: list[Note] = []
    if last.active != now.active and now.active is not None and last.active is not None:
        if now.active == "none":
            notes.append(Note("critical", "no source carries the load"))
        else:
            came = "" if last.active == "none" else f" from {last.active}"
            notes.append(Note("warning", f"transferred{came} to source {now.active}"))
    before = {source.id: source.state for source in last.sources}
    for source in now.sources:
        was = before.get(source.id, "unknown")
        if source.state == was or "unknown" in (source.state, was):
            continue
        severity: Severity = "warning"
        if source.state in ("lost", "normal"):
            severity = "critical" if source.state == "lost" else "info"
        notes.append(Note(severity, f"source {source.id} {_words(source.state)}, "
                          f"was {_words(was)}"))  # fmt: skip
    if now.redundancy != last.redundancy and now.redundancy and last.redundancy:
        if now.redundancy == "lost":
            notes.append(Note("critical", "redundancy lost"))
        else:
            notes.append(Note("info", "redundancy restored"))
    return notes


def _loads(last: Reading, now: Reading) -> list[Note]:
    notes: list[Note] = []
    before = {("inlet", inlet.number): inlet.state for inlet in last.inlets}
    before |= {("bank", bank.number): bank.state for bank in last.banks}
    current = [(("inlet", inlet.number), inlet.name, inlet.state) for inlet in now.inlets]
    current += [(("bank", bank.number), bank.name, bank.state) for bank in now.banks]
    for place, name, state in current:
        was = before.get(place, "unknown")
        if state == was or "unknown" in (state, was):
            continue
        severity: Severity = _LOAD_SEVERITY.get(state, "warning")
        if state in ("normal", "low"):
            severity = "info"
        label = name or f"{place[0]} {place[1]}"
        notes.append(Note(severity, f"{label} load {state}, was {was}"))
    return notes


def _sensors(last: tuple[Sensor, ...], now: tuple[Sensor, ...]) -> list[Note]:
    """Sensors are matched by name and kind: their places move when a probe is pulled."""
    notes: list[Note] = []
    before = {(sensor.name, sensor.kind): sensor.state for sensor in last}
    for sensor in now:
        was = before.get((sensor.name, sensor.kind), "unknown")
        if sensor.state == was or "unknown" in (sensor.state, was):
            continue
        severity: Severity = "warning"
        if sensor.state in ("critical", "alarm", "fault"):
            severity = "critical"
        elif sensor.state in ("normal", "open", "closed", "on", "off"):
            severity = "info"
        notes.append(Note(severity, f"{sensor.name} {sensor.kind} {sensor.state}, was {was}"))
    return notes


def _words(state: str) -> str:
    return state.replace("_", " ")
