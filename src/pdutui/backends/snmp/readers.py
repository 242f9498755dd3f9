"""Functions from the raw values of one poll to one field, built once per plan.

Each takes the values by OID and gives the field, or None where the device does not say. No OID is
put together and no table is searched while polling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from typing import NamedTuple, TypeVar

from pdutui.backends.snmp.bound import TEXT_FIELDS, BoundColumn, BoundValid
from pdutui.backends.snmp.near import NearScales
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.types import RawValue

Values = Mapping[str, RawValue]
T = TypeVar("T")
Read = Callable[[Values], T]
Field = float | int | str | bool | None

MAX_DIGITS = 9
UNITS_PREFIX = 9
"""EntitySensorDataScale for no prefix at all; each step is a factor of 1000."""
MAX_PREFIX = 17
MIN_PRECISION = -8
"""EntitySensorPrecision below 0 counts the digits that are accurate; there is no fraction then."""
_POW10 = tuple(10.0**n for n in range(MAX_DIGITS + 1))
_RATING = re.compile(r"\s*(\d+(?:\.\d+)?)\s*A?\s*", re.ASCII)

_MAGNITUDES = frozenset(
    {
        "apparent_power_va",
        "critical_a",
        "current_a",
        "energy_kwh",
        "frequency_hz",
        "power_factor",
        "power_w",
        "rating_a",
        "reboot_off_s",
        "uptime_s",
        "voltage_v",
        "warning_a",
    }
)
"""Fields that cannot be below 0: a negative number there is a device's way to say `none`."""
_INTEGERS = frozenset({"bank", "uptime_s"})

_NO_LEAST = float("-inf")

LATCHED = 2**32 - 1
"""Where a Gauge32 stops when it can go no further, and what -1 looks like without its sign: no PDU
measures that. Only an uptime may pass through it."""


def nothing(_: Values) -> None:
    """The field of which the device says nothing."""
    return None


def reader(name: str, bound: BoundColumn, present: Set[str], near: NearScales) -> Read[Field]:
    """The function that reads field `name` from a column.

    Args:
        name: the field of the domain struct.
        bound: the column.
        present: OIDs that are asked because the device answers them.
        near: the scales that are found by looking at values, kept from plan to plan.
    """
    if bound.enum is not None:
        read: Read[Field] = _word(bound.oid, bound.enum, name)
    elif name in TEXT_FIELDS:
        read = _text(bound.oid, bound.column.pattern)
    elif bound.under is not None or bound.column.parse == "last_arc":
        read = _last_arc(bound.oid, bound.under)
    else:
        read = _number(name, bound, near)
    if bound.column.null and bound.enum is not None:
        read = _unless(read, bound.oid, frozenset(bound.column.null))
    for valid in bound.valid:
        if valid.oid in present:
            read = _only_if(read, valid)
        elif valid.required:
            return nothing
    return read


def first_text(reads: tuple[Read[Field], ...]) -> Read[Field]:
    """The first text that is not empty."""
    if len(reads) == 1:
        only = reads[0]
        return lambda values: only(values) or None

    def read(values: Values) -> Field:
        for one in reads:
            text = one(values)
            if text:
                return text
        return None

    return read


def worst_of(reads: tuple[Read[Field], ...]) -> Read[Field]:
    """The first word that says that something is wrong; else `normal` if all of them say so."""
    if len(reads) == 1:
        return reads[0]

    def read(values: Values) -> Field:
        unsure = False
        for one in reads:
            word = one(values)
            if word is None or word == "unknown":
                unsure = True
            elif word != "normal":
                return word
        return None if unsure else "normal"

    return read


def _text(oid: str, pattern: str | None) -> Read[Field]:
    if pattern is None:
        return lambda values: clean_text(values.get(oid))
    search = re.compile(pattern).search

    def part(values: Values) -> Field:
        match = search(clean_text(values.get(oid)) or "")
        return match[1] if match else None

    return part


def _word(oid: str, enum: Mapping[int, str], name: str) -> Read[Field]:
    words: dict[RawValue | None, Field] = dict(enum.items())
    if name == "switchable":
        words = {raw: word == "true" for raw, word in enum.items()}
    elif name == "pending":
        words = {raw: word for raw, word in enum.items() if word != "none"}
    lookup = words.get
    return lambda values: lookup(values.get(oid))


def _last_arc(oid: str, under: str | None) -> Read[Field]:
    prefix = "" if under is None else under + "."

    def read(values: Values) -> Field:
        raw = values.get(oid)
        if not isinstance(raw, str) or not raw.startswith(prefix):
            return None
        arc = raw.rpartition(".")[2]
        return int(arc) if arc.isdecimal() else None

    return read


def _rating(oid: str) -> Read[Field]:
    """A number of amperes in text: `16A`. A range or a list of ratings is no number."""

    def read(values: Values) -> Field:
        match = _RATING.fullmatch(clean_text(values.get(oid)) or "")
        return float(match[1]) if match else None

    return read


def _number(name: str, bound: BoundColumn, near: NearScales) -> Read[Field]:
    column = bound.column
    if column.parse == "number":
        return _rating(bound.oid)
    good = _Good(
        least=0 if name in _MAGNITUDES and not column.absolute else _NO_LEAST,
        refused=frozenset(column.null if name == "uptime_s" else (*column.null, LATCHED)),
    )
    if bound.near is not None:
        read: Read[float | None] = _good(near.reader(bound.oid, bound.near), bound.oid, good)
    elif bound.digits is not None:
        fewest = MIN_PRECISION if bound.si_prefix is not None else 0
        read = _by_digits(bound.oid, bound.digits, column.scale, fewest, good)
    else:
        read = _scaled(bound.oid, column.scale, good)
    if bound.si_prefix is not None:
        read = _by_prefix(read, bound.si_prefix)
    if column.absolute:
        read = _absolute(read)
    if bound.unit is not None:
        read = _celsius(read, bound.unit.oid, bound.unit.celsius, bound.unit.fahrenheit)
    elif column.fahrenheit:
        read = _from_fahrenheit(read)
    return _whole(read) if name in _INTEGERS else read


def divisor_of(scale: float) -> float | None:
    """The whole number that dividing by is the same as multiplying with `scale`, if any.

    Dividing rounds right: 2179 / 10 is 217.9, 2179 * 0.1 is not.
    """
    inverse = 1.0 / scale
    return float(round(inverse)) if abs(inverse - round(inverse)) < 1e-9 * inverse else None


class _Good(NamedTuple):
    """Which raw numbers are values. Looked at where the number is read: this is the hot path."""

    least: float
    refused: frozenset[int]


def _good(read: Read[float | None], oid: str, good: _Good) -> Read[float | None]:
    least, refused = good

    def checked(values: Values) -> float | None:
        raw = values.get(oid)
        if not isinstance(raw, int) or raw < least or raw in refused:
            return None
        return read(values)

    return checked


def _scaled(oid: str, scale: float, good: _Good) -> Read[float | None]:
    divisor = divisor_of(scale)
    least, refused = good
    if divisor is None:

        def multiplied(values: Values) -> float | None:
            raw = values.get(oid)
            if not isinstance(raw, int) or raw < least or raw in refused:
                return None
            return round(raw * scale, 9)

        return multiplied

    def divided(values: Values) -> float | None:
        raw = values.get(oid)
        if not isinstance(raw, int) or raw < least or raw in refused:
            return None
        return raw / divisor

    return divided


def _by_digits(
    oid: str, digits_oid: str, scale: float, fewest: int, good: _Good
) -> Read[float | None]:
    further = divisor_of(scale) or 1.0
    times = 1.0 if divisor_of(scale) else scale
    least, refused = good

    def read(values: Values) -> float | None:
        raw, digits = values.get(oid), values.get(digits_oid)
        if not isinstance(raw, int) or raw < least or raw in refused:
            return None
        if not isinstance(digits, int) or not fewest <= digits <= MAX_DIGITS:
            return None
        return raw * times / (_POW10[max(0, digits)] * further)

    return read


def _by_prefix(read: Read[float | None], prefix_oid: str) -> Read[float | None]:
    def prefixed(values: Values) -> float | None:
        value, prefix = read(values), values.get(prefix_oid)
        if value is None or not isinstance(prefix, int) or not 1 <= prefix <= MAX_PREFIX:
            return None
        thousands = prefix - UNITS_PREFIX
        # Dividing rounds right where multiplying with 0.001 does not.
        return value * 1000.0**thousands if thousands >= 0 else value / 1000.0**-thousands

    return prefixed


def _absolute(read: Read[float | None]) -> Read[float | None]:
    def positive(values: Values) -> float | None:
        value = read(values)
        return None if value is None else abs(value)

    return positive


def _whole(read: Read[float | None]) -> Read[Field]:
    def whole(values: Values) -> Field:
        value = read(values)
        return None if value is None else int(value)

    return whole


def _from_fahrenheit(read: Read[float | None]) -> Read[float | None]:
    def converted(values: Values) -> float | None:
        value = read(values)
        return None if value is None else round((value - 32.0) / 1.8, 2)

    return converted


def _celsius(
    read: Read[float | None], unit_oid: str, celsius: int, fahrenheit: int
) -> Read[float | None]:
    converted = _from_fahrenheit(read)

    def checked(values: Values) -> float | None:
        unit = values.get(unit_oid)
        if unit == celsius:
            return read(values)
        return converted(values) if unit == fahrenheit else None

    return checked


def _unless(read: Read[Field], oid: str, null: frozenset[int]) -> Read[Field]:
    def checked(values: Values) -> Field:
        return None if values.get(oid) in null else read(values)

    return checked


def has_bit(raw: RawValue | None, bit: int, octets: int = 1) -> bool:
    """Whether `raw` can be BITS that take so many octets, and has this one set (0 = first).

    Agents and recordings that write BITS as text (`30 2 3`) are told by their length.
    """
    if not isinstance(raw, bytes) or any(raw[octets:]) or not bit < 8 * min(octets, len(raw)):
        return False
    return bool(raw[bit // 8] & (0x80 >> bit % 8))


def _only_if(read: Read[Field], valid: BoundValid) -> Read[Field]:
    """Only where the companion says so. One that this poll did not answer says nothing good."""
    oid, accept, refuse = valid.oid, valid.accept - valid.refuse, valid.refuse
    bit, octets = valid.bit, valid.octets
    if bit is None and accept:
        return lambda values: read(values) if values.get(oid) in accept else None

    def checked(values: Values) -> Field:
        says = values.get(oid)
        if says is None or says in refuse:
            return None
        if valid.accept and says not in accept:
            return None
        if bit is not None and not has_bit(says, bit, octets):
            return None
        return read(values)

    return checked
