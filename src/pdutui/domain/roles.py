"""Who may do what: viewer, operator, admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.commands import Actor

Role = Literal["viewer", "operator", "admin"]
"""`viewer` switches nothing. `operator` switches outlets that their lists allow, runs and approves
plans of them. `admin` also commands whole PDUs (all outlets, the preferred source), and switches
outside of maintenance windows after typing a name."""
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")


class RoleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[control.roles]`: OS users, and OS groups with an `@` before them."""

    default: Role = "admin"
    """Of whoever is in no list. Without a `[control.roles]` table everybody is admin, as the
    device's own write community is what protects it; with one, the default is viewer."""
    admin: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    viewer: tuple[str, ...] = ()


def named(actor: Actor, listed: Sequence[str]) -> bool:
    """Whether a list of users and `@groups` has this person in it; `*` is everybody."""
    return any(
        one == "*" or (one[1:] in actor.groups if one.startswith("@") else one == actor.login_name)
        for one in listed
    )


def role_of(actor: Actor, roles: RoleSettings) -> Role:
    """The role of a person: the highest that a list gives; a viewer by name is a viewer."""
    if actor.login_name in roles.viewer:
        return "viewer"
    lists: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("admin", roles.admin), ("operator", roles.operator), ("viewer", roles.viewer),
    )  # fmt: skip
    return next((role for role, listed in lists if named(actor, listed)), roles.default)
