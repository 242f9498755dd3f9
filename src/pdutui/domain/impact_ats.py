"""What preferring a source of a transfer switch does, before it is done."""

from __future__ import annotations

from pdutui.domain.commands import Action
from pdutui.domain.impact import ImpactLine, Level
from pdutui.domain.impact_facts import Site
from pdutui.domain.load import total_load
from pdutui.domain.naming import amps, watts
from pdutui.domain.reading import Ats, Reading, Source

MUCH_V_PERCENT = 10.0
MUCH_HZ = 1.0
"""Sources that differ by more are not alike to what hangs on them."""


def source_lines(site: Site, action: Action) -> list[ImpactLine]:
    """What can be said of it, in no order."""
    reading = site.reading
    if reading is None:
        return [_line("unknown", f"How the sources of {site.name} are is not known: {site.why}")]
    ats = reading.ats
    if ats is None:
        return [_line("unknown", f"{site.name} has no transfer switch that is known")]
    if action == "prefer_none":
        return _none(site, ats)
    wanted = "A" if action == "prefer_a" else "B"
    target = next((s for s in ats.sources if s.id == wanted), None)
    other = next((s for s in ats.sources if s.id != wanted), None)
    if target is None:
        return [_line("danger", f"Source {wanted} of {site.name} is not known")]
    in_use = ats.active == wanted
    lines = [_state(site, target, in_use)]
    lines += _redundancy(site, ats, target, other)
    if in_use:
        return lines
    lines += _difference(target, other)
    lines += _sync(site, ats)
    lines.append(_moves(site, reading, ats, wanted))
    return lines


def _line(level: Level, text: str) -> ImpactLine:
    return ImpactLine(level=level, text=text)


def _none(site: Site, ats: Ats) -> list[ImpactLine]:
    if ats.active in (None, "none"):
        return [_line("unknown", f"Which source carries {site.name} now is not known")]
    text = f"The load of {site.name} stays on source {ats.active}; no source is preferred"
    return [_line("clear", text)]


def _state(site: Site, target: Source, in_use: bool) -> ImpactLine:
    figures = []
    if target.voltage_v is not None:
        figures.append(f"{target.voltage_v:.1f} V")
    if target.frequency_hz is not None:
        figures.append(f"{target.frequency_hz:.1f} Hz")
    shown = f" ({', '.join(figures)})" if figures else ""
    name = f"Source {target.id} of {site.name}"
    if target.state == "normal":
        return _line("clear", f"{name} is normal{shown}{', and in use' if in_use else ''}")
    word = target.state.replace("_", " ")
    said = "is not known to be normal" if target.state == "unknown" else f"is {word.upper()}"
    if in_use:  # nothing moves
        return _line("caution", f"{name} {said}{shown}, and in use already")
    return _line("danger", f"{name} {said}{shown}: the load may be lost")


def _redundancy(site: Site, ats: Ats, target: Source, other: Source | None) -> list[ImpactLine]:
    """What is left to fall back on when the target carries the load."""
    if other is None or other.state == "unknown":
        return [_line("unknown", f"Whether {site.name} has a source to fall back on is not known")]
    if other.state != "normal":
        word = other.state.replace("_", " ")
        return [_line("caution", f"Nothing to fall back on: source {other.id} is {word}")]
    if ats.redundancy == "lost":
        return [_line("caution", f"{site.name} says that its redundancy is lost")]
    return [_line("clear", f"Source {other.id} stays to fall back on")]


def _difference(target: Source, other: Source | None) -> list[ImpactLine]:
    if other is None or other.state == "lost":
        return []
    lines = []
    if target.voltage_v is not None and other.voltage_v:
        apart = target.voltage_v - other.voltage_v
        much = abs(apart) > other.voltage_v * MUCH_V_PERCENT / 100.0
        text = f"The sources differ by {abs(apart):.1f} V"
        lines.append(_line("caution" if much else "clear", text))
    if target.frequency_hz is not None and other.frequency_hz:
        apart = abs(target.frequency_hz - other.frequency_hz)
        if apart > MUCH_HZ:
            lines.append(_line("caution", f"The sources differ by {apart:.1f} Hz"))
    return lines


def _sync(site: Site, ats: Ats) -> list[ImpactLine]:
    if ats.phase_sync == "in_sync":
        return [_line("clear", "The sources are in sync")]
    if ats.phase_sync == "out_of_sync":
        text = "The sources are out of sync: the load sees a break of some ms"
        return [_line("caution", text)]
    return [_line("unknown", f"{site.name} does not say whether its sources are in sync")]


def _moves(site: Site, reading: Reading, ats: Ats, wanted: str) -> ImpactLine:
    load = total_load(reading)
    if load.power_w is not None:
        what = f"{watts(load.power_w)}"
    elif load.current_a is not None:
        what = amps(load.current_a)
    else:
        what = "a load that is not metered"
    came = "" if ats.active in (None, "none") else f" from source {ats.active}"
    verb = "moves" if site.facts.transfers else "is to move"
    return _line("clear", f"{site.name}: {what} {verb}{came} to source {wanted}")
