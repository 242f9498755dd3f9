"""What the console does about each wish of a screen: the half of the app that opens things.

Dialogs, desks and other screens are imported when they are first wanted, after the first frame.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pdutui.keys.keymap import Keymap
from pdutui.screens.keyed import Keyed
from pdutui.screens.live import LiveScreen
from pdutui.widgets.alarm_counts import NOTHING, Standing
from pdutui.widgets.dressing import DressedApp

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import Actor
    from pdutui.engine.events import Severity
    from pdutui.engine.view import InFlight
    from pdutui.screens import wishes
    from pdutui.screens.alarm_desk import AlarmDesk
    from pdutui.screens.desk import CommandDesk
    from pdutui.screens.finding import FleetIndex
    from pdutui.screens.fleet_desk import FleetMemory
    from pdutui.screens.history import HistoryScreen
    from pdutui.screens.lock_desk import LockDesk
    from pdutui.screens.pdu import PduScreen
    from pdutui.screens.plan_desk import PlanDesk
    from pdutui.screens.port import EnginePort
    from pdutui.screens.wall_desk import WallDesk
    from pdutui.settings import Settings, UiSettings
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.sheet import Sheet


class AskingApp(DressedApp):
    """Answers what screens ask for.

    Args:
        ui: What the configuration says of colours and the theme.
        own_themes: The folder of the user's themes; None without one.
        env: The environment.
    """

    settings: Settings
    clock: Clock
    actor: Actor
    glyphs: GlyphSet
    pdus: tuple[str, ...]
    console_screen: PduScreen
    """The one at the bottom of all."""

    def __init__(self, ui: UiSettings, own_themes: Path | None, env: Mapping[str, str]) -> None:
        super().__init__(ui, own_themes, env)
        self._env = env
        self._engine: EnginePort | None = None
        self._locks: LockDesk | None = None
        self.plan_desk: PlanDesk | None = None
        self.wall: WallDesk | None = None
        """What turns the pages of a kiosk; None for a console that people work at."""
        self._index: FleetIndex | None = None
        self.alarm_desk: AlarmDesk | None = None
        """Nothing is known of alarms before there is one."""
        self.fleet_memory: FleetMemory | None = None
        """What was chosen on the fleet screen, once it has been open."""

    @cached_property
    def _desk(self) -> CommandDesk:
        """Who asks before something is switched."""
        from pdutui.screens.desk import CommandDesk

        return CommandDesk(self._console)

    @property
    def _console(self) -> PduApp:
        """The console that this is, for those who are told of it."""
        return cast("PduApp", self)

    @property
    def env(self) -> Mapping[str, str]:
        """The environment."""
        return self._env

    def spawn(self, work: Coroutine[object, object, None], what: str) -> None:
        """Background work; `description` keeps arguments, secrets among them, off the screen."""
        self.run_worker(work, name=what, description=what, exit_on_error=True)

    def live_screens(self) -> list[LiveScreen]:
        """Every whole screen, the one on top last."""
        return [screen for screen in self.screen_stack if isinstance(screen, LiveScreen)]

    @property
    def page(self) -> tuple[str, str]:
        """The whole screen that is looked at, and the PDU that all of it is about."""
        top = self.live_screens()[-1]
        if top is self.console_screen:
            return "", self.console_screen.pdu
        about = top.looked_at if top.DOOR == "history" else None
        return top.DOOR or type(top).__name__, about[0] if about is not None else ""

    @property
    def first_rows(self) -> int:
        """The alarm banner, and the top line, which has the clock."""
        return 1 + self.live_screens()[-1].alarm_rows(self.size.height)

    def make_keymap(self, keys: Mapping[str, tuple[str, ...]]) -> Keymap:
        """The keys as the user has them; in a kiosk what is left of them."""
        if not self.settings.kiosk.on:
            return Keymap(keys)
        from pdutui.keys.wall import WallKeymap

        return WallKeymap(keys)

    def wear_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Other keys from now on: of every screen, of hints and help.

        Args:
            keys: `Settings.keys`.
        """
        self.keymap = self.make_keymap(keys)
        for screen in self.screen_stack:
            if isinstance(screen, Keyed):
                screen.wear_keys()
                screen.update()
            if isinstance(screen, LiveScreen):
                screen.show_alarms()  # it names a key

    @property
    def index(self) -> FleetIndex:
        """The names of the fleet, to find things by."""
        assert self._engine is not None, "nothing is looked for before there is an engine"
        if self._index is None:
            from pdutui.screens.finding import FleetIndex

            self._index = FleetIndex(self._engine, lambda: self.console_screen.device_map)
        return self._index

    # desks

    def plans(self, engine: EnginePort) -> PlanDesk:
        """What deals with plans; made when it is first asked for."""
        if self.plan_desk is None:
            from pdutui.screens.plan_desk import PlanDesk

            self.plan_desk = PlanDesk(self._console, engine)
        return self.plan_desk

    def _lock_desk(self, engine: EnginePort) -> LockDesk:
        if self._locks is None:
            from pdutui.screens.lock_desk import LockDesk

            self._locks = LockDesk(self._console, engine)
        return self._locks

    def alarms_of(self, engine: EnginePort) -> AlarmDesk:
        """What deals with alarms; made, and begun, when it is first asked for."""
        if self.alarm_desk is None:
            from pdutui.screens.alarm_desk import AlarmDesk

            self.alarm_desk = AlarmDesk(self._console, engine)
            self.alarm_desk.begin()
        return self.alarm_desk

    # alarms

    @property
    def standing(self) -> Standing:
        """What is to be seen of alarms on every screen."""
        return NOTHING if self.alarm_desk is None else self.alarm_desk.standing

    def paint_alarm(self, row: Sheet, *, past: bool) -> None:
        """Draw the alarm banner into its row."""
        if self.alarm_desk is not None:
            self.alarm_desk.paint(row, past=past)

    def ring(self) -> None:
        """The terminal's bell."""
        if self._driver is not None:
            self._driver.write("\a")

    def notice(self, text: str, severity: Severity = "info") -> None:
        """Say something for a while, on the screen that is looked at."""
        self.live_screens()[-1].notice(text, severity)

    # switching

    def on_pdu_screen_wanted(self, message: wishes.Wanted) -> None:
        """Ask the gate, then the person, then the gate again. One question at a time."""
        engine = self._engine
        if engine is not None and not self._asking():
            self._desk.want(engine, message.pdu, message.outlet, message.action)

    def _asking(self) -> bool:
        """Whether nothing may be asked: keys typed ahead must not lay one dialog under another.

        Nor is anything switched from a console that nobody sees: under a chart, under a replay.
        Nor from a kiosk, whatever asks.
        """
        return self.settings.kiosk.on or self.in_dialog() or self.console_screen.buried

    def in_dialog(self) -> bool:
        """Whether a dialog is open, whatever lies on it."""
        from pdutui.screens.dialog import Dialog

        return any(isinstance(screen, Dialog) for screen in self.screen_stack)

    def on_pdu_screen_plan_wanted(self, message: wishes.PlanWanted) -> None:
        """Ask for all that is marked."""
        if self._engine is not None and not self._asking():
            self.plans(self._engine).want(message.action)

    def on_pdu_screen_plans_wanted(self, message: wishes.PlansWanted) -> None:
        """Show the plans."""
        if self._engine is not None and not self._asking():
            self.plans(self._engine).open()

    def on_pdu_screen_menu_wanted(self, message: wishes.MenuWanted) -> None:
        """Show what the device can do."""
        if self._engine is not None and not self._asking():
            self._desk.menu(self._engine, message.pdu, message.outlet)

    def on_pdu_screen_rename_wanted(self, message: wishes.RenameWanted) -> None:
        """Ask for a name and keep it."""
        if self._engine is not None and not self._asking():
            from pdutui.screens.doors import ask_name

            ask_name(self._console, self._engine, message.pdu, message.outlet)

    def on_pdu_screen_history_wanted(self, message: wishes.HistoryWanted) -> None:
        """Show the past."""
        if self._engine is not None and not self._asking():
            from pdutui.screens.doors import open_history

            open_history(self._console, self._engine, message.pdu, message.subject)

    def on_history_screen_replay_wanted(self, message: HistoryScreen.ReplayWanted) -> None:
        """Show the console as it was at a moment, on top of this one."""
        if self._engine is not None:
            from pdutui.screens.replay_desk import replay_wanted

            replay_wanted(self._console, self._engine, message.pdu, message.at_ms)

    # the rest of the keys

    def in_flight(self) -> list[InFlight]:
        """Commands that have not ended, on any PDU."""
        if self._engine is None:
            return []
        views = map(self._engine.view, self._engine.pdus)
        return [flight for view in views for flight in view.in_flight.values()]

    async def action_quit(self) -> None:
        """Leave; ask first while a command is under way, or a plan."""
        from pdutui.screens.doors import leave

        leave(self._console)

    def action_door(self, name: str) -> None:
        """Open a whole screen in the place of the one on top, or go back to it."""
        if self._engine is not None and not self.in_dialog():
            from pdutui.screens.doors import go_to

            go_to(self._console, self._engine, name)

    def action_wall(self, what: str) -> None:
        """A key of a kiosk."""
        if self.wall is not None:
            self.wall.do(what)

    def action_help(self) -> None:
        """The keys."""
        from pdutui.screens.doors import open_help

        open_help(self._console)

    def action_lock(self) -> None:
        """Lock the console, or ask what opens it."""
        if self._engine is not None and not self.in_dialog():
            self._lock_desk(self._engine).turn()

    def watch_the_time(self, engine: EnginePort) -> None:
        """Lock the console when nobody has touched it for as long as is configured."""
        self._lock_desk(engine).watch()

    def action_reload(self) -> None:
        """Read the configuration again."""
        if not self.reread():
            from pdutui.screens.reload import NOTHING_TO_READ

            self.notice(NOTHING_TO_READ, "warning")

    def reread(self) -> bool:
        """Begin to read the configuration again; False where there is none that could be."""
        if self._engine is None:
            return False
        from pdutui.screens.reload import reload

        return reload(self._console, self._engine)

    def action_connect(self) -> None:
        """Try a device out that is not configured."""
        from pdutui.screens.doors import open_connect

        open_connect(self._console)

    def action_command_palette(self) -> None:
        """All commands."""
        from pdutui.screens.doors import open_palette

        open_palette(self._console, self.live_screens()[-1], in_dialog=self.in_dialog())
