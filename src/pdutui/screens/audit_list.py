"""The list of records as a widget: what the mouse does to it."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.screens.audit_view import AuditScene, record_list
from pdutui.widgets.sheet import Sheet


class RecordList(Sheet):
    """The records; a click chooses one, so does the wheel."""

    class Picked(Message):
        """A click on a record."""

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
        self._rows: list[int | None] = []

    def tell(self, scene: AuditScene) -> None:
        """Show these records."""

        def make(width: int, height: int) -> list[Strip]:
            made = record_list(scene, width, height)
            self._rows = [place for _, place in made]
            return [strip for strip, _ in made]

        self.paint(make, scene.inks)

    def on_click(self, event: events.Click) -> None:
        """The record of that row."""
        place = self._rows[event.y] if event.y < len(self._rows) else None
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
