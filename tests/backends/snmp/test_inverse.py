"""Profiles read backwards: expressions, values, and how a device says that there is none."""

from __future__ import annotations

from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp.inverse import (
    NULL,
    Saying,
    enum_encoder,
    expand,
    number_encoder,
    plain_value,
)
from pdutui.backends.snmp.profile import Column, Near
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpValue

from ...support.clock import ManualClock

NAMES = {"n": 3, "i": "1.3", "inlets": 1, "model": "PX"}


ENUMS = {
    "trip": {"0": "tripped", "1": "normal"},
    "load": {"1": "normal", "2": "warning", "3": "critical"},
    "volts": {"1": "normal", "2": "over_voltage", "3": "under_voltage"},
    "pending": {"1": "unspecified", "2": "none"},
    "truth": {"1": "true", "2": "false"},
}
READING: Any = None


def encode(value: Any, **column: Any) -> SnmpValue:
    return number_encoder(Column(oid=".1.{i}", **column))(value, NAMES)


def say(*fields: tuple[str, Any], unknown: int | None = None, worst: tuple[str, ...] = ()) -> Any:
    """What a column says that has to speak for these fields: enum and word of each."""
    many = tuple(ENUMS[name] for name in worst)
    sayings = [
        Saying(
            ENUMS[enum], lambda _, word=word: word, many,  # type: ignore[misc]
            worst.index(enum) if worst else 0, unknown,
        )
        for enum, word in fields
    ]  # fmt: skip
    return enum_encoder(Column(oid=".1"), sayings)(READING)


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (7, 7), ("plain", "plain"), ("{n}", "3"), ("{n+inlets}", "4"), ("{n+10}", "13"),
        ("{n-1}", "2"), ("{n - 1 + inlets}", "3"), ("1.{i}.x", "1.1.3.x"), ("{model} {n}", "PX 3"),
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
        (16.0, {"serve": "{v}A"}, SnmpValue("string", b"16A")),
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
    ("enum", "word", "options", "out"),
    [
        ("trip", "tripped", {}, 0),
        ("truth", True, {}, 1),
        ("truth", False, {}, 2),
        ("pending", None, {}, 2),
        ("volts", "lost", {}, 3),
        ("trip", "unknown", {"unknown": -1}, -1),
    ],
)
def test_words(enum: str, word: Any, options: dict[str, Any], out: int) -> None:
    assert say((enum, word), **options) == SnmpValue("integer", out)


@pytest.mark.parametrize(
    ("word", "trip", "load"),
    [("warning", 1, 2), ("tripped", 0, 1), ("normal", 1, 1), ("critical", 1, 3)],
)
def test_the_worst_of_several_is_said_by_the_one_that_has_the_word(
    word: str, trip: int, load: int
) -> None:
    both = ("trip", "load")
    assert say(("trip", word), worst=both) == SnmpValue("integer", trip)
    assert say(("load", word), worst=both) == SnmpValue("integer", load)


def test_of_two_that_have_the_word_the_one_with_more_to_say_says_it() -> None:
    ENUMS["fuse"] = {"0": "critical", "1": "normal"}
    both = ("fuse", "load")
    assert say(("fuse", "critical"), worst=both) == SnmpValue("integer", 1)
    assert say(("load", "critical"), worst=both) == SnmpValue("integer", 3)


@pytest.mark.parametrize(
    ("word", "worst"), [("fault", ()), ("unknown", ()), ("unknown", ("trip",)), (None, ("trip",))]
)
def test_a_word_that_cannot_be_said_is_not_said_as_normal(
    word: Any, worst: tuple[str, ...]
) -> None:
    assert say(("trip", word), worst=worst) == NULL


@pytest.mark.parametrize(
    ("state", "pending", "out"),
    [("on", None, 1), ("off", None, 2), ("on", "off", 3), ("off", "on", 4), ("off", "reboot", 6)],
)
def test_a_state_and_what_is_pending_in_one_column(state: str, pending: Any, out: int) -> None:
    ENUMS["state"] = {"1": "on", "2": "off", "3": "on", "4": "off", "5": "on", "6": "off"}
    ENUMS["wait"] = {"3": "off", "4": "on", "5": "reboot", "6": "reboot"}
    assert say(("state", state), ("wait", pending)) == SnmpValue("integer", out)


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
