"""Hands Textual the rectangles that the screens work out."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Offset, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from pdutui.widgets.layout import Rect

Places = Callable[[int, int], dict[str, Rect]]
"""Width and height that panels have to rectangles by the ids of panels."""
ALARM = "alarm"
"""The id of the row above all panels."""


class PanelLayout(Layout):
    """Places panels by their ids; one that has no rectangle is not shown.

    Args:
        arrange: Gives the places.
        above: Of a height, how many rows at the top are the alarm banner's, and not the panels':
            0 or 1.
    """

    name = "panels"

    def __init__(self, arrange: Places, above: Callable[[int], int]) -> None:
        self._arrange, self._above = arrange, above

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Placements of the panels that are shown at this size."""
        parent.pre_layout(self)
        above = self._above(size.height)
        places = self._arrange(size.width, size.height - above)
        if above:
            places[ALARM] = Rect(0, -above, size.width, above)
        out: ArrangeResult = []
        for order, child in enumerate(children):
            place = places.get(child.id or "")
            if place is not None:
                region = Region(place.x, place.y + above, place.width, place.height)
                margin = child.styles.margin
                out.append(WidgetPlacement(region, Offset(), margin, child, order))
        return out
