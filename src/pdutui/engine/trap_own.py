"""Whether a trap tells of what a command of ours has just done."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Literal

import msgspec

from pdutui.backends.snmp.trap_rules import TrapKind
from pdutui.domain.commands import WHOLE_PDU, Action, CommandResult
from pdutui.engine.view import InFlight

AFTER_S = 10.0
"""How long after its end a command may still be what a trap tells of."""
UNKNOWN_DELAY_S = 600.0
"""For how long a delayed command may be, where the delay is the device's own."""
_REMEMBERED = 1024
_EFFECTS: dict[str, frozenset[str]] = {
    "on": frozenset({"outlet_on"}),
    "off": frozenset({"outlet_off"}),
    "reboot": frozenset({"outlet_on", "outlet_off", "outlet_reboot"}),
}
_SENT = ("sent", "accepted")

Whose = Literal["ours", "perhaps ours", "not ours"]


class _Done(msgspec.Struct, frozen=True):
    effects: frozenset[str]
    until_s: float
    sure: bool


class OwnCommands:
    """Remembers, for a while, which outlets were switched from here."""

    def __init__(self) -> None:
        self._done: OrderedDict[tuple[str, int], _Done] = OrderedDict()

    def ended(self, result: CommandResult, now_s: float) -> None:
        """A command ended."""
        intent = result.intent
        effects = _effects(intent.action)
        if not any(stage in _SENT for stage, _ in result.stages):
            return
        key = (intent.pdu, intent.outlet)
        self._done.pop(key, None)
        if not effects:
            return
        if result.outcome == "observed" and intent.action.endswith("reboot"):
            effects -= {"outlet_off"}  # it was seen on again: another off is somebody else's
        wait_s, delayed = AFTER_S, "delayed" in intent.action
        if delayed:
            wait_s += UNKNOWN_DELAY_S if intent.delay_s is None else intent.delay_s
        sure = not delayed or intent.delay_s is not None
        self._done[key] = _Done(effects, now_s + wait_s, sure)
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)

    def explain(
        self,
        pdu: str,
        outlet: int | None,
        kind: TrapKind,
        in_flight: Mapping[int, InFlight],
        now_s: float,
    ) -> Whose:
        """Whether a command of ours, under way or just ended, does what a trap tells.

        Args:
            pdu: the sender.
            outlet: which outlet it is about; `WHOLE_PDU` for all, None where it does not say.
            kind: what it tells.
            in_flight: commands under way on the PDU, by outlet.
            now_s: monotonic time.
        """
        if outlet is None or not kind.startswith("outlet_"):
            return "not ours"
        for place in (outlet, WHOLE_PDU):
            flight = in_flight.get(place)
            sent = flight is not None and flight.stage in _SENT
            if flight is not None and sent and kind in _effects(flight.intent.action):
                return "ours"
            done = self._done.get((pdu, place))
            if done is not None and now_s < done.until_s and kind in done.effects:
                return "ours" if done.sure else "perhaps ours"
        return "not ours"


def _effects(action: Action) -> frozenset[str]:
    """The kinds of trap that an action brings about."""
    return _EFFECTS.get(action.removeprefix("all_").removeprefix("delayed_"), frozenset())
