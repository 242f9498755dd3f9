"""What is wrong with a PDU as such: lost, stale; and with our own clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from pdutui.domain.alarm_finding import Finding, Key, clear, found
from pdutui.domain.clock import Clock
from pdutui.domain.health import Health
from pdutui.domain.naming import seconds

DOWN: frozenset[Health] = frozenset({"lost", "refused", "unsupported"})
LOST: Key = ("pdu_lost", "", "")
STALE: Key = ("pdu_stale", "", "")
CLOCK: Key = ("clock_off", "", "")
CLOCK_STAYS_S = 600.0
"""A clock that was set and stays as it is is right, as far as anybody here can tell."""


def health_findings(
    health: Health,
    detail: str,
    age_s: float | None,
    watched_s: float,
    stale_after_s: float,
    tracked: Collection[Key],
) -> Iterator[Finding]:
    """Whether a PDU is lost or stale.

    Args:
        health: as it is judged now.
        detail: why, for people.
        age_s: of its last reading; None: there is none.
        watched_s: for how long it has been asked, where there is no reading.
        stale_after_s: so old a reading is stale.
        tracked: the conditions that are followed already.
    """
    if health in DOWN:
        yield found("pdu_lost", "critical", f"{health}: {detail}" if detail else health)
    elif LOST in tracked:
        # One that is just being asked may be lost as well as not.
        yield Finding(kind="pdu_lost", known=health != "connecting")
    if is_stale(health, age_s, watched_s, stale_after_s):
        never = age_s is None
        what = "no reading yet, after" if never else "no new reading for"
        text = f"{what} more than {seconds(stale_after_s)}"
        yield found("pdu_stale", "warning", f"{text}: {detail}" if detail else text)
    elif STALE in tracked:
        yield Finding(kind="pdu_stale", known=health != "connecting")


def is_stale(health: Health, age_s: float | None, watched_s: float, stale_after_s: float) -> bool:
    """Whether a PDU that is not lost has not been read for so long."""
    if health in DOWN or health == "live":
        return False
    return (watched_s if age_s is None else age_s) > stale_after_s


class ClockWatch:
    """Holds the clock on the wall against the one that does not jump.

    Args:
        clock: both of them.
        off_s: how far it may jump; 0: as far as it likes.
    """

    def __init__(self, clock: Clock, off_s: float) -> None:
        self._clock = clock
        self._off_s = off_s
        self._right_s = self._offset_s()
        self._last_s = self._right_s
        self._since_s = clock.monotonic()

    def _offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def behind(self, written: datetime | None) -> None:
        """What was written before this program began: a clock cannot have been ahead of now."""
        if written is None:
            return
        ahead_s = written.timestamp() - self._clock.now().timestamp()
        if ahead_s > self._off_s:
            self._right_s += ahead_s
            self._since_s = self._clock.monotonic()

    def look(self, tracked: Collection[Key]) -> Iterator[Finding]:
        """Whether it has jumped, and stands off still."""
        if self._off_s <= 0:
            return
        now_s, offset_s = self._clock.monotonic(), self._offset_s()
        if abs(offset_s - self._last_s) > self._off_s:
            self._since_s = now_s
        self._last_s = offset_s
        off_s = offset_s - self._right_s
        if now_s - self._since_s > CLOCK_STAYS_S:
            self._right_s, off_s = offset_s, 0.0
        if abs(off_s) > self._off_s:
            way = "ahead" if off_s > 0 else "back"
            yield Finding(
                kind="clock_off", level="warning", holds="warning", value=off_s, unit="s",
                limit=self._off_s,
                text=f"the clock of this machine jumped {seconds(abs(off_s))} {way}"
                + (", or it slept" if off_s > 0 else ""),
            )  # fmt: skip
        elif CLOCK in tracked:
            yield clear("clock_off")
