"""The keys of a console on a wall: one looks around with them, and does nothing else.

What would switch, ask, leave or write anything has no key there at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from pdutui.keys.common import BACK, HELP, told
from pdutui.keys.keymap import Keymap
from pdutui.keys.model import Context, Key

KEYS: tuple[Key, ...] = (
    Key("wall.pause", "space", "app.wall('pause')", "space", "pause",
        "stay on this page for 15 minutes, or go on"),
    Key("wall.next", "n", "app.wall('next')", "n", "next", "the next page"),
    Key("wall.previous", "p", "app.wall('previous')", "p", "", "the page before"),
    told(HELP, "app.wall('help')", "these keys; they go away by themselves", "keys"),
)  # fmt: skip
LEFT = frozenset({
    "move.up", "move.down", "move.left", "move.right", "move.first", "move.last", "move.bottom",
    "page.up", "page.down", "pane.next", "pane.previous", "pdu.previous", "pdu.next",
    "fleet", "pairs", "alarms", "events", "fleet.open", "list.pick", "alarms.turn", "level.all",
    "level.warning", "level.critical", "back", "repaint",
})  # fmt: skip
"""What is left of the keys of other screens."""
HELP_PAGE: tuple[Key, ...] = (BACK,)
CONTEXTS: tuple[Context, ...] = (
    Context(id="wall", title="a wall (--kiosk)", keys=KEYS),
    Context(id="wall_help", title="the keys of a wall", keys=HELP_PAGE),
)
_OWN = {key.id: key for key in KEYS}
ELSEWHERE = "another console"
"""What a sentence names where an action has no key on a wall."""


class WallKeymap(Keymap):
    """The user's keys, as far as they are left on a wall; those of the wall itself come first."""

    alone = True

    def names(self, key: Key | str) -> tuple[str, ...]:
        """Its keys; none for what a wall does not do."""
        ident = key if isinstance(key, str) else key.id
        return super().names(key) if ident in LEFT or ident in _OWN else ()

    def shown(self, key: Key | str) -> str:
        """Its key for hints; empty for what a wall does not do."""
        return super().shown(key) if self.names(key) else ""

    def said(self, key: Key | str) -> str:
        """Its key for a sentence; where it has none, where else it is to be done."""
        return self.shown(key) or ELSEWHERE

    def worn(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """What is left of a table, and the wall's own keys, which nothing else can have."""
        own = super().worn(KEYS)
        taken = {name for key in own for name in key.names}
        kept = super().worn(key for key in keys if key.id in LEFT)
        return (*own, *(key for key in kept if not taken.intersection(key.names)))
