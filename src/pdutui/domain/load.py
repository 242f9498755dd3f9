"""Load arithmetic. The total is the inlets: bank and phase rows are views of the same current."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.reading import Bank, Phase, Reading


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """A load and how much of its rating it uses; None where a part of it is unknown."""

    current_a: float | None = None
    power_w: float | None = None
    rating_a: float | None = None
    percent: float | None = None
    """Of the rating, by current; None without a rating or a current."""


def percent_of(current_a: float | None, rating_a: float | None) -> float | None:
    """Current as a percentage of the rating, or None where either is unknown or the rating is 0."""
    if current_a is None or not rating_a:
        return None
    return 100.0 * current_a / rating_a


def _sum(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if values and len(known) == len(values) else None


def total_load(reading: Reading) -> Load:
    """The load of the whole PDU: the sum over its inlets, None when one of them is unknown.

    `percent` is that of the inlet or phase nearest to its rating: two half-loaded cords are not one
    full, and a three-phase cord is full when one of its lines is. A phase without a rating has the
    device's overload threshold, or the rating of its cord.
    """
    current = _sum([i.current_a for i in reading.inlets])
    power = _sum([i.power_w for i in reading.inlets])
    rating = _sum([i.rating_a for i in reading.inlets])
    units = [*(i.module for i in reading.inlets), *(p.module for p in reading.phases)]
    modules = dict.fromkeys(units)
    worst = [_most_loaded(reading, module) for module in modules]
    known = [percent for percent in worst if percent is not None]
    return Load(
        current_a=current,
        power_w=power,
        rating_a=rating,
        percent=max(known) if known and len(known) == len(worst) else None,
    )


def _most_loaded(reading: Reading, module: int | None) -> float | None:
    """How full the cord or line of a unit is that is nearest to its rating.

    Known if it is known of all its cords, or of all its lines.
    """
    inlets = [i for i in reading.inlets if i.module == module]
    phases = [p for p in reading.phases if p.module == module]
    cord_a = cord_rating_a(reading, module)
    of_inlets = [percent_of(i.current_a, i.rating_a) for i in inlets]
    of_phases = [percent_of(p.current_a, phase_limit_a(p) or cord_a) for p in phases]
    complete = any(some and None not in some for some in (of_inlets, of_phases))
    known = [percent for percent in (*of_inlets, *of_phases) if percent is not None]
    return max(known) if complete else None


def cord_rating_a(reading: Reading, module: int | None) -> float | None:
    """The rating of a unit's cord, which holds for each of its lines; None with several cords."""
    inlets = [i for i in reading.inlets if i.module == module]
    return inlets[0].rating_a if len(inlets) == 1 else None


def fullest_phase(reading: Reading, module: int | None) -> Phase | None:
    """The line of a unit that is nearest to its limit; without limits, the one that carries most.

    None where a line does not say what it carries: it might be that one.
    """
    phases = [p for p in reading.phases if p.module == module]
    if not phases or any(p.current_a is None for p in phases):
        return None
    cord_a = cord_rating_a(reading, module)
    shares = [percent_of(p.current_a, phase_limit_a(p) or cord_a) for p in phases]
    if None in shares:
        shares = [p.current_a for p in phases]
    return max(zip(phases, shares, strict=True), key=lambda pair: pair[1] or 0.0)[0]


def phase_limit_a(phase: Phase) -> float | None:
    """The current a phase must not exceed: its rating, else the device's overload threshold."""
    return phase.rating_a or phase.critical_a or None


def bank_limit_a(bank: Bank) -> float | None:
    """The current a bank must not exceed: its rating, else the device's overload threshold."""
    return bank.rating_a or bank.critical_a or None
