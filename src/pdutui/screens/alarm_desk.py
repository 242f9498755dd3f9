"""Alarms at the console: what is to be seen and heard of them, and what a person does to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmKind
from pdutui.domain.zone import local_zone
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.engine.events import AlarmChanged, EngineEvent, Severity, SilenceChanged
from pdutui.screens.alarm_bell import Bell
from pdutui.screens.notices import NOTICE_S
from pdutui.screens.port import EnginePort
from pdutui.screens.together import Together
from pdutui.widgets.alarm_banner import alarm_banner
from pdutui.widgets.alarm_counts import NOTHING, Standing, standing
from pdutui.widgets.event_line import ALARM_NOTICE
from pdutui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from pdutui.app import PduApp

PAST = "leave the replay to see them"
"""No key of a replay leads to what is wrong now."""
Say = Callable[[str, Severity], None]
"""Says something on the screen that asked."""


class AlarmDesk:
    """Shows and rings; acknowledges and silences.

    Args:
        app: The console.
        engine: Whose alarms they are.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        self._app, self._engine = app, engine
        self._zone = local_zone(app.env)
        self._bell = Bell()
        self._of: tuple[Alarm, ...] = ()
        self.standing: Standing = NOTHING
        """What is to be seen of them everywhere."""
        self._told: list[Alarm] = []
        """New warnings that one notice tells of, the newest last."""
        self._told_s = -NOTICE_S
        self._telling = ""
        """The notice that is to be shown with the rest."""
        self._together = Together(app, self._show)
        self._day = self.now.date()

    # what is seen and heard

    def begin(self) -> None:
        """See what stands, and look again every second."""
        self._app.set_interval(1.0, self.tick)
        self.tick()

    def heard(self, event: EngineEvent) -> None:
        """Something happened."""
        if isinstance(event, AlarmChanged):
            settings = self._app.settings.alarms
            self._bell.heard(event.entry, again=event.again, settings=settings)
            self._tell(event)
            self._together.soon()
        elif isinstance(event, SilenceChanged):
            self._together.soon()

    def _show(self) -> None:
        """Show what is new, and have it heard."""
        self._look()
        if self._telling:
            self._app.notice(self._telling, "warning")
            self._telling = ""
        self._ring()

    def tick(self) -> None:
        """A second passed: a silence may be over, the bell may be due."""
        today = self.now.date()
        if not self._look() and self.standing.banner is not None and today != self._day:
            self._app.live_screens()[-1].show_alarms()  # its time is another one after midnight
        self._day = today
        self._ring()

    def _ring(self) -> None:
        app = self._app
        if self._bell.due(app.clock.monotonic(), self._of, app.settings.alarms):
            app.ring()

    def _look(self) -> bool:
        """Have every screen show what stands; whether that is anything new."""
        port, settings = self._engine.alarms, self._app.settings.alarms
        alarms, unjudged, off = port.active(), port.unjudged, not settings.enabled
        if alarms is self._of and (unjudged, off) == (self.standing.unjudged, self.standing.off):
            return False
        self._of = alarms
        now = msgspec.structs.replace(standing(alarms), unjudged=unjudged, off=off)
        if now == self.standing:
            return False
        self.standing = now
        for screen in self._app.live_screens():
            screen.show_alarms()
            screen.other_room()
        from pdutui.screens.dialog import Dialog

        for lying in self._app.screen_stack:
            if isinstance(lying, Dialog):
                lying.update()
        return True

    def _tell(self, event: AlarmChanged) -> None:
        """One notice for new warnings; what is critical has the banner."""
        alarm, change = event.entry.alarm, event.entry.change
        new = change == "raised" or (change == "unsilenced" and alarm.over is None)
        if not new or event.again or not alarm.loud or alarm.level != "warning":
            return
        now_s = self._app.clock.monotonic()
        if now_s - self._told_s >= NOTICE_S:
            self._told = []
        self._told = [a for a in self._told if a.id != alarm.id] + [alarm]
        self._told_s = now_s
        more = f"  +{len(self._told) - 1}" if len(self._told) > 1 else ""
        where = f"{alarm.pdu}: " if alarm.pdu else ""
        self._telling = f"{ALARM_NOTICE}{where}{alarm.text}{more}"

    def paint(self, row: Sheet, *, past: bool) -> None:
        """Draw the banner.

        Args:
            row: Where it stands.
            past: What is below it is of the past.
        """
        app, stands = self._app, self.standing
        now, inks, glyphs = self.now, app.inks, app.glyphs
        here = app.live_screens()[-1].DOOR == "alarms"
        how = "" if here else f"{app.keymap.said('alarms')} shows them"
        how = PAST if past else how
        row.paint(
            lambda width, _: (
                [alarm_banner(stands, now, inks, glyphs, width, how=how, past=past)]
                if stands.banner is not None
                else []
            ),
            inks,
        )

    @property
    def now(self) -> datetime:
        """The present, in the zone of the screens."""
        return self._app.clock.now().astimezone(self._zone)

    # what is done

    @property
    def refusal(self) -> str:
        """Why nothing can be acknowledged or silenced here; empty where it can."""
        app, engine = self._app, self._engine
        if app.settings.kiosk.on:
            return "this console only shows: acknowledge at another one, or by pdutui alarms"
        if engine.gate.locked:
            return f"the console is {engine.gate.locked}"
        # A role is the person's: it is the same on every PDU.
        viewer = bool(engine.pdus) and engine.view(engine.pdus[0]).info.role == "viewer"
        return "viewers only look" if viewer else ""

    @property
    def on_wall(self) -> bool:
        """Whether nobody does anything here."""
        return self._app.settings.kiosk.on

    def acknowledge(
        self, alarms: Sequence[Alarm], comment: str, say: Say, *, without: int = 0
    ) -> None:
        """Take note of alarms, and say what became of it.

        Args:
            alarms: Which.
            comment: Of the person.
            say: Is told how it went.
            without: So many more were asked for, and have become another matter.
        """
        count = f"{len(alarms)} alarms" if len(alarms) != 1 else "the alarm"
        but = f"; {without} got worse or came anew meanwhile" if without else ""

        async def work() -> str:
            ids = [alarm.id for alarm in alarms]
            await self._engine.alarms.acknowledge(ids, self._app.actor, comment)
            return f"Acknowledged {count}{but}"

        self._try(work, f"{count} not acknowledged".removeprefix("the alarm "), say)

    def silence(
        self,
        *,
        pdu: str,
        kind: AlarmKind | None,
        part: str,
        for_s: float,
        comment: str,
        say: Say,
    ) -> None:
        """Keep alarms quiet for a time, and say what became of it."""

        async def work() -> str:
            made = await self._engine.alarms.silence(
                pdu=pdu, kind=kind, part=part, for_s=for_s, actor=self._app.actor, comment=comment
            )
            until = made.until.astimezone(self._zone)
            word = f"{until:%H:%M}" if until.date() == self.now.date() else f"{until:%d %b %H:%M}"
            return f"Silenced until {word}"

        self._try(work, "not silenced", say)

    def unsilence(self, silence_id: str, say: Say) -> None:
        """End a silence, and say what became of it."""

        async def work() -> str:
            await self._engine.alarms.unsilence(silence_id, self._app.actor)
            return "The silence has ended"

        self._try(work, "the silence goes on", say)

    def _try(self, work: Callable[[], Awaitable[str]], failed: str, say: Say) -> None:
        if self.refusal:
            say(f"{failed[:1].upper()}{failed[1:]}: {self.refusal}", "warning")
            return

        async def run() -> None:
            try:
                said, severity = await work(), "info"
            except AlarmTrouble as trouble:
                said, severity = f"{failed[:1].upper()}{failed[1:]}: {trouble}", "warning"
            say(said, severity)  # type: ignore[arg-type]

        self._app.spawn(run(), "alarms")


def told(entry: AlarmEntry) -> str:
    """What became of an alarm, in words: `raised`, `acknowledged by ada: on my way`."""
    by = f" by {entry.by}" if entry.by else ""
    return f"{entry.change}{by}{f': {entry.comment}' if entry.comment else ''}"
