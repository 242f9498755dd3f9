"""The facts beneath the question: the outlet and its load, or the whole PDU and its sources."""

from __future__ import annotations

from msgspec import Struct

from pdutui.domain.commands import Action
from pdutui.domain.impact import Impact, OutletImpact
from pdutui.domain.load import total_load
from pdutui.domain.reading import Ats, Outlet, Source
from pdutui.engine.subject import is_preference, outlet_part, source_of
from pdutui.engine.view import PduView
from pdutui.screens.dialog import LABEL, Row, fact
from pdutui.screens.impact_rows import NOW, PLACE, SAID, Block
from pdutui.widgets.figures import age, amps, hertz, watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.text import clean, width_of, wrap

PART = 2
"""Behind the sentences and the bars of an impact."""
SOURCES = 60
"""The rank of the two sources where one of them is to be preferred: they are what it is about."""


class Subject(Struct, frozen=True):
    """What a question is about."""

    view: PduView
    action: Action
    outlet: Outlet | None
    name: str
    """The outlet's, where it is not in the reading any more."""
    number: int
    impact: Impact | None
    glyphs: GlyphSet
    width: int
    """Cells of a row."""

    def fact(self, rank: int, label: str, value: str, ink: str = "text") -> Block:
        """A label and what it is, in as many rows as it takes."""
        room = max(1, self.width - LABEL)
        lines = [value] if width_of(value) <= room else wrap(value, room)
        rows = [fact(label if place == 0 else "", line, ink) for place, line in enumerate(lines)]
        return Block(PART, rank, rows, counted=False)

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def outlet_facts(subject: Subject) -> list[Block]:
    """Which outlet, where, what it carries or will, and how long ago that was seen."""
    outlet, glyphs, view = subject.outlet, subject.glyphs, subject.view
    name = subject.clean(outlet.name if outlet else subject.name)
    place = (outlet.label if outlet else None) or str(subject.number)
    named = f"{place} {glyphs.dot} {name}" if name else place
    facts = [
        subject.fact(SAID, "Outlet", named, "strong"),
        subject.fact(PLACE, "PDU", where(subject)),
    ]
    if outlet is None:
        return facts
    load = [f"{watts(outlet.power_w)} W"] if outlet.power_w is not None else []
    load += [f"{amps(outlet.current_a)} A"] if outlet.current_a is not None else []
    facts.append(subject.fact(NOW, "Load now", "  ".join(load) or f"{glyphs.dash} (not metered)"))
    facts += _added(subject)
    facts.append(subject.fact(NOW, "State", f"{outlet.state}, {age(view.age_s) or '?'} ago"))
    return facts


def _added(subject: Subject) -> list[Block]:
    """What a switch-on is expected to add, and how that is known."""
    adds = outlet_part(subject.action) in ("on", "delayed_on")
    known = subject.impact.outlets if subject.impact is not None else ()
    off = subject.outlet is not None and subject.outlet.state == "off"
    if not adds or not off or len(known) != 1:
        return []
    [one] = known
    if one.power_w is None and one.current_a is None:
        return []  # the impact says that it is not known
    return [subject.fact(NOW + 1, "Adds", _expected(one), "value")]


def _expected(one: OutletImpact) -> str:
    load = [f"{watts(one.power_w)} W"] if one.power_w is not None else []
    load += [f"{amps(one.current_a)} A"] if one.current_a is not None else []
    words = "  ".join(load)
    if one.peak_a is not None:
        words += f" ({amps(one.peak_a)} A at first)"
    if one.basis == "last_known":
        since = f" {age(one.age_s)} ago" if one.age_s is not None else ""
        words += f", when last on{since}"
    return words


def whole_facts(subject: Subject, outlets: str) -> list[Block]:
    """The PDU, its load, its outlets or its sources.

    Args:
        subject: What the question is about.
        outlets: How its outlets stand, in words.
    """
    reading, na = subject.view.reading, subject.glyphs.dash
    facts = [subject.fact(PLACE, "PDU", where(subject), "strong")]
    if reading is None:
        return facts
    load = total_load(reading)
    shown = [f"{watts(load.power_w)} W"] if load.power_w is not None else []
    shown += [f"{amps(load.current_a)} A"] if load.current_a is not None else []
    facts.append(subject.fact(NOW, "Load now", "  ".join(shown) or na))
    if is_preference(subject.action) and reading.ats is not None:
        facts += _switch(subject, reading.ats)
    else:
        facts.append(subject.fact(NOW, "Outlets", outlets))
    return [*facts, subject.fact(NOW, "Seen", f"{age(subject.view.age_s) or '?'} ago")]


def _switch(subject: Subject, ats: Ats) -> list[Block]:
    """Both sources, which one carries the load, and whether the switch could fall back."""
    na, wanted = subject.glyphs.dash, source_of(subject.action)
    now = f"{ats.active or '?'} carries the load, {ats.preferred or '?'} is preferred"
    facts = [Block(PART, SOURCES, [_source(subject, one, ats, wanted)]) for one in ats.sources]
    facts.append(subject.fact(SOURCES, "Now", now))
    sync = (ats.phase_sync or na).replace("_", " ")
    lost = ats.redundancy == "lost"
    rest: Row = [
        ("Sync".ljust(10), "muted"),
        (sync, "warning" if ats.phase_sync not in (None, "in_sync") else "text"),
        ("   redundancy ", "muted"),
        ((ats.redundancy or na).upper() if lost else ats.redundancy or na,
         "critical" if lost else "text"),
    ]  # fmt: skip
    return [*facts, Block(PART, SOURCES, [rest])]


def _source(subject: Subject, source: Source, ats: Ats, wanted: str | None) -> Row:
    """`Source B  121.4 V  60.0 Hz  normal   carries the load`."""
    na, glyphs = subject.glyphs.dash, subject.glyphs
    volts = f"{source.voltage_v:.1f} V" if source.voltage_v is not None else na
    state = source.state.replace("_", " ")
    fine = source.state == "normal"
    row: Row = [
        (f"Source {source.id}".ljust(10), "muted"),
        (volts.ljust(9), "value"),
        ((f"{hertz(source.frequency_hz)} Hz" if source.frequency_hz is not None else na).ljust(9),
         "value"),
        (f"{glyphs.on if fine else glyphs.alert} {state if fine else state.upper()}",
         "fine" if fine else "unknown" if source.state == "unknown" else "critical"),
    ]  # fmt: skip
    if source.id == ats.active:
        row.append(("   carries the load", "source"))
    elif source.id == wanted:
        row.append((f"   {glyphs.arrow} wanted", "key"))
    return row


def where(subject: Subject) -> str:
    """`rack1-a · feed A · Row 3 / Rack 1`."""
    info = subject.view.info
    parts = [info.name]
    if info.feed:
        parts.append(f"feed {info.feed}")
    if info.location:
        parts.append(info.location)
    return f" {subject.glyphs.dot} ".join(subject.clean(part) for part in parts)
