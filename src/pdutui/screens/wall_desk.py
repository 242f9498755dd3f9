"""A console on a wall: which page is up, what stands around it, and whether any of it is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.events import Event, Key

from pdutui.domain.alarm import MOMENTARY
from pdutui.domain.racks import Member, pair
from pdutui.engine.events import AlarmChanged, EngineEvent, SettingsChanged
from pdutui.engine.sd_notify import SystemdNotifier
from pdutui.screens.doors import DOORS, back_to_console, show_pdu
from pdutui.screens.port import EnginePort
from pdutui.screens.wall_frame import WallFrame
from pdutui.screens.wall_pages import HELP_S, StoppedScreen, WallHelp
from pdutui.screens.wall_tour import Jump, Page, Tour, pages_of
from pdutui.widgets.bank_meter import meters
from pdutui.widgets.wall_foot import Foot, Trouble

if TYPE_CHECKING:
    from pdutui.app import PduApp

TICK_S = 1.0
DEAD_AFTER_S = 10.0
"""The engine judges all PDUs each second; without that for so long nothing shown can be trusted."""
_LONGEST_TICK_S = 2.0
"""So much of the time between two looks counts: a machine that slept is given time to wake up."""


class WallDesk(WallFrame):
    """Turns the pages, goes to alarms and back, and says so when the engine stands still.

    Args:
        app: The console.
        engine: What is shown.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        super().__init__(app, engine)
        now_s = app.clock.monotonic()
        self.tour = Tour(now_s)
        self._shown: tuple[Page, Jump | None, int] | None = None
        self._refused = ""
        """Why the configuration was not taken when it was read last."""
        self._racks: tuple[tuple[Member, ...], bool] = ((), False)
        self._help_s = now_s
        self._systemd = SystemdNotifier(app.env)
        self._beat_s = engine.beat_s
        self._since = app.clock.now()
        """When the engine was seen to be alive last."""
        self._looked_s, self._quiet_s = now_s, 0.0

    # life

    def begin(self) -> None:
        """Show the first page, and look again every second."""
        for screen in self._app.live_screens():
            self.dress(screen)
        self._app.set_interval(TICK_S, self.tick)
        self._app.call_after_refresh(self.tick)
        self._systemd.ready()

    def end(self) -> None:
        """The console closes."""
        self._systemd.stopping()

    def heard(self, event: EngineEvent) -> None:
        """Something happened."""
        if isinstance(event, SettingsChanged):
            self._refused = "" if event.taken else event.text
        elif isinstance(event, AlarmChanged):
            alarm = event.entry.alarm
            new = event.entry.change in ("raised", "escalated") and not event.again
            if new and alarm.level == "critical" and alarm.loud:
                self.tour.heard(alarm)
                self._app.call_later(self.tick)
        self.figures_changed(event)

    def touched(self, event: Event) -> None:
        """Somebody pressed a key: what they look at stays for a while."""
        if isinstance(event, Key):
            self.tour.touched(self._now_s)

    @property
    def _now_s(self) -> float:
        return self._app.clock.monotonic()

    # keys

    def do(self, what: str) -> None:
        """A key of the wall's own: `pause`, `next`, `previous`, `help`."""
        now_s = self._now_s
        if isinstance(self._app.screen, StoppedScreen):
            return
        if what == "pause":
            self.tour.pause(now_s)
        elif what == "help":
            self._turn_help(now_s)
        else:
            self.tour.step(1 if what == "next" else -1, now_s)
        self.tick()

    def _turn_help(self, now_s: float) -> None:
        app = self._app
        if isinstance(app.screen, WallHelp):
            app.screen.dismiss(None)
            return
        self._help_s = now_s
        app.push_screen(WallHelp(app.keymap, clock=app.clock, glyphs=app.glyphs, inks=app.inks))

    # every second

    def tick(self) -> None:
        """A second passed, or something happened that cannot wait for it."""
        app, now_s = self._app, self._now_s
        if app.leaving or not app.screen_stack:
            return
        if not self._alive(now_s):
            self._stop_showing()
            return
        if isinstance(app.screen, StoppedScreen):
            app.screen.dismiss(None)
        self._systemd.alive(now_s)
        self._help(now_s)
        jump = self.tour.jump
        if jump is not None and jump.pdu and jump.pdu not in self._engine.pdus:
            self.tour.step(0, now_s)
        page = self.tour.turn(now_s, self._pages(), app.settings.kiosk, self._loud)
        wanted = (page, self.tour.jump, self.tour.turns)
        if wanted != self._shown:
            self._shown = wanted
            self._show(page)
        self.paint(self._foot(now_s))

    def _help(self, now_s: float) -> None:
        """The help goes by itself; while it stands, no page comes in its place but an alarm's."""
        if isinstance(self._app.screen, WallHelp):
            if now_s - self._help_s >= HELP_S:
                self._app.screen.dismiss(None)
            self.tour.touched(now_s)

    def _alive(self, now_s: float) -> bool:
        beat_s = self._engine.beat_s
        passed_s = min(now_s - self._looked_s, _LONGEST_TICK_S)
        self._looked_s = now_s
        if beat_s != self._beat_s:
            self._beat_s, self._quiet_s, self._since = beat_s, 0.0, self._app.clock.now()
        else:
            self._quiet_s += passed_s
        return self._quiet_s < DEAD_AFTER_S

    def _stop_showing(self) -> None:
        """Old figures must not look like new ones: nothing of them stays."""
        app = self._app
        if not isinstance(app.screen, StoppedScreen):
            self._shown = None
            app.push_screen(
                StoppedScreen(self._since, clock=app.clock, glyphs=app.glyphs, inks=app.inks)
            )

    # pages

    def _pages(self) -> tuple[Page, ...]:
        return pages_of(self._app.settings.kiosk.pages, self._engine.pdus, self._there)

    def _there(self, door: str) -> bool:
        """Whether a whole screen has anything to show."""
        if door != "pairs":
            return door in DOORS
        infos = [self._engine.view(pdu).info for pdu in self._engine.pdus]
        members = tuple(
            Member(pdu=i.name, location=i.location or "", feed=i.feed or "") for i in infos
        )
        if members != self._racks[0]:
            self._racks = (members, bool(pair(members).racks))
        return self._racks[1]

    def _loud(self, jump: Jump) -> bool:
        """Whether an alarm still asks for attention, and is not over, when its turn comes."""
        if jump.pdu and jump.pdu not in self._engine.pdus:
            return False
        return any(
            alarm.loud
            and (alarm.over is None or alarm.kind in MOMENTARY)
            and (alarm.id == jump.alarm if jump.alarm else alarm.level == "critical")
            for alarm in self._engine.alarms.active()
        )

    def _holds(self, jump: Jump) -> bool:
        """Whether anything critical still holds of what is shown."""
        return any(
            alarm.level == "critical" and alarm.over is None and jump.pdu in ("", alarm.pdu)
            for alarm in self._engine.alarms.active()
        )

    def _show(self, page: Page) -> None:
        app = self._app
        if not page.door:
            jump = self.tour.jump
            show_pdu(app, page.pdu)
            self._point_at(jump.part if jump is not None else "")
        elif page.door != app.live_screens()[-1].DOOR:
            back_to_console(app)
            DOORS[page.door](app, self._engine, app.console_screen.pdu, "")

    def _point_at(self, part: str) -> None:
        """Put the cursor on a part of the PDU; on its outlets where that is none that has one."""
        screen = self._app.console_screen
        kind, _, number = part.partition(".")
        if kind == "outlet" and number.isdecimal():
            screen.select(int(number))
            return
        reading = self._engine.view(screen.pdu).reading
        keys = [meter.key for meter in meters(reading)] if reading is not None else []
        if part in keys:
            screen.select_meter(keys.index(part))
        else:
            screen.want_pane("outlets")

    # what stands at the foot

    def _foot(self, now_s: float) -> Foot:
        app, tour = self._app, self.tour
        top = app.live_screens()[-1]
        here = Page(pdu=app.console_screen.pdu) if top is app.console_screen else (
            Page(door=top.DOOR or "keys")
        )  # fmt: skip
        return Foot(
            name=here.name,
            place=tour.index + 1,
            count=len(tour.pages) if here == tour.page else 1,
            left_s=tour.left_s(now_s),
            still=here == tour.page and tour.left_s(now_s) is None,
            paused=tour.paused,
            alarm=tour.jump is not None and here == tour.page,
            over=tour.jump is not None and not self._holds(tour.jump),
            waiting=tour.waiting,
            troubles=tuple(self._troubles()),
        )

    def _troubles(self) -> Sequence[Trouble]:
        """What does not work of the console itself, the worst first."""
        engine, found = self._engine, []
        if engine.alarms.problem:
            found.append(Trouble("ALARM TROUBLE", engine.alarms.problem))
        clock = next(
            (a for a in engine.alarms.active() if a.kind == "clock_off" and a.over is None), None
        )
        if clock is not None:
            found.append(Trouble("CLOCK OFF", f"{clock.pdu} {clock.text}".strip()))
        if not engine.store_status.ok:
            found.append(Trouble("HISTORY NOT WRITTEN", engine.store_status.detail))
        if self._refused:
            found.append(Trouble("CONFIGURATION NOT TAKEN", self._refused))
        traps = engine.trap_status
        if traps is not None and traps.problem:
            found.append(Trouble("TRAPS NOT HEARD", traps.problem))
        return found
