"""What the hint line of the audit screen offers, and what its help says of signs."""

from __future__ import annotations

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.audit_view import sign_of
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound, field_hints
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

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


def hints(
    *, rows: int, filtered: bool, one_pdu: bool, pdus: int, checking: bool, typing: bool,
    moment: bool, keymap: Keymap = DEFAULT,
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
        keymap: The keys as the user has them.
    """
    if typing:
        return field_hints(keymap)
    key = keymap.shown
    out = [Hint(keymap.pair("move.down", "move.up"), "record", 4)] if rows > 1 else []
    out.append(Hint(key("filter"), "filter", 6))
    if pdus > 1:
        out.append(Hint(key("only.pdu"), "all PDUs" if one_pdu else "one PDU", 5))
    out += [] if checking else [Hint(key("audit.verify"), "verify", 8)]
    if rows:
        out.append(Hint(key("export"), "export", 4))
    if moment:
        out.append(Hint(key("history"), "chart", 3))
    out.append(Hint(key("help"), "help", 7))
    return bound([*out, Hint(key("back"), "show all" if filtered else "back", 9)])


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the signs of the audit screen mean, for its help."""
    rows: list[Row] = [[("Outcomes", "title")]]
    for outcome, text in _OUTCOMES:
        sign = sign_of(outcome, glyphs)
        rows.append([(f"  {sign.glyph} {sign.word:<12}", sign.ink), (text, "text")])
    rows += [[], [("The chain", "title")]]
    return rows + [[(f"  {line}", "text")] for line in _CHAIN]
