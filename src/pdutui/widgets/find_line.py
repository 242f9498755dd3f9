"""The line in which a name is typed that is jumped to."""

from __future__ import annotations

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line
from pdutui.widgets.text import cut, width_of

_LEAST = 16
"""Cells that a find must have to be shown beside what is typed."""
_TYPED = 12
"""Cells that what is typed has at least, so that the rest does not move with every letter."""


class Found(Struct, frozen=True, kw_only=True):
    """What stands in it."""

    key: str
    """The key that opened it."""
    text: str
    """What is typed."""
    find: str
    """Where it leads; empty where nothing is called so."""
    at: int
    count: int


def find_line(inks: Inks, glyphs: GlyphSet, found: Found, width: int) -> Strip:
    """What is typed, where that leads, how many more there are, and the keys that go on.

    Args:
        inks: The colours.
        glyphs: What is drawn with.
        found: What is typed and found.
        width: Cells.
    """
    keys = (("Enter", "stay"), ("tab", "next"), ("esc", "back"))
    line = Line(inks, width, "bar").add(" ").add(found.key, "key").add(" ")
    typed = found.text
    room = max(4, width - 8)
    while width_of(typed) > room:  # the end is what one types at
        typed = typed[1:]
    line.add(typed, "strong").add("_", "key")
    line.add(" " * max(1, _TYPED - width_of(typed)))
    count = f"{found.at} of {found.count}" if found.count > 1 else ""
    used = 4 + len(found.key) + max(_TYPED, width_of(typed) + 1)
    ends = [(f"  {count}", "muted")] if count else []
    hints = [(f"   {key}", f" {does}") for key, does in keys if found.find or key == "esc"]
    while hints and used + _LEAST + len(count) + sum(len(a + b) for a, b in hints) > width:
        hints.pop(0)
    left = width - used - len(count) - 3 - sum(len(a + b) for a, b in hints)
    if found.find:
        line.add(cut(found.find, max(0, left), glyphs.ellipsis), "text")
    elif found.text:
        line.add(cut("nothing is called so", max(0, left), glyphs.ellipsis), "warning")
    else:
        line.add(cut("a PDU, an outlet, a device", max(0, left), glyphs.ellipsis), "muted")
    line.extend(ends)
    for key, does in hints:
        line.add(key, "key").add(does, "muted")
    return line.strip()
