"""What whoever sits here may not do: the badges of every top line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from pdutui.domain.roles import Role
from pdutui.widgets.bar import Item

if TYPE_CHECKING:
    from pdutui.engine.view import PduInfo


class Rights(Struct, frozen=True, kw_only=True):
    """What a top line says of it; nothing where everything may be done."""

    locked: bool = False
    """The console is locked."""
    read_only: bool = False
    """Nothing of what the screen shows can be switched."""
    role: Role = "admin"


def rights_of(locked: str, infos: Iterable[PduInfo]) -> Rights:
    """Of a screen that shows some PDUs: read-only is what is so of all of them.

    Args:
        locked: Who locked the console; empty when it is not.
        infos: The PDUs. Of none of them nothing is said but the lock.
    """
    rest = iter(infos)
    first = next(rest, None)
    if first is None:
        return Rights(locked=bool(locked))
    # No further than the first that can be switched: there may be hundreds, asked every second.
    shut = first.read_only and all(info.read_only for info in rest)
    return Rights(locked=bool(locked), read_only=shut, role=first.role)


def badges(rights: Rights) -> list[Item]:
    """LOCKED, READ-ONLY, VIEWER or OPERATOR; they give way to little else."""
    items: list[Item] = []
    if rights.locked:
        items.append(Item(96, [(" LOCKED ", "badge-warning")]))
    if rights.read_only:
        items.append(Item(90, [(" READ-ONLY ", "badge-warning")]))
    if rights.role != "admin":
        ink = "badge-warning" if rights.role == "viewer" else "badge-text"
        items.append(Item(88, [(f" {rights.role.upper()} ", ink)]))
    return items
