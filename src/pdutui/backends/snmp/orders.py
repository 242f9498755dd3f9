"""What can be written to a simulated PDU: the profile's commands, read backwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec

from pdutui.backends.snmp.profile import Act, AllCommands, OutletCommands, PreferCommand
from pdutui.domain.commands import WHOLE_PDU, Action, OutletAction, PduAction

LONGEST_DELAY_S = 99_999
_OUTLET: Mapping[str, Action] = {action: action for action in get_args(OutletAction)}
_ALL: Mapping[str, Action] = {
    action.removeprefix("all_"): action
    for action in get_args(PduAction)
    if action.startswith("all_")
}
_PREFER: Mapping[str, Action] = {"A": "prefer_a", "B": "prefer_b", "none": "prefer_none"}


class Order(msgspec.Struct, frozen=True):
    """What writing one integer means."""

    action: Action
    outlet: int = WHOLE_PDU
    module: int | None = None
    """Only the outlets of this module; None: all of them."""
    delay_s: int | None = None
    only: str | None = None
    """With `cancel`: only if this (on, off, reboot) is what is pending."""


class Writable(msgspec.Struct):
    """An object that takes commands."""

    outlet: int = WHOLE_PDU
    module: int | None = None
    values: dict[int, Action] = {}
    seconds: Action | None = None
    """What a number of seconds above 0 does, if the object takes one."""
    idle: int | None = None
    """With `seconds`: what it answers while nothing is pending, and takes that back by."""

    @property
    def counts(self) -> str | None:
        """With `seconds`: what it counts down to: on, off or reboot."""
        return None if self.seconds is None else self.seconds.rpartition("_")[2]

    def order(self, value: int) -> Order | None:
        """What writing this means; None: nothing that the device knows."""
        action: Action | None = self.values.get(value)
        if action is not None:
            return Order(action, self.outlet, self.module)
        if self.seconds is None:
            return None
        if value == self.idle:
            cancel: Action = "cancel" if self.outlet else "all_cancel"
            return Order(cancel, self.outlet, self.module, only=self.counts)
        if 0 < value <= LONGEST_DELAY_S:
            return Order(self.seconds, self.outlet, self.module, value)
        return None


def outlet_writables(commands: OutletCommands, outlet: int) -> dict[str, Writable]:
    """Column -> what it takes for one outlet, the usual column first."""
    out = _writables(commands, _OUTLET)
    for writable in out.values():
        writable.outlet = outlet
    return out


def all_writables(commands: AllCommands, module: int | None) -> dict[str, Writable]:
    """Object -> what it takes for all outlets of a PDU, or of one module."""
    out = _writables(commands, _ALL)
    for writable in out.values():
        writable.module = module
    return out


def prefer_writable(prefer: PreferCommand) -> Writable:
    """What the object for the preferred source takes."""
    return Writable(values={value: _PREFER[ident] for ident, value in prefer.values.items()})


def _writables(
    commands: OutletCommands | AllCommands, names: Mapping[str, Action]
) -> dict[str, Writable]:
    out: dict[str, Writable] = {}

    def at(oid: str) -> Writable:
        return out.setdefault(oid, Writable(values={}, idle=commands.idle))

    at(commands.oid)
    for name, given in commands.actions.items():
        act = given if isinstance(given, Act) else Act(value=given)
        action = names.get(name)
        for oid in act.countdown:
            at(oid).idle = act.value
        if action is None or act.countdown:
            continue
        column = at(act.oid or commands.oid)
        if act.seconds:
            column.seconds = action
        elif act.value is not None:
            column.values.setdefault(act.value, action)
    return out
