"""Profiles read backwards: expressions, values, and how a device says that there is none."""

from __future__ import annotations

from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp.inverse import NULL, column_encoder, expand, plain_value
from pdutui.backends.snmp.profile import Column, Near, Profile, Recognise, load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpValue

from ...support.clock import ManualClock

NAMES = {"n": 3, "i": "1.3", "inlets": 1, "model": "PX"}


def profile() -> Profile:
    return Profile(
        format=1,
        name="test",
        title="Test",
        vendor="Nobody",
        base="1.3.6.1.4.1.9999",
        recognise=Recognise(sys_object_id=("1.3",), any=(".1.0",)),
        enums={
            "trip": {"0": "tripped", "1": "normal"},
            "volts": {"1": "normal", "2": "over_voltage", "3": "under_voltage"},
            "pending": {"1": "unspecified", "2": "none"},
            "truth": {"1": "true", "2": "false"},
        },
    )


def encode(value: Any, *, unknown: int | None = None, worst: bool = False, **column: Any) -> Any:
    of = Column(oid=".1.{i}", **column)
    return column_encoder(profile(), of, unknown=unknown, one_of_many=worst)(value, NAMES)


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (7, 7), ("plain", "plain"), ("{n}", "3"), ("{n+inlets}", "4"), ("{n+10}", "13"),
        ("1.{i}.x", "1.1.3.x"), ("{model} {n}", "PX 3"),
    ],
)  # fmt: skip
def test_expressions(text: int | str, out: int | str) -> None:
    assert expand(text, NAMES) == out


@pytest.mark.parametrize("text", ["{nobody}", "{n+model}", "{}"])
def test_expressions_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"not known here|not a number"):
        expand(text, NAMES)


def test_plain_values() -> None:
    assert plain_value("{n}", NAMES) == SnmpValue("integer", 3)
    assert plain_value("-1", NAMES) == SnmpValue("integer", -1)
    assert plain_value("C{n}", NAMES) == SnmpValue("string", b"C3")


@pytest.mark.parametrize(
    ("value", "column", "out"),
    [
        (120.9, {"scale": 0.1}, SnmpValue("gauge", 1209)),
        (0.485, {"digits": ".2", "serve_digits": 3}, SnmpValue("gauge", 485)),
        (
            12.345,
            {"digits": ".2", "serve_digits": 0, "scale": 0.001, "syntax": "integer"},
            SnmpValue("integer", 12345),
        ),
        (
            217.0,
            {"near": Near(scales=(0.1, 1.0), oid=(".3",), oid_scale=(1.0,))},
            SnmpValue("gauge", 2170),
        ),
        (20.0, {"scale": 0.1, "fahrenheit": True}, SnmpValue("gauge", 680)),
        (16.0, {"serve": "{v}A"}, SnmpValue("string", "16A")),
        (2, {"serve": "1.3.{v}", "syntax": "oid"}, SnmpValue("oid", "1.3.2")),
        ("db01", {}, SnmpValue("string", b"db01")),
        (None, {}, NULL),
        (None, {"null": (-1,)}, SnmpValue("integer", -1)),
        (None, {"serve": "{v}A"}, NULL),
    ],
)
def test_numbers_and_text(value: Any, column: dict[str, Any], out: SnmpValue) -> None:
    assert encode(value, **column) == out


@pytest.mark.parametrize(
    ("word", "options", "out"),
    [
        ("tripped", {"enum": "trip"}, 0),
        (True, {"enum": "truth"}, 1),
        (False, {"enum": "truth"}, 2),
        (None, {"enum": "pending"}, 2),
        ("lost", {"enum": "volts"}, 3),
        ("warning", {"enum": "trip", "worst": True}, 1),
        ("unknown", {"enum": "trip", "unknown": -1}, -1),
    ],
)
def test_words(word: Any, options: dict[str, Any], out: int) -> None:
    assert encode(word, **options) == SnmpValue("integer", out)


@pytest.mark.parametrize(
    ("word", "worst"), [("fault", False), ("unknown", False), ("unknown", True), (None, True)]
)
def test_a_word_that_cannot_be_said_is_not_said_as_normal(word: Any, worst: bool) -> None:
    assert encode(word, enum="trip", worst=worst) == NULL


def test_an_unloaded_outlet_has_no_power_factor() -> None:
    clock = ManualClock()
    model = mock_pdu("px3", start_s=clock.monotonic(), incidents=False)
    seen = ModelMib(load_builtin("raritan-pdu2"), model, clock).snapshot()
    base = "1.3.6.1.4.1.13742.6.5.4.3.1"
    assert seen[f"{base}.3.1.23.7"] == SnmpValue("integer", -1)
    assert seen[f"{base}.4.1.23.7"] == SnmpValue("gauge", 0)
    assert seen[f"{base}.3.1.13.7"] == SnmpValue("integer", 4)
    assert seen[f"{base}.4.1.13.7"] == SnmpValue("gauge", 98)


def test_meters_that_the_device_has_not() -> None:
    clock = ManualClock()
    model = mock_pdu("px3", start_s=clock.monotonic(), incidents=False)
    seen = ModelMib(load_builtin("raritan-pdu2"), model, clock).snapshot()
    protectors = "1.3.6.1.4.1.13742.6.5.3.3.1.4.1.1"
    assert f"{protectors}.1" in seen
    assert f"{protectors}.4" not in seen

    model = mock_pdu("pdu44001", start_s=clock.monotonic(), incidents=False)
    seen = ModelMib(load_builtin("cyberpower-epdu"), model, clock).snapshot()
    base = "1.3.6.1.4.1.3808.1.1"
    assert seen[f"{base}.3.2.3.1.1.9.2"] == NULL
    assert seen[f"{base}.3.3.5.1.1.7.1"] == SnmpValue("gauge", 0)
    assert seen[f"{base}.3.3.1.5.0"] == SnmpValue("integer", 0)
    assert not [oid for oid in seen if oid.startswith(f"{base}.6.6.2.4.")]
    assert not [oid for oid in seen if oid.startswith(f"{base}.4.")]


def test_a_probe_that_is_faulty_at_the_start_can_still_come_back() -> None:
    clock = ManualClock()
    model = mock_pdu("px3", start_s=clock.monotonic(), incidents=False)
    model.fault_probe(True, clock.monotonic())
    mib = ModelMib(load_builtin("raritan-pdu2"), model, clock)
    state, value = (f"1.3.6.1.4.1.13742.6.5.5.3.1.{column}.1.1" for column in (3, 4))
    assert mib.snapshot()[state] == SnmpValue("integer", -1)
    assert mib.snapshot()[value] == SnmpValue("integer", 0)
    model.fault_probe(False, clock.monotonic())
    clock.advance(1)
    assert mib.snapshot()[state] == SnmpValue("integer", 4)
    assert int(mib.snapshot()[value].value or 0) > 150
