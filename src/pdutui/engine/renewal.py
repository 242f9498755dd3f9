"""What is in force in an engine, and how other settings come into force: in one step, or not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pdutui.domain.clock import Clock
from pdutui.engine.aftermath import Aftermath
from pdutui.engine.alarms.standby import AlarmStandby
from pdutui.engine.roster import Roster
from pdutui.engine.trap_duty import TrapDuty
from pdutui.settings import Settings

if TYPE_CHECKING:
    from pdutui.engine.gate import Gate
    from pdutui.engine.plans.desk import PlanDesk
    from pdutui.engine.reload import Build, Taken


class Renewal:
    """Holds the settings that are in force.

    Args:
        settings: at first.
        clock: for when they came into force.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._since: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Since when commands are judged by them; None: since the start."""
        if self._since is not None:  # a clock that is set back makes nothing older than it is
            self._since = min(self._since, self._clock.now())
        return self._since

    async def take(
        self,
        settings: Settings,
        build: Build,
        *,
        roster: Roster,
        gate: Gate | None,
        plans: PlanDesk | None,
        aftermath: Aftermath,
        alarms: AlarmStandby,
        traps: TrapDuty,
    ) -> Taken:
        """Put other settings in force, see `engine.reload`.

        Args:
            settings: all of them.
            build: makes the backend of a PDU that is new or is asked in another way.
            roster: the PDUs.
            gate: judges by them; None while nothing has been asked of it.
            plans: those that may be running.
            aftermath: goes by them, as do `alarms` and `traps`.
            alarms: see there.
            traps: see there.

        Raises:
            NotNow: something is in the way, and nothing has changed.
        """
        from pdutui.engine.reload import NotNow, Taken, compare, in_the_way, later, policy_differs

        old, changes = self.settings, compare(self.settings, settings)
        why = in_the_way(settings, changes, roster.fleet, plans)
        if why:
            raise NotNow(why)
        wanted = {*changes.added, *changes.moved, *changes.rewired}
        backends = {pdu.name: build(pdu) for pdu in settings.pdus if pdu.name in wanted}
        # From here on nothing is awaited until everything goes by the new settings.
        self.settings = settings
        if policy_differs(old, settings):
            self._since = self._clock.now()
            if gate is not None:
                gate.take(settings)
        leaving = roster.change(settings, changes, backends)
        aftermath.take(settings, (*changes.removed, *changes.moved))
        alarms.take(settings)
        leaving.tasks += traps.take(settings)
        await leaving.let_go()
        return Taken(changes=changes, later=later(old, settings), same=old == settings)
