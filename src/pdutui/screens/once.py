"""Screens that close once, and only themselves."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Answer = TypeVar("Answer")


class ClosingOnce(Generic[Answer]):
    """Stands before `Screen` among the bases; its `dismiss` can be called again without harm.

    Textual takes away whatever is on top, whichever screen asks for it. Keys that were typed ahead
    reach a screen that has closed already, or one that another lies on by now: a second escape
    would close what is below, and end the console where nothing is.
    """

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with a result; nothing unless this screen is the one on top."""
        screen = cast("Screen[Answer]", self)
        if screen.is_attached and screen.app.screen is screen:
            return Screen.dismiss(screen, result)
        return AwaitComplete()
