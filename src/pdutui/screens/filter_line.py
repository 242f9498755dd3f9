"""Screens of lists with a line in which a filter is typed, in the place of the hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Key

from pdutui.screens.sheet_screen import SheetScreen
from pdutui.widgets.layout import Rect

if TYPE_CHECKING:
    from textual.widgets import Input

ToPdu = Callable[[str, int | None], None]
"""Shows a PDU, and an outlet of it."""
ToHistory = Callable[[str, str, int], None]
"""PDU, subject and unix ms to the chart there."""
FIELD = "filter-line"
"""The id of the line."""
LONGEST = 64
_BEFORE, _CELLS = 3, 30
"""Cells before that line, with the `/`, and its own."""


class FilterScreen(SheetScreen):
    """What is typed is looked for as it is typed; Enter keeps it, esc drops it."""

    DEFAULT_CSS = """
    FilterScreen { background: $background; overflow: hidden; }
    FilterScreen > Input {
        border: none; padding: 0; height: 1; background: $panel; color: $foreground;
        &:focus { border: none; background: $panel; }
        &:ansi { border: none; background: ansi_default; text-style: underline; }
        &:ansi:focus { border: none; }
    }
    """
    _typed_in: Input | None = None
    """The line while it is open."""

    def filter_text(self) -> str:
        """What is looked for now."""
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Look for something else; draws."""
        raise NotImplementedError

    @property
    def typing(self) -> bool:
        """Whether a filter is being typed: its line has the keys."""
        return self._typed_in is not None

    @property
    def before_hints(self) -> int:
        """Cells that are left free before the hints."""
        return _BEFORE + _CELLS + 2 if self.typing else 0

    def with_line(self, places: dict[str, Rect], width: int, height: int) -> dict[str, Rect]:
        """The places with that of the line."""
        bottom = places.get("hints", Rect(0, height - 1, width, 1))
        cells = min(_CELLS, bottom.width - _BEFORE - 1)
        if cells > 0:
            places[FIELD] = Rect(bottom.x + _BEFORE, bottom.y, cells, 1)
        return places

    async def action_filter(self) -> None:
        """Open the line."""
        if self._typed_in is not None:
            return
        from textual.widgets import Input

        field = Input(self.filter_text(), id=FIELD, max_length=LONGEST, select_on_focus=False)
        field.cursor_blink = False
        self._typed_in = field
        await self.mount(field)
        field.focus()
        self.update()

    def on_key(self, event: Key) -> None:
        """Esc drops what is typed, whatever key leads back from the screen."""
        if self.typing and event.key == "escape":
            event.stop()
            event.prevent_default()
            self.filter_by("")
            self.close_line()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Looked for as it is typed."""
        if event.input is self._typed_in:
            self.filter_by(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Kept."""
        if event.input is self._typed_in:
            self.close_line()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """The keys went elsewhere: kept as well."""
        if event.input is self._typed_in and self.app.screen is self:
            self.close_line()

    def close_line(self) -> None:
        """Close the line, if it is open."""
        field, self._typed_in = self._typed_in, None
        if field is not None:
            if field.has_focus:
                self.set_focus(None)
            field.remove()
            self.update()
