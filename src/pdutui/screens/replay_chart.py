"""The history chart of a replay: what was known at the moment, marked as what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from textual.app import ComposeResult

from pdutui.keys.replay import CHART
from pdutui.screens.history import HistoryScreen
from pdutui.screens.history_view import HistoryScene
from pdutui.screens.keyed import bindings
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.layout import Rect
from pdutui.widgets.replay_banner import banner, below
from pdutui.widgets.scene import Replay
from pdutui.widgets.sheet import Sheet


class PastHistoryScreen(HistoryScreen, inherit_bindings=False):
    """The history screen over the session of a replay, whose moment is its present.

    Args:
        replay: How the replay is going, asked with every picture.
        more: As of the history screen.
    """

    DOOR = ""
    BANNER_ROWS = 1
    TABLE = CHART
    BINDINGS = bindings(CHART)

    def __init__(self, *args: Any, replay: Callable[[], Replay], **more: Any) -> None:
        super().__init__(*args, **more)
        self._replay = replay

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return below(super()._places(width, height - 1), width, height)

    def compose(self) -> ComposeResult:
        """The banner, and the panels."""
        yield Sheet(id="banner")
        yield from super().compose()

    @property
    def model(self) -> ChartModel | None:
        """The chart; nothing in it is called live, or now."""
        model = super().model
        if model is None:
            return None
        return replace(model, live=False, as_of_ms=self.desk.now_ms)

    def _hints(self, model: ChartModel | None) -> list[Hint]:
        live = self.keymap.shown("history.live")
        return [
            Hint(live, "moment", hint.rank) if hint.key == live else hint
            for hint in super()._hints(model)
        ]

    def _scene(self) -> HistoryScene:
        return replace(super()._scene(), past=True)

    def _paint(self) -> None:
        super()._paint()
        replay, now, inks, glyphs = self._replay(), self.desk.now, self.inks, self.glyphs
        self.query_one("#banner", Sheet).paint(
            lambda width, _: [banner(replay, now, inks, glyphs, width)], inks
        )

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        super().dress(inks.replayed())
