"""The app that is there when nothing is configured.

It has no engine and is up at once. What is chosen on it leads into the console, which is another
app in the same process: the one ends, and the other takes the terminal over.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen

from pdutui.config_errors import ConfigError
from pdutui.engine.trial import Trial, pdu_of
from pdutui.keys.keymap import Keymap
from pdutui.screens.first_steps import Choice, FirstSteps
from pdutui.screens.welcome import WelcomeScreen, short
from pdutui.widgets import glyphs
from pdutui.widgets.dressing import DressedApp

if TYPE_CHECKING:
    from pdutui.app import PduApp


class WelcomeApp(DressedApp):
    """Shows the ways to begin. What was chosen stands in `steps` when it has ended.

    Args:
        steps: what it may do.
    """

    TITLE = "pdutui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "quit", show=False),
    ]

    def __init__(self, steps: FirstSteps) -> None:
        settings, env = steps.settings, steps.env
        super().__init__(settings.ui, steps.file.parent / "themes", env)
        self.steps = steps
        self.keymap = Keymap(settings.keys)
        self.glyphs = glyphs.choose(settings.ui.glyphs, env, glyphs.terminal_encoding(env))
        self._first = WelcomeScreen(self)

    @property
    def state(self) -> str:
        """Why it is here."""
        file = short(self.steps.file)
        if self.steps.written:
            return f"The configuration is there: {file}"
        if self.steps.there:
            return f"There is no PDU in the configuration yet: {file}"
        return f"There is no configuration yet: {file} is not there"

    def get_default_screen(self) -> Screen[Any]:
        """The entries; dialogs lie on them."""
        return self._first

    def get_driver_class(self) -> type[Driver]:
        """The driver of the console, which survives its terminal."""
        if os.name != "posix" or os.environ.get("TEXTUAL_DRIVER"):
            return super().get_driver_class()
        from pdutui.widgets.driver import SafeDriver

        return SafeDriver

    def on_mount(self) -> None:
        """Say what is wrong with the theme that is wanted."""
        if self.theme_problems:
            self._first.say(self.theme_problems[0], "warning")

    def reread(self) -> bool:
        """There is nothing to be read again: a hangup is the end."""
        return False

    def action_help(self) -> None:
        """The keys."""
        from pdutui.screens.doors import open_help

        open_help(cast("PduApp", self))

    async def action_quit(self) -> None:
        """Leave."""
        self.leave("quit")

    def leave(self, choice: Choice) -> None:
        """End, and have that follow."""
        self.steps.choice = choice
        self.exit(0)

    def chosen(self, name: str) -> None:
        """Do what an entry says."""
        if name == "demo":
            self.leave("demo")
        elif name == "open":
            self.leave("configured")
        elif name == "quit":
            self.leave("quit")
        elif name == "template":
            self._write_template()
        elif name == "host":
            self._try_host()
        elif name == "search":
            self._search()

    def _write_template(self) -> None:
        steps = self.steps
        try:
            steps.write_template()
        except ConfigError as error:
            self._first.say(error.problems[0], "warning")
            return
        text = f"Written: {steps.file}. Its PDUs are examples: put your own in their place."
        self._first.say(text)
        self._first.first()

    def _try_host(self) -> None:
        from pdutui.screens.connect import ConnectScreen

        self.push_screen(
            ConnectScreen(
                clock=self.steps.clock,
                config_path=self.steps.file,
                profile_dir=self.steps.settings.profile_dir,
                said=self._first.say,
                added=self._added,
                show=self._show,
                inks=self.inks,
                glyphs=self.glyphs,
            )
        )

    def _show(self, trial: Trial) -> None:
        """Open the console with a device as it was tried, without writing anything."""
        self.steps.device = pdu_of(trial)
        self.leave("device")

    def _added(self) -> bool:
        """Something is in the configuration by now: open the console with it."""
        self.steps.written = True
        self.leave("configured")
        return True

    def _search(self) -> None:
        from pdutui.screens.search import SearchScreen

        gc.enable()  # the start has it switched off, and a search may take minutes
        self.push_screen(
            SearchScreen(
                clock=self.steps.clock,
                config_path=self.steps.file,
                profile_dir=self.steps.settings.profile_dir,
                env=self.steps.env,
                written=lambda names: self._added(),
                inks=self.inks,
                glyphs=self.glyphs,
            )
        )
