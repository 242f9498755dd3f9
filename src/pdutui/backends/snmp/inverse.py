"""A profile's columns read backwards: from the value of a field to what a device answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pdutui.backends.snmp.profile import Column, Profile
from pdutui.backends.snmp.types import SnmpValue, Syntax

Names = Mapping[str, int | str]
"""What an expression may speak of: n, i, inlets, banks, outlets, metered, rows, model, ..."""
Field = float | int | str | bool | None
"""A field of the domain."""

NULL = SnmpValue("null", None)
_BRACES = re.compile(r"\{([^{}]*)\}")
_FALLBACK = {"lost": "under_voltage"}
"""Words that a family without an own integer for them says with another."""


def expand(text: int | str, names: Names) -> int | str:
    """An int as it is, a string with its `{…}` worked out: a name, or a sum of names and numbers.

    Raises:
        ValueError: a name is not known, or text is to be added.
    """
    if isinstance(text, int):
        return text

    def one(match: re.Match[str]) -> str:
        total: int | None = None
        for term in match[1].split("+"):
            word = term.strip()
            part = int(word) if word.isdigit() else names.get(word)
            if part is None:
                raise ValueError(f"{text!r}: {word!r} is not known here")
            if "+" not in match[1]:
                return str(part)
            if not isinstance(part, int):
                raise ValueError(f"{text!r}: {word!r} is not a number")
            total = (total or 0) + part
        return str(total)

    return _BRACES.sub(one, text)


def plain_value(text: int | str, names: Names) -> SnmpValue:
    """What a `serve` entry comes out as: INTEGER if it is a whole number, else OCTET STRING."""
    out = expand(text, names)
    if isinstance(out, int) or re.fullmatch(r"-?\d+", out):
        return SnmpValue("integer", int(out))
    return SnmpValue("string", out.encode())


def absent_value(column: Column) -> SnmpValue:
    """What stands in a column whose field has no value: its own integer for that, else NULL.

    A meter that the device has not (`when`) shows zeros, as real ones do.
    """
    if column.null:
        return SnmpValue(column.syntax or "integer", column.null[0])
    return NULL if column.when is None else zero(column)


def zero(column: Column) -> SnmpValue:
    """What stands in a column beside a companion that says that it means nothing."""
    return SnmpValue(column.syntax or "gauge", 0)


def column_encoder(
    profile: Profile, column: Column, *, unknown: int | None, one_of_many: bool
) -> Callable[[Field, Names], SnmpValue]:
    """A function from a field's value (and names for expressions) to what the column answers.

    Args:
        profile: has the enums.
        column: what is read backwards.
        unknown: the integer for a word that the column's enum does not have.
        one_of_many: the field is the worst of several columns: this one says `normal` where the
            word is another one's to say.
    """
    if column.enum is not None:
        return _enum_encoder(profile.enums[column.enum], column, unknown, one_of_many)
    nothing = absent_value(column)
    if column.serve is not None:
        template, syntax = column.serve, column.syntax or "string"

        def templated(value: Field, names: Names) -> SnmpValue:
            if value is None:
                return nothing
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            return SnmpValue(syntax, str(expand(template, {**names, "v": shown})))

        return templated
    scale = column.near.scales[0] if column.near else column.scale
    factor = 10.0**column.serve_digits if column.digits else 1.0
    number_syntax = column.syntax or "gauge"
    text_syntax = column.syntax or "string"

    def number_or_text(value: Field, _: Names) -> SnmpValue:
        if value is None:
            return nothing
        if isinstance(value, str):
            return SnmpValue(text_syntax, value.encode())
        amount = value * 9 / 5 + 32 if column.fahrenheit else value
        return SnmpValue(number_syntax, round(amount / scale * factor))

    return number_or_text


def _enum_encoder(
    enum: Mapping[str, str], column: Column, unknown: int | None, one_of_many: bool
) -> Callable[[Field, Names], SnmpValue]:
    back: dict[str, int] = {}
    for raw, word in enum.items():
        back.setdefault(word, int(raw))
    syntax: Syntax = column.syntax or "integer"
    other = unknown if unknown is not None else back.get("none")

    def encode(value: Field, _: Names) -> SnmpValue:
        word = {True: "true", False: "false", None: "none"}.get(value, value)  # type: ignore[arg-type]
        raw = back.get(str(word))
        if raw is None:
            raw = back.get(_FALLBACK.get(str(word), ""))
        if raw is None and one_of_many and word not in ("unknown", "none"):
            raw = back.get("normal")
        raw = other if raw is None else raw
        return NULL if raw is None else SnmpValue(syntax, raw)

    return encode
