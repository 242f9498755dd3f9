"""The keys of the history screen as data: bindings, hints and help all come from this table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from pdutui.screens.dialog import Row
from pdutui.screens.history_state import RANGES
from pdutui.screens.keys import Key
from pdutui.widgets.chart_layout import KINDS
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

KEYS: tuple[Key, ...] = (
    Key("history.left", "left,h", "cursor(-1)", "left h", "",
        "cursor to the left; the window follows"),
    Key("history.right", "right,l", "cursor(1)", "right l", "", "cursor to the right"),
    Key("history.first", "home", "edge(-1)", "home", "", "cursor to the begin of the window"),
    Key("history.last", "end", "edge(1)", "end", "", "cursor to the end of the window"),
    Key("history.pan_left", "shift+left,H,pageup", "pan(-1)", "shift+left H", "",
        "half a window back; also page up"),
    Key("history.pan_right", "shift+right,L,pagedown", "pan(1)", "shift+right L", "",
        "half a window on; also page down"),
    Key("history.zoom_in", "plus,equals_sign,up,k", "zoom(-1)", "+ up k", "",
        "half the time, around the cursor"),
    Key("history.zoom_out", "minus,down,j", "zoom(1)", "- down j", "", "twice the time"),
    *(
        Key(f"history.range_{key}", key, f"range({span})", key, "", f"a window of {name}")
        for key, name, span in RANGES
    ),
    Key("history.everything", "7", "everything", "7", "", "all that is kept"),
    Key("history.live", "full_stop", "live", ".", "live", "back to now, and follow it"),
    Key("history.window", "d,enter", "window", "d", "dates", "type a window: from and to"),
    Key("history.series", "s", "series", "s", "series", "choose what is shown, up to four"),
    Key("history.limits", "t", "limits", "t", "", "thresholds on and off"),
    Key("history.band", "b", "band", "b", "", "the band between min and max on and off"),
    Key("history.compare", "c", "compare", "c", "compare",
        "compare with the day before, the week before, nothing"),
    Key("history.next_mark", "n", "mark(1)", "n", "", "the next mark: a command, an alarm ..."),
    Key("history.previous_mark", "N", "mark(-1)", "N", "", "the mark before"),
    Key("history.replay", "R", "replay", "R", "replay",
        "replay: the console as it was at the cursor"),
    Key("history.export", "x", "export", "x", "export", "write what is shown: CSV, JSON, SVG"),
    Key("history.pdu_previous", "left_square_bracket", "pdu(-1)", "[", "", "previous PDU"),
    Key("history.pdu_next", "right_square_bracket", "pdu(1)", "]", "", "next PDU"),
    Key("history.palette", "colon,ctrl+p", "app.command_palette", ":", "", "all commands"),
    Key("history.help", "question_mark", "app.help", "?", "help", "this help"),
    Key("history.repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew"),
    Key("history.back", "escape,g,q", "back", "g", "back", "back to the PDU; also esc and q"),
)  # fmt: skip


_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Time", ("everything", "live", "zoom_in", "zoom_out", "pan_left", "pan_right", "window")),
    ("Cursor and marks", ("left", "right", "first", "last", "next_mark", "previous_mark",
                          "replay")),
    ("What is shown", ("series", "compare", "limits", "band", "pdu_previous", "pdu_next")),
    ("And", ("export", "palette", "help", "repaint", "back")),
)  # fmt: skip


_MOUSE = (
    ("click", "puts the cursor there, or on a mark of the list"),
    ("wheel", "zooms around the pointer; with shift it pans"),
)
_MOMENT = "back to the moment of the replay"
_DRAWN = (
    ("", "A point is a step of time: its mean, in a band from lowest to"),
    ("", "highest. A spike of one second is in the band at any zoom."),
    ("", "Where readings are missing there is no line."),
    ("", "Figures are those of the device, below the metering floor too."),
)


def bindings() -> list[BindingType]:
    """The table for Textual."""
    return [Binding(key.keys, key.action, key.helps, show=False, id=key.id) for key in KEYS]


def help_rows(glyphs: GlyphSet, *, past: bool = False) -> list[Row]:
    """The help of the history screen.

    Args:
        glyphs: What is drawn with.
        past: Whether the present is the moment of a replay.
    """
    rows: list[Row] = []
    for title, ids in _SECTIONS:
        rows.append([(title, "title")])
        if title == "Time":
            spans = ", ".join(name for _, name, _ in RANGES)
            rows.append([(f"  {'1 to 6':<14}", "key"), (f"windows of {spans}", "text")])
        for key in KEYS:
            if key.id.removeprefix("history.") in ids:
                helps = _MOMENT if past and key.id == "history.live" else key.helps
                rows.append([(f"  {key.shown:<14}", "key"), (helps, "text")])
        rows.append([])
    for title, told in (("The mouse", _MOUSE), ("What is drawn", _DRAWN)):
        rows.append([(title, "title")])
        for what, text in told:
            rows.append([(f"  {what:<14}" if what else "  ", "key"), (text, "text")])
        rows.append([])
    marks = "   ".join(f"{glyph} {kind}" for glyph, kind in zip(glyphs.marks, KINDS, strict=True))
    return [*rows, [("Marks", "title")], [("  ", "text"), (marks, "text")]]


def hints(
    *, live: bool, picture: bool, marks: bool, cursor: bool, pdus: int, history: bool
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        live: Whether the window follows the present.
        picture: Whether anything is shown.
        marks: Whether there are marks in the window.
        cursor: Whether there is a cursor.
        pdus: How many PDUs there are.
        history: Whether there is a past to ask.
    """
    out: list[Hint] = []
    if history:
        out += [Hint("1-7", "range", 7), Hint("+ -", "zoom", 6)]
        out += [Hint("h l", "cursor", 5), Hint("H L", "pan", 4)]
        out += [] if live else [Hint(".", "live", 8)]
        out += [Hint("s", "series", 7)]
        out += [Hint("n N", "marks", 4)] if marks else []
        out += [Hint("c", "compare", 3), Hint("d", "dates", 3)]
        out += [Hint("x", "export", 2)] if picture else []
        out += [Hint("R", "replay", 5)] if cursor else []
    if pdus > 1:
        out.append(Hint("[ ]", "PDU", 2))
    return [*out, Hint("?", "help", 8), Hint("g", "back", 9)]
