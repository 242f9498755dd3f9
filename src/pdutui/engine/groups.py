"""What groups and sequences of the configuration mean on the PDUs as they are now."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pdutui.domain.commands import OutletAction
from pdutui.domain.plan import PlanWish
from pdutui.domain.reading import Reading
from pdutui.engine.selector import SelectorError, is_all, numbers_of, select
from pdutui.settings import GroupSettings, OutletRef, SequenceSettings, SequenceStep, Settings

Readings = Mapping[str, Reading | None]
"""By PDU: as it is shown; None, or not there, where it has given none."""
_Named = TypeVar("_Named", GroupSettings, SequenceSettings)


def group_of(settings: Settings, name: str) -> GroupSettings:
    """The group of a name. Raises SelectorError, with those there are."""
    return _named(settings.groups, name, "group")


def sequence_of(settings: Settings, name: str) -> SequenceSettings:
    """The sequence of a name. Raises SelectorError, with those there are."""
    return _named(settings.sequences, name, "sequence")


def pdus_of(refs: Sequence[OutletRef]) -> tuple[str, ...]:
    """The PDUs that have to be read for some outlets, in the order in which they are named."""
    return tuple(dict.fromkeys(ref.pdu for ref in refs))


def members_of(step: SequenceStep, settings: Settings) -> tuple[OutletRef, ...]:
    """The outlets of a step, those of its group where it has one. Raises SelectorError."""
    return step.members if step.group is None else group_of(settings, step.group).members


def sequence_pdus(sequence: SequenceSettings, settings: Settings) -> tuple[str, ...]:
    """The PDUs that have to be read for a sequence. Raises SelectorError for an unknown group."""
    return pdus_of([ref for step in sequence.steps for ref in members_of(step, settings)])


def resolve(refs: Sequence[OutletRef], readings: Readings) -> tuple[tuple[str, int], ...]:
    """PDU and number of every outlet that is meant, in order, each of them once.

    `all` means every outlet that can be switched. Where a PDU has given no reading, numbers stand
    for themselves: the gate says what is wrong with it. A name cannot be looked up then.

    Raises:
        SelectorError: something is meant that is not there, or could be several.
    """
    found: dict[tuple[str, int], None] = {}
    for ref in refs:
        for number in _numbers(ref, readings.get(ref.pdu)):
            found[ref.pdu, number] = None
    return tuple(found)


def group_wishes(
    group: GroupSettings, action: OutletAction, readings: Readings, *, delay_s: int | None = None
) -> tuple[PlanWish, ...]:
    """One action on every outlet of a group, in its order. Raises SelectorError."""
    return tuple(
        PlanWish(pdu=pdu, outlet=number, action=action, delay_s=delay_s)
        for pdu, number in resolve(group.members, readings)
    )


def sequence_wishes(
    sequence: SequenceSettings, settings: Settings, readings: Readings
) -> tuple[PlanWish, ...]:
    """What a sequence does, in order, with the pauses that differ from its own.

    Raises SelectorError. An outlet that is in two of its steps is in here twice.
    """
    return tuple(
        PlanWish(pdu=pdu, outlet=number, action=step.action, pause_s=step.pause_s, pace=step.pace)
        for step in sequence.steps
        for pdu, number in resolve(members_of(step, settings), readings)
    )


def _numbers(ref: OutletRef, reading: Reading | None) -> tuple[int, ...]:
    if reading is None:
        numbers = numbers_of(ref.selector)
        if numbers is None:
            text = f"{ref.pdu} has given no reading: {ref.selector!r} cannot be looked up on it"
            raise SelectorError(text)
        return numbers
    if is_all(ref.selector, reading):
        able = tuple(o.number for o in reading.outlets if o.switchable)
        if not able:
            raise SelectorError(f"{ref.pdu} has no outlet that can be switched")
        return able
    return select(ref.selector, reading)


def _named(there: Sequence[_Named], name: str, what: str) -> _Named:
    for one in there:
        if one.name == name:
            return one
    names = [one.name for one in there]
    if not names:
        raise SelectorError(f"no {what} is configured")
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(names))}"
    raise SelectorError(f"no {what} is called {name!r}; {hint}")
