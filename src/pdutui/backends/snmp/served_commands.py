"""The objects of a simulated PDU that take commands, and what they answer to a GET."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.orders import (
    Writable,
    all_writables,
    outlet_writables,
    prefer_writable,
)
from pdutui.backends.snmp.profile import OutletCommands, Profile, Table
from pdutui.backends.snmp.served_plan import MibPlan, Served
from pdutui.backends.snmp.served_rows import Get, Part, Row
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Reading


def serve_commands(plan: MibPlan, profile: Profile, model: MockPdu, parts: Sequence[Part]) -> None:
    """Put down whatever the model takes commands by."""
    outlets = [part for part in parts if part.key == "outlet" and part.rows]
    if outlets and model.spec.actions:
        for commands in profile.commands:
            for part in outlets:
                if commands.branch is None or commands.branch in _branches(profile, part.table):
                    for row in part.rows:
                        _serve_outlet(plan, model, commands, row)
        for whole in profile.all_commands:
            module = 1 if model.spec.modules > 1 else None
            for pattern, writable in all_writables(whole, module).items():
                plan.writable(pattern, writable)
                if writable.seconds is not None:
                    plan.put(pattern, _countdown(model, writable))
                plan.number(pattern, whole.idle)
    if profile.prefer is not None and len(model.feeds) > 1 and model.spec.pdu_actions:
        plan.writable(profile.prefer.oid, prefer_writable(profile.prefer))
        plan.number(profile.prefer.oid, 0)


def _branches(profile: Profile, wanted: Table) -> range:
    """The walked columns of a table, counted through the profile's tables of outlets."""
    first = 0
    tables = [t for key, some in profile.fallback.items() if key == "outlet" for t in some]
    for table in (profile.outlet, *tables):
        count = 0 if table is None else len(table.rows.walk)
        if table is wanted:
            return range(first, first + count)
        first += count
    return range(0)


def _serve_outlet(plan: MibPlan, model: MockPdu, commands: OutletCommands, row: Row) -> None:
    for pattern, writable in outlet_writables(commands, row.number).items():
        plan.writable(pattern, writable, row.names)
        if writable.seconds is not None:
            plan.put(pattern, _countdown(model, writable), row.names)
        elif commands.echo:
            plan.put(pattern, _echo(row.get("state"), commands.echo), row.names)
        else:
            if commands.idle is None:
                plan.echoes[plan.oid(pattern, row.names)] = 0
            plan.number(pattern, commands.idle or 0, row.names)


def _countdown(model: MockPdu, writable: Writable) -> Served:
    """The seconds until what the object is for begins, at the first outlet it is for."""
    relays, doing = model.relays, writable.counts
    sockets = [
        model.sockets[number]
        for number in ([writable.outlet] if writable.outlet else model.outlets)
        if writable.module in (None, model.sockets[number].module)
    ]
    idle = -1 if writable.idle is None else writable.idle

    def served(_: Reading) -> SnmpValue:
        waiting = [relays.seconds_left(s) for s in sockets if s.doing == doing]
        return SnmpValue("integer", min((s for s in waiting if s is not None), default=idle))

    return served


def _echo(state: Get, echo: Mapping[str, int]) -> Served:
    return lambda reading: SnmpValue("integer", echo.get(str(state(reading)), 0))
