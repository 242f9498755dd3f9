"""Which outlets of one PDU a command line means: numbers, a name, or a group of the configuration.

A word that could be both an outlet and a group is refused: `group:NAME` says which.
"""

from __future__ import annotations

from pdutui.cli.exits import CliError
from pdutui.cli.selector import numbers_of, said, select
from pdutui.cli.text import clean
from pdutui.config_errors import nearest
from pdutui.domain.reading import Reading
from pdutui.engine.groups import group_of, pdus_of, resolve
from pdutui.settings import GroupSettings, Settings

PREFIX = "group:"


def outlets_meant(selector: str, reading: Reading, settings: Settings) -> tuple[int, ...]:
    """The outlets of a PDU that a selector means, in its order.

    Raises CliError if it means none, or could mean several things.
    """
    word = selector.strip()
    if word.startswith(PREFIX):
        with said():
            group = group_of(settings, word.removeprefix(PREFIX).strip())
        return _members(group, reading)
    named = [group for group in settings.groups if group.name == word]
    if not named:
        return _select(selector, reading, settings)
    other = _outlet_called(word, reading)
    if other:
        raise CliError(
            f"{clean(word)!r} is a group and {other} of {reading.pdu}:"
            f" write {PREFIX}{clean(word)}, or the outlet's number"
        )
    return _members(named[0], reading)


def _members(group: GroupSettings, reading: Reading) -> tuple[int, ...]:
    here = [ref for ref in group.members if ref.pdu == reading.pdu]
    if not here:
        there = ", ".join(pdus_of(group.members)) or "none"
        raise CliError(
            f"group {clean(group.name)} has no outlet on {reading.pdu} (it has some on: {there};"
            f" 'pdutui group {clean(group.name)} ACTION' is for all of them)"
        )
    with said():
        return tuple(number for _, number in resolve(here, {reading.pdu: reading}))


def _outlet_called(word: str, reading: Reading) -> str:
    """`the name of outlet 3`, where an outlet is meant by that word as well."""
    numbers = numbers_of(word)
    if numbers is not None:
        return f"outlet {word}" if len(numbers) == 1 else f"outlets {word}"
    for outlet in reading.outlets:
        for said_of_it, what in ((outlet.name, "name"), (outlet.label, "label")):
            if (said_of_it or "").strip().casefold() == word.casefold():
                return f"the {what} of outlet {outlet.number}"
    return ""


def _select(selector: str, reading: Reading, settings: Settings) -> tuple[int, ...]:
    try:
        return select(selector, reading)
    except CliError as error:
        near = nearest(selector.strip(), [group.name for group in settings.groups])
        if near is None or numbers_of(selector) is not None:
            raise
        raise CliError(f"{error}; there is a group {near!r}", error.code) from error
