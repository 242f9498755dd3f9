"""All that a device can do, to the outlet under the cursor and to the whole PDU.

What a device cannot do is not in the list. Enter here switches nothing: it opens the question.
"""

from __future__ import annotations

from msgspec import Struct
from textual.events import Key

from pdutui.domain.commands import WHOLE_PDU, Action, OutletAction, PduAction
from pdutui.engine.view import PduView
from pdutui.keys.dialogs import MENU, YES
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

OUTLET_WORDS: dict[OutletAction, str] = {
    "on": "Turn on",
    "off": "Turn off",
    "reboot": "Reboot",
    "delayed_on": "Turn on after a delay",
    "delayed_off": "Turn off after a delay",
    "delayed_reboot": "Reboot after a delay",
    "cancel": "Cancel the pending command",
    "identify": "Identify: blink its light",
}
PDU_WORDS: dict[PduAction, str] = {
    "prefer_a": "Prefer source A",
    "prefer_b": "Prefer source B",
    "prefer_none": "Prefer no source",
    "all_on": "Turn ALL outlets on",
    "all_off": "Turn ALL outlets off",
    "all_reboot": "Reboot ALL outlets",
    "all_delayed_on": "Turn ALL outlets on after a delay",
    "all_delayed_off": "Turn ALL outlets off after a delay",
    "all_delayed_reboot": "Reboot ALL outlets after a delay",
    "all_cancel": "Cancel all pending commands",
}
_LETTERS = "123456789abdefgilmnoprstuvwxyz"
"""What picks an entry; without j and k, which move, c and q, which close, and h beside them."""


class Chosen(Struct, frozen=True):
    """What somebody picked."""

    outlet: int
    action: Action
    text: str


def offered(view: PduView, outlet: int | None) -> list[Chosen]:
    """What the device can do, in the order of the list."""
    info, reading = view.info, view.reading
    part = reading.outlet(outlet) if reading is not None and outlet is not None else None
    out: list[Chosen] = []
    if info.read_only:
        return out
    if part is not None and part.switchable:
        out += [
            Chosen(part.number, action, text)
            for action, text in OUTLET_WORDS.items()
            if action in info.actions
        ]
    has_switch = reading is not None and reading.ats is not None
    out += [
        Chosen(WHOLE_PDU, each, text)
        for each, text in PDU_WORDS.items()
        if each in info.pdu_actions and (has_switch or not each.startswith("prefer_"))
    ]
    return out


class CommandMenu(Dialog[Chosen | None]):
    """Dismissed with what was picked, or None.

    Args:
        view: The PDU as it stands.
        outlet: The number of the outlet under the cursor, if there is one.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 56
    TABLE = MENU
    BINDINGS = bindings(MENU)

    def __init__(self, view: PduView, outlet: int | None, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._view = view
        self._entries = offered(view, outlet)
        self._at = 0

    @property
    def _letters(self) -> str:
        """What picks each entry: none of the keys that do something else here.

        Nor one that says yes to the question which an entry leads to: a double tap never confirms.
        """
        taken = {name for key in (*MENU, YES) for name in self.keymap.names(key)}
        return "".join(each for each in _LETTERS if each not in taken)[: len(self._entries)]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to pick."""
        return not self._entries

    @property
    def heading(self) -> str:
        """What it is."""
        return f"Commands of {clean(self._view.info.name, self.glyphs.ascii_only)}"

    def rows(self, width: int, height: int) -> list[Row]:
        """The entries under their headings, as many as fit around the chosen one."""
        listed: list[Row] = []
        letters = self._letters
        at, whole = 0, False
        for place, entry in enumerate(self._entries):
            if place == 0 or (entry.outlet == WHOLE_PDU and not whole):
                whole = entry.outlet == WHOLE_PDU
                listed += [[]] if listed else []
                listed.append([(self._title(entry.outlet), "title")])
            if place == self._at:
                at = len(listed)
            ink = "badge-text" if place == self._at else "text"
            text = f" {entry.text} ".ljust(min(44, max(1, width - 5)))
            letter = letters[place] if place < len(letters) else " "
            listed.append([("  ", "text"), (letter, "key"), (" ", "text"), (text, ink)])
        room = max(1, height - 2)
        first = max(0, min(at - room // 2, len(listed) - room))
        foot = self.keys_row(("list.pick", "ask"), ("dialog.close", "close"))
        return [*listed[first : first + room], [], foot][:height]

    def _title(self, outlet: int) -> str:
        if outlet == WHOLE_PDU:
            return "The whole PDU"
        part = self._view.reading.outlet(outlet) if self._view.reading else None
        name = clean(part.name, self.glyphs.ascii_only) if part else ""
        return f"Outlet {part.label if part and part.label else outlet} {name}".rstrip()

    def on_key(self, event: Key) -> None:
        """A letter or digit picks its entry."""
        letters = self._letters
        if len(event.key) == 1 and event.key in letters:
            event.stop()
            self._at = letters.index(event.key)
            self.action_pick()

    def action_step(self, by: int) -> None:
        """Move by so many entries."""
        self._at = max(0, min(len(self._entries) - 1, self._at + by))
        self.update()

    def action_pick(self) -> None:
        """This one; the question comes next."""
        self.dismiss(self._entries[self._at])

    def action_close(self) -> None:
        """None of them."""
        self.dismiss(None)
