"""`[keys]` of the configuration: which keys do what.

`"outlet.off" = "F"` and, the same in TOML's other spelling, `outlet.off = "F"` or `[keys.outlet]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pdutui.config_errors import show
from pdutui.config_table import Table

_RIGHT = 'must be a key or a list of keys, as "F" or ["F", "ctrl+n"]; [] for none'


def read_keys(table: Table, data: object) -> dict[str, tuple[str, ...]]:
    """The settings of the section: action id to Textual's names of its keys.

    Args:
        table: The section, for errors.
        data: The same as tomllib gave it; None where the file has none.
    """
    if not isinstance(data, Mapping) or not data:
        return {}
    wanted: dict[str, tuple[str, ...]] = {}
    for ident, value in _flat(data, ""):
        listed = value if isinstance(value, list) else [value]
        keys = tuple(each for each in listed if isinstance(each, str) and each)
        if len(keys) == len(listed):
            wanted[ident] = keys
        else:
            table.fail(_named(ident), f"{_RIGHT}; is {show(value)}")
    from pdutui.keys.rebind import checked  # all tables of keys: only where they are wanted

    changed, faults = checked(wanted)
    for fault in faults:
        table.fail(_named(fault.id), fault.text)
    return changed


def _flat(data: Mapping[str, object], before: str) -> Iterator[tuple[str, object]]:
    """Dotted keys are tables to TOML."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _named(ident: str) -> str:
    """How an error names an entry: as it has to be written."""
    return f'"{ident}"' if "." in ident or not ident.isprintable() else ident
