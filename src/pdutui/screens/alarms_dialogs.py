"""The two questions about alarms: a comment with an acknowledgement; what is silenced, how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.alarm import KIND_WORDS, Alarm
from pdutui.domain.span import EXAMPLES, parse_span
from pdutui.keys.alarms import ACKNOWLEDGE, SILENCE
from pdutui.screens.alarms_state import part_words
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.screens.picker import Picker
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, cut

LONGEST = 200
"""Characters of a comment."""
SHORTEST_S, LONGEST_S = 1.0, 30 * 86_400.0
"""How long a silence may be."""
SPANS = ("10m", "1h", "8h", "1d")
Part = Literal["part", "kind", "pdu"]


def sentence(alarm: Alarm, glyphs: GlyphSet) -> str:
    """`rack1-a: Bank 1 at 83 % of 16 A`."""
    said = f"{alarm.pdu}: {alarm.text}" if alarm.pdu else alarm.text
    return clean(said, glyphs.ascii_only)


class AcknowledgeDialog(Dialog[str | None]):
    """Dismissed with the comment, which may be empty, or None for no acknowledgement.

    Args:
        alarms: Which; one at least.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#comment"
    TABLE = ACKNOWLEDGE
    BINDINGS = bindings(ACKNOWLEDGE)

    def __init__(self, alarms: Sequence[Alarm], inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._alarms = tuple(alarms)

    def controls(self) -> ComposeResult:
        """The comment."""
        field = Input(id="comment", max_length=LONGEST)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is."""
        many = len(self._alarms)
        return "Acknowledge the alarm" if many == 1 else f"Acknowledge {many} alarms"

    def rows(self, width: int, height: int) -> list[Row]:
        """Which ones, the field's row, and what Enter does."""
        field: Row = [("comment: ", "muted")]
        foot = self.keys_row(("Enter", "acknowledge"), ("dialog.close", "leave"))
        room = max(1, height - 5)
        told: list[Row] = []
        if len(self._alarms) == 1:
            told = paragraph(sentence(self._alarms[0], self.glyphs), width, "strong")[:room]
        else:
            for alarm in self._alarms[: min(6, room)]:
                text = sentence(alarm, self.glyphs)
                told.append([(cut(text, width, self.glyphs.ellipsis), "strong")])
            left = len(self._alarms) - len(told)
            told += [[(f"and {left} more", "muted")]] if left else []
        about = paragraph(
            "No banner and no bell for it from now on. It stays in the list while it holds. "
            "The comment may be left out; it is kept with your name.", width, "muted",
        )  # fmt: skip
        if height < len(told) + len(about) + 6:
            return [*told[: max(0, height - 2)], field, foot][-height:]
        return [*told, [], field, [], *about, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The field stands in its row."""
        row = self._row_of("comment: ")
        if row is None:
            return None
        return Region(card.x + 12, card.y + 1 + row, max(1, card.width - 15), 1)

    def _row_of(self, label: str) -> int | None:
        found = (place for place, row in enumerate(self._card.shown) if row and row[0][0] == label)
        return next(found, None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(clean(event.value))

    def action_close(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)


class Asked(Struct, frozen=True):
    """What is to be silenced, and how long."""

    what: Part
    for_s: float
    comment: str


class SilenceDialog(Dialog[Asked | None]):
    """Dismissed with what is to be silenced, or None.

    Args:
        alarm: The chosen one.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#span"
    TABLE = SILENCE
    BINDINGS = bindings(SILENCE)
    _LABELS = (("what: ", "what"), ("for: ", "span"), ("or: ", "typed"), ("comment: ", "comment"))

    def __init__(self, alarm: Alarm, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._alarm = alarm
        kind = KIND_WORDS[alarm.kind]
        part = part_words(alarm.part)
        whole = f"all alarms of {alarm.pdu}" if alarm.pdu else ""
        choices: list[tuple[Part, str]] = []
        if part:
            choices.append(("part", f"{kind} of {part}"))
        choices.append(("kind", f"every {kind} alarm of {alarm.pdu}" if alarm.pdu
                        else f"every {kind} alarm"))  # fmt: skip
        choices += [("pdu", whole)] if whole else []
        self._choices = {clean(text, glyphs.ascii_only): what for what, text in choices}
        self._wrong = ""

    def controls(self) -> ComposeResult:
        """What, how long, and why."""
        words = tuple(self._choices)
        yield Picker(words, words[0], self.inks, id="what")
        yield Picker(SPANS, SPANS[1], self.inks, id="span")
        for name in ("typed", "comment"):
            field = Input(id=name, max_length=LONGEST)
            field.cursor_blink = False
            yield field

    @property
    def heading(self) -> str:
        """What it is."""
        return "Silence for a time"

    def rows(self, width: int, height: int) -> list[Row]:
        """The fields' rows, what is wrong, and how to go on."""
        fields: list[Row] = [[(label, "muted")] for label, _ in self._LABELS]
        text = paragraph(sentence(self._alarm, self.glyphs), width, "strong")
        about = paragraph(
            f"No banner, bell or hook until then; list, history and syslog have it. Any other time "
            f"in the third line: {EXAMPLES}.", width, "muted",
        )  # fmt: skip
        if self._wrong:
            about = paragraph(clean(self._wrong, self.glyphs.ascii_only), width, "warning")
        foot: Row = []
        for key, does in (("space", "another"), ("tab", "field"), ("Enter", "silence"),
                          ("esc", "leave")):  # fmt: skip
            foot += [(key, "key"), (f" {does}   ", "muted")]
        if height < len(text) + len(about) + 8:
            spare = max(0, height - len(fields) - 1)
            return [*fields, *about[:spare], foot][:height]
        return [*text, [], *fields, [], *about, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """Each field stands in its row."""
        label = next(text for text, name in self._LABELS if name == child.id)
        for place, row in enumerate(self._card.shown):
            if row and row[0][0] == label:
                return Region(card.x + 12, card.y + 1 + place, max(1, card.width - 15), 1)
        return None

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_answer()

    def action_answer(self) -> None:
        """Take what the fields say, if it can be."""
        typed = self.query_one("#typed", Input).value.strip()
        try:
            for_s = parse_span(typed or self.query_one("#span", Picker).value)
        except ValueError as error:
            self._say(str(error))
            return
        if not SHORTEST_S <= for_s <= LONGEST_S:
            self._say("A silence is from 1s to 30d long")
            return
        what = self._choices[self.query_one("#what", Picker).value]
        self.dismiss(Asked(what, for_s, clean(self.query_one("#comment", Input).value)))

    def _say(self, wrong: str) -> None:
        self._wrong = f"{wrong[:1].upper()}{wrong[1:]}"
        self.update()

    def action_close(self) -> None:
        """Silence nothing."""
        self.dismiss(None)
