"""What the screens of a PDU share: they hear the engine, and may lie under one another.

Above the panels of each stands the alarm banner, while one is to stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import ModalScreen, Screen

from pdutui.screens.keyed import Keyed
from pdutui.screens.once import ClosingOnce

if TYPE_CHECKING:
    from textual.command import Provider

    from pdutui.app import PduApp
    from pdutui.engine.events import EngineEvent, Severity
    from pdutui.screens.panel_layout import Places
    from pdutui.screens.wall_desk import WallDesk
    from pdutui.widgets.alarm_counts import Standing
    from pdutui.widgets.inks import Inks
    from pdutui.widgets.layout import Rect
    from pdutui.widgets.sheet import Sheet

ALARM_FROM = 4
"""Rows that a screen must have for an alarm banner; fewer, and the badge has to do."""


class LiveScreen(Keyed, ClosingOnce[None], Screen[None]):
    """A whole screen, no dialog."""

    DOOR: ClassVar[str] = ""
    """The id of the key that opens it from every other; empty for none."""
    WALLED: ClassVar[bool] = True
    """On a wall it has large figures, where there are any, and the wall's foot."""
    BANNER_ROWS: ClassVar[int] = 0
    """So many rows at its top, below an alarm banner, no dialog may cover."""

    def __init__(self) -> None:
        super().__init__()
        self._banner: Sheet | None = None
        """Made when the first alarm is to be shown here."""
        self._alarmed = 0
        """How many rows the alarm banner had when it was looked last."""
        self.band = 0
        """How many rows of large figures a wall drew on it last."""

    def news(self, event: EngineEvent) -> None:
        """Something happened."""
        raise NotImplementedError

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        raise NotImplementedError

    def notice(self, text: str, severity: Severity = "info") -> None:
        """Say something for a while."""
        raise NotImplementedError

    @property
    def looked_at(self) -> tuple[str, str] | None:
        """The PDU that is looked at here, and the part of it as series begin; None for none."""
        return None

    @property
    def typing(self) -> bool:
        """Whether a filter is being typed: its line has the keys."""
        return False

    def commands(self) -> type[Provider] | None:
        """What the palette offers on it; None for the console's own commands."""
        return None

    def other_room(self) -> None:
        """The panels have a row more or less than before."""

    @property
    def is_mounted(self) -> bool:
        """Whether it can be drawn: its panels are there, and it is not being taken down.

        Timers and news reach a screen that has been left until the last of it is gone.
        """
        return super().is_mounted and not self._pruning

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key does anything any more once it is being taken down: some were typed ahead."""
        return False if self._pruning else super().check_action(action, parameters)

    @property
    def buried(self) -> bool:
        """Whether another whole screen lies on this one, so that nobody sees it.

        A dialog lets it be seen.
        """
        if not self.is_attached or self not in self.app.screen_stack:
            return False
        stack = self.app.screen_stack
        return any(not isinstance(s, ModalScreen) for s in stack[stack.index(self) + 1 :])

    # alarms

    @property
    def standing(self) -> Standing:
        """What stands of the alarms."""
        return cast("PduApp", self.app).standing

    def alarm_rows(self, height: int) -> int:
        """How many rows of a height the alarm banner has: 0 or 1."""
        return int(height >= ALARM_FROM and self.standing.banner is not None)

    @property
    def kept_rows(self) -> int:
        """So many rows at the top no dialog may cover."""
        return self.alarm_rows(self.size.height) + self.BANNER_ROWS

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows that the panels have."""
        width, height = self.size
        height = max(0, height - self.alarm_rows(height))
        wall = self._wall
        return width, height if wall is None else height - wall.band_rows(self, width, height)

    # a wall

    @property
    def _wall(self) -> WallDesk | None:
        return cast("PduApp", self.app).wall

    def walled(self, places: Places) -> Places:
        """The places of the panels, on a wall with what it puts around them."""

        def placed(width: int, height: int) -> dict[str, Rect]:
            wall = self._wall
            if wall is None:
                return places(width, height)
            return wall.placed(self, places, width, height)

        return placed

    def redraw_band(self) -> None:
        """Let a wall's large figures say what the panels say."""
        if self._wall is not None:
            self._wall.paint_band(self)

    def show_alarms(self) -> None:
        """Draw the alarm banner, or take it away."""
        if not self.is_mounted or self.buried:
            return
        rows = self.alarm_rows(self.size.height)
        if rows != self._alarmed:
            self._alarmed = rows
            if rows and self._banner is None:
                from pdutui.screens.alarm_row import AlarmRow

                self._banner = AlarmRow()
                self.mount(self._banner)
            else:
                # Through a child: that is what makes Textual forget the places it has kept.
                next(iter(self.children)).refresh(layout=True)
            self.other_room()
        if rows and self._banner is not None:
            cast("PduApp", self.app).paint_alarm(self._banner, past=self.BANNER_ROWS > 0)

    def on_mount(self) -> None:
        """An alarm may stand already."""
        if self._wall is not None:
            self._wall.dress(self)
        self.show_alarms()

    def on_screen_resume(self) -> None:
        """So may one that came while something lay on this screen."""
        self.show_alarms()

    def on_resize(self) -> None:
        """What is too low has no banner."""
        self.show_alarms()
