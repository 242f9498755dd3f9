"""What the hint line of the fleet offers, and what its help says of signs."""

from __future__ import annotations

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound, field_hints
from pdutui.widgets.fleet_pane import View
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint


def hints(
    *,
    rows: int,
    filtered: bool,
    typing: bool,
    view: View,
    what_if: bool = False,
    keymap: Keymap = DEFAULT,
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        rows: How many PDUs are shown.
        filtered: Whether there is a filter.
        typing: Whether one is being typed: its line has the keys.
        view: How the fleet is drawn.
        what_if: Whether it is drawn as if something were lost.
        keymap: The keys as the user has them.
    """
    if typing:
        return field_hints(keymap)
    key = keymap.shown
    opens = "what becomes of it" if what_if else "open"
    out = [Hint(key("fleet.open"), opens, 8)] if rows else []
    out.append(Hint(key("whatif"), "another what if" if what_if else "what if", 6))
    out += [Hint(key("pairs"), "pairs", 5), Hint(key("filter"), "filter", 6)]
    if rows > 1:
        out += [Hint(key("fleet.sort"), "sort", 5), Hint(key("fleet.group"), "group", 5)]
    out.append(Hint(key("fleet.view"), "list" if view == "cards" else "cards", 4))
    out += [Hint(key("palette"), "commands", 2), Hint(key("help"), "help", 7)]
    back = "end it" if what_if else "show all" if filtered else "back"
    return bound([*out, Hint(key("back"), back, 9)])


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the columns and signs of the fleet mean, for its help."""
    found = (
        ("W, A, %", "total of the inlets; of three phases A is the fullest line"),
        ("Load", f"total against its rating; {glyphs.bar_warning} is where it is too much"),
        ("Fullest part", "the inlet, line or bank that is nearest to its limit"),
        ("A +B", "source A carries the load, and B could"),
        ("A only", "source A carries the load, and nothing would take over"),
        (f"{glyphs.on}22 {glyphs.off}2 {glyphs.unknown}1", "outlets that are on, off, unknown"),
        ("4.1 kW of 5/6", "of one PDU the watts are not known now"),
        ("held", "another order is due; nothing moves while keys are pressed"),
    )
    rows: list[Row] = [[("Figures", "title")]]
    rows += [[(f"  {sign:<14}", "key"), (text, "text")] for sign, text in found]
    rows += [[], [("The worst first", "title")]]
    for text in (
        "critical alarms; PDUs that are lost, refused or unsupported; warnings;",
        "stale ones; then the fullest, in steps of 5 %; then by name. Sorted",
        "anew every 5 s at most; a new critical alarm goes up at once.",
    ):
        rows.append([(f"  {text}", "text")])
    rows += [[], [("Filters", "title")]]
    for sign, text in (
        ("lost", "also live, late, connecting, refused, unsupported, stale, down"),
        ("alarm", "also critical, warning, quiet, trouble, ats"),
        (">80%", "by the fullest part; <500w >2kw >10a by the total"),
        ("feed:a", "the feed as a whole; other words: a part of name or location"),
    ):
        rows.append([(f"  {sign:<14}", "key"), (text, "text")])
    return rows
