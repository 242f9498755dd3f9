"""The model: the same for every way of looking at it, and possible in physics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.backends.mock.build import build, mock_pdu
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.parts import Socket
from pdutui.backends.mock.spec import Meters
from pdutui.backends.mock.specs.raritan import px3
from pdutui.backends.mock.transfer import RETRANSFER_S
from pdutui.domain.reading import Reading

from ...support.clock import START

T0 = 5000.0
KINDS = ("pdu44001", "px3", "px3-3ph", "px3ts")
"""The kinds that differ in what moves: banks, meters, phases, inlets."""


def make(kind: str = "pdu44001", *, seed: int = 1, incidents: bool = False) -> MockPdu:
    return mock_pdu(kind, start_s=T0, seed=seed, incidents=incidents)


def look(model: MockPdu, at_s: float) -> Reading:
    return model.reading(T0 + at_s, START + timedelta(seconds=at_s), "pdu")


# -- the same seed, the same readings ----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@given(gaps=st.lists(st.floats(0.013, 97.0), min_size=1, max_size=25), seed=st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_polling_changes_nothing(kind: str, gaps: list[float], seed: int) -> None:
    often, seldom = (make(kind, seed=seed, incidents=True) for _ in range(2))
    at = 0.0
    for gap in gaps:
        at += gap
        seen = look(often, at)
    assert seen == look(seldom, at)


@pytest.mark.parametrize("kind", KINDS)
def test_commands_at_the_same_time_have_the_same_effect(kind: str) -> None:
    one, other = make(kind, incidents=True), make(kind, incidents=True)
    for at in range(1, 20):
        look(one, at / 2)
    for model in (one, other):
        model.switch(3, "reboot", T0 + 9.9)
    for at in range(20, 80):
        look(one, at / 2)
    assert look(one, 60) == look(other, 60)


def test_seeds_differ() -> None:
    assert look(make(seed=1), 60) != look(make(seed=2), 60)


def test_time_does_not_go_back() -> None:
    model = make("px3")
    late = look(model, 60)
    assert look(model, 30).outlets == late.outlets


def test_unknown_model() -> None:
    with pytest.raises(ValueError, match="pdu44001, pdu83107"):
        mock_pdu("pdu9000", start_s=0.0)


# -- physics -----------------------------------------------------------------------------------

action = st.tuples(
    st.integers(1, 8), st.sampled_from(["on", "off", "reboot"]), st.floats(0.05, 20.0)
)


@pytest.mark.parametrize("kind", KINDS)
@given(actions=st.lists(action, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_invariants(kind: str, actions: list[tuple[int, str, float]], seed: int) -> None:
    model = make(kind, seed=seed, incidents=True)
    at, before = 0.0, look(model, 0.0)
    for outlet, what, gap in [*actions, (1, "on", 30.0)]:
        model.switch(outlet, what, T0 + at)  # type: ignore[arg-type]
        at += gap
        now = look(model, at)
        check_physics(model, now)
        check_energy(before, now)
        before = now


def check_physics(model: MockPdu, reading: Reading) -> None:
    """Every meter against what really flows through it, give or take its digits."""
    spec = model.spec
    everything = tuple(model.sockets.values())
    for socket in everything:
        if not socket.energised:
            assert socket.power_w == 0.0
    for outlet in reading.outlets:
        check_meters(outlet, (model.sockets[outlet.number],), spec.outlet_meters)
        if outlet.state == "off":
            figures = outlet.current_a, outlet.power_w, outlet.voltage_v, outlet.power_factor
            assert not any(figures)
            assert outlet.power_factor is None
    for bank in reading.banks:
        check_meters(bank, model.members("bank", bank.number), spec.bank_meters)
    for phase in reading.phases:
        check_meters(phase, model.members("phase", phase.number), spec.phase_meters)
    for inlet in reading.inlets:
        members = everything if inlet.module is None else model.members("module", inlet.module)
        idle = reading.ats and spec.ats.inlets and reading.ats.active != "AB"[inlet.number - 1]
        check_meters(inlet, () if idle else members, spec.inlet_meters)


def check_meters(part: Any, members: Sequence[Socket], meters: Meters) -> None:
    """A part shows what it has meters for, and that is right."""
    for field in ("voltage_v", "current_a", "power_w", "energy_kwh", "power_factor"):
        if getattr(meters, field) is None:
            assert getattr(part, field) is None
    drawn = sum(s.power_w for s in members)
    room = 0.5 * (1 + len(members))
    if meters.power_w is not None:
        assert part.power_w == pytest.approx(drawn, abs=room * 10**-meters.power_w)
    volts = part.voltage_v
    if meters.current_a is not None and volts:
        assert part.current_a <= drawn / (0.85 * volts) + room * 10**-meters.current_a
        assert part.current_a >= drawn / (1.02 * volts) - room * 10**-meters.current_a
    apparent, factor = getattr(part, "apparent_power_va", None), part.power_factor
    if apparent and meters.power_w is not None:
        assert part.power_w <= apparent
    if factor is not None:
        assert 0.5 < factor <= 1


def check_energy(before: Reading, now: Reading) -> None:
    for old, new in zip(before.inlets, now.inlets, strict=True):
        assert (new.energy_kwh or 0) >= (old.energy_kwh or 0)
    for was, is_ in zip(before.outlets, now.outlets, strict=True):
        if was.energy_kwh is not None:
            assert is_.energy_kwh is not None
            assert is_.energy_kwh >= was.energy_kwh


def test_energy_is_power_times_time() -> None:
    model = make("px3")
    begin = look(model, 0).outlets[18].energy_kwh
    powers = [look(model, t).outlets[18].power_w or 0.0 for t in range(1, 3601)]
    end = look(model, 3600).outlets[18].energy_kwh
    assert begin is not None
    assert end is not None
    assert end - begin == pytest.approx(sum(powers) / 3600 / 1000, rel=0.01)


def test_voltage_drifts_within_bounds() -> None:
    model = make()
    seen = {look(model, t).inlets[0].voltage_v for t in range(0, 3600, 10)}
    assert len(seen) > 5
    assert all(116.0 <= (v or 0) <= 124.0 for v in seen)


# -- relays ------------------------------------------------------------------------------------


def test_off_takes_a_relay_delay() -> None:
    model = make()
    model.switch(3, "off", T0 + 10)
    at_once = look(model, 10.0).outlets[2]
    assert (at_once.state, at_once.pending) == ("on", "unspecified")
    assert look(model, 10.29).outlets[2].state == "on"
    done = look(model, 10.71).outlets[2]
    assert (done.state, done.pending) == ("off", None)


def test_a_px3_does_not_say_pending() -> None:
    model = make("px3")
    model.switch(3, "off", T0 + 10)
    assert look(model, 10.1).outlets[2].pending is None


def test_reboot_comes_back_by_itself() -> None:
    model = make()
    model.switch(3, "reboot", T0 + 10)
    off = look(model, 11.0).outlets[2]
    assert (off.state, off.pending) == ("off", "unspecified")
    assert look(model, 15.2).outlets[2].state == "off"
    back = look(model, 15.8).outlets[2]
    assert (back.state, back.pending) == ("on", None)


def test_reboot_time_can_be_set() -> None:
    model = make("px3")
    assert model.outlet_status(1, T0).reboot_off_s == 10.0
    model.relays.reboot_off_s = 1.0
    model.switch(1, "reboot", T0)
    assert look(model, 0.8).outlets[0].state == "off"
    assert look(model, 1.8).outlets[0].state == "on"


def test_a_newer_command_overrides_a_reboot() -> None:
    model = make()
    model.switch(3, "reboot", T0 + 10)
    model.switch(3, "off", T0 + 12)
    outlet = look(model, 60).outlets[2]
    assert (outlet.state, outlet.pending) == ("off", None)


def test_inrush_then_the_load_settles() -> None:
    model = make("px3")
    before = look(model, 30).outlets[12].power_w or 0
    model.switch(13, "reboot", T0 + 30)
    assert look(model, 35).outlets[12].power_w == 0
    model.switch(13, "on", T0 + 35)
    up = [look(model, 35 + t / 10).outlets[12].power_w or 0 for t in range(1, 300)]
    assert max(up) > 1.4 * before
    assert up[-1] == pytest.approx(before, rel=0.25)


def test_no_such_outlet() -> None:
    with pytest.raises(KeyError):
        make().switch(11, "off", T0)


# -- sources, banks, probe ---------------------------------------------------------------------


def test_a_dead_source_is_left_and_come_back_to() -> None:
    model = make()
    model.fail_source("A", T0 + 10)
    on_b = look(model, 10.0)
    assert on_b.ats is not None
    assert (on_b.ats.active, on_b.ats.redundancy, on_b.ats.phase_sync) == (
        "B", "lost", "out_of_sync",
    )  # fmt: skip
    assert (on_b.ats.sources[0].state, on_b.ats.sources[0].voltage_v) == ("lost", 0.0)
    assert (on_b.inlets[0].power_w or 0) > 1000
    assert all(o.state == "on" for o in on_b.outlets if o.name != "spare")
    model.restore_source("A", T0 + 20)
    back = look(model, 20.0 + RETRANSFER_S - 0.1).ats
    assert back is not None
    assert (back.active, back.redundancy) == ("B", "full")
    assert look(model, 20.1 + RETRANSFER_S).ats.active == "A"  # type: ignore[union-attr]


def test_a_flapping_source_is_not_come_back_to_early() -> None:
    model = make()
    model.fail_source("A", T0 + 10)
    for at in (12, 16, 20):
        model.restore_source("A", T0 + at)
        assert look(model, at + 2.5).ats.active == "B"  # type: ignore[union-attr]
        model.fail_source("A", T0 + at + 3)
    model.restore_source("A", T0 + 30)
    assert look(model, 34.5).ats.active == "B"  # type: ignore[union-attr]
    assert look(model, 35.5).ats.active == "A"  # type: ignore[union-attr]


def test_a_sag_transfers_too() -> None:
    model = make()
    model.sag_source("A", 0.2, T0 + 10)
    ats = look(model, 10).ats
    assert ats is not None
    assert (ats.active, ats.sources[0].state) == ("B", "under_voltage")


def test_the_standby_source_may_fail_unnoticed_by_the_load() -> None:
    model = make()
    before = look(model, 10).inlets
    model.fail_source("B", T0 + 10)
    now = look(model, 10)
    assert now.inlets == before
    assert now.ats is not None
    assert (now.ats.active, now.ats.redundancy) == ("A", "lost")


def test_both_sources_dead() -> None:
    model = make()
    model.fail_source("A", T0 + 10)
    model.fail_source("B", T0 + 12)
    dark = look(model, 12)
    assert dark.ats is not None
    assert dark.ats.active == "none"
    assert (dark.inlets[0].voltage_v, dark.inlets[0].current_a) == (0.0, 0.0)
    assert dark.inlets[0].power_factor is None
    model.restore_source("B", T0 + 20)
    lit = look(model, 20)
    assert lit.ats is not None
    assert lit.ats.active == "B"
    assert (lit.inlets[0].power_w or 0) > 1000


def test_preferred_source_can_be_set() -> None:
    model = make()
    model.prefer("B", T0 + 10)
    assert look(model, 10.5).ats.active == "A"  # type: ignore[union-attr]
    assert look(model, 10.1 + RETRANSFER_S).ats.active == "B"  # type: ignore[union-attr]


def test_a_tripped_bank_takes_its_outlets_down() -> None:
    model = make("px3")
    model.trip_bank(2, T0 + 10)
    reading = look(model, 10)
    assert [b.state for b in reading.banks] == ["normal", "tripped"]
    assert reading.banks[1].current_a == 0.0
    server = reading.outlets[12]
    assert (server.state, server.power_w, server.voltage_v) == ("on", 0.0, 0.0)
    model.reset_bank(2, T0 + 20)
    assert (look(model, 40).banks[1].current_a or 0) > 8


def test_states_follow_the_thresholds() -> None:
    model = make("px3")
    model.sockets[1].watts = 2000.0
    model.world.changed()
    assert look(model, 0).banks[0].state == "warning"
    model.sockets[1].watts = 3000.0
    model.world.changed()
    assert look(model, 0).banks[0].state == "critical"


def test_a_faulty_probe_says_nothing_and_comes_back() -> None:
    model = make()
    model.fault_probe(True, T0 + 1)
    silent = look(model, 1).sensors
    assert [s.value for s in silent] == [None] * 4
    assert {s.state for s in silent} == {"fault", "unknown"}
    model.fault_probe(False, T0 + 2)
    assert all(s.state == "normal" for s in look(model, 2).sensors)
    assert look(model, 2).sensors[0].value is not None


def test_contacts_have_no_value() -> None:
    model = make("px3")
    model.disturb_contact(3, True, T0 + 1)
    door = look(model, 1).sensors[3]
    assert (door.kind, door.value, door.unit, door.state) == ("contact", None, None, "open")


# -- what happens by itself --------------------------------------------------------------------


def test_incidents_happen_and_end() -> None:
    model = make(incidents=True)
    seen = [look(model, t) for t in range(0, 6 * 3600, 5)]
    states = {tuple(o.state for o in r.outlets) for r in seen}
    sources = {s.state for r in seen if r.ats for s in r.ats.sources}
    assert len(states) > 3
    assert {"normal", "lost", "under_voltage"} <= sources
    assert {r.ats.active for r in seen if r.ats} >= {"A", "B"}
    assert any(r.sensors[0].value is None for r in seen)
    assert any(r.sensors[2].state == "alarm" for r in seen)
    for reading in seen:
        wrong = sum(
            o.state != p.state for o, p in zip(reading.outlets, seen[0].outlets, strict=True)
        )
        assert wrong <= 1
        assert reading.ats is not None
        assert sum(s.state != "normal" for s in reading.ats.sources) <= 1


def test_without_incidents_nothing_happens() -> None:
    model = make()
    first = look(model, 0)
    for t in range(0, 4 * 3600, 60):
        now = look(model, t)
        assert [o.state for o in now.outlets] == [o.state for o in first.outlets]
        assert now.ats is not None
        assert (now.ats.active, now.ats.redundancy) == ("A", "full")


# -- a rack with two feeds ---------------------------------------------------------------------


def rack(*, shared: bool = True) -> list[MockPdu]:
    return build([px3("A"), px3("B")], start_s=T0, seed=1, shared=shared, incidents=False)


def test_one_feed_takes_the_load_of_the_other() -> None:
    a, b = rack()
    before = look(a, 10).outlets[2].power_w or 0
    b_before = look(b, 10).outlets[2].power_w or 0
    b.fail_source("B", T0 + 10)
    assert look(a, 10).outlets[2].power_w == pytest.approx(before + b_before, abs=2)
    assert look(b, 10).inlets[0].power_w == 0
    single = look(a, 10).outlets[18]
    assert single.name == "gpu01"
    assert single.power_w == pytest.approx(1180, rel=0.2)
    assert look(a, 10).banks[1].state == "critical"


def test_an_outlet_off_on_one_feed_loads_the_other() -> None:
    a, b = rack()
    before = look(b, 10).outlets[2].power_w or 0
    a.throw(3, False, T0 + 10)
    assert look(a, 10).outlets[2].power_w == 0
    assert (look(b, 10).outlets[2].power_w or 0) > 1.8 * before


def test_feeds_that_share_nothing() -> None:
    a, b = rack(shared=False)
    before = look(b, 10).outlets[2].power_w
    a.throw(3, False, T0 + 10)
    assert look(b, 10).outlets[2].power_w == before


@given(order=st.lists(st.tuples(st.integers(0, 1), st.floats(0.01, 5.0)), max_size=20))
@settings(max_examples=15, deadline=None)
def test_the_order_of_polling_the_feeds_changes_nothing(order: list[tuple[int, float]]) -> None:
    one, other = rack(), rack()
    at = 0.0
    for which, gap in order:
        at += gap
        look(one[which], at)
    for pdus in (one, other):
        pdus[0].switch(3, "off", T0 + at)
    assert look(one[1], at + 9) == look(other[1], at + 9)
