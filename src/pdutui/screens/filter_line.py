"""Screens of lists with a line in which a filter is typed, in the place of the hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Key

from pdutui.screens.sheet_screen import SheetScreen
from pdutui.widgets.layout import Rect

if TYPE_CHECKING:
    from textual.widgets import Input

    from pdutui.screens.filter_input import FilterInput

ToPdu = Callable[[str, int | None], None]
"""Shows a PDU, and an outlet of it."""
ToHistory = Callable[[str, str, int], None]
"""PDU, subject and unix ms to the chart there."""
FIELD = "filter-line"
"""The id of the line."""
_BEFORE, _CELLS = 3, 30
"""Cells before that line, with the `/`, and its own."""


class FilterScreen(SheetScreen):
    """What is typed is looked for as it is typed; Enter keeps it, esc drops it."""

    _typed_in: FilterInput | None = None
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

    def action_filter(self) -> None:
        """Open the line."""
        if self._typed_in is not None:
            return
        from pdutui.screens.filter_input import FilterInput  # not before somebody types

        field = self._typed_in = FilterInput(self.filter_text(), id=FIELD)
        self.mount(field)
        field.focus()
        self.update()

    def on_key(self, event: Key) -> None:
        """Keys that were typed behind the `/` before its line was there are meant for it.

        They have to be taken here, where they come by in their order: a binding is looked up later,
        and a letter of what is typed would be a key of the screen. Esc drops what is typed,
        whatever key leads back from the screen.
        """
        field = self._typed_in
        if field is None:
            bound = self._bindings.key_to_bindings.get(event.key, ())
            if not any(binding.action == "filter" for binding in bound):
                return
            self.action_filter()
        elif event.key == "escape":
            self.filter_by("")
            self.close_line()
        elif event.key == "enter":
            self.close_line()
        elif event.is_printable and event.character:
            field.have(field.value + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

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
