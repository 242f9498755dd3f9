"""The fleet as a list: one line a PDU, columns that give way by rank where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_groups import Section, Totals
from pdutui.widgets.figures import amps, percent
from pdutui.widgets.fleet_scene import (
    FleetScene,
    alarm_pieces,
    bar_pieces,
    fullest_words,
    health_pieces,
    ink,
    outlet_pieces,
    percent_ink,
    source_pieces,
    spark_text,
    total_words,
    watts_of,
    why,
    worst_pieces,
)
from pdutui.widgets.line import Line, Piece, pieces_width
from pdutui.widgets.text import cut, fit, lead, pad, width_of

Hit = tuple[int, int, str]
"""First column, the one behind the last, and the PDU that is there."""
LinesAndHits = list[tuple[Strip, Sequence[Hit]]]


class Columns(Struct, frozen=True):
    """Cells of each column, with the blank behind it; 0 leaves a column out."""

    name: int = 0
    health: int = 0
    alarms: int = 0
    watts: int = 0
    amps: int = 0
    share: int = 0
    bar: int = 0
    worst: int = 0
    source: int = 0
    outlets: int = 0
    feed: int = 0
    place: int = 0
    trend: int = 0


_HEADS = {
    "name": ("PDU",), "health": ("Health",), "alarms": ("Alarms",), "watts": ("W",),
    "amps": ("A",), "share": ("%",), "bar": ("Load",), "worst": ("Fullest part",),
    "source": ("Source",), "outlets": ("Outlets",), "feed": ("Feed",), "place": ("Location",),
    "trend": ("Last minute", "Trend"),
}  # fmt: skip
"""What stands above each column, the longest that fits."""
_COLUMNS = 100
"""Columns of a line from which on the heads of groups have columns too."""
_RIGHT = ("watts", "amps", "share")
_SORTED = {"name": "name", "power": "watts", "percent": "share", "location": "place"}


@lru_cache(maxsize=32)
def columns(width: int, *, names: int, places: int, feeds: int, ats: bool, alarms: bool) -> Columns:
    """Which columns there are, by worth: the first ones stay however narrow it is.

    Args:
        width: Cells of a line.
        names: Of the longest name.
        places: Of the longest location; 0: no column for it.
        feeds: Of the longest feed; 0: no column for it.
        ats: Whether there are transfer switches.
        alarms: Whether there are alarms.
    """
    got: dict[str, int] = {}
    left = width - 1

    def take(column: str, cells: int, most: int = 0) -> None:
        """Give a column so many cells; one that is there already up to `most`, as room allows."""
        nonlocal left
        cells = min(cells, most - got.get(column, 0), left) if most else cells
        if 0 < cells <= left:
            got[column] = got.get(column, 0) + cells
            left -= cells

    name = min(max(3, names), 24) + 1
    take("name", min(name, 11, max(1, left)))
    take("health", 14)
    take("share", 6)
    take("watts", 9)
    if alarms:
        take("alarms", 12)
    take("name", name, name)
    take("worst", 14)
    if ats:
        take("source", 10)
    take("bar", 9 if left >= 9 else 6)
    take("amps", 9)
    take("outlets", 13)
    take("trend", 10)
    if feeds:
        take("feed", max(4, feeds) + 1)
    if places:
        take("place", max(8, min(places, 24)) + 1)
    if alarms:
        take("alarms", 12, 24)
    take("bar", 8, 17)
    take("worst", 8, 21)
    take("trend", 21, 31)
    if ats:
        take("source", 7, 17)
    take("outlets", 10, 23)
    take("health", 6, 20)
    take("bar", left)
    return Columns(**got)


def columns_of(scene: FleetScene, width: int) -> Columns:
    """The columns for what is shown."""
    return columns(
        width,
        names=scene.names,
        places=scene.places,
        feeds=scene.feeds,
        ats=scene.has_ats,
        alarms=scene.has_alarms,
    )


def heading(scene: FleetScene, width: int) -> Strip:
    """The names of the columns; the one that is sorted by is marked."""
    cells = columns_of(scene, width)
    line = Line(scene.inks, width).add(" ")
    by = _SORTED.get(scene.order, "")
    for column, titles in _HEADS.items():
        room = getattr(cells, column)
        if not room:
            continue
        mark = scene.glyphs.down if column == by else ""
        text = next((f"{t}{mark}" for t in titles if len(t) + len(mark) < room), mark)
        # A figure's unit stands behind it, so its head does above the unit.
        line.add(lead(text, room - 1) if column in _RIGHT else pad(text, room - 1), "muted").add(
            " "
        )
    return line.strip()


def group_head(scene: FleetScene, section: Section, width: int) -> Strip:
    """`─ Row 3 / Rack 1 ──── ▲ 1 critical  2 PDUs  4.1 kW of 1/2  fullest 82 % ─`."""
    glyphs = scene.glyphs
    totals = scene.totals.get((section.title, section.level), Totals())
    line = Line(scene.inks, width).add(glyphs.rule * (1 + 2 * section.level), "rule")
    title = scene.clean(section.title)
    most = width - line.used - min(24, width_of(title)) - 5
    tail = _group_tail(scene, totals, most, columns=width >= _COLUMNS)
    room = width - line.used - pieces_width(tail) - 3
    line.add(f" {cut(title, max(3, room - 2), glyphs.ellipsis)} ", "title")
    return line.right([*tail, (glyphs.rule, "rule")], glyphs.rule, "rule").strip()


def _group_tail(scene: FleetScene, totals: Totals, room: int, *, columns: bool) -> list[Piece]:
    """What a group's head says at its right; what matters less goes first.

    In `columns` what all groups say stands at the right, each below that of the group above.
    """
    count = "1 PDU" if totals.count == 1 else f"{totals.count} PDUs"
    total, full = total_words(totals, scene.na), fullest_words(totals)
    if columns:
        count, total, full = lead(count, 8), lead(total, 8), lead(full, 13)
    alarms = alarm_pieces(scene, totals, 24)
    down = totals.count - totals.healths.get("live", 0)
    items: list[tuple[int, list[Piece]]] = [
        (6, alarms),
        (6, [(f"{totals.dark} dark", "critical")] if totals.dark else []),
        (4, [(f"{down} not live", "warning")] if down else []),
        (3, [(count, "muted")]),
        (5, [(total, "strong")]),
        (2, [(full, "text")] if full else []),
    ]
    items = [item for item in items if item[1]]
    while items and sum(pieces_width(pieces) + 2 for _, pieces in items) > room:
        items.remove(min(items, key=lambda item: item[0]))
    out: list[Piece] = []
    for _, pieces in items:
        out += [("  " if out else " ", "text"), *pieces]
    return [*out, (" ", "text")] if out else []


def row_line(scene: FleetScene, row: FleetRow, width: int) -> Strip:
    """One PDU."""
    cells, glyphs = columns_of(scene, width), scene.glyphs
    here = row.pdu == scene.cursor
    line = Line(scene.inks, width, "cursor" if here else "base")
    line.add(glyphs.cursor if here else " ", "key")
    strong = "text-critical" if row.dark else "strong" if here else "text"
    line.add(fit(scene.clean(row.pdu), cells.name - 1, glyphs.ellipsis), strong).add(" ")
    if cells.health:
        _field(line, health_pieces(scene, row, cells.health - 1), cells.health)
    if cells.alarms:
        _field(line, alarm_pieces(scene, row, cells.alarms - 1), cells.alarms)
    if row.age_s is None and not row.estimated:
        # Nothing was ever read: there are no figures to make room for.
        return line.add(why(scene, row, line.room - 1), "stale").strip()
    _figures(scene, row, line, cells)
    said = why(scene, row, line.room - 1)
    if said:
        return line.add(said, "stale").strip()
    if cells.worst:
        _field(line, worst_pieces(scene, row, cells.worst - 1), cells.worst)
    if cells.source:
        _field(line, source_pieces(scene, row, cells.source - 1), cells.source)
    if cells.outlets:
        _field(line, outlet_pieces(scene, row, cells.outlets - 1), cells.outlets)
    for room, text in ((cells.feed, row.feed), (cells.place, row.location)):
        if room:
            line.add(fit(scene.clean(text), room - 1, glyphs.ellipsis), "muted").add(" ")
    if cells.trend and not row.estimated:
        line.add(spark_text(scene, row, cells.trend - 1), ink(row, "spark"))
    return line.strip()


def _figures(scene: FleetScene, row: FleetRow, line: Line, cells: Columns) -> None:
    """W, A, % and the bar: one that is not known is a dash without a unit."""
    total, unit = watts_of(scene, row)
    current, share = amps(row.current_a, scene.na), percent(row.percent, scene.na)
    for room, text, sign, name in (
        (cells.watts, total, unit, ink(row, "value")),
        (cells.amps, current, "A", ink(row, "value")),
        (cells.share, share, "%", percent_ink(scene, row)),
    ):
        if room:
            known = text != scene.na
            behind = f" {sign}" if known else "  "
            line.add(lead(text, room - 1 - len(behind)), name if known else ink(row, "muted"))
            line.add(f"{behind} ", ink(row, "muted"))
    if cells.bar:
        _field(line, bar_pieces(scene, row, cells.bar - 1), cells.bar)


def _field(line: Line, pieces: list[Piece], cells: int) -> None:
    """Pieces in a column; they have been made to fit."""
    end = line.used + cells
    line.extend(pieces).to(end)


class Window(Struct, frozen=True):
    """Which lines of the list are shown."""

    first: int
    rows: int
    total: int


def listing(sections: Sequence[Section]) -> list[Section | str]:
    """Heads and names from top to bottom; without groups names alone."""
    out: list[Section | str] = []
    for section in sections:
        if section.title:
            out.append(section)
        if section.listed:
            out += section.members
    return out


def window(items: Sequence[Section | str], cursor: str | None, rows: int, first: int) -> Window:
    """The part that is shown: the cursor is in it, and its group's head where that is near."""
    total = len(items)
    at = items.index(cursor) if cursor in items else 0
    top = at
    while top and not isinstance(items[top - 1], str) and at - top < rows - 1:
        top -= 1
    first = min(first, top)
    first = max(first, at - rows + 1)
    return Window(max(0, min(first, total - rows)), min(rows, total), total)


class Drawn:
    """Lines of PDUs as they were drawn last: one that looks at the same things is not made anew."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[tuple[object, ...], Strip]] = {}

    def line(self, scene: FleetScene, row: FleetRow, width: int) -> Strip:
        """The line of a PDU."""
        cells = columns_of(scene, width)
        samples = scene.trend(row.pdu) if cells.trend else None
        made_of = (row, samples, cells, row.pdu == scene.cursor, scene.inks, scene.limits)
        before = self._lines.get(row.pdu)
        if before is not None and all(a is b for a, b in zip(before[0], made_of, strict=True)):
            return before[1]
        line = row_line(scene, row, width)
        self._lines[row.pdu] = (made_of, line)
        return line

    def only(self, names: Sequence[str]) -> None:
        """Forget all others."""
        if len(self._lines) > 4 * len(names):
            self._lines = {name: self._lines[name] for name in names if name in self._lines}


def fleet_list(
    scene: FleetScene, items: Sequence[Section | str], width: int, shown: Window, drawn: Drawn
) -> LinesAndHits:
    """The lines that a window shows, each with the PDU that a click on it means."""
    out: LinesAndHits = []
    seen = items[shown.first : shown.first + shown.rows]
    for item in seen:
        if not isinstance(item, str):
            out.append((group_head(scene, item, width), ()))
        elif item in scene.rows:
            out.append((drawn.line(scene, scene.rows[item], width), ((0, width, item),)))
    drawn.only([item for item in seen if isinstance(item, str)])
    return out
