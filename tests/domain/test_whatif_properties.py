"""What holds for every what-if, whatever the fleet and whatever is lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.fleet import Loss
from pdutui.domain.impact import LEVELS
from pdutui.domain.impact_rules import PduFacts
from pdutui.domain.whatif import WhatIf
from pdutui.domain.whatif_run import lose_all
from tests.domain.impact_fleet import RULES, outlet, pdu
from tests.domain.whatif_fleet import room

PDUS = ("a", "a2", "b", "b2")
NUMBERS = (1, 2, 3)
FEW = settings(max_examples=60, deadline=None)
WORSE = ("degraded", "unknown", "may_go_dark", "dark")

cord = st.builds(
    MappedCord,
    device=st.sampled_from(("db01", "db02", "san01", "web")),
    pdu=st.sampled_from((*PDUS, "elsewhere")),
    outlet=st.sampled_from(NUMBERS),
    cord=st.sampled_from(("", "A", "B")),
    critical=st.booleans(),
)
maps = st.lists(cord, max_size=7).map(lambda cords: DeviceMap(tuple(cords)))
loss = st.one_of(
    st.builds(Loss, kind=st.just("feed"), name=st.sampled_from(("A", "B"))),
    st.builds(Loss, kind=st.just("pdu"), name=st.sampled_from(PDUS)),
)


@st.composite
def fleets(draw: st.DrawFn, *, metered: bool = False) -> list[tuple[str, PduFacts]]:
    """Two to four PDUs; with `metered` all outlets are, all banks are known, and all are live."""
    made = []
    for name in PDUS[:: draw(st.sampled_from((1, 2)))]:
        amperes = (0.0, 0.5, 1.0, 4.0) if metered else (None, 0.0, 0.5, 1.0, 4.0)
        outlets = []
        for number in NUMBERS:
            current = draw(st.sampled_from(amperes))
            more: dict[str, Any] = {}
            if not metered and draw(st.integers(0, 5)) == 0:
                more["bank"] = None
            if current == 0.0 and draw(st.booleans()):
                more["state"] = "on"
            outlets.append(outlet(number, current, **more))
        sums = sum(one.current_a or 0.0 for one in outlets)
        before = sums if metered else draw(st.sampled_from((None, sums, sums + 3.0)))
        facts: dict[str, Any] = {}
        if not metered and draw(st.integers(0, 5)) == 0:
            facts = {"stale": True, "why": f"{name} is lost"}
        made.append(
            pdu(name, *outlets, feed=name[0].upper(), bank_a=before, inlet_a=before, **facts)
        )
    return made


def found_of(lost: Loss, fleet: list[tuple[str, PduFacts]], by: DeviceMap) -> WhatIf:
    return lose_all(lost, dict(fleet), room(fleet, by), RULES)


@FEW
@given(loss, fleets(metered=True), maps)
def test_no_load_is_made_and_none_is_lost(
    lost: Loss, fleet: list[tuple[str, PduFacts]], by: DeviceMap
) -> None:
    """What goes dark, what moves and what is unknown are what was carried; each ampere once."""
    found = found_of(lost, fleet, by)
    gone = {one.pdu for one in found.pdus if one.fate in ("lost", "dark")}
    carried = sum(
        facts.reading.inlets[0].current_a or 0.0
        for name, facts in fleet
        if name in gone and facts.reading is not None
    )
    sums = found.amperes
    assert sums.lost == pytest.approx(carried)
    assert sums.moved + sums.assumed + sums.dark + sums.unknown == pytest.approx(carried)
    # All voltages are one: what moves comes to somebody, and to nobody more than that.
    inlets = [one.parts[0] for one in found.pdus if one.parts and one.pdu not in gone]
    least = sum((i.least_a or 0.0) - (i.before_a or 0.0) for i in inlets)
    most = [i.most_a for i in inlets]
    assert least <= sums.moved + sums.assumed + 1e-6
    assert None not in most
    came = sum((m or 0.0) - (i.before_a or 0.0) for m, i in zip(most, inlets, strict=True))
    assert came >= sums.moved + sums.assumed - 1e-6
    if all(i.after_a is not None for i in inlets):
        assert came == pytest.approx(sums.moved + sums.assumed)


@FEW
@given(loss, fleets(), maps)
def test_what_is_not_known_is_never_clear(
    lost: Loss, fleet: list[tuple[str, PduFacts]], by: DeviceMap
) -> None:
    found = found_of(lost, fleet, by)
    for one in found.pdus:
        assert one.fate != "unsure" or one.level == "unknown"
        for part in one.parts:
            if part.before_a is not None and part.least_a is not None:
                assert part.least_a >= part.before_a - 1e-6  # nothing gets less in a loss
                assert part.most_a is None or part.most_a >= part.least_a - 1e-6
            if part.rating_a and part.most_a is None and one.fate == "takes":
                assert one.level != "clear"
    if found.amperes.unmetered or found.amperes.unknown:
        assert found.level != "clear"


@FEW
@given(loss, fleets(), maps, st.sampled_from(PDUS))
def test_knowing_less_never_makes_it_safer(
    lost: Loss, fleet: list[tuple[str, PduFacts]], by: DeviceMap, blind: str
) -> None:
    """A PDU that stops answering saves no device, and makes no PDU's worst case better."""
    names = [name for name, _ in fleet]
    if blind not in names:
        return
    less = [
        (name, msgspec.structs.replace(facts, stale=True, why=f"{name} is lost"))
        if name == blind else (name, facts)
        for name, facts in fleet
    ]  # fmt: skip
    before, after = found_of(lost, fleet, by), found_of(lost, less, by)
    # A device that was dark already, or drew nothing, may be anything once nobody sees it.
    was = {one.device.casefold(): one.fate for one in before.devices}
    now = {one.device.casefold(): one.fate for one in after.devices}
    for device, fate in was.items():
        if fate == "dark":
            assert now[device] in ("dark", "may_go_dark")
        elif fate == "may_go_dark":
            assert now[device] != "degraded"
    for one in before.pdus:
        other = after.of(one.pdu)
        if other is not None and one.level == "unknown":
            assert LEVELS.index(other.level) > 0 or other.fate in ("lost", "unknown")


@FEW
@given(loss, fleets(), maps)
def test_the_order_of_the_fleet_means_nothing(
    lost: Loss, fleet: list[tuple[str, PduFacts]], by: DeviceMap
) -> None:
    one, other = found_of(lost, fleet, by), found_of(lost, fleet[::-1], by)
    assert one.level == other.level
    for each in one.pdus:
        twin = other.of(each.pdu)
        assert twin is not None
        assert (each.fate, each.level) == (twin.fate, twin.level)
        for mine, its in zip(each.parts, twin.parts, strict=True):
            assert mine.least_a == pytest.approx(its.least_a)
            assert mine.most_a == pytest.approx(its.most_a)
