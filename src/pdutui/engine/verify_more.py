"""Following commands that do not switch at once, and a change of the preferred source."""

from __future__ import annotations

from pdutui.backends.base import OutletStatus, PduStatus
from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import ActiveSource
from pdutui.engine.labels import seconds
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


_OURS: dict[OutletAction, frozenset[str]] = {
    "delayed_on": frozenset({"on", "unspecified"}),
    "delayed_off": frozenset({"off", "unspecified"}),
    "delayed_reboot": frozenset({"on", "off", "reboot", "unspecified"}),
}
"""What a device may show as pending for each of them; anything else is another command."""


class DelayedFollow:
    """Follows a delayed command until the device shows it pending, or has carried it out.

    That is all there is to be seen now; what comes later is told when it comes.
    """

    def __init__(self, action: OutletAction, before: str, off_s: float | None = None) -> None:
        self._action = action
        self._before = before
        self._target = {"delayed_on": "on", "delayed_off": "off"}.get(action)
        self._off_s = off_s
        self._run = Run()
        self._reads = 0
        self._other: str | None = None
        self._begun: RebootFollow | None = None
        """A reboot whose delay was over at once."""

    @property
    def more_s(self) -> float:
        """The off time of a reboot that has begun."""
        return 0.0 if self._begun is None else self._begun.more_s

    @property
    def gap_s(self) -> float:
        """Short: a pending command may be carried out soon."""
        return 2 * FIRST_GAP_S if self._begun is None else self._begun.gap_s

    @property
    def settling(self) -> bool:
        """Whether it was carried out and only has to stay."""
        if self._begun is not None:
            return self._begun.settling
        return self._run.state == self._target != self._before

    def see(self, status: OutletStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._reads += 1
        self._run.see(status.state, at_s)
        if self._action == "delayed_reboot" and self._begun is None:
            moved = "unknown" not in (status.state, self._before) and status.state != self._before
            self._begun = RebootFollow(self._before, self._off_s) if moved else None
        if self._begun is not None:
            return self._begun.see(status, at_s)
        ours = status.pending in _OURS[self._action]
        self._other = None if ours else status.pending
        if ours:
            text = f"{status.state}; pending: the device will {_WILL[self._action]}"
            return Observation(outcome="observed", detail=text, after=status.state, pending=True)
        if self.settling and self._run.steady(at_s, SETTLE_S):
            text = f"{status.state} after {self._run.since_s:.1f} s"
            return Observation(outcome="observed", detail=text, after=status.state)
        return None

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed: nothing shows that the device has it in mind."""
        if self._begun is not None:
            return self._begun.give_up(trouble, after_s)
        state = self._run.state
        if not self._reads:
            text = f"the outlet could not be read back: {trouble or 'no answer'}"
        elif self._other is not None:
            text = f"the outlet is {state} and shows another command pending ({self._other})"
        else:
            text = (
                f"the outlet is {state} and the device shows no pending command after"
                f" {seconds(after_s)}; it may still switch"
            )
        return Observation(outcome="unconfirmed", detail=text, after=state)


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
    return DelayedFollow(action, before, off_s)


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
