"""`[control.roles]` of the configuration: who is viewer, operator, admin."""

from __future__ import annotations

from pdutui.config_errors import show
from pdutui.config_names import people
from pdutui.config_table import Table
from pdutui.domain.roles import ROLES, RoleSettings


def read_roles(table: Table, *, there: bool) -> RoleSettings:
    """The settings of the table.

    Args:
        table: `[control.roles]`.
        there: whether the file has it; then whoever is in no list is a viewer, else an admin.
    """
    if not there:
        return RoleSettings()
    table.check_keys(("default", *ROLES))
    lists = {role: people(table, role) or () for role in ROLES}
    for place, role in enumerate(ROLES):
        for lower in ROLES[:place]:
            for one in sorted(set(lists[role]) & set(lists[lower])):
                table.fail(role, f"has {show(one)}, as {lower} has: leave it in one of them")
    return RoleSettings(
        default=table.choice("default", "viewer", ROLES),
        admin=lists["admin"],
        operator=lists["operator"],
        viewer=lists["viewer"],
    )
