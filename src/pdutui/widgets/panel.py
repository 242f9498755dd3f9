"""What all live panels share: drawn line by line, and only the lines that changed are sent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.widgets.line import Line, Piece, pieces_width
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.text import cut

if TYPE_CHECKING:
    from pdutui.widgets.scene import Scene


class Panel(Sheet):
    """A widget that draws a Scene.

    A subclass implements `draw` as a pure function of scene, size and focus.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._scene: Scene | None = None

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The panel's lines, `height` of them at most, each `width` cells."""
        raise NotImplementedError

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show(self, scene: Scene) -> None:
        """Draw a scene."""
        self._scene = scene
        self.paint(self._of_scene, scene.inks)

    def _of_scene(self, width: int, height: int) -> list[Strip]:
        assert self._scene is not None
        return self.draw(self._scene, width, height, self.has_focus)


def head(
    scene: Scene, width: int, title: str, right: list[Piece], *, focused: bool, stale: bool = True
) -> Strip:
    """A panel's head: title, a rule, a summary at the right, and the stale badge where it applies.

    What does not fit goes in this order: the summary, then the rest of the title.
    """
    inks, glyphs = scene.inks, scene.glyphs
    badge = scene.stale_badge() if stale else []
    line = Line(inks, width)
    room = width - pieces_width(badge) - (2 if badge else 0)
    text = f" {cut(title, max(0, room - 3), glyphs.ellipsis)} "
    line.add(glyphs.cursor if focused else glyphs.rule, "key" if focused else "rule")
    line.add(text, "title-focus" if focused else "title")
    tail: list[Piece] = []
    if right and line.used + pieces_width(right) + 4 <= room:
        tail += [(" ", "text"), *right, (" ", "text")]
    if badge:
        tail += [*badge, (glyphs.rule, "rule")]
    elif tail:
        tail += [(glyphs.rule, "rule")]
    return line.right(tail, glyphs.rule, "rule").strip()
