"""The bottom line: the keys that work here and now. Ours, because the stock footer leaks memory."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line
from pdutui.widgets.panel import Panel
from pdutui.widgets.scene import Scene


class Hint(Struct, frozen=True):
    """A key and what it does; those of low rank give way first where it is narrow."""

    key: str
    does: str
    rank: int = 5


class KeyHints(Panel):
    """One line of hints."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()

    def offer(self, hints: Sequence[Hint]) -> None:
        """Say which keys work; takes effect with the next scene."""
        self._hints = tuple(hints)

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The line."""
        return [hint_line(scene.inks, self._hints, width)]


def hint_line(inks: Inks, hints: Sequence[Hint], width: int) -> Strip:
    """The hints that fit, whole ones only, in their order."""
    left = list(hints)
    while left and sum(len(h.key) + len(h.does) + 3 for h in left) > width:
        left.remove(min(reversed(left), key=lambda hint: hint.rank))
    line = Line(inks, width, "bar").add(" ")
    for hint in left:
        line.add(hint.key, "key").add(f" {hint.does}", "muted").add("  ", "muted")
    return line.strip()
