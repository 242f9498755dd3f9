"""Sending only the cells that changed, as curses does.

Textual repaints whole regions; over a slow line that is most of the traffic. Here stands a copy of
what is on the terminal, cell by cell, between Textual's compositor and the driver. It hangs on two
private classes of Textual and on `App._display`: where they look different, or anything about them
turns out to be unexpected, Textual's own output is used instead, and the log says so once.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from inspect import signature
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

LOG = logging.getLogger("pdutui.console")

Row = tuple[int, list[tuple[int, Strip]]]
"""y, and the strips of that row with the column each begins in."""

_ATTRIBUTES = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"),
    ("reverse", "7"), ("conceal", "8"), ("strike", "9"),
)  # fmt: skip
_SURPRISES = (AttributeError, TypeError, ValueError, KeyError, IndexError)


class Pen(NamedTuple):
    """What an SGR sequence sets: attributes, foreground, background; empty is the default."""

    attributes: tuple[str, ...] = ()
    fore: str = ""
    back: str = ""


PLAIN = Pen()
Cell = tuple[str, Pen]
"""Text and pen; the text of the second cell of a wide character is empty."""
BLANK: Cell = (" ", PLAIN)


def supported() -> bool:
    """Whether Textual's updates look the way this module knows them."""
    try:
        layout = set(signature(LayoutUpdate.__init__).parameters)
        chops = set(signature(ChopsUpdate.__init__).parameters)
    except (AttributeError, TypeError, ValueError):
        return False
    return layout >= {"strips", "region"} and chops >= {"chops", "spans", "chop_ends"}


def understood(update: object) -> bool:
    """Whether an update is of a kind that can be sent cell by cell."""
    return isinstance(update, LayoutUpdate | ChopsUpdate)


class Shadow:
    """What is on a terminal of a size, as far as it is known, and how to change it.

    Args:
        width: Columns.
        height: Rows.
        colors: The terminal's colours; None leaves colours out and keeps attributes.
        cleared: It was cleared a moment ago: every cell is a plain blank.
    """

    def __init__(
        self, width: int, height: int, colors: ColorSystem | None, *, cleared: bool = False
    ) -> None:
        self.width, self.height, self.colors = width, height, colors
        known = BLANK if cleared else None
        self._rows: list[list[Cell | None]] = [[known] * width for _ in range(height)]
        self._runs: list[dict[int, tuple[str, Pen]]] = [{} for _ in range(height)]
        """Runs of a row that are surely there, by where they begin: most are in the next frame."""
        self.left: int | None = None
        """The row before which the last `paint` ran out of room; None: it painted everything."""
        self._narrow: set[str] = set()
        """Characters beyond ASCII that are known to take one cell."""
        self._pens: dict[Style | None, Pen] = {None: PLAIN}
        self._changes: dict[tuple[Pen, Pen], str] = {}

    def cell(self, x: int, y: int) -> Cell | None:
        """What is known of a cell; None: nothing."""
        return self._rows[y][x]

    def paint(self, rows: Iterable[Row], room: int | None = None) -> str:
        """The bytes that bring these rows on the screen; the shadow then holds them.

        Args:
            rows: In the order in which they are sent.
            room: No row is begun after so many bytes: `left` then says where to go on.
        """
        out: list[str] = []
        pen, at, counted = PLAIN, (-1, -1), 0
        self.left = None
        for y, strips in rows:
            if not 0 <= y < self.height:
                continue
            if room is not None and out:
                room -= sum(map(_size, out[counted:]))
                counted = len(out)
                if room <= 0:
                    self.left = y
                    break
            for begin, strip in strips:
                for x, text, wanted in self._changed(y, begin, strip):
                    out.append(self._move(at, x, y, pen))
                    if wanted != pen:
                        out.append(self._change(pen, wanted))
                        pen = wanted
                    out.append(text)
                    # After anything but plain narrow characters the cursor's place is the
                    # terminal's own opinion: do not build on it.
                    end = x + len(text)
                    at = (end, y) if end < self.width and self._is_plain(text) else (-1, -1)
        if pen != PLAIN:
            out.append("\x1b[0m")
        return "".join(out)

    def _changed(self, y: int, begin: int, strip: Strip) -> Iterator[tuple[int, str, Pen]]:
        """What of a strip differs from the shadow, which takes it over: runs of one pen."""
        row, runs, width = self._rows[y], self._runs[y], self.width
        x = begin
        for text, style, control in strip:
            if control:
                continue
            pen = self._pen(style)
            end = x + len(text)
            if runs.get(x) == (text, pen):
                x = end
                continue
            if x >= 0 and end <= width and self._is_plain(text):
                yield from self._changed_run(row, x, text, pen)
                for at in [at for at, run in runs.items() if at < end and at + len(run[0]) > x]:
                    del runs[at]
                runs[x] = (text, pen)
                x = end
                continue
            runs.clear()
            for part in _split(text):
                size = 1 if len(part) == 1 and part < "\x7f" else get_character_cell_size(part[0])
                if x < 0 or x + size > width:
                    if x < width and size == 2:
                        part, size = " ", 1
                    else:
                        x += size
                        continue
                cell = (part, pen)
                if row[x] != cell or (size == 2 and row[x + 1] != ("", pen)):
                    self._take(row, x, size, cell)
                    yield x, part, pen
                x += size

    def _changed_run(
        self, row: list[Cell | None], x: int, text: str, pen: Pen
    ) -> Iterator[tuple[int, str, Pen]]:
        """The same for plain text, of which every character is one cell."""
        end = x + len(text)
        cells: list[Cell | None] = [(char, pen) for char in text]
        old = row[x:end]
        if old == cells or not text:
            return
        if old[0] is not None and old[0][0] == "" and x:
            row[x - 1] = None  # the wide character that began there has lost its half
        last = old[-1]
        if end < len(row) and last is not None and last != cells[-1]:
            beyond = row[end]
            if beyond is not None and beyond[0] == "":
                row[end] = None
        row[x:end] = cells
        if old.count(None) == len(old):
            yield x, text, pen
            return
        start = -1
        for at, (before, now) in enumerate(zip(old, cells, strict=True)):
            if before != now:
                if start < 0:
                    start = at
            elif start >= 0:
                yield x + start, text[start:at], pen
                start = -1
        if start >= 0:
            yield x + start, text[start:], pen

    def _is_plain(self, text: str) -> bool:
        """Whether each of its characters is printed, and takes one cell on any terminal."""
        if text.isascii():
            return text.isprintable()
        return self._narrow.issuperset(text) or self._learn(text)

    def _learn(self, text: str) -> bool:
        """The same for a text with characters that were not seen before."""
        for char in text:
            if not char.isprintable() or get_character_cell_size(char) != 1:
                return False
        if len(self._narrow) > 4096:
            self._narrow.clear()
        self._narrow.update(text)
        return True

    @staticmethod
    def _take(row: list[Cell | None], x: int, size: int, cell: Cell) -> None:
        """Put a cell into the shadow; a wide character that loses a half is known no more."""
        before = row[x]
        if before is not None and before[0] == "" and x:
            row[x - 1] = None
        last = row[x + size - 1]
        if x + size < len(row):
            beyond = row[x + size]
            if last is not None and beyond is not None and beyond[0] == "":
                row[x + size] = None
        row[x] = cell
        if size == 2:
            row[x + 1] = ("", cell[1])

    def _move(self, at: tuple[int, int], x: int, y: int, pen: Pen) -> str:
        """The shortest way for the cursor."""
        if at == (x, y):
            return ""
        here, line = at
        if line == y and 0 <= here < x:
            between = self._rows[y][here:x]
            if x - here <= 4 and all(c is not None and c[1] == pen and c[0].isascii() and c[0]
                                     for c in between):  # fmt: skip
                return "".join(c[0] for c in between if c is not None)
            return "\x1b[C" if x - here == 1 else f"\x1b[{x - here}C"
        if line >= 0 and y == line + 1 and x == 0:
            return "\r\n"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"

    def _change(self, old: Pen, new: Pen) -> str:
        text = self._changes.get((old, new))
        if text is None:
            text = self._changes[old, new] = _sgr(old, new)
        return text

    def _pen(self, style: Style | None) -> Pen:
        pen = self._pens.get(style)
        if pen is None:
            assert style is not None
            if len(self._pens) > 4096:
                self._pens = {None: PLAIN}
            pen = self._pens[style] = _pen(style, self.colors)
        return pen


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _split(text: str) -> Iterator[str]:
    """Characters with their combining marks; what would drive the terminal is left out."""
    part = ""
    for char in text:
        if get_character_cell_size(char) == 0 or not (char.isprintable() or char == "\u00a0"):
            if part and unicodedata.category(char) in ("Mn", "Mc"):
                part += char
            continue
        if part:
            yield part
        part = char
    if part:
        yield part


def _pen(style: Style, colors: ColorSystem | None) -> Pen:
    attributes = tuple(code for name, code in _ATTRIBUTES if getattr(style, name))
    if colors is None:
        return Pen(attributes)
    return Pen(attributes, _codes(style.color, colors, True), _codes(style.bgcolor, colors, False))


def _codes(color: Color | None, colors: ColorSystem, foreground: bool) -> str:
    if color is None or color.is_default:
        return ""
    if colors is ColorSystem.EIGHT_BIT and color.triplet is not None:
        return f"{38 if foreground else 48};5;{nearest_256(*color.triplet)}"
    return ";".join(color.downgrade(colors).get_ansi_codes(foreground))


_CUBE = (0, 95, 135, 175, 215, 255)


def nearest_256(red: int, green: int, blue: int) -> int:
    """The nearest of the 240 fixed colours of a 256-colour terminal.

    Rich takes the colour cube for everything that is not quite grey, which makes deep blue of a
    dark slate; the ramp of greys is often much nearer.
    """
    best, least = 16, 1 << 30
    for number in (_cube(red, green, blue), _grey((red + green + blue) // 3)):
        r, g, b = rgb_of_256(number)
        # Weighted as the eye weighs them.
        distance = 3 * (red - r) ** 2 + 4 * (green - g) ** 2 + 2 * (blue - b) ** 2
        if distance < least:
            best, least = number, distance
    return best


def rgb_of_256(number: int) -> tuple[int, int, int]:
    """What a 256-colour terminal shows for a number from 16 on."""
    if number >= 232:
        level = 8 + 10 * (number - 232)
        return level, level, level
    red, rest = divmod(number - 16, 36)
    return _CUBE[red], _CUBE[rest // 6], _CUBE[rest % 6]


def _cube(*rgb: int) -> int:
    steps = [min(range(6), key=lambda i: abs(_CUBE[i] - value)) for value in rgb]
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]


def _grey(level: int) -> int:
    return 232 + max(0, min(23, round((level - 8) / 10)))


def _sgr(old: Pen, new: Pen) -> str:
    """The sequence from one pen to another: only what differs where that is enough."""
    if new == PLAIN:
        return "\x1b[0m"
    codes: list[str] = []
    if not set(old.attributes) <= set(new.attributes):
        codes, old = ["0"], PLAIN
    codes += [code for code in new.attributes if code not in old.attributes]
    if old.fore != new.fore:
        codes.append(new.fore or "39")
    if old.back != new.back:
        codes.append(new.back or "49")
    return f"\x1b[{';'.join(codes)}m"


class DiffUpdate(CompositorUpdate):
    """An update of Textual's that sends only what changed.

    Args:
        inner: Textual's own.
        paint: Makes bytes of its rows.
        on_surprise: Called where that fails, and Textual's own output is sent.
    """

    def __init__(
        self,
        inner: CompositorUpdate,
        paint: Callable[[Iterable[Row]], str],
        on_surprise: Callable[[Exception], None],
    ) -> None:
        self._inner, self._paint, self._on_surprise = inner, paint, on_surprise

    def render_segments(self, console: Console) -> str:
        """What goes to the terminal."""
        try:
            return self._paint(rows_of(self._inner))
        except _SURPRISES as error:
            self._on_surprise(error)
            return self._inner.render_segments(console)


def rows_of(update: CompositorUpdate) -> Iterator[Row]:
    """The rows of an update and where its strips begin."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            strips: list[tuple[int, Strip]] = []
            for strip in line:
                strips.append((x, strip))
                x += strip.cell_length
            yield y, strips
    elif isinstance(update, ChopsUpdate):
        for y, begin, end in update.spans:
            strips = []
            for stop, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is None or x > end or stop <= begin:
                    continue
                inside = end > x >= begin and stop <= end
                strips.append((x, chop if inside else chop.crop(0, min(stop, end) - x)))
            yield y, strips
    else:
        raise TypeError(f"an update of another kind: {type(update).__name__}")
