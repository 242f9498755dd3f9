"""What the schema of the configuration is made of: one function a kind of value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

from msgspec import UNSET, UnsetType

Json = dict[str, object]
"""A schema, or a part of one."""


class Range(TypedDict):
    """The ends of what a number may be, both included."""

    at_least: int
    at_most: int


_NO_CONTROL = r"\x00-\x1f\x7f-\x9f"
PRINTABLE = rf"^[^{_NO_CONTROL}]*[^\s{_NO_CONTROL}][^{_NO_CONTROL}]*$"
"""Text that is not blank and has no control codes, as the loader wants all of it."""


def _made(kind: Json, says: str, default: object = UNSET) -> Json:
    part: Json = {"description": says, **kind}
    if default is not None and not isinstance(default, UnsetType):
        part["default"] = default
    return part


def boolean(says: str, default: bool) -> Json:
    """True or false."""
    return _made({"type": "boolean"}, says, default)


def number(
    says: str,
    default: float | None,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    whole: bool = False,
) -> Json:
    """A number within a range; None as the default: nothing."""
    kind: Json = {"type": "integer" if whole else "number"}
    for word, limit in (("minimum", at_least), ("exclusiveMinimum", above), ("maximum", at_most)):
        if limit is not None:
            kind[word] = limit
    return _made(kind, says, default)


def integer(says: str, default: int | None, *, at_least: int, at_most: int | None = None) -> Json:
    """A whole number within a range."""
    return number(says, default, at_least=at_least, at_most=at_most, whole=True)


def text(
    says: str,
    default: str | None = None,
    *,
    longest: int | None = None,
    examples: Sequence[str] = (),
) -> Json:
    """Text."""
    kind: Json = {"type": "string", "pattern": PRINTABLE}
    if longest is not None:
        kind["maxLength"] = longest
    if examples:
        kind["examples"] = list(examples)
    return _made(kind, says, default)


def choice(says: str, default: str | None, words: Collection[str]) -> Json:
    """One word of some."""
    return _made({"enum": list(words)}, says, default)


def texts(says: str, default: Sequence[str] | None = None, *, of: Json | None = None) -> Json:
    """A list of texts, or one of them alone.

    Args:
        says: what it is for.
        default: what holds where nothing is said.
        of: the schema of one; None: any text.
    """
    one = {"type": "string", "pattern": PRINTABLE} if of is None else of
    kind: Json = {"anyOf": [one, {"type": "array", "items": one, "uniqueItems": True}]}
    return _made(kind, says, None if default is None else list(default))


def some(part: Json) -> Json:
    """The same `texts`, but no empty list."""
    listed = part["anyOf"]
    assert isinstance(listed, list)
    return {**part, "anyOf": [listed[0], {**listed[1], "minItems": 1}]}


def secret(says: str, *, shortest: int = 1, longest: int | None = None) -> Json:
    """Text that nobody should see; better kept in a variable or a file."""
    kind: Json = {"type": "string", "minLength": shortest}
    if longest is not None:
        kind["maxLength"] = longest
    return _made(kind, says)


def secret_ways(key: str, what: str, whole: Json) -> dict[str, Json]:
    """A secret by its three keys."""
    return {
        key: whole,
        f"{key}_env": text(f"{what}: the environment variable that holds it."),
        f"{key}_file": text(
            f"{what}: a file whose first line holds it; relative to the configuration file."
        ),
    }


def at_most_one(*keys: str) -> Json:
    """Of these keys one at most may be there."""
    pairs = [[a, b] for place, a in enumerate(keys) for b in keys[place + 1 :]]
    return {"not": {"anyOf": [{"required": pair} for pair in pairs]}}


def without(keys: Collection[str]) -> Json:
    """None of these keys may be there."""
    return {"properties": dict.fromkeys(keys, False)}


def table(says: str, keys: Mapping[str, Json], **more: object) -> Json:
    """A table with these keys and no others."""
    return {
        "description": says,
        "type": "object",
        "properties": dict(keys),
        "additionalProperties": False,
        **more,
    }


def tables(says: str, one: Json, *, most: int | None = None, **more: object) -> Json:
    """A list of tables, `[[...]]`."""
    part: Json = {"description": says, "type": "array", "items": one, **more}
    if most is not None:
        part["maxItems"] = most
    return part
