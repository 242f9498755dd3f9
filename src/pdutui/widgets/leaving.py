"""An app that is left in good order, and where no key meets a screen that is not there yet."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from rich.segment import Segments
from rich.text import Text
from textual import events
from textual.app import ScreenError, ScreenStackError
from textual.css.query import NoMatches

from pdutui.widgets.diffing import DiffingApp

LOG = logging.getLogger("pdutui.console")
_HANGUP_CODE = 129
_TAKEN_DOWN = (NoMatches, ScreenError, ScreenStackError)
"""What Textual raises where a part of the screen is looked for that is not there any more."""
_THERE_S, _LOOK_S = 2.0, 0.002
"""So long a key waits for the screen on top to be there, and how often that is looked at."""


class LeavingApp(DiffingApp):
    """Once it is being left, no key counts, and parts that are gone are missed by nobody.

    A screen that was opened a moment ago has no panels yet, and the keys of its class instead of
    those that the user, or a wall, has left of them: what is typed behind the key that opened it
    waits until it is there.
    """

    @property
    def leaving(self) -> bool:
        """Whether somebody has ended it."""
        return self._exit

    async def on_event(self, event: events.Event) -> None:
        """Nothing more is typed or pointed at; a key waits for the screen that it is for."""
        typed = isinstance(event, events.InputEvent | events.Paste)
        if isinstance(event, events.Key) and not self._exit and not await self._there():
            LOG.warning("a key was dropped: the screen on top does not come")
        elif not (self._exit and typed):
            await super().on_event(event)

    async def _there(self) -> bool:
        """Wait for the screen on top to be there; says whether it is."""
        waited_s = 0.0
        while self.is_running and self.screen_stack and not self.screen.is_mounted:
            if waited_s >= _THERE_S:
                return False
            await asyncio.sleep(_LOOK_S)
            waited_s += _LOOK_S
        return True

    async def run_action(self, *args: object, **more: object) -> bool:
        """Nothing more is done by a key that was on its way already."""
        return False if self._exit else await super().run_action(*args, **more)  # type: ignore[arg-type]

    def _handle_exception(self, error: Exception) -> None:
        """A timer or an event may reach a screen that is half taken down: not worth a word."""
        if self._exit and isinstance(error, _TAKEN_DOWN):
            LOG.debug("while leaving: %s", type(error).__name__)
        else:
            self.stopped_by(error)

    def stopped_by(self, error: Exception) -> None:
        """An error that nobody has caught: the app ends."""
        self.end_in_words(error)

    def end_in_words(self, error: Exception, more: str = "") -> None:
        """End in good order with one line: Textual's traceback shows locals, secrets among them.

        Args:
            error: why.
            more: where there is more to be read of it.
        """
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        trace, where = error.__traceback__, ""
        while trace is not None:
            where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
            trace = trace.tb_next
        words = f"pdutui stopped: {type(error).__name__} in {where}. {more}".rstrip()
        if not self._exit_renderables:  # the first says it; Textual would count the others
            self._exit_renderables.append(Segments(self.console.render(Text(words))))
        self._close_messages_no_wait()

    def run_to_the_end(self, *, mouse: bool, size_of_terminal: bool = True) -> int:
        """Run until it is left. Returns the exit code: 0, 1, 2, 129 hangup, 143 terminated.

        Args:
            mouse: whether the mouse is ours.
            size_of_terminal: whether the terminal is believed about its size, and not variables.
        """
        for name in ("COLUMNS", "LINES") if size_of_terminal else ():
            # Exported by some shells: the size would stay what it was when they started.
            os.environ.pop(name, None)
        self.run(mouse=mouse)
        code = self.return_code or 0
        if code == _HANGUP_CODE and os.name == "posix":
            from pdutui.widgets.driver import let_go_of_terminal

            let_go_of_terminal()
        return code
