"""The keys of the audit screen."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, FILTER, FIND, HISTORY, bottom, doors, pages, told
from pdutui.keys.model import Key

KEYS: tuple[Key, ...] = (
    Key("move.up", "up,k", "move(-1)", "up k", "", "the record above, which is newer"),
    Key("move.down", "down,j", "move(1)", "down j", "", "the record below, which is older"),
    *pages("page"),
    Key("page.more", "space", "page(1)", "space", "", "a page down"),
    Key("move.first", "home", "edge(-1)", "home", "",
        "the newest record; new ones are followed"),
    Key("move.last", "end", "edge(1)", "end", "",
        "the oldest one that is loaded; then more are"),
    bottom("edge(1)", "the oldest one that is loaded"),
    told(FILTER, "filter", "show what has a text in it: a name, ticket, plan, outcome, reason"),
    told(FIND, "find", "one PDU alone, by typing its name or that of an outlet or device"),
    Key("only.pdu", "P", "pdu", "P", "", "one PDU alone, or all"),
    Key("audit.verify", "V", "verify", "V", "",
        "verify the chain: was a record changed, swapped, put in or taken away"),
    Key("export", "x", "export", "x", "", "write what is shown into a file: CSV or JSON"),
    told(HISTORY, "history", "history: the chart at that moment"),
    *doors("history", back="audit", does="back to the PDU"),
    *EVERYWHERE,
    told(BACK, "clear", "drop the filter, then back"),
)  # fmt: skip
