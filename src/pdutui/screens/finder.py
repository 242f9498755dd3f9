"""The line in which a PDU, an outlet or a device is typed, and jumped to at each letter.

It stands in the place of the key hints. Keys are taken where they come by in their order: bindings
are looked up later, and the `o` of a pasted name would ask for an outlet to be switched on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.events import Key, Paste
from textual.strip import Strip

from pdutui.screens.live import LiveScreen
from pdutui.widgets.key_hints import Hint, hint_line
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.finding import Find, FleetIndex
    from pdutui.widgets.find_line import Found
    from pdutui.widgets.inks import Inks

LONGEST = 64
MOST, MOST_PDUS = 50, 2000
"""Finds that one can go through; more where they are of fewer PDUs in the end."""
_NEXT, _BEFORE = ("down", "tab", "ctrl+n"), ("up", "shift+tab", "ctrl+p")


class Finder(LiveScreen):
    """A screen that can be sent to a find. It stands before the other bases.

    A subclass says what going to one means (`show_find`) and how to come back (`before_find`), and
    draws `bottom_line` where its hints are.
    """

    FINDS_PDUS: ClassVar[bool] = False
    """It shows no outlets: of each PDU the best find is enough."""
    _sought: str | None = None
    """What is typed; None: the line is closed."""
    _finds: Sequence[Find] = ()
    _find_at = 0
    _find_back: Callable[[], None] | None = None

    # what a screen says

    def show_find(self, find: Find) -> None:
        """Go to a find: as one types, while the line stays open."""
        raise NotImplementedError

    def before_find(self) -> Callable[[], None]:
        """What brings back where one is now."""
        raise NotImplementedError

    def keep_find(self, find: Find) -> None:
        """Somebody chose a find that is shown already."""

    @property
    def index(self) -> FleetIndex:
        """The names there are."""
        return cast("PduApp", self.app).index

    # drawing

    @property
    def finding(self) -> bool:
        """Whether the line is open: it has the keys."""
        return self._sought is not None

    def found(self) -> Found | None:
        """What stands in the line; None while it is closed."""
        if self._sought is None:
            return None
        from pdutui.widgets.find_line import Found

        app = cast("PduApp", self.app)
        find = self._finds[self._find_at] if self._finds else None
        return Found(
            key=self.keymap.shown("find") or "find",
            text=clean(self._sought, app.glyphs.ascii_only),
            find=find.words(app.glyphs.ascii_only) if find is not None else "",
            at=self._find_at + 1,
            count=len(self._finds),
        )

    def bottom_line(self, inks: Inks, hints: Sequence[Hint], width: int, before: int = 0) -> Strip:
        """The line that is typed in, or else the hints."""
        found = self.found()
        if found is None:
            return hint_line(inks, hints, width, before)
        from pdutui.widgets.find_line import find_line  # not before somebody types

        return find_line(inks, cast("PduApp", self.app).glyphs, found, width)

    # keys

    def action_find(self) -> None:
        """Open the line."""
        if self._sought is not None or not self._may_find():
            return
        self.index.look()
        self._sought, self._finds, self._find_at = "", (), 0
        self._find_back = self.before_find()
        self.update()

    def _may_find(self) -> bool:
        """Whether the line can be opened now: not while a filter is typed."""
        return not self.typing

    def on_key(self, event: Key) -> None:
        """What is typed into the line; and its own key, so that what comes behind it is typed."""
        if self._sought is None:
            if self.keymap.pressed("find", event.key) and self._may_find():
                event.stop()
                event.prevent_default()
                self.action_find()
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self._close_find(back=True)
        elif event.key == "enter":
            self._close_find(back=not self._finds)
        elif event.key in _NEXT or event.key in _BEFORE:
            self._turn_find(1 if event.key in _NEXT else -1)
        elif event.key == "backspace":
            self._look_for(self._sought[:-1])
        elif event.key == "ctrl+u":
            self._look_for("")
        elif event.is_printable and event.character:
            self._look_for(self._sought + event.character)

    def on_paste(self, event: Paste) -> None:
        """Typed at once."""
        if self._sought is not None:
            event.stop()
            self._look_for(self._sought + " ".join(event.text.split()))

    def on_click(self) -> None:
        """Somebody went elsewhere: what is shown stays."""
        if self._sought is not None:
            self._close_find(back=False)

    def _look_for(self, text: str) -> None:
        self._sought, self._find_at = text[:LONGEST], 0
        finds = self.index.find(self._sought, MOST_PDUS if self.FINDS_PDUS else MOST)
        if self.FINDS_PDUS:
            best: dict[str, Find] = {}
            for find in finds:
                best.setdefault(find.pdu, find)
            finds = list(best.values())
        self._finds = finds
        self._show_find()

    def _turn_find(self, by: int) -> None:
        if self._finds:
            self._find_at = (self._find_at + by) % len(self._finds)
            self._show_find()

    def _show_find(self) -> None:
        if self._finds:
            self.show_find(self._finds[self._find_at])
        elif self._find_back is not None:
            self._find_back()
        self.update()

    def _close_find(self, *, back: bool) -> None:
        find = self._finds[self._find_at] if self._finds and not back else None
        if back and self._find_back is not None:
            self._find_back()
        self._sought, self._finds, self._find_back = None, (), None
        if find is not None:
            self.keep_find(find)
        self.update()
