"""All keys there are, by where they can be pressed."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from pdutui.keys import audit, dialogs, history, pdu, plans, replay
from pdutui.keys.model import Context, Key

_SWITCHES = ("outlet.on", "outlet.off", "outlet.reboot", "outlet.toggle", "outlet.cancel")
_LATER = ("fleet", "pairs", "alarms", "events", "wall", "welcome")
"""Modules that say themselves which contexts they have, as `CONTEXTS`."""


@cache
def contexts() -> tuple[Context, ...]:
    """Everywhere that keys can be pressed, screens first."""
    return (*_screens(), *_dialogs())


def _screens() -> tuple[Context, ...]:
    own = (
        Context(id="pdu", title="the PDU screen", keys=pdu.KEYS),
        *(each for name in _LATER for each in _of(name)),
        Context(id="history", title="the history screen", keys=history.KEYS),
        Context(id="audit", title="the audit screen", keys=audit.KEYS),
        Context(id="plans", title="the plan screen", keys=plans.KEYS),
        Context(id="replay", title="a replay", keys=replay.KEYS),
        Context(id="replay_chart", title="the chart of a replay", keys=replay.CHART),
    )
    return own


def _of(name: str) -> tuple[Context, ...]:
    try:
        found = import_module(f"pdutui.keys.{name}")
    except ModuleNotFoundError:
        return ()
    made: tuple[Context, ...] = getattr(found, "CONTEXTS", ())
    return made or (Context(id=name, title=f"the {name} screen", keys=found.KEYS),)


def _dialogs() -> tuple[Context, ...]:
    return (
        Context(id="confirm", title="the last question", keys=dialogs.CONFIRM,
                opened_by=(*_SWITCHES, "menu", "list.pick")),
        Context(id="impact", title="all that a command does", keys=dialogs.IMPACT),
        Context(id="plan_question", title="the question for many outlets",
                keys=dialogs.PLAN_QUESTION, opened_by=_SWITCHES),
        Context(id="plan_card", title="the question about a plan", keys=dialogs.PLAN_CARD,
                opened_by=("plans.run", "plans.abort", "plans.put_back", "plans.approve")),
        Context(id="quit", title="the question before pdutui ends", keys=dialogs.QUIT,
                opened_by=("quit", "back")),
        Context(id="wait", title="waiting for approval", keys=dialogs.WAIT),
        Context(id="menu", title="the menu of commands", keys=dialogs.MENU),
        Context(id="picker", title="the choice of series", keys=dialogs.PICKER),
        Context(id="help", title="the help", keys=dialogs.HELP_KEYS),
        Context(id="lock", title="the lock", keys=dialogs.LOCK, typed=True),
        Context(id="field", title="a dialog with a field", keys=dialogs.FIELD, typed=True),
        Context(id="form", title="a form", keys=dialogs.FORM, typed=True),
        Context(id="file", title="the export dialog", keys=dialogs.FILE, typed=True),
    )  # fmt: skip


@cache
def by_id() -> dict[str, Key]:
    """The first key of each id."""
    found: dict[str, Key] = {}
    for context in contexts():
        for key in context.keys:
            found.setdefault(key.id, key)
    return found
