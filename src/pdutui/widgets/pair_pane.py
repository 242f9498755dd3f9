"""The panel of the rack pairs: blocks below each other, scrolled so that the cursor is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.widgets.inks import Inks
from pdutui.widgets.last_seen import LastSeen
from pdutui.widgets.line import Line, blank
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.text import cut

Draw = Callable[[int, int], list[Strip]]
"""The place of a block and a width to its lines."""
Key = tuple[str, ...]
"""What a block is known by; empty for a head over the whole width."""
ONE_COLUMN = 80
"""Cells of the narrowest column of blocks where there are several."""
_GAP = 2


class _Places(NamedTuple):
    """Which blocks stand where."""

    rows: Sequence[tuple[int, ...]]
    """The places of the blocks beside each other, row by row."""
    lines: Sequence[int | None]
    """By line: the row that it belongs to."""
    keys: Sequence[Key]
    """Of the blocks, by place."""
    columns: int


class PairPane(Sheet):
    """Draws only the blocks that are seen; says what was clicked.

    Args:
        id: Its id.
        clock: For what was seen when something was clicked.
    """

    class Picked(Message):
        """A click on a block; a second one opens it, whatever stands in its place by then."""

        def __init__(self, key: Key, share: float, *, twice: bool) -> None:
            super().__init__()
            self.key, self.twice = key, twice
            self.share = share
            """How far to the right in the block, 0 to 1."""

    class Wheeled(Message):
        """The wheel: up (-1) or down (1)."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    def __init__(self, *, id: str, clock: Clock) -> None:  # noqa: A002
        super().__init__(id=id)
        self._seen = LastSeen[_Places](clock)
        self._clicked: tuple[Key, float] | None = None
        self._first = 0
        self._rows: list[tuple[int, ...]] = []
        """The places of the blocks beside each other, row by row."""
        self._lines_of: list[int | None] = []
        """By line: the row that it belongs to."""
        self._keys: tuple[Key, ...] = ()
        self._cursor = 0
        self._draw_one: Draw | None = None
        self._ink: Inks | None = None
        self._empty = ""
        self.columns = 1
        """So many blocks stand beside each other."""
        self.above = False
        """There is more above what is shown."""
        self.below = False

    @property
    def seen(self) -> Sequence[int]:
        """The places of the blocks that are shown, as they were drawn last."""
        rows = sorted({row for row in self._lines_of if row is not None})
        return [place for row in rows if row < len(self._rows) for place in self._rows[row]]

    @property
    def _places(self) -> _Places:
        return _Places(self._rows, self._lines_of, self._keys, self.columns)

    def top(self) -> None:
        """Show the beginning again."""
        self._first = 0

    def beside(self, place: int, way: int) -> int:
        """The place of the block above (-1) or below (1) another; itself where there is none."""
        at = next((row for row, places in enumerate(self._rows) if place in places), None)
        if at is None:
            return place
        column = self._rows[at].index(place)
        to = at + way
        while 0 <= to < len(self._rows):
            if self._rows[to]:
                return self._rows[to][min(column, len(self._rows[to]) - 1)]
            to += way
        return place

    def show(
        self,
        keys: Sequence[Key],
        cursor: int,
        draw: Draw,
        inks: Inks,
        empty: str,
        *,
        asked: bool = False,
    ) -> None:
        """Draw blocks.

        Args:
            keys: What the blocks are known by.
            cursor: Which of them has the cursor.
            draw: Draws one.
            inks: The colours.
            empty: What is said where there is none.
            asked: Others stand there because somebody wanted it, who does not click on what was.
        """
        if asked or not self._keys:
            self._seen.chosen()
        elif self._keys != tuple(keys):
            self._seen.changed(self._places)
        self._keys, self._cursor = tuple(keys), cursor
        self._draw_one, self._ink, self._empty = draw, inks, empty
        self.paint(self._lines, inks)

    def _lines(self, width: int, height: int) -> list[Strip]:
        assert self._ink is not None
        self.columns = max(1, min(len(self._keys), (width + _GAP) // (ONE_COLUMN + _GAP)))
        self._rows = self._in_rows()
        if not self._rows:
            self._lines_of, self.above, self.below = [], False, False
            text = cut(self._empty, width - 3, "~")
            said = Line(self._ink, width).add(f"  {text}", "muted").strip()
            return [blank(self._ink, width), said]
        count = len(self._rows)
        at = next((row for row, places in enumerate(self._rows) if self._cursor in places), 0)
        top = at - 1 if at and self._is_head(at - 1) else at
        self._first = max(0, min(self._first, top, count - 1))
        drawn: dict[int, list[Strip]] = {}
        while True:
            lines, rows, whole = self._from(self._first, width, height, drawn)
            if at < whole or self._first >= at:
                break
            self._first += 1
        # No empty rows at the end while there is something above.
        while self._first and whole == count and len(lines) < height:
            more, above, still = self._from(self._first - 1, width, height, drawn)
            if still < whole:
                break
            self._first, lines, rows, whole = self._first - 1, more, above, still
        self._lines_of = rows
        self.above, self.below = self._first > 0, whole < count
        return lines

    def _is_head(self, row: int) -> bool:
        return any(not self._keys[place] for place in self._rows[row])

    def _in_rows(self) -> list[tuple[int, ...]]:
        """Heads have a row each; the blocks between them stand beside each other."""
        out: list[tuple[int, ...]] = []
        for place, key in enumerate(self._keys):
            above = bool(out) and not self._keys[out[-1][0]]
            full = not out or not key or above or len(out[-1]) == self.columns
            out = [*out, (place,)] if full else [*out[:-1], (*out[-1], place)]
        return out

    def _row(self, row: int, width: int) -> list[Strip]:
        """The lines of the blocks of a row."""
        assert self._draw_one is not None
        assert self._ink is not None
        places = self._rows[row]
        if self.columns == 1 or self._is_head(row):
            return self._draw_one(places[0], width)
        cells = self._cells(width, self.columns)
        made = [self._draw_one(place, cells) for place in places]
        out = []
        for line in range(max(map(len, made))):
            strips: list[Strip] = []
            for number, column in enumerate(made):
                strips += [blank(self._ink, _GAP)] if number else []
                strips.append(column[line] if line < len(column) else blank(self._ink, cells))
            used = sum(strip.cell_length for strip in strips)
            out.append(Strip.join([*strips, blank(self._ink, max(0, width - used))]))
        return out

    def _cells(self, width: int, columns: int) -> int:
        return (width - _GAP * (columns - 1)) // columns

    def _from(
        self, first: int, width: int, height: int, drawn: dict[int, list[Strip]]
    ) -> tuple[list[Strip], list[int | None], int]:
        """Lines, the row of each, and the first row that is not seen whole."""
        assert self._ink is not None
        lines: list[Strip] = []
        rows: list[int | None] = []
        for row in range(first, len(self._rows)):
            if row not in drawn:
                drawn[row] = self._row(row, width)
            made = drawn[row]
            if lines and not (rows[-1] is not None and self._is_head(rows[-1])):
                lines.append(blank(self._ink, width))
                rows.append(None)
            if len(lines) + len(made) > height:
                room = max(0, height - len(lines))
                if not rows or room >= 3:
                    lines += made[:room]
                    rows += [row] * min(room, len(made))
                return lines[:height], rows[:height], row
            lines += made
            rows += [row] * len(made)
        return lines, rows, len(self._rows)

    def _at(self, x: int, y: int) -> tuple[Key, float] | None:
        """The block that was seen there, and how far to the right in it."""
        rows, lines, keys, columns = self._seen.meant(self._places)
        row = lines[y] if 0 <= y < len(lines) else None
        if row is None:
            return None
        whole = columns == 1 or not keys[rows[row][0]]
        cells = self.size.width if whole else self._cells(self.size.width, columns)
        column = x // (cells + _GAP)
        if column >= len(rows[row]):
            return None
        share = min(1.0, (x - column * (cells + _GAP)) / max(1, cells))
        return keys[rows[row][column]], share

    def on_click(self, event: events.Click) -> None:
        """The block under the pointer."""
        twice = event.chain >= 2 and self._clicked is not None
        found = self._clicked if twice else self._at(event.x, event.y)
        self._clicked = found
        if found is not None:
            self.post_message(self.Picked(*found, twice=twice))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Further down."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Further up."""
        event.stop()
        self.post_message(self.Wheeled(-1))
