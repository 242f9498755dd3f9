"""How outlets, loads and times are said in a sentence."""

from __future__ import annotations

import re

from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import Outlet, Reading

_DEFAULT_NAME = re.compile(r"(?i)outlet[\s_-]*0*(\d+)")

VERBS: dict[OutletAction, str] = {"on": "Turn ON", "off": "Turn OFF", "reboot": "Reboot"}


def outlet_name(number: int, name: str) -> str:
    """The outlet's name, `outlet 3` where it has none."""
    return name.strip() or f"outlet {number}"


def outlet_label(number: int, name: str) -> str:
    """`outlet 3 db01`; `outlet 3` where the name says nothing more."""
    given = name.strip()
    default = _DEFAULT_NAME.fullmatch(given)
    if not given or given == str(number) or (default and int(default[1]) == number):
        return f"outlet {number}"
    return f"outlet {number} {given}"


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


def sentence(
    pdu: str,
    number: int,
    outlet: Outlet | None,
    action: OutletAction,
    reading: Reading | None,
    reboot_off_s: float | None,
) -> str:
    """What a command will do, for the dialog and the command line.

    `Turn OFF outlet 3 db01 on rack1-a: drops 104 W`. A load or a delay that is not known is said
    to be unknown.
    """
    label = outlet_label(number, outlet.name if outlet else "")
    head = f"{VERBS[action]} {label} on {pdu}"
    if outlet is None:
        return head
    if action == outlet.state:
        return f"{head}: already {action}"
    if action == "on":
        return head
    if action == "off":
        return f"{head}: {_drop(outlet, reading)}"
    back = (
        f"after about {seconds(reboot_off_s)}"
        if reboot_off_s is not None
        else "after the device's own delay"
    )
    if outlet.state == "off":
        return f"{head}: off now, comes on {back}"
    return f"{head}: {_drop(outlet, reading)}, back {back}"


def _drop(outlet: Outlet, reading: Reading | None) -> str:
    if outlet.power_w is not None:
        return f"drops {watts(outlet.power_w)}"
    if outlet.current_a is not None:
        return f"drops {outlet.current_a:.1f} A (power unknown)"
    others = reading.outlets if reading is not None else ()
    if any(o.power_w is not None or o.current_a is not None for o in others):
        return "load unknown: no figure for this outlet"
    return "load unknown: this PDU does not meter outlets"
