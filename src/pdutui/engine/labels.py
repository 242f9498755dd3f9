"""How outlets, loads and times are said in a sentence."""

from __future__ import annotations

from pdutui.domain.naming import outlet_label, outlet_name, outlet_place, seconds, watts

__all__ = [
    "number_ranges", "outlet_label", "outlet_name", "outlet_place", "seconds", "watts",
]  # fmt: skip


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
