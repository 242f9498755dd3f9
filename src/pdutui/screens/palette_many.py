"""The palette's entries for many outlets: marks, groups, sequences, plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from pdutui.domain.commands import OutletAction
from pdutui.screens import wishes
from pdutui.screens.commands import Command
from pdutui.screens.marks import counted
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp

_WORDS: dict[OutletAction, str] = {"on": "Turn on", "off": "Turn off", "reboot": "Reboot"}


def many_commands(app: PduApp) -> Iterator[Command]:
    """What can be done to several outlets just now."""
    screen, plain = app.console_screen, app.glyphs.ascii_only
    desk = app.plan_desk
    if desk is None:
        return

    def later(run: Callable[..., object], *args: object) -> Callable[[], object]:
        return lambda: app.call_later(run, *args)

    marked = counted(screen.marks, screen.pdu)
    if marked:
        for action, word in _WORDS.items():
            ask = partial(screen.post_message, wishes.PlanWanted(action))
            yield Command(f"{word} what is marked: {clean(marked, plain)} ...", later(ask))
        yield Command(f"Clear all marks: {clean(marked, plain)}", later(screen.clear_marks))
    reading = screen.scene.reading
    if reading is not None and any(outlet.switchable for outlet in reading.outlets):
        key, find = screen.keymap.shown("mark.all"), screen.keymap.shown("filter")
        text = f"Mark all outlets that are shown{f' ({key})' if key else ''}"
        yield Command(text, later(screen.action_mark_all))
        for state in ("on", "off"):
            text = f"Mark all outlets shown that are {state}"
            yield Command(text, later(screen.action_mark_all, state))
        text = f"Filter the outlets ...{f' ({find})' if find else ''}"
        yield Command(text, later(screen.run_action, "filter"))
    for group in app.settings.groups:
        name = clean(group.name, plain)
        yield Command(f"Mark group {name}", later(desk.mark_group, group.name))
    for sequence in app.settings.sequences:
        about = f": {clean(sequence.text, plain)}" if sequence.text else ""
        text = f"Run sequence {clean(sequence.name, plain)}{about} ..."
        yield Command(text, later(desk.ask_sequence, sequence.name))
    for view in desk.running():
        yield Command(f"Pause plan {view.plan.id}", later(desk.pause, view))
