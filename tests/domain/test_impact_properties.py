"""What holds for every preview, whatever the fleet and the wishes are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.commands import OutletAction
from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.impact import LEVELS, Change, Impact
from pdutui.domain.impact_rules import KnownLoad, PduFacts, assess, switches
from pdutui.domain.reading import Outlet
from tests.domain.impact_fleet import RULES, outlet, pdu

PDUS = ("rack1-a", "rack1-b")
NUMBERS = (1, 2, 3)
FEW = settings(max_examples=60, deadline=None)

amperes = st.sampled_from((None, 0.0, 0.1, 1.0, 5.0, 9.0))
loads = st.builds(
    KnownLoad, power_w=st.none(), current_a=st.sampled_from((None, 0.5, 4.0)), age_s=st.just(60.0)
)


@st.composite
def outlets(draw: st.DrawFn, number: int) -> Outlet:
    more: dict[str, Any] = {"state": draw(st.sampled_from(("on", "on", "off", "unknown")))}
    if draw(st.integers(0, 9)) == 0:
        more["pending"] = "unspecified"
    if draw(st.integers(0, 5)) == 0:
        more["bank"] = None
    current = draw(amperes) if more["state"] != "off" else draw(st.sampled_from((None, 0.0)))
    return outlet(number, current, **more)


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, PduFacts]:
    made = []
    for name in PDUS:
        made.append(
            pdu(
                name,
                *(draw(outlets(number)) for number in NUMBERS),
                bank_a=draw(st.sampled_from((None, 4.0, 12.0, 13.5))),
                bank_rating_a=draw(st.sampled_from((None, 16.0, 16.0))),
                inlet_a=draw(st.sampled_from((None, 8.0, 25.0))),
                volts=draw(st.sampled_from((None, 0.0, 230.0, 230.0))),
                last=draw(st.dictionaries(st.sampled_from(NUMBERS), loads, max_size=3)),
                stale=draw(st.integers(0, 5)) == 0,
            )
        )
    return dict(made)


cord = st.builds(
    MappedCord,
    device=st.sampled_from(("db01", "db02", "san01")),
    pdu=st.sampled_from((*PDUS, "elsewhere")),
    outlet=st.sampled_from(NUMBERS),
    cord=st.sampled_from(("", "A", "B")),
    critical=st.booleans(),
)
maps = st.lists(cord, max_size=5).map(lambda cords: DeviceMap(tuple(cords)))
changes = st.lists(
    st.builds(
        Change,
        pdu=st.sampled_from(PDUS),
        outlet=st.sampled_from(NUMBERS),
        action=st.sampled_from(get_args(OutletAction)),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda change: (change.pdu, change.outlet),
)


def look(wishes: list[Change], fleet: Mapping[str, PduFacts], by: DeviceMap) -> Impact:
    return assess(wishes, fleet, by, RULES)


@FEW
@given(wishes=changes, fleet=fleets(), by=maps)
def test_nothing_unknown_is_clear_and_the_worst_is_said_first(
    wishes: list[Change], fleet: dict[str, PduFacts], by: DeviceMap
) -> None:
    impact = look(wishes, fleet, by)
    unknown = [
        bool(impact.unmapped),
        any(one.basis == "unknown" for one in impact.outlets),
        any(None in (one.before_a, one.after_a, one.rating_a) for one in impact.loads),
        any(
            device.fate in ("unknown", "may_lose_last_feed")
            and any(each.state == "switched" for each in device.cords)
            for device in impact.devices
        ),
        any(fleet[wish.pdu].stale for wish in wishes if switches(wish.action)),
    ]
    assert not any(unknown) or impact.level != "clear"
    ranks = [LEVELS.index(line.level) for line in impact.lines]
    assert ranks == sorted(ranks, reverse=True)
    parts = [*impact.loads, *impact.devices]
    assert LEVELS.index(impact.level) == max(
        [0, *ranks, *(LEVELS.index(part.level) for part in parts)]
    )
    said = [line.text for line in impact.lines]
    assert len(set(said)) == len(said)
    assert all(len(text) <= 120 and text[0] == text[0].strip() for text in said)
    # Every part in danger has a sentence of its own.
    assert {part.text for part in parts if part.level == "danger"} <= set(said)


@FEW
@given(wishes=changes, fleet=fleets(), by=maps, data=st.data())
def test_the_order_of_the_changes_means_nothing(
    wishes: list[Change], fleet: dict[str, PduFacts], by: DeviceMap, data: st.DataObject
) -> None:
    other = data.draw(st.permutations(wishes))
    one, two = look(wishes, fleet, by), look(list(other), fleet, by)
    assert one.level == two.level
    fates = [{(d.device.casefold(), d.fate) for d in each.devices} for each in (one, two)]
    assert fates[0] == fates[1]
    for a, b in zip(
        sorted(one.loads, key=lambda part: (part.pdu, part.kind)),
        sorted(two.loads, key=lambda part: (part.pdu, part.kind)),
        strict=True,
    ):
        assert a.after_a == pytest.approx(b.after_a)
        assert (a.level, a.shifted) == (b.level, b.shifted)


@FEW
@given(
    amps=st.lists(st.sampled_from((0.1, 0.7, 1.3, 2.0)), min_size=3, max_size=3),
    chosen=st.sets(st.sampled_from(NUMBERS), min_size=1),
)
def test_off_and_on_again_is_what_it_was(amps: list[float], chosen: set[int]) -> None:
    parts = [outlet(number, amp) for number, amp in zip(NUMBERS, amps, strict=True)]
    total = sum(amps)
    before = dict([pdu("a", *parts, bank_a=total, inlet_a=total)])
    off = look([Change(pdu="a", outlet=n, action="off") for n in chosen], before, DeviceMap())
    left = [load.after_a for load in off.loads]
    gone = [
        msgspec.structs.replace(part, state="off", current_a=0.0, power_w=0.0)
        if part.number in chosen
        else part
        for part in parts
    ]
    last = {n: KnownLoad(current_a=amps[n - 1], power_w=None, age_s=1.0) for n in chosen}
    after = dict([pdu("a", *gone, bank_a=left[0], inlet_a=left[1], last=last)])
    on = look([Change(pdu="a", outlet=n, action="on") for n in chosen], after, DeviceMap())
    assert [load.after_a for load in on.loads] == [pytest.approx(total)] * 2
    dropped = sum(one.current_a or 0.0 for one in off.outlets)
    assert dropped == pytest.approx(sum(one.current_a or 0.0 for one in on.outlets))
    assert left[0] == pytest.approx(total - dropped)


@FEW
@given(wishes=changes, fleet=fleets(), by=maps, data=st.data())
def test_good_news_makes_no_danger(
    wishes: list[Change], fleet: dict[str, PduFacts], by: DeviceMap, data: st.DataObject
) -> None:
    """Ratings that are ample, another cord that feeds: what is learned so never makes it worse."""
    impact = look(wishes, fleet, by)
    named = data.draw(st.sampled_from(("db01", "db02", "san01")))
    feeding = dict([pdu("c", outlet(9, 1.0), bank_a=1.0, inlet_a=1.0, bank_rating_a=1e6)])
    feeding["c"] = msgspec.structs.replace(
        feeding["c"],
        reading=msgspec.structs.replace(
            feeding["c"].reading,  # type: ignore[type-var]
            inlets=tuple(
                msgspec.structs.replace(inlet, rating_a=1e6)
                for inlet in feeding["c"].reading.inlets  # type: ignore[union-attr]
            ),
        ),
    )
    extra = MappedCord(device=named, pdu="c", outlet=9, cord="C")
    more = look(wishes, fleet | feeding, DeviceMap((*by.cords, extra)))
    grew = {d.device.casefold() for d in more.devices if d.level == "danger"}
    assert named not in grew
    assert grew <= {d.device.casefold() for d in impact.devices if d.level == "danger"}


@FEW
@given(wishes=changes, fleet=fleets(), by=maps, name=st.sampled_from(PDUS))
def test_knowing_less_never_makes_it_safe(
    wishes: list[Change], fleet: dict[str, PduFacts], by: DeviceMap, name: str
) -> None:
    """A device in danger while all is known is in danger, or at least unknown, while it is not."""
    lost = fleet | {name: msgspec.structs.replace(fleet[name], stale=True, why=f"{name} is lost")}
    impact, blind = look(wishes, fleet, by), look(wishes, lost, by)
    if impact.level != "clear":
        assert blind.level != "clear"
    for was, now in zip(impact.devices, blind.devices, strict=True):
        if was.fate in ("loses_last_feed", "may_lose_last_feed") and len(was.cords) > 1:
            assert now.level in ("danger", "unknown")
