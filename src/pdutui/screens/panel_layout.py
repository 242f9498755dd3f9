"""Hands Textual the rectangles that the screens work out."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Offset, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from pdutui.widgets.layout import Rect

Places = Callable[[int, int], dict[str, Rect]]
"""Width and height of the screen to rectangles by the ids of panels."""


class PanelLayout(Layout):
    """Places panels by their ids; one that has no rectangle is not shown.

    Args:
        arrange: Gives the places.
    """

    name = "panels"

    def __init__(self, arrange: Places) -> None:
        self._arrange = arrange

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Placements of the panels that are shown at this size."""
        parent.pre_layout(self)
        places = self._arrange(size.width, size.height)
        out: ArrangeResult = []
        for order, child in enumerate(children):
            place = places.get(child.id or "")
            if place is not None:
                region = Region(place.x, place.y, place.width, place.height)
                margin = child.styles.margin
                out.append(WidgetPlacement(region, Offset(), margin, child, order))
        return out
