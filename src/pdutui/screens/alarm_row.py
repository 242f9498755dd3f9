"""The row above all panels in which an alarm stands; a click on it shows all of them."""

from __future__ import annotations

from pdutui.screens.alarm_desk import PAST
from pdutui.screens.live import LiveScreen
from pdutui.screens.panel_layout import ALARM
from pdutui.widgets.sheet import Sheet


class AlarmRow(Sheet):
    """The alarm banner."""

    def __init__(self) -> None:
        super().__init__(id=ALARM)

    async def on_click(self) -> None:
        """Show the alarms."""
        screen = self.screen
        if isinstance(screen, LiveScreen) and screen.BANNER_ROWS:
            screen.notice(f"{PAST[:1].upper()}{PAST[1:]}")
        else:
            await self.run_action("app.door('alarms')")
