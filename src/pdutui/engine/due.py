"""What is pending on a device, and when it will be carried out as far as that is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.commands import CommandResult, OutletAction
from pdutui.engine.sentences import UNTIMED, Timing, own_delay_s
from pdutui.engine.subject import outlet_part
from pdutui.engine.view import Due

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet, Pending, Reading

_LONGEST = timedelta(minutes=5)
"""No command takes longer from the wire to its end; what does is a wall clock that was set."""
_WORDS: dict[OutletAction, Pending] = {
    "delayed_on": "on", "delayed_off": "off", "delayed_reboot": "reboot",
}  # fmt: skip
_ACTIONS: dict[Pending, OutletAction] = {word: action for action, word in _WORDS.items()}


class _Ours(msgspec.Struct):
    """A delayed command of ours that was seen pending."""

    action: OutletAction
    at_s: float | None
    """When the device carries it out, in monotonic seconds; None: its delay is not known."""
    ended_s: float
    """When the command was done with here."""


class DueBook:
    """The pending commands of one PDU."""

    def __init__(self) -> None:
        self._ours: dict[int, _Ours] = {}
        self._over: dict[int, float] = {}
        """Outlets whose pending command was taken back, and when: until a later poll shows it."""

    def ended(
        self,
        result: CommandResult,
        outlets: Sequence[int],
        timing: Mapping[int, Timing],
        now_s: float,
    ) -> None:
        """Take in the end of a command that was sent.

        Args:
            result: how it ended.
            outlets: those it was about.
            timing: the delays set in the device, by outlet.
            now_s: monotonic time.
        """
        if result.intent.action.startswith("prefer_"):
            return
        action = outlet_part(result.intent.action)
        if action == "cancel" and result.outcome == "observed":
            for number in outlets:
                self._ours.pop(number, None)
                self._over[number] = now_s
        if action not in _WORDS or not result.pending:
            return
        began_s = now_s - _since_sent(result)
        for number in outlets:
            delay_s: float | None = result.intent.delay_s
            if delay_s is None:
                delay_s = own_delay_s(action, timing.get(number, UNTIMED))
            known = delay_s is not None and delay_s >= 0
            at_s = began_s + delay_s if known and delay_s is not None else None
            self._ours[number] = _Ours(action=action, at_s=at_s, ended_s=now_s)
            self._over.pop(number, None)

    def saw(self, reading: Reading, began_s: float) -> None:
        """Take in a poll that began then: what is not pending any more is over."""
        if not self._ours and not self._over:
            return
        pending = {o.number for o in reading.outlets if o.pending is not None}
        self._ours = {
            number: ours
            for number, ours in self._ours.items()
            if number in pending or ours.ended_s > began_s
        }
        self._over = {number: at_s for number, at_s in self._over.items() if at_s > began_s}

    def view(self, reading: Reading | None, busy: Collection[int], now_s: float) -> dict[int, Due]:
        """What is pending now.

        Args:
            reading: the last one.
            busy: outlets with a command of ours under way, which stands there by itself.
            now_s: monotonic time.
        """
        if reading is None:
            return {}
        out = {}
        for outlet in reading.outlets:
            if outlet.pending is None and outlet.number not in self._ours:
                continue
            if outlet.number in busy or outlet.number in self._over:
                continue
            due = self._one(outlet, now_s)
            if due is not None:
                out[outlet.number] = due
        return out

    def _one(self, outlet: Outlet, now_s: float) -> Due | None:
        ours = self._ours.get(outlet.number)
        if ours is not None and outlet.pending in (None, "unspecified", _WORDS[ours.action]):
            left_s = None if ours.at_s is None else ours.at_s - now_s
            return Due(action=ours.action, left_s=left_s)
        if outlet.pending is None or outlet.pending == "unspecified":
            return None  # somebody's, and the device does not say what: the reading says as much
        return Due(action=_ACTIONS[outlet.pending])


def _since_sent(result: CommandResult) -> float:
    """How long ago a command went out that has just ended, in seconds."""
    sent = next((at for stage, at in result.stages if stage == "sent"), result.ended)
    passed = result.ended - sent
    return passed.total_seconds() if timedelta(0) <= passed <= _LONGEST else 0.0
