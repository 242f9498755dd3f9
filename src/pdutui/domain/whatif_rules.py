"""What would be if a feed, a PDU or a source were lost: the arithmetic, pure.

It stands on the preview of a switch: to its devices, an outlet that loses its power goes off. Here
is what that leaves out: loads that nobody has mapped, PDUs that hang on others, transfer switches,
and bounds where a figure is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.fleet import Loss
from pdutui.domain.impact import worst
from pdutui.domain.impact_facts import ImpactRules, PduFacts
from pdutui.domain.racks import Member, Racks, pair
from pdutui.domain.whatif import Balance, DeviceAfter, PduAfter, PduFate, WhatIf
from pdutui.domain.whatif_gone import Gone, lose_power
from pdutui.domain.whatif_loads import Carrying
from pdutui.domain.whatif_portions import Portion, Portions, Target, whole_load
from pdutui.domain.whatif_text import device_after, lines_of, unmapped_lines

RULES = ImpactRules()


def racks_of(facts: Mapping[str, PduFacts], locations: Mapping[str, str | None]) -> Racks:
    """The racks of a fleet, by the feeds of its facts and the locations of its settings."""
    return pair(
        Member(pdu=name, location=locations.get(name) or "", feed=one.feed or "")
        for name, one in facts.items()
    )


def lose(
    loss: Loss,
    facts: Mapping[str, PduFacts],
    cords: DeviceMap,
    racks: Racks,
    rules: ImpactRules = RULES,
    *,
    only: Collection[str] | None = None,
) -> WhatIf:
    """What every PDU and every device would do without something.

    Args:
        loss: what is lost. A PDU or feed that nobody has changes nothing.
        facts: by PDU, in the order of the fleet. One that is not there is not read, and unknown.
        cords: which device hangs on which outlet.
        racks: which PDUs stand beside each other, for loads that nobody has mapped.
        rules: the limit.
        only: PDUs that are told of; None: all of `facts`.
    """
    gone = lose_power(loss, facts, cords, rules)
    portions = Portions(gone, cords, racks, tuple(facts))
    cut: list[Portion] = [portion for pdu in gone.lost for portion in portions.of(pdu)]
    beside = [spot for spot in gone.effects if spot[0] not in gone.lost]
    carrying = {name: Carrying(gone.sites[name]) for name in facts if gone.power(name) == "on"}
    for spot in beside:
        portion = portions.dropped(spot)
        if portion is not None and portion.course.way != "upstream":
            cut.append(portion)
        if portion is not None and spot[0] in carrying:
            there = carrying[spot[0]]
            there.drop(there.site.outlet(spot[1]), portion.current_a, portion.power_w)
    _hand_out(cut, carrying)
    _by_lines(gone, cut, carrying)
    told = facts if only is None else [name for name in facts if name in only]
    pdus = tuple(_pdu(name, gone, carrying, facts[name], rules.limit_percent) for name in told)
    devices = _devices(gone, facts)
    lines = lines_of(
        loss, pdus, devices, gone, unmapped_lines(cut, portions.unmapped), rules.limit_percent
    )
    return WhatIf(
        loss=loss,
        level=worst(*(line.level for line in lines)),
        pdus=pdus,
        devices=devices,
        lines=lines,
        watts=_balance(cut, [portion.power_w for portion in cut]),
        amperes=_balance(cut, [portion.current_a for portion in cut]),
    )


def _hand_out(cut: Iterable[Portion], carrying: Mapping[str, Carrying]) -> None:
    for portion in cut:
        if portion.course.way not in ("moves", "unknown"):
            continue
        by_pdu: dict[str, list[Target]] = {}
        for target in portion.course.targets:
            by_pdu.setdefault(target.pdu, []).append(target)
        for pdu, targets in by_pdu.items():
            if pdu in carrying:
                carrying[pdu].take(portion, targets)


def _by_lines(gone: Gone, cut: Sequence[Portion], carrying: Mapping[str, Carrying]) -> None:
    """Three lines each: what came from one PDU is taken to have come line by line."""
    by_pdu: dict[str, list[Portion]] = {}
    for portion in cut:
        if portion.current_a != 0 and portion.pdu in gone.lost:
            by_pdu.setdefault(portion.pdu, []).append(portion)
    for name, own in by_pdu.items():
        reached = {target.pdu for portion in own for target in portion.course.targets}
        for pdu in reached & carrying.keys():
            whole = len(reached) == 1 and all(p.course.way == "moves" for p in own)
            carrying[pdu].by_lines(gone.sites[name], whole=whole)


def _pdu(
    name: str,
    gone: Gone,
    carrying: Mapping[str, Carrying],
    facts: PduFacts,
    limit_percent: float,
) -> PduAfter:
    site = gone.sites[name]
    seen = None if facts.stale else facts.reading
    before_w = whole_load(seen)[1] if seen is not None else None
    feed = facts.feed or ""
    power = gone.power(name)
    if power == "lost":
        why = gone.lost[name]
        return PduAfter(
            pdu=name, feed=feed, fate="dark" if why else "lost", why=why, before_w=before_w,
            least_w=0.0, most_w=0.0, level="danger" if why else "clear",
        )  # fmt: skip
    if power == "unsure":
        return PduAfter(
            pdu=name, feed=feed, fate="unknown", why=gone.unsure[name], before_w=before_w,
            level="unknown",
        )  # fmt: skip
    there = carrying[name]
    if site.reading is None:
        # It matters only where something comes to it.
        return PduAfter(
            pdu=name, feed=feed, fate="unknown", why=site.why, assumed=there.assumed,
            level="unknown" if there.touched else "clear",
        )  # fmt: skip
    fate: PduFate = "takes" if there.touched else "same"
    parts = there.parts(limit_percent)
    least = None if before_w is None else max(0.0, before_w + there.watts.least)
    most = there.watts.most
    level = worst(*(part.level for part in parts)) if there.touched else "clear"
    rated = any(part.most_percent is not None for part in parts)
    return PduAfter(
        pdu=name,
        feed=feed,
        fate=fate,
        why=gone.keeps.get(name, ""),
        assumed=there.assumed,
        before_w=before_w,
        least_w=least,
        most_w=None if before_w is None or most is None else max(0.0, before_w + most),
        parts=parts,
        level=worst(level, "unknown") if there.touched and not rated else level,
    )


def _devices(gone: Gone, facts: Mapping[str, PduFacts]) -> tuple[DeviceAfter, ...]:
    """Devices that are no PDUs, whose cords the loss touches: the worst first."""
    pdus = {name.casefold() for name in facts}
    out = []
    for key, device in gone.devices.items():
        if key in pdus or not any(cord.state == "switched" for cord in device.cords):
            continue
        made = device_after(device, gone)
        if made is not None:
            out.append(made)
    order = ("danger", "caution", "unknown", "clear")
    return tuple(sorted(out, key=lambda one: (order.index(one.level), one.device.casefold())))


def _balance(cut: Sequence[Portion], amounts: Sequence[float | None]) -> Balance:
    sums = {"moved": 0.0, "assumed": 0.0, "dark": 0.0, "unknown": 0.0}
    unmetered = 0
    for portion, amount in zip(cut, amounts, strict=True):
        course = portion.course
        if course.way == "upstream":
            continue
        if amount is None:
            unmetered += 1
            continue
        moves = "assumed" if course.assumed else "moved"
        sums[{"moves": moves, "dark": "dark"}.get(course.way, "unknown")] += amount
    return Balance(lost=sum(sums.values()), unmetered=unmetered, **sums)
