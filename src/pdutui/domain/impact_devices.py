"""What becomes of the devices that hang on what is switched, by the map of cords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.impact import Cord, CordState, DeviceFate, DeviceImpact, Level
from pdutui.domain.impact_facts import Effect, Site, Spot, draws, draws_clearly
from pdutui.domain.impact_loads import Flows, Move
from pdutui.domain.impact_words import clip, listed
from pdutui.domain.naming import watts
from pdutui.domain.reading import Outlet


class _View(msgspec.Struct, kw_only=True):
    """One cord as it stands, and what is done to it."""

    cord: MappedCord
    site: Site
    outlet: Outlet | None
    state: CordState
    why: str
    effect: Effect | None

    @property
    def spot(self) -> Spot:
        return self.cord.pdu, self.cord.outlet

    @property
    def named(self) -> str:
        """`cord B (rack1-b outlet 3)`."""
        place = f"{self.cord.pdu} {self.site.place(self.cord.outlet)}"
        return f"cord {clip(self.cord.cord, 8)} ({place})" if self.cord.cord else place

    @property
    def said(self) -> str:
        """`cord B (rack1-b outlet 3) is off`."""
        if self.state == "off" or self.why.startswith("on,"):
            return f"{self.named} is {self.why.removeprefix('outlet is ')}"
        return f"{self.named} is {'dead' if self.state == 'dead' else 'not known'}: {self.why}"

    @property
    def loses(self) -> bool:
        return self.effect is not None and self.effect.dips and self.state != "off"

    @property
    def gains(self) -> bool:
        effect = self.effect
        return effect is not None and effect.ends_on and self.state in ("off", "unknown")


def device_impacts(
    effects: Mapping[Spot, Effect],
    moves: Iterable[Move],
    sites: Mapping[str, Site],
    cords: DeviceMap,
    flows: Flows,
) -> list[DeviceImpact]:
    """What becomes of every device that has a cord in the changes.

    What devices that go on running move to their other cords is handed to `flows`.
    """
    moved = {move.spot: move for move in moves}
    names: dict[str, str] = {}
    for pdu, number in effects:
        for cord in cords.at(pdu, number):
            names.setdefault(cord.device.casefold(), cord.device)
    out = []
    for name in names.values():
        views = _views(name, effects, sites, cords)
        judged = _judge(name, views, cords.fed_by(name))
        out.append(judged)
        if judged.fate == "keeps_feed":
            _shift(views, moved, cords, flows)
    return out


def _views(
    device: str, effects: Mapping[Spot, Effect], sites: Mapping[str, Site], cords: DeviceMap
) -> list[_View]:
    own: dict[Spot, MappedCord] = {}
    for cord in cords.of(device):
        own.setdefault((cord.pdu, cord.outlet), cord)
    clearly: list[Spot] = []
    for spot in own:
        seen = None if sites[spot[0]].unsettled(spot[1]) else sites[spot[0]].outlet(spot[1])
        if seen is not None and seen.state != "off" and draws_clearly(seen):
            clearly.append(spot)
    out = []
    for spot, cord in own.items():
        site = sites[cord.pdu]
        twin_draws = any(other != spot for other in clearly)
        state, why = _stands(site, cord.outlet, twin_draws)
        out.append(
            _View(
                cord=cord,
                site=site,
                outlet=site.outlet(cord.outlet),
                state=state,
                why=why,
                effect=effects.get(spot),
            )
        )
    return out


def _stands(site: Site, number: int, twin_draws: bool) -> tuple[CordState, str]:
    """How a cord stands before the change, and why."""
    if site.reading is None:
        return "unknown", site.why
    outlet = site.outlet(number)
    if outlet is None:
        return "unknown", f"{site.name} has no such outlet"
    if site.unsettled(number):
        return "unknown", "it is being switched, or was just now"
    if outlet.state == "off":
        return "off", "outlet is off"
    if outlet.state == "unknown":
        return "unknown", "the state of the outlet is not known"
    if dead := site.dead(outlet):
        return "dead", dead
    if outlet.pending not in (None, "on"):
        what = "" if outlet.pending == "unspecified" else f" ({outlet.pending})"
        return "unknown", f"a command{what} is pending on it"
    flowing = draws(outlet)
    if flowing:
        return "feeds", ""
    if flowing is None:
        alive = bool(site.voltage_v(outlet))
        return ("feeds", "") if alive else ("unknown", "whether it has power is not metered")
    what = "0 W" if outlet.power_w is not None else "0 A"
    return ("dead" if twin_draws else "unknown"), f"on, but draws {what}"


def _judge(device: str, views: Sequence[_View], fed: Sequence[str]) -> DeviceImpact:
    fate, level, text = _fate(views)
    if not any(view.loses or view.gains for view in views):
        level = "clear"  # nothing is done to it
    critical = any(view.cord.critical for view in views)
    dark = fate in ("loses_last_feed", "may_lose_last_feed", "restarts") and level != "clear"
    if critical and fate in ("loses_last_feed", "restarts"):
        level = "danger"
    if fed and dark:
        # A PDU on an outlet of another: how the cords of those stand is not looked into.
        level, text = (
            "danger",
            f"{text}, and with it what hangs on it: {listed([clip(one, 14) for one in fed])}",
        )
    return DeviceImpact(
        device=device,
        critical=critical,
        fate=fate,
        cords=tuple(_cord(view) for view in views),
        level=level,
        text=f"{clip(device, 24)}{' (critical)' if critical else ''} {text}",
    )


def _cord(view: _View) -> Cord:
    switched = view.effect is not None and (view.loses or view.gains)
    return Cord(
        pdu=view.cord.pdu,
        outlet=view.cord.outlet,
        label=view.site.label(view.cord.outlet),
        feed=view.site.facts.feed,
        cord=view.cord.cord,
        state="switched" if switched else view.state,
        why=view.why,
        power_w=view.outlet.power_w if view.outlet is not None else None,
    )


def _fate(views: Sequence[_View]) -> tuple[DeviceFate, Level, str]:
    losing = [v for v in views if v.loses]
    gaining = [v for v in views if v.gains and not v.loses]
    others = [v for v in views if not v.loses and v not in gaining]
    feeding = [v for v in others if v.state == "feeds"]
    unsure = [v for v in others if v.state == "unknown"]
    if losing:
        return _losing(views, losing, gaining, others)
    if feeding:
        if not gaining:
            return "keeps_feed", "clear", f"keeps running on {feeding[0].named}"
        power = feeding[0].outlet.power_w if feeding[0].outlet is not None else None
        load = "" if power is None else f"; a part of the {watts(power)} of its other cord moves"
        return "gains_feed", "clear", f"gains a feed{load}"
    if unsure:
        return "unknown", "unknown", f"may run or not: {unsure[0].said}"
    if not gaining:
        return "stays_dark", "clear", "stays dark: no cord of it feeds"
    return _starting(gaining)


def _starting(gaining: Sequence[_View]) -> tuple[DeviceFate, Level, str]:
    sure = [v for v in gaining if v.state == "off" and v.outlet is not None]
    if not sure:
        return "unknown", "unknown", f"may run or not: {gaining[0].said}"
    dead = [v.site.dead(v.outlet) for v in sure if v.outlet is not None]
    if all(dead):
        return "stays_dark", "clear", f"stays dark: {dead[0]}"
    return "starts", "clear", "starts"


def _losing(
    views: Sequence[_View],
    losing: Sequence[_View],
    gaining: Sequence[_View],
    others: Sequence[_View],
) -> tuple[DeviceFate, Level, str]:
    """A device of which a cord that is on, or may be, is switched off."""
    feeding = [v for v in others if v.state == "feeds"]
    unsure = [v for v in others if v.state == "unknown"]
    back = all(v.effect is not None and v.effect.ends_on for v in losing)
    if feeding:
        return "keeps_feed", "clear", f"keeps running on {_all_named(feeding)}"
    if not unsure and not gaining and all(v.state == "dead" for v in losing):
        return "stays_dark", "clear", f"is dark already: {losing[0].said}"
    if len(views) == 1:
        if back:
            return "restarts", "caution", "has one cord in the map and restarts"
        return "loses_last_feed", "caution", "has one cord in the map and goes dark"
    if unsure and not gaining and _idle(views):
        text = "draws nothing on any cord: whether it runs is not known"
        return "unknown", "unknown", text
    if unsure:
        return "may_lose_last_feed", "danger", f"MAY LOSE ITS LAST FEED: {unsure[0].said}"
    if gaining:
        named = gaining[0].named
        return "may_lose_last_feed", "danger", f"MAY LOSE ITS LAST FEED: {named} is off until then"
    if not others:
        count = "both its cords are" if len(views) == 2 else f"all its {len(views)} cords are"
        if back:
            return "may_lose_last_feed", "danger", f"MAY LOSE ITS LAST FEED: {count} rebooted"
        return "loses_last_feed", "danger", f"LOSES ITS LAST FEED: {count} switched off"
    more = f", as {len(others) - 1} more" if len(others) > 1 else ""
    if back:
        return "restarts", "danger", f"RESTARTS: {others[0].said}{more}"
    return "loses_last_feed", "danger", f"LOSES ITS LAST FEED: {others[0].said}{more}"


def _idle(views: Sequence[_View]) -> bool:
    """Whether every cord is metered and brings nothing: nothing runs that could be lost."""
    return all(
        v.state == "off" or (v.outlet is not None and draws(v.outlet) is False and v.why)
        for v in views
    )


def _all_named(views: Sequence[_View]) -> str:
    if len(views) == 1:
        return views[0].named
    return f"cords {listed([v.cord.cord or str(v.cord.outlet) for v in views])}"


def _shift(
    views: Sequence[_View], moved: Mapping[Spot, Move], cords: DeviceMap, flows: Flows
) -> None:
    """Move what a running device drops to the cords that go on feeding it, in equal shares."""
    remaining = [v for v in views if v.state == "feeds" and not v.loses]
    losing = [v for v in views if v.loses]
    for view in remaining:
        if view.outlet is None:
            continue
        volts = view.site.voltage_v(view.outlet)
        total: float | None = 0.0
        for lost in losing:
            share = _share_a(lost, moved[lost.spot], volts, cords)
            total = None if share is None or total is None else total + share
        share_a = None if total is None else total / len(remaining)
        passing = any(v.effect is not None and v.effect.ends_on for v in losing)
        flows.shift(view.site, view.outlet, share_a, passing=passing)


def _share_a(lost: _View, move: Move, volts: float | None, cords: DeviceMap) -> float | None:
    """What a cord carries now, as amperes at the voltage of another; None: not known.

    The power stays the same, so the current goes by the voltages where both are known.
    """
    current = move.impact.current_a
    if current is None or current == 0:
        return current
    if len({c.device.casefold() for c in cords.at(*lost.spot)}) > 1:
        return None  # behind a splitter nobody knows whose load it is
    return current * move.volts / volts if move.volts and volts else current
