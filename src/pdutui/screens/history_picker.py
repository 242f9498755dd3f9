"""Which lines to show: a row a part, its quantities side by side, a search for the hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.series import Entity
from pdutui.keys.dialogs import PICKER
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.history_series import GROUPS, QUANTITIES, Entry
from pdutui.screens.history_state import HistoryState, Slots
from pdutui.screens.keyed import bindings
from pdutui.widgets.chart_model import MOST_LINES
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, cut, pad, width_of

LETTERS = "abcd"
_SHORT = {
    "Power": "W", "Current": "A", "Voltage": "V", "Apparent power": "VA", "Power factor": "PF",
    "Frequency": "Hz", "Energy": "kWh", "State": "state", "Active source": "active",
    "Redundancy": "redundancy",
}  # fmt: skip


class Part(Struct, frozen=True):
    """One part of the PDU and its lines."""

    group: Entity
    name: str
    entries: tuple[Entry, ...]

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word is in its name, its group or one of its quantities."""
        own = f"{dict(GROUPS)[self.group]} {self.name}".casefold()
        return all(
            word in own or any(word in _text(entry) for entry in self.entries) for word in words
        )

    def column(self, words: Sequence[str]) -> int:
        """The quantity that the words are about; the first one, if they are about none."""
        for word in words:
            for place, entry in enumerate(self.entries):
                if word in (short(entry).casefold(), entry.quantity.casefold()):
                    return place
        return 0


def _text(entry: Entry) -> str:
    return f"{entry.quantity} {short(entry)}".casefold()


def short(entry: Entry) -> str:
    """A quantity in a word: its unit."""
    return _SHORT.get(entry.quantity) or entry.info.unit or "value"


def parts_of(entries: Sequence[Entry]) -> list[Part]:
    """The lines by their parts."""
    return [
        Part(found[0].group, found[0].info.name, tuple(found))
        for _, each in groupby(entries, key=lambda entry: entry.key.rpartition(".")[0])
        for found in [list(each)]
    ]


def columns_of(parts: Sequence[Part], ascii_only: bool) -> dict[Entity, dict[str, int]]:
    """The quantities of each group and how many cells they take: parts lie below each other."""
    out: dict[Entity, dict[str, int]] = {}
    for part in parts:
        found = out.setdefault(part.group, {})
        for entry in part.entries:
            cells = width_of(clean(short(entry), ascii_only))
            found[entry.quantity] = max(found.get(entry.quantity, 0), cells)
    order = list(QUANTITIES)
    return {
        group: {name: found[name] for name in order if name in found}
        for group, found in out.items()
    }


class SeriesPicker(Dialog[Slots | None]):
    """Dismissed with the series by slot, or None for no change.

    Args:
        state: What is shown.
        entries: What there is.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 78
    AUTO_FOCUS = ""
    TABLE = PICKER
    BINDINGS = bindings(PICKER)

    def __init__(
        self, state: HistoryState, entries: Sequence[Entry], inks: Inks, glyphs: GlyphSet
    ) -> None:
        super().__init__(inks, glyphs)
        self._state = state
        self._all = parts_of(entries)
        self._parts = self._all
        self._columns = columns_of(self._all, glyphs.ascii_only)
        self._at = self._across = 0
        self._searching = False
        self._filter = ""
        self._said = ""
        first = next((key for key in state.slots if key), None)
        for place, part in enumerate(self._all):
            for column, entry in enumerate(part.entries):
                if entry.key == first:
                    self._at, self._across = place, column

    def controls(self) -> ComposeResult:
        """The field of the search."""
        field = Input(id="search", max_length=40)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is."""
        return f"Series of {clean(self._state.pdu, self.glyphs.ascii_only)}"

    def rows(self, width: int, height: int) -> list[Row]:
        """What is chosen, what is searched for, the parts, and how to go on."""
        chosen = self._chosen(width)
        words, ink = (self._filter, "text") if self._filter else ("search", "muted")
        search: Row = [(f"{self.keymap.shown('filter')} ", "key"), (words, ink)]
        if self._searching:
            search = [("/ ", "key")]
        foot: list[Row] = [[]]
        if self._said:
            foot.append([(cut(self._said, width, self.glyphs.ellipsis), "warning")])
        does = (("list.toggle", "in or out"), ("list.pick", "show"), ("dialog.close", "leave"))
        foot.append(self.keys_row(*does))
        room = max(1, height - len(chosen) - 2 - len(foot))
        listed, at = self._listed(width)
        first = max(0, min(at - room // 2, len(listed) - room))
        shown = listed[first : first + room]
        if not listed:
            shown = [[("nothing like that is recorded", "muted")]]
        # The card keeps its height while the list gets shorter under a search.
        shown += [[]] * (min(room, self._rows_of_all()) - len(shown))
        return [*chosen, search, [], *shown, *foot][:height]

    def _rows_of_all(self) -> int:
        return len(self._all) + len({part.group for part in self._all})

    def _chosen(self, width: int) -> list[Row]:
        names = {entry.key: entry for part in self._all for entry in part.entries}
        rows: list[Row] = []
        for slot, key in enumerate(self._state.slots):
            if key:
                entry = names.get(key)
                text = f"{entry.info.name} {short(entry)}" if entry is not None else key
                text = cut(self._clean(text), width // 2 - 4, self.glyphs.ellipsis)
                rows.append([(f"{LETTERS[slot]} ", f"line{slot + 1}"), (text, "text")])
        if not rows:
            return [[("nothing is chosen", "muted")]]
        pairs: list[Row] = []
        for place in range(0, len(rows), 2):
            row = list(rows[place])
            if place + 1 < len(rows):
                used = sum(width_of(text) for text, _ in row)
                row += [(" " * max(1, width // 2 - used), "text"), *rows[place + 1]]
            pairs.append(row)
        return pairs

    def _listed(self, width: int) -> tuple[list[Row], int]:
        """The rows of the list, and which of them the cursor is on."""
        titles, listed, at = dict(GROUPS), list[Row](), 0
        names = min(width // 2, max((width_of(self._clean(p.name)) for p in self._parts),
                                    default=0))  # fmt: skip
        before = ""
        for place, part in enumerate(self._parts):
            if part.group != before:
                listed.append([(titles[part.group], "title")])
                before = part.group
            here = place == self._at
            if here:
                at = len(listed)
            name = pad(cut(self._clean(part.name), names, self.glyphs.ellipsis), names)
            mark = self.glyphs.cursor if here else " "
            row: Row = [(f"{mark} ", "key"), (f"{name} ", "strong" if here else "text")]
            chosen = part.entries[self._across] if here else None
            entries = {entry.quantity: entry for entry in part.entries}
            for quantity, cells in self._columns[part.group].items():
                entry = entries.get(quantity)
                blank: Row = [(" " * (cells + 3), "text")]
                row += self._cell(entry, cells, entry is chosen) if entry is not None else blank
            listed.append(row)
        return listed, at

    def _cell(self, entry: Entry, cells: int, here: bool) -> Row:
        word = pad(self._clean(short(entry)), cells)
        slot = self._state.slots.index(entry.key) if entry.key in self._state.slots else None
        if slot is None:
            return [("  ", "text"), (word, "badge-text" if here else "muted"), (" ", "text")]
        ink = "badge-text" if here else f"line{slot + 1}"
        return [(f"{LETTERS[slot]}:", ink), (word, ink), (" ", "text")]

    def _clean(self, text: str) -> str:
        return clean(text, self.glyphs.ascii_only)

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in its row while it is searched."""
        if not self._searching:
            return None
        row = card.y + self.first_row + len(self._chosen(card.width - 6))
        return Region(card.x + 5, row, max(1, card.width - 8), 1)

    # searching

    def action_search(self) -> None:
        """Put the keys into the field."""
        self._searching, self._said = True, ""
        self._card.refresh(layout=True)
        self.query_one(Input).focus()
        self.update()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._filter = event.value
        words = event.value.casefold().split()
        self._parts = [part for part in self._all if part.matches(words)]
        self._at = 0
        self._across = self._parts[0].column(words) if self._parts else 0
        self.update()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._leave_search()

    def _leave_search(self) -> None:
        self._searching = False
        self.set_focus(None)
        self._card.refresh(layout=True)
        self.update()

    # the list

    def action_step(self, by: int) -> None:
        """Move by so many parts."""
        if self._parts:
            wanted = self._parts[self._at].entries[self._across].quantity
            self._at = max(0, min(len(self._parts) - 1, self._at + by))
            there = [entry.quantity for entry in self._parts[self._at].entries]
            self._across = there.index(wanted) if wanted in there else self._across
        if self._searching:
            self._leave_search()
        self.action_across(0)

    def action_across(self, by: int) -> None:
        """Move to another quantity."""
        self._said = ""
        if self._parts:
            most = len(self._parts[self._at].entries) - 1
            self._across = max(0, min(most, self._across + by))
        self.update()

    def action_pick(self) -> None:
        """The line under the cursor, in or out."""
        if self._parts:
            entry = self._parts[self._at].entries[self._across]
            self._state, self._said = self._state.toggle(entry.key)
            self.update()

    def action_none(self) -> None:
        """All out."""
        self._said = ""
        self._state = self._state.with_slots(("",) * MOST_LINES)
        self.update()

    def action_show(self) -> None:
        """Show what is chosen."""
        self.dismiss(self._state.slots)

    def action_close(self) -> None:
        """Out of the search, with nothing searched for; or away, with nothing changed."""
        if self._searching or self._filter:
            self.query_one(Input).value = ""
            self._leave_search()
        else:
            self.dismiss(None)
