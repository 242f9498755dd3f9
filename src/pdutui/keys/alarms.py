"""The keys of the alarms screen, and of its dialogs."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, FILTER, FIND, HISTORY, doors, moves, pages, told
from pdutui.keys.dialogs import CLOSE, FORM, PICK
from pdutui.keys.model import Context, Key

KEYS: tuple[Key, ...] = (
    *moves("move", "the alarm"),
    *pages("page"),
    Key("page.more", "space", "page(1)", "space", "", "a page down"),
    told(PICK, "go", "go to the PDU, and to the outlet"),
    Key("alarms.acknowledge", "a", "acknowledge", "a", "",
        "acknowledge the alarm, with a comment: it stays in the list, and is quiet"),
    Key("alarms.all", "ctrl+a", "acknowledge_all", "ctrl+a", "",
        "acknowledge all that are shown and ask for attention"),
    Key("alarms.silence", "s", "silence", "s", "",
        "silence for a time: this alarm, all of its kind there, or the PDU"),
    Key("alarms.silences", "S", "silences", "S", "", "the silences there are, and ending one"),
    Key("alarms.turn", "tab,h", "turn", "tab", "",
        "what stands, or the history: what became of every alarm"),
    Key("level.all", "1", "level('')", "1", "", "all levels"),
    Key("level.warning", "2", "level('warning')", "2", "",
        "warnings and worse; of alarms that stand: those that ask for attention"),
    Key("level.critical", "3", "level('critical')", "3", "", "what is critical alone"),
    told(FIND, "find", "one PDU alone, by typing its name or that of an outlet or device"),
    Key("only.pdu", "P", "pdu", "P", "", "one PDU alone, or all"),
    told(FILTER, "filter", "show what has a text in it: a PDU, a part, a name, a comment"),
    told(HISTORY, "history", "history: the chart at that moment"),
    Key("export", "x", "export", "x", "", "write what is shown into a file: CSV or JSON"),
    *doors("history", back="alarms", does="back to the PDU"),
    *EVERYWHERE,
    told(BACK, "back", "back; drops the filters first"),
)  # fmt: skip
ACKNOWLEDGE: tuple[Key, ...] = FORM
"""Enter in its field acknowledges."""
SILENCE: tuple[Key, ...] = (*FORM, told(PICK, "answer", "silence it"))
SILENCES: tuple[Key, ...] = (
    CLOSE,
    *moves("step", "the silence"),
    Key("alarms.unsilence", "x,delete", "end", "x", "", "end the silence"),
)
CONTEXTS: tuple[Context, ...] = (
    Context(id="alarms", title="the alarms screen", keys=KEYS),
    Context(id="silence", title="the question what to silence", keys=SILENCE, typed=True),
    Context(id="silences", title="the list of silences", keys=SILENCES,
            opened_by=("alarms.silences",)),
)  # fmt: skip
