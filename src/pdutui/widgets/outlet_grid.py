"""The outlets: one row each, state as glyph and word and colour, figures, trend, what is going on.

The grid is also where outlets are switched from, so it has the cursor and the keys that act on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.strip import Strip

from pdutui.widgets.figures import amps, energy, watts
from pdutui.widgets.layout import outlet_columns
from pdutui.widgets.line import Line, Piece, blank
from pdutui.widgets.outlet_marks import MARK, guard_of, said_of
from pdutui.widgets.panel import Panel, head
from pdutui.widgets.plot import spark
from pdutui.widgets.text import cut, fit, lead, pad, width_of
from pdutui.widgets.waiting import waiting

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.inks import Inks
    from pdutui.widgets.scene import Scene

SPARK_S = 60
"""How many seconds a sparkline shows."""
_LABEL = 6
"""The widest number column."""


class _Columns(Struct, frozen=True):
    """Widths of the fields of one row; 0 leaves a field out."""

    sign: int
    """The mark, while there are any."""
    number: int
    word: int
    name: int
    bank: int
    power: int
    current: int
    energy: int
    tail: int
    """The sparkline; where there is no `mark`, shared with it."""
    mark: int

    @property
    def before(self) -> int:
        """Cursor, mark, number and guard, with the blank behind them."""
        return 1 + self.sign + self.number + 2

    @property
    def state(self) -> int:
        """Glyph, word and name, with the blanks behind them."""
        return self.word + 3 + self.name + 1

    @property
    def figures(self) -> int:
        """The bank and what is measured."""
        return self.bank + self.power + self.current + self.energy


_FrontOf = tuple[
    "Inks", "GlyphSet", str, int, _Columns, bool, bool, str, str, int, bool, str, str | None,
    str | None, int | None, int | None,
]  # fmt: skip
"""All that the front of a row is drawn from."""
Fronts = dict[int, tuple[_FrontOf, Line]]
"""Fronts of rows as they were drawn last, by outlet."""


class Window(Struct, frozen=True):
    """Which outlets stand where: `columns` of `rows`, read downwards, scrolled by `first` rows."""

    columns: int
    rows: int
    total_rows: int
    first: int
    heading: bool


def window(scene: Scene, width: int, height: int, first: int) -> Window:
    """The part of the outlets that is shown, with the cursor's row in it."""
    count = len(scene.outlets)
    heading = height >= 3
    rows = max(1, height - heading)
    columns = outlet_columns(width, rows, count)
    total = max(1, ceil(count / columns))
    row = _index(scene) % total
    first = min(first, row)
    first = max(first, row - rows + 1)
    return Window(columns, min(rows, total), total, max(0, min(first, total - rows)), heading)


def _index(scene: Scene) -> int:
    """Place of the cursor's outlet among those that are shown."""
    return next((i for i, o in enumerate(scene.outlets) if o.number == scene.cursor), 0)


class OutletGrid(Panel, can_focus=True):
    """The outlets of one PDU."""

    class Picked(Message):
        """An outlet was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Stepped(Message):
        """The wheel moved: so many rows down."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first = 0
        self._fronts: Fronts = {}

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """Head and rows; before the first reading, what is being waited for."""
        if scene.reading is None:
            return waiting(scene, width, height, focused)
        shown = window(scene, width, height, self._first)
        self._first = shown.first
        return grid(scene, width, shown, focused, self._fronts)

    def page(self) -> Window | None:
        """What is shown now; None before the first reading."""
        scene = self.scene
        if scene is None or scene.reading is None:
            return None
        return window(scene, self.size.width, self.size.height, self._first)

    def on_click(self, event: Click) -> None:
        """Pick the outlet under the pointer."""
        shown, scene = self.page(), self.scene
        if shown is None or scene is None or scene.reading is None:
            return
        row = event.y - shown.heading + shown.first
        column = min(shown.columns - 1, event.x // max(1, self.size.width // shown.columns))
        place = column * shown.total_rows + row
        if row >= shown.first and row < shown.total_rows and place < len(scene.outlets):
            self.post_message(self.Picked(scene.outlets[place].number))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.post_message(self.Stepped(1))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.post_message(self.Stepped(-1))


def grid(scene: Scene, width: int, shown: Window, focused: bool, fronts: Fronts) -> list[Strip]:
    """The lines of the outlets that a window shows.

    Args:
        scene: What is shown.
        width: In cells.
        shown: The window.
        focused: The grid has the keys.
        fronts: What was drawn last; it is drawn anew where anything of it is another.
    """
    outlets = scene.outlets
    lines = [head(scene, width, _title(scene), _summary(scene, shown), focused=focused)]
    if not shown.heading:
        lines = []
    if scene.filter and not outlets:
        nothing = f"  no outlet fits {scene.clean(scene.filter)}"
        return [*lines, Line(scene.inks, width).add(nothing, "muted").strip()]
    gap = 1 if shown.columns > 1 else 0
    widths = _split(width - gap * (shown.columns - 1), shown.columns)
    fields = _fields(min(widths), scene)
    for row in range(shown.first, min(shown.total_rows, shown.first + shown.rows)):
        strips: list[Strip] = []
        for column, cells in enumerate(widths):
            if column and gap:
                strips.append(blank(scene.inks, gap))
            place = column * shown.total_rows + row
            if place < len(outlets):
                strips.append(_row(scene, outlets[place], cells, fields, focused, fronts))
            else:
                strips.append(blank(scene.inks, cells))
        lines.append(Strip.join(strips) if len(strips) > 1 else strips[0])
    return lines


def _split(width: int, parts: int) -> list[int]:
    return [width * (i + 1) // parts - width * i // parts for i in range(parts)]


def _title(scene: Scene) -> str:
    """`Outlets`; `Outlets: 7 of 24 shown: web`."""
    if not scene.filter or scene.reading is None:
        return "Outlets"
    count = f"{len(scene.outlets)} of {len(scene.reading.outlets)}"
    return f"Outlets: {count} shown: {scene.clean(scene.filter)}"


def _summary(scene: Scene, shown: Window) -> list[Piece]:
    outlets = scene.outlets
    glyphs = scene.glyphs
    pieces: list[Piece] = []
    for state, ink in (("on", "on"), ("off", "text"), ("unknown", "unknown")):
        count = sum(o.state == state for o in outlets)
        if count or state == "on":
            sep = f" {glyphs.dot} " if pieces else ""
            pieces += [(sep, "muted"), (str(count), scene.ink(ink)), (f" {state}", "muted")]
    if outlets and not _metered(outlets):
        pieces.append((f" {glyphs.dot} outlets not metered", "muted"))
    if outlets and not any(o.switchable for o in outlets):
        pieces.append((f" {glyphs.dot} not switchable", "muted"))
    if shown.total_rows > shown.rows:
        up = glyphs.up if shown.first else " "
        down = glyphs.down if shown.first + shown.rows < shown.total_rows else " "
        pieces.append((f" {glyphs.dot} {up}{down}", "text"))
    return pieces


def _metered(outlets: Sequence[Outlet]) -> bool:
    """Whether the device measures any outlet by itself; where not, columns of n/a say nothing."""
    return any(o.power_w is not None or o.current_a is not None for o in outlets)


def _fields(width: int, scene: Scene) -> _Columns:
    """Give the width to the fields by worth: name, W, A, what is going on, kWh, bank, trend."""
    assert scene.reading is not None
    outlets = scene.reading.outlets
    longest = max((width_of(_name(scene, o)) for o in outlets), default=0)
    number = min(_LABEL, max((width_of(_place(scene, o)) for o in outlets), default=1))
    word = 7 if width >= 60 else 3
    sign = 1 if scene.marked.here or scene.marked.ranged else 0
    left = width - 1 - sign - number - 2 - (word + 3) - 1

    def take(cells: int) -> int:
        nonlocal left
        if cells <= 0 or left < cells:
            return 0
        left -= cells
        return cells

    name = take(max(1, min(left, 11)))
    metered = _metered(outlets)
    power, current = (take(8), take(8)) if metered else (0, 0)
    name += take(min(left, 5 if metered else left, longest - name))
    tail = take(min(left, MARK)) if left >= 10 else 0
    kwh = take(12) if any(o.energy_kwh is not None for o in outlets) else 0
    name += take(min(left, 4, longest - name))
    banks = max((len(bank_of(o)) for o in outlets), default=0)
    bank = take(max(4, banks + 1)) if banks else 0
    tail += take(min(left, SPARK_S // 2 + 1 - tail)) if tail and metered else 0
    mark = take(MARK) if tail and metered else 0
    name += take(min(left, 16, longest - name))
    return _Columns(sign, number, word, name, bank, power, current, kwh, tail, mark)


def _row(
    scene: Scene, outlet: Outlet, width: int, fields: _Columns, focused: bool, fronts: Fronts
) -> Strip:
    glyphs, stale = scene.glyphs, "stale" if scene.stale else ""
    guard = guard_of(scene, outlet)
    said = said_of(scene, outlet, guard)
    ink, shortest = said.ink, width_of(said.texts[-1])
    mark = said.within((fields.mark or fields.tail) - 1)
    if not said.loud and fields.tail < width_of(mark) + 1:
        mark = ""  # the sign before its state says as much
    room = width - fields.before
    cramped = said.loud and room - fields.state - fields.figures < shortest + 1
    name = fields.name
    if cramped:
        # No room of its own: what is going on with an outlet is worth more than its figures, and
        # than the end of its name.
        name = min(name, max(6, room - fields.state + name - shortest))
    here = outlet.number == scene.cursor
    of = (
        scene.inks, glyphs, stale, width, fields, here, here and focused, _sign(scene, outlet),
        guard, name, cramped, outlet.state, outlet.name, outlet.label, outlet.bank, outlet.module,
    )  # fmt: skip
    front = fronts.get(outlet.number)
    if front is None or front[0] != of:
        front = fronts[outlet.number] = (of, _front(scene, outlet, of))
    line = front[1].copy()
    if cramped:
        return line.add(said.within(line.room), ink).strip()
    na = glyphs.dash
    for cells, text, unit, role in (
        (fields.current, amps(outlet.current_a, na), "A", "value"),
        (fields.power, watts(outlet.power_w, na), "W", "value"),
        (fields.energy, energy(outlet.energy_kwh, na), "kWh", "text"),
    ):
        if cells:
            known = text != na
            line.add(lead(text, cells - len(unit) - 2), stale or (role if known else "muted"))
            line.add(f" {unit if known else ' ' * len(unit)} ", stale or "muted")
    cells = fields.tail - 1
    if said.loud and width_of(mark) < width_of(said.within(line.room - 1)):
        return line.add(" ").add(said.within(line.room - 1), ink).strip()
    if mark and not fields.mark and cells > 0:
        line.add(f" {mark}", ink)
        cells -= width_of(mark) + 1
        if cells >= 4:
            line.add(" ").add(_spark(scene, outlet, cells), stale or "spark")
        return line.strip()
    if cells > 0:
        line.add(" ").add(_spark(scene, outlet, cells), stale or "spark")
    if fields.mark and mark:
        line.add(" ").add(mark, ink)
    return line.strip()


def _front(scene: Scene, outlet: Outlet, of: _FrontOf) -> Line:
    """Place, state, name and bank: what stays as it is for days."""
    inks, glyphs, stale, width, fields, here, focused, sign, guard, name, cramped, *_ = of
    line = Line(inks, width, "cursor" if focused else "base")
    line.add(glyphs.cursor if here else " ", "key")
    if fields.sign:
        line.add(sign, "key")
    place = cut(_place(scene, outlet), fields.number, glyphs.ellipsis)
    line.add(lead(place, fields.number), "muted").add(guard, "warning").add(" ")
    _state(scene, outlet, line, fields.word, name)
    if fields.bank and not cramped:
        line.add(fit(bank_of(outlet), fields.bank), stale or "muted")
    return line


def _sign(scene: Scene, outlet: Outlet) -> str:
    """Whether it is marked, or would be by the range."""
    if outlet.number in scene.marked.here:
        return scene.glyphs.mark
    return scene.glyphs.ranged if outlet.number in scene.marked.ranged else " "


def _state(scene: Scene, outlet: Outlet, line: Line, cells: int, name: int) -> None:
    """Glyph, word, name. Where the word is longer than its field, the name gives way to it."""
    glyph = {"on": scene.glyphs.on, "off": scene.glyphs.off}.get(outlet.state, scene.glyphs.unknown)
    word = pad(outlet.state, cells)
    line.add(f"{glyph} {word} ", scene.ink(outlet.state))
    name -= len(word) - cells
    ink = scene.ink("text" if outlet.name else "muted")
    line.add(fit(_name(scene, outlet), name, scene.glyphs.ellipsis), ink).add(" ")


def _name(scene: Scene, outlet: Outlet) -> str:
    """The outlet's name, or what to call one that has none."""
    return scene.clean(outlet.name) or f"Outlet {_place(scene, outlet)}"


def _place(scene: Scene, outlet: Outlet) -> str:
    return scene.clean(place_of(outlet))


def place_of(outlet: Outlet) -> str:
    """What an outlet is numbered by: as on the device, `2.5` in a chain."""
    return outlet.label or str(outlet.number)


def bank_of(outlet: Outlet) -> str:
    """`B2`; `B2.1` for bank 1 of unit 2 of a chain; empty where it is not known."""
    if outlet.bank is None:
        return ""
    unit, number = divmod(outlet.bank, 1000)
    unit = unit or outlet.module or 0
    return f"B{unit}.{number}" if unit else f"B{number}"


def _spark(scene: Scene, outlet: Outlet, cells: int) -> str:
    samples = scene.trend(f"outlet.{outlet.number}.power_w", SPARK_S)
    if samples.count(None) == len(samples):
        samples = scene.trend(f"outlet.{outlet.number}.current_a", SPARK_S)
    return spark(samples, cells, scene.second, scene.glyphs)
