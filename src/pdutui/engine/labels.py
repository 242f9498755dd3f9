"""How outlets, loads and times are said in a sentence."""

from __future__ import annotations

from pdutui.domain.naming import outlet_label, outlet_name, outlet_place

__all__ = [
    "number_ranges", "outlet_label", "outlet_name", "outlet_place", "seconds", "watts",
]  # fmt: skip


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
    """`1-4, 7`, `1-8, 2.1-2.8`; `none` for an empty list."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    ranges = [[outlet_place(end) for end in dict.fromkeys(part)] for part in parts]
    return ", ".join("-".join(ends) for ends in ranges) or "none"
