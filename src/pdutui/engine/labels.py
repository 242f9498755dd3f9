"""How outlets, loads and times are said in a sentence."""

from __future__ import annotations

import re

_DEFAULT_NAME = re.compile(r"(?i)outlet[\s_-]*0*(\d+)")


def outlet_name(number: int, name: str) -> str:
    """The outlet's name, `outlet 3` where it has none."""
    return name.strip() or f"outlet {number}"


def outlet_label(number: int, name: str, label: str | None = None) -> str:
    """`outlet 3 db01`; `outlet 3` where the name says nothing more.

    `label` is what the device calls its place where that is not the number: `outlet 2.5 db01`.
    """
    given, place = name.strip(), label or str(number)
    default = _DEFAULT_NAME.fullmatch(given)
    if not given or given in (str(number), label) or (default and int(default[1]) == number):
        return f"outlet {place}"
    return f"outlet {place} {given}"


def watts(value: float) -> str:
    """`104 W`, `0.8 W`."""
    return f"{value:.0f} W" if abs(value) >= 10 or value == 0 else f"{value:.1f} W"


def seconds(value: float) -> str:
    """`5 s`, `0.4 s`, `3 min`, `2 h`."""
    if value < 1:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    if value < 7200:
        return f"{value / 60:.0f} min"
    return f"{value / 3600:.0f} h"


def number_ranges(numbers: list[int]) -> str:
    """`1-4, 7`; `none` for an empty list."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts) or "none"
