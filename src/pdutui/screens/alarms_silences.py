"""The silences there are, and ending one."""

from __future__ import annotations

from datetime import tzinfo

from pdutui.domain.alarm import KIND_WORDS, Silence
from pdutui.engine.alarms.port import AlarmsPort
from pdutui.engine.events import EngineEvent, Severity, SilenceChanged
from pdutui.keys.alarms import SILENCES
from pdutui.screens.alarm_desk import AlarmDesk
from pdutui.screens.alarms_state import part_words
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, cut


def words(silence: Silence) -> str:
    """`rack1-a bank 1 near overload`, `rack1-* all`."""
    kind = KIND_WORDS[silence.kind] if silence.kind is not None else "everything"
    return " ".join(filter(None, [silence.pdu, part_words(silence.part), kind]))


class SilencesDialog(Dialog[None]):
    """A list; `x` ends the chosen one.

    Args:
        alarms: Has them.
        desk: Ends them.
        zone: Of all times.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 78
    TABLE = SILENCES
    BINDINGS = bindings(SILENCES)

    def __init__(
        self, alarms: AlarmsPort, desk: AlarmDesk, zone: tzinfo, inks: Inks, glyphs: GlyphSet
    ) -> None:
        super().__init__(inks, glyphs)
        self._alarms, self._desk, self._zone = alarms, desk, zone
        self._at = 0
        self._said: tuple[str, Severity] = ("", "info")

    @property
    def heading(self) -> str:
        """What it is."""
        return "What is silenced"

    def news(self, event: EngineEvent) -> None:
        """One has come or gone."""
        if isinstance(event, SilenceChanged):
            self._at = max(0, min(self._at, len(self._alarms.silences()) - 1))
            self.update()

    def rows(self, width: int, height: int) -> list[Row]:
        """One row a silence: until when, what, who and why."""
        listed: list[Row] = []
        now = self._desk.now
        silences = self._alarms.silences()
        for place, silence in enumerate(silences):
            until = silence.until.astimezone(self._zone)
            when = f"{until:%H:%M:%S}" if until.date() == now.date() else f"{until:%d %b %H:%M}"
            who = f"by {silence.by}" + (f": {silence.comment}" if silence.comment else "")
            text = clean(f"until {when}  {words(silence)}  {who}", self.glyphs.ascii_only)
            ink = "badge-text" if place == self._at else "text"
            listed.append([(f" {cut(text, max(1, width - 2), self.glyphs.ellipsis)} ", ink)])
        if not silences:
            listed = [[("Nothing is silenced", "muted")]]
        said, severity = self._said
        note = paragraph(said, width, "warning" if severity != "info" else "on") if said else []
        foot: Row = [
            (self.keymap.shown("alarms.unsilence"), "key"), (" end it   ", "muted"),
            (self.keymap.shown("dialog.close"), "key"), (" close", "muted"),
        ]  # fmt: skip
        room = max(1, height - 2 - len(note))
        first = max(0, min(self._at - room // 2, len(listed) - room))
        return [*listed[first : first + room], *note, [], foot][:height]

    def action_step(self, by: int) -> None:
        """Another one."""
        self._at = max(0, min(len(self._alarms.silences()) - 1, self._at + by))
        self.update()

    def action_end(self) -> None:
        """End the chosen one."""
        silences = self._alarms.silences()
        if silences:
            self._desk.unsilence(silences[min(self._at, len(silences) - 1)].id, self._say)

    def _say(self, text: str, severity: Severity) -> None:
        self._said = (text, severity)
        if self.is_mounted:
            self.update()

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
