"""What a wall puts around every screen: large figures above its panels, and a foot of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
from pdutui.keys.wall import KEYS
from pdutui.screens.live import LiveScreen
from pdutui.screens.panel_layout import Places
from pdutui.screens.port import EnginePort
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.layout import Rect
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.wall_band import fit, needs_of, room_for, wall_band
from pdutui.widgets.wall_figures import Figure, fleet_figures, pdu_figures
from pdutui.widgets.wall_foot import Foot, wall_foot

if TYPE_CHECKING:
    from pdutui.app import PduApp

BAND, FOOT = "wall-band", "wall-foot"
"""The ids of the two."""
_TURNING = ("wall.pause", "wall.next")


class WallFrame:
    """Draws both on whatever screen is up.

    Args:
        app: The console.
        engine: What is shown.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        self._app, self._engine = app, engine

    def dress(self, screen: LiveScreen) -> None:
        """Give a screen its foot and its band; it is laid out anew by that."""
        if screen.WALLED and screen.is_attached and not screen.query(f"#{FOOT}"):
            screen.mount(Sheet(id=BAND), Sheet(id=FOOT))
            self._app.call_after_refresh(self.tick)

    def tick(self) -> None:
        """Look at everything, and draw."""
        raise NotImplementedError

    # places

    def placed(
        self, screen: LiveScreen, places: Places, width: int, height: int
    ) -> dict[str, Rect]:
        """The places of a screen's panels, of the band and of the foot.

        The band is below the first row, which says what is shown; the foot is where the hints are.
        """
        if not screen.WALLED:
            return places(width, height)
        band = self.band_rows(screen, width, height)
        found = places(width, height - band)
        if band:
            found = {
                name: Rect(r.x, r.y + band, r.width, r.height) if r.y else r
                for name, r in found.items()
            }
            found[BAND] = Rect(0, 1, width, band)
        hints = found.pop("hints", None)
        if hints is not None:
            found[FOOT] = hints
        return found

    def band_rows(self, screen: LiveScreen, width: int, height: int) -> int:
        """Rows of large figures on a screen of this size; 0 for none."""
        figures = self._figures(screen)
        found = fit(needs_of(figures), width, room_for(height)) if figures else None
        return found.rows if found is not None else 0

    def _figures(self, screen: LiveScreen) -> tuple[Figure, ...]:
        app = self._app
        if not (app.settings.kiosk.big and screen.WALLED):
            return ()
        now = app.clock.now().astimezone()
        if screen is app.console_screen:
            return pdu_figures(self._engine.view(app.console_screen.pdu), now)
        if screen.DOOR == "fleet":
            from pdutui.screens.fleet import FleetScreen

            if isinstance(screen, FleetScreen):
                return fleet_figures(screen.totals, app.standing, now)
        return ()

    # drawing

    def figures_changed(self, event: EngineEvent) -> None:
        """A reading of the PDU that is shown large is shown at once; a fleet once a second."""
        if isinstance(event, ReadingArrived | HealthChanged):
            screen = self._app.console_screen
            if self._app.live_screens()[-1] is screen and event.pdu == screen.pdu:
                self.paint_band(screen)

    def paint(self, foot: Foot) -> None:
        """Draw both; what is the same sends nothing."""
        app = self._app
        screen = app.live_screens()[-1]
        self.paint_band(screen)
        found = screen.query(f"#{FOOT}")
        if not found:
            return
        keys = app.keymap
        hints = [
            Hint(keys.shown(key), key.does, rank)
            for rank, key in enumerate(reversed(KEYS))
            if key.does and keys.shown(key) and not (foot.still and key.id in _TURNING)
        ]
        inks, glyphs = app.inks, app.glyphs
        found.first(Sheet).paint(
            lambda width, _: [wall_foot(foot, hints[::-1], inks, glyphs, width)], inks
        )

    def paint_band(self, screen: LiveScreen) -> None:
        """Draw the large figures of a screen."""
        found = screen.query(f"#{BAND}")
        if not found:
            return
        width, height = screen.size
        height -= screen.alarm_rows(height)
        rows = self.band_rows(screen, width, height)
        if rows != screen.band:
            screen.band = rows
            # Through a child: that is what makes Textual forget the places it has kept.
            next(iter(screen.children)).refresh(layout=True)
            screen.other_room()
        if rows:
            figures, inks, glyphs = self._figures(screen), self._app.inks, self._app.glyphs
            found.first(Sheet).paint(
                lambda width, rows: wall_band(figures, inks, glyphs, width, rows), inks
            )
