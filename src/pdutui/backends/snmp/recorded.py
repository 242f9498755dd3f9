"""A recorded walk as a device: everything as it was recorded, until somebody switches something."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec

from pdutui.backends.mock.transfer import RETRANSFER_S
from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import INTEGER, decode_oid, dotted, parse_oid
from pdutui.backends.snmp.bind import bind
from pdutui.backends.snmp.bound import Bound, BoundPart
from pdutui.backends.snmp.inverse import expand
from pdutui.backends.snmp.mib import (
    NO_CREATION,
    NO_ERROR,
    NOT_WRITABLE,
    WRONG_TYPE,
    WRONG_VALUE,
    Mib,
)
from pdutui.backends.snmp.orders import (
    Order,
    Writable,
    all_writables,
    outlet_writables,
    prefer_writable,
)
from pdutui.backends.snmp.profile import OutletCommands, Profile
from pdutui.backends.snmp.recorded_outlet import SETTINGS, RecordedColumn, RecordedOutlet
from pdutui.backends.snmp.recording import Recorded, Recording
from pdutui.backends.snmp.shape import find_shape
from pdutui.backends.snmp.types import RawValue
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action

Done = TypeVar("Done")
_PREFERRED = {"prefer_a": "A", "prefer_b": "B", "prefer_none": "none"}


class RecordingMib(Mib):
    """A recording as a MIB: every value as recorded, until an outlet is switched.

    Args:
        recording: from `load_recording`.
        clock: for the time that relays, delays and reboots take.
        profile: says what switches; None: nothing can be written.
        on_command: told of every command that was taken: the outlet's number, or `WHOLE_PDU`.
    """

    def __init__(
        self,
        recording: Recording,
        clock: Clock,
        profile: Profile | None,
        on_command: Callable[[int, Action], None] | None = None,
    ) -> None:
        super().__init__(recording)
        self._clock = clock
        self._on_command = on_command
        self._values = [recording[oid].encoded for oid in self.oids]
        self._moves: dict[int, list[tuple[float, bytes]]] = {}
        self._writables: dict[ber.Oid, Writable] = {}
        self._columns: set[ber.Oid] = set()
        self._outlets: dict[int, RecordedOutlet] = {}
        self._switch: list[tuple[str, RecordedColumn]] = []
        self._counting: dict[int, tuple[RecordedOutlet, str, int]] = {}
        """Position -> whose seconds it counts down, until what, and what it answers else."""
        self._remembering: set[int] = set()
        """Positions of command columns that answer what was written there last."""
        if profile is not None:
            self._absolute = profile.absolute
            self._find_commands(recording, profile)

    @property
    def outlets(self) -> int:
        """How many outlets can be switched."""
        return len({w.outlet for w in self._writables.values()} - {WHOLE_PDU})

    def value(self, position: int) -> bytes:
        """As recorded, or as the last command that is through has left it."""
        counting = self._counting.get(position)
        if counting is not None:
            outlet, doing, idle = counting
            now_s = self._clock.monotonic()
            left = outlet.seconds_left(now_s) if outlet.doing(now_s) == doing else None
            return ber.encode_int(INTEGER, idle if left is None else left)
        moves = self._moves.get(position)
        if moves:
            now_s = self._clock.monotonic()
            while moves and moves[0][0] <= now_s:
                self._values[position] = moves.pop(0)[1]
        return self._values[position]

    # -- writing ------------------------------------------------------------------------------

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """Only commands take a value, whether or not the walk shows their column."""
        oid = decode_oid(name)
        writable = self._writables.get(oid)
        if writable is None:
            in_column = any(oid[: len(column)] == column for column in self._columns)
            return NO_CREATION if in_column else NOT_WRITABLE
        if tag != INTEGER:
            return WRONG_TYPE
        return NO_ERROR if writable.order(ber.decode_int(content)) is not None else WRONG_VALUE

    def commit_set(self, name: bytes, content: bytes) -> None:
        """Move the columns that show what the command does, a reboot there and back."""
        oid = decode_oid(name)
        order = self._writables[oid].order(ber.decode_int(content))
        if order is None:
            return
        if order.action in _PREFERRED:
            self._prefer(_PREFERRED[order.action])
        else:
            for number in [order.outlet] if order.outlet else list(self._outlets):
                self._outlet(number, order)
        position = self.position(name)
        if position in self._remembering:
            self._values[position] = ber.encode_int(INTEGER, ber.decode_int(content))
        if self._on_command is not None:
            self._on_command(order.outlet, order.action)

    def _outlet(self, number: int, order: Order) -> None:
        action = order.action.removeprefix("all_")
        now_s = self._clock.monotonic()
        outlet = self._outlets[number]
        if order.only not in (None, outlet.doing(now_s)):
            return
        for position, moves in outlet.switch(action, order.delay_s, now_s, self._number):
            self._moves[position] = moves
        for column in outlet.columns:
            self.value(column.position)

    def _number(self, position: int) -> int:
        """The INTEGER that stands there now."""
        return ber.decode_int(self.value(position)[2:])

    def _prefer(self, ident: str) -> None:
        now_s = self._clock.monotonic()
        for field, column in self._switch:
            raw = column.raw_of(ident)
            if raw is not None and (field == "preferred" or ident != "none"):
                after_s = 0.0 if field == "preferred" else RETRANSFER_S
                self._moves[column.position] = [(now_s + after_s, ber.encode_int(INTEGER, raw))]

    # -- finding what can be written ----------------------------------------------------------

    def _find_commands(self, recording: Recording, profile: Profile) -> None:
        walking = _Walk(recording)
        found = [(c, bound) for c, bound in _branches(walking, profile) if bound.outlets]
        for commands in profile.commands:
            self._columns.add(parse_oid(profile.absolute(commands.oid).split(".{")[0]))
        answered = [
            (commands, bound)
            for commands, bound in found
            if any(
                part.commands is not None and parse_oid(part.commands.oid) in recording
                for part in bound.outlets
            )
        ] or found[:1]
        for commands, bound in found:
            switched = (commands, bound) in answered
            for part in bound.outlets:
                self._add_outlet(part, recording, commands if switched else None)
        bound = bind(profile, run_now(find_shape(walking, profile)))
        if bound.all_commands:
            for whole in profile.all_commands:
                for pattern, writable in all_writables(whole, None).items():
                    self._scalar(profile.absolute(pattern), writable)
        if profile.prefer is not None:
            self._scalar(profile.absolute(profile.prefer.oid), prefer_writable(profile.prefer))
        for field in () if bound.ats is None else bound.ats.fields:
            if field.name in ("active", "preferred"):
                for column in field.columns:
                    position = self._integer_at(column.oid)
                    if position is not None and column.enum is not None:
                        words = RecordedColumn(position, {"state": dict(column.enum)})
                        self._switch.append((field.name, words))

    def _scalar(self, oid: str, writable: Writable) -> None:
        if self._integer_at(oid) is not None:
            self._writables.setdefault(parse_oid(oid), writable)

    def _add_outlet(
        self, part: BoundPart, recording: Recording, commands: OutletCommands | None
    ) -> None:
        outlet = self._outlets.setdefault(part.number, RecordedOutlet())
        for field in part.fields:
            for column in field.columns:
                if field.name in SETTINGS:
                    found = recording.get(parse_oid(column.oid))
                    outlet.learn(field.name, found, column.column)
                position = self._integer_at(column.oid)
                if position is not None and column.enum is not None:
                    outlet.add(position, field.name, column.enum)
        if commands is None or part.commands is None:
            return
        echoed = self._integer_at(part.commands.oid) if commands.echo else None
        if echoed is not None:
            outlet.add(echoed, "state", {raw: word for word, raw in commands.echo.items()})
        for pattern, writable in outlet_writables(commands, part.number).items():
            oid = parse_oid(self._row_oid(pattern, part))
            self._writables.setdefault(oid, writable)
            position = self.position(ber.encode_oid(oid))
            if position is None:
                continue
            if writable.counts is not None:
                idle = -1 if writable.idle is None else writable.idle
                self._counting[position] = (outlet, writable.counts, idle)
            elif not commands.echo and commands.idle is None:
                self._remembering.add(position)

    def _row_oid(self, pattern: str, part: BoundPart) -> str:
        assert part.row is not None
        names: dict[str, int | str] = {
            "i": part.row.index, "n": part.row.number, "m": part.row.module,
            "a": part.row.index.partition(".")[0],
        }  # fmt: skip
        return str(expand(self._absolute(pattern), names))

    def _integer_at(self, oid: str) -> int | None:
        """The position of an OID that answers with an INTEGER."""
        position = self.position(ber.encode_oid(parse_oid(oid)))
        there = position is not None and self._values[position][0] == INTEGER
        return position if there else None


def _branches(walking: _Walk, profile: Profile) -> list[tuple[OutletCommands, Bound]]:
    """Every table of commands with the outlets it is for: a device may answer several branches."""
    if profile.outlet is None:
        return []
    fallbacks = [t for key, tables in profile.fallback.items() if key == "outlet" for t in tables]
    tables = [(table, walk) for table in (profile.outlet, *fallbacks) for walk in table.rows.walk]
    out = []
    for branch, (table, walk) in enumerate(tables):
        commands = next((c for c in profile.commands if c.branch in (None, branch)), None)
        if commands is None:
            continue
        replace = msgspec.structs.replace
        alone = replace(
            profile,
            outlet=replace(table, rows=replace(table.rows, walk=(walk,))),
            fallback={},
            commands=(replace(commands, branch=None),),
        )
        out.append((commands, bind(alone, run_now(find_shape(walking, alone, ("outlet",))))))
    return out


class _Walk:
    """A recording for those who walk devices."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._oids = sorted(recording)

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        """What was recorded below an OID."""
        top = parse_oid(root)
        out: list[tuple[str, RawValue | None]] = []
        for oid in self._oids[bisect_right(self._oids, top) :]:
            if oid[: len(top)] != top or len(out) == max_rows:
                break
            out.append((dotted(oid), _raw_value(self._recording[oid])))
        return out


def _raw_value(value: Recorded) -> RawValue | None:
    if value.tag == ber.NULL:
        return None
    if value.tag == ber.OID:
        return dotted(decode_oid(value.content))
    if value.tag in (ber.STRING, ber.OPAQUE, ber.IP_ADDRESS):
        return value.content
    return ber.decode_int(value.content)


def run_now(work: Coroutine[Any, Any, Done]) -> Done:
    """The result of a coroutine that waits for nothing: a recording answers at once."""
    try:
        work.send(None)
    except StopIteration as done:
        result: Done = done.value
        return result
    raise RuntimeError("a recording lets nobody wait")
