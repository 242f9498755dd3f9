"""What the hint line of the alarms screen offers, and what its help says of signs."""

from __future__ import annotations

from msgspec import Struct

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.keys import field_hints
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

_STATES = (
    ("alert", "critical", "active", "it holds, and nobody has acknowledged it"),
    ("dot", "muted", "over", "it holds no more; acknowledged, it leaves the list"),
    ("unknown", "unknown", "unknown", "the PDU is late or lost: nobody can tell"),
    ("done", "text", "by ada", "acknowledged: it stays while it holds, without banner and bell"),
    ("closed", "text", "45m", "silenced for a time: then it is loud again"),
)
_ABOUT = (
    "An alarm that comes back soon is the same one, counted: x3. It is",
    "not told again by bell, hook or syslog. Acknowledging and silencing",
    "switch nothing on any device; both are kept, with who did it.",
)


class Offered(Struct, frozen=True, kw_only=True):
    """What works here and now."""

    rows: int = 0
    """How many rows there are."""
    past: bool = False
    """The history is shown."""
    filtered: bool = False
    typing: bool = False
    one_pdu: bool = False
    pdus: int = 1
    loud: bool = False
    """The chosen alarm asks for attention."""
    louder: int = 0
    """So many that are shown do."""
    may: bool = True
    """Alarms can be acknowledged from here."""
    silences: int = 0
    on_pdu: bool = False
    """The chosen one is of a PDU that there is."""


def hints(offered: Offered, keymap: Keymap = DEFAULT) -> list[Hint]:
    """What the hint line offers: only what works here and now."""
    if offered.typing:
        return field_hints(keymap)
    key, out = keymap.shown, list[Hint]()
    if offered.loud and offered.may and not offered.past:
        out.append(Hint(key("alarms.acknowledge"), "acknowledge", 8))
        if offered.louder > 1:
            out.append(Hint(key("alarms.all"), f"all {offered.louder}", 5))
        out.append(Hint(key("alarms.silence"), "silence", 7))
    elif offered.rows and offered.may and not offered.past:
        out.append(Hint(key("alarms.silence"), "silence", 5))
    if offered.silences:
        out.append(Hint(key("alarms.silences"), "silences", 6))
    if offered.on_pdu:
        out += [Hint(key("list.pick"), "PDU", 6), Hint(key("history"), "chart", 4)]
    out.append(Hint(key("alarms.turn"), "alarms" if offered.past else "history", 6))
    out.append(Hint(keymap.pair("level.all", "level.warning", "level.critical"), "level", 4))
    if offered.pdus > 1:
        out.append(Hint(key("only.pdu"), "all PDUs" if offered.one_pdu else "one PDU", 3))
    out.append(Hint(key("filter"), "filter", 4))
    if offered.rows:
        out.append(Hint(key("export"), "export", 2))
    out.append(Hint(key("events"), "events", 2))
    out.append(Hint(key("help"), "help", 7))
    out.append(Hint(key("back"), "show all" if offered.filtered else "back", 9))
    return [hint for hint in out if hint.key]


def why_not(offered: Offered, refusal: str) -> dict[str, str]:
    """Ids of what does not work here and now, and why not.

    Args:
        offered: What does.
        refusal: Why nothing can be acknowledged or silenced at all; empty where it can.
    """
    out: dict[str, str] = {}
    doing = ("alarms.acknowledge", "alarms.all", "alarms.silence")
    if refusal:
        out |= dict.fromkeys((*doing, "alarms.silences"), refusal)
    elif not offered.rows:
        out |= dict.fromkeys(doing, "there is no alarm")
    if not offered.silences and "alarms.silences" not in out:
        out["alarms.silences"] = "nothing is silenced"
    if not offered.on_pdu:
        why = "the chosen alarm is of no PDU that there is" if offered.rows else "there is no alarm"
        out |= dict.fromkeys(("list.pick", "history"), why)
    if not offered.rows:
        out["export"] = "nothing is shown"
    if offered.pdus < 2:
        out["only.pdu"] = "there is one PDU alone"
    return out


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the signs mean, for the help of the screen."""
    rows: list[Row] = [[("States", "title")]]
    for glyph, ink, word, text in _STATES:
        rows.append([(f"  {getattr(glyphs, glyph)} {word:<11}", ink), (text, "text")])
    rows += [[], [("What they are", "title")]]
    return rows + [[(f"  {line}", "text")] for line in _ABOUT]
