"""What happens on PDUs while another program judges them, and what of it that has not written down.

A transfer, a step of the load, an outlet that somebody switched are seen in one reading alone. So
a program that only follows looks for them too. When the one that judges is gone, what happened
after its last sign of life, and is not in what it has written, is told by whoever comes next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pdutui.domain.alarm import Alarm
from pdutui.domain.alarm_finding import Finding, Key
from pdutui.domain.alarm_watched import Moment, Watched
from pdutui.engine.alarms.register import Register

KEPT_S = 30.0
"""Longer than a program that hangs is waited for."""
APART_S = 5.0
"""Two programs see the same thing by readings so far apart, beside the pace of their polls."""


class Seen(msgspec.Struct, frozen=True):
    """Something that happened."""

    finding: Finding
    at: Moment


class Bystander:
    """Remembers for a short time what happened.

    Args:
        pace_s: how often PDUs are read.
    """

    def __init__(self, pace_s: float) -> None:
        self._apart_s = APART_S + pace_s
        self._seen: dict[str, list[Seen]] = defaultdict(list)

    def saw(self, pdu: str, findings: Iterable[Finding], now: Moment) -> None:
        """Something happened on a PDU that another program judges."""
        fresh = [one for one in self._seen.get(pdu, ()) if now.s - one.at.s < KEPT_S]
        fresh += [Seen(finding, now) for finding in findings]
        if fresh:
            self._seen[pdu] = fresh
        else:
            self._seen.pop(pdu, None)

    def tell(self, pdu: str, register: Register, alone_s: float, now: Moment) -> None:
        """Have a register take what happened and is not in it: this program judges from now on.

        Args:
            pdu: which.
            register: has what the program before has written of it.
            alone_s: for how long that has not been seen alive; 0: there was none.
            now: the moment.
        """
        for seen in self.unwritten(pdu, register.tracked(pdu), alone_s, now):
            register.take(pdu, (seen.finding,), seen.at)

    def unwritten(
        self, pdu: str, kept: Mapping[Key, Watched], alone_s: float, now: Moment
    ) -> Sequence[Seen]:
        """What is not written, oldest first; it is forgotten by that."""
        since_s = now.s - (alone_s + self._apart_s if alone_s else 0.0)
        told: set[Key] = set()
        found: list[Seen] = []
        # From the newest back: what was before one that is written is written.
        for seen in reversed(self._seen.pop(pdu, ())):
            key, one = seen.finding.key, kept.get(seen.finding.key)
            alarm = None if one is None else one.alarm
            if key in told or seen.at.s < since_s:
                continue
            if alarm is not None and self._is(alarm, seen):
                told.add(key)
            else:
                found.append(seen)
        return found[::-1]

    def _is(self, alarm: Alarm, seen: Seen) -> bool:
        """Whether an alarm tells of it; the figures of a step are others in the next reading."""
        late_s = (seen.at.at - alarm.changed).total_seconds()
        same = alarm.kind == "load_step" or alarm.text == seen.finding.text
        return same and late_s < self._apart_s
