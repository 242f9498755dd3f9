"""The conditions that are followed, in memory, and the list of alarms that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pdutui.domain.alarm import Alarm, worst_first
from pdutui.domain.alarm_finding import Key
from pdutui.domain.alarm_watched import Watched

_NONE: Mapping[Key, Watched] = {}


class Roll:
    """By PDU and key. The list is sorted when it is asked for, and stays while nothing changes."""

    def __init__(self) -> None:
        self._of: dict[str, dict[Key, Watched]] = {}
        self._listed: tuple[Alarm, ...] | None = None
        self._by_pdu: dict[str, tuple[Alarm, ...]] | None = None

    def of(self, pdu: str) -> Mapping[Key, Watched]:
        """Those of a PDU."""
        return self._of.get(pdu, _NONE)

    def pdus(self) -> tuple[str, ...]:
        """The PDUs that have any."""
        return tuple(self._of)

    def put(self, one: Watched) -> None:
        """One more, or in the place of what it was."""
        own = self._of.setdefault(one.pdu, {})
        before = own.get(one.key)
        own[one.key] = one
        if before is None or before.alarm is not one.alarm or before.listed != one.listed:
            self._listed = self._by_pdu = None

    def drop(self, one: Watched) -> None:
        """One less."""
        own = self._of.get(one.pdu, {})
        if own.pop(one.key, None) is not None:
            self._listed = self._by_pdu = None
        if not own:
            self._of.pop(one.pdu, None)

    def replace(self, pdu: str, watched: Iterable[Watched]) -> None:
        """All of a PDU at once."""
        own = {one.key: one for one in watched}
        if own == self._of.get(pdu, {}):
            return
        self._listed = self._by_pdu = None
        if own:
            self._of[pdu] = own
        else:
            self._of.pop(pdu, None)

    def active(self) -> tuple[Alarm, ...]:
        """The list, worst first."""
        if self._listed is None:
            found = [
                one.alarm
                for own in self._of.values()
                for one in own.values()
                if one.listed and one.alarm is not None
            ]
            self._listed = tuple(sorted(found, key=worst_first))
        return self._listed

    def active_of(self, pdu: str) -> tuple[Alarm, ...]:
        """Those of one PDU, in the same order."""
        if self._by_pdu is None:
            by_pdu: dict[str, list[Alarm]] = {}
            for alarm in self.active():
                by_pdu.setdefault(alarm.pdu, []).append(alarm)
            self._by_pdu = {name: tuple(alarms) for name, alarms in by_pdu.items()}
        return self._by_pdu.get(pdu, ())
