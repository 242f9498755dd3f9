"""An app that is left in good order, whatever was typed behind the key that ends it."""

from __future__ import annotations

import logging

from textual import events
from textual.app import ScreenError, ScreenStackError
from textual.css.query import NoMatches

from pdutui.widgets.diffing import DiffingApp

LOG = logging.getLogger("pdutui.console")
_TAKEN_DOWN = (NoMatches, ScreenError, ScreenStackError)
"""What Textual raises where a part of the screen is looked for that is not there any more."""


class LeavingApp(DiffingApp):
    """Once it is being left, no key counts, and parts that are gone are missed by nobody."""

    @property
    def leaving(self) -> bool:
        """Whether somebody has ended it."""
        return self._exit

    async def on_event(self, event: events.Event) -> None:
        """Nothing more is typed or pointed at."""
        if not (self._exit and isinstance(event, events.InputEvent | events.Paste)):
            await super().on_event(event)

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
        super()._handle_exception(error)
