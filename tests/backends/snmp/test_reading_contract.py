"""What `poll --json` may say, for every model of every family: keys, types, words, units.

The tables below are the documented contract, written out; nothing here is taken from the code.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import to_json

from ...support.agent import ServedMib
from ...support.clock import ManualClock

LOAD = {"normal", "low", "warning", "critical", "tripped", "unknown"}
SENSOR = {"normal", "low", "warning", "critical", "open", "closed", "on", "off", "alarm", "fault",
          "unknown"}  # fmt: skip
SOURCE = {"normal", "under_voltage", "over_voltage", "under_frequency", "over_frequency", "lost",
          "unknown"}  # fmt: skip
UNITS = {"temperature": "degC", "humidity": "percent", "absolute_humidity": "g/m3", "current": "A"}

TEXT, NUMBER, WHOLE, BOOL = str, (int, float), int, bool
MEASURED: dict[str, tuple[Any, bool]] = dict.fromkeys(
    [
        "voltage_v",
        "current_a",
        "power_w",
        "apparent_power_va",
        "power_factor",
        "energy_kwh",
        "rating_a",
    ],
    (NUMBER, True),
)
LIMITS: dict[str, tuple[Any, bool]] = {"warning_a": (NUMBER, True), "critical_a": (NUMBER, True)}
NAMED: dict[str, tuple[Any, bool]] = {
    "number": (WHOLE, False), "name": (TEXT, False), "module": (WHOLE, True),
}  # fmt: skip
# key -> type, may be null; or the words it may say, None among them where it may be null
KEYS: dict[str, dict[str, Any]] = {
    "inlets": {**NAMED, **MEASURED, "frequency_hz": (NUMBER, True), "state": LOAD},
    "phases": {**NAMED, **MEASURED, **LIMITS, "state": LOAD},
    "banks": {**NAMED, **MEASURED, **LIMITS, "state": LOAD},
    "outlets": {
        **NAMED,
        **{k: MEASURED[k] for k in MEASURED if k not in ("apparent_power_va", "rating_a")},
        "state": {"on", "off", "unknown"},
        "pending": {None, "on", "off", "reboot", "unspecified"},
        "bank": (WHOLE, True), "switchable": (BOOL, False), "label": (TEXT, True),
    },
    "sensors": {
        "name": (TEXT, False), "kind": (TEXT, False), "value": (NUMBER, True),
        "unit": {None, "degC", "percent", "g/m3", "A", "V", "W", "Hz"}, "state": SENSOR,
    },
    "sources": {
        "id": {"A", "B"}, "name": (TEXT, False), "voltage_v": (NUMBER, True),
        "frequency_hz": (NUMBER, True), "state": SOURCE,
    },
    "ats": {
        "active": {"A", "B", "none", None}, "preferred": {"A", "B", "none", None},
        "redundancy": {"full", "lost", None}, "phase_sync": {"in_sync", "out_of_sync", None},
        "sensitivity": {"high", "medium", "low", None}, "sources": (list, False),
    },
    "poll": {
        "duration_ms": (NUMBER, False), "requests": (WHOLE, False), "varbinds": (WHOLE, False),
        "errors": (list, False),
    },
    "": {
        **dict.fromkeys(("pdu", "time", "profile"), (TEXT, False)),
        **dict.fromkeys(("vendor", "model", "serial", "firmware", "name"), (TEXT, True)),
        "uptime_s": (WHOLE, True), "ats": (dict, True), "poll": (dict, False),
        **dict.fromkeys(("inlets", "phases", "banks", "outlets", "sensors"), (list, False)),
    },
}  # fmt: skip
PLAUSIBLE = {
    "voltage_v": (100, 250), "current_a": (0, 40), "power_w": (0, 10_000),
    "apparent_power_va": (0, 10_000), "power_factor": (0, 1), "frequency_hz": (49, 61),
    "energy_kwh": (0, 100_000), "rating_a": (10, 40), "warning_a": (5, 40), "critical_a": (5, 40),
}  # fmt: skip
"""Whole orders of magnitude: a scale that is wrong by ten falls out of most of them."""


def wrong(where: str, part: dict[str, Any], keys: dict[str, Any]) -> list[str]:
    """What does not keep to the contract in one object."""
    if part.keys() != keys.keys():
        return [f"{where}: keys {sorted(part.keys() ^ keys.keys())}"]
    out = []
    for key, value in part.items():
        allowed = keys[key]
        if isinstance(allowed, set):
            good = value in allowed
        elif value is None:
            good = allowed[1]
        else:
            good = isinstance(value, allowed[0]) and (allowed[0] is BOOL or value is not True)
            good = good and not (isinstance(value, float) and not math.isfinite(value))
        dark = key == "voltage_v" and value == 0 and part.get("state") == "off"
        least, most = PLAUSIBLE.get(key, (-math.inf, math.inf))
        if good and isinstance(value, (int, float)) and not dark:
            good = least <= value <= most
        if not good:
            out.append(f"{where}.{key} is {value!r}")
    return out


def problems(reading: dict[str, Any]) -> list[str]:
    """Everything in a reading that does not keep to the contract."""
    found = wrong("reading", reading, KEYS[""])
    for group in ("inlets", "phases", "banks", "outlets", "sensors"):
        for part in reading[group]:
            label = f"{group}[{part.get('number', part.get('name'))}]"
            found += wrong(label, part, KEYS[group])
        numbers = [part["number"] for part in reading[group] if "number" in part]
        found += [f"{group}: a number twice"] * (len(set(numbers)) < len(numbers))
    found += wrong("poll", reading["poll"], KEYS["poll"])
    if reading["ats"] is not None:
        found += wrong("ats", reading["ats"], KEYS["ats"])
        for source in reading["ats"]["sources"]:
            found += wrong(f"source {source.get('id')}", source, KEYS["sources"])
        found += ["ats: not two sources"] * (len(reading["ats"]["sources"]) != 2)
    banks = {bank["number"] for bank in reading["banks"]}
    for outlet in reading["outlets"]:
        found += [f"outlet {outlet['number']}: no such bank"] * (
            outlet["bank"] is not None and outlet["bank"] not in banks
        )
    for sensor in reading["sensors"]:
        unit = UNITS.get(sensor["kind"])
        found += [f"{sensor['name']}: unit of {sensor['kind']}"] * (sensor["unit"] != unit)
    return found


async def said(kind: str) -> dict[str, Any]:
    clock = ManualClock()
    model = mock_pdu(kind, start_s=clock.monotonic(), seed=3, incidents=False)
    clock.advance(300)
    async with ServedMib(ModelMib(load_builtin(CATALOG[kind].profile), model, clock)) as served:
        target = SnmpTarget(host="127.0.0.1", port=served.port)
        backend = SnmpBackend("pdu", target, "auto", clock=SystemClock())
        try:
            plain: dict[str, Any] = json.loads(to_json(await backend.poll()))
        finally:
            await backend.aclose()
    return plain


@pytest.mark.parametrize("kind", MODELS)
async def test_every_model_keeps_to_the_contract(kind: str) -> None:
    reading = await said(kind)
    assert problems(reading) == []
    assert reading["profile"] == CATALOG[kind].profile
    assert reading["poll"]["errors"] == []
    # The inlets are the total: phases and outlets are views of it, and are never on top of it.
    total = sum(inlet["power_w"] or 0 for inlet in reading["inlets"])
    for view in ("phases", "banks", "outlets"):
        watts = [part["power_w"] for part in reading[view]]
        if watts and None not in watts:
            assert sum(watts) == pytest.approx(total, rel=0.02), view


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("inlets", 0, "state"), "fine", "inlets[1].state is 'fine'"),
        (("inlets", 0, "voltage_v"), 2300.0, "inlets[1].voltage_v is 2300.0"),
        (("inlets", 0, "power_w"), -1, "inlets[1].power_w is -1"),
        (("outlets", 2, "pending"), "none", "outlets[3].pending is 'none'"),
        (("outlets", 2, "bank"), 9, "outlet 3: no such bank"),
        (("outlets", 2, "number"), 1, "outlets: a number twice"),
        (("ats", "active"), "a", "ats.active is 'a'"),
        (("sensors", 0, "unit"), "degF", "Env 1: unit of temperature"),
        (("uptime_s",), 1.5, "reading.uptime_s is 1.5"),
    ],
)
async def test_the_check_finds_what_is_wrong(
    path: tuple[str | int, ...], value: object, told: str
) -> None:
    reading = await said("pdu44001")
    part: Any = reading
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert told in problems(reading)
