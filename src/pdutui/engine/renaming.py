"""Giving outlets names of one's own, which are kept in the state directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pdutui.domain.roles import RoleSettings, role_of
from pdutui.engine.labels import outlet_label
from pdutui.engine.overrides import Overrides, OverridesError

if TYPE_CHECKING:
    from pdutui.domain.commands import Actor
    from pdutui.engine.events import Severity
    from pdutui.engine.fleet import Pdu


def may_not(actor: Actor | None, roles: RoleSettings) -> str:
    """Why a person may not give names; empty for one who may.

    Others go by these names when they switch, and who looks on in a browser is anybody. A console
    of nobody that is known is not held back: it is a program's own.
    """
    if actor is None or role_of(actor, roles) != "viewer":
        return ""
    return f"{actor.login_name} is a viewer, and viewers name nothing"


def rename(
    fleet: Mapping[str, Pdu],
    overrides: Overrides,
    pdu: str,
    outlet: int,
    name: str | None,
    *,
    refused: str,
    note: Callable[[str, Severity, str], None],
) -> None:
    """Give an outlet a name, or take it away with None or blanks; say so in the event log.

    Trouble with the file is told as a warning, and nothing changes then; the same where it is
    `refused`, for that reason. Raises KeyError for an unknown PDU.
    """
    known = fleet[pdu]
    if refused:
        note(pdu, "warning", f"outlet {outlet} is not named: {refused}")
        return
    try:
        kept = overrides.rename(pdu, outlet, name)
    except OverridesError as error:
        note(pdu, "warning", f"name of outlet {outlet} not kept: {error}")
        return
    for each in fleet.values():
        each.renamed()
    part = known.reading.outlet(outlet) if known.reading else None
    if kept is None:
        label = outlet_label(outlet, part.name if part else "", part.label if part else None)
        note(pdu, "info", f"{label} has its configured name again")
    else:
        label = outlet_label(outlet, "", part.label if part else None)
        note(pdu, "info", f"{label} is called {kept} now")
