"""The line that stands above everything while a what-if lasts."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line
from pdutui.widgets.text import clean, cut, width_of

INK = "badge-replay"


def whatif_bar(
    lost: str, told: Sequence[str], back: str, inks: Inks, glyphs: GlyphSet, width: int
) -> Strip:
    """`WHAT IF feed A is lost: 3 devices go dark, rack1-b 104 % of 16 A   esc ends it`.

    What matters least goes first, and it is said that something went; what it is about stays.

    Args:
        lost: What is lost.
        told: What comes of it, what matters most first; empty while it is worked out.
        back: The key that ends it.
        inks: The colours.
        glyphs: What is drawn with.
        width: In cells.
    """
    head = clean(f"WHAT IF {lost} is lost", glyphs.ascii_only)
    tail = clean(f"{back} ends it", glyphs.ascii_only) if back else ""
    parts = [clean(part, glyphs.ascii_only) for part in told] or ["working it out"]
    if width_of(head) + width_of(tail) + 6 > width:
        tail = ""
    room = width - 2 - width_of(head) - 2 - (width_of(tail) + 3 if tail else 0)
    kept = list(parts)

    def said() -> str:
        gone = len(parts) - len(kept)
        return ", ".join([*kept, *([f"+{gone} more"] if gone else [])])

    while len(kept) > 1 and width_of(said()) > room:
        kept.pop()
    text = cut(said(), max(0, room), glyphs.ellipsis)
    line = Line(inks, width).add(f" {cut(head, width - 2, glyphs.ellipsis)}", INK)
    if text:
        line.add(f": {text}", INK)
    line.to(width - width_of(tail) - (1 if tail else 0), " ", INK)
    return line.add(tail, INK).to(width, " ", INK).strip()
