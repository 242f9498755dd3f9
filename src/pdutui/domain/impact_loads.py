"""The load that a change drops or adds, and what banks and inlets carry by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.impact import Level, LoadImpact, OutletImpact
from pdutui.domain.impact_facts import (
    Effect,
    ImpactRules,
    Part,
    Place,
    Site,
    Spot,
    current_of,
    draws,
)
from pdutui.domain.load import percent_of
from pdutui.domain.naming import amps
from pdutui.domain.reading import Outlet

EPSILON = 1e-6
"""Sums of decimal fractions miss a limit by so little that it means nothing."""

MoveKind = Literal["none", "drop", "add", "bounce", "blip"]
"""`bounce`: off and on again. `blip`: on for a while, and off at the end."""


class Move(msgspec.Struct, kw_only=True):
    """What becomes of the load of one outlet."""

    spot: Spot
    kind: MoveKind
    outlet: Outlet | None
    """None: nothing is known of it."""
    volts: float | None
    impact: OutletImpact


class Flow(msgspec.Struct, kw_only=True):
    """What comes and goes through one bank or inlet, in amperes."""

    part: Part
    drop_a: float = 0.0
    add_a: float = 0.0
    surge_a: float = 0.0
    """What is added in the first moments, if it all comes at once and before anything drops."""
    drop_unknown: bool = False
    add_unknown: bool = False
    surge_unknown: bool = False
    """What comes for a moment, or back again, is not known."""
    rises: bool = False
    """Something that hangs on it is switched on."""
    direct: bool = False
    """Something that hangs on it is switched."""
    passing: bool = False
    """Some of what is added goes again: its device is only rebooted on its other cord."""


def moves(
    effects: Mapping[Spot, Effect],
    sites: Mapping[str, Site],
    cords: DeviceMap,
    rules: ImpactRules,
) -> list[Move]:
    """What each outlet drops or adds."""
    return [_move(spot, e, sites[spot[0]], cords, rules) for spot, e in effects.items()]


def _move(spot: Spot, effect: Effect, site: Site, cords: DeviceMap, rules: ImpactRules) -> Move:
    pdu, number = spot
    outlet = None if site.unsettled(number) else site.outlet(number)
    state = outlet.state if outlet is not None else "unknown"
    if state == "unknown" and outlet is not None and draws(outlet):
        state = "on"  # what flows out of it can drop, whatever the device calls it
    kind = _kind(state, effect)
    volts = site.voltage_v(outlet) if outlet is not None else None
    power, current, age = None, None, None
    basis: Literal["now", "last_known", "unknown"] = "unknown"
    if kind == "none":
        power, current, basis = 0.0, 0.0, "now"
    elif kind in ("drop", "bounce") and outlet is not None:
        power, current = outlet.power_w, current_of(outlet, volts)
        basis = "now"
    elif outlet is not None and (known := site.facts.last_loads.get(number)) is not None:
        power, current, age = known.power_w, known.current_a, known.age_s
        basis = "last_known"
    if power is None and current is None:
        basis = "unknown"
    rises = kind in ("add", "bounce", "blip")
    devices = " + ".join(dict.fromkeys(cord.device for cord in cords.at(pdu, number)))
    return Move(
        spot=spot,
        kind=kind,
        outlet=outlet,
        volts=volts,
        impact=OutletImpact(
            pdu=pdu,
            outlet=number,
            label=site.label(number),
            action=effect.action,
            power_w=power,
            current_a=current,
            peak_a=current * rules.inrush_factor if rises and current is not None else None,
            basis=basis,
            age_s=age,
            device=devices or None,
        ),
    )


def _kind(state: str, effect: Effect) -> MoveKind:
    if state == "on":
        return "none" if not effect.dips else "bounce" if effect.ends_on else "drop"
    if state == "off":
        return "none" if not effect.rises else "add" if effect.ends_on else "blip"
    if not effect.rises:
        return "drop"
    return "add" if effect.ends_on and not effect.dips else "bounce" if effect.ends_on else "blip"


class Flows:
    """All banks and inlets that a change touches, in the order in which it does."""

    def __init__(self, rules: ImpactRules) -> None:
        self._rules = rules
        self._flows: dict[Place, Flow] = {}
        self.hidden: dict[Spot, None] = {}
        """Outlets that take more load, and whose bank is not known."""

    def take(self, move: Move, site: Site) -> None:
        """Take in what an outlet that is switched drops or adds."""
        if move.outlet is None or move.kind == "none":
            return
        current = move.impact.current_a
        rises = move.kind != "drop"
        for flow in self._through(site, move.outlet):
            flow.direct = True
            flow.rises |= rises
            if current is None:
                back = move.kind in ("bounce", "blip") and move.outlet.state != "unknown"
                flow.drop_unknown |= not rises
                flow.add_unknown |= rises and not back
                flow.surge_unknown |= rises
            elif move.kind == "drop":
                flow.drop_a += current
            elif move.kind == "add":
                flow.add_a += current
                flow.surge_a += current * self._rules.inrush_factor
            elif move.kind == "blip":
                flow.surge_a += current * self._rules.inrush_factor
            else:
                flow.surge_a += current * max(0.0, self._rules.inrush_factor - 1.0)
        if rises and current != 0 and site.hides_bank(move.outlet):
            self.hidden[move.spot] = None

    def shift(self, site: Site, outlet: Outlet, current_a: float | None, *, passing: bool) -> None:
        """Have an outlet take over what a device moves to it; None: nobody knows how much."""
        if current_a == 0:
            return
        for flow in self._through(site, outlet):
            flow.passing |= passing
            if current_a is None:
                flow.add_unknown = True
            else:
                flow.add_a += current_a
                flow.surge_a += current_a
        if site.hides_bank(outlet):
            self.hidden[site.name, outlet.number] = None

    def _through(self, site: Site, outlet: Outlet) -> list[Flow]:
        parts = site.parts(outlet)
        return [self._flows.setdefault(part.place, Flow(part=part)) for part in parts]

    def impacts(self) -> list[LoadImpact]:
        """What they carry before and after: PDU by PDU, banks first."""
        pdus = list(dict.fromkeys(pdu for pdu, _, _ in self._flows))
        places = sorted(self._flows, key=lambda place: (pdus.index(place[0]), *place[1:]))
        return [_load_impact(self._flows[place], self._rules) for place in places]


def _load_impact(flow: Flow, rules: ImpactRules) -> LoadImpact:
    part = flow.part
    before, rating = part.current_a, part.rating_a
    after, least, peak = None, None, None
    if before is not None and not part.three_phase:
        if not flow.drop_unknown:
            least = max(0.0, before - flow.drop_a + flow.add_a)
            after = None if flow.add_unknown else least
        if flow.rises and not flow.add_unknown and not flow.surge_unknown:
            peak = before + flow.surge_a
    limit = None if rating is None else rating * rules.limit_percent / 100.0
    level, text = _judge(flow, least, after, peak, rules.limit_percent)
    pdu, kind, number = part.place
    return LoadImpact(
        pdu=pdu,
        kind=kind,
        number=number,
        name=part.name,
        rating_a=rating,
        limit_a=limit,
        before_a=before,
        after_a=after,
        peak_a=peak,
        before_percent=percent_of(before, rating),
        after_percent=percent_of(after, rating),
        peak_percent=percent_of(peak, rating),
        shifted=not flow.direct,
        level=level,
        text=f"{part.name}: {text}",
    )


def _judge(
    flow: Flow, least: float | None, after: float | None, peak: float | None, limit_percent: float
) -> tuple[Level, str]:
    """How bad it is, and why in words."""
    part = flow.part
    before, rating = part.current_a, part.rating_a
    falls = not flow.rises and not flow.add_unknown and flow.add_a == 0.0
    if part.three_phase and falls and before is not None:
        return "clear", f"falls; {part.three_phase}"
    if part.three_phase:
        return "unknown", f"which of its lines carries this is not known; {part.three_phase}"
    if before is None:
        return "unknown", "what it carries is not known"
    rises = flow.add_unknown or (least is not None and least > before + EPSILON)
    of = f" of {rating:g} A" if rating else ""
    if least is None or (after is None and (rating is None or least <= before + EPSILON)):
        grows = flow.add_unknown and not flow.drop_unknown
        how = "rises" if grows else "falls" if not flow.add_unknown else "changes"
        unknown = f"{amps(before)}{of} now; it {how}, by how much is not known"
        if falls:
            return "clear", unknown  # that nothing is known of what goes is said of the outlet
        if least is None or rating is None or 100.0 * least / rating <= limit_percent + EPSILON:
            return "unknown", unknown
        return "danger", f"{unknown}: over its {limit_percent:g} % limit already"
    to = amps(least) if after is not None else f"at least {amps(least)}"
    if rating is None:
        # What only falls goes over no rating.
        level: Level = "clear" if falls else "unknown"
        return level, f"{amps(before)} to {to}; its rating is not known"
    percent = 100.0 * least / rating
    while_off = " meanwhile" if flow.passing else ""
    text = f"{amps(before)} to {to}{of}, {_percent(percent, limit_percent)}{while_off}"
    if rises and percent > 100.0 + EPSILON:
        return "danger", f"{text}: OVER ITS RATING"
    if rises and percent > limit_percent + EPSILON:
        return "danger", f"{text}: over its {limit_percent:g} % limit"
    if after is None:
        return "unknown", f"{text}; how much more is not known"
    if flow.surge_unknown:
        return "unknown", f"{text}; what comes at first is not known"
    if peak is not None and peak > rating + EPSILON:
        return "caution", f"{text}; {amps(peak)} at first, over its rating"
    return "clear", text


def _percent(value: float, limit: float) -> str:
    """Whole percents, finer where they would hide on which side of the limit it is."""
    near = min(abs(value - limit), abs(value - 100.0)) < 1.0
    return f"{value:.1f} %" if near else f"{value:.0f} %"
