"""A profile's columns read backwards: from the value of a field to what a device answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from pdutui.backends.snmp.profile import Column
from pdutui.backends.snmp.types import SnmpValue, Syntax
from pdutui.domain.reading import Reading

Names = Mapping[str, int | str]
"""What an expression may speak of: n, i, m, k, phases, outlets, model, ... (see `profile`)."""
Field = float | int | str | bool | None
"""A field of the domain."""
Encode = Callable[[Field, Names], SnmpValue]

NULL = SnmpValue("null", None)
_BRACES = re.compile(r"\{([^{}]*)\}")
_TERMS = re.compile(r"([+-]?)\s*([A-Za-z0-9_]+)\s*")
_FALLBACK = {"lost": "under_voltage"}
"""Words that a family without an own integer for them says with another."""


def expand(text: int | str, names: Names) -> int | str:
    """An int as it is, a string with its `{…}` worked out.

    In braces stands a name, or names and numbers that are added or taken away.

    Raises:
        ValueError: a name is not known, or text is to be added.
    """
    if isinstance(text, int):
        return text

    if "{" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        terms = _TERMS.findall(match[1])
        total: int | None = None
        for sign, term in terms:
            part = int(term) if term.isdigit() else names.get(term)
            if part is None:
                raise ValueError(f"{text!r}: {term!r} is not known here")
            if len(terms) == 1 and not sign:
                return str(part)
            if not isinstance(part, int):
                raise ValueError(f"{text!r}: {term!r} is not a number")
            total = (total or 0) + (-part if sign == "-" else part)
        if total is None:
            raise ValueError(f"{text!r}: {match[1]!r} is not known here")
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
        syntax: Syntax = column.syntax or "integer"
        return SnmpValue("integer" if column.null[0] < 0 else syntax, column.null[0])
    when = column.when
    return NULL if when is None or when.missing else zero(column)


def zero(column: Column) -> SnmpValue:
    """What stands in a column beside a companion that says that it means nothing."""
    if column.syntax == "string":
        return SnmpValue("string", b"")
    return SnmpValue(column.syntax or "gauge", 0)


def number_encoder(column: Column) -> Encode:
    """A function from the value of a field without an enum to what the column answers."""
    nothing = absent_value(column)
    if column.serve is not None:
        template, syntax = column.serve, column.syntax or "string"

        def templated(value: Field, names: Names) -> SnmpValue:
            if value is None:
                return nothing
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            out = str(expand(template, {**names, "v": shown}))
            if syntax in ("string", "oid"):
                return SnmpValue(syntax, out.encode() if syntax == "string" else out)
            return SnmpValue(syntax, int(out))

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


class Saying(msgspec.Struct, frozen=True):
    """One field that a column of integers speaks for: several can share one column."""

    enum: Mapping[str, str]
    """Raw integer, as text -> word."""
    get: Callable[[Reading], Field]
    one_of_many: tuple[Mapping[str, str], ...] = ()
    """The field is the worst of several columns: their enums, this one's among them. Each word is
    said by the first that has most to say; the others say `normal`, if they have nothing else to
    say for another field."""
    place: int = 0
    """Which of them it is."""
    unknown: int | None = None
    """The integer for a word that the column does not have."""

    def wanted(self, reading: Reading) -> tuple[str | None, int]:
        """The word that the column has to say (None: none), and how much it matters."""
        value = self.get(reading)
        if value is None:
            return None, 2
        word = {True: "true", False: "false"}.get(value, str(value))  # type: ignore[call-overload]
        if not self.one_of_many or word == "unknown":
            return word, 2
        speaker = _speaker(self.one_of_many, word)
        if speaker is None:
            speaker = _speaker(self.one_of_many, _FALLBACK.get(word, ""))
        return (word, 2) if speaker == self.place else ("normal", 1)


def _speaker(enums: Sequence[Mapping[str, str]], word: str) -> int | None:
    able = [place for place, enum in enumerate(enums) if word in enum.values()]
    return max(able, key=lambda place: len(set(enums[place].values())), default=None)


def enum_encoder(column: Column, sayings: Sequence[Saying]) -> Callable[[Reading], SnmpValue]:
    """A function from a reading to the integer that says what all these fields are.

    With one field it is the first integer for its word. Where several fields share the column (a
    state with a pending command in it), the first integer that suits most of them. Without any: the
    integer for what is not known, else NULL.
    """
    syntax: Syntax = column.syntax or "integer"
    unknown = next((s.unknown for s in sayings if s.unknown is not None), None)
    known: dict[tuple[tuple[str | None, int], ...], SnmpValue] = {}
    raws = list(dict.fromkeys(raw for saying in sayings for raw in saying.enum))

    def fits(saying: Saying, raw: str, word: str | None) -> bool:
        said = saying.enum.get(raw)
        if word is None:
            return said in (None, "none")
        return said == word or (said is not None and said == _FALLBACK.get(word))

    def work_out(words: tuple[tuple[str | None, int], ...]) -> SnmpValue:
        only = words[0][0]
        if len(sayings) == 1 and (only is None or only not in sayings[0].enum.values()):
            back = {word: int(raw) for raw, word in reversed(list(sayings[0].enum.items()))}
            other = back.get(_FALLBACK.get(only or "", ""))
            if other is None:
                other = unknown if unknown is not None else back.get("none")
            return NULL if other is None else SnmpValue(syntax, other)
        suits = {
            raw: sum(
                weight * fits(saying, raw, word)
                for saying, (word, weight) in zip(sayings, words, strict=True)
            )
            for raw in raws
        }
        best = max(raws, key=lambda raw: suits[raw])
        return SnmpValue(syntax, int(best)) if suits[best] else NULL

    def encode(reading: Reading) -> SnmpValue:
        words = tuple([saying.wanted(reading) for saying in sayings])
        value = known.get(words)
        if value is None:
            value = known[words] = work_out(words)
        return value

    return encode
