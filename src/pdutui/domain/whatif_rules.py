"""What would be if a feed, a PDU or a source were lost: the arithmetic, pure.

It stands on the preview of a switch: to its devices, an outlet that loses its power goes off. Here
is what that leaves out: loads that nobody has mapped, PDUs that hang on others, transfer switches,
and bounds where a figure is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.fleet import Loss
from pdutui.domain.impact import ImpactLine, worst
from pdutui.domain.impact_facts import ImpactRules, PduFacts, Site
from pdutui.domain.racks import Racks, same
from pdutui.domain.whatif import Balance, DeviceAfter, PduAfter, PduFate, WhatIf
from pdutui.domain.whatif_gone import Gone, lose_power
from pdutui.domain.whatif_loads import Carrying
from pdutui.domain.whatif_portions import Portion, Portions, Target, whole_load
from pdutui.domain.whatif_text import device_after, lines_of, pdu_lines, unmapped_lines

RULES = ImpactRules()


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
    carrying = {name: Carrying(gone.sites[name]) for name in facts if gone.power(name) == "on"}
    for spot in gone.effects:
        portion = portions.dropped(spot) if spot[0] not in gone.lost else None
        if portion is None:
            continue
        if portion.course.way != "upstream":
            cut.append(portion)
        if (there := carrying.get(spot[0])) is not None:
            there.drop(there.site.outlet(spot[1]), portion.current_a, portion.power_w)
    for name in gone.keeps:
        source = gone.sources.get(name)
        if source is not None and name in carrying:
            carrying[name].transfer(source)
    _hand_out(cut, carrying)
    _by_lines(gone, cut, carrying)
    told = facts if only is None else [name for name in facts if name in only]
    pdus = [_pdu(name, gone, carrying, facts[name], rules.limit_percent) for name in told]
    return summed_up(
        loss,
        pdus,
        _devices(gone, facts),
        [*pdu_lines(pdus), *unmapped_lines(cut, portions.unmapped)],
        _balance(cut, [portion.power_w for portion in cut]),
        _balance(cut, [portion.current_a for portion in cut]),
    )


def summed_up(
    loss: Loss,
    pdus: Sequence[PduAfter],
    devices: Iterable[DeviceAfter],
    of_pdus: Sequence[ImpactLine],
    watts: Balance,
    amperes: Balance,
) -> WhatIf:
    """All of it in one, in order."""
    order = ("danger", "caution", "unknown", "clear")
    found = sorted(devices, key=lambda one: (order.index(one.level), one.device.casefold()))
    lines = lines_of(found, of_pdus)
    return WhatIf(
        loss=loss,
        level=worst(*(line.level for line in lines)),
        pdus=tuple(pdus),
        devices=tuple(found),
        lines=lines,
        of_pdus=tuple(of_pdus),
        watts=watts,
        amperes=amperes,
    )


def is_known(loss: Loss, facts: Mapping[str, PduFacts]) -> bool:
    """Whether there is such a thing in the fleet."""
    if loss.kind == "feed":
        return any(one.feed and same(one.feed, loss.name) for one in facts.values())
    return loss.name in facts


def as_now(pdu: str, facts: PduFacts, rules: ImpactRules = RULES) -> PduAfter:
    """A PDU of which nothing changes."""
    site = Site(pdu, facts)
    parts = Carrying(site).parts(rules.limit_percent)
    before_w = whole_load(site.reading)[1] if site.reading is not None else None
    return PduAfter(
        pdu=pdu,
        feed=facts.feed or "",
        fate="same" if site.reading is not None else "unknown",
        why=site.why,
        unread=site.why,
        before_w=before_w,
        least_w=before_w,
        most_w=before_w,
        parts=parts,
    )


def _hand_out(cut: Iterable[Portion], carrying: Mapping[str, Carrying]) -> None:
    for portion in cut:
        if portion.course.way not in ("moves", "unknown"):
            continue
        if portion.current_a == 0.0 and not portion.power_w:
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
            unread=site.why if seen is None else "",
        )  # fmt: skip
    if power == "unsure":
        return PduAfter(
            pdu=name, feed=feed, fate="unsure", why=gone.unsure[name], before_w=before_w,
            level="unknown",
        )  # fmt: skip
    there = carrying[name]
    if site.reading is None:
        # It matters only where something comes to it.
        return PduAfter(
            pdu=name, feed=feed, fate="unknown", why=site.why, unread=site.why,
            assumed=there.assumed,
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
        source=gone.sources.get(name),
        assumed=there.assumed,
        before_w=before_w,
        least_w=least,
        most_w=None if before_w is None or most is None else max(0.0, before_w + most),
        parts=parts,
        level=worst(level, "unknown") if there.touched and not rated else level,
    )


def _devices(gone: Gone, facts: Mapping[str, PduFacts]) -> list[DeviceAfter]:
    """Devices that are no PDUs, whose cords the loss touches."""
    pdus = {name.casefold() for name in facts}
    out = []
    for key, device in gone.devices.items():
        if key in pdus or not any(cord.state == "switched" for cord in device.cords):
            continue
        made = device_after(device, gone)
        if made is not None:
            out.append(made)
    return out


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
