"""Whether a command has the reason and the ticket that policy asks for."""

from __future__ import annotations

import re

from pdutui.domain.commands import Action
from pdutui.engine.policy import ALLOWED, Ruling
from pdutui.settings import ControlSettings

HARMLESS: frozenset[Action] = frozenset({"cancel", "all_cancel", "identify"})
"""They switch nothing: what is pending is taken back, or a light blinks. They need no reason, no
ticket, no window and no second person: the way out stays open."""


def explained(
    control: ControlSettings, action: Action, reason: str | None, ticket: str | None
) -> Ruling:
    """Whether what was typed is enough. A ticket that is given has to fit, asked for or not."""
    number = (ticket or "").strip()
    if number and control.ticket_pattern is not None and not _fits(control.ticket_pattern, number):
        text = f"{number} is no ticket: it must be like {control.ticket_pattern}"
        return Ruling(rule="needs_ticket", reason=text)
    if action in HARMLESS:
        return ALLOWED
    if control.reason == "required" and not (reason or "").strip():
        return Ruling(rule="needs_reason", reason="a reason is required")
    if control.ticket == "required" and not number:
        return Ruling(rule="needs_ticket", reason="a ticket is required")
    return ALLOWED


def needs_reason(control: ControlSettings, action: Action) -> bool:
    """Whether a reason has to be typed."""
    return control.reason == "required" and action not in HARMLESS


def needs_ticket(control: ControlSettings, action: Action) -> bool:
    """Whether a ticket has to be typed."""
    return control.ticket == "required" and action not in HARMLESS


def _fits(pattern: str, ticket: str) -> bool:
    """Whether it matches in full. A pattern that is none fits nothing: then nobody gets past it."""
    try:
        return re.fullmatch(pattern, ticket) is not None
    except re.error:
        return False
