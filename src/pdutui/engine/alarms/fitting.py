"""Which ways out and which watchers there are, by the settings."""

from __future__ import annotations

import os

from pdutui.engine.alarms.out import Outlet, Surroundings, Watcher


def outlets(around: Surroundings) -> tuple[Outlet, ...]:
    """The ways out that are configured."""
    alarms = around.settings.alarms
    note = around.note
    ways: list[Outlet] = []
    if alarms.syslog is not None:
        from pdutui.engine.alarms.syslog_out import AlarmSyslog

        ways.append(AlarmSyslog(alarms, tell=lambda severity, text: note("", severity, text)))
    if alarms.hook is not None:
        from pdutui.engine.alarms.hook import AlarmHook

        pdus = {pdu.name: pdu for pdu in around.settings.pdus}
        ways.append(AlarmHook(alarms.hook, env=os.environ, pdus=pdus, note=note))
    return tuple(ways)


def watchers(around: Surroundings) -> tuple[Watcher, ...]:
    """What judges beside the readings."""
    alarms = around.settings.alarms
    if not alarms.budgets or "energy_budget" in alarms.off:
        return ()
    from pdutui.engine.alarms.budget import BudgetWatch

    return (BudgetWatch(around),)
