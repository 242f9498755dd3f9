"""Reading back after a command: what the device shows, not what it answered, is the outcome.

A follow (`SwitchFollow`, `RebootFollow` here, others in `verify_more`) judges a row of observations
and knows nothing of time or wire; `read_back` feeds it. Reads come every 0.25 s and a little less
often as time goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from pdutui.backends.base import BackendError, OutletStatus
from pdutui.domain.clock import Clock
from pdutui.domain.reading import OutletState
from pdutui.engine.labels import seconds
from pdutui.engine.waiting import within

FIRST_GAP_S = 0.25
LAST_GAP_S = 1.0
REBOOT_GAP_S = 0.5
"""The widest gap until a rebooting outlet was seen off: a short off must not slip through."""
GAP_GROWTH = 1.2
SETTLE_S = 0.5
"""How long a state must be seen, by two reads at least, before it is believed."""
OTHER_WAY_S = 2.0
"""The same for a state that nobody asked for and that was never seen to begin with: it may be
older than the command."""
PENDING_ONLY_S = 2.0
"""The same for a reboot whose off was never seen, only its pending command, before it is given up.
"""
_NEVER_OFF = "the command was seen pending and is not any more, but the outlet was never seen off"
GRACE_S = 1.5
"""More time after the limit for a state that is just settling."""
REBOOT_OFF_UNKNOWN_S = 10.0
"""Time allowed for the off phase of a reboot when the device does not say how long it is."""
ONE_READ_S = 5.0

Status_contra = TypeVar("Status_contra", contravariant=True)
Status = TypeVar("Status")


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """How following a command ended."""

    outcome: Literal["observed", "unconfirmed", "contradicted"]
    detail: str
    after: str
    """As last read; unknown when it never was."""
    pending: bool = False
    """What was observed is that it is pending."""


class Run(msgspec.Struct):
    """How long one state has been seen without a break."""

    state: OutletState = "unknown"
    since_s: float = 0.0
    reads: int = 0

    def see(self, state: OutletState, at_s: float) -> None:
        """Take in one read."""
        if state != self.state or not self.reads:
            self.state, self.since_s, self.reads = state, at_s, 0
        self.reads += 1

    def steady(self, at_s: float, settle_s: float) -> bool:
        """Whether it was read twice or more, over at least that long."""
        return self.reads >= 2 and at_s - self.since_s >= settle_s - 1e-6


class Follow(Protocol[Status_contra]):
    """Judges the reads after one command."""

    @property
    def gap_s(self) -> float:
        """The widest gap to the next read."""
        ...

    @property
    def settling(self) -> bool:
        """Whether the state asked for is there and only has to stay."""
        ...

    @property
    def more_s(self) -> float:
        """How much longer than usual this may take: the off time of a reboot."""
        ...

    def see(self, status: Status_contra, at_s: float) -> Observation | None:
        """Take in one read, made so many seconds after the command; an end, or None to go on."""
        ...

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """The end when time is up; `trouble` is why the last reads failed, if they did."""
        ...


class SwitchFollow:
    """Follows on and off."""

    def __init__(self, target: Literal["on", "off"], before: str) -> None:
        self._target = target
        self._before = before
        self._run = Run()
        self._moved = False
        """The target was seen."""
        self._pending = False
        self.more_s = 0.0

    @property
    def gap_s(self) -> float:
        """Short while the state settles."""
        return FIRST_GAP_S if self.settling else LAST_GAP_S

    @property
    def settling(self) -> bool:
        """Whether the target was the last thing seen."""
        return self._run.reads > 0 and self._run.state == self._target and not self._pending

    def see(self, status: OutletStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._run.see(status.state, at_s)
        state = status.state
        self._pending = status.pending not in (None, self._target)
        if state == "unknown":
            return None
        if state == self._target:
            self._moved = True
            # One that was there before may be older than the command, and about to go.
            settle_s = OTHER_WAY_S if self._before == self._target else SETTLE_S
            if self._pending or not self._run.steady(at_s, settle_s):
                return None
            return self._observed()
        if self._moved and self._run.steady(at_s, SETTLE_S):
            return self._contradicted()
        if self._before == self._target and self._run.steady(at_s, OTHER_WAY_S):
            return self._contradicted()
        return None

    def _observed(self) -> Observation:
        if self._before == self._target:
            text = f"was {self._target} already, and still is"
        else:
            text = f"{self._target} after {self._run.since_s:.1f} s"
        return Observation(outcome="observed", detail=text, after=self._target)

    def _contradicted(self) -> Observation:
        state = self._run.state
        if self._moved:
            text = f"went {self._target} and back to {state}"
        else:
            text = f"was {self._before} and went {state}"
        return Observation(outcome="contradicted", detail=text, after=state)

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Contradicted if it moved away from the target, else unconfirmed."""
        state, limit = self._run.state, seconds(after_s)
        if not self._run.reads:
            text = f"the outlet could not be read back: {trouble or 'no answer'}"
        elif trouble:
            text = f"last seen {state}, then it could not be read: {trouble}"
        elif state == "unknown":
            text = f"the device does not say which state the outlet is in, after {limit}"
        elif state != self._target and (self._moved or self._before == self._target):
            return self._contradicted()
        elif state != self._target:
            text = f"the outlet is still {state} after {limit}"
        elif self._pending:
            text = f"{state}, but the device still has a command pending after {limit}"
        else:
            text = f"{state} only just now, after {limit}"
        return Observation(outcome="unconfirmed", detail=text, after=state)


class RebootFollow:
    """Follows off and on again."""

    def __init__(self, before: str, off_s: float | None) -> None:
        self._before = before
        self._off_s = off_s
        self._run = Run()
        self._off_at_s: float | None = 0.0 if before == "off" else None
        self._pending_seen = False
        self._pending = False

    @property
    def more_s(self) -> float:
        """The off time, as far as it is known."""
        return REBOOT_OFF_UNKNOWN_S if self._off_s is None else max(0.0, self._off_s)

    @property
    def gap_s(self) -> float:
        """Short until it was seen off, and while on settles."""
        if self.settling:
            return FIRST_GAP_S
        return LAST_GAP_S if self._off_at_s is not None else REBOOT_GAP_S

    @property
    def settling(self) -> bool:
        """Whether it is on again."""
        under_way = self._off_at_s is not None or self._pending_seen
        return under_way and not self._pending and self._run.state == "on"

    def see(self, status: OutletStatus, at_s: float) -> Observation | None:
        """Take in one read."""
        self._run.see(status.state, at_s)
        self._off_s = self._off_s if status.reboot_off_s is None else status.reboot_off_s
        self._pending = status.pending is not None
        if self._pending:
            self._pending_seen = True
            if status.state == "on":
                self._run.reads = 0  # on does not count before the command has been carried out
        if status.state == "off" and self._off_at_s is None:
            self._off_at_s = at_s
        if not self.settling:
            return None
        seen_off = self._off_at_s is not None
        if not self._run.steady(at_s, SETTLE_S if seen_off else PENDING_ONLY_S):
            return None
        if not seen_off:
            # Somebody may have taken it back, or it was a reboot shorter than a read: who knows.
            return Observation(outcome="unconfirmed", detail=_NEVER_OFF, after="on")
        back = f"{self._run.since_s:.1f} s"
        text = (
            f"was off; on after {back}"
            if self._before == "off"
            else f"went off, on again after {back}"
        )
        return Observation(outcome="observed", detail=text, after="on")

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed, and what is wrong with it."""
        state, limit = self._run.state, seconds(after_s)
        if self._run.state == "unknown" and not self._run.reads:
            text = f"the outlet could not be read back: {trouble or 'no answer'}"
        elif trouble:
            text = f"last seen {state}, then it could not be read: {trouble}"
        elif state == "off":
            text = f"the outlet is off and has not come back on after {limit}"
        elif self._pending:
            text = f"the device still has the command pending after {limit}"
        elif self._off_at_s is None and not self._pending_seen:
            text = f"the outlet was never seen off in {limit}"
        elif state == "unknown":
            text = f"the device does not say which state the outlet is in, after {limit}"
        else:
            text = f"{state} only just now, after {limit}"
        return Observation(outcome="unconfirmed", detail=text, after=state)


async def read_back(
    read: Callable[[], Coroutine[Any, Any, Status]],
    follow: Follow[Status],
    *,
    clock: Clock,
    timeout_s: float,
) -> Observation:
    """Read until the state shows how a command ended, or until time is up.

    It only reads. It ends `timeout_s` after its start, or as much later as the follow needs, give
    or take one read and the time a state takes to settle.
    """
    began = clock.monotonic()
    gap, trouble = FIRST_GAP_S, ""
    while True:
        passed = clock.monotonic() - began
        try:
            patience = max(FIRST_GAP_S, min(ONE_READ_S, timeout_s + follow.more_s - passed))
            status = await within(clock, patience, read())
        except TimeoutError:
            trouble = "no answer in time"
        except BackendError as error:
            trouble = str(error)
        else:
            trouble = ""
            end = follow.see(status, clock.monotonic() - began)
            if end is not None:
                return end
        passed = clock.monotonic() - began
        grace = GRACE_S if follow.settling and not trouble else 0.0
        left = timeout_s + follow.more_s - passed + grace
        if left <= 1e-6:
            return follow.give_up(trouble, passed)
        await clock.sleep(min(gap, follow.gap_s, left))
        gap = min(LAST_GAP_S, gap * GAP_GROWTH)
