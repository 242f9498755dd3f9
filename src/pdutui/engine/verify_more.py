"""Following commands that do not switch at once, and commands on a whole PDU."""

from __future__ import annotations

from collections.abc import Mapping

from pdutui.backends.base import OutletStatus, PduStatus
from pdutui.domain.commands import Action, OutletAction
from pdutui.domain.reading import ActiveSource, OutletState
from pdutui.engine.labels import number_ranges, seconds
from pdutui.engine.subject import outlet_part, states_text
from pdutui.engine.verify import (
    FIRST_GAP_S,
    LAST_GAP_S,
    SETTLE_S,
    Follow,
    Observation,
    RebootFollow,
    Run,
    SwitchFollow,
)

_WILL: dict[OutletAction, str] = {
    "delayed_on": "switch it on",
    "delayed_off": "switch it off",
    "delayed_reboot": "reboot it",
}


class DelayedFollow:
    """Follows a delayed command until the device shows it pending, or has carried it out.

    That is all there is to be seen now; what comes later is told when it comes.
    """

    more_s = 0.0

    def __init__(self, action: OutletAction, before: str) -> None:
        self._action = action
        self._before = before
        self._state: OutletState = "unknown"
        self._reads = 0

    @property
    def gap_s(self) -> float:
        """Short: a pending command may be carried out soon."""
        return 2 * FIRST_GAP_S

    @property
    def settling(self) -> bool:
        """Never: a pending command counts as soon as it is seen."""
        return False

    def see(self, status: OutletStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._reads += 1
        self._state = status.state
        if status.pending is not None:
            text = f"{status.state}; pending: the device will {_WILL[self._action]}"
            return Observation(outcome="observed", detail=text, after=status.state)
        target = {"delayed_on": "on", "delayed_off": "off"}.get(self._action)
        if status.state == target and status.state != self._before:
            text = f"{status.state} after {at_s:.1f} s"
            return Observation(outcome="observed", detail=text, after=status.state)
        return None

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed: nothing shows that the device has it in mind."""
        if not self._reads:
            text = f"the outlet could not be read back: {trouble or 'no answer'}"
        else:
            text = (
                f"the outlet is {self._state} and the device shows no pending command after"
                f" {seconds(after_s)}; it may still switch"
            )
        return Observation(outcome="unconfirmed", detail=text, after=self._state)


class CancelFollow:
    """Follows the cancelling of a pending command."""

    more_s = 0.0

    def __init__(self, before: str, was_pending: bool) -> None:
        self._before = before
        self._was_pending = was_pending
        self._run = Run()
        self._pending = False

    @property
    def gap_s(self) -> float:
        """Short all along."""
        return FIRST_GAP_S

    @property
    def settling(self) -> bool:
        """Whether nothing was pending when last seen."""
        return self._run.reads > 0 and not self._pending

    def see(self, status: OutletStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._pending = status.pending is not None
        if self._pending:
            self._was_pending = True
            self._run = Run()
            return None
        self._run.see(status.state, at_s)
        if not self._was_pending or not self._run.steady(at_s, SETTLE_S):
            return None
        state = status.state
        if state != self._before and "unknown" not in (state, self._before):
            text = f"too late: it is {state} now, nothing is pending"
            return Observation(outcome="contradicted", detail=text, after=state)
        text = f"nothing is pending any more; {state}"
        return Observation(outcome="observed", detail=text, after=state)

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed."""
        if not self._run.reads and not self._pending:
            text = f"the outlet could not be read back: {trouble or 'no answer'}"
        elif self._pending:
            text = f"the device still has a command pending after {seconds(after_s)}"
        else:
            text = "the device showed no pending command before or after; the outlet is " + (
                self._run.state
            )
        return Observation(outcome="unconfirmed", detail=text, after=self._run.state)


def follow_outlet(
    action: OutletAction, before: str, *, was_pending: bool = False, off_s: float | None = None
) -> Follow[OutletStatus]:
    """The judge that fits an action on one outlet."""
    if action == "reboot":
        return RebootFollow(before, off_s)
    if action == "on" or action == "off":
        return SwitchFollow(action, before)
    if action == "cancel":
        return CancelFollow(before, was_pending)
    return DelayedFollow(action, before)


class AllFollow:
    """Follows a command on all outlets: one judge for each of them.

    Outlets that cannot be switched are not waited for.
    """

    def __init__(
        self, action: Action, before: Mapping[int, OutletState], pending: frozenset[int]
    ) -> None:
        part = outlet_part(action)
        self._follows = {
            number: follow_outlet(part, state, was_pending=number in pending)
            for number, state in before.items()
            if part != "cancel" or number in pending
        }
        self._ended: dict[int, Observation] = {}
        self._states: dict[int, str] = dict(before)

    @property
    def more_s(self) -> float:
        """As long as the slowest."""
        return max((follow.more_s for follow in self._open.values()), default=0.0)

    @property
    def _open(self) -> dict[int, Follow[OutletStatus]]:
        return {n: follow for n, follow in self._follows.items() if n not in self._ended}

    @property
    def gap_s(self) -> float:
        """The shortest that any wants: a short off must not slip through."""
        return min((follow.gap_s for follow in self._open.values()), default=LAST_GAP_S)

    @property
    def settling(self) -> bool:
        """Whether all that are not done yet are settling."""
        return all(follow.settling for follow in self._open.values())

    def see(self, status: PduStatus, at_s: float) -> Observation | None:
        """Take in one read of all outlets."""
        for number, follow in self._open.items():
            outlet = status.outlets.get(number)
            if outlet is None:
                continue
            self._states[number] = outlet.state
            end = follow.see(outlet, at_s)
            if end is not None:
                self._ended[number] = end
        return None if self._open else self._sum(at_s)

    def _sum(self, at_s: float) -> Observation:
        wrong = [n for n, end in self._ended.items() if end.outcome != "observed"]
        after = states_text(self._states)
        if not wrong:
            done = len(self._ended)
            text = f"all {done} outlets followed within {seconds(at_s)}: {after}"
            if not done:
                text = "no outlet had a command pending"
            return Observation(outcome="observed", detail=text, after=after)
        against = [n for n in wrong if self._ended[n].outcome == "contradicted"]
        outcome = "contradicted" if against else "unconfirmed"
        first = self._ended[(against or wrong)[0]]
        text = f"outlets {number_ranges(against or wrong)}: {first.detail}; now {after}"
        return Observation(
            outcome="contradicted" if outcome == "contradicted" else "unconfirmed",
            detail=text,
            after=after,
        )

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed or contradicted, and which outlets did not follow."""
        for number, follow in self._open.items():
            self._ended[number] = follow.give_up(trouble, after_s)
        return self._sum(after_s)


class PreferFollow:
    """Follows a change of the preferred source."""

    more_s = 0.0

    def __init__(self, target: ActiveSource, before: str, transfers: bool) -> None:
        self._target = target
        self._before = before
        self._transfers = transfers and target != "none"
        self._last = PduStatus()
        self._reads = 0
        self._since_s: float | None = None

    @property
    def gap_s(self) -> float:
        """Short while it settles."""
        return FIRST_GAP_S if self.settling else LAST_GAP_S

    @property
    def settling(self) -> bool:
        """Whether it is as asked for and only has to stay."""
        return self._since_s is not None

    def see(self, status: PduStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._reads += 1
        self._last = status
        there = status.preferred == self._target
        if self._transfers:
            there = there and status.active == self._target
        if not there:
            self._since_s = None
            return None
        if self._since_s is None:
            self._since_s = at_s
        if at_s - self._since_s < SETTLE_S - 1e-6:
            return None
        return Observation(outcome="observed", detail=self._text(), after=self._target)

    def _text(self) -> str:
        preferred, active = self._last.preferred, self._last.active
        head = "no source preferred" if preferred == "none" else f"source {preferred} preferred"
        if active is None:
            return head
        return f"{head}; " + (
            "no source carries the load" if active == "none" else f"{active} carries the load"
        )

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Contradicted if it prefers a third thing, else unconfirmed."""
        preferred = self._last.preferred
        if not self._reads:
            text = f"the transfer switch could not be read back: {trouble or 'no answer'}"
            return Observation(outcome="unconfirmed", detail=text, after="unknown")
        after = preferred or "unknown"
        if preferred is not None and preferred not in (self._target, self._before):
            text = f"was {self._before} and went {preferred}"
            return Observation(outcome="contradicted", detail=text, after=after)
        text = f"after {seconds(after_s)}: {self._text()}"
        return Observation(outcome="unconfirmed", detail=text, after=after)
