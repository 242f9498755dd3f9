"""The chart and the list of marks as widgets: what the mouse does to them."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.domain.history import Mark
from pdutui.widgets.chart_widget import ChartWidget
from pdutui.widgets.inks import Inks
from pdutui.widgets.sheet import Sheet

MarkRows = Callable[[int, int], list[tuple[Strip, Mark | None]]]
"""Width and height to rows, each with the mark it tells of."""


class HistoryChart(ChartWidget):
    """The chart, pointed at."""

    class Pointed(Message):
        """A click on a moment."""

        def __init__(self, at_ms: int) -> None:
            super().__init__()
            self.at_ms = at_ms

    class Wheeled(Message):
        """The wheel: up or to the left (-1), down or to the right (1)."""

        def __init__(self, by: int, at_ms: int | None, pan: bool) -> None:
            super().__init__()
            self.by, self.at_ms, self.pan = by, at_ms, pan

    def on_click(self, event: events.Click) -> None:
        """A moment is pointed at."""
        at = self.time_at(event.x)
        if at is not None:
            self.post_message(self.Pointed(at))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Shorter; with shift or control into the past."""
        self._wheel(event, -1, event.shift or event.ctrl)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Longer; with shift or control towards the present."""
        self._wheel(event, 1, event.shift or event.ctrl)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Into the past."""
        self._wheel(event, -1, True)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Towards the present."""
        self._wheel(event, 1, True)

    def _wheel(self, event: events.MouseEvent, by: int, pan: bool) -> None:
        event.stop()
        self.post_message(self.Wheeled(by, self.time_at(event.x), pan))


class MarkList(Sheet):
    """What happened in the window."""

    class Picked(Message):
        """A click on a mark."""

        def __init__(self, mark: Mark) -> None:
            super().__init__()
            self.mark = mark

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._marks: list[Mark | None] = []

    def tell(self, rows: MarkRows, inks: Inks) -> None:
        """Show these rows."""

        def make(width: int, height: int) -> list[Strip]:
            made = rows(width, height)
            self._marks = [mark for _, mark in made]
            return [strip for strip, _ in made]

        self.paint(make, inks)

    def on_click(self, event: events.Click) -> None:
        """The mark of that row."""
        mark = self._marks[event.y] if event.y < len(self._marks) else None
        if mark is not None:
            self.post_message(self.Picked(mark))
