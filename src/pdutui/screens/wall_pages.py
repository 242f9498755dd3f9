"""Two screens that only a wall has: its keys, and that nothing is known any more."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.engine.events import EngineEvent
from pdutui.keys.common import ALARMS, BACK, EVENTS, FLEET
from pdutui.keys.keymap import Keymap
from pdutui.keys.model import Key
from pdutui.keys.wall import HELP_PAGE, KEYS
from pdutui.screens.help_text import fitted, key_help
from pdutui.screens.keyed import bindings
from pdutui.screens.sheet_screen import SheetScreen
from pdutui.widgets.alarm_banner import clock_of
from pdutui.widgets.frame import frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.text import wrap
from pdutui.widgets.wall_band import LETTERS

HELP_S = 30.0
"""So long the keys stand."""
_TABLE: tuple[Key, ...] = (
    *KEYS, FLEET, ALARMS, EVENTS,
    Key("pdu.previous", "left_square_bracket", "pdu(-1)", "[", "", "the PDU before"),
    Key("pdu.next", "right_square_bracket", "pdu(1)", "]", "", "the next PDU"),
    Key("move.up", "up,k", "up", "up k", "", "what is above"),
    Key("move.down", "down,j", "down", "down j", "", "what is below"),
    Key("page.up", "pageup", "page_up", "page up", "", "a page up"),
    Key("page.down", "pagedown", "page_down", "page down", "", "a page down"),
    BACK,
)  # fmt: skip
_SAID = (
    "This console only shows. Nothing is switched, acknowledged or changed from here, and no key "
    "ends it. Alarms are acknowledged at another console, or by pdutui alarms ack."
)


class WallHelp(SheetScreen):
    """The keys of a wall; they go away by themselves.

    Args:
        keymap: The keys as they are worn.
        clock: For its base.
        glyphs: What is drawn with.
        inks: The colours.
    """

    TABLE: ClassVar[tuple[Key, ...]] = HELP_PAGE
    BINDINGS: ClassVar[list[BindingType]] = bindings(HELP_PAGE)
    DEFAULT_CSS = "WallHelp { background: $background; overflow: hidden; }"

    def __init__(self, keymap: Keymap, *, clock: Clock, glyphs: GlyphSet, inks: Inks) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._keys = keymap

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        out, room = frame(width, height)
        if room > 0:
            out["list"] = Rect(0, 1, width, room)
        return out

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        for name in ("bar", "list", "hints"):
            yield Sheet(id=name)

    def on_mount(self) -> None:
        """Draw."""
        self.update()

    def news(self, event: EngineEvent) -> None:
        """Nothing here depends on it."""

    def _passed(self) -> None:
        """Nothing here changes."""

    def update(self) -> None:
        """Draw everything."""
        if self.is_mounted:
            self._sheet("bar").paint(self._title, self.inks)
            self._sheet("list").paint(self._rows, self.inks)

    def _title(self, width: int, _: int) -> list[Strip]:
        return [Line(self.inks, width, "bar").add(" Keys ", "badge-text").strip()]

    def _rows(self, width: int, height: int) -> list[Strip]:
        shown = [key for key in _TABLE if self._keys.names(key)]
        rows = key_help(shown, self._keys)
        rows += [[("  " + part, "muted")] for part in wrap(_SAID, max(10, width - 4))]
        lines = []
        for row in fitted([[], *rows], max(10, width - 2))[:height]:
            lines.append(Line(self.inks, width).add(" ").extend(row).strip())
        return lines

    def action_back(self) -> None:
        """Away with it."""
        self.dismiss(None)


class StoppedScreen(SheetScreen):
    """The engine stands still: nothing that was shown may be taken for the present.

    Args:
        since: When it was seen to work last.
        clock: For the day.
        glyphs: What is drawn with.
        inks: The colours.
    """

    WALLED = False
    TABLE: ClassVar[tuple[Key, ...]] = ()
    DEFAULT_CSS = "StoppedScreen { background: $background; overflow: hidden; }"

    def __init__(self, since: datetime, *, clock: Clock, glyphs: GlyphSet, inks: Inks) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._since, self._clock = since, clock

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return {"list": Rect(0, 0, width, height)}

    def alarm_rows(self, height: int) -> int:
        """None: whether an alarm still stands is not known either."""
        return 0

    def compose(self) -> ComposeResult:
        """One panel, all over the screen."""
        yield Sheet(id="list")

    def on_mount(self) -> None:
        """Draw."""
        self.update()

    def news(self, event: EngineEvent) -> None:
        """Nothing here depends on it."""

    def _passed(self) -> None:
        """Nothing here changes."""

    def update(self) -> None:
        """Draw everything."""
        if self.is_mounted:
            self._sheet("list").paint(self._rows, self.inks)

    def _rows(self, width: int, height: int) -> list[Strip]:
        """The words, the time as large as there is room, and what to do, in the middle."""
        now = self._clock.now().astimezone()
        local = self._since.astimezone()
        time = f"{local:%H:%M}"
        least = 9
        found = next(
            (letters for letters in LETTERS
             if letters.width(time) <= width - 4 and letters.rows + least <= height), None,
        )  # fmt: skip
        said = [(text, "badge-critical") for text in ("", "NOT UPDATED SINCE", "")]
        said.append(("", "text"))
        if found is not None:
            said += [(row, "fill-critical") for row in found.lines(time, self.glyphs)]
            said.append(("", "text"))
        said.append((clock_of(self._since, now), "strong"))
        why = "The engine of this console stands still. pdutui.log says more."
        said += [(part, "text") for part in wrap(why, max(10, width - 4))]
        lines = [Line(self.inks, width).strip()] * max(0, (height - len(said)) // 2)
        for text, ink in said:
            line, bar = Line(self.inks, width), ink.startswith("badge")
            line.to(max(0, (width - len(text)) // 2), " ", ink if bar else "text").add(text, ink)
            lines.append((line.to(width, " ", ink) if bar else line).strip())
        return lines[:height]
