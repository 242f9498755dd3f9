"""What a switch will do: the arithmetic of the preview, pure.

Several changes count as one, in whatever order they are carried out. What is not known raises the
level to `unknown` at least; it is never taken for safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.impact import Change, Impact, ImpactLine, worst
from pdutui.domain.impact_ats import source_lines
from pdutui.domain.impact_devices import device_impacts
from pdutui.domain.impact_facts import (
    ImpactRules,
    KnownLoad,
    PduFacts,
    Site,
    effects,
    is_source_change,
    switches,
)
from pdutui.domain.impact_loads import Flows, moves
from pdutui.domain.impact_text import (
    device_lines,
    hidden_lines,
    in_order,
    load_lines,
    move_lines,
    site_lines,
    unmapped_lines,
)

__all__ = ["ImpactRules", "KnownLoad", "PduFacts", "assess", "switches"]


def assess(
    changes: Iterable[Change],
    facts: Mapping[str, PduFacts],
    cords: DeviceMap,
    rules: ImpactRules,
) -> Impact:
    """What all these changes together will do.

    Args:
        changes: outlets, or whole PDUs. `identify` and `cancel` change nothing.
        facts: by PDU: those of the changes, and of every PDU that feeds the same devices
            (`DeviceMap.partners`). One that is not there is not configured, and unknown.
        cords: which device hangs on which outlet.
        rules: the limit, and the inrush factor.
    """
    wishes = tuple(changes)
    asked = dict.fromkeys(change.pdu for change in wishes)
    names = dict.fromkeys([*asked, *cords.partners(frozenset(asked)), *facts])
    sites = {name: Site(name, facts.get(name)) for name in names}
    several = len(asked) > 1
    effect = effects(wishes, sites, cords)
    moved = moves(effect, sites, cords, rules)
    flows = Flows(rules)
    for move in moved:
        flows.take(move, sites[move.spot[0]])
    devices = device_impacts(effect, moved, sites, cords, flows)
    loads = flows.impacts()
    bare = [m.spot for m in moved if m.kind != "none" and not cords.at(*m.spot)]
    lines: list[ImpactLine] = [
        *device_lines(devices),
        *load_lines(loads),
        *unmapped_lines(bare, sites, several),
        *move_lines(moved, sites, several),
        *hidden_lines(flows.hidden, sites),
        *site_lines(sites[name] for name in asked if any(_touches(w, name) for w in wishes)),
    ]
    for wish in wishes:
        if is_source_change(wish.action):
            lines += source_lines(sites[wish.pdu], wish.action)
    return Impact(
        level=worst(*(line.level for line in lines)),
        outlets=tuple(move.impact for move in moved),
        loads=tuple(loads),
        devices=tuple(devices),
        unmapped=tuple(sites[pdu].label(number) for pdu, number in bare),
        lines=in_order(lines),
    )


def _touches(change: Change, pdu: str) -> bool:
    return change.pdu == pdu and switches(change.action) and not is_source_change(change.action)
