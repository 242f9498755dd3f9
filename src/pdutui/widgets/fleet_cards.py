"""The fleet as cards: a box a PDU, as many beside each other as fit."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_groups import Section
from pdutui.domain.fleet_sort import CRITICAL, DOWN, WARNING, standing
from pdutui.widgets.figures import amps, percent, rating
from pdutui.widgets.fleet_list import LinesAndHits, group_head
from pdutui.widgets.fleet_scene import (
    FleetScene,
    alarm_pieces,
    bar_pieces,
    health_pieces,
    ink,
    outlet_pieces,
    percent_ink,
    source_pieces,
    spark_text,
    trend_caption,
    trend_lines,
    watts_of,
    why,
    worst_pieces,
)
from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.text import cut

NARROWEST = 38
"""Cells of the narrowest card, its frame included."""
WIDEST = 66
LOW, HIGH = 7, 14
"""Rows of a card, its frame included: the least, without a trend, and the most."""
_FULL = 0.8
"""So much of the height filled is enough."""
_BETTER = 1.1
"""So much larger cards have to be before there are fewer of them beside each other."""
_FRAMES = {CRITICAL: "fill-critical", DOWN: "fill-critical", WARNING: "fill-warning"}
"""Frames are lines, not words: nothing of them is underlined or reversed where colours lack."""


class Deck(Struct, frozen=True):
    """How cards are laid out: each row is a group's head, or the cards beside each other."""

    columns: int
    width: int
    """Of a card."""
    height: int
    rows: tuple[Section | tuple[str, ...], ...]

    def lines(self, row: int) -> int:
        """How many lines a row takes."""
        return 1 if isinstance(self.rows[row], Section) else self.height

    @property
    def total(self) -> int:
        """Lines of all rows."""
        return sum(self.lines(row) for row in range(len(self.rows)))

    def row_of(self, pdu: str | None) -> int:
        """The row that a PDU's card is in; the first one where it has none."""
        for place, row in enumerate(self.rows):
            if isinstance(row, tuple) and pdu in row:
                return place
        return 0


def deck(sections: Sequence[Section], width: int, height: int, high: int = HIGH) -> Deck:
    """Cards for a size: as high as lets all of them be seen, low ones where not all can be.

    Fewer columns are taken where that fills the room better: five columns of thirteen cards leave
    a third of a high screen empty.

    Args:
        sections: Who is shown.
        width: Columns of the screen.
        height: Rows that there are.
        high: Rows of a card at most.
    """
    count = max((len(s.members) for s in sections if s.listed), default=1)
    most = max(1, min(width // NARROWEST, count))
    best = other = _deck(sections, width, height, most, high)
    if best.total > height * _FULL:
        return best
    while other.columns > 1 and other.total <= height:
        other = _deck(sections, width, height, other.columns - 1, high)
        if (
            other.total <= height
            and other.width * other.height > best.width * best.height * _BETTER
        ):
            best = other
    return best


def _deck(sections: Sequence[Section], width: int, height: int, columns: int, high: int) -> Deck:
    """So many cards beside each other."""
    rows: list[Section | tuple[str, ...]] = []
    for section in sections:
        if section.title:
            rows.append(section)
        if section.listed:
            names = section.members
            rows += [names[at : at + columns] for at in range(0, len(names), columns)]
    cells = min(WIDEST, width // columns)
    heads = sum(isinstance(row, Section) for row in rows)
    each = (height - heads) // max(1, len(rows) - heads)
    return Deck(columns, cells, max(LOW, min(high, each)), tuple(rows))


def first_row(cards: Deck, cursor: str | None, height: int, first: int) -> int:
    """The first row to be shown so that the cursor's is seen whole."""
    at = cards.row_of(cursor)
    top = at
    while top and isinstance(cards.rows[top - 1], Section):
        top -= 1
    first = min(first, top)
    while first < at and sum(cards.lines(row) for row in range(first, at + 1)) > height:
        first += 1
    return first


def fleet_cards(
    scene: FleetScene, cards: Deck, width: int, height: int, first: int
) -> LinesAndHits:
    """The lines of the rows from `first` on that are seen whole."""
    out: LinesAndHits = []
    for place in range(first, len(cards.rows)):
        row = cards.rows[place]
        if len(out) + cards.lines(place) > height and out:
            while out and not out[-1][1]:
                out.pop()  # a head alone says nothing
            break
        if isinstance(row, Section):
            out.append((group_head(scene, row, width), ()))
            continue
        made = [card(scene, scene.rows[pdu], cards.width, cards.height) for pdu in row]
        hits = tuple((i * cards.width, (i + 1) * cards.width, pdu) for i, pdu in enumerate(row))
        rest = blank(scene.inks, max(0, width - cards.width * len(made)))
        out += [(Strip.join([*strips, rest]), hits) for strips in zip(*made, strict=True)]
    return out[:height]


def card(scene: FleetScene, row: FleetRow, width: int, height: int) -> list[Strip]:
    """One PDU in a box."""
    glyphs, here = scene.glyphs, row.pdu == scene.cursor
    frame = _FRAMES.get(standing(row, scene.limits), "rule")
    box = glyphs.box
    lines = _inside(scene, row, width - 5, height - 2)
    top = Line(scene.inks, width - 1)
    health = health_pieces(scene, row, 20)
    tail: list[Piece] = [(" ", "text"), *health, (f" {box[1]}{box[2]}", frame)]
    room = width - 1 - pieces_width(tail) - 5
    name = cut(scene.clean(row.pdu), max(1, room), glyphs.ellipsis)
    top.add(box[0], frame).add(glyphs.cursor if here else box[1], "key" if here else frame)
    top.add(f" {name} ", "title-focus" if here else "title").right(tail, box[1], frame)
    out = [top]
    for pieces in lines:
        line = Line(scene.inks, width - 1).add(f"{box[3]} ", frame).extend(pieces)
        out.append(line.right([(f" {box[3]}", frame)]))
    foot = Line(scene.inks, width - 1).add(box[4], frame)
    out.append(foot.right([(box[5], frame)], box[1], frame))
    return [line.add(" ").strip() if line.room else _spaced(scene, line) for line in out]


def _spaced(scene: FleetScene, line: Line) -> Strip:
    return Strip.join([line.strip(), blank(scene.inks, 1)])


def _inside(scene: FleetScene, row: FleetRow, width: int, height: int) -> list[list[Piece]]:
    """What stands in a card: load, bar, fullest part, outlets, alarms; in a high one the trend."""
    if row.age_s is None and not row.estimated:
        lines = [[(why(scene, row, width), "stale")], _place(scene, row, width)]
        lines = (lines + [[]] * height)[: height - 1]
        return [*lines, alarm_pieces(scene, row, width)]
    source = source_pieces(scene, row, width // 2)
    outlets = outlet_pieces(scene, row, width)
    place = _place(scene, row, width)
    if pieces_width(outlets) + pieces_width(place) + 2 > width:
        outlets = outlet_pieces(scene, row, max(12, width - pieces_width(place) - 2))
        place = _place(scene, row, width - pieces_width(outlets) - 2)
    said = why(scene, row, width)
    lines = [
        _load(scene, row, width),
        bar_pieces(scene, row, width),
        _both(worst_pieces(scene, row, width - pieces_width(source) - 1), source, width),
        _both(outlets, place, width),
    ]
    rest = height - len(lines) - 1
    # In a what-if the last minute is of what is not asked about.
    if rest > 0 and not row.estimated:
        high = rest - (rest > 3)
        trend = trend_lines(scene, row, width, high)
        lines += [trend_caption(scene, row, width)] * (rest - high)
        lines += [[(text, ink(row, "spark"))] for text in trend]
    lines += [[]] * (height - 1 - len(lines))
    foot: list[Piece] = [(said, "stale")] if said else alarm_pieces(scene, row, width)
    if not foot and rest <= 0 and not row.estimated:
        foot = [(spark_text(scene, row, width), ink(row, "spark"))]
    return [*lines[: height - 1], foot]


def _load(scene: FleetScene, row: FleetRow, width: int) -> list[Piece]:
    """`2580 W  12.00 A        38 % of 32 A`."""
    total, unit = watts_of(scene, row)
    muted = ink(row, "muted")
    left: list[Piece] = [(total, ink(row, "strong")), (f" {unit}" if unit else "", muted)]
    if row.current_a is not None:
        left += [("  ", "text"), (amps(row.current_a), ink(row, "strong")), (" A", muted)]
    right: list[Piece] = [(f"{percent(row.percent, scene.na)}", percent_ink(scene, row))]
    if row.percent is not None:
        right.append((" %", muted))
        right += [(f" of {rating(row.rating_a)} A", muted)] if row.rating_a is not None else []
    while right and pieces_width(left) + pieces_width(right) + 1 > width:
        right.pop()
    return _both(left, right, width)


def _place(scene: FleetScene, row: FleetRow, width: int) -> list[Piece]:
    """Feed and location, the location first to go."""
    feed = f"feed {scene.clean(row.feed)}" if row.feed and scene.feeds else ""
    location = scene.clean(row.location) if scene.places else ""
    for parts in ((feed, location), (feed,)):
        text = "  ".join(part for part in parts if part)
        if text and len(text) <= width:
            return [(text, "muted")]
    return []


def _both(left: list[Piece], right: list[Piece], width: int) -> list[Piece]:
    """Pieces at the left and at the right."""
    gap = width - pieces_width(left) - pieces_width(right)
    return [*left, (" " * max(0, gap), "text"), *right]
