"""`[alarms.hook]` of the configuration: the program that is run for alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from pdutui.config_errors import nearest, show
from pdutui.config_table import Table
from pdutui.settings import AlarmHookSettings

_KEYS = ("command", "level", "on", "timeout_s")
_LEVELS: tuple[Literal["warning"], Literal["critical"]] = ("warning", "critical")
_On = Literal["raised", "escalated", "over", "acknowledged"]
_ONS: tuple[_On, ...] = get_args(_On)
_MOST_WORDS = 64
_LONGEST_WORD = 4096


def read_hook(
    alarms: Table, env: Mapping[str, str], warnings: list[str]
) -> AlarmHookSettings | None:
    """The settings of the table; None without one, or with one that cannot be used.

    Args:
        alarms: `[alarms]`.
        env: the environment, for its `PATH`.
        warnings: told of a program that is not there, or not to be trusted: the console runs all
            the same, and says so again when it would run it.
    """
    if not alarms.has("hook"):
        return None
    table = alarms.sub("hook")
    table.check_keys(_KEYS)
    command = _command(table, env, warnings)
    hook = AlarmHookSettings(
        argv=command,
        level=table.choice("level", "warning", _LEVELS),
        timeout_s=table.number("timeout_s", 10.0, at_least=0.1, at_most=300),
    )
    on = _on(table)
    if not command:
        return None
    if on is None:
        return hook
    return msgspec.structs.replace(hook, on=on)


def _command(table: Table, env: Mapping[str, str], warnings: list[str]) -> tuple[str, ...]:
    """The program and its arguments; empty where they are wrong."""
    right = 'must be a list of words, the program first: ["/usr/local/bin/page", "--now"]'
    if not table.has("command"):
        table.fail("command", f"is missing: it {right}")
        return ()
    words = table.raw("command")
    if isinstance(words, str):
        hint = "" if " " not in words.strip() else "; no shell splits it"
        table.fail("command", f"{right}{hint}, is {show(words)}")
        return ()
    if not isinstance(words, list) or not words or len(words) > _MOST_WORDS:
        table.fail("command", f"{right}, is {show(words)}")
        return ()
    for word in words:
        if not isinstance(word, str) or "\0" in word or len(word) > _LONGEST_WORD:
            table.fail("command", f"{right}, has {show(word)}")
            return ()
    program = words[0]
    if not program.strip():
        table.fail("command", f"{right}, begins with {show(program)}")
        return ()
    if "/" in program and not program.startswith(("/", "~/")):
        table.fail(
            "command",
            f"must begin with an absolute path or a name in PATH, begins with {show(program)}",
        )
        return ()
    from pdutui.config_program import ProgramError, find_program  # few have a hook

    try:
        find_program(program, env)
    except ProgramError as error:
        warnings.append(f"{table.place('command')}: {error}; no alarm reaches it")
    return tuple(words)


def _on(table: Table) -> tuple[_On, ...] | None:
    """What it is run for; None where nothing is said."""
    listed = table.texts("on")
    if listed is None:
        return None
    if table.raw("on") == []:
        table.fail("on", "is an empty array: leave [alarms.hook] out for none")
    found: list[_On] = []
    for word in listed:
        known = next((one for one in _ONS if one == word), None)
        if known is not None:
            found.append(known)
            continue
        near = nearest(word, _ONS)
        hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(_ONS)})"
        table.fail("on", f"{show(word)} is nothing that becomes of an alarm{hint}")
    return tuple(found)
