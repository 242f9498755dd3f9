"""Following commands on all outlets at once."""

from __future__ import annotations

from collections.abc import Mapping

from pdutui.backends.base import OutletStatus, PduStatus
from pdutui.domain.commands import Action
from pdutui.domain.reading import OutletState
from pdutui.engine.labels import number_ranges, seconds
from pdutui.engine.subject import outlet_part, states_text
from pdutui.engine.verify import FIRST_GAP_S, LAST_GAP_S, SETTLE_S, Follow, Observation
from pdutui.engine.verify_more import follow_outlet


def follow_all(
    action: Action, before: Mapping[int, OutletState], pending: frozenset[int]
) -> Follow[PduStatus]:
    """The judge that fits an action on all outlets.

    Args:
        action: what was asked for.
        before: the outlets that it is about, and their states when it was sent; others, and those
            that appear later, are not waited for.
        pending: those of them that had a command pending.
    """
    if outlet_part(action) == "cancel":
        return AllCancelFollow(before, pending)
    return AllFollow(action, before)


def _unread(trouble: str) -> str:
    return f"the outlets could not be read back: {trouble or 'no answer'}"


class AllFollow:
    """Follows a command on all outlets: one judge for each of them."""

    def __init__(self, action: Action, before: Mapping[int, OutletState]) -> None:
        part = outlet_part(action)
        self._follows = {n: follow_outlet(part, state) for n, state in before.items()}
        self._ended: dict[int, Observation] = {}
        self._states: dict[int, str] = dict.fromkeys(before, "unknown")
        self._reads = 0

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
        self._reads += 1
        for number, follow in self._follows.items():
            outlet = status.outlets.get(number)
            if outlet is None:
                continue
            self._states[number] = outlet.state
            done = self._ended.pop(number, None)
            # One that was done is judged again if it moves while the others are waited for.
            still = done is not None and outlet.state in (done.after, "unknown")
            end = done if still else follow.see(outlet, at_s)
            if end is not None:
                self._ended[number] = end
        return None if self._open else self._sum(at_s)

    def _sum(self, at_s: float) -> Observation:
        after = states_text(self._states) or "unknown"
        wrong = [n for n, end in self._ended.items() if end.outcome != "observed"]
        if not self._ended:
            text = "there is no outlet that it could have switched"
            return Observation(outcome="unconfirmed", detail=text, after=after)
        if not wrong:
            count = len(self._ended)
            text = f"all {count} outlets followed within {seconds(at_s)}: {after}"
            wait = sum(end.pending for end in self._ended.values())
            if wait == count:
                text = f"all {count} outlets have it pending; now {after}"
            elif wait:
                have = f"{wait} of {count} outlets {'has' if wait == 1 else 'have'} it pending"
                text = f"{have}, the others followed; now {after}"
            return Observation(outcome="observed", detail=text, after=after, pending=wait > 0)
        against = [n for n in wrong if self._ended[n].outcome == "contradicted"]
        first = self._ended[(against or wrong)[0]]
        return Observation(
            outcome="contradicted" if against else "unconfirmed",
            detail=f"outlets {number_ranges(against or wrong)}: {first.detail}; now {after}",
            after=after,
        )

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed or contradicted, and which outlets did not follow."""
        if not self._reads:
            return Observation(outcome="unconfirmed", detail=_unread(trouble), after="unknown")
        for number, follow in self._open.items():
            self._ended[number] = follow.give_up(trouble, after_s)
        return self._sum(after_s)


class AllCancelFollow:
    """Follows the cancelling of every pending command."""

    more_s = 0.0

    def __init__(self, before: Mapping[int, OutletState], pending: frozenset[int]) -> None:
        self._before = dict(before)
        self._were = set(pending & before.keys())
        """The outlets that were seen with a pending command."""
        self._are: list[int] = []
        self._states: dict[int, str] = dict.fromkeys(before, "unknown")
        self._since_s: float | None = None

    @property
    def gap_s(self) -> float:
        """Short all along."""
        return FIRST_GAP_S

    @property
    def settling(self) -> bool:
        """Whether nothing was pending when last seen."""
        return self._since_s is not None

    def see(self, status: PduStatus, at_s: float) -> Observation | None:
        """Take in one read of all outlets."""
        shown = {n: status.outlets[n] for n in self._before if n in status.outlets}
        self._states.update({n: outlet.state for n, outlet in shown.items()})
        self._are = [n for n, outlet in shown.items() if outlet.pending is not None]
        self._were.update(self._are)
        if self._are or len(shown) < len(self._before) or not shown:
            self._since_s = None
            return None
        self._since_s = at_s if self._since_s is None else self._since_s
        if not self._were or at_s - self._since_s < SETTLE_S - 1e-6:
            return None
        after = states_text(self._states)
        late = [n for n in sorted(self._were) if self._went(n)]
        if late:
            text = f"outlets {number_ranges(late)}: too late: it is {self._states[late[0]]} now"
            text += f", nothing is pending; now {after}"
            return Observation(outcome="contradicted", detail=text, after=after)
        text = f"nothing is pending any more: {after}"
        return Observation(outcome="observed", detail=text, after=after)

    def _went(self, number: int) -> bool:
        was, now = self._before[number], self._states[number]
        return was != now and "unknown" not in (was, now)

    def give_up(self, trouble: str, after_s: float) -> Observation:
        """Unconfirmed."""
        after = states_text(self._states) or "unknown"
        if self._are:
            which = number_ranges(self._are)
            limit = seconds(after_s)
            text = f"outlets {which}: the device still has a command pending after {limit}"
        elif self._since_s is None:
            text = _unread(trouble)
        else:
            text = f"the device showed no pending command before or after; {after}"
        return Observation(outcome="unconfirmed", detail=text, after=after)
