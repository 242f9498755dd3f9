"""What all dialogs share: a framed card in the middle, drawn with our own glyphs, and its controls.

Textual's own borders and buttons need characters that the Linux console and ASCII terminals lack,
and its dimmed backdrop would repaint the whole screen; the panels behind a dialog stay as they are
and stay live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.keyed import Keyed
from pdutui.screens.live import LiveScreen
from pdutui.screens.once import ClosingOnce
from pdutui.widgets.inks import FILLED
from pdutui.widgets.line import Line, Piece
from pdutui.widgets.text import cut, wrap

if TYPE_CHECKING:
    from pdutui.engine.events import EngineEvent
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.inks import Inks

Answer = TypeVar("Answer")
Row = list[Piece]
_SLIVER = 8
"""Columns that are not worth seeing of what is below: a letter or two of each line."""
LABEL = 10
"""Cells of the labels in front of facts."""


class Card(Widget):
    """A frame with a title and rows of text."""

    ALLOW_SELECT = False

    def __init__(self, inks: Inks, glyphs: GlyphSet, frame: str) -> None:
        super().__init__(id="card")
        self._inks, self._glyphs, self._frame = inks, glyphs, frame
        self._title = ""
        self._rows: list[Row] = []

    @property
    def shown(self) -> list[Row]:
        """What stands in it, the frame left out."""
        return self._rows

    def fill(self, title: str, rows: list[Row], frame: str) -> None:
        """Other contents."""
        if (title, rows, frame) != (self._title, self._rows, self._frame):
            self._title, self._rows, self._frame = title, rows, frame
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the card, frame included."""
        width, height = self.size
        box, edge = self._glyphs.box, FILLED.get(self._frame, self._frame)
        line = Line(self._inks, width)
        if y == 0:
            title = cut(self._title, max(0, width - 6), self._glyphs.ellipsis)
            line.add(box[0] + box[1], edge).add(f" {title} ", self._frame)
            return line.right([(box[2], edge)], box[1], edge).strip()
        if y == height - 1:
            return line.add(box[4], edge).right([(box[5], edge)], box[1], edge).strip()
        row = self._rows[y - 1] if y - 1 < len(self._rows) else []
        text = Line(self._inks, max(0, width - 5)).extend(row)  # cut, and marked: never the frame
        line.add(box[3], edge).add("  ").join(text)
        return line.right([(f" {box[3]}", edge)]).strip()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the card, without a second styling."""
        return [self.render_line(y).crop(crop.x, crop.right) for y in crop.line_range]


class Choice(Widget, can_focus=True):
    """A button of one line: `[ Cancel ]`. Enter, space or a click press it."""

    ALLOW_SELECT = False

    class Pressed(Message):
        """It was pressed."""

    def __init__(self, label: str, inks: Inks, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label, self._inks = f"[ {label} ]", inks

    @property
    def cells(self) -> int:
        """Its width."""
        return len(self._label)

    def say(self, label: str) -> None:
        """Another label."""
        if self._label != f"[ {label} ]":
            self._label = f"[ {label} ]"
            self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        """The label, in reverse while it has the focus."""
        ink = "badge-text" if self.has_focus else "text"
        return Line(self._inks, self.size.width).add(self._label, ink).strip()

    def on_key(self, event: events.Key) -> None:
        """Enter and space press."""
        if event.key in ("enter", "space"):
            event.stop()
            self.post_message(self.Pressed())

    def on_click(self) -> None:
        """So does a click."""
        self.post_message(self.Pressed())


class CardLayout(Layout):
    """Centres the card and puts the controls into its last rows."""

    name = "card"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Placements of the card and of what lies on it."""
        assert isinstance(parent, Dialog)
        parent.pre_layout(self)
        card = parent.card_region(size)
        out: ArrangeResult = []
        for order, child in enumerate(children):
            region = card if child.id == "card" else parent.control_region(child, card)
            if region is not None and region.width > 0:
                margin = child.styles.margin
                out.append(WidgetPlacement(region, Offset(), margin, child, order))
        return out


class Dialog(Keyed, ClosingOnce[Answer], ModalScreen[Answer]):
    """A modal card. Subclasses say what stands in it with `rows`, and `title`."""

    WIDTH = 66
    DEFAULT_CSS = """
    Dialog { background: transparent; overflow: hidden; }
    Dialog:ansi { background: transparent; }
    Dialog Input {
        border: none; padding: 0; height: 1; background: $panel; color: $foreground;
        &:focus { border: none; background: $panel; }
        &:ansi { border: none; background: ansi_default; text-style: underline; }
        &:ansi:focus { border: none; }
        &:ansi > .input--cursor {
            background: ansi_default; color: ansi_default; text-style: reverse;
        }
    }
    """

    def __init__(self, inks: Inks, glyphs: GlyphSet, frame: str = "title") -> None:
        super().__init__()
        self.inks, self.glyphs = inks, glyphs
        self.frame = frame
        """The ink of the card's frame."""
        self._card = Card(inks, glyphs, frame)
        self._wanted = (0, 0, 0)
        self._air = False
        self._places = CardLayout()

    @property
    def layout(self) -> Layout:
        """A card in the middle."""
        return self._places

    def compose(self) -> ComposeResult:
        """The card first, controls on top of it."""
        yield self._card
        yield from self.controls()

    def controls(self) -> ComposeResult:
        """What can have the focus."""
        yield from ()

    @property
    def heading(self) -> str:
        """The card's title."""
        raise NotImplementedError

    def rows(self, width: int, height: int) -> list[Row]:
        """The card's text for a width, in at most `height` rows; controls lie on the last ones."""
        raise NotImplementedError

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """Where a control lies; None hides it."""
        if isinstance(child, Choice):
            row = card.bottom - 2 - self._air
            return Region(card.x + 3, row, min(child.cells, card.width - 5), 1)
        return None

    @property
    def first_row(self) -> int:
        """The card's row that the first row of text stands on."""
        return 1 + self._air

    def card_region(self, size: Size) -> Region:
        """The card's place for a screen size."""
        width = max(1, min(self.WIDTH, size.width - 2 if size.width > 30 else size.width))
        if size.width - width < _SLIVER:
            width = size.width
        top = self._kept_free() if size.height > 3 else 0
        room = size.height - top
        rows = self.rows(width - 6, max(1, room - 2))
        if len(rows) + 4 <= room:
            rows = [[], *rows, []]
        self._air = len(rows) > 2 and rows[0] == []
        height = min(room, len(rows) + 2)
        self._card.fill(self.heading, rows, self.frame)
        above = max(top, (size.height - height) // 2)
        self._wanted = (width, height, above)
        return Region((size.width - width) // 2, above, width, height)

    def _kept_free(self) -> int:
        """So many rows at the top belong to the screen below, whatever is asked."""
        below = (s for s in reversed(self.app.screen_stack) if isinstance(s, LiveScreen))
        return next((screen.kept_rows for screen in below), 0)

    def key_of(self, ident: str) -> str:
        """The key of an action that works now, as people call it: in a field no character does."""
        typing = self.focused is not None and self.focused.check_consume_key("a", "a")
        return self.keymap.typing(ident) if typing else self.keymap.shown(ident)

    def keys_row(self, *offered: tuple[str, str]) -> Row:
        """`Enter write   esc leave`: ids of actions, or fixed keys, and what they do here."""
        row: Row = []
        for what, does in offered:
            key = self.key_of(what) if "." in what or what == "filter" else what
            row += [("   ", "text")] if row and key else []
            row += [(key, "key"), (f" {does}", "muted")] if key else []
        return row

    def news(self, event: EngineEvent) -> None:
        """Something happened while it is on top; a question looks again."""

    def on_mount(self) -> None:
        """Draw."""
        self.update()

    def on_unmount(self) -> None:
        """Let go of what was drawn."""
        forget_drawn(self)

    def update(self) -> None:
        """Draw again; lay out again where the card needs another height."""
        before = self._wanted
        self.card_region(self.size)
        if self._wanted != before:
            self._card.refresh(layout=True)


def forget_drawn(screen: Screen[Any]) -> None:
    """Empty the line caches of a screen that has closed.

    Textual keeps the cache of every widget there ever was alive, in an `lru_cache` on a method of
    its `StylesCache`; a whole screen of lines in each is 0.3 MB an opened dialog.
    """
    for widget in screen.walk_children(Widget, with_self=True):
        widget._styles_cache.clear()


def paragraph(text: str, width: int, ink: str = "text") -> list[Row]:
    """Text broken into rows."""
    return [[(line, ink)] for line in wrap(text, max(1, width))]


def fact(label: str, value: str, ink: str = "text") -> Row:
    """A label and what it is."""
    return [(label.ljust(LABEL), "muted"), (value, ink)]


def answer_keys(does: str, *, typing: bool, keymap: Keymap = DEFAULT) -> Row:
    """`y Turn OFF   n no`: the keys that answer a question.

    Args:
        does: What a yes does; empty where it is not taken.
        typing: A field has the keys: letters go there, and only what leads out of it is offered.
        keymap: The keys as the user has them.
    """
    no = keymap.typing("dialog.no") if typing else keymap.shown("dialog.no")
    out: Row = [("Enter", "key"), (" then ", "muted")] if typing else []
    if does:
        out += [(keymap.shown("dialog.yes"), "key"), (f" {does}", "strong"), ("   ", "text")]
    return [*(out if does else []), (no, "key"), (" no", "muted")]


def trimmed(head: list[Row], facts: list[Row], foot: list[Row], height: int) -> list[Row]:
    """Head, facts and foot in at most `height` rows: blanks go first, then facts, then the head."""
    for blanks in (2, 1, 0):
        room = height - len(head) - len(foot) - blanks
        if room >= len(facts) or blanks == 0:
            break
    kept = facts[: max(0, room)]
    gap: list[Row] = [[]]
    full = [*head, *(gap if blanks > 1 and kept else []), *kept, *(gap if blanks else []), *foot]
    return full if len(full) <= height else [*head[: max(1, height - len(foot))], *foot][-height:]
