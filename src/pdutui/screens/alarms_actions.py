"""What is done about an alarm from the alarms screen: each key asks, or says why it cannot be."""

from __future__ import annotations

from datetime import tzinfo

from pdutui.domain.alarm import Alarm
from pdutui.screens.alarm_desk import AlarmDesk
from pdutui.screens.alarms_past import AlarmPast
from pdutui.screens.alarms_state import is_another, outlet_of
from pdutui.screens.alarms_view import AlarmsScene
from pdutui.screens.filter_line import FilterScreen, ToHistory, ToPdu
from pdutui.screens.port import EnginePort


class AlarmActions(FilterScreen):
    """A screen of alarms of which one is chosen."""

    _engine: EnginePort
    _alarm_desk: AlarmDesk
    _zone: tzinfo
    _past: bool
    """The history is shown."""
    past: AlarmPast
    to_pdu: ToPdu | None = None
    """Shows a PDU."""
    to_history: ToHistory | None = None
    """Shows the chart at a moment."""

    @property
    def in_past(self) -> bool:
        """Whether the history is shown, and not what stands."""
        return self._past

    def scene(self) -> AlarmsScene:
        """What the panels look at."""
        raise NotImplementedError

    def alarms(self) -> list[Alarm]:
        """Those that stand and are wanted."""
        raise NotImplementedError

    @property
    def slipped(self) -> bool:
        """Whether another alarm has just come under the cursor, by itself."""
        raise NotImplementedError

    def go_on(self, done: list[Alarm]) -> None:
        """Choose the next of the others: those that are done go to the end of the list."""
        raise NotImplementedError

    def chosen_alarm(self) -> Alarm | None:
        """The alarm as it stands now: of a line of the history what has become of it."""
        alarm = self.scene().alarm
        if alarm is None or not self._past:
            return alarm
        return next((a for a in self._engine.alarms.active() if a.id == alarm.id), None)

    def _refused(self) -> bool:
        """Say why nothing can be acknowledged or silenced, if so."""
        refusal = self._alarm_desk.refusal
        if refusal:
            self.notice(f"Alarms stay as they are: {refusal}", "warning")
        return bool(refusal)

    def _has_slipped(self) -> bool:
        """Say so where the key was meant for an alarm that has just gone."""
        if self.slipped:
            self.notice("The chosen alarm has just left the list: this is another one", "warning")
            return True
        return False

    def _stands(self) -> Alarm | None:
        if self._has_slipped():
            return None
        alarm = self.chosen_alarm()
        if alarm is None:
            self.notice("That alarm is not in the list any more" if self._past and self.past.rows
                        else "There is no alarm")  # fmt: skip
        return alarm

    def action_acknowledge(self) -> None:
        """Ask for a comment, and take note of the alarm."""
        if self._refused() or (alarm := self._stands()) is None:
            return
        if alarm.ack is not None:
            self.notice(f"Acknowledged already, by {alarm.ack.by}")
            return
        self._ask_to_acknowledge([alarm])

    def action_acknowledge_all(self) -> None:
        """The same for all that are shown and ask for attention."""
        if self._refused():
            return
        loud = [alarm for alarm in self.alarms() if alarm.loud] if not self._past else []
        if not loud:
            self.notice("None of what is shown is to be acknowledged")
            return
        self._ask_to_acknowledge(loud)

    def _ask_to_acknowledge(self, alarms: list[Alarm]) -> None:
        from pdutui.screens.alarms_dialogs import AcknowledgeDialog, sentence

        def answered(comment: str | None) -> None:
            if comment is None:
                return
            seen, others = self._as_seen(alarms)
            self.go_on(seen)
            if seen:
                self._alarm_desk.acknowledge(seen, comment, self.notice, without=len(others))
            elif others:
                what = sentence(others[0], self.glyphs)
                self.notice(f"Not acknowledged, worse or anew meanwhile: {what}", "warning")
            else:
                self.notice("Acknowledged already, by somebody else, or over")

        dialog = AcknowledgeDialog(alarms, self.inks, self.glyphs)
        self.app.push_screen(dialog, answered)

    def _as_seen(self, asked: list[Alarm]) -> tuple[list[Alarm], list[Alarm]]:
        """Those that are still what was asked about, and those that got worse or came anew.

        An acknowledgement is for what was read, not for what has become of it while the comment
        was typed. One of several that has ended needs none any more.
        """
        standing = {alarm.id: alarm for alarm in self._engine.alarms.active()}
        seen: list[Alarm] = []
        others: list[Alarm] = []
        for was in asked:
            now = standing.get(was.id)
            if now is None:
                seen += [was] if len(asked) == 1 else []
            elif is_another(was, now):
                others.append(now)
            elif now.ack is None:
                seen.append(now)
        return seen, others

    def action_silence(self) -> None:
        """Ask how long and what of it is to be quiet."""
        if self._refused() or (alarm := self._stands()) is None:
            return
        from pdutui.screens.alarms_dialogs import Asked, SilenceDialog

        def answered(asked: Asked | None) -> None:
            if asked is not None:
                self._alarm_desk.silence(
                    pdu=alarm.pdu or "*",
                    kind=None if asked.what == "pdu" else alarm.kind,
                    part=alarm.part if asked.what == "part" else "",
                    for_s=asked.for_s,
                    comment=asked.comment,
                    say=self.notice,
                )

        self.app.push_screen(SilenceDialog(alarm, self.inks, self.glyphs), answered)

    def action_silences(self) -> None:
        """The silences there are."""
        from pdutui.screens.alarms_silences import SilencesDialog

        if not self._engine.alarms.silences():
            self.notice("Nothing is silenced")
            return
        self.app.push_screen(
            SilencesDialog(self._engine.alarms, self._alarm_desk, self._zone, self.inks,
                           self.glyphs)
        )  # fmt: skip

    def action_export(self) -> None:
        """What is shown, as a file."""
        from pdutui.screens.alarms_export import AlarmExport
        from pdutui.screens.file_dialog import working_folder

        if not self.scene().count:
            self.notice("Nothing is shown that could be written")
            return
        dialog = AlarmExport(self, working_folder(), self.inks, self.glyphs)
        self.app.push_screen(
            dialog, lambda path: self.notice(f"Written: {path}") if path is not None else None
        )

    # away

    def action_go(self) -> None:
        """The PDU, and the outlet."""
        if self._has_slipped():
            return
        alarm = self.scene().alarm
        if alarm is None or alarm.pdu not in self._engine.pdus or self.to_pdu is None:
            self.notice("This alarm is of no PDU that there is" if alarm else "There is no alarm")
        else:
            self.to_pdu(alarm.pdu, outlet_of(alarm))

    def action_history(self) -> None:
        """The chart at that moment."""
        scene = self.scene()
        alarm, entry = scene.alarm, scene.entry
        if alarm is None or alarm.pdu not in self._engine.pdus or self.to_history is None:
            self.notice("This alarm is of no PDU that there is a chart of" if alarm
                        else "There is no alarm")  # fmt: skip
            return
        when = entry.time if entry is not None else alarm.since
        self.to_history(alarm.pdu, alarm.part, round(when.timestamp() * 1000))
