"""The load panel: a bar for each inlet, phase and bank against its rating, with the limits."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from pdutui.domain.load import (
    bank_limit_a,
    cord_rating_a,
    fullest_phase,
    percent_of,
    phase_limit_a,
)
from pdutui.domain.naming import in_chain, inlet_name
from pdutui.domain.reading import Bank, Inlet, LoadState, Phase, Reading
from pdutui.widgets.figures import amps, factor, percent, rating, volts, watts
from pdutui.widgets.layout import ONE_LINE
from pdutui.widgets.line import Line, Piece, pieces_width
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.text import fit, lead, width_of

if TYPE_CHECKING:
    from pdutui.widgets.inks import Ground
    from pdutui.widgets.scene import Scene


class Meter(Struct, frozen=True):
    """One row: an inlet, a phase or a bank as numbers."""

    key: str
    """Its series prefix: `inlet.1`, `phase.1`, `bank.2`."""
    name: str
    state: LoadState
    current_a: float | None
    limit_a: float | None
    warning_a: float | None
    critical_a: float | None
    voltage_v: float | None
    power_w: float | None
    apparent_power_va: float | None
    power_factor: float | None
    fullest: Phase | None = None
    """The line of a three-phase cord that is nearest to its limit, where the device gives no
    current of the cord as a whole."""
    share: float | None = None
    """Per cent of the limit in use: by its current, or by that of the fullest line."""


def meters(reading: Reading) -> list[Meter]:
    """The rows of the load panel: the inlets, which are the total, then phases and banks."""
    return [
        *(_inlet(i, reading) for i in reading.inlets),
        *(_phase(p, cord_rating_a(reading, p.module)) for p in reading.phases),
        *(_bank(b) for b in reading.banks),
    ]


def _inlet(inlet: Inlet, reading: Reading) -> Meter:
    alone = sum(other.module == inlet.module for other in reading.inlets) == 1
    fullest = None
    if inlet.current_a is None and alone:
        fullest = fullest_phase(reading, inlet.module)
    share = percent_of(inlet.current_a, inlet.rating_a)
    if fullest is not None:
        share = percent_of(fullest.current_a, phase_limit_a(fullest) or inlet.rating_a)
    return Meter(
        fullest=fullest,
        share=share,
        key=f"inlet.{inlet.number}",
        name=in_chain(inlet.module, inlet_name(inlet.name)),
        state=inlet.state,
        current_a=inlet.current_a,
        limit_a=inlet.rating_a,
        warning_a=None,
        critical_a=None,
        voltage_v=inlet.voltage_v,
        power_w=inlet.power_w,
        apparent_power_va=inlet.apparent_power_va,
        power_factor=inlet.power_factor,
    )


def _phase(phase: Phase, cord_a: float | None) -> Meter:
    limit_a = phase_limit_a(phase) or cord_a
    return Meter(
        share=percent_of(phase.current_a, limit_a),
        key=f"phase.{phase.number}",
        name=in_chain(phase.module, phase.name),
        state=phase.state,
        current_a=phase.current_a,
        limit_a=limit_a,
        warning_a=phase.warning_a,
        critical_a=phase.critical_a,
        voltage_v=phase.voltage_v,
        power_w=phase.power_w,
        apparent_power_va=phase.apparent_power_va,
        power_factor=phase.power_factor,
    )


def _bank(bank: Bank) -> Meter:
    return Meter(
        share=percent_of(bank.current_a, bank_limit_a(bank)),
        key=f"bank.{bank.number}",
        name=in_chain(bank.module, bank.name),
        state=bank.state,
        current_a=bank.current_a,
        limit_a=bank_limit_a(bank),
        warning_a=bank.warning_a,
        critical_a=bank.critical_a,
        voltage_v=bank.voltage_v,
        power_w=bank.power_w,
        apparent_power_va=bank.apparent_power_va,
        power_factor=bank.power_factor,
    )


class BankMeter(Panel, can_focus=True):
    """Inlets and banks of one PDU."""

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """Head and rows, two lines a row where that is how the figures fit."""
        return load_panel(scene, width, height, focused)

    def on_click(self, event: Click) -> None:
        """Pick the row under the pointer."""
        scene = self.scene
        if scene is None or scene.reading is None:
            return
        rows = meters(scene.reading)
        each, first, shown = _window(len(rows), self.size.width, self.size.height - 1, scene.meter)
        row = first + (event.y - 1) // each
        if event.y >= 1 and row < min(len(rows), first + shown):
            self.post_message(self.Picked(row))


def load_panel(scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
    """The lines of the load panel."""
    reading = scene.reading
    rows = meters(reading) if reading else []
    each, first, shown = _window(len(rows), width, height - 1, scene.meter)
    more: list[Piece] = []
    if len(rows) > shown:
        up = scene.glyphs.up if first else " "
        down = scene.glyphs.down if first + shown < len(rows) else " "
        hidden = [*rows[:first], *rows[first + shown :]]
        more = [
            *_worst(scene, hidden),
            (f"{first + 1}-{first + shown} of {len(rows)} {up}{down}", "text"),
        ]
    lines = [head(scene, width, "Load", more, focused=focused)]
    if not rows and reading is not None:
        lines.append(Line(scene.inks, width).add("  not metered", "muted").strip())
    names = max((len(scene.clean(m.name)) for m in rows), default=0)
    names = max(6, min(names, 20 if width >= 76 else 16 if width >= 50 else 11))
    # Narrow rows have no room for a word that says that all is well; one alarm makes room in all
    # of them, so that their bars stay comparable.
    worded = width >= 60 or any(m.state not in _CALM for m in rows)
    figures = [f for f in FIGURES if any(getattr(m, f) is not None for m in rows)]
    for place in range(first, min(len(rows), first + shown)):
        lines += _meter(
            scene,
            rows[place],
            width,
            each=each,
            names=names,
            worded=worded,
            figures=figures,
            here=place == scene.meter,
            focused=focused,
        )
    return lines


def _worst(scene: Scene, hidden: list[Meter]) -> list[Piece]:
    """What is wrong with a row that is scrolled away: no alarm is out of sight."""
    for ink in ("critical", "warning"):
        wrong = [m for m in hidden if _ink(m) == ink]
        if wrong:
            word = wrong[0].state if wrong[0].state not in (*_CALM, "low") else "over its limit"
            more = f" +{len(wrong) - 1}" if len(wrong) > 1 else ""
            text = f"{scene.clean(wrong[0].name)} {word.upper()}{more}"
            return [(text, scene.ink(ink)), (f" {scene.glyphs.dot} ", "muted")]
    return []


def _window(count: int, width: int, room: int, chosen: int) -> tuple[int, int, int]:
    """Lines a row, first row, rows shown."""
    each = 2 if room >= 2 * count and count and width < ONE_LINE else 1
    shown = max(1, min(count, room // each)) if count else 0
    first = max(0, min(chosen - shown + 1, count - shown)) if count > shown else 0
    return each, first, shown


def _meter(
    scene: Scene,
    meter: Meter,
    width: int,
    *,
    each: int,
    names: int,
    worded: bool,
    figures: Collection[str],
    here: bool,
    focused: bool,
) -> list[Strip]:
    """One or two lines: name, bar, load and figures; with `worded` the device's word for it."""
    ground: Ground = "cursor" if here and focused else "base"
    line = Line(scene.inks, width, ground)
    line.add(scene.glyphs.cursor if here and focused else " ", "key")
    line.add(fit(scene.clean(meter.name), names, scene.glyphs.ellipsis), scene.ink("text")).add(" ")
    if each == 2:
        tail = [*_load(scene, meter, wide=width >= 50), (" ", "text")]
        line.extend(_bar(scene, meter, line.room - pieces_width(tail) - 1)).right(tail)
        second = Line(scene.inks, width, ground).to(names + 2)
        word = _word(scene, meter, short=False)
        second.extend(_rest(scene, meter, figures, second.room - pieces_width(word) - 1))
        return [line.strip(), second.right([*word, (" ", "text")]).strip()]
    load = _load(scene, meter, wide=width >= 70)
    word = _word(scene, meter, short=width < 60) if worded else []
    room = line.room - pieces_width(load) - pieces_width(word) - 18
    tail = [*load, *_rest(scene, meter, figures, room), *word, (" ", "text")]
    return [line.extend(_bar(scene, meter, line.room - pieces_width(tail) - 1)).right(tail).strip()]


FIGURES = ("power_w", "voltage_v", "apparent_power_va", "power_factor")
"""What stands behind the load, by worth."""
_CALM = ("normal", "unknown")
_SHORT = {"WARNING": "WARN", "CRITICAL": "CRIT", "TRIPPED": "TRIP"}


def _word(scene: Scene, meter: Meter, *, short: bool) -> list[Piece]:
    """The device's own word for the load."""
    text = meter.state if meter.state in (*_CALM, "low") else meter.state.upper()
    if short:
        text = "" if meter.state in _CALM else _SHORT.get(text, text)
    ink = {"normal": "fine", "unknown": "muted", "low": "text", "warning": "warning"}
    return [(lead(text, 6 if short else 10), scene.ink(ink.get(meter.state, "critical")))]


def _load(scene: Scene, meter: Meter, *, wide: bool) -> list[Piece]:
    """`1.80 A / 16   11 %`, as far as it is known."""
    known = meter.current_a is not None
    pieces: list[Piece] = [
        (lead(amps(meter.current_a, scene.na), 6), scene.ink("value" if known else "muted")),
        (" A" if known else "  ", scene.ink("muted")),
    ]
    if wide:
        of = f" / {rating(meter.limit_a)}" if meter.limit_a else ""
        pieces.append((of.ljust(6), scene.ink("muted")))
    share = meter.share
    text = percent(share, scene.na) if meter.limit_a or share is not None else ""
    pieces.append((lead(text, 4), scene.ink(_ink(meter))))
    pieces.append((" %" if share is not None else "  ", scene.ink("muted")))
    return pieces


def _rest(scene: Scene, meter: Meter, figures: Collection[str], room: int) -> list[Piece]:
    """W, V, VA and PF, as many as fit; one that the device does not give here is a dash.

    One that it gives nowhere has no column.
    """
    na = scene.na
    pieces: list[Piece] = []
    for name, text, unit, cells in (
        ("power_w", watts(meter.power_w, na), "W", 7),
        ("voltage_v", volts(meter.voltage_v, na), "V", 7),
        ("apparent_power_va", watts(meter.apparent_power_va, na), "VA", 7),
        ("power_factor", factor(meter.power_factor, na), "PF", 6),
    ):
        if name not in figures:
            continue
        known = text != na
        field: list[Piece] = [
            (lead(text, cells), scene.ink("value" if known else "muted")),
            (f" {unit}", scene.ink("muted")),
        ]
        if pieces_width(pieces) + pieces_width(field) > room:
            break
        pieces += field
    return pieces


def _ink(meter: Meter) -> str:
    """The ink of a load: the device's word first, then its limits."""
    if meter.state in ("critical", "tripped"):
        return "critical"
    if meter.state == "warning":
        return "warning"
    if meter.fullest is not None:
        return _ink(_phase(meter.fullest, meter.limit_a))
    load = meter.current_a
    if load is not None:
        if meter.limit_a and load >= (meter.critical_a or meter.limit_a):
            return "critical"
        if meter.warning_a and load >= meter.warning_a:
            return "warning"
    return "value"


def _bar(scene: Scene, meter: Meter, cells: int) -> list[Piece]:
    """The bar: filled up to the load, marks where the device warns and where it is over."""
    glyphs = scene.glyphs
    if cells < 4:
        return []
    if meter.fullest is not None:
        name = scene.clean(meter.fullest.name)
        words = f"fullest line {name}" if cells >= 13 + width_of(name) else f"fullest {name}"
        return [(fit(words, cells, glyphs.ellipsis), scene.ink("muted"))]
    if not meter.limit_a:
        return [(fit("no rating", cells, glyphs.ellipsis), "muted")]
    if meter.current_a is None:
        return [(fit("", cells), "rule")]
    scale = max(meter.limit_a, meter.critical_a or 0.0)
    parts = len(glyphs.bar_parts) + 1
    filled = min(cells * parts, round(cells * parts * meter.current_a / scale))
    if meter.current_a > 0 and filled == 0:
        filled = 1
    full, part = divmod(filled, parts)
    bar = list(glyphs.bar_full * full + (glyphs.bar_parts[part - 1] if part else ""))
    bar += [glyphs.bar_track] * (cells - len(bar))
    fill_ink = _ink(meter)
    inks = [f"fill-{fill_ink}" if fill_ink != "value" else "spark"] * (full + bool(part))
    inks += ["rule"] * (cells - len(inks))
    for limit, glyph, ink in (
        (meter.warning_a, glyphs.bar_warning, "limit-warning"),
        (meter.critical_a, glyphs.bar_critical, "limit-critical"),
    ):
        if limit and limit <= scale:
            at = min(cells - 1, int(cells * limit / scale))
            bar[at], inks[at] = glyph, ink
    cells_of = groupby(zip(bar, inks, strict=True), key=lambda cell: cell[1])
    return [("".join(char for char, _ in run), scene.ink(ink)) for ink, run in cells_of]
