"""What whole screens made of sheets share: places, a second hand, a notice, another theme."""

from __future__ import annotations

from textual.layout import Layout

from pdutui.domain.clock import Clock
from pdutui.engine.events import Severity
from pdutui.screens.live import LiveScreen
from pdutui.screens.notices import Notices
from pdutui.screens.panel_layout import PanelLayout
from pdutui.screens.sparing import Sparing
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.sheet import Sheet

SOON_S = 0.2
"""News are shown after so long, many of them at once."""


class SheetScreen(LiveScreen):
    """Draws all of its panels in `update`, each second and whenever something happened.

    Args:
        clock: For how long a notice stands.
        glyphs: What is drawn with.
        inks: The colours.
    """

    def __init__(self, *, clock: Clock, glyphs: GlyphSet, inks: Inks) -> None:
        super().__init__()
        self.glyphs, self.inks = glyphs, inks
        self._notices = Notices(clock)
        self._sparing = Sparing(clock)
        self._due = False
        """Something happened that is not drawn yet."""
        self._panels = PanelLayout(self.walled(self._places), self.alarm_rows)

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        """Where the panels are, by their ids."""
        raise NotImplementedError

    def _passed(self) -> None:
        """A second passed while somebody could see this screen; it is drawn after this."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        """Places by rectangles, not by CSS."""
        return self._panels

    def on_resize(self) -> None:
        """Another size has other panels."""
        self.update()

    def other_room(self) -> None:
        """So has a row less."""
        self.update()

    def on_screen_suspend(self) -> None:
        """A dialog opens: no key is offered that would do nothing."""
        self.call_later(self.update)

    def on_screen_resume(self) -> None:
        """What happened while another screen lay on this one is caught up with."""
        self.tick()

    def tick(self) -> None:
        """A second passed."""
        self._due = False
        if not self.buried and self.is_mounted:
            self._notices.passed()
            self._passed()
            self.update()

    def soon(self) -> None:
        """Something happened: look and draw in a moment.

        Where much happens at once, a machine that is too slow for its polls above all, it takes a
        tenth of the time at most: drawing each of three hundred PDUs that are late makes more late.
        """
        if not self._due and self.is_mounted and not self.buried:
            self._due = True
            self.set_timer(max(SOON_S, self._sparing.wait_s), self._draw_soon)

    def _draw_soon(self) -> None:
        if self._due and self.is_mounted:
            self._sparing.run(self.tick)

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        self.inks = inks
        self.update()

    def notice(self, text: str, severity: Severity = "info") -> None:
        """Say something for a while."""
        self._notices.say(text, severity)
        self.update()

    def _sheet(self, name: str) -> Sheet:
        return self.query_one(f"#{name}", Sheet)
