"""What msgspec finds wrong with a profile, in words of the file's author."""

from __future__ import annotations

import difflib
import re

import msgspec
from msgspec import inspect

_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`(?: - at `\$(?P<path>[^`]*)`)?")
_STEP = re.compile(r"\.(?P<field>\w+)|\[(?P<item>\.\.\.|\d+)\]")


def in_words(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> str:
    """The error's text; of a key that is not known also the nearest one that is.

    Args:
        error: what `msgspec.convert` raised.
        kind: what was to come out.
    """
    found = _UNKNOWN.search(str(error))
    if found is None:
        return str(error)
    close = difflib.get_close_matches(found["key"], _fields(kind, found["path"] or ""), n=1)
    return f"{error}: did you mean {close[0]!r}?" if close else str(error)


def _fields(kind: type[msgspec.Struct], path: str) -> list[str]:
    """The keys of the table that a path such as `.sensor[0].rows` leads to; none if unclear."""
    here: list[inspect.Type] = [inspect.type_info(kind)]
    for step in _STEP.finditer(path):
        below: list[inspect.Type] = []
        for one in _plain(here):
            if isinstance(one, inspect.StructType) and step["field"]:
                below += [f.type for f in one.fields if f.encode_name == step["field"]]
            elif isinstance(one, inspect.DictType):
                below.append(one.value_type)
            elif isinstance(one, inspect.CollectionType | inspect.VarTupleType):
                below.append(one.item_type)
        here = below
    structs = [one for one in _plain(here) if isinstance(one, inspect.StructType)]
    return [field.encode_name for one in structs for field in one.fields]


def _plain(types: list[inspect.Type]) -> list[inspect.Type]:
    """The same without unions."""
    out: list[inspect.Type] = []
    for one in types:
        out += _plain(list(one.types)) if isinstance(one, inspect.UnionType) else [one]
    return out
