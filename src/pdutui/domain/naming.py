"""How outlets, loads and times are said in a sentence."""

from __future__ import annotations

import re

_PLACE = re.compile(r"[A-Za-z]{0,3}\d{1,3}|[A-Z]")
"""The last word of a name that is a number or letter of the device's own: `I1`, `2`, `C3`, `A`."""
_DEFAULT_NAME = re.compile(r"(?i)outlet[\s_-]*0*(\d+)")


def outlet_place(number: int) -> str:
    """`3`; `2.5` for outlet 5 of unit 2 of a chain, which the readings number 2005."""
    unit, place = divmod(number, 1000)
    return f"{unit}.{place}" if unit else str(number)


def outlet_name(number: int, name: str) -> str:
    """The outlet's name, `outlet 3` where it has none."""
    return name.strip() or f"outlet {outlet_place(number)}"


def outlet_label(number: int, name: str, label: str | None = None) -> str:
    """`outlet 3 db01`; `outlet 3` where the name says nothing more.

    `label` is what the device calls its place where that is not the number: `outlet 2.5 db01`.
    """
    given, place = name.strip(), label or outlet_place(number)
    default = _DEFAULT_NAME.fullmatch(given)
    known = (str(number), place, f"outlet {place}")
    if not given or given in known or (default and int(default[1]) == number % 1000):
        return f"outlet {place}"
    return f"outlet {place} {given}"


def in_chain(module: int | None, name: str) -> str:
    """The name with the unit of a daisy chain: `Bank 2.1`, `2.L1`, `2 Left`."""
    if module is None:
        return name
    first, space, last = name.rpartition(" ")
    if _PLACE.fullmatch(last):
        return f"{first}{space}{module}.{last}"
    return f"{module} {name}".rstrip()


def inlet_name(name: str) -> str:
    """`Inlet I1`; a name that says what it is stays as it is."""
    named = name.lower().startswith(("inlet", "input", "infeed", "cord", "feed"))
    return name if named else f"Inlet {name}"


def printable(text: str) -> str:
    """Text of a device or a person without control codes, which could drive a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


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


def amps(value: float) -> str:
    """`13.2 A`, `0.45 A`."""
    return f"{value:.1f} A" if abs(value) >= 1 or value == 0 else f"{value:.2f} A"
