"""Which figures a configured threshold may be for, and the units they come in."""

from __future__ import annotations

from typing import Literal, get_args

ThresholdOf = Literal["outlet", "bank", "inlet", "phase", "source", "sensor", "pdu"]
PARTS: tuple[ThresholdOf, ...] = get_args(ThresholdOf)

_LOAD = ("current_a", "power_w", "apparent_power_va", "voltage_v", "power_factor", "percent")
MEASURES: dict[ThresholdOf, tuple[str, ...]] = {
    "outlet": ("current_a", "power_w", "voltage_v", "power_factor"),
    "bank": _LOAD,
    "inlet": (*_LOAD, "frequency_hz"),
    "phase": _LOAD,
    "source": ("voltage_v", "frequency_hz"),
    "sensor": ("value",),
    "pdu": ("current_a", "power_w", "apparent_power_va", "percent", "age_s"),
}
"""What each kind of part has. `percent` is of its rated current; an outlet has no rating of its
own. Of a PDU: the sum of its inlets, `percent` that of its fullest inlet or line, `age_s` how old
its reading is."""
UNITS: dict[str, str] = {
    "current_a": "A",
    "power_w": "W",
    "apparent_power_va": "VA",
    "voltage_v": "V",
    "power_factor": "",
    "frequency_hz": "Hz",
    "percent": "%",
    "age_s": "s",
    "value": "",
}
"""A sensor says itself what its value is in."""
SERIES_OF_NONE: frozenset[str] = frozenset({"percent", "age_s"})
"""Measures that no series of the history has under their own name."""
