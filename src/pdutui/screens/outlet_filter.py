"""Which outlets fit what was typed behind `/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet

LONGEST = 64
"""Characters of a filter."""
STATES = ("on", "off", "unknown")
_AMOUNT = r"([<>])(\d{1,9}(?:\.\d{0,3})?)(w|a)?"

Devices = Callable[[int], Sequence[str]]
"""The number of an outlet to the names of what is plugged into it."""


def fitting(outlets: Sequence[Outlet], text: str, devices: Devices) -> tuple[Outlet, ...]:
    """The outlets that fit, in their order; all of them where nothing is typed.

    Every word has to fit: `on`, `off` and `unknown` by the state alone, `>100w`, `<0.5a` by what
    it carries (watts where no unit is given), any other by the number as a whole, or by a part of
    the name or of the device that is plugged in. Capitals do not count. What is not metered fits
    no amount: unknown is neither more nor less.

    Args:
        outlets: What there is.
        text: What was typed.
        devices: Tells what is plugged in.
    """
    words = text.casefold().split()
    return tuple(o for o in outlets if all(_fits(o, word, devices) for word in words))


def _fits(outlet: Outlet, word: str, devices: Devices) -> bool:
    if word in STATES:
        return outlet.state == word
    amount = re.fullmatch(_AMOUNT, word)
    if amount is not None:
        way, figure, unit = amount.groups()
        value = outlet.current_a if unit == "a" else outlet.power_w
        if value is None:
            return False
        return value > float(figure) if way == ">" else value < float(figure)
    if word in ((outlet.label or "").casefold(), str(outlet.number)):
        return True
    return any(word in text.casefold() for text in (outlet.name, *devices(outlet.number)))
