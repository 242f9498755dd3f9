"""The keys of the audit screen as data: bindings, hints and help all come from this table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from pdutui.screens.audit_view import sign_of
from pdutui.screens.dialog import Row
from pdutui.screens.keys import Key
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

KEYS: tuple[Key, ...] = (
    Key("audit.up", "up,k", "move(-1)", "up k", "", "the record above, which is newer"),
    Key("audit.down", "down,j", "move(1)", "down j", "", "the record below, which is older"),
    Key("audit.page_up", "pageup,K", "page(-1)", "page up K", "", "a page up"),
    Key("audit.page_down", "pagedown,J,space", "page(1)", "page down J", "", "a page down"),
    Key("audit.first", "home", "edge(-1)", "home", "", "the newest record; new ones are followed"),
    Key("audit.last", "end", "edge(1)", "end", "", "the oldest one that is loaded; then more are"),
    Key("audit.filter", "slash", "filter", "/", "",
        "show what has a text in it: a name, ticket, plan, outcome, reason"),
    Key("audit.pdu", "p", "pdu", "p", "", "one PDU alone, or all"),
    Key("audit.verify", "V", "verify", "V", "",
        "verify the chain: was a record changed, swapped, put in or taken away"),
    Key("audit.export", "e", "export", "e", "", "write what is shown into a file: CSV or JSON"),
    Key("audit.history", "g", "history", "g", "", "history: the chart at that moment"),
    Key("audit.palette", "colon,ctrl+p", "app.command_palette", ":", "", "all commands"),
    Key("audit.help", "question_mark", "app.help", "?", "", "this help"),
    Key("audit.repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew"),
    Key("audit.back", "escape,u,q", "back", "esc", "",
        "drop the filter, then back to the PDU; u and q go back at once"),
)  # fmt: skip
_OUTCOMES = (
    ("requested", "it began; the line that says how it ended is above"),
    ("observed", "the device shows it"),
    ("accepted", "taken by the device; there is nothing to read back"),
    ("refused", "by policy or by the person who was asked; nothing was sent"),
    ("failed", "the device refused or did not answer"),
    ("unconfirmed", "accepted, but the state did not follow in time"),
    ("contradicted", "the state moved the other way"),
    ("skipped", "a step of a plan that had nothing to do"),
)
_CHAIN = (
    "Every record carries the hash of the one before. V works all of",
    "them out anew. Whoever can write the file can also make the whole",
    "chain anew: keep the newest hash elsewhere, by pdutui audit --head",
    "or by syslog, and compare.",
)


def bindings() -> list[BindingType]:
    """The table for Textual; `esc` drops the filter first."""
    out: list[BindingType] = [Binding("escape", "clear", show=False, id="audit.clear")]
    for key in KEYS:
        keys = key.keys.removeprefix("escape,")
        out.append(Binding(keys, key.action, key.helps, show=False, id=key.id))
    return out


def hints(
    *, rows: int, filtered: bool, one_pdu: bool, pdus: int, checking: bool, typing: bool,
    moment: bool,
) -> list[Hint]:  # fmt: skip
    """What the hint line offers: only what works here and now.

    Args:
        rows: How many records are shown.
        filtered: Whether there is a filter.
        one_pdu: Whether one PDU alone is shown.
        pdus: How many PDUs there are.
        checking: Whether the chain is being checked.
        typing: Whether a filter is being typed: its line has the keys.
        moment: Whether the chart can be shown at the time of the chosen record.
    """
    if typing:
        return [Hint("Enter", "keep", 9), Hint("esc", "clear", 9), Hint("up down", "move", 5)]
    out = [Hint("j k", "record", 4)] if rows > 1 else []
    out.append(Hint("/", "filter", 6))
    if pdus > 1:
        out.append(Hint("p", "all PDUs" if one_pdu else "one PDU", 5))
    out += [] if checking else [Hint("V", "verify", 8)]
    if rows:
        out.append(Hint("e", "export", 4))
    if moment:
        out.append(Hint("g", "chart", 3))
    return [*out, Hint("?", "help", 7), Hint("esc", "show all" if filtered else "back", 9)]


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """The help of the audit screen, with what its signs mean."""
    rows: list[Row] = [[("Keys", "title")]]
    rows += [[(f"  {key.shown:<13}", "key"), (key.helps, "text")] for key in KEYS]
    rows += [[], [("Outcomes", "title")]]
    for outcome, text in _OUTCOMES:
        sign = sign_of(outcome, glyphs)
        rows.append([(f"  {sign.glyph} {sign.word:<13}", sign.ink), (text, "text")])
    rows += [[], [("The chain", "title")]]
    return rows + [[(f"  {line}", "text")] for line in _CHAIN]
