"""Outlet numbers as people write them: `3`, `1-4,7`, `2.5` in a chain."""

from __future__ import annotations

import re

HIGHEST_OUTLET = 10_000
"""What any configuration or table may name; no PDU comes near it."""
_NUMBERS = re.compile(r" *[0-9]+( *- *[0-9]+)?( *, *[0-9]+( *- *[0-9]+)?)* *\Z")
_ONE = re.compile(r"0*([0-9]{1,5})\Z")
_IN_CHAIN = re.compile(r"([0-9]{1,2})\.([0-9]{1,3})\Z")
_LONGEST_NUMBER = 5


def outlet_numbers(text: str) -> tuple[int, ...] | None:
    """The outlet numbers of `3` or `1-4,7`, in that order; None if it is no list of numbers.

    Raises ValueError for a range that runs backwards and for a number that is there twice.
    """
    if not _NUMBERS.match(text):
        return None
    numbers: dict[int, None] = {}
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if max(len(first), len(last)) > _LONGEST_NUMBER:
            shown = part if len(part) <= 20 else f"{part[:17]}..."
            raise ValueError(f"no PDU has an outlet {shown}")
        begin, end = int(first), int(last or first)
        if end < begin:
            raise ValueError(f"{part} runs backwards: write {end}-{begin}")
        for number in range(begin, end + 1):
            if number in numbers:
                raise ValueError(f"outlet {number} is named twice in {text!r}")
            numbers[number] = None
    return tuple(numbers)


def outlet_number(text: str) -> int | None:
    """The number that a Reading gives to outlet `3`, or to `2.5` of a chain; None for neither.

    The outlets of the first unit of a chain have plain numbers, and so has every PDU that stands
    alone: `1.5` is none of them.
    """
    if found := _ONE.match(text):
        number = int(found[1])
        return number if 1 <= number <= HIGHEST_OUTLET else None
    if found := _IN_CHAIN.match(text):
        unit, place = int(found[1]), int(found[2])
        number = 1000 * unit + place
        return number if unit >= 2 and place >= 1 and number <= HIGHEST_OUTLET else None
    return None
