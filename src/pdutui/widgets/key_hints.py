"""The bottom line: the keys that work here and now. Ours, because the stock footer leaks memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.line import Line
from pdutui.widgets.panel import Panel

if TYPE_CHECKING:
    from pdutui.widgets.find_line import Found
    from pdutui.widgets.inks import Inks
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
        self._before = 0
        self._found: Found | None = None

    def offer(self, hints: Sequence[Hint], before: int = 0, found: Found | None = None) -> None:
        """Say which keys work; takes effect with the next scene.

        Args:
            hints: The keys.
            before: Cells that are left free before them, for a line that is typed there.
            found: What is being typed and jumped to in their place; None for nothing.
        """
        self._hints, self._before, self._found = tuple(hints), before, found

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The line."""
        if self._found is not None:
            from pdutui.widgets.find_line import find_line  # not before somebody types

            return [find_line(scene.inks, scene.glyphs, self._found, width)]
        return [hint_line(scene.inks, self._hints, width, self._before)]


def hint_line(inks: Inks, hints: Sequence[Hint], width: int, before: int = 0) -> Strip:
    """The hints that fit, whole ones only, in their order; behind a `/` where one types."""
    left = list(hints)
    while left and before + sum(len(h.key) + len(h.does) + 3 for h in left) > width:
        left.remove(min(reversed(left), key=lambda hint: hint.rank))
    line = Line(inks, width, "bar").add(" ")
    if before:
        line.add("/", "key").to(before)
    for hint in left:
        line.add(hint.key, "key").add(f" {hint.does}", "muted").add("  ", "muted")
    return line.strip()
