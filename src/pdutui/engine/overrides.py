"""Outlet names given in the console, kept in a file of their own: `names.toml` in the state dir.

The user's config is never written. The file is read again before each write, so that two
consoles on one state dir do not wipe out each other's names; it is replaced as a whole.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

NAME_LIMIT = 40
"""Longest name, in characters."""

FILE_NAME = "names.toml"
_HEAD = "# Outlet names given in pdutui. They win over the config and the device's own names.\n"

Names = dict[str, dict[int, str]]


class OverridesError(Exception):
    """The overrides file cannot be used or written; the text says why."""


def clean_name(text: str) -> str:
    """A name as it may be kept: printable, single spaces, at most 40 characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:NAME_LIMIT].rstrip()


def load_names(path: Path) -> Names:
    """Names by PDU and outlet number; nothing when there is no file.

    Raises:
        OverridesError: the file cannot be read, or is not what this module writes.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OverridesError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OverridesError(f"{path}: not valid TOML: {error}") from error
    names: Names = {}
    for pdu, outlets in table.items():
        if not isinstance(outlets, dict):
            raise OverridesError(f"{path}: {pdu} is not a table of outlet names")
        names[pdu] = {}
        for key, name in outlets.items():
            if not (key.isascii() and key.isdigit()) or not isinstance(name, str):
                raise OverridesError(f'{path}: {pdu}.{key} is not of the form 3 = "name"')
            if clean := clean_name(name):
                names[pdu][int(key)] = clean
    return names


def save_names(path: Path, names: Names) -> None:
    """Replace the file in one step, mode 0600.

    Raises:
        OverridesError: it could not be written; the old file is as it was.
    """
    import tomli_w  # seldom needed

    table = {
        pdu: {str(number): outlets[number] for number in sorted(outlets)}
        for pdu, outlets in sorted(names.items())
        if outlets
    }
    scratch: str | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(prefix=".names-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.encode() + tomli_w.dumps(table).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
        scratch = None
    except OSError as error:
        raise OverridesError(f"{path}: {error.strerror or error}") from error
    finally:
        if scratch is not None:
            Path(scratch).unlink(missing_ok=True)


class Overrides:
    """The names in force, and the file they are kept in."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE_NAME
        self._names: Names = {}
        self.problem = ""
        """Why the file could not be used when it was read; empty when all is well."""

    def load(self) -> None:
        """Read the file. A file that cannot be used is left alone and named in `problem`."""
        try:
            self._names = load_names(self._path)
            self.problem = ""
        except OverridesError as error:
            self._names = {}
            self.problem = str(error)

    def names_of(self, pdu: str) -> Mapping[int, str]:
        """All names given to outlets of a PDU here, by number."""
        return self._names.get(pdu, {})

    def rename(self, pdu: str, outlet: int, name: str | None) -> str | None:
        """Give an outlet a name, or take it away with None or nothing printable.

        Returns:
            The name as kept, None when it was taken away.

        Raises:
            OverridesError: the file cannot be used or written; nothing has changed.
        """
        kept = clean_name(name or "") or None
        names = load_names(self._path)
        outlets = names.setdefault(pdu, {})
        if kept is None:
            outlets.pop(outlet, None)
        else:
            outlets[outlet] = kept
        save_names(self._path, names)
        self._names = names
        self.problem = ""
        return kept
