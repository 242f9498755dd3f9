"""How single columns are read: prefixes, signs, parts of a text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pdutui.backends.snmp.bound import BoundColumn
from pdutui.backends.snmp.near import NearScales
from pdutui.backends.snmp.profile import Column
from pdutui.backends.snmp.readers import Field, reader
from pdutui.backends.snmp.types import RawValue


def read(field: str, how: dict[str, Any], values: dict[str, RawValue]) -> Field:
    """What a column `1` says of a field."""
    column = msgspec.convert({"oid": "1", **how}, Column)
    bound = BoundColumn("1", True, column, digits=column.digits, si_prefix=column.si_prefix)
    return reader(field, bound, frozenset(values), NearScales())(values)


@pytest.mark.parametrize(
    ("prefix", "value"),
    [(9, 2304), (8, 2.304), (7, 0.002304), (10, 2_304_000), (11, 2_304_000_000)],
)
def test_si_prefixes(prefix: int, value: float) -> None:
    assert read("value", {"si_prefix": "2"}, {"1": 2304, "2": prefix}) == value


@pytest.mark.parametrize("prefix", [0, -1, 18, b"9"])
def test_a_prefix_that_is_none(prefix: RawValue) -> None:
    assert read("value", {"si_prefix": "2"}, {"1": 2304, "2": prefix}) is None
    assert read("value", {"si_prefix": "2"}, {"1": 2304}) is None


def test_a_prefix_beside_digits() -> None:
    how = {"si_prefix": "2", "digits": "3"}
    assert read("value", how, {"1": 2304, "2": 8, "3": 1}) == 0.2304


@pytest.mark.parametrize(("raw", "value"), [(970, 0.97), (-970, 0.97), (-1, None)])
def test_a_sign_that_means_lead_or_lag(raw: int, value: float | None) -> None:
    how = {"scale": 0.001, "absolute": True, "null": [-1]}
    assert read("power_factor", how, {"1": raw}) == value


def test_without_that_a_negative_figure_is_none() -> None:
    assert read("power_factor", {"scale": 0.001}, {"1": -970}) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [(b"Switched CDU Version 7.1c", "7.1c"), (b"Version 8.0 beta", "8.0 beta"), (b"7.1c", None)],
)
def test_a_part_of_a_text(text: bytes, part: str | None) -> None:
    assert read("firmware", {"pattern": "Version (.+)"}, {"1": text}) == part


@pytest.mark.parametrize("field", ["on_delay_s", "off_delay_s"])
def test_a_delay_below_zero_is_kept(field: str) -> None:
    """It says that the device never switches by a delayed command."""
    assert read(field, {}, {"1": -1}) == -1
    assert read("reboot_off_s", {}, {"1": -1}) is None
