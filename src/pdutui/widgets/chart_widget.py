"""The big history chart on a screen: shows the last finished picture, has the next one drawn."""

from __future__ import annotations

import asyncio

from msgspec import Struct
from textual.events import Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pdutui.engine.boundary import contain
from pdutui.widgets.chart import Picture, picture
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_plot import load
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line, blank


class _Wanted(Struct, frozen=True):
    model: ChartModel
    width: int
    height: int
    inks: Inks
    glyphs: GlyphSet


class ChartWidget(Widget):
    """A chart that is drawn in a thread, one picture at a time.

    What is shown is always one whole picture with its own caption, legend and axis: nothing of an
    older model ever stands below words of a newer one. What was asked for while a picture was
    being made is made next, and only the newest of it.
    """

    ALLOW_SELECT = False

    class Drawn(Message):
        """A picture is finished and shown."""

        def __init__(self, chart: ChartWidget, model: ChartModel) -> None:
            super().__init__()
            self.chart = chart
            self.model = model

        @property
        def control(self) -> ChartWidget:
            """The chart."""
            return self.chart

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._asked: tuple[ChartModel, Inks, GlyphSet] | None = None
        self._shown: Picture | None = None
        self._shown_as: _Wanted | None = None
        self._failed: _Wanted | None = None
        self._busy = False

    @property
    def picture(self) -> Picture | None:
        """What is shown: the model it is of, and where everything stands in it."""
        return self._shown

    @property
    def drawn_model(self) -> ChartModel | None:
        """The model that is shown, which may be older than the one that was asked for."""
        return self._shown.model if self._shown is not None else None

    @property
    def busy(self) -> bool:
        """Whether a newer picture is being made."""
        return self._busy

    def show(self, model: ChartModel, inks: Inks, glyphs: GlyphSet) -> None:
        """Ask for a picture. Comes back at once; `Drawn` says when it is on the screen."""
        self._asked = (model, inks, glyphs)
        self._next()

    def time_at(self, column: int) -> int | None:
        """The moment that a column of what is shown stands for; None outside the plot."""
        return self._shown.time_at(column) if self._shown is not None else None

    def column_at(self, ms: int) -> int | None:
        """The column of what is shown that a moment stands in; None outside its window."""
        return self._shown.column_at(ms) if self._shown is not None else None

    def on_mount(self) -> None:
        """Import plotext while the first points are still being looked up."""
        work = contain("the loading of plotext", asyncio.to_thread(load))
        self.run_worker(work, name="plotext", description="plotext")

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._next()

    def render_line(self, y: int) -> Strip:
        """A line of the picture; cut or filled up for as long as its size is not that of now."""
        width = self.size.width
        shown = self._shown
        if shown is None or y >= len(shown.strips):
            if self._asked is None:
                return Strip.blank(width)
            inks = self._asked[1]
            if self._failed is not None and y == self.size.height // 2:
                words = "this chart cannot be drawn; the log says why"
                return Line(inks, width).to((width - len(words)) // 2).add(words, "warning").strip()
            return blank(inks, width)
        line = shown.strips[y]
        if line.cell_length == width:
            return line
        assert self._asked is not None
        return Strip.join([line.crop(0, width), blank(self._asked[1], max(0, width - shown.width))])

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the chart, without a second styling."""
        lines = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.right >= self.size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]

    def _wanted(self) -> _Wanted | None:
        if self._asked is None or not self.size:
            return None
        model, inks, glyphs = self._asked
        return _Wanted(model, self.size.width, self.size.height, inks, glyphs)

    def _next(self) -> None:
        if self._busy or not self.is_mounted:
            return
        wanted = self._wanted()
        if wanted is None or wanted in (self._shown_as, self._failed):
            return
        self._busy = True
        self.run_worker(self._draw(), name="chart", description="chart", exit_on_error=True)

    async def _draw(self) -> None:
        """Make pictures until the newest one that was asked for is shown."""
        try:
            while (wanted := self._wanted()) not in (None, self._shown_as, self._failed):
                assert wanted is not None
                before = self._shown
                if self._shown_as is not None and self._shown_as.glyphs is not wanted.glyphs:
                    before = None
                made = await contain(
                    "the drawing of the chart",
                    asyncio.to_thread(
                        picture,
                        wanted.model,
                        wanted.width,
                        wanted.height,
                        wanted.inks,
                        wanted.glyphs,
                        before,
                    ),
                )
                if made.value is None:
                    self._failed, self._shown, self._shown_as = wanted, None, None
                    self.refresh()
                    continue
                self._put(made.value, wanted)
        finally:
            self._busy = False

    def _put(self, made: Picture, wanted: _Wanted) -> None:
        """Show a picture; only the lines that differ are repainted."""
        old = self._shown.strips if self._shown is not None else []
        self._shown, self._shown_as, self._failed = made, wanted, None
        width = self.size.width
        if len(old) != len(made.strips) or made.width != width:
            self.refresh()
        else:
            changed = [y for y, line in enumerate(made.strips) if line != old[y]]
            if changed:
                self.refresh(*(Region(0, y, width, 1) for y in changed))
        self.post_message(self.Drawn(self, made.model))
