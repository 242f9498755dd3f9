"""What the question before a switch calls its answers."""

from __future__ import annotations

from pdutui.domain.commands import Action

WORDS: dict[Action, str] = {
    "on": "Turn ON", "off": "Turn OFF", "reboot": "REBOOT", "delayed_on": "Turn ON later",
    "delayed_off": "Turn OFF later", "delayed_reboot": "REBOOT later", "cancel": "Cancel command",
    "identify": "Identify", "all_on": "Turn ALL ON", "all_off": "Turn ALL OFF",
    "all_reboot": "REBOOT ALL", "all_delayed_on": "Turn ALL ON later",
    "all_delayed_off": "Turn ALL OFF later", "all_delayed_reboot": "REBOOT ALL later",
    "all_cancel": "Cancel all commands", "prefer_a": "Prefer source A",
    "prefer_b": "Prefer source B", "prefer_none": "Prefer no source",
}  # fmt: skip
MILD: frozenset[Action] = frozenset({"on", "delayed_on", "cancel", "identify", "all_cancel"})
"""What takes power from nothing."""


def way_out(action: Action) -> str:
    """What the button says: beside `Cancel command` no `Cancel` that leaves it pending."""
    return "Leave it pending" if action in ("cancel", "all_cancel") else "Cancel"
