from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading
from pdutui.engine.floor import apply_floor, is_noise
from pdutui.settings import FloorSettings

FLOOR = FloorSettings(current_a=0.2, power_w=1.0)


@pytest.mark.parametrize(
    ("current", "power", "noise"),
    [
        (0.1, 0.5, True),
        (0.1, 1.0, False),
        (0.2, 0.5, False),
        (0.1, None, True),
        (None, 0.5, True),
        (None, 1.5, False),
        (None, None, False),
        (-0.1, -0.5, True),
        (-3.0, 0.0, False),
    ],
)
def test_noise_is_below_both(current: float | None, power: float | None, noise: bool) -> None:
    assert is_noise(current, power, FLOOR) is noise


def test_a_limit_of_zero_does_not_judge() -> None:
    only_current = FloorSettings(current_a=0.2)
    assert is_noise(0.1, 0.0, only_current)
    assert not is_noise(None, 0.1, only_current)
    assert not is_noise(0.0, 0.0, FloorSettings())


def reading() -> Reading:
    return Reading(
        pdu="a",
        time=datetime(2026, 1, 1, tzinfo=UTC),
        inlets=(Inlet(number=1, name="I1", current_a=0.1, power_w=0.4, apparent_power_va=3.0),),
        phases=(
            Phase(number=1, name="L1", current_a=0.1, power_w=0.3, apparent_power_va=2.0),
            Phase(number=2, name="L2", current_a=4.0),
        ),
        banks=(
            Bank(number=1, name="B1", current_a=0.1),
            Bank(number=2, name="B2", current_a=3.0, power_w=0.2),
        ),
        outlets=(
            Outlet(number=1, name="a", state="on", current_a=0.1, power_w=0.6, energy_kwh=4.0),
            Outlet(number=2, name="b", state="on"),
            Outlet(number=3, name="c", state="on", current_a=0.5, power_w=100.0),
        ),
    )


def test_noise_shows_as_zero_and_unknown_stays_unknown() -> None:
    shown = apply_floor(reading(), FLOOR)
    assert (shown.inlets[0].current_a, shown.inlets[0].power_w) == (0.0, 0.0)
    assert shown.inlets[0].apparent_power_va == 0.0
    assert (shown.phases[0].current_a, shown.phases[0].apparent_power_va) == (0.0, 0.0)
    assert shown.phases[1].current_a == 4.0
    assert (shown.banks[0].current_a, shown.banks[0].power_w) == (0.0, None)
    assert shown.banks[1] == reading().banks[1]
    assert (shown.outlets[0].current_a, shown.outlets[0].power_w) == (0.0, 0.0)
    assert shown.outlets[0].energy_kwh == 4.0
    assert shown.outlets[1].current_a is None
    assert shown.outlets[1].power_w is None
    assert shown.outlets[2].power_w == 100.0


def test_without_a_floor_it_is_the_same_reading() -> None:
    one = reading()
    assert apply_floor(one, FloorSettings()) is one
