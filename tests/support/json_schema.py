"""As much of JSON Schema 2020-12 as the schema of the configuration uses; anything else fails."""

from __future__ import annotations

import re
from typing import Any

Schema = dict[str, Any] | bool

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,),
    "number": (int, float), "integer": (int,),
}  # fmt: skip
_SILENT = frozenset(
    {"$schema", "$defs", "title", "description", "default", "examples", "then", "else",
     "patternProperties", "prefixItems"}
)  # fmt: skip


def errors(value: Any, schema: Schema, root: Schema | None = None, at: str = "$") -> list[str]:
    """What is wrong with a value; nothing if it fits."""
    root = schema if root is None else root
    if isinstance(schema, bool):
        return [] if schema else [f"{at}: must not be there"]
    found: list[str] = []

    def inner(part: Schema, what: Any = value, where: str = at) -> list[str]:
        return errors(what, part, root, where)

    for word, says in schema.items():
        if word in _SILENT:
            continue
        found += _word(word, says, schema, value, at, inner, root)
    return found


def _word(
    word: str, says: Any, schema: dict[str, Any], value: Any, at: str, inner: Any, root: Any
) -> list[str]:
    """What one keyword says."""
    if word == "$ref":
        assert says.startswith("#/")
        part = root
        for step in says[2:].split("/"):
            part = part[step]
        return inner(part)  # type: ignore[no-any-return]
    if word == "allOf":
        return [e for part in says for e in inner(part)]
    if word == "anyOf":
        return [] if any(not inner(part) for part in says) else [f"{at}: fits none of anyOf"]
    if word == "oneOf":
        return [] if sum(not inner(part) for part in says) == 1 else [f"{at}: fits not one"]
    if word == "not":
        return [] if inner(says) else [f"{at}: must not fit"]
    if word == "if":
        branch = schema.get("else" if inner(says) else "then", True)
        return inner(branch)  # type: ignore[no-any-return]
    if word == "type":
        real = isinstance(value, _TYPES[says]) and (says == "boolean") == isinstance(value, bool)
        return [] if real else [f"{at}: is no {says}"]
    if word == "enum":
        return [] if any(value == one and type(value) is type(one) for one in says) else [at]
    if word == "const":
        return [] if value == says else [f"{at}: is not {says!r}"]
    return (
        [f"{at}: {word} {says}"]
        if _beyond(word, says, value)
        else _within(word, says, schema, value, at, inner)
    )


def _beyond(word: str, limit: Any, value: Any) -> bool:
    """Whether a limit is passed, of a value of the kind that the limit is for."""
    if isinstance(value, str):
        return {
            "minLength": lambda: len(value) < limit,
            "maxLength": lambda: len(value) > limit,
            "pattern": lambda: re.search(limit, value) is None,
        }.get(word, bool)()
    if isinstance(value, list):
        return {
            "minItems": lambda: len(value) < limit,
            "maxItems": lambda: len(value) > limit,
            "uniqueItems": lambda: limit and len({repr(one) for one in value}) < len(value),
        }.get(word, bool)()
    if isinstance(value, dict):
        return {
            "maxProperties": lambda: len(value) > limit,
            "required": lambda: any(key not in value for key in limit),
        }.get(word, bool)()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {
            "minimum": lambda: not value >= limit,
            "exclusiveMinimum": lambda: not value > limit,
            "maximum": lambda: not value <= limit,
        }.get(word, bool)()
    return False


def _within(word: str, says: Any, schema: Any, value: Any, at: str, inner: Any) -> list[str]:
    """What is said of what is in a value."""
    found: list[str] = []
    if word in _LIMITS:
        return found
    if word == "items":
        first = len(schema.get("prefixItems", ()))
        for place, one in enumerate(value if isinstance(value, list) else ()):
            part = schema["prefixItems"][place] if place < first else says
            found += inner(part, one, f"{at}[{place}]")
    elif word == "properties":
        for key, part in says.items() if isinstance(value, dict) else ():
            if key in value:
                found += inner(part, value[key], f"{at}.{key}")
    elif word == "additionalProperties":
        known = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        for key, one in value.items() if isinstance(value, dict) else ():
            fits = [part for pattern, part in patterns.items() if re.search(pattern, key)]
            if key not in known:
                for part in fits or [says]:
                    found += inner(part, one, f"{at}.{key}")
    elif word == "propertyNames":
        for key in value if isinstance(value, dict) else ():
            found += inner(says, key, f"{at}.{key}")
    elif word == "dependentRequired":
        for key, needed in says.items() if isinstance(value, dict) else ():
            if key in value and any(one not in value for one in needed):
                found.append(f"{at}: {key} needs {needed}")
    else:
        raise AssertionError(f"this checker does not know {word!r}")
    return found


_LIMITS = frozenset({
    "minimum", "exclusiveMinimum", "maximum", "minLength", "maxLength", "pattern", "minItems",
    "maxItems", "uniqueItems", "maxProperties", "required",
})  # fmt: skip
