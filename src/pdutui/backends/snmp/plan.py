"""What to ask a device, found out by asking: the columns it has, and how often each is due."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pdutui.backends.snmp.bound import Bound, BoundColumn, BoundCommands, BoundField, BoundPart
from pdutui.backends.snmp.profile import When
from pdutui.backends.snmp.types import RawValue

SLOW_EVERY_S = 55.0
"""How long until a slow column is due again: at 1 Hz its value is never older than a minute."""


class Choice(msgspec.Struct, frozen=True):
    """A part of the Reading, and the columns that its fields are read from."""

    part: BoundPart
    columns: dict[str, tuple[BoundColumn, ...]]
    """Field -> the column that counts; several for fields that read all they have."""
    answers: bool = False
    """Outlets: the command column answered a GET."""


class Plan(msgspec.Struct, frozen=True):
    """A settled plan: what is asked in every poll, what once a minute, what is looked for."""

    fast: tuple[str, ...]
    slow: tuple[str, ...]
    probes: tuple[str, ...]
    """Not answered so far: asked again with the slow ones, since a probe can be plugged in."""
    conditions: frozenset[str]
    """Slow OIDs that decide which columns count."""
    choices: tuple[Choice, ...]
    ats: bool
    present: frozenset[str]
    all_commands: BoundCommands | None = None
    """How all outlets are switched at once, if the device can."""
    prefer: BoundCommands | None = None
    """How a source is preferred, if the device takes that."""
    proofs: tuple[tuple[str, int], ...] = ()
    """What every poll must bring for the rows to be those that were found."""


def holds(when: When, values: Mapping[str, RawValue]) -> bool:
    """Whether a condition on a value holds; one that the device does not answer never does."""
    value = values.get(when.oid)
    if not isinstance(value, int):
        return False
    if when.above is not None and not value > when.above:
        return False
    return when.equals is None or value == when.equals


class _Planner:
    """One pass over a bound profile with what is known so far."""

    def __init__(self, known: Mapping[str, bool], slow_values: Mapping[str, RawValue]) -> None:
        self._known = known
        self._values = slow_values
        self.ask: dict[str, None] = {}
        self.fast: dict[str, None] = {}
        self.slow: dict[str, None] = {}
        self.probes: dict[str, None] = {}
        self.conditions: set[str] = set()

    def want(self, oid: str, fast: bool) -> bool | None:
        """Note an OID down where it belongs; whether the device has it, None if not known yet."""
        known = self._known.get(oid)
        if known is None:
            self.ask[oid] = None
        elif not known:
            self.probes[oid] = None
        else:
            (self.fast if fast else self.slow)[oid] = None
        return known

    def _holds(self, when: When, known: bool) -> bool:
        return not known if when.missing else holds(when, self._values)

    def field(self, field: BoundField) -> tuple[BoundColumn, ...]:
        chosen: list[BoundColumn] = []
        for column in field.columns:
            if column.when is not None:
                self.conditions.add(column.when.oid)
                known = self.want(column.when.oid, False)
                if known is None and not field.every:
                    break
                if known is None or not self._holds(column.when, known):
                    continue
            known = self.want(column.oid, column.fast)
            if known:
                chosen.append(column)
                for oid, fast in column.companions():
                    self.want(oid, fast)
            if known is not False and not field.every:
                break
        return tuple(chosen)

    def choice(self, part: BoundPart) -> Choice:
        columns = {field.name: self.field(field) for field in part.fields}
        commands, answers = part.commands, False
        if commands is not None and not columns.get("switchable"):
            waiting = any(c.oid in self.ask for c in _columns(part.field("switchable")))
            answers = not waiting and bool(self.want(commands.oid, False))
        return Choice(part=part, columns=columns, answers=answers)

    def first(self, scalars: Sequence[BoundCommands]) -> BoundCommands | None:
        """The first of these that the device answers."""
        for commands in scalars:
            known = self.want(commands.oid, False)
            if known is not False:
                return commands if known else None
        return None


def _columns(field: BoundField | None) -> tuple[BoundColumn, ...]:
    return () if field is None else field.columns


def make_plan(
    bound: Bound, known: Mapping[str, bool], slow_values: Mapping[str, RawValue]
) -> Plan | tuple[str, ...]:
    """The plan, or the OIDs that have to be asked before there can be one.

    Args:
        bound: the profile over the device's rows.
        known: OID -> whether the device answered it with a value when last asked.
        slow_values: latest values of OIDs that are asked slowly.
    """
    planner = _Planner(known, slow_values)
    ats = False
    if bound.ats_exists is not None:
        ats = bool(planner.want(bound.ats_exists, False))
        if ats and bound.lost_nominal is not None:
            planner.want(bound.lost_nominal, False)
    choices = tuple(planner.choice(part) for part in bound.parts(ats))
    all_commands = planner.first(bound.all_commands)
    prefer = planner.first((bound.prefer,)) if ats and bound.prefer is not None else None
    proofs = tuple(proof for proof in bound.proofs if planner.want(proof[0], True))
    if planner.ask:
        return tuple(planner.ask)
    slow = tuple(oid for oid in planner.slow if oid not in planner.fast)
    return Plan(
        fast=tuple(planner.fast),
        slow=slow,
        probes=tuple(planner.probes),
        conditions=frozenset(planner.conditions),
        choices=choices,
        ats=ats,
        present=frozenset(planner.fast) | frozenset(slow),
        all_commands=all_commands,
        prefer=prefer,
        proofs=proofs,
    )


class Rotation:
    """Slow OIDs, spread over the minute so that no poll is much longer than another."""

    def __init__(self) -> None:
        self._queue: deque[tuple[float, str]] = deque()

    def set(self, oids: Iterable[str], now: float) -> None:
        """Rotate these from now on.

        Those already here keep their turn; new ones, asked just now, come due evenly over the next
        round.
        """
        wanted = dict.fromkeys(oids)
        kept = [item for item in self._queue if item[1] in wanted]
        here = {oid for _, oid in kept}
        fresh = [oid for oid in wanted if oid not in here]
        step = SLOW_EVERY_S / max(1, len(fresh))
        kept += [(now + step * (place + 1), oid) for place, oid in enumerate(fresh)]
        self._queue = deque(sorted(kept))

    def due(self, now: float) -> tuple[str, ...]:
        """The OIDs whose turn it is; they stay due until `done`."""
        count = 0
        for when, _ in self._queue:
            if when > now:
                break
            count += 1
        return tuple(self._queue[place][1] for place in range(count))

    def done(self, count: int, now: float) -> None:
        """The first `count` due ones have been asked."""
        for _ in range(min(count, len(self._queue))):
            self._queue.append((now + SLOW_EVERY_S, self._queue.popleft()[1]))
