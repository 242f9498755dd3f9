"""All ways out at once: what they are told, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.alarm_watched import Turn
from pdutui.engine.alarms.out import Outlet
from pdutui.engine.boundary import contain, guard


class Ways:
    """The ways out of a desk. A defect in one keeps no other from being told."""

    def __init__(self, outlets: Sequence[Outlet] = ()) -> None:
        self._outlets = tuple(outlets)

    def tell(self, entry: AlarmEntry, turn: Turn) -> None:
        """Something became of an alarm that is judged here."""
        silenced = turn.alarm.silenced_until is not None
        for outlet in self._outlets:
            guard("telling an alarm", outlet.tell, entry, again=turn.again, silenced=silenced)
            if turn.overdue:
                late = msgspec.structs.replace(entry, change="raised")
                guard("telling an alarm", outlet.tell, late, again=False, silenced=False)

    @property
    def problem(self) -> str:
        """Why alarms do not get out; empty when all is well."""
        return next((one.problem for one in self._outlets if one.problem), "")

    async def stop(self) -> None:
        """Let go of all of them."""
        for outlet in self._outlets:
            await contain("ending a way out of alarms", outlet.stop())
