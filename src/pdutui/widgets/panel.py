"""What all live panels share: drawn line by line, and only the lines that changed are sent on."""

from __future__ import annotations

from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from pdutui.widgets.line import Line, Piece, blank, pieces_width
from pdutui.widgets.scene import Scene
from pdutui.widgets.text import cut


class Panel(Widget):
    """A widget that draws a Scene.

    A subclass implements `draw` as a pure function of scene, size and focus. Lines come with their
    final styles, so that Textual's style cache and colour filters are passed by.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._scene: Scene | None = None
        self._drawn: list[Strip] = []
        self._drawn_size = Size(0, 0)

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The panel's lines, `height` of them at most, each `width` cells."""
        raise NotImplementedError

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show(self, scene: Scene) -> None:
        """Draw a scene; only lines that differ from what is on the screen are repainted."""
        self._scene = scene
        if not self.size:
            return
        before = self._drawn
        self._draw()
        if len(before) != len(self._drawn):
            self.refresh()
            return
        width = self.size.width
        changed = [y for y, line in enumerate(self._drawn) if line != before[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _draw(self) -> None:
        """Make the lines for the size of now."""
        assert self._scene is not None
        width, height = self._drawn_size = self.size
        lines = self.draw(self._scene, width, height, self.has_focus)[:height]
        self._drawn = lines + [blank(self._scene.inks, width)] * (height - len(lines))

    def redraw(self) -> None:
        """Draw the same scene again: after a resize, a change of focus."""
        if self._scene is not None:
            self.show(self._scene)

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size, where painting has not already done it."""
        if self.size != self._drawn_size:
            self.redraw()

    def on_focus(self) -> None:
        """The head shows where the keys go."""
        self.redraw()

    def on_blur(self) -> None:
        """The head shows where the keys go."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """One line as it was drawn; drawn now where the size is new, so that the first is right."""
        if self._scene is not None and self.size != self._drawn_size:
            self._draw()
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the panel, without a second styling."""
        lines = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.right >= self.size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]


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
