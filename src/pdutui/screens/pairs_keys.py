"""What the hint line of the rack pairs offers, and what their help says of signs."""

from __future__ import annotations

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound, field_hints
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint


def hints(
    *, rows: int, filtered: bool, typing: bool, what_if: bool, keymap: Keymap = DEFAULT
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        rows: How many blocks are shown.
        filtered: Whether there is a filter.
        typing: Whether one is being typed: its line has the keys.
        what_if: Whether it is drawn as if something were lost.
        keymap: The keys as the user has them.
    """
    if typing:
        return field_hints(keymap)
    key = keymap.shown
    out = []
    if rows:
        out.append(Hint(key("fleet.open"), "what becomes of it" if what_if else "open", 8))
        out += [] if what_if else [Hint(key("pairs.all"), "all of the rack", 5)]
    out.append(Hint(key("whatif"), "another what if" if what_if else "what if", 7))
    if rows > 1:
        out.append(Hint(key("fleet.group"), "by row", 3))
    out += [Hint(key("filter"), "filter", 6), Hint(key("palette"), "commands", 2)]
    back = "end it" if what_if else "show all" if filtered else "back"
    return bound([*out, Hint(key("help"), "help", 7), Hint(key("back"), back, 9)])


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What bars, figures and sentences mean, for the help."""
    found = (
        (glyphs.bar_full * 3, "what it carries now"),
        (glyphs.bar_change * 3, "what comes to it when the other feed is lost, or goes from it"),
        (glyphs.gap_part * 3, "what may come as well: how much is not known"),
        (glyphs.bar_warning, "the limit: [impact] limit_percent of the rating"),
        ("30 > 58 %".replace(">", glyphs.arrow), "of its rating now, and then"),
        ("45..93 %", "between these; which of several takes it over is not known"),
        ("assumed", "nobody has mapped it: taken to move to the same bank or line there"),
        (
            f"{glyphs.alert * 2}  {glyphs.alert}  {glyphs.unknown}",
            "without margin; over the limit, or one cord; not known",
        ),
        ("lose A:", "what the other feed comes to; its fullest inlet, line or bank counts"),
        ("no margin", "some part would be over its rating"),
        ("one cord", "a device that goes dark with one feed, as it was built"),
    )
    rows: list[Row] = [[("Rack pairs", "title")]]
    rows += [[(f"  {sign:<10}", "key"), (text, "text")] for sign, text in found]
    rows += [[], [("What if", "title")]]
    for text in (
        "Devices with another cord move their load to it; others go dark. A cord",
        "that is off, dead or draws nothing is no other cord. A transfer switch",
        "counts on its other source only where that is normal. Nothing is switched.",
    ):
        rows.append([(f"  {text}", "text")])
    rows += [[], [("Filters", "title")]]
    for sign, text in (
        ("over", "racks without margin; also warning, unknown, fine"),
        ("rack 3", "other words: a part of a location, a PDU or a feed"),
    ):
        rows.append([(f"  {sign:<10}", "key"), (text, "text")])
    return rows
