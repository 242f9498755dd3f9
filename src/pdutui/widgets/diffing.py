"""An app that sends the terminal only the cells that changed, when the terminal takes them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from pdutui.widgets import celldiff
from pdutui.widgets.line_caches import let_lines_go

LOG = logging.getLogger("pdutui.console")
RESIZED_S = 0.1
"""So long after the last change of size everything is painted once more."""
_CLEAR = "\x1b[0m\x1b[2J"


class Line(Protocol):
    """The way to the terminal, as far as frames are concerned."""

    def wait(self) -> float | None:
        """Seconds until a frame may be sent, 0 for now; None: `line_ready` will be called."""
        ...

    @property
    def room(self) -> int | None:
        """The most bytes that the next frame should have; None: all of it."""
        ...

    def sent(self, size: int) -> None:
        """A frame of so many bytes was written."""
        ...

    def touched(self) -> None:
        """A key was pressed: its echo goes first."""
        ...


class DiffingApp(App[int]):
    """Puts the cell diff between Textual's compositor and the terminal.

    A frame that the terminal does not take yet is not made: what changes meanwhile is in the next
    one, which is the difference to what was really sent.
    """

    colorless = False
    """Set by the app: no colours at all."""
    line: Line | None = None
    """Set by a driver that knows how fast the terminal is."""

    def __init__(self) -> None:
        super().__init__()
        let_lines_go()
        self._shadow: celldiff.Shadow | None = None
        self._diffing = celldiff.supported()
        self._clear_first = False
        self._resized: Timer | None = None
        self._seen_size: Size | None = None
        self._behind = False
        """The terminal does not show all that it should: a frame was held back, or cut."""
        self._whole = True
        """The update that is being painted covers the screen."""
        self._next_frame: Timer | None = None
        self._go_on_at = 0
        """The row with which the next slice of a frame begins."""
        self._echo: set[int] | None = None
        """The rows that changed since a key was pressed; None: no key was."""
        self._page: object = None
        """What the last frame was of."""

    @property
    def page(self) -> object:
        """What is shown, as a value: another one, and nothing on the screen is of it."""
        return None

    @property
    def first_rows(self) -> int:
        """So many rows at the top go before all others on a slow line."""
        return 1

    async def on_event(self, event: events.Event) -> None:
        """What a key changes goes before everything else."""
        first = isinstance(event, events.InputEvent) and not event.is_forwarded
        if self.line is not None and first:
            self.line.touched()
            if not isinstance(event, events.MouseMove):
                self._echo = set()
        await super().on_event(event)

    def on_resize(self) -> None:
        """Paint it all again once the size has settled.

        Frames on their way meet a terminal that may have had other sizes in between, and Textual
        hears of the last one only: what it has cut off by then nobody would paint again.
        """
        before, self._seen_size = self._seen_size, self.size
        if before is None or before == self.size:
            return
        if self._resized is not None:
            self._resized.stop()
        self._resized = self.set_timer(RESIZED_S, self.repaint)

    def action_repaint(self) -> None:
        """Clear the terminal and paint everything."""
        self._clear_first = True
        self.repaint()

    def repaint(self) -> None:
        """Forget what the terminal is thought to show, and paint it all."""
        self._shadow = None
        self._compose_again()

    def line_ready(self) -> None:
        """The terminal takes another frame: it gets what has changed by now."""
        if self._behind:
            self._compose_again()

    def _compose_again(self) -> None:
        if self.is_running and self.screen_stack:
            self.screen.refresh()

    def _set_pointer_shape(self, shape: str) -> None:
        """Leave the pointer alone: old terminals print or beep what sets its shape."""

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Textual's way to the terminal, with the cell diff in between."""
        if not celldiff.understood(renderable) or self.is_inline:
            super()._display(screen, renderable)
        elif not self._held(renderable):
            self._whole = isinstance(renderable, LayoutUpdate)
            self._turn_page()
            if self._diffing:
                renderable = celldiff.DiffUpdate(renderable, self._paint, self._diff_failed)
            super()._display(screen, renderable)

    def _turn_page(self) -> None:
        """On a line that takes seconds for a page, clear it first.

        Figures of one PDU must not stand below the name of another until they are drawn over.
        """
        if not self.screen_stack:
            return
        before, self._page = self._page, self.page
        slow = self.line is not None and self.line.room is not None
        if slow and self._diffing and self._page != before:
            self._clear_first, self._go_on_at = True, 0
            if not self._whole:
                self._compose_again()

    def _held(self, update: object) -> bool:
        """Whether the terminal has to be waited for; then the frame is made anew later."""
        wait = self.line.wait() if self.line is not None else 0.0
        if wait == 0.0:
            return False
        self._behind = True
        if self._echo is not None and isinstance(update, ChopsUpdate):
            self._echo.update(y for y, _, _ in update.spans)
        if wait is not None:
            self._look_again(wait)
        return True

    def _look_again(self, seconds: float) -> None:
        if self._next_frame is not None:
            self._next_frame.stop()
        self._next_frame = self.set_timer(seconds, self.line_ready)

    def _paint(self, rows: Iterable[celldiff.Row]) -> str:
        """The bytes of a frame, or of as much of it as the line takes in a while."""
        prefix = ""
        if self._clear_first:
            self._clear_first, self._shadow, prefix = False, None, _CLEAR
        shadow = self._current_shadow(cleared=bool(prefix))
        line = self.line
        room = line.room if line is not None else None
        if room is None:
            text = prefix + shadow.paint(rows)
        else:
            text = prefix + shadow.paint(self._by_rank(list(rows)), room)
        if line is not None:
            self._echo = None
            self._behind = shadow.left is not None or (self._behind and not self._whole)
            line.sent(len(text))
            if shadow.left is not None:
                self._go_on_at = shadow.left
            if self._behind:
                self._look_again(0.001)
        return text

    def _by_rank(self, rows: list[celldiff.Row]) -> list[celldiff.Row]:
        """The top first, it has the clock; then a key's echo; then from where it was cut."""
        echo = self._echo or ()
        top, start = self.first_rows, self._go_on_at
        return sorted(rows, key=lambda row: (row[0] >= top, row[0] not in echo, row[0] < start))

    def _current_shadow(self, *, cleared: bool = False) -> celldiff.Shadow:
        width, height = self.size
        shadow = self._shadow
        if shadow is None or (shadow.width, shadow.height) != (width, height):
            colors = None if self.colorless else self.console._color_system
            shadow = self._shadow = celldiff.Shadow(width, height, colors, cleared=cleared)
        return shadow

    def _diff_failed(self, error: Exception) -> None:
        if self._diffing:
            self._diffing = False
            LOG.warning("the cell diff does not fit this Textual: doing without", exc_info=error)
