"""A rack as a block: its feeds side by side, each part before and after, and what is to be said."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.fleet import FleetRow
from pdutui.domain.health import is_stale
from pdutui.domain.impact import LEVELS, Level
from pdutui.domain.whatif import PartAfter, PduAfter
from pdutui.widgets.figures import age, watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.pair_bars import part_bar, part_figures
from pdutui.widgets.text import clean, cut, fit, width_of, wrap

NARROWEST = 36
"""Cells of the narrowest side; with less for each they stand below each other."""
WIDE_FIGURES = 64
"""Cells of a side from which on amperes stand beside the per cent."""
_GAP = 2


class Cell(Struct, frozen=True, kw_only=True):
    """One PDU of a rack."""

    row: FleetRow
    """As it is now."""
    after: PduAfter | None = None
    """As it would be; None: not known yet."""
    is_lost: bool = False
    """In the what-if it has no power."""


class Block(Struct, frozen=True, kw_only=True):
    """One rack, or one PDU that stands alone."""

    title: str
    level: Level = "clear"
    total: str = ""
    sides: tuple[tuple[Cell, ...], ...] = ()
    said: tuple[tuple[Level, str], ...] = ()
    """Sentences, the worst first."""
    more: str = ""
    """What there was no room for."""
    waiting: bool = False
    """Nothing is worked out yet."""


class Look(Struct, frozen=True, kw_only=True):
    """How blocks are drawn."""

    inks: Inks
    glyphs: GlyphSet
    parts: int
    """So many parts of each PDU are shown at most."""
    here: bool = False
    """The cursor is on this block."""
    pdu: str = ""
    """And on this PDU of it."""
    what_if: bool = False

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def block_lines(block: Block, look: Look, width: int) -> list[Strip]:
    """The lines of a block."""
    lines = [_head(block, look, width)]
    lines += _sides(block, look, width)
    for level, text in block.said:
        lines += _sentence(level, text, look, width)
    if block.waiting:
        lines.append(Line(look.inks, width).add("  working it out", "muted").strip())
    if block.more:
        lines.append(Line(look.inks, width).add(f"     {block.more}", "muted").strip())
    return lines


def level_mark(level: Level, glyphs: GlyphSet) -> Piece:
    """The sign of a level, two cells, and its ink: the sign says it without its colour."""
    return {
        "danger": (glyphs.alert * 2, "critical"),
        "caution": (f"{glyphs.alert} ", "warning"),
        "unknown": (f"{glyphs.unknown} ", "unknown"),
        "clear": (f"{glyphs.dot} ", "muted"),
    }[level]


def _head(block: Block, look: Look, width: int) -> Strip:
    glyphs = look.glyphs
    line = Line(look.inks, width)
    line.add(glyphs.cursor if look.here else glyphs.rule, "key" if look.here else "rule")
    sign, ink = level_mark(block.level, glyphs)
    mark: list[Piece] = [] if block.level == "clear" else [(f" {sign.rstrip()}", ink)]
    tail: list[Piece] = []
    if block.total:
        tail = [(" ", "text"), (look.clean(block.total), "strong"), (" ", "text"),
                (glyphs.rule, "rule")]  # fmt: skip
    room = width - 1 - pieces_width(mark) - pieces_width(tail) - 3
    title = cut(look.clean(block.title), max(1, room), glyphs.ellipsis)
    line.extend(mark).add(f" {title} ", "title-focus" if look.here else "title")
    return line.right(tail, glyphs.rule, "rule").strip()


def _sides(block: Block, look: Look, width: int) -> list[Strip]:
    """As many sides beside each other as have room, the others below them."""
    if not block.sides:
        return []
    inner = width - 3
    beside = max(1, min(len(block.sides), (inner + _GAP) // (NARROWEST + _GAP)))
    cells = (inner - _GAP * (beside - 1)) // beside
    out: list[Strip] = []
    for at in range(0, len(block.sides), beside):
        columns = [
            [strip for cell in side for strip in _cell(cell, look, cells)]
            for side in block.sides[at : at + beside]
        ]
        for place in range(max(map(len, columns))):
            strips = [blank(look.inks, 2)]
            for number, column in enumerate(columns):
                strips += [blank(look.inks, _GAP)] if number else []
                strips.append(column[place] if place < len(column) else blank(look.inks, cells))
            used = sum(strip.cell_length for strip in strips)
            out.append(Strip.join([*strips, blank(look.inks, max(0, width - used))]))
    return out


def _cell(cell: Cell, look: Look, width: int) -> list[Strip]:
    """One PDU: its name and how it is, then its parts."""
    lines = [_name(cell, look, width)]
    after = cell.after
    if after is None or not after.parts:
        text = _why(cell, look)
        if text:
            line = Line(look.inks, width).add("  ")
            ink = "stale" if is_stale(cell.row.health) else "muted"
            lines.append(line.add(cut(text, width - 2, look.glyphs.ellipsis), ink).strip())
        return lines
    shown = chosen_parts(after.parts, look.parts)
    names = [look.clean(part.name) for part in shown]
    room = min(max(map(width_of, names), default=0), max(8, width // 4))
    figures = [part_figures(part, look.glyphs, wide=width >= WIDE_FIGURES) for part in shown]
    most = max(map(pieces_width, figures), default=0)
    for part, name, tail in zip(shown, names, figures, strict=True):
        line = Line(look.inks, width)
        line.add(f"  {fit(name, room, look.glyphs.ellipsis)} ", "text")
        bar = part_bar(part, line.room - most - 1, look.glyphs)
        lines.append(line.extend(bar).right(tail).strip())
    return lines


def chosen_parts(parts: Sequence[PartAfter], most: int) -> list[PartAfter]:
    """Some parts, in their order: those that come nearest to their rating."""

    def badness(part: PartAfter) -> tuple[int, float]:
        share = part.most_percent if part.most_percent is not None else 1000.0
        return LEVELS.index(part.level), share if part.rating_a else -1.0

    rated = [part for part in parts if part.rating_a]
    kept = sorted(rated or parts, key=badness, reverse=True)[:most]
    return [part for part in parts if part in kept]


def _name(cell: Cell, look: Look, width: int) -> Strip:
    row, after, glyphs = cell.row, cell.after, look.glyphs
    line = Line(look.inks, width)
    here = look.here and look.pdu == row.pdu
    state = _state(cell, look)
    power = _power(cell, look)
    room = width - pieces_width(state) - pieces_width(power) - 5 - width_of(row.feed)
    if room < 6:
        power, room = [], room + pieces_width(power)
    name = cut(look.clean(row.pdu), max(3, room), glyphs.ellipsis)
    feed = look.clean(row.feed)
    if feed:
        line.add(f"{feed} ", "source" if after is None or after.fate != "lost" else "muted")
    line.add(f" {name} " if here else f"{name} ", "badge-text" if here else "strong").add(" ")
    return line.extend(state).right(power).strip()


def _state(cell: Cell, look: Look) -> list[Piece]:
    """`▲ LOST in the what-if`, `▲ lost 2m`, nothing for one that is live."""
    row, after, glyphs = cell.row, cell.after, look.glyphs
    if look.what_if and after is not None and after.fate in ("lost", "dark"):
        word = "LOST" if after.fate == "lost" else "DARK"
        return [(f" {glyphs.alert} {word} ", "badge-critical")]
    if is_stale(row.health):
        since = age(row.age_s)
        ink = "warning" if row.health in ("late", "connecting") else "critical"
        return [(f"{glyphs.alert} {row.health} {since}".rstrip(), ink)]
    if after is not None and after.assumed:
        return [("assumed", "warning")]
    return []


def _power(cell: Cell, look: Look) -> list[Piece]:
    """`1915 → 3733 W`; what is not known is a `?`."""
    row, after, na = cell.row, cell.after, look.glyphs.dash
    if is_stale(row.health):
        return []
    if row.power_w is None:
        return []
    if after is None or not after.parts or after.fate == "same":
        return [(watts(row.power_w, na), "value"), (" W", "muted")]
    if after.after_w is not None:
        then = watts(after.after_w)
    elif after.most_w is not None and after.least_w is not None:
        then = f"{watts(after.least_w)}..{watts(after.most_w)}"
    else:
        then = "?"
    return [
        (watts(row.power_w, na), "muted"), (f" {look.glyphs.arrow} ", "muted"), (then, "value"),
        (" W", "muted"),
    ]  # fmt: skip


def _why(cell: Cell, look: Look) -> str:
    row, after = cell.row, cell.after
    if is_stale(row.health):
        return look.clean(row.detail).removeprefix(f"{row.pdu}: ") or "no figures that count"
    return look.clean(after.why) if after is not None else ""


def _sentence(level: Level, text: str, look: Look, width: int) -> list[Strip]:
    """A sentence behind its sign, broken into rows that hang."""
    sign, ink = level_mark(level, look.glyphs)
    written = {"danger": "text-critical", "caution": "text-warning"}.get(level, "text")
    lines = wrap(look.clean(text), max(1, width - 7)) or [""]
    out = [Line(look.inks, width).add(f"  {sign} ", ink).add(lines[0], written).strip()]
    out += [Line(look.inks, width).add(f"     {more}", written).strip() for more in lines[1:]]
    return out
