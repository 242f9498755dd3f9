"""The keys of the events screen."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, FILTER, FIND, HISTORY, doors, moves, pages, told
from pdutui.keys.dialogs import PICK
from pdutui.keys.model import Key

KEYS: tuple[Key, ...] = (
    *moves("move", "the event"),
    *pages("page"),
    Key("page.more", "space", "page(1)", "space", "", "a page down: older ones, without end"),
    Key("level.all", "1", "level('info')", "1", "", "all levels"),
    Key("level.warning", "2", "level('warning')", "2", "", "warnings and worse"),
    Key("level.critical", "3", "level('critical')", "3", "", "what is critical alone"),
    Key("events.kind", "t", "kind(1)", "t", "",
        "one kind alone: alarms, traps, health, commands, transfers ..."),
    Key("events.kind_back", "T", "kind(-1)", "T", "", "the kind before"),
    told(FIND, "find", "one PDU alone, by typing its name or that of an outlet or device"),
    Key("only.pdu", "P", "pdu", "P", "", "one PDU alone, or all"),
    told(FILTER, "filter", "show what has a text in it: a PDU, a name, a user, a word"),
    told(PICK, "go", "go to the PDU, and to the outlet"),
    told(HISTORY, "history", "history: the chart at that moment"),
    Key("history.replay", "R", "replay", "R", "", "replay: the console as it was at that moment"),
    Key("export", "x", "export", "x", "", "write what is shown into a file: CSV or JSON"),
    *doors("history", back="events", does="back to the PDU"),
    *EVERYWHERE,
    told(BACK, "back", "back; drops the filters first"),
)  # fmt: skip
