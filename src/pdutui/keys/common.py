"""Keys that mean the same wherever they are: one id, one entry in `[keys]`."""

from __future__ import annotations

from pdutui.keys.model import Key, Where

HELP = Key("help", "question_mark,f1", "app.help", "?", "help", "this help")
PALETTE = Key("palette", "colon,ctrl+p", "app.command_palette", ":", "commands",
              "search for PDUs, outlets, alarms, commands, themes")  # fmt: skip
LOCK = Key("lock", "L", "app.lock", "L", "", "lock the console: nothing is switched; or unlock it")
CONNECT = Key("connect", "t", "app.connect", "t", "", "try a connection to a device")
RELOAD = Key("reload", "ctrl+r", "app.reload", "ctrl+r", "", "read the configuration again")
REPAINT = Key("repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew")
QUIT = Key("quit", "q,ctrl+q", "app.quit", "q", "quit",
           "quit; asks while a command is under way")  # fmt: skip
BACK = Key("back", "escape,q", "back", "esc", "", "back")
FILTER = Key("filter", "slash", "filter", "/", "filter", "show what fits")
FIND = Key("find", "apostrophe", "find", "'", "",
           "go to a PDU, an outlet or a device by typing its name")  # fmt: skip
FLEET = Key("fleet", "0", "app.door('fleet')", "0", "fleet", "fleet: every PDU at a glance")
ALARMS = Key("alarms", "A", "app.door('alarms')", "A", "", "alarms: what is wrong, and was")
EVENTS = Key(
    "events", "e", "app.door('events')", "e", "", "events: what happened, in one time line"
)
HISTORY = Key("history", "g", "app.door('history')", "g", "history",
              "history: charts of this, and what happened when")  # fmt: skip
AUDIT = Key("audit", "u", "app.door('audit')", "u", "audit",
            "audit: who switched what, and how it ended")  # fmt: skip
PLANS = Key("plans", "p", "app.door('plans')", "p", "plans",
            "plans: several outlets, one after the other")  # fmt: skip
DOORS: tuple[Key, ...] = (FLEET, ALARMS, EVENTS, HISTORY, AUDIT, PLANS)
"""What opens a whole screen, from every other."""
EVERYWHERE: tuple[Key, ...] = (PALETTE, HELP, LOCK, RELOAD, REPAINT)
"""What every whole screen has."""


def doors(*but: str, back: str = "", does: str = "back") -> tuple[Key, ...]:
    """The keys that open whole screens.

    Args:
        but: Ids of those that a screen does not have, or has as something else.
        back: The screen's own id: there its key goes back.
        does: What the help says of that.
    """
    return tuple(
        told(key, "back", does) if key.id == back else told(key, key.action, key.helps)
        for key in DOORS
        if key.id not in but
    )


def told(key: Key, action: str, helps: str, does: str = "", where: Where = "anywhere") -> Key:
    """The same id and keys with another meaning on a screen, not hinted unless `does` says so."""
    return Key(key.id, key.keys, action, key.shown, does, helps, where, key.fixed)


def moves(action: str, what: str, *, where: Where = "anywhere", far: int = 9999) -> tuple[Key, ...]:
    """The keys of a list that stands from top to bottom.

    Args:
        action: Textual's action that takes a number of rows: `move`.
        what: What a row is: `the record`.
        where: The pane.
        far: As many rows as there never are.
    """
    return (
        Key("move.up", "up,k", f"{action}(-1)", "up k", "", f"{what} above", where),
        Key("move.down", "down,j", f"{action}(1)", "down j", "", f"{what} below", where),
        Key("move.first", "home", f"{action}(-{far})", "home", "", f"{what} at the top", where),
        Key("move.last", "end", f"{action}({far})", "end", "", f"{what} at the bottom", where),
        bottom(f"{action}({far})", f"{what} at the bottom", where),
    )


def bottom(action: str, helps: str, where: Where = "anywhere") -> Key:
    """The key of vi for the last row: of its own, as not every screen has it to spare."""
    return Key("move.bottom", "G", action, "G", "", helps, where)


def pages(action: str, rows: int | str = 1) -> tuple[Key, ...]:
    """A page up, a page down.

    Args:
        action: Textual's action that takes a number: `page`.
        rows: The number: pages, or rows of one.
    """
    return (
        Key("page.up", "pageup,ctrl+u,K", f"{action}(-{rows})", "page up", "", "a page up"),
        Key("page.down", "pagedown,ctrl+d,J", f"{action}({rows})", "page down", "", "a page down"),
    )
