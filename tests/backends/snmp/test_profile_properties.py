"""Whatever a device leaves out or garbles: no value that it did not say, and no crash."""

from __future__ import annotations

import asyncio
import json
import math
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdutui.backends.base import BackendError, Unsupported
from pdutui.backends.snmp.types import RawValue, SnmpVersion
from pdutui.domain.reading import Reading, to_json
from tests.support.snmp_devices import CPS, PX, Rig, Values, pdu44001, px3

DEVICES: dict[str, Values] = {
    "cyberpower": pdu44001()
    | {f"{CPS}.3.3.1.5.0": 10}
    | {f"{CPS}.3.3.5.1.1.{column}.{n}": n * 7 for column in (7, 8, 13) for n in range(1, 11)}
    | {f"{CPS}.3.3.5.1.1.4.7": 2, f"{CPS}.3.3.5.1.1.5.7": 1, f"{CPS}.3.2.3.1.1.3.3": 3}
    | {f"{CPS}.6.9.4.1.10.1": 3, f"{CPS}.6.9.4.1.6.1": 0, f"{CPS}.6.9.4.1.16.1": 1},
    "raritan": px3() | {f"{PX}.4.1.2.1.3.1.2": 8, f"{PX}.5.4.3.1.3.1.2.14": 8},
}
WEAKER: dict[tuple[str, object], set[object]] = {
    ("state", "lost"): {"under_voltage", "normal"},  # its frequency status alone says normal
    ("state", "low"): {"normal"},
}
"""What a word may turn into with less to go by, beside `unknown`."""

seeds = st.integers(0, 2**32)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def poll(rig: Rig) -> Reading | None:
    """A reading, or None where the device does not look like a PDU any more."""
    try:
        return asyncio.run(rig.backend.poll())
    except Unsupported:
        return None


def facts(reading: Reading) -> dict[tuple[object, ...], Any]:
    """Every fact of a reading that is not about the poll, by where it stands."""
    out: dict[tuple[object, ...], Any] = {}
    plain = json.loads(to_json(reading))
    for part in ("inlets", "banks", "outlets"):
        for row in plain[part]:
            out |= {(part, row["number"], key): value for key, value in row.items()}
    for source in (plain["ats"] or {}).get("sources", ()):
        out |= {("source", source["id"], key): value for key, value in source.items()}
    out |= {("ats", key): v for key, v in (plain["ats"] or {}).items() if key != "sources"}
    for key in ("model", "serial", "firmware", "name", "uptime_s"):
        out["device", key] = plain[key]
    return out


def check(partial: Reading, full: Reading, names: bool = True) -> None:
    want = facts(full)
    for where, value in facts(partial).items():
        field = where[-1]
        if value is None or value == "unknown" or (field == "name" and not names):
            continue
        if field == "name" and where[0] != "device":  # a row has a name of its own or none
            assert value in ("", want[where]) or str(where[1]) in str(value)
            continue
        if field == "switchable" and value is False:
            continue
        assert where in want, where
        assert value == want[where] or value in WEAKER.get((str(field), want[where]), ()), where
    sensors = {(s.kind, s.value, s.unit, s.state) for s in full.sensors}
    for s in partial.sensors:
        assert s.value is None or s.value in {value for kind, value, _, _ in sensors}
        assert s.state == "unknown" or s.state in {state for _, _, _, state in sensors}


@pytest.mark.parametrize("kind", DEVICES)
@given(seed=seeds, share=st.sampled_from([0.02, 0.2, 0.6]), version=st.sampled_from(["1", "2c"]))
@quick
def test_what_is_missing_is_unknown_and_the_rest_is_right(
    kind: str, seed: int, share: float, version: SnmpVersion
) -> None:
    whole = DEVICES[kind]
    full = poll(Rig(whole))
    assert full is not None
    random = Random(seed)
    values: Values = {}
    for oid, value in whole.items():
        if random.random() >= share:
            values[oid] = value
        elif random.random() < 0.5:
            values[oid] = None
    rig = Rig(values, version=version)
    for _ in range(2):
        reading = poll(rig)
        if reading is not None:
            check(reading, full)


@pytest.mark.parametrize("kind", DEVICES)
@given(seed=seeds)
@quick
def test_no_value_outlives_its_poll(kind: str, seed: int) -> None:
    """After a first poll everything measured changes and part of it vanishes."""
    whole = DEVICES[kind]
    rig = Rig(whole)
    before = poll(rig)
    assert before is not None
    fast = {o for o in rig.device.asked[-1] if not o.endswith(".1.3.0")}
    measured = {
        oid: value + 1
        for oid, value in whole.items()
        if oid in fast and isinstance(value, int) and value > 60
    }
    assert len(measured) > 20
    changed = whole | measured
    full = poll(Rig(changed))
    random = Random(seed)
    rig.device.values = {
        oid: None if oid in fast and random.random() < 0.3 else value
        for oid, value in changed.items()
    }
    rig.clock.advance(1)
    reading = poll(rig)
    assert reading is not None
    assert full is not None
    check(reading, full)


raw_values = st.one_of(
    st.integers(-(2**31), 2**64 - 1),
    st.integers(-2, 40),
    st.binary(max_size=40),
    st.sampled_from(["0.0", "1.3.6.1.4.1.13742.6.3.4.3.1.2.1.1", "1.3"]),
    st.none(),
)


@pytest.mark.parametrize("kind", DEVICES)
@given(garbage=st.lists(st.tuples(st.integers(0, 10**6), raw_values), max_size=120))
@quick
def test_garbage_never_crashes_it(kind: str, garbage: list[tuple[int, RawValue | None]]) -> None:
    values = dict(DEVICES[kind])
    oids = list(values)
    for place, value in garbage:
        values[oids[place % len(oids)]] = value
    rig = Rig(values)
    for _ in range(2):
        try:
            reading = asyncio.run(rig.backend.poll())
        except BackendError:
            continue
        plain = json.loads(to_json(reading))
        assert plain["pdu"] == "pdu"
        numbers = [v for v in facts(reading).values() if isinstance(v, float)]
        assert all(math.isfinite(v) for v in numbers)
        numbers = [v for o in reading.outlets for v in (o.current_a, o.power_w) if v is not None]
        assert all(v >= 0 for v in numbers)
