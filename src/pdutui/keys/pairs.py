"""The keys of the rack pairs, and of what-ifs."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, FILTER, HELP, doors, moves, pages, told
from pdutui.keys.dialogs import CLOSE, PICK
from pdutui.keys.model import Context, Key

WHAT_IF = Key("whatif", "w", "what_if", "w", "what if",
              "what if a feed, a PDU or a source were lost: redrawn as it would be")  # fmt: skip
WHAT_IF_HERE = Key("whatif.here", "W", "what_if_here", "W", "",
                   "what if the PDU under the cursor were lost")  # fmt: skip
PAIRS = Key("pairs", "P", "pairs", "P", "pairs",
            "rack pairs: feeds side by side, and what each rack has to spare")  # fmt: skip

KEYS: tuple[Key, ...] = (
    Key("move.up", "up,k", "rack(-1)", "up k", "", "the rack above"),
    Key("move.down", "down,j", "rack(1)", "down j", "", "the rack below"),
    Key("move.left", "left,h", "side(-1)", "left h", "", "the PDU before"),
    Key("move.right", "right,l", "side(1)", "right l", "", "the next PDU of the rack"),
    *pages("page"),
    Key("move.first", "home", "edge(-1)", "home", "",
        "the first rack; whichever becomes the first is followed"),
    Key("move.last", "end", "edge(1)", "end", "", "the last rack"),
    Key("fleet.open", "enter", "open", "Enter", "open",
        "show the PDU under the cursor; in a what-if: what becomes of it"),
    Key("pairs.all", "i", "all", "i", "all",
        "all that is to be said of the rack: every device, every direction"),
    told(FILTER, "filter", "show what fits: a name, a location, over, unknown, fine", "filter"),
    Key("fleet.group", "G", "group", "G", "", "group by row, or not at all"),
    WHAT_IF,
    WHAT_IF_HERE,
    told(PAIRS, "back", "back"),
    *doors(),
    *EVERYWHERE,
    told(BACK, "back", "back; ends a what-if and drops the filter first"),
)  # fmt: skip
PICK_LOSS: tuple[Key, ...] = (
    CLOSE,
    told(WHAT_IF, "close", "close"),
    *moves("step", "the entry"),
    *pages("step", 10),
    told(PICK, "pick", "what if this were lost; so does its letter"),
    HELP,
)
AFTER: tuple[Key, ...] = (
    CLOSE,
    Key("pairs.all", "i", "close", "i", "", "close"),
    *moves("scroll", "the row"),
    *pages("scroll", 10),
    told(PICK, "open", "show the PDU on its own screen"),
    HELP,
)
CONTEXTS: tuple[Context, ...] = (
    Context(id="pairs", title="the rack pairs", keys=KEYS),
    Context(id="whatif", title="the choice of what is lost", keys=PICK_LOSS),
    Context(id="after", title="what becomes of a PDU", keys=AFTER),
)  # fmt: skip
