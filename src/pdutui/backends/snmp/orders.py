"""What can be written to a simulated PDU: the profile's commands, read backwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec

from pdutui.backends.snmp.profile import Act, AllCommands, OutletCommands, PreferCommand
from pdutui.domain.commands import WHOLE_PDU, Action, OutletAction, PduAction

LONGEST_DELAY_S = 99_999
_PREFER: dict[str, PduAction] = {"A": "prefer_a", "B": "prefer_b", "none": "prefer_none"}
_ALL: dict[str, PduAction] = {
    action.removeprefix("all_"): action
    for action in get_args(PduAction)
    if action.startswith("all_")
}


class Order(msgspec.Struct, frozen=True):
    """What writing one integer means."""

    action: Action
    outlet: int = WHOLE_PDU
    module: int | None = None
    """Only the outlets of this module; None: all of them."""
    delay_s: int | None = None
    only: OutletAction | None = None
    """With `cancel`: only if this is what is pending."""


class Writable(msgspec.Struct):
    """An object that takes commands."""

    outlet: int = WHOLE_PDU
    module: int | None = None
    values: dict[int, Action] = {}
    seconds: OutletAction | None = None
    """What a number of seconds above 0 does, if the object takes one."""
    idle: int | None = None
    """With `seconds`: what it answers while nothing is pending, and takes that back by."""

    def order(self, value: int) -> Order | None:
        """What writing this means; None: nothing that the device knows."""
        action: Action | None = self.values.get(value)
        if action is not None:
            return Order(action, self.outlet, self.module)
        if self.seconds is not None and value == self.idle:
            return Order("cancel", self.outlet, self.module, only=self.seconds)
        if self.seconds is not None and 0 < value <= LONGEST_DELAY_S:
            return Order(self.seconds, self.outlet, self.module, value)
        return None


def outlet_patterns(commands: OutletCommands) -> tuple[str, ...]:
    """The columns that an outlet is switched by, the usual one first."""
    acts = [act for act in commands.actions.values() if isinstance(act, Act)]
    further = [oid for a in acts for oid in (a.oid, *a.countdown) if oid is not None]
    return tuple(dict.fromkeys([commands.oid, *further]))


def outlet_writables(commands: OutletCommands, outlet: int) -> dict[str, Writable]:
    """Column -> what it takes for one outlet."""
    out = {pattern: Writable(outlet, values={}) for pattern in outlet_patterns(commands)}
    for name, act in commands.actions.items():
        action = _outlet_action(name)
        if action is None:
            continue
        full = act if isinstance(act, Act) else Act(value=act)
        for pattern in full.countdown:
            out[pattern].idle = full.value
        if full.countdown:
            continue
        column = out[full.oid or commands.oid]
        if full.seconds:
            column.seconds = action
        elif full.value is not None:
            column.values.setdefault(full.value, action)
    for column in out.values():
        column.idle = commands.idle if column.idle is None else column.idle
    return out


def all_writable(commands: AllCommands, module: int | None) -> Writable:
    """What the scalar for all outlets takes."""
    values: dict[int, Action] = {
        value: _ALL[name]
        for name, value in commands.actions.items()
        if name in _ALL and isinstance(value, int)
    }
    return Writable(module=module, values=values)


def prefer_writable(prefer: PreferCommand) -> Writable:
    """What the scalar for the preferred source takes."""
    return Writable(values={value: _PREFER[ident] for ident, value in prefer.values.items()})


def _outlet_action(name: str) -> OutletAction | None:
    known: Mapping[str, OutletAction] = {action: action for action in get_args(OutletAction)}
    return known.get(name)
