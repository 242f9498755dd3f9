"""The keys of the fleet screen."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, FILTER, FIND, doors, pages, told
from pdutui.keys.model import Key
from pdutui.keys.pairs import PAIRS, WHAT_IF, WHAT_IF_HERE

KEYS: tuple[Key, ...] = (
    Key("move.up", "up,k", "row(-1)", "up k", "", "the PDU above"),
    Key("move.down", "down,j", "row(1)", "down j", "", "the PDU below"),
    Key("move.left", "left,h", "move(-1)", "left h", "", "the card to the left"),
    Key("move.right", "right,l", "move(1)", "right l", "", "the card to the right"),
    *pages("page"),
    Key("move.first", "home", "edge(-1)", "home", "",
        "the first PDU; whichever becomes the first is followed"),
    Key("move.last", "end", "edge(1)", "end", "", "the last PDU"),
    Key("fleet.open", "enter", "open", "Enter", "open", "show the PDU under the cursor"),
    told(FIND, "find", "go to a PDU by typing its name, or that of an outlet or device"),
    told(FILTER, "filter", "show what fits: a name, a location, feed:a, lost, alarm, >80%, <2kw",
         "filter"),
    Key("fleet.sort", "s", "sort", "s", "sort",
        "sort: the worst first, by %, by W, by name, by location"),
    Key("fleet.group", "G", "group", "G", "group", "group by row, by rack, by feed, or not at all"),
    Key("fleet.view", "t", "view", "t", "cards", "cards, or a list"),
    WHAT_IF,
    WHAT_IF_HERE,
    PAIRS,
    *doors(back="fleet", does="back to the PDU"),
    *EVERYWHERE,
    told(BACK, "back", "back; ends a what-if and drops the filter first"),
)  # fmt: skip
