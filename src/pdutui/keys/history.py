"""The keys of the history screen."""

from __future__ import annotations

from pdutui.keys.common import BACK, FIND, HELP, PALETTE, RELOAD, REPAINT, bottom, doors, told
from pdutui.keys.model import Key

_HOUR_MS = 3_600_000
RANGES: tuple[tuple[str, str, int], ...] = (
    ("1", "1 h", _HOUR_MS),
    ("2", "6 h", 6 * _HOUR_MS),
    ("3", "24 h", 24 * _HOUR_MS),
    ("4", "7 d", 7 * 24 * _HOUR_MS),
    ("5", "30 d", 30 * 24 * _HOUR_MS),
    ("6", "60 d", 60 * 24 * _HOUR_MS),
)
"""Key, what people call it, span in milliseconds."""
KEYS: tuple[Key, ...] = (
    Key("move.left", "left,h", "cursor(-1)", "left h", "",
        "cursor to the left; the window follows"),
    Key("move.right", "right,l", "cursor(1)", "right l", "", "cursor to the right"),
    Key("move.first", "home", "edge(-1)", "home", "", "cursor to the begin of the window"),
    Key("move.last", "end", "edge(1)", "end", "", "cursor to the end of the window"),
    bottom("edge(1)", "cursor to the end of the window"),
    Key("history.pan_left", "shift+left,H,pageup,ctrl+u", "pan(-1)", "shift+left H", "",
        "half a window back"),
    Key("history.pan_right", "shift+right,L,pagedown,ctrl+d", "pan(1)", "shift+right L", "",
        "half a window on"),
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
    Key("next", "n", "mark(1)", "n", "", "the next mark: a command, an alarm ..."),
    Key("previous", "N", "mark(-1)", "N", "", "the mark before"),
    Key("history.replay", "R", "replay", "R", "replay",
        "replay: the console as it was at the cursor"),
    Key("export", "x", "export", "x", "export", "write what is shown: CSV, JSON, SVG"),
    Key("pdu.previous", "left_square_bracket", "pdu(-1)", "[", "", "previous PDU"),
    Key("pdu.next", "right_square_bracket", "pdu(1)", "]", "", "next PDU"),
    told(FIND, "find", "the history of a PDU, outlet or device, by typing its name"),
    *doors(back="history", does="back to the PDU"),
    PALETTE,
    HELP,
    RELOAD,
    REPAINT,
    BACK,
)  # fmt: skip
