"""Giving outlets names of one's own, which are kept in the state directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pdutui.engine.labels import outlet_label
from pdutui.engine.overrides import Overrides, OverridesError

if TYPE_CHECKING:
    from pdutui.engine.events import Severity
    from pdutui.engine.fleet import Pdu


def rename(
    fleet: Mapping[str, Pdu],
    overrides: Overrides,
    pdu: str,
    outlet: int,
    name: str | None,
    *,
    note: Callable[[str, Severity, str], None],
) -> None:
    """Give an outlet a name, or take it away with None or blanks; say so in the event log.

    Trouble with the file is told as a warning, and nothing changes then. Raises KeyError for an
    unknown PDU.
    """
    known = fleet[pdu]
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
