"""What the hint line of the history screen offers, and what its help says of the chart."""

from __future__ import annotations

from pdutui.keys.history import RANGES
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound
from pdutui.widgets.chart_layout import KINDS
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

_MOUSE = (
    ("click", "puts the cursor there, or on a mark of the list"),
    ("wheel", "zooms around the pointer; with shift it pans"),
)
_DRAWN = (
    ("", "A point is a step of time: its mean, in a band from lowest to"),
    ("", "highest. A spike of one second is in the band at any zoom."),
    ("", "Where readings are missing there is no line."),
    ("", "Figures are those of the device, below the metering floor too."),
)


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the mouse does on the history screen, and what is drawn, for its help."""
    rows: list[Row] = []
    for title, told in (("The mouse", _MOUSE), ("What is drawn", _DRAWN)):
        rows.append([(title, "title")])
        for what, text in told:
            rows.append([(f"  {what:<14}" if what else "  ", "key"), (text, "text")])
        rows.append([])
    marks = "   ".join(f"{glyph} {kind}" for glyph, kind in zip(glyphs.marks, KINDS, strict=True))
    return [*rows, [("Marks", "title")], [("  ", "text"), (marks, "text")]]


def hints(
    *,
    live: bool,
    picture: bool,
    marks: bool,
    cursor: bool,
    pdus: int,
    history: bool,
    keymap: Keymap = DEFAULT,
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        live: Whether the window follows the present.
        picture: Whether anything is shown.
        marks: Whether there are marks in the window.
        cursor: Whether there is a cursor.
        pdus: How many PDUs there are.
        history: Whether there is a past to ask.
        keymap: The keys as the user has them.
    """
    key, pair = keymap.shown, keymap.pair
    out: list[Hint] = []
    if history:
        ranges = [key(f"history.range_{name}") for name, _, _ in RANGES]
        usual = [*ranges, key("history.everything")] == list("1234567")
        out += [Hint("1-7", "range", 7)] if usual else []
        out += [Hint(pair("history.zoom_in", "history.zoom_out"), "zoom", 6)]
        out += [Hint(pair("move.left", "move.right"), "cursor", 5)]
        out += [Hint(pair("history.pan_left", "history.pan_right"), "pan", 4)]
        out += [] if live else [Hint(key("history.live"), "live", 8)]
        out += [Hint(key("history.series"), "series", 7)]
        out += [Hint(pair("next", "previous"), "marks", 4)] if marks else []
        out += [Hint(key("history.compare"), "compare", 3), Hint(key("history.window"), "dates", 3)]
        out += [Hint(key("export"), "export", 2)] if picture else []
        out += [Hint(key("history.replay"), "replay", 5)] if cursor else []
    if pdus > 1:
        out.append(Hint(pair("pdu.previous", "pdu.next"), "PDU", 2))
    back = key("history") or key("back")
    return bound([*out, Hint(key("help"), "help", 8), Hint(back, "back", 9)])
