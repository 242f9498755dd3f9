"""What the hint line of the events screen offers, and what its help says of signs."""

from __future__ import annotations

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.events_rows import KINDS, EventKind
from pdutui.screens.events_view import kind_glyph
from pdutui.screens.keys import field_hints
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

_KINDS: dict[EventKind, str] = {
    "alarm": "raised, escalated, over, acknowledged, silenced",
    "trap": "what a PDU has sent by itself; a hint, the next reading tells",
    "health": "late, lost, live again",
    "command": "what was switched, by whom, and how it ended",
    "transfer": "a transfer switch went to another source",
    "identity": "another device answers, or one with another firmware",
    "event": "anything else that the event line told",
}


def hints(
    *, rows: int, filtered: bool, typing: bool, one_pdu: bool, pdus: int, on_pdu: bool,
    kept: bool, keymap: Keymap = DEFAULT,
) -> list[Hint]:  # fmt: skip
    """What the hint line offers: only what works here and now.

    Args:
        rows: How many events are shown.
        filtered: Whether anything is left out.
        typing: Whether a filter is being typed: its line has the keys.
        one_pdu: Whether one PDU alone is shown.
        pdus: How many PDUs there are.
        on_pdu: Whether the chosen one is of a PDU that there is.
        kept: Whether there is a history, and so charts and replays.
        keymap: The keys as the user has them.
    """
    if typing:
        return field_hints(keymap)
    key = keymap.shown
    out = [Hint(keymap.pair("move.down", "move.up"), "event", 2)] if rows > 1 else []
    if on_pdu:
        out.append(Hint(key("list.pick"), "PDU", 6))
    if on_pdu and kept:
        out.append(Hint(key("history"), "chart", 7))
        out.append(Hint(key("history.replay"), "replay", 6))
    out.append(Hint(keymap.pair("level.all", "level.warning", "level.critical"), "level", 7))
    out.append(Hint(key("events.kind"), "kind", 6))
    if pdus > 1:
        out.append(Hint(key("only.pdu"), "all PDUs" if one_pdu else "one PDU", 5))
    out.append(Hint(key("filter"), "filter", 6))
    if rows:
        out.append(Hint(key("export"), "export", 3))
    out.append(Hint(key("alarms"), "alarms", 3))
    out.append(Hint(key("help"), "help", 7))
    out.append(Hint(key("back"), "show all" if filtered else "back", 9))
    return [hint for hint in out if hint.key]


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the signs mean, for the help of the screen."""
    rows: list[Row] = [[("Kinds", "title")]]
    rows += [
        [(f"  {kind_glyph(kind, glyphs)} {kind:<11}", "key"), (_KINDS[kind], "text")]
        for kind in KINDS
    ]
    rows += [[], [("Levels", "title")]]
    rows.append([("  CRIT         ", "critical"), ("critical", "text")])
    rows.append([("  warn         ", "warning"), ("a warning; nothing stands there else", "text")])
    return rows
