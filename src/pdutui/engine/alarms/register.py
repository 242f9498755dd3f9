"""The conditions of a fleet, followed in memory: no file, no clock of its own, nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pdutui.domain.alarm import AlarmKind, Silence
from pdutui.domain.alarm_finding import Finding, Key
from pdutui.domain.alarm_step import begin, step
from pdutui.domain.alarm_watched import (
    Habits,
    Moment,
    Turn,
    Watched,
    end,
    hush,
    missing,
    pass_time,
    resumed,
    take_over,
    unknown,
)
from pdutui.engine.alarms.roll import Roll


class Register:
    """Takes findings, and says what became of alarms.

    Args:
        habits: how patient it is.
        off: kinds that are not judged.
        became: is told of every turn.
    """

    def __init__(
        self, habits: Habits, off: Collection[AlarmKind], became: Callable[[Turn], None]
    ) -> None:
        self._habits = habits
        self._off = frozenset(off)
        self._became = became
        self.roll = Roll()
        self.silences: tuple[Silence, ...] = ()
        """Those that have not ended, the first to end first."""
        self.changed = False
        """Something is to be kept that is not; whoever keeps it takes it back."""

    def tracked(self, pdu: str) -> Mapping[Key, Watched]:
        """The conditions of a PDU that are followed."""
        return self.roll.of(pdu)

    def take(self, pdu: str, findings: Iterable[Finding], now: Moment) -> set[Key]:
        """Follow what was found of a PDU. Returns what it was about."""
        tracked = self.roll.of(pdu)
        seen: set[Key] = set()
        for finding in findings:
            if finding.kind in self._off:
                continue
            key = finding.key
            seen.add(key)
            before = tracked.get(key)
            if before is None:
                before = begin(pdu, finding)
            after, turn = step(before, finding, now, self._habits, self.silences)
            self._put(before, after, turn)
        return seen

    def lose_sight(self, pdu: str, keys: Iterable[Key]) -> None:
        """Nobody can tell now how these conditions stand."""
        tracked = self.roll.of(pdu)
        for key in keys:
            self._put(tracked[key], unknown(tracked[key]), None)

    def miss(self, pdu: str, keys: Iterable[Key], now: Moment) -> None:
        """A reading has come that says nothing of these conditions."""
        tracked = self.roll.of(pdu)
        for key in keys:
            self._put(tracked[key], missing(tracked[key], now), None)

    def end(self, pdu: str, now: Moment) -> None:
        """Nobody judges a PDU any more."""
        for one in tuple(self.roll.of(pdu).values()):
            self._put(one, *end(one, now))

    def pass_time(self, pdus: Iterable[str], now: Moment) -> None:
        """What time alone does to the conditions of these PDUs: they expire, silences end."""
        for pdu in pdus:
            for one in tuple(self.roll.of(pdu).values()):
                after, turn = pass_time(one, now, self._habits)
                if after is None:
                    self.roll.drop(one)
                    self.changed = True
                    continue
                self._put(one, after, turn)
                if after.alarm is not None and after.alarm.silenced_until is not None:
                    self._put(after, *hush(after, self.silences, now))

    def _put(self, before: Watched, after: Watched, turn: Turn | None) -> None:
        if after is before:
            return
        if after.alarm is not before.alarm or after.listed != before.listed:
            self.changed = True
        self.roll.put(after)
        if turn is not None:
            self._became(turn)

    def snapshot(self, pdus: Iterable[str]) -> tuple[Watched, ...]:
        """All that is to be kept of these PDUs."""
        return tuple(one for pdu in pdus for one in self.roll.of(pdu).values())

    # -- what is kept ------------------------------------------------------------------------

    def resume(
        self, pdu: str, kept: Iterable[Watched], now: Moment, still: Callable[[Watched], bool]
    ) -> None:
        """Go on with a PDU where another program, or a run before, has left it.

        Args:
            pdu: which.
            kept: what was kept of it.
            now: the moment.
            still: whether a condition is judged at all; one that is not ends here.
        """
        self.roll.replace(pdu, (resumed(one, now) for one in kept))
        for one in tuple(self.roll.of(pdu).values()):
            if not still(one) or one.kind in self._off:
                self._put(one, *end(one, now))

    def follow(self, pdu: str, kept: Iterable[Watched]) -> None:
        """Another program judges a PDU: it is as that has written it."""
        self.roll.replace(pdu, kept)

    def hear(self, kept: Iterable[Watched]) -> None:
        """What others have acknowledged of what is judged here."""
        for their in kept:
            mine = self.roll.of(their.pdu).get(their.key)
            if mine is not None and (seen := take_over(mine, their)) is not mine:
                self.roll.put(seen)
                self.changed = True  # it may not be on the disk yet

    def quieten(self, silences: Sequence[Silence], pdus: Iterable[str], now: Moment) -> list[Turn]:
        """Other silences are in force, and whoever did that has told of it.

        Returns:
            The turns of these PDUs.
        """
        self.silences = tuple(sorted(silences, key=lambda one: one.until))
        turns: list[Turn] = []
        for pdu in pdus:
            for one in tuple(self.roll.of(pdu).values()):
                after, turn = hush(one, self.silences, now)
                if after is not one:
                    self.roll.put(after)
                    self.changed = True
                if turn is not None:
                    turns.append(turn)
        return turns
