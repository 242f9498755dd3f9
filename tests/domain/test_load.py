"""Totals come from the inlets alone, and are unknown as soon as a part of them is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.load import bank_limit_a, percent_of, phase_limit_a, total_load
from pdutui.domain.reading import Bank, Inlet, Phase, Reading

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def reading(
    *inlets: Inlet, banks: tuple[Bank, ...] = (), phases: tuple[Phase, ...] = ()
) -> Reading:
    return Reading(pdu="x", time=NOW, inlets=inlets, banks=banks, phases=phases)


def lines(
    *currents: float | None, rating_a: float | None = None, module: int | None = None
) -> tuple[Phase, ...]:
    return tuple(
        Phase(number=n, name=f"L{n}", current_a=a, rating_a=rating_a, module=module)
        for n, a in enumerate(currents, 1)
    )


def test_banks_are_a_view_of_the_inlet_and_are_not_added_to_it() -> None:
    one = Inlet(number=1, name="I1", current_a=1.0, power_w=219, rating_a=16)
    load = total_load(reading(one, banks=(Bank(number=1, name="B", current_a=1.0, power_w=219),)))
    assert (load.current_a, load.power_w, load.percent) == (1.0, 219, 6.25)


def test_two_inlets_add_up_and_the_fuller_one_gives_the_percentage() -> None:
    a = Inlet(number=1, name="A", current_a=8.0, power_w=1800, rating_a=16)
    b = Inlet(number=2, name="B", current_a=2.0, power_w=400, rating_a=16)
    load = total_load(reading(a, b))
    assert (load.current_a, load.power_w, load.rating_a) == (10.0, 2200, 32)
    assert load.percent == 50.0


def test_half_a_sum_is_not_shown() -> None:
    a = Inlet(number=1, name="A", current_a=8.0, rating_a=16)
    b = Inlet(number=2, name="B", rating_a=16)
    load = total_load(reading(a, b))
    assert load.current_a is None
    assert load.percent is None


def test_nothing_known_is_none_and_not_zero() -> None:
    assert total_load(reading()).power_w is None


@pytest.mark.parametrize(("current", "rating"), [(None, 16.0), (1.0, None), (1.0, 0.0)])
def test_no_percentage_of_the_unknown(current: float | None, rating: float | None) -> None:
    assert percent_of(current, rating) is None


def test_a_bank_without_a_rating_is_bound_by_its_overload_threshold() -> None:
    assert bank_limit_a(Bank(number=1, name="B", critical_a=16)) == 16
    assert bank_limit_a(Bank(number=1, name="B", rating_a=20, critical_a=16)) == 20
    assert bank_limit_a(Bank(number=1, name="B")) is None


def test_a_three_phase_cord_is_as_full_as_its_fullest_line() -> None:
    cord = Inlet(number=1, name="I1", power_w=4000, rating_a=16)
    load = total_load(reading(cord, phases=lines(4.0, 12.0, 2.0)))
    assert (load.percent, load.power_w) == (75.0, 4000)
    # lines are no part of the sum, and their amperes are none of the cord
    assert load.current_a is None
    own = total_load(reading(cord, phases=lines(4.0, 12.0, 2.0, rating_a=24.0)))
    assert own.percent == 50.0


def test_a_line_that_is_not_known_may_be_the_fullest() -> None:
    cord = Inlet(number=1, name="I1", rating_a=16)
    assert total_load(reading(cord, phases=lines(4.0, None, 2.0))).percent is None
    known = Inlet(number=1, name="I1", current_a=10.0, rating_a=16)
    assert total_load(reading(known, phases=lines(4.0, None, 2.0))).percent == 62.5


def test_a_cord_of_many_units_needs_every_unit() -> None:
    first = Inlet(number=1, name="I1", current_a=8.0, rating_a=16, module=1)
    second = Inlet(number=2001, name="I1", rating_a=16, module=2)
    phases = lines(1.0, 14.0, 1.0, module=2)
    assert total_load(reading(first, second, phases=phases)).percent == 87.5
    assert total_load(reading(first, second)).percent is None


def test_what_bounds_a_phase() -> None:
    assert phase_limit_a(Phase(number=1, name="L1", rating_a=20, critical_a=16)) == 20
    assert phase_limit_a(Phase(number=1, name="L1", critical_a=16)) == 16
    assert phase_limit_a(Phase(number=1, name="L1")) is None
