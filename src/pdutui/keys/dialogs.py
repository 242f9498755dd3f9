"""The keys of dialogs: one table each, made of ids that mean the same in all of them."""

from __future__ import annotations

from pdutui.keys.common import FILTER, HELP, moves, pages, told
from pdutui.keys.model import Key

YES = Key("dialog.yes", "y", "confirm", "y", "", "yes: the only key that switches anything")
NO = Key("dialog.no", "n,escape", "cancel", "n", "", "no; so does Enter, which is on Cancel")
CLOSE = Key("dialog.close", "escape,q", "close", "esc", "", "close")
ALL = Key("dialog.all", "i,f2", "all", "i", "", "show all that it will do")
EXPLAIN = Key("dialog.explain", "t", "explain", "t", "", "give a reason and a ticket with it")
PICK = Key("list.pick", "enter", "pick", "Enter", "", "take this one")
TOGGLE = Key("list.toggle", "space", "pick", "space", "", "in or out")
NONE = Key("list.none", "backspace", "none", "backspace", "", "all out")
FIELDS: tuple[Key, ...] = (
    Key("field.next", "tab", "app.focus_next", "tab", "", "the next field or button"),
    Key("field.previous", "shift+tab", "app.focus_previous", "shift+tab", "", "the one before"),
)
_FORM: tuple[Key, ...] = (
    *FIELDS,
    Key("field.down", "down", "app.focus_next", "down", "", "the field below"),
    Key("field.up", "up", "app.focus_previous", "up", "", "the field above"),
)
MORE = Key("page.more", "space", "scroll(10)", "space", "", "a page down")

CONFIRM: tuple[Key, ...] = (YES, NO, EXPLAIN, told(ALL, "all", ALL.helps), *FIELDS, HELP)
IMPACT: tuple[Key, ...] = (
    told(NO, "close", "back to the question"),
    told(CLOSE, "close", "back to the question"),
    told(ALL, "close", "back to the question"),
    told(PICK, "close", "back to the question"),
    *moves("scroll", "the row"),
    *pages("scroll", 10),
    MORE,
    HELP,
)
PLAN_CARD: tuple[Key, ...] = (
    YES, NO, told(ALL, "all", "all of it"), *moves("scroll", "the step"), *pages("scroll", 10),
    *FIELDS, HELP,
)  # fmt: skip
PLAN_QUESTION: tuple[Key, ...] = (
    *PLAN_CARD,
    Key("plan.longer", "plus,equals_sign", "pause(1)", "+", "", "a longer pause between steps"),
    Key("plan.shorter", "minus", "pause(-1)", "-", "", "a shorter pause"),
    Key("plan.settle", "s", "settle", "s", "", "wait until the load has settled, or not"),
    Key("plan.on_failure", "x", "on_failure", "x", "", "stop at the first failure, or go on"),
    Key("plan.order", "o", "order", "o", "", "another order"),
    Key("plan.unmark", "u", "unmark", "u", "", "take out what is in the way"),
    EXPLAIN,
)
QUIT: tuple[Key, ...] = (
    told(YES, "leave", "quit"), told(NO, "stay", "stay"), *FIELDS, HELP,
)  # fmt: skip
WAIT: tuple[Key, ...] = (
    told(CLOSE, "leave", "leave it waiting"), told(NO, "leave", "leave it waiting"), *FIELDS, HELP,
)  # fmt: skip
MENU: tuple[Key, ...] = (
    Key("menu", "c", "close", "c", "", "close"),
    CLOSE,
    *moves("step", "the entry"),
    told(PICK, "pick", "ask for this one; so does its letter or digit"),
    HELP,
)
PICKER: tuple[Key, ...] = (
    CLOSE,
    *moves("step", "the series"),
    *pages("step", 10),
    Key("move.left", "left,h", "across(-1)", "left h", "", "the column to the left"),
    Key("move.right", "right,l", "across(1)", "right l", "", "the column to the right"),
    TOGGLE,
    NONE,
    told(FILTER, "search", "search"),
    told(PICK, "show", "show what is chosen"),
    Key("history.series", "s", "show", "s", "", "show what is chosen"),
    HELP,
)
HELP_KEYS: tuple[Key, ...] = (
    CLOSE,
    told(HELP, "close", "close"),
    *moves("scroll", "the row"),
    *pages("scroll", 10),
    MORE,
    told(FILTER, "search", "search in the help"),
)
LOCK: tuple[Key, ...] = (told(CLOSE, "leave", "stay locked"), *FIELDS, HELP)
FIELD: tuple[Key, ...] = (told(CLOSE, "cancel", "leave it"), *FIELDS, HELP)
FORM: tuple[Key, ...] = (CLOSE, *_FORM, HELP)
FILE: tuple[Key, ...] = (
    *FORM,
    Key("field.write", "enter", "write", "Enter", "", "write it", "anywhere", True),
)
