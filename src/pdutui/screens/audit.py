"""The audit screen: who switched what, newest first; one record whole; whether the chain holds."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.command import Provider

from pdutui.domain.audit import StoredAudit
from pdutui.domain.clock import Clock
from pdutui.domain.commands import AuditRecord
from pdutui.engine.events import EngineEvent, ReadingArrived
from pdutui.keys.audit import KEYS
from pdutui.screens.audit_desk import AuditDesk
from pdutui.screens.audit_keys import help_rows, hints
from pdutui.screens.audit_view import (
    AuditScene,
    places,
    record_lines,
    record_list,
    report_rows,
    said_line,
    top_line,
)
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.filter_line import FilterScreen, ToHistory
from pdutui.screens.keyed import bindings
from pdutui.screens.pdu_finder import PduFinder
from pdutui.screens.pick_list import PickList
from pdutui.screens.port import EnginePort
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.sheet import Sheet


class AuditScreen(PduFinder, FilterScreen):
    """Dismissed when the person goes back.

    Args:
        engine: Has the audit.
        pdu: The PDU that is shown alone at a key, if there is one.
        clock: For the time of day and for how long a notice stands.
        zone: Of all times.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "audit"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)

    def __init__(
        self,
        engine: EnginePort,
        pdu: str,
        *,
        clock: Clock,
        zone: tzinfo,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self._pdu = engine, pdu
        self.to_history: ToHistory | None = None
        """Shows the chart at a moment."""
        self._chosen: int | AuditRecord | None = None
        """Which record, by what it is; None: the newest, whichever that becomes."""
        self._told = False
        """What the last check found was shown."""
        self.desk = AuditDesk(engine, clock=clock, zone=zone, changed=self._changed)

    # life

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return self.with_line(places(width, height), width, height)

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield PickList(id="list")
        yield Sheet(id="record")
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Read the newest records, and look again every second."""
        self.set_interval(1.0, self.tick)
        self.desk.look()
        self.update()

    async def on_unmount(self) -> None:
        """End what is under way, and let go of what was drawn."""
        await self.desk.close()
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Something happened that may have left a record. Readings leave none."""
        if not isinstance(event, ReadingArrived):
            self.desk.look()

    def _passed(self) -> None:
        self.desk.tick()

    def _changed(self) -> None:
        """There is something else to draw; what a check found is said once."""
        desk = self.desk
        if desk.checking:
            self._told = False
        elif desk.report is not None and not self._told and desk.checked is not None:
            self._told = True
            if self.is_mounted and not self.buried and self.app.screen is self:
                self._show_report()
        self.update()

    # drawing

    @property
    def place(self) -> int:
        """Which record is chosen: the same one, however many have come."""
        if self._chosen is None:
            return 0
        for place, row in enumerate(self.desk.rows):
            if _key(row) == self._chosen:
                return place
        return 0

    def scene(self) -> AuditScene:
        """What the panels look at."""
        desk, log = self.desk, self._engine.recent_log(1)
        return AuditScene(
            rows=desk.rows,
            chosen=self.place,
            now=desk.now,
            inks=self.inks,
            glyphs=self.glyphs,
            wanted=desk.wanted,
            loaded=desk.loaded,
            complete=desk.complete,
            trouble=desk.trouble,
            report=desk.report,
            checked=desk.checked,
            checking=desk.checking,
            refuted=desk.refuted,
            notice=self._notices.notice,
            log=log[-1] if log else None,
            rights=desk.rights,
            keymap=self.keymap,
            alarms=self.standing,
        )

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        scene = self.scene()
        self.query_one("#list", PickList).tell(partial(record_list, scene), self.inks)
        self._sheet("bar").paint(lambda width, _: [top_line(scene, width)], self.inks)
        self._sheet("record").paint(partial(record_lines, scene), self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(scene, width)], self.inks)
        offered = []
        if self.app.screen is self:
            offered = hints(
                rows=len(scene.rows),
                filtered=bool(scene.wanted.text),
                one_pdu=scene.wanted.pdu is not None,
                pdus=len(self._engine.pdus),
                checking=scene.checking,
                typing=self.typing,
                moment=self._moment() is not None,
                keymap=self.keymap,
            )
        self._sheet("hints").paint(
            lambda width, _: [self.bottom_line(self.inks, offered, width, self.before_hints)],
            self.inks,
        )

    def why_not(self) -> dict[str, str]:
        """What does not work on what is shown."""
        why: dict[str, str] = {}
        if not self.desk.rows:
            why["export"] = "nothing is shown that could be written"
        if self._moment() is None:
            why["history"] = "the record is of no PDU that there is a chart of"
        if len(self._engine.pdus) < 2:
            why["only.pdu"] = "there is no other PDU"
        if self.desk.checking:
            why["audit.verify"] = "the chain is being verified"
        return why

    def help_rows(self) -> list[Row]:
        """The help of this screen."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.audit_palette import AuditCommands

        return AuditCommands

    # moving

    def _choose(self, place: int) -> None:
        rows = self.desk.rows
        if rows:
            place = max(0, min(len(rows) - 1, place))
            self._chosen = _key(rows[place]) if place else None
            self.desk.reach(place)
        self.update()

    @on(PickList.Picked)
    def _picked(self, message: PickList.Picked) -> None:
        self._choose(message.place)

    @on(PickList.Wheeled)
    def _wheeled(self, message: PickList.Wheeled) -> None:
        self._choose(self.place + message.by)

    def action_move(self, by: int) -> None:
        """Another record."""
        self._choose(self.place + by)

    def action_page(self, way: int) -> None:
        """A page on."""
        self._choose(self.place + way * max(1, self.query_one("#list").size.height - 2))

    def action_edge(self, way: int) -> None:
        """The newest, or the oldest that is loaded."""
        self._choose(0 if way < 0 else len(self.desk.rows) - 1)

    # what is shown

    def filter_text(self) -> str:
        """What is looked for now."""
        return self.desk.wanted.text

    def filter_by(self, text: str) -> None:
        """Look for something else."""
        self._chosen = None
        self.desk.want(self.desk.with_text(text))
        self.update()

    def action_clear(self) -> None:
        """Drop the filter; without one go back."""
        if self.typing or self.desk.wanted.text:
            self.close_line()
            self.filter_by("")
        else:
            self.action_back()

    def action_pdu(self) -> None:
        """One PDU alone, or all."""
        if self.desk.wanted.pdu is not None:
            self.only(None)
            return
        row = self.scene().row
        self.only(self._pdu or (row.record.pdu if row else "") or None)

    @property
    def one_pdu(self) -> str | None:
        """The PDU that is shown alone."""
        return self.desk.wanted.pdu

    def only(self, pdu: str | None) -> None:
        """Show the records of one PDU, or of all."""
        self._chosen = None
        self.desk.want(self.desk.with_pdu(pdu))
        self.update()

    # doing

    def action_verify(self) -> None:
        """Check the chain."""
        self.desk.check()

    def _show_report(self) -> None:
        from pdutui.screens.audit_report import AuditReport

        report = self.desk.report
        if report is not None:
            width = max(20, min(AuditReport.WIDTH, self.size.width - 2) - 6)
            rows = report_rows(report, self.glyphs, width)
            self.app.push_screen(AuditReport(rows, self.inks, self.glyphs))

    def action_export(self) -> None:
        """What is shown, as a file."""
        from pdutui.screens.audit_export import AuditExport
        from pdutui.screens.file_dialog import working_folder

        if not self.desk.rows:
            self.notice("Nothing is shown that could be written")
            return
        dialog = AuditExport(self.desk, working_folder(), self.inks, self.glyphs)
        self.app.push_screen(
            dialog, lambda path: self.notice(f"Written: {path}") if path is not None else None
        )

    def _moment(self) -> tuple[str, str, int] | None:
        """PDU, subject and time of the chosen record, where there is a chart of it."""
        row = self.scene().row
        if row is None or row.record.pdu not in self._engine.pdus:
            return None
        subject = f"outlet.{row.record.outlet}" if row.record.outlet else ""
        return row.record.pdu, subject, round(row.record.time.timestamp() * 1000)

    def action_history(self) -> None:
        """The chart at that moment."""
        moment = self._moment()
        if moment is None or self.to_history is None:
            self.notice("This record is of no PDU that there is a chart of")
        else:
            self.to_history(*moment)

    def action_back(self) -> None:
        """Back to the PDU."""
        self.dismiss(None)


def _key(row: StoredAudit) -> int | AuditRecord:
    """What a record is known by while others come and go."""
    return row.n or row.record
