"""Trying themes on in the palette: the one that is pointed at is worn, until the palette closes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from pdutui.app import PduApp

SETTLED_S = 0.12
"""So long an entry is pointed at before its theme is tried on: a held arrow key tries none."""


class ThemeTrial:
    """What was worn before, and what is tried on.

    Args:
        app: Who wears it.
        later: Sets a timer: seconds, and what is called then.
    """

    def __init__(self, app: PduApp, later: Callable[[float, Callable[[], object]], Timer]) -> None:
        self._app, self._later = app, later
        self._before = app.theme
        self._timer: Timer | None = None

    def pointed_at(self, command: Callable[..., object] | None) -> None:
        """An entry is pointed at: a theme is tried on, anything else takes it off again."""
        if self._timer is not None:
            self._timer.stop()
        wanted = self._theme_of(command) or self._before
        self._timer = self._later(SETTLED_S, lambda: self._try_on(wanted))

    def ended(self, chosen: Callable[..., object] | None) -> None:
        """The palette closes; a theme that was chosen stays, and how to keep it is said."""
        if self._timer is not None:
            self._timer.stop()
        theme = self._theme_of(chosen)
        if theme is None:
            self._try_on(self._before)
            return
        from pdutui.config_env import config_path

        file = self._app.settings.config_path or config_path(None, self._app.env)[0]
        self._try_on(theme)
        self._app.notice(f'Theme {theme}; to keep it: theme = "{theme}" under [ui] in {file}')

    def _try_on(self, theme: str) -> None:
        if self._app.theme != theme and theme in self._app.available_themes:
            self._app.wear(theme)

    def _theme_of(self, command: Callable[..., object] | None) -> str | None:
        if isinstance(command, partial) and command.func == self._app.wear:
            name: str = command.args[0]
            return name
        return None
