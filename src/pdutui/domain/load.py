"""Load arithmetic. The total is the inlets: bank and phase rows are views of the same current."""

from __future__ import annotations

import msgspec

from pdutui.domain.reading import Bank, Reading


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

    `percent` is that of the inlet nearest to its rating: two half-loaded cords are not one full.
    """
    current = _sum([i.current_a for i in reading.inlets])
    power = _sum([i.power_w for i in reading.inlets])
    rating = _sum([i.rating_a for i in reading.inlets])
    worst = [p for i in reading.inlets if (p := percent_of(i.current_a, i.rating_a)) is not None]
    complete = len(worst) == len(reading.inlets)
    return Load(
        current_a=current,
        power_w=power,
        rating_a=rating,
        percent=max(worst) if worst and complete else None,
    )


def bank_limit_a(bank: Bank) -> float | None:
    """The current a bank must not exceed: its rating, else the device's overload threshold."""
    return bank.rating_a or bank.critical_a or None
