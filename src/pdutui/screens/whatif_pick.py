"""The choice of what a what-if takes away."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Key

from pdutui.domain.fleet import Loss
from pdutui.keys.pairs import PICK_LOSS
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, fit, width_of

_LETTERS = "123456789abdefmnoprstuvxyz"
"""What picks an entry, without what moves and closes."""
_TITLES = {"feed": "A feed", "pdu": "A PDU", "source": "A source of a transfer switch"}


class WhatIfPick(Dialog[Loss | None]):
    """Dismissed with what is lost, or None.

    Args:
        choices: What can be lost.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 60
    TABLE = PICK_LOSS
    BINDINGS = bindings(PICK_LOSS)

    def __init__(self, choices: Sequence[Loss], inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs, "replay")
        self._choices, self._at = tuple(choices), 0

    @property
    def _letters(self) -> str:
        """What picks each entry: none of the keys that do something else here."""
        taken = {name for key in PICK_LOSS for name in self.keymap.names(key)}
        return "".join(each for each in _LETTERS if each not in taken)[: len(self._choices)]

    @property
    def heading(self) -> str:
        """What it is."""
        return "What if this were lost"

    def rows(self, width: int, height: int) -> list[Row]:
        """The choices under their headings, as many as fit around the chosen one."""
        listed: list[Row] = []
        letters, at, before = self._letters, 0, ""
        texts = [f" {clean(one.words, self.glyphs.ascii_only)} " for one in self._choices]
        cells = max(1, min(width - 5, max(map(width_of, texts), default=0) + 2))
        for place, (one, text) in enumerate(zip(self._choices, texts, strict=True)):
            if one.kind != before:
                before = one.kind
                listed += [[]] if listed else []
                listed.append([(_TITLES[one.kind], "title")])
            here = place == self._at
            if here:
                at = len(listed)
            letter = letters[place] if place < len(letters) else " "
            shown = fit(text, cells, self.glyphs.ellipsis)
            listed.append(
                [("  ", "text"), (letter, "key"), (" ", "text"),
                 (shown, "badge-text" if here else "text")]
            )  # fmt: skip
        note = paragraph("Nothing is switched: it is only drawn as it would be.", width, "muted")
        room = max(1, height - 3 - len(note))
        first = max(0, min(at - room // 2, len(listed) - room))
        foot = self.keys_row(("list.pick", "what if"), ("dialog.close", "close"))
        return [*listed[first : first + room], [], *note, [], foot][-height:]

    def on_key(self, event: Key) -> None:
        """A letter or digit picks its entry."""
        letters = self._letters
        if len(event.key) == 1 and event.key in letters:
            event.stop()
            self._at = letters.index(event.key)
            self.action_pick()

    def action_step(self, by: int) -> None:
        """Move by so many entries."""
        self._at = max(0, min(len(self._choices) - 1, self._at + by))
        self.update()

    def action_pick(self) -> None:
        """This one."""
        self.dismiss(self._choices[self._at])

    def action_close(self) -> None:
        """None of them."""
        self.dismiss(None)
