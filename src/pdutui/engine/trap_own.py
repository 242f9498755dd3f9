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
UNKNOWN_DELAY_S = 7200.0
"""For how long a delayed command may be, where the delay is the device's own."""
EARLY_S = 30.0
"""How much sooner than asked for a delayed command may come."""
REBOOT_S = 120.0
"""How much longer a delayed reboot may take until it is on again."""
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
    from_s: float
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
        if not any(stage in _SENT for stage, _ in result.stages) or _changed_nothing(result):
            return
        key = (intent.pdu, intent.outlet)
        self._done.pop(key, None)
        if not effects:
            return
        if result.outcome == "observed" and intent.action.endswith("reboot"):
            effects -= {"outlet_off"}  # it was seen on again: another off is somebody else's
        delay_s: float | None = intent.delay_s
        delayed = "delayed" in intent.action and (result.pending or result.outcome != "observed")
        wait_s = AFTER_S
        if delayed:
            wait_s += UNKNOWN_DELAY_S if delay_s is None else delay_s
            wait_s += REBOOT_S if intent.action.endswith("reboot") else 0.0
        from_s = now_s + max(0.0, (delay_s or 0.0) - EARLY_S) if delayed else now_s
        sure = not delayed or delay_s is not None
        self._done[key] = _Done(effects, from_s, now_s + wait_s, sure)
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
            if done is None or kind not in done.effects:
                continue
            if done.from_s <= now_s < done.until_s:
                return "ours" if done.sure else "perhaps ours"
        return "not ours"


def _changed_nothing(result: CommandResult) -> bool:
    """Whether it leaves what was asked for before as it was."""
    action = result.intent.action
    if action == "identify" or result.outcome == "failed":
        return True
    return action.endswith("cancel") and result.outcome != "observed"


def _effects(action: Action) -> frozenset[str]:
    """The kinds of trap that an action brings about."""
    return _EFFECTS.get(action.removeprefix("all_").removeprefix("delayed_"), frozenset())
