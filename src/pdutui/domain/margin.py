"""What a rack has to spare: what its other feeds come to when one of them is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pdutui.domain.fleet import Loss
from pdutui.domain.fleet_groups import apart
from pdutui.domain.impact import LEVELS, Level, worst
from pdutui.domain.impact_facts import ImpactRules, PduFacts
from pdutui.domain.impact_words import listed
from pdutui.domain.load import total_load
from pdutui.domain.racks import Rack, Side
from pdutui.domain.room import Room
from pdutui.domain.whatif import DeviceAfter, PartAfter, PduAfter, WhatIf
from pdutui.domain.whatif_rules import RULES, lose
from pdutui.domain.whatif_text import part_words, verdict


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a rack when one of its feeds is lost."""

    feed: str
    """The one that is lost."""
    level: Level
    """`caution` over the limit, `danger` over a rating or where a device goes dark that should not,
    `unknown` where nobody can tell."""
    text: str
    """`lose A: B goes to 71 % of 16 A`."""
    percent: float | None = None
    """What the fullest part comes to at most; None where that is not known."""
    percent_least: float | None = None
    dark: int = 0
    """So many devices go dark, by the map."""
    assumed: bool = False
    what_if: WhatIf

    @property
    def figure(self) -> str:
        """The text without its beginning: `B goes to 71 % of 16 A`."""
        return self.text.partition(": ")[2]


class RiskyDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a rack that one loss takes down, though it should not or is critical."""

    device: str
    critical: bool
    feeds: tuple[str, ...]
    """The losses that take it down."""
    why: str
    sure: bool = True
    """False: it may."""


class RackMargins(msgspec.Struct, frozen=True, kw_only=True):
    """All directions of a rack, the worst first."""

    rack: Rack
    margins: tuple[Margin, ...]
    risks: tuple[RiskyDevice, ...] = ()
    single: int = 0
    """So many more devices have one cord."""
    level: Level = "clear"
    power_w: float | None = None
    """Of all its PDUs now, nothing twice; None where one of them does not say."""
    percent: float | None = None
    """Of the worst direction; None where that is not known."""


def margins(
    rack: Rack, facts: Mapping[str, PduFacts], room: Room, rules: ImpactRules = RULES
) -> RackMargins:
    """What a rack has to spare, per direction.

    Args:
        rack: the rack.
        facts: by PDU; those of the rack, and of the PDUs that feed the same devices.
        room: all racks, and the map.
        rules: the limit.
    """
    near, cords = room.scope(rack.pdus)
    seen = {name: one for name, one in facts.items() if name in near}
    found = []
    for side in rack.sides:
        loss = Loss(kind="feed", name=side.feed)
        what_if = lose(loss, seen, cords, room.racks, rules, only=rack.pdus)
        found.append(_margin(rack, side, what_if, facts))
    found.sort(key=lambda one: (-LEVELS.index(one.level), -(one.percent or 0.0), one.feed))
    risks, single = _risks(found)
    own, unclear = apart(frozenset(rack.pdus), room.behind)
    powers = [_power_w(facts.get(pdu)) if pdu in own else None for pdu in {*own, *unclear}]
    known = [power for power in powers if power is not None]
    percents = [one.percent for one in found if one.percent is not None]
    return RackMargins(
        rack=rack,
        margins=tuple(found),
        risks=risks,
        single=single,
        level=worst(*(one.level for one in found)),
        power_w=sum(known) if len(known) == len(powers) else None,
        percent=max(percents) if len(percents) == len(found) else None,
    )


def worst_first(racks: Sequence[RackMargins]) -> list[RackMargins]:
    """Racks in the order in which they want to be seen."""
    return sorted(
        racks,
        key=lambda one: (
            -LEVELS.index(one.level),
            -(one.percent or 0.0),
            one.rack.location.casefold(),
        ),
    )


def _power_w(facts: PduFacts | None) -> float | None:
    if facts is None or facts.stale or facts.reading is None:
        return None
    return total_load(facts.reading).power_w


def _margin(rack: Rack, lost: Side, what_if: WhatIf, facts: Mapping[str, PduFacts]) -> Margin:
    others = [one for one in what_if.pdus if one.pdu not in lost.pdus]
    dark = what_if.fates("dark")
    told = [*dark, *what_if.fates("may_go_dark")]
    # One cord in the map is how it was built: it is counted, and raises no alarm.
    devices = worst(*(one.level for one in told if one.level != "caution"))
    found = max(others, key=_how_full, default=None)
    part = found.fullest if found is not None else None
    unsure = [one for one in what_if.pdus if one.pdu in lost.pdus and one.fate == "unsure"]
    blind = _blind(lost.pdus, [*unsure, *others], facts)
    if not blind and found is not None and part is None:
        blind = f"the rating of {found.pdu} is not known"
    if blind or found is None or part is None:
        return Margin(
            feed=lost.feed,
            level=worst("unknown", devices),
            text=f"lose {lost.feed}: unknown: {blind or 'no other feed has power'}",
            dark=len(dark),
            what_if=what_if,
        )
    over = part.level == "danger"
    who = _side_of(rack, found)
    where = "" if part.kind == "inlet" else f" ({part.name})"
    assumed = any(one.assumed for one in others)
    text = f"{who} {_verb(found, part, over=over)} {part_words(part)}{where}"
    text += ", assumed" if assumed else ""
    text += "" if over else verdict(part)
    kept = [
        one.pdu for one in what_if.pdus if one.pdu in lost.pdus and one.fate in ("same", "takes")
    ]
    if kept:
        text += f"; {listed(kept)} {'go' if len(kept) > 1 else 'goes'} on by transfer switch"
    if dark:
        text += f"; {len(dark)} device{'s go' if len(dark) > 1 else ' goes'} dark"
    return Margin(
        feed=lost.feed,
        level=worst(devices, *(one.level for other in others for one in other.parts)),
        text=f"lose {lost.feed}: {'no margin: ' if over else ''}{text}",
        percent=part.most_percent,
        percent_least=part.least_percent,
        dark=len(dark),
        assumed=assumed,
        what_if=what_if,
    )


def _side_of(rack: Rack, one: PduAfter) -> str:
    """`B`; `B (rack1-b2)` where several PDUs are on it."""
    side = next(side for side in rack.sides if one.pdu in side.pdus)
    return side.feed if len(side.pdus) == 1 else f"{side.feed} ({one.pdu})"


def _verb(one: PduAfter, part: PartAfter, *, over: bool) -> str:
    stays = part.after_a is not None and part.before_a is not None
    if one.fate == "same" or (stays and abs((part.after_a or 0.0) - (part.before_a or 0.0)) < 0.05):
        return "stays at"
    return "would go to" if over else "goes to"


def _how_full(one: PduAfter) -> tuple[int, float]:
    part = one.fullest
    return LEVELS.index(one.level), part.most_percent or 0.0 if part is not None else 0.0


def _blind(lost: Sequence[str], others: Sequence[PduAfter], facts: Mapping[str, PduFacts]) -> str:
    """Why the figure cannot be said; empty where it can."""
    for pdu in lost:
        one = facts.get(pdu)
        if one is None or one.stale or one.reading is None:
            return (one.why if one is not None else "") or f"{pdu} has no fresh reading"
    for other in others:
        if other.fate == "dark":
            return f"{other.pdu} goes dark as well: {other.why}"
        if other.fate in ("unknown", "unsure"):
            return other.why
    if not any(part.level == "danger" for other in others for part in other.parts):
        for other in others:
            if any(part.rating_a and part.most_a is None for part in other.parts):
                return f"what comes to {other.pdu} is not known"
    return ""


def _risks(found: Sequence[Margin]) -> tuple[tuple[RiskyDevice, ...], int]:
    """Devices that go down by one loss: those that should not by name, all others counted."""
    down: dict[str, list[tuple[str, DeviceAfter]]] = {}
    for margin in found:
        for device in margin.what_if.devices:
            if device.fate in ("dark", "may_go_dark"):
                down.setdefault(device.device.casefold(), []).append((margin.feed, device))
    risks, single = [], 0
    for told in down.values():
        first = told[0][1]
        if first.single and not first.critical:
            single += 1
            continue
        risks.append(
            RiskyDevice(
                device=first.device,
                critical=first.critical,
                feeds=tuple(sorted(feed for feed, _ in told)),
                why=first.why,
                sure=any(device.fate == "dark" for _, device in told),
            )
        )
    risks.sort(key=lambda one: (not one.sure, not one.critical, one.device.casefold()))
    return tuple(risks), single


def summary(found: Sequence[RackMargins]) -> str:
    """`12 racks: 9 with margin, 2 over, 1 not known`; for the top line."""
    count = {level: sum(one.level == level for one in found) for level in LEVELS}
    said = [
        (count["danger"], "without margin"),
        (count["caution"], "over the limit"),
        (count["unknown"], "not known"),
        (count["clear"], "fine"),
    ]
    return listed([f"{number} {word}" for number, word in said if number])
