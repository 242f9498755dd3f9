"""The console: wiring of engine, screens and terminal. What it shows is drawn in `widgets`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from rich.text import Text
from textual.binding import Binding, BindingsMap, BindingType
from textual.driver import Driver
from textual.events import Event
from textual.message import Message
from textual.screen import ModalScreen, Screen

from pdutui.domain.devicemap import DeviceMap
from pdutui.engine.events import EngineEvent, ReadingArrived, SettingsChanged
from pdutui.engine.view import PduInfo
from pdutui.screens.asking import AskingApp
from pdutui.screens.pdu import PduScreen
from pdutui.widgets import glyphs

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import Actor
    from pdutui.screens.port import EnginePort
    from pdutui.settings import Settings
    from pdutui.widgets.wardrobe import News

LOG = logging.getLogger("pdutui.console")
REPAINT_EVERY_S = 300.0
"""A whole repaint now and then, for what something else wrote to the terminal."""
LOG_FILE = "pdutui.log"
FIRST_FRAME_S = 0.05
"""The longest that the first frame waits for figures; longer, and it says that it is connecting."""
PLANS_AFTER_S = 0.25
"""Plans are looked at so long after the engine has started."""
SETTLED_S = 1.0
"""By then everything is loaded and the first figures are up."""

Opening: TypeAlias = "Callable[[], AbstractAsyncContextManager[EnginePort]]"
"""Makes the engine: entered after the first frame is up, left when the console closes."""


class CannotStart(Exception):
    """The engine cannot be made; the text is for people, the code is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class EngineNews(Message):
    """An event of the engine, one message each."""

    def __init__(self, event: EngineEvent) -> None:
        super().__init__()
        self.event = event


class PduApp(AskingApp):
    """The console.

    Args:
        engine: The engine, or what makes it once the first frame is up.
        settings: The configuration.
        clock: For ages, the time of day, and the guard of the confirm dialog.
        actor: Who is at the keyboard.
        env: The environment: TERM and NO_COLOR are looked at.
        replay_at: The engine is a `ReplaySession` that begins there; None for the live console.
    """

    TITLE = "pdutui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "quit", show=False),
    ]

    def __init__(
        self,
        engine: EnginePort | Opening,
        settings: Settings,
        *,
        clock: Clock,
        actor: Actor,
        env: Mapping[str, str] | None = None,
        replay_at: datetime | None = None,
    ) -> None:
        beside = settings.profile_dir or settings.config_path
        own_themes = beside.parent / "themes" if beside else None
        super().__init__(settings.ui, own_themes, os.environ if env is None else env)
        self._opening: Opening = engine if callable(engine) else lambda: nullcontext(engine)
        self._exits = AsyncExitStack()
        self._unsubscribe: Callable[[], None] | None = None
        self._stopped = False
        self._figures = asyncio.Event()
        self.settings, self.clock, self.actor = settings, clock, actor
        self.keymap = self.make_keymap(settings.keys)
        if settings.kiosk.on:  # what is not bound cannot be pressed
            self._bindings = BindingsMap()
        self.pdus: tuple[str, ...] = tuple(pdu.name for pdu in settings.pdus)
        encoding = glyphs.terminal_encoding({} if settings.ui.served else self._env)
        self.glyphs = glyphs.choose(settings.ui.glyphs, self._env, encoding)
        self._problems = [*settings.warnings, *self.theme_problems]
        self.console_screen = self._make_screen(replay_at)

    # life

    def wear(self, theme: str) -> None:
        """Put on another theme."""
        super().wear(theme)
        for screen in self.live_screens():
            screen.dress(self.inks)
            screen.show_alarms()

    def told_of_themes(self, news: News, *, worn: bool) -> None:
        """Say what is wrong with a theme file, or that it was put on anew."""
        for problem in (*news.problems, *news.warnings):
            LOG.warning("%s", problem)
        if news.problems or news.warnings:
            self.notice((*news.problems, *news.warnings)[0], "warning")
        elif worn:
            self.notice(f"Theme {self.theme} was put on anew")

    def _make_screen(self, replay_at: datetime | None) -> PduScreen:
        first = self.settings.pdus[0] if self.settings.pdus else None
        info = PduInfo(
            name=first.name if first else "pdutui",
            address=(first.host or first.backend) if first else "",
            feed=first.feed if first else None,
            location=first.location if first else None,
            read_only=self.settings.control.read_only,
        )
        if replay_at is None:
            return PduScreen(info, clock=self.clock, glyphs=self.glyphs, inks=self.inks)
        from pdutui.screens.replay import ReplayScreen

        return ReplayScreen(
            info, at=replay_at, clock=self.clock, glyphs=self.glyphs, inks=self.inks, alone=True
        )

    def get_default_screen(self) -> Screen[Any]:
        """The PDU screen is the first and only one; dialogs lie on it."""
        return self.console_screen

    def get_driver_class(self) -> type[Driver]:
        """The driver that survives its terminal, unless the environment names another."""
        if os.name != "posix" or os.environ.get("TEXTUAL_DRIVER"):
            return super().get_driver_class()
        from pdutui.widgets.driver import SafeDriver

        return SafeDriver

    async def on_load(self) -> None:
        """The engine starts before the first frame, so that a fast device's figures are in it."""
        # Not a worker: those wait for the app to be up.
        self._starting = asyncio.create_task(self._start_engine(), name="engine start")
        self._starting.add_done_callback(self._started)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_FRAME_S):
                await self._figures.wait()

    def _started(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._handle_exception(error)

    def on_mount(self) -> None:
        """Say what went wrong so far, and begin what goes on for ever."""
        for problem in self._problems:
            LOG.warning("%s", problem)
        if self._problems:
            self.console_screen.notice(self._problems[0], "warning")
        if not self._diffing:
            LOG.warning("this Textual is not the one the cell diff knows: doing without")
        self.set_interval(REPAINT_EVERY_S, self.repaint)
        self.set_timer(SETTLED_S, settle)
        self.set_timer(SETTLED_S, self.watch_theme_files)

    async def _start_engine(self) -> None:
        try:
            engine = await self._exits.enter_async_context(self._opening())
        except CannotStart as error:
            self.exit(return_code=error.code, message=Text(f"pdutui: {error}"))
            return
        self._engine = engine
        self.pdus = engine.pdus
        self._unsubscribe = engine.subscribe(self._hear)
        self.console_screen.device_map = DeviceMap(self.settings.cords)
        self.console_screen.attach(engine)
        await engine.start()
        if self.settings.control.lock.at_start or self.settings.control.lock.after_s > 0:
            await self._lock_desk(engine).begin()
        self.console_screen.update()
        begin = self._begin_wall if self.settings.kiosk.on else self._begin_plans
        self.spawn(begin(engine), "beginning")

    async def _begin_plans(self, engine: EnginePort) -> None:
        """See what plans there are, once the first figures are up."""
        if self.settings.ui.start == "fleet":
            self.call_after_refresh(self.action_door, "fleet")
        shown = asyncio.Event()
        self.call_after_refresh(shown.set)
        await shown.wait()  # what is loaded here must not come before the first frame
        await asyncio.sleep(PLANS_AFTER_S)
        if not self.console_screen.is_past:
            self.alarms_of(engine)
            await self.plans(engine).begin()

    async def _begin_wall(self, engine: EnginePort) -> None:
        """Turn the pages; nothing else of a console is a wall's."""
        from pdutui.screens.wall_desk import WallDesk

        self.alarms_of(engine)
        self.wall = WallDesk(self, engine)
        self.wall.begin()

    @property
    def deaf(self) -> bool:
        """Whether it goes on without keys where its input has ended."""
        return self.settings.kiosk.on

    async def on_event(self, event: Event) -> None:
        """Whatever is done here, somebody is there."""
        if self.wall is not None:
            self.wall.touched(event)
        if self._locks is not None:
            self._locks.heard(event)
        await super().on_event(event)

    def _hear(self, event: EngineEvent) -> None:
        """Called by the engine in the event loop: becomes one message.

        But for a reading that nothing on the screen is of: it is only taken down. In a room of
        hundreds these are nearly all there is, and a message costs more than such a reading.
        """
        if isinstance(event, ReadingArrived):
            self._figures.set()
            if self._out_of_sight(event.pdu):
                for screen in self.live_screens():
                    screen.news(event)
                return
        self.post_message(EngineNews(event))

    def _out_of_sight(self, pdu: str) -> bool:
        """Whether a reading changes nothing that is shown before the next second."""
        if not self.screen_stack or pdu == self.console_screen.pdu:
            return False
        return not isinstance(self.screen, ModalScreen)

    async def on_unmount(self) -> None:
        """Stop polling, wait for a command in flight, flush: whatever ended the console."""
        if self._stopped:
            return
        self._stopped = True
        if self.wall is not None:
            self.wall.end()
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._engine is not None:
            await self._engine.stop()
        await self._exits.aclose()

    def on_engine_news(self, message: EngineNews) -> None:
        """Show it; an open dialog looks again too."""
        if not self.screen_stack:
            return  # the console closes, and what is still on its way is for nobody
        if self.plan_desk is not None:
            self.plan_desk.heard(message.event)
        if self.alarm_desk is not None:
            self.alarm_desk.heard(message.event)
        for screen in self.live_screens():
            screen.news(message.event)
        if self.wall is not None:
            self.wall.heard(message.event)
        if isinstance(message.event, SettingsChanged):
            from pdutui.screens.reload import told

            told(self, message.event)
        if isinstance(self.screen, ModalScreen):
            from pdutui.screens.dialog import Dialog

            if isinstance(self.screen, Dialog):
                self.screen.news(message.event)

    # the terminal

    def stopped_by(self, error: Exception) -> None:
        """End in good order with one line: Textual's traceback shows locals, secrets among them."""
        LOG.critical("the console stopped: %s", type(error).__name__, exc_info=error)
        self.end_in_words(error, f"More in {self.settings.state_dir / LOG_FILE}.")


def settle() -> None:
    """Collect garbage as usual from now on, and leave alone what was loaded to stay."""
    gc.freeze()
    gc.enable()


def run_console(app: PduApp) -> int:
    """Run the console until it is left. Returns the exit code: 0, 1, 2, 129 hangup, 143 term."""
    return app.run_to_the_end(
        mouse=app.settings.ui.mouse, size_of_terminal=not app.settings.ui.served
    )
