"""The keys of the screen that is there when nothing is configured."""

from __future__ import annotations

from pdutui.keys.common import HELP, moves, told
from pdutui.keys.dialogs import PICK
from pdutui.keys.model import Context, Key

OPEN = Key("welcome.open", "o", "choose('open')", "o", "", "open the console")
DEMO = Key("welcome.demo", "d", "choose('demo')", "d", "", "the demo: three modelled PDUs")
HOST = Key("welcome.host", "t", "choose('host')", "t", "", "try a device by its address")
SEARCH = Key("welcome.search", "s", "choose('search')", "s", "", "search a network for PDUs")
TEMPLATE = Key("welcome.template", "w", "choose('template')", "w", "", "write a configuration")
LEAVE = Key("quit", "q,ctrl+q", "app.quit", "q", "quit", "quit")
ENTRIES: tuple[Key, ...] = (OPEN, DEMO, HOST, SEARCH, TEMPLATE, LEAVE)
KEYS: tuple[Key, ...] = (
    *ENTRIES,
    *moves("step", "the entry"),
    told(PICK, "take", "choose this one"),
    HELP,
    Key("repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew"),
)
CONTEXTS: tuple[Context, ...] = (
    Context(id="welcome", title="the screen where nothing is configured", keys=KEYS),
)
