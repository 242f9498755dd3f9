"""Figures as people read them. None is n/a and is drawn as a dash, never as a 0."""

from __future__ import annotations

NA = "–"
"""What stands for a figure that the device does not give (an ASCII dash where glyphs are ASCII)."""


def amps(value: float | None, na: str = NA) -> str:
    """Amperes, to a hundredth."""
    return na if value is None else f"{value:.2f}"


def volts(value: float | None, na: str = NA) -> str:
    """Volts, to a tenth."""
    return na if value is None else f"{value:.1f}"


def hertz(value: float | None, na: str = NA) -> str:
    """Hertz, to a tenth."""
    return na if value is None else f"{value:.1f}"


def watts(value: float | None, na: str = NA) -> str:
    """Watts or volt-amperes: whole ones, with a tenth below ten where there is one."""
    if value is None:
        return na
    if abs(value) < 10 and round(value, 1) != round(value):
        return f"{value:.1f}"
    return f"{value:.0f}"


def power(value: float | None, na: str = NA) -> str:
    """Watts with their unit, short: `850 W`, `4.1 kW`, `123 kW`; nothing but `na` for n/a."""
    if value is None:
        return na
    if abs(value) < 1000:
        return f"{watts(value)} W"
    return f"{value / 1000:.1f} kW" if abs(value) < 99_950 else f"{value / 1000:.0f} kW"


def energy(value: float | None, na: str = NA) -> str:
    """Kilowatt-hours, to a tenth; whole ones from 100,000 on."""
    if value is None:
        return na
    return f"{value:.1f}" if value < 100_000 else f"{value:.0f}"


def factor(value: float | None, na: str = NA) -> str:
    """Power factor, to a hundredth."""
    return na if value is None else f"{value:.2f}"


def percent(value: float | None, na: str = NA) -> str:
    """Per cent, whole; `<1` where there is some but less than one."""
    if value is None:
        return na
    return "<1" if 0 < value < 1 else f"{value:.0f}"


def rating(value: float | None, na: str = NA) -> str:
    """A rating in amperes without needless decimals: `16`, `12.5`."""
    return na if value is None else f"{value:g}"


def age(seconds: float | None) -> str:
    """How long ago, in the units that say enough: `0s`, `59s`, `2m05s`, `3h12m`, `2d04h`."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 86_400}d{whole % 86_400 // 3600:02d}h"
