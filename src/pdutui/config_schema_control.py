"""The schema of `[control]`."""

from __future__ import annotations

from pdutui.config_control import NEEDED
from pdutui.config_schema_parts import (
    PRINTABLE,
    Json,
    at_most_one,
    boolean,
    choice,
    integer,
    number,
    secret,
    secret_ways,
    some,
    table,
    tables,
    text,
    texts,
    without,
)
from pdutui.config_schema_sections import days, time_of_day
from pdutui.domain.roles import ROLES
from pdutui.settings import ApprovalSettings, ControlSettings, LockSettings

_USUAL, _APPROVAL, _LOCK = ControlSettings(), ApprovalSettings(), LockSettings()
PERSON: Json = {"type": "string", "pattern": r"^\s*(?:\*|@\s*[^*\s\x00-\x1f][^*\x00-\x1f]*|"
                r"[^*@\s\x00-\x1f][^*\x00-\x1f]*)$"}  # fmt: skip
"""A user, `@group`, or `*` for everybody."""


def people(says: str) -> Json:
    """A list of users and groups."""
    return texts(f'{says} OS users, OS groups with an @ before them, "*" for everybody.', of=PERSON)


def control() -> Json:
    """The section."""
    optional = ("optional", "required")
    return table("Switching: who, what, when, how fast, and with whose consent.", {
        "enabled": boolean("False: nothing can be switched.", _USUAL.enabled),
        "read_only": boolean("The same as --read-only.", _USUAL.read_only),
        "confirm": choice("The only value there is.", _USUAL.confirm, ("always",)),
        "verify_timeout_s": number(
            "Seconds that an outlet may take to show what it was told before the command counts "
            "as unconfirmed.", _USUAL.verify_timeout_s, above=0, at_most=600),
        "commands_per_minute": integer(
            "On one PDU; what comes faster is a loop, and refused; 0: no limit.",
            _USUAL.commands_per_minute, at_least=0, at_most=6000),
        "outlet_per_minute": integer("On one outlet; 0: no limit.", _USUAL.outlet_per_minute,
                                     at_least=0, at_most=600),
        "reason": choice("Whether every switch needs a reason.", _USUAL.reason, optional),
        "ticket": choice("Whether every switch needs a ticket.", _USUAL.ticket, optional),
        "ticket_pattern": text(
            "A regular expression (Python's) that a ticket has to match in full.", longest=200,
            examples=["(CHG|INC)[0-9]{6}"]),
        "load_check_s": number(
            "Seconds after a switch until the load is compared with what was expected; 0: never.",
            _USUAL.load_check_s, at_least=0, at_most=3600),
        "outside_window": choice(
            "Where no window is open: refuse, or have the outlet's name typed.",
            _USUAL.outside_window, ("refuse", "name")),
        "plans_dir": text("Where plans are kept; relative to this file. Default: plans in the "
                          "state directory."),
        "roles": _roles(),
        "window": tables("When PDUs may be switched.", _window(), most=200),
        "approval": _approval(),
        "lock": _lock(),
    })  # fmt: skip


def _roles() -> Json:
    return table("Who may what. Without the table everybody is admin.", {
        "default": choice("Of whoever is in no list.", "viewer", ROLES),
        **{role: people(f"Who is {role}.") for role in reversed(ROLES)},
    })  # fmt: skip


def _window() -> Json:
    weekly, once = ("days", "from", "to"), ("begins", "ends")
    moment: Json = {"description": "Date and time without quotes, as 2026-11-28T22:00:00; local "
                    "where it has no offset. For a window that is once."}  # fmt: skip
    return table("Every week, or once.", {
        "name": text("What it is called; each once.", longest=60),
        "days": days("The days on which it begins. Default: every day."),
        "from": time_of_day("Local time.", "00:00"),
        "to": time_of_day("Earlier than from: of the day after.", "24:00"),
        "begins": moment,
        "ends": moment,
        "pdus": some(texts("Names of PDUs, or patterns as rack1-*. Default: all.")),
    }, required=["name"], dependentRequired={"begins": ["ends"], "ends": ["begins"]},
        **{"if": {"required": ["begins"]}, "then": without(weekly), "else": without(once[1:])},
    )  # fmt: skip


def _approval() -> Json:
    named: Json = {"type": "string", "pattern": r"^\s*(?:pdu|group):\s*\S.*$"}
    words: Json = {"anyOf": [{"enum": list(NEEDED)}, named]}
    return table("What a second person has to agree to.", {
        "needed": texts("Any that fits. Default: nothing.", of=words),
        "expires_s": number("Seconds that a plan may be approved, and started.",
                            _APPROVAL.expires_s, at_least=1, at_most=604_800),
        "approvers": people("Default: whoever may do it themselves."),
    })  # fmt: skip


def _lock() -> Json:
    code = secret("What unlocks it. Default: the word unlock.", shortest=4, longest=128)
    code["pattern"] = PRINTABLE
    return table("Locking the console.", {
        "at_start": boolean("The console starts locked.", _LOCK.at_start),
        "after_s": number("It locks itself after so many seconds without a key; 0: never.",
                          _LOCK.after_s, at_least=0, at_most=86_400),
        **secret_ways("code", "The code", code),
    }, allOf=[at_most_one("code", "code_env", "code_file")])  # fmt: skip
