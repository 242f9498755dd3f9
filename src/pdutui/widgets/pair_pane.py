"""The panel of the rack pairs: blocks below each other, scrolled so that the cursor is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line, blank
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.text import cut

Draw = Callable[[int, int], list[Strip]]
"""The place of a block and a width to its lines."""


class PairPane(Sheet):
    """Draws only the blocks that are seen; says what was clicked."""

    class Picked(Message):
        """A click on a block; a second one on the same opens it."""

        def __init__(self, place: int, column: int, *, twice: bool) -> None:
            super().__init__()
            self.place, self.column, self.twice = place, column, twice

    class Wheeled(Message):
        """The wheel: up (-1) or down (1)."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first = 0
        self._rows: list[int | None] = []
        self._count, self._cursor = 0, 0
        self._draw_one: Draw | None = None
        self._ink: Inks | None = None
        self._empty = ""
        self.above = False
        """There is more above what is shown."""
        self.below = False

    @property
    def seen(self) -> Sequence[int]:
        """The places of the blocks that are shown, as they were drawn last."""
        return sorted({place for place in self._rows if place is not None})

    def top(self) -> None:
        """Show the beginning again."""
        self._first = 0

    def show(self, count: int, cursor: int, draw: Draw, inks: Inks, empty: str) -> None:
        """Draw blocks.

        Args:
            count: How many there are.
            cursor: Which of them has the cursor.
            draw: Draws one.
            inks: The colours.
            empty: What is said where there is none.
        """
        self._count, self._cursor = count, cursor
        self._draw_one, self._ink, self._empty = draw, inks, empty
        self.paint(self._lines, inks)

    def _lines(self, width: int, height: int) -> list[Strip]:
        assert self._draw_one is not None
        assert self._ink is not None
        if not self._count:
            self._rows, self.above, self.below = [], False, False
            text = cut(self._empty, width - 3, "~")
            return [
                blank(self._ink, width),
                Line(self._ink, width).add(f"  {text}", "muted").strip(),
            ]
        self._first = max(0, min(self._first, self._cursor, self._count - 1))
        while True:
            lines, rows, whole = self._from(self._first, width, height)
            if self._cursor < whole or self._first >= self._cursor:
                break
            self._first += 1
        # No empty rows at the end while there is something above.
        while self._first and whole == self._count and len(lines) < height:
            more, above, still = self._from(self._first - 1, width, height)
            if still < whole:
                break
            self._first, lines, rows, whole = self._first - 1, more, above, still
        self._rows = rows
        self.above, self.below = self._first > 0, whole < self._count
        return lines

    def _from(
        self, first: int, width: int, height: int
    ) -> tuple[list[Strip], list[int | None], int]:
        """Lines, the block of each, and the first block that is not seen whole."""
        assert self._draw_one is not None
        assert self._ink is not None
        lines: list[Strip] = []
        rows: list[int | None] = []
        for place in range(first, self._count):
            made = self._draw_one(place, width)
            if lines:
                lines.append(blank(self._ink, width))
                rows.append(None)
            if len(lines) + len(made) > height:
                room = max(0, height - len(lines))
                if rows and room < 3:
                    return lines[:height], rows[:height], place
                lines += made[:room]
                rows += [place] * min(room, len(made))
                return lines[:height], rows[:height], place
            lines += made
            rows += [place] * len(made)
        return lines, rows, self._count

    def on_click(self, event: events.Click) -> None:
        """The block under the pointer."""
        place = self._rows[event.y] if 0 <= event.y < len(self._rows) else None
        if place is not None:
            self.post_message(self.Picked(place, event.x, twice=event.chain >= 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Further down."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Further up."""
        event.stop()
        self.post_message(self.Wheeled(-1))
