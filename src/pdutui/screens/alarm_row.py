"""The row above all panels in which an alarm stands; a click on it shows all of them."""

from __future__ import annotations

from pdutui.screens.panel_layout import ALARM
from pdutui.widgets.sheet import Sheet


class AlarmRow(Sheet):
    """The alarm banner."""

    def __init__(self) -> None:
        super().__init__(id=ALARM)

    async def on_click(self) -> None:
        """Show the alarms."""
        await self.run_action("app.door('alarms')")
