"""A screen of outlets that is gone about by typing: digits to an outlet, a name to anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Key

from pdutui.keys.pdu import JUMP
from pdutui.screens.finder import Finder
from pdutui.screens.outlet_keys import OutletKeys
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.outlet_grid import place_of
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.reading import Outlet
    from pdutui.screens.finding import Find
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.scene import Pane

TOGETHER_S = 1.0
"""Digits within this time of each other are one number."""
_DIGITS = frozenset("0123456789")


class Jumper(Finder, OutletKeys):
    """The first digit of a number is not 0: that is another key."""

    glyphs: GlyphSet
    _clock: Clock
    _wanted: Pane
    _digits = ""
    _digits_s = 0.0
    """When the last one was typed, monotonic."""

    def select(self, outlet: int) -> None:
        """Put the cursor on an outlet."""
        raise NotImplementedError

    def go(self, pdu: str) -> None:
        """Show another PDU."""
        raise NotImplementedError

    def want_pane(self, pane: Pane) -> None:
        """Give the keys to a pane."""
        raise NotImplementedError

    # numbers

    def on_key(self, event: Key) -> None:
        """A digit: taken here, as the second one may be any, whatever else its key does."""
        if event.key not in _DIGITS or self.finding or not self._may_find():
            self._digits = ""
            return
        now = self._clock.monotonic()
        before = self._digits if now - self._digits_s <= TOGETHER_S else ""
        if not self.keymap.names(JUMP) or (event.key == "0" and not before):
            return
        event.stop()
        event.prevent_default()
        self._digits_s = now
        self._digits = before + event.key
        if not self._numbered(self._digits) and event.key != "0":
            self._digits = event.key  # the first of another number
        self.set_timer(TOGETHER_S + 0.05, self.update)
        self._to_number()

    def _numbered(self, digits: str) -> list[Outlet]:
        """The outlets whose number begins so, the one that is called so first."""
        outlets = self._view.reading.outlets if self._view.reading is not None else ()
        found = [o for o in outlets if place_of(o).startswith(digits)]
        return sorted(found, key=lambda outlet: place_of(outlet) != digits)

    @property
    def _jumped(self) -> Outlet | None:
        """The outlet of the number that is being typed."""
        found = self._numbered(self._digits)
        return found[0] if found and place_of(found[0]) == self._digits else None

    def _to_number(self) -> None:
        outlet = self._jumped
        if outlet is None:
            if not self._numbered(self._digits):
                self.notice(f"There is no outlet {self._digits} on {self.pdu}")
            self.update()
        elif outlet.number not in [each.number for each in self.shown(self._view)]:
            clear = self.keymap.said("clear")
            self.notice(f"Outlet {self._digits} does not fit the filter: {clear} shows all")
        else:
            self.select(outlet.number)

    def jump_hints(self) -> list[Hint]:
        """The number that is being typed, and where it leads."""
        if not self._digits or self._clock.monotonic() - self._digits_s > TOGETHER_S:
            return []
        outlet = self._jumped
        if outlet is None:
            return [Hint(self._digits, "...", 9)] if self._numbered(self._digits) else []
        name = clean(outlet.name, self.glyphs.ascii_only)
        return [Hint(self._digits, f"outlet {name}".rstrip(), 9)]

    # names

    def _may_find(self) -> bool:
        return self._typed_in is None and self._engine is not None

    def before_find(self) -> Callable[[], None]:
        """PDU, cursors, filter and pane are what brings one back."""
        pdu, text, pane, cursors = self.pdu, self.filter, self._wanted, self._cursors.kept()

        def back() -> None:
            self.go(pdu)
            self._cursors.put_back(cursors)
            if self.filter != text:
                self.set_filter(text)
            self.want_pane(pane)

        return back

    def show_find(self, find: Find) -> None:
        """Go there; a filter that would hide it is dropped."""
        self.go(find.pdu)
        if self.pdu != find.pdu or find.outlet is None:
            return
        if self.filter and find.outlet not in [each.number for each in self.shown(self._view)]:
            self.set_filter("")
        self.select(find.outlet)
