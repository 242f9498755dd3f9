"""The Reading and its JSON: the contract other programs are written against."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    Outlet,
    PollStats,
    Reading,
    Sensor,
    Source,
    from_json,
    to_json,
)

MOMENT = datetime(2026, 11, 20, 14, 2, 11, 3999, tzinfo=UTC)


def example() -> Reading:
    return Reading(
        pdu="rack1-a",
        time=MOMENT,
        vendor="CyberPower",
        model="PDU44001",
        serial="X1",
        firmware="1.3.2",
        name="ATS011",
        profile="cyberpower-epdu",
        uptime_s=812345,
        inlets=(Inlet(number=1, name="I1", voltage_v=120.9, current_a=3.1, state="normal"),),
        banks=(Bank(number=1, name="Bank 1", current_a=1.8, rating_a=16, warning_a=12),),
        outlets=(Outlet(number=1, name="db01", state="on", bank=1, switchable=True),),
        ats=Ats(active="A", sources=(Source(id="A", name="Source A", state="normal"),)),
        sensors=(Sensor(name="Env 1", kind="temperature", value=20.7, unit="degC"),),
        poll=PollStats(duration_ms=11.8, requests=4, varbinds=61),
    )


KEYS = {
    "": "pdu time vendor model serial firmware name profile uptime_s inlets banks outlets ats"
    " sensors poll phases",
    "inlets": "number name voltage_v current_a power_w apparent_power_va power_factor"
    " frequency_hz energy_kwh rating_a state module",
    "banks": "number name voltage_v current_a power_w apparent_power_va power_factor energy_kwh"
    " rating_a warning_a critical_a state module",
    "outlets": "number name state bank pending switchable voltage_v current_a power_w"
    " power_factor energy_kwh label module",
    "sensors": "name kind value unit state",
}


def test_the_keys_of_the_json_are_the_documented_ones_in_their_order() -> None:
    plain = json.loads(to_json(example()))
    assert list(plain) == KEYS[""].split()
    for part in ("inlets", "banks", "outlets", "sensors"):
        assert list(plain[part][0]) == KEYS[part].split(), part
    assert list(plain["ats"]) == (
        ["active", "preferred", "redundancy", "phase_sync", "sensitivity", "sources"]
    )
    assert list(plain["ats"]["sources"][0]) == ["id", "name", "voltage_v", "frequency_hz", "state"]
    assert list(plain["poll"]) == ["duration_ms", "requests", "varbinds", "errors"]


def test_time_is_utc_to_the_millisecond_cut_and_not_rounded_up() -> None:
    assert json.loads(to_json(example()))["time"] == "2026-11-20T14:02:11.003Z"


def test_unknown_is_null_and_never_zero() -> None:
    plain = json.loads(to_json(Reading(pdu="x", time=MOMENT, outlets=(Outlet(number=1, name=""),))))
    assert plain["ats"] is None
    assert plain["outlets"][0]["current_a"] is None
    assert plain["outlets"][0]["state"] == "unknown"


def test_json_reads_back_to_the_same_reading() -> None:
    cut = msgspec.structs.replace(example(), time=MOMENT.replace(microsecond=3000))
    assert from_json(to_json(cut)) == cut


def test_a_word_that_is_no_state_is_refused() -> None:
    broken = to_json(example()).replace(b'"state":"on"', b'"state":"maybe"')
    with pytest.raises(msgspec.ValidationError, match="maybe"):
        from_json(broken)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_any_moment_survives_to_the_millisecond(shift: timedelta) -> None:
    moment = MOMENT + shift
    back = from_json(to_json(Reading(pdu="x", time=moment))).time
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
