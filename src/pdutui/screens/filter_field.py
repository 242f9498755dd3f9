"""A line over the key hints in which a filter is typed: what is shown follows each letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

from pdutui.screens.sheet_screen import SheetScreen
from pdutui.widgets.layout import Rect

if TYPE_CHECKING:
    from textual.widgets import Input

FIELD = "filter-field"
"""Its id."""
LONGEST = 64
"""Characters that it takes."""
_BEFORE, _CELLS = 3, 30
"""Cells before it, with the `/`, and its own."""


class FilterScreen(SheetScreen):
    """A screen whose `/` opens the line. It stands where the panel `hints` is."""

    DEFAULT_CSS = """
    FilterScreen { background: $background; overflow: hidden; }
    FilterScreen > Input {
        border: none; padding: 0; height: 1; background: $panel; color: $foreground;
        &:focus { border: none; background: $panel; }
        &:ansi { border: none; background: ansi_default; text-style: underline; }
        &:ansi:focus { border: none; }
    }
    """
    _field: Input | None = None

    @property
    def filter_text(self) -> str:
        """What is filtered by."""
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Filter by something else, and draw it."""
        raise NotImplementedError

    @property
    def typing(self) -> bool:
        """Whether the line has the keys."""
        return self._field is not None

    @property
    def field_cells(self) -> int:
        """Cells that the hints leave free for it."""
        return _BEFORE + _CELLS + 2 if self.typing else 0

    def with_field(self, places: dict[str, Rect], width: int, height: int) -> dict[str, Rect]:
        """The places of the panels, and of the line."""
        bottom = places.get("hints", Rect(0, height - 1, width, 1))
        cells = min(_CELLS, bottom.width - _BEFORE - 1)
        if cells > 0:
            places[FIELD] = Rect(bottom.x + _BEFORE, bottom.y, cells, 1)
        return places

    async def action_filter(self) -> None:
        """Open the line."""
        if self._field is not None:
            return
        from textual.widgets import Input

        field = Input(self.filter_text, id=FIELD, max_length=LONGEST, select_on_focus=False)
        field.cursor_blink = False
        self._field = field
        await self.mount(field)
        field.focus()
        self.update()

    def on_key(self, event: Key) -> None:
        """Esc drops what is typed, whatever key leads back from the screen."""
        if self.typing and event.key == "escape":
            event.stop()
            event.prevent_default()
            self.filter_by("")
            self.close_field()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Followed as it is typed."""
        if event.input is self._field:
            self.filter_by(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Kept."""
        if event.input is self._field:
            self.close_field()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """The keys went elsewhere: kept as well."""
        if event.input is self._field and self.app.screen is self:
            self.close_field()

    def close_field(self) -> None:
        """Close the line; the filter stays."""
        field, self._field = self._field, None
        if field is not None:
            if field.has_focus:
                self.set_focus(None)
            field.remove()
            self.update()
