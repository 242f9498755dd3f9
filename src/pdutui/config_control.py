"""`[control]` of the configuration: who may switch what, when, how fast, and with whose consent."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path

from pdutui.config_errors import nearest, show
from pdutui.config_names import Known, check_pdus, people, what_there_is
from pdutui.config_roles import read_roles
from pdutui.config_secret import SecretReader
from pdutui.config_table import Table
from pdutui.config_windows import read_windows
from pdutui.settings import ApprovalSettings, ControlSettings, LockSettings

NEEDED = ("all", "protected", "critical", "danger", "whole_pdu", "plans")
"""What `needed` of `[control.approval]` may name, besides `pdu:NAME` and `group:NAME`."""
_LONGEST_PATTERN = 200
_SHORTEST_CODE, _LONGEST_CODE = 4, 128


def read_control(
    table: Table,
    *,
    base: Path,
    known: Known,
    secrets: SecretReader,
    env: Mapping[str, str],
) -> ControlSettings:
    """The settings of the section.

    Args:
        table: the section.
        base: the directory that relative paths start from.
        known: the PDUs and groups that there are.
        secrets: reads the unlock code.
        env: the environment, which may name the zone of local times.
    """
    plans = table.path("plans_dir")
    return ControlSettings(
        enabled=table.boolean("enabled", True),
        confirm=table.choice("confirm", "always", ("always",)),
        verify_timeout_s=table.number("verify_timeout_s", 10.0, above=0, at_most=600),
        read_only=table.boolean("read_only", False),
        commands_per_minute=table.integer("commands_per_minute", 60, at_least=0, at_most=6000),
        outlet_per_minute=table.integer("outlet_per_minute", 6, at_least=0, at_most=600),
        reason=table.choice("reason", "optional", ("optional", "required")),
        ticket=table.choice("ticket", "optional", ("optional", "required")),
        ticket_pattern=_pattern(table),
        load_check_s=table.number("load_check_s", 30.0, at_least=0, at_most=3600),
        outside_window=table.choice("outside_window", "refuse", ("refuse", "name")),
        plans_dir=None if plans is None else base / plans,
        roles=read_roles(table.sub("roles"), there=table.has("roles")),
        windows=read_windows(table, known, env),
        approval=_approval(table.sub("approval"), known),
        lock=_lock(table.sub("lock"), secrets),
    )


def _pattern(table: Table) -> str | None:
    """A regular expression for tickets."""
    key = "ticket_pattern"
    pattern = table.text(key)
    if pattern is None:
        return None
    if len(pattern) > _LONGEST_PATTERN:
        table.fail_value(key, f"must have {_LONGEST_PATTERN} characters at most")
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python will read otherwise
            re.compile(pattern)
    except re.error as error:
        table.fail_value(key, f"is no regular expression: {error}")
    except (OverflowError, RecursionError):
        table.fail_value(key, "is no regular expression that can be used: it is too deep")
    else:
        return pattern
    return None


def _approval(table: Table, known: Known) -> ApprovalSettings:
    table.check_keys(("needed", "expires_s", "approvers"))
    needed = table.texts("needed") or ()
    for word in needed:
        _check_needed(table, word, known)
    return ApprovalSettings(
        needed=needed,
        expires_s=table.number("expires_s", 900.0, at_least=1, at_most=604_800),
        approvers=people(table, "approvers") or (),
    )


def _check_needed(table: Table, word: str, known: Known) -> None:
    kind, colon, name = word.partition(":")
    name = name.strip()
    if kind == "pdu" and name:
        check_pdus(table, "needed", name, known.pdus)
    elif kind == "group" and name:
        if name not in known.groups:
            there = what_there_is(name, known.groups)
            table.fail("needed", f"there is no group {show(name)}{there}")
    elif colon or word not in NEEDED:
        near = nearest(word, NEEDED)
        hint = f": did you mean {near!r}?" if near else ""
        right = f"{', '.join(NEEDED)}, pdu:NAME or group:NAME"
        table.fail("needed", f"{show(word)} is none of {right}{hint}")


def _lock(table: Table, secrets: SecretReader) -> LockSettings:
    ways = ("code", "code_env", "code_file")
    table.check_keys(("at_start", "after_s", *ways))
    code = secrets.read(table, "code", variable=None, what="the unlock code")
    if code is not None:
        text = code.reveal()
        if not (_SHORTEST_CODE <= len(text) <= _LONGEST_CODE and text.isprintable()):
            length = f"{_SHORTEST_CODE} to {_LONGEST_CODE}"
            way = next(filter(table.has, ways))
            table.fail(way, f"must have {length} characters that can be typed")
    return LockSettings(
        at_start=table.boolean("at_start", False),
        after_s=table.number("after_s", 0.0, at_least=0, at_most=86_400),
        code=code,
    )
