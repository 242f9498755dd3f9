"""All models: what each is, and what three phases, chains and transfer switches add."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS, models_of, spec_of
from pdutui.backends.mock.model import MockPdu
from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import Reading

from ...support.clock import START
from .test_model import check_energy, check_physics

T0 = 5000.0


def make(kind: str) -> MockPdu:
    return mock_pdu(kind, start_s=T0, incidents=False)


def look(model: MockPdu, at_s: float) -> Reading:
    return model.reading(T0 + at_s, START + timedelta(seconds=at_s), "pdu")


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_lives(kind: str) -> None:
    model = mock_pdu(kind, start_s=T0, incidents=True)
    spec = model.spec
    assert spec.profile == CATALOG[kind].profile
    before = look(model, 0)
    numbers = [o.number for o in before.outlets]
    assert len(set(numbers)) == len(numbers)
    assert {o.bank for o in before.outlets} <= {b.number for b in before.banks} | {None}
    for at in (1, 30, 90):
        for outlet, action in zip(numbers, ("off", "reboot", "on"), strict=False):
            model.switch(outlet, action, T0 + at)  # type: ignore[arg-type]
        now = look(model, at + 20.0)
        check_physics(model, now)
        check_energy(before, now)
        before = now
    assert sum(i.power_w or i.apparent_power_va or 0 for i in before.inlets) > 100


def test_the_catalogue() -> None:
    assert models_of("cyberpower-epdu")[0] == "pdu44001"
    assert models_of("raritan-pdu2")[0] == "px3"
    for kind, entry in CATALOG.items():
        assert entry.title.startswith(f"{spec_of(kind).vendor} ")
    with pytest.raises(ValueError, match=r"no mock model 'ap1' .*pdu44001, pdu83107"):
        spec_of("ap1")


# -- phases and chains -------------------------------------------------------------------------


def test_three_phases_carry_what_hangs_on_them() -> None:
    model = make("px3-3ph")
    reading = look(model, 20)
    assert [p.name for p in reading.phases] == ["L1", "L2", "L3"]
    assert len({p.voltage_v for p in reading.phases}) > 1
    for phase in reading.phases:
        members = model.members("phase", phase.number)
        shown = [reading.outlet(s.number) for s in members]
        assert phase.power_w == sum(o.power_w or 0 for o in shown if o)
    inlet = reading.inlets[0]
    assert (inlet.voltage_v, inlet.current_a) == (None, None)
    model.switch(1, "off", T0 + 20)
    after = look(model, 25)
    assert (after.phases[0].current_a or 0) < (reading.phases[0].current_a or 0) - 0.1
    assert after.phases[1].current_a == pytest.approx(reading.phases[1].current_a, rel=0.1)


def test_the_state_of_a_three_phase_inlet_is_that_of_its_worst_phase() -> None:
    model = make("px3-3ph")
    for number in (1, 2, 3):
        model.sockets[number].watts = 2000.0
    model.world.changed()
    reading = look(model, 0)
    assert [p.state for p in reading.phases] == ["critical", "normal", "normal"]
    assert reading.inlets[0].state == "critical"


def test_a_chain_counts_its_outlets_by_module() -> None:
    model = make("pdu81001-chain")
    reading = look(model, 10)
    assert [o.number for o in reading.outlets[6:10]] == [7, 8, 2001, 2002]
    assert [(o.label, o.module) for o in reading.outlets[6:10]] == [
        ("1.7", 1), ("1.8", 1), ("2.1", 2), ("2.2", 2),
    ]  # fmt: skip
    assert [(i.number, i.module) for i in reading.inlets] == [(1, 1), (2001, 2)]
    assert [(b.number, b.module) for b in reading.banks] == [(1, 1), (2001, 2)]
    assert {o.bank for o in reading.outlets if o.module == 2} == {2001}
    second = sum(o.power_w or 0 for o in reading.outlets if o.module == 2)
    assert reading.inlets[1].power_w == second
    model.switch(2002, "off", T0 + 10)
    states = {o.number: o.state for o in look(model, 12).outlets}
    assert (states[2], states[2002]) == ("on", "off")


def test_a_pdu_alone_has_no_modules() -> None:
    reading = look(make("px3"), 0)
    assert {p.module for p in (*reading.inlets, *reading.banks, *reading.outlets)} == {None}
    assert {o.label for o in reading.outlets} == {None}


def test_one_module_of_a_chain_can_be_switched_alone() -> None:
    model = make("ap8641-chain")
    model.switch_pdu("all_off", T0, module=2)
    off = {o.number for o in look(model, 2).outlets if o.state == "off"}
    assert off >= {n for n in model.outlets if n > 2000}
    assert 1 not in off


# -- commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "states"),
    [
        ("delayed_on", ["off", "off", "on", "on"]),
        ("delayed_off", ["on", "on", "off", "off"]),
        ("delayed_reboot", ["on", "on", "off", "on"]),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_delays(action: OutletAction, states: list[str], given: bool) -> None:
    model = make("pdu44001")
    model.throw(3, states[0] == "on", T0)
    model.relays.on_delay_s = model.relays.off_delay_s = 90.0 if given else 20.0
    model.switch(3, action, T0, 20 if given else None)
    seen = [look(model, at).outlets[2] for at in (0.0, 19.9, 20.8, 26.0)]
    assert [o.state for o in seen] == states
    assert [o.pending for o in seen[:2]] == ["unspecified", "unspecified"]
    assert seen[3].pending is None
    later = look(model, 200).outlets[2]
    assert (later.state, later.pending) == (states[3], None)


def test_a_delay_that_never_comes() -> None:
    model = make("pdu44001")
    model.relays.off_delay_s = -1.0
    model.switch(3, "delayed_off", T0)
    outlet = look(model, 10_000).outlets[2]
    assert (outlet.state, outlet.pending) == ("on", None)


def test_cancel_takes_back_what_has_not_begun() -> None:
    model = make("pdu44001")
    model.switch(3, "delayed_off", T0, 20)
    model.switch(3, "cancel", T0 + 10)
    assert look(model, 10).outlets[2].pending is None
    assert look(model, 60).outlets[2].state == "on"
    model.switch(3, "delayed_reboot", T0 + 60, 5)
    look(model, 66)
    model.switch(3, "cancel", T0 + 66)
    assert look(model, 66).outlets[2].state == "off"
    assert look(model, 72).outlets[2].state == "on"
    model.switch(4, "cancel", T0 + 80)
    assert look(model, 90).outlets[3].state == "on"


def test_a_newer_command_overrides_a_delayed_one() -> None:
    model = make("pdu44001")
    model.switch(3, "delayed_off", T0, 20)
    model.switch(3, "on", T0 + 1)
    assert look(model, 60).outlets[2].state == "on"
    model.switch(3, "delayed_on", T0 + 60, 20)
    model.switch(3, "delayed_off", T0 + 61, 5)
    assert look(model, 67).outlets[2].state == "off"
    assert look(model, 100).outlets[2].state == "off"


def test_identify_moves_nothing() -> None:
    model = make("pdu44001")
    model.switch(3, "delayed_off", T0, 20)
    model.switch(3, "identify", T0 + 1)
    assert model.relays.identified == {3: 1}
    assert look(model, 2).outlets[2].pending == "unspecified"
    assert look(model, 30).outlets[2].state == "off"


@pytest.mark.parametrize(
    ("kind", "action", "words"),
    [
        ("emat08", "delayed_off", ["off", "off", None]),
        ("emat08", "reboot", ["off", "on", None]),
        ("vp4556", "reboot", ["reboot", "reboot", None]),
        ("vp4556", "delayed_off", ["off", "off", None]),
        ("ap8641", "reboot", ["unspecified", "unspecified", None]),
        ("px3", "reboot", [None, None, None]),
    ],
)
def test_pending_in_the_words_of_the_family(
    kind: str, action: OutletAction, words: list[str | None]
) -> None:
    model = make(kind)
    model.switch(2, action, T0, 2)
    assert [look(model, at).outlets[1].pending for at in (0.0, 1.9, 30.0)] == words


def test_all_outlets() -> None:
    model = make("pdu44001")
    model.switch_pdu("all_off", T0)
    assert {o.state for o in look(model, 1).outlets} == {"off"}
    model.switch_pdu("all_delayed_on", T0 + 1, 10)
    model.switch_pdu("all_cancel", T0 + 2)
    assert {o.state for o in look(model, 30).outlets} == {"off"}
    model.switch_pdu("all_on", T0 + 30)
    assert {o.state for o in look(model, 31).outlets} == {"on"}
    model.switch_pdu("all_reboot", T0 + 31)
    assert {o.state for o in look(model, 32).outlets} == {"off"}
    assert {o.state for o in look(model, 40).outlets} == {"on"}


# -- transfer switches -------------------------------------------------------------------------


def test_preferring_none_stays_where_it_is() -> None:
    model = make("pdu44001")
    model.switch_pdu("prefer_none", T0)
    model.fail_source("A", T0 + 1)
    model.restore_source("A", T0 + 5)
    ats = look(model, 60).ats
    assert ats is not None
    assert (ats.active, ats.preferred) == ("B", "none")
    model.switch_pdu("prefer_a", T0 + 60)
    assert look(model, 66).ats.active == "A"  # type: ignore[union-attr]


def test_some_transfer_at_once_and_only_to_what_is_there() -> None:
    model = make("px3ts")
    before = look(model, 10)
    model.switch_pdu("prefer_b", T0 + 10)
    now = look(model, 10)
    assert now.ats is not None
    assert (now.ats.active, now.ats.preferred) == ("B", "B")
    assert [i.power_w == 0 for i in before.inlets] == [False, True]
    assert [i.power_w == 0 for i in now.inlets] == [True, False]
    assert all((i.voltage_v or 0) > 220 for i in now.inlets)
    model.fail_source("A", T0 + 20)
    assert not model.can_prefer("A", T0 + 20)
    with pytest.raises(ValueError, match="source A"):
        model.switch_pdu("prefer_a", T0 + 20)
    with pytest.raises(ValueError, match="source none"):
        model.switch_pdu("prefer_none", T0 + 20)


def test_a_pdu_with_one_source_prefers_nothing() -> None:
    model = make("px3")
    assert not model.can_prefer("A", T0)
    with pytest.raises(ValueError, match="source A"):
        model.prefer("A", T0)


def test_a_pure_transfer_switch_carries_load_and_shows_no_outlets() -> None:
    model = make("ap7724")
    reading = look(model, 10)
    assert (reading.outlets, model.outlets) == ((), ())
    assert [(b.current_a or 0) > 2 for b in reading.banks] == [True, True]
    with pytest.raises(KeyError):
        model.switch(1, "off", T0 + 10)
    model.fail_source("A", T0 + 10)
    after = look(model, 11)
    assert after.ats is not None
    assert after.ats.active == "B"
    assert (after.banks[0].current_a or 0) > 2
