"""The fleet's panel: list or cards, scrolled so that the cursor is seen, and the mouse on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual import events
from textual.message import Message
from textual.strip import Strip

from pdutui.domain.clock import Clock
from pdutui.domain.fleet_groups import Section
from pdutui.widgets.fleet_cards import HIGH, LOW, NARROWEST, Deck, deck, first_row, fleet_cards
from pdutui.widgets.fleet_list import Drawn, Hit, fleet_list, heading, listing, window
from pdutui.widgets.fleet_scene import FleetScene
from pdutui.widgets.last_seen import LastSeen
from pdutui.widgets.line import Line, blank
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.text import cut

View = Literal["list", "cards"]
WHEEL_ROWS = 3
"""A notch of the wheel goes so many PDUs on."""


class FleetPane(Sheet):
    """Draws a scene; says what was clicked.

    Args:
        id: Its id.
        clock: For what was seen when something was clicked.
    """

    class Picked(Message):
        """A click on a PDU; a second one opens it, whatever stands in its place by then."""

        def __init__(self, pdu: str, *, twice: bool) -> None:
            super().__init__()
            self.pdu, self.twice = pdu, twice

    class Wheeled(Message):
        """The wheel: up (-1) or down (1)."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    def __init__(self, *, id: str, clock: Clock) -> None:  # noqa: A002
        super().__init__(id=id)
        self._scene: FleetScene | None = None
        self._seen = LastSeen[list[Sequence[Hit]]](clock)
        """Which PDUs stood where."""
        self._clicked: str | None = None
        self._view: View = "list"
        self._first = 0
        self._hits: list[Sequence[Hit]] = []
        self._deck: Deck | None = None
        self._drawn_rows = Drawn()
        self._empty = ""
        self.above = False
        """There is more above what is shown."""
        self.below = False

    def show(self, scene: FleetScene, view: View, empty: str) -> None:
        """Draw a scene.

        Args:
            scene: The fleet.
            view: As what.
            empty: What is said where no PDU is shown.
        """
        if view != self._view:
            self._first = 0
        self._scene, self._view, self._empty = scene, view, empty
        self.paint(self._lines, scene.inks)

    def changed(self, *, asked: bool) -> None:
        """Other PDUs are going to stand in its rows.

        Args:
            asked: Somebody wanted it, and does not click on what was there before.
        """
        if asked:
            self._seen.chosen()
        else:
            self._seen.changed(self._hits)

    def top(self) -> None:
        """Show the beginning again."""
        self._first = 0

    def keep(self, before: Sequence[str], after: Sequence[str], cursor: str | None) -> None:
        """Other PDUs stand above the cursor now: scroll along, so that it stays where it is."""
        if self._view == "list" and cursor in before and cursor in after and self._first:
            self._first = max(0, self._first + after.index(cursor) - before.index(cursor))

    @property
    def step(self) -> int:
        """How many PDUs stand beside each other: so many up or down are a row."""
        return self._deck.columns if self._view == "cards" and self._deck is not None else 1

    @property
    def page(self) -> int:
        """How many PDUs a page goes on."""
        if self._view == "cards" and self._deck is not None:
            return self._deck.columns * max(1, self.size.height // self._deck.height)
        return max(1, self.size.height - 2)

    def _lines(self, width: int, height: int) -> list[Strip]:
        scene = self._scene
        assert scene is not None
        if not any(section.listed for section in scene.sections):
            self._hits, self.above, self.below = [], False, False
            text = cut(self._empty, width - 3, scene.glyphs.ellipsis)
            return [blank(scene.inks, width),
                    Line(scene.inks, width).add(f"  {text}", "muted").strip()]  # fmt: skip
        if self._view == "cards":
            # What is not asked of the present has no trend, for which a card is high.
            asked = any(row.estimated for row in scene.rows.values())
            high = LOW if asked else HIGH
            cards = self._deck = deck(scene.sections, width, height, high)
            self._first = first_row(cards, scene.cursor, height, self._first)
            made = fleet_cards(scene, cards, width, height, self._first)
            self.above = self._first > 0
            self.below = sum(map(cards.lines, range(self._first, len(cards.rows)))) > height
            head: list[Strip] = []
        else:
            items = listing(scene.sections)
            head = [heading(scene, width)] if height >= 3 else []
            shown = window(items, scene.cursor, height - len(head), self._first)
            self._first = shown.first
            self.above, self.below = shown.first > 0, shown.first + shown.rows < shown.total
            made = fleet_list(scene, items, width, shown, self._drawn_rows)
        self._hits = [(), *(hits for _, hits in made)][1 - len(head) :]
        return [*head, *(strip for strip, _ in made)]

    def _at(self, x: int, y: int) -> str | None:
        seen = self._seen.meant(self._hits)
        hits = seen[y] if 0 <= y < len(seen) else ()
        return next((pdu for begin, end, pdu in hits if begin <= x < end), None)

    def on_click(self, event: events.Click) -> None:
        """The PDU under the pointer."""
        twice = event.chain >= 2 and self._clicked is not None
        pdu = self._clicked if twice else self._at(event.x, event.y)
        self._clicked = pdu
        if pdu is not None:
            self.post_message(self.Picked(pdu, twice=twice))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Further down."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Further up."""
        event.stop()
        self.post_message(self.Wheeled(-1))


def auto_view(sections: Sequence[Section], width: int, height: int) -> View:
    """Cards where all of them are seen at once, else a list, which holds more."""
    if width < 60 or height < 2 * LOW:
        return "list"
    if sum(len(s.members) for s in sections if s.listed) > (width // NARROWEST) * (height // LOW):
        return "list"
    return "cards" if deck(sections, width, height).total <= height else "list"
