"""A list of which one row is chosen: what the mouse does to it."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.widgets.inks import Inks
from pdutui.widgets.sheet import Sheet

PickRows = Callable[[int, int], list[tuple[Strip, int | None]]]
"""Width and height to rows, each with the place of what it tells of; None for a heading."""


class PickList(Sheet):
    """A click chooses what the row tells of; the wheel goes to what is beside the chosen one."""

    class Picked(Message):
        """A click on a row."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    class Wheeled(Message):
        """The wheel: up (-1) or down (1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._places: list[int | None] = []

    def tell(self, rows: PickRows, inks: Inks) -> None:
        """Show these rows."""

        def make(width: int, height: int) -> list[Strip]:
            made = rows(width, height)
            self._places = [place for _, place in made]
            return [strip for strip, _ in made]

        self.paint(make, inks)

    def on_click(self, event: events.Click) -> None:
        """What that row tells of."""
        place = self._places[event.y] if event.y < len(self._places) else None
        if place is not None:
            self.post_message(self.Picked(place))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The next one."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The one before."""
        event.stop()
        self.post_message(self.Wheeled(-1))
